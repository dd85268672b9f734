//! What the two sides of the signaling socket say: one frame a message.
//!
//! A frame is JSON text, or, if the client asked for the WebSocket subprotocol [`compact::SUBPROTOCOL`], the same message
//! in [`compact`] bytes.
//!
//! Messages are named by direction and cannot be confused: a client sends [`ClientMsg`], a numbered [`Command`] in the
//! imperative; the server sends [`Event`]s in the past tense. Nobody ever says in a message who they are: the server
//! takes that from the authenticated socket.
//!
//! `docs/protocol.md` describes the same for people who write a client in another language.

mod command;
pub mod compact;
mod error;
mod event;
pub mod limits;
mod note;
mod sdp;
mod signal;

pub use command::{ClientMsg, Command, Hello, Login, Resume};
pub use error::{CloseReason, LoginRefusal, Refusal};
pub use event::{
    CallSnapshot, EndReason, Event, GroupCall, IceServer, Invitation, InviteOutcome, InvitedPerson, Member,
    Presence, Route, Seat, VideoAnswer, VideoRequest, Welcome,
};
pub use note::{CallNote, NoteText, NoteTooLong};
pub use signal::{Candidate, Description, DescriptionKind, Signal};

/// The version of the protocol. A client says it in its [`Hello`]; the server refuses any other.
pub const VERSION: u16 = 1;

/// The WebSocket subprotocol of JSON, for a client that has to name one: a browser that asks for subprotocols takes no answer
/// without one.
pub const JSON_SUBPROTOCOL: &str = "yodel.json.v1";

/// What a userSig is shown behind when a socket is opened: as one more subprotocol,
/// `yodel.usersig.<SDKAppID>.<userID>.<userSig>`. It is never the one that is answered.
pub const USER_SIG_SUBPROTOCOL: &str = "yodel.usersig.";
