//! The form in which the messages of a socket travel.

use axum::extract::ws::Message;
use call::protocol::{ClientMsg, Event, compact};

/// JSON text, unless the client has asked for [`compact`] bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// One JSON text frame a message.
    #[default]
    Json,
    /// One binary frame a message.
    Compact,
}

/// A frame that is not a message in the form of its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Form {
    /// The frame that says this.
    pub fn encode(self, event: &Event) -> Option<Message> {
        match self {
            Self::Json => serde_json::to_string(event)
                .inspect_err(|error| tracing::error!(%error, "cannot encode an event"))
                .ok()
                .map(|text| Message::Text(text.into())),
            Self::Compact => Some(Message::Binary(compact::encode(event).into())),
        }
    }

    /// What a text or binary frame says.
    pub fn decode(self, frame: &Message) -> Result<ClientMsg, Malformed> {
        match (self, frame) {
            (Self::Json, Message::Text(text)) => serde_json::from_str(text).map_err(|_| Malformed),
            (Self::Compact, Message::Binary(bytes)) => compact::decode(bytes).map_err(|_| Malformed),
            _ => Err(Malformed),
        }
    }
}

/// How many bytes of payload a frame has.
pub fn payload_len(frame: &Message) -> usize {
    match frame {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    }
}
