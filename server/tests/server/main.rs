//! The server from outside: real requests, real sockets and real processes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test is a test too; clippy's own exemption ends at the test functions"
)]

mod account;
mod assets;
mod blocks;
mod calls;
mod certificates;
mod common;
mod compact;
#[cfg(target_os = "linux")]
mod date;
#[cfg(target_os = "linux")]
mod disk;
mod enumeration;
mod expiry;
mod forms;
mod groups;
mod host;
mod malformed;
mod operators;
mod origin;
mod pages;
mod process;
mod realms;
mod restart;
mod resume;
#[cfg(unix)]
mod secrets;
mod sessions;
mod slow;
mod sockets;
mod storage;
mod tls;
mod trouble;
mod turn;
mod user_sig;
