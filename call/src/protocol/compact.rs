//! The short form of a message: [postcard](https://postcard.jamesmunns.com/wire-format) bytes in a binary frame.
//!
//! It says exactly what the JSON says. The site speaks it because the code that reads JSON is 28 KB of what a first visit
//! would have to load.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The WebSocket subprotocol (RFC 6455, section 1.9) by which a client asks for this form.
pub const SUBPROTOCOL: &str = "yodel.compact.v1";

/// Bytes that are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a message")]
pub struct NotAMessage;

/// The bytes of a message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // Only a type that does not know its own length fails here, and no message has one.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// The message that these bytes are, all of them.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NotAMessage> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok(_) | Err(_) => Err(NotAMessage),
    }
}
