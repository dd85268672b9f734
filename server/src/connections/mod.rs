//! What happens to a connection before the first request, and below every one of them.
//!
//! It waits where it arrives until it is taken in ([`listen`](mod@listen)). It is counted for its address ([`limit`]), spoken TLS
//! with if that is spoken here ([`acceptor`]), and closed if the other side takes nothing of what it asked for ([`stream`]). How long
//! the head of a request may take is set where the server is put together ([`server`](crate::server)), and how long its body, in
//! [`body`].

mod acceptor;
pub mod body;
pub mod limit;
mod listen;
mod stream;

pub use acceptor::{Acceptor, Arrived};
pub(crate) use acceptor::{secure, send_promptly};
pub(crate) use listen::listen;
pub use stream::Connection;
