//! STUN and TURN (RFC 8489, RFC 8656) in the one binary: for browsers that find no direct way to each other.
//!
//! [`relay`] decides what becomes of what arrives, [`listener`] receives and sends by UDP and by TCP. [`credentials`] are good for
//! minutes and can be made by whoever knows the secret: `signaling::ice` makes those that browsers are told. [`limits`] says how
//! much anybody may use. The messages themselves are read and written by `turn_types`, which also checks their signatures.
//!
//! What is sent to one of its relayed addresses goes to the client who holds that address, and nothing goes anywhere else. That
//! is why this is no general relay, and why the relay is written here, over that library: the libraries that are whole servers
//! send to every address that a client names, remember everybody who asks, or take passwords from a list that only grows.

mod allocation;
pub mod credentials;
mod limits;
mod listener;
mod message;
mod nonce;
pub mod relay;
mod stream;

use std::net::SocketAddr;

pub use credentials::SharedSecret;
pub use listener::{StartTurnError, Streams, Turn};

/// What credentials are for (RFC 8489, section 9.2). Not secret, and the same everywhere: it is a part of every password's hash.
pub const REALM: &str = "yodel";

/// Where to relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnConfig {
    /// What browsers are told, and what relayed addresses have for an IP. Port 0 takes any free one.
    pub public: SocketAddr,
    /// Where to listen, if that is another address: behind a NAT that passes everything on.
    pub listen: Option<SocketAddr>,
}
