//! WebRTC with its own words: what W3C calls them, typed, and closed when dropped.
//!
//! [`PeerConnection`] carries out the orders of `call::negotiation`, one at a time and in their order, and reports what
//! the browser says. Nothing is decided here.
//!
//! Every connection has the same three transceivers from its first offer to its end (see [`transceivers`]). A track is
//! put on them and taken off with `replaceTrack()`, so a camera that goes on or off, a mute or another device never
//! negotiates anew; only a restart of ICE does.

mod candidate;
mod description;
mod peer_connection;
mod transceivers;

pub(crate) use peer_connection::{PeerConnection, configuration};
