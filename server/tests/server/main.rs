//! The server from outside: real requests, real sockets and real processes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test is a test too; clippy's own exemption ends at the test functions"
)]

mod assets;
mod blocks;
mod calls;
mod common;
mod compact;
mod expiry;
mod forms;
mod groups;
mod origin;
mod pages;
mod process;
mod realms;
mod sessions;
mod sockets;
mod storage;
mod trouble;
mod user_sig;
