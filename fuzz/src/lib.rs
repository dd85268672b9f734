//! Inputs that nobody foresaw, and what must hold of them.
//!
//! Each target takes any bytes, makes of them something that a stranger could send, and panics if Yodel does what it must
//! never do. Where the bytes come from is not its business:
//!
//! * `tests/replay.rs` passes what is kept: the inputs in `corpus`, which together reach whatever any input has reached, and
//!   those in `findings`, each of which was a fault once;
//! * `tests/explore.rs` passes the same, changed at random, the same way each time;
//! * `src/bin/libfuzzer.rs` looks for inputs that reach something new, for as long as it is let: `cargo xtask fuzz`.
//!
//! A target of texts is told by what it accepts; one of machines plays whatever the bytes say, and holds the machine to the
//! invariants that the simulations of `call` are held to.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a target says what it expects"
)]

mod agent;
mod bytes;
pub mod corpus;
mod exchange;
mod frames;
mod headers;
mod relay;
mod signals;
mod switchboard;
mod user_sig;

// The exchange, its invariants and its stories are those of the tests of `call`.
#[cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "it is written as a test is")
)]
#[path = "../../call/tests/exchange/common/mod.rs"]
mod common;
#[cfg_attr(
    not(test),
    expect(dead_code, unused_imports, reason = "its tests run where it belongs")
)]
#[path = "../../call/tests/exchange/simulation.rs"]
mod simulation;

/// Something that bytes are thrown at.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called; so are its files.
    pub name: &'static str,
    /// What it does. Panics upon a fault.
    pub run: fn(&[u8]),
    /// The longest input that makes sense, in bytes.
    pub longest: usize,
    /// How many changed inputs are tried by the tests: some ten seconds of them, without optimization.
    pub tries: u32,
}

/// All of them.
pub const TARGETS: [Target; 9] = [
    Target {
        name: "commands",
        run: frames::commands,
        longest: 4096,
        tries: 400_000,
    },
    Target {
        name: "events",
        run: frames::events,
        longest: 4096,
        tries: 400_000,
    },
    Target {
        name: "signals",
        run: signals::run,
        longest: 4096,
        tries: 40_000,
    },
    Target {
        name: "user_sig",
        run: user_sig::run,
        longest: 1024,
        tries: 20_000,
    },
    Target {
        name: "headers",
        run: headers::run,
        longest: 512,
        tries: 300_000,
    },
    Target {
        name: "relay",
        run: relay::run,
        longest: 1024,
        tries: 20_000,
    },
    Target {
        name: "switchboard",
        run: switchboard::run,
        longest: 1024,
        tries: 10_000,
    },
    Target {
        name: "agent",
        run: agent::run,
        longest: 1024,
        tries: 10_000,
    },
    Target {
        name: "exchange",
        run: exchange::run,
        longest: 2048,
        tries: 1_500,
    },
];

impl Target {
    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }
}
