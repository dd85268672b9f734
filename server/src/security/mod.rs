//! What guards every request: where it comes from, what the browser may do with the answer, and whom it counts for.

pub mod client_ip;
pub mod headers;
pub mod origin;
