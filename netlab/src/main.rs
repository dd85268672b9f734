//! Bad networks on one machine, for tests: hosts in network namespaces, and this program between them.
//!
//! ```text
//!   ┌ server ──── eth0 ┐  up ┌────────┐ down ┌ eth0 ──── alice ┐
//!   │ yodel            │ ◀─▶ │ router │ ◀──▶ │        Chromium │
//!   └ 10.77.1.1 ───────┘     └────────┘      └─────── 10.77.2.1┘
//!                                ▲ a line: link alice delay 90 loss 5
//! ```
//!
//! * [`line`](mod@line) – one way along one line: delay, jitter, loss, order, rate. [`rules`] – firewalls. [`router`] puts them
//!   together. These are pure: packets and time in, packets and time out;
//! * [`command`] – what can be said to a running lab;
//! * [`host`] – a network namespace and its TUN device; [`netlink`] gives it addresses and routes; [`ping`] tries it out;
//! * [`namespace`] – where a lab lives, so that nothing is left of it; [`lab`] runs it.

#[cfg(target_os = "linux")]
mod command;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod lab;
#[cfg(target_os = "linux")]
mod line;
#[cfg(target_os = "linux")]
mod namespace;
#[cfg(target_os = "linux")]
mod netlink;
#[cfg(target_os = "linux")]
mod ping;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod router;
#[cfg(target_os = "linux")]
mod rules;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    program::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("netlab: this needs Linux, for its network namespaces");
    std::process::ExitCode::FAILURE
}
