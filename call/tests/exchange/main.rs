//! The two machines together, as users of the crate see them. See [`common`] for the exchange that they run in.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it expects"
)]

mod common;
mod faults;
mod hostile_client;
mod hostile_peer;
mod hostile_server;
mod ice_servers;
mod races;
mod simulation;
mod stories;
mod transcripts;
