//! Signaling: every open tab has one WebSocket, and one switchboard connects them.
//!
//! ```text
//!  browser ── socket.rs ──Message──▶ hub.rs ── Switchboard
//!             one task a socket      one task      │
//!     ▲            ▲                               │ Deliver
//!     └────────────┴───────── outbox.rs ◀──────────┤
//!                                                  │ Record
//!                             recorder.rs ◀────────┘
//! ```
//!
//! A [`socket`] reads frames, checks size, rate and form, and passes commands on. The [`hub`] owns the switchboard; no
//! lock guards it, because one task has it to itself, and that task never waits for anybody: not for a socket (what does
//! not fit into an outbox closes that socket), nor for the disk (what must come after a commit is kept in line meanwhile).

pub mod form;
mod history;
pub mod hub;
pub mod ice;
mod lately;
pub mod outbox;
mod rates;
mod recorder;
pub mod socket;
mod sockets;
mod upgrade;
pub mod user_sig;

pub use hub::{Hub, HubHandle, SessionEnd};
pub use ice::{IceServers, OfferedIceServer};
pub use rates::CallRates;
pub use sockets::SocketsOfPeople;
pub use upgrade::upgrade;
pub use user_sig::upgrade_by_user_sig;
