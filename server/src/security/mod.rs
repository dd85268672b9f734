//! What guards every request: where it comes from, over what and for whom, what the browser may do with the answer,
//! and whom it counts for.

pub mod client_ip;
pub mod headers;
pub mod host;
pub mod https;
pub mod origin;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The one value of a header; none if it is there twice, for then two readers may see two things.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}
