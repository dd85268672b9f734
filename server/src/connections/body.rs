//! The bodies of requests: short, and soon there.

use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;

/// The longest form, in bytes.
const FORM_BYTES: usize = 16 * 1024;
/// How long a body may take, all in all: whoever sends a byte now and then is not waited for. As with a head, the tenth second is
/// for a machine that is busy.
const BODY_PATIENCE: Duration = Duration::from_secs(9);

/// The layer around everything that reads a body: it reads it, whole, or turns the request away.
pub async fn read_whole(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    match timeout(BODY_PATIENCE, to_bytes(body, FORM_BYTES)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Ok(Err(_)) => turn_away(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This form is broken, or longer than any of this site; go back and shorten what you have typed.\n",
        ),
        Err(_) => turn_away(
            StatusCode::REQUEST_TIMEOUT,
            "The rest of this request did not come.\n",
        ),
    }
}

/// With the connection, on which the rest of the body may still be coming.
fn turn_away(status: StatusCode, text: &'static str) -> Response {
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (status, close, text).into_response()
}
