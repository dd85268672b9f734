//! The one binary: first the front (WASM, JavaScript, CSS) and the package for other people's pages, then the server that embeds
//! them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::house::{self, House};
use crate::shrink::Formatting;
use crate::{fingerprint, sdk, shrink, tools};

/// All that the front is made from.
const FRONT_INPUTS: [&str; 11] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "call",
    "phone",
    "app",
    "frontend",
    "style",
    "public",
    "xtask/src/shrink.rs",
    "xtask/src/wasm.rs",
];

/// Build what has changed and become the server.
pub(crate) fn run(house: &mut House, options: &[String]) -> Result<ExitCode> {
    let binary = build(house)?;
    become_process(house.command(&binary.to_string_lossy(), options))
}

/// Become `cargo leptos watch`.
pub(crate) fn watch(house: &mut House, options: &[String]) -> Result<ExitCode> {
    tools::for_site(house)?;
    become_process(house.cargo("leptos watch").args(options))
}

/// Build what has changed; the path of the binary.
pub(crate) fn build(house: &mut House) -> Result<PathBuf> {
    tools::for_site(house)?;
    front(house)?;
    sdk::build(house)?;
    // Cargo itself knows whether the server has to be built again: its build script watches the front's files.
    house::run(&mut house.cargo("build --release --package server --features embed"))?;
    Ok(house
        .target()
        .join("release")
        .join(format!("yodel{}", std::env::consts::EXE_SUFFIX)))
}

/// Build the front, unless its inputs and its outputs are those of the last time. Outputs count as well, because a
/// development build puts its own into the same place.
fn front(house: &House) -> Result<()> {
    let stamp = house.target().join("front.stamp");
    let present = || -> Result<String> {
        let inputs = fingerprint::of(&house.at(""), &FRONT_INPUTS)?;
        let outputs = fingerprint::of(&house.target(), &["site"])?;
        Ok(format!("{inputs:016x} {outputs:016x}"))
    };
    if fs::read_to_string(&stamp).is_ok_and(|last| present().is_ok_and(|now| now == last)) {
        return Ok(());
    }
    println!("\n==> building the front (about 5 minutes on two cores the first time)");
    let start = Instant::now();
    house::run(&mut house.cargo("leptos build --release --frontend-only"))?;
    let package = house.target().join("site/pkg");
    let (wasm, js) = (package.join("yodel.wasm"), package.join("yodel.js"));
    shrink::shrink(house, &wasm, &js, Formatting::Used)?;
    println!("    the front took {:.0} s", start.elapsed().as_secs_f64());
    fs::write(&stamp, present()?).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Become another program, so that signals reach it and its exit status is ours.
#[cfg(unix)]
fn become_process(mut command: impl std::borrow::BorrowMut<Command>) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    let command = command.borrow_mut();
    Err(command.exec()).with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
}

/// Run another program, with its exit status as ours.
#[cfg(not(unix))]
fn become_process(mut command: impl std::borrow::BorrowMut<Command>) -> Result<ExitCode> {
    let status = command.borrow_mut().status()?;
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into())
}
