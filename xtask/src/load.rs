//! Bots against the release binary: `cargo xtask load`, and a small run of it among the tests.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::house::{self, House};
use crate::site;
use crate::tally::Tally;

/// Run the scenarios that are named, or all.
pub(crate) fn run(house: &mut House, options: &[String]) -> Result<ExitCode> {
    let mut command = bots(house, "release", "build --release --package load")?;
    let status = command.args(options).status().context("the bots do not start")?;
    println!("\nwritten to {}", reports(house).display());
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into())
}

/// All of them, small. What is slow because the machine is busy does not fail.
pub(crate) fn quick(house: &mut House) -> Result<Tally> {
    // Not optimized: its packages have been compiled for the other tests.
    let mut command = bots(house, "debug", "build --package load")?;
    let met = house::run(command.arg("--quick")).is_ok();
    Ok(if met { Tally::PASSED } else { Tally::FAILED })
}

/// The bots, built, with the server that they are for.
fn bots(house: &mut House, profile: &str, build: &str) -> Result<Command> {
    let server = match env::var_os("YODEL_BINARY") {
        Some(binary) => PathBuf::from(binary),
        None => site::build(house)?,
    };
    house::run(&mut house.cargo(build))?;
    let program = house
        .target()
        .join(profile)
        .join(format!("load{}", env::consts::EXE_SUFFIX));
    let mut command = house.command::<&str>(&program.to_string_lossy(), []);
    command
        .arg("--binary")
        .arg(server)
        .arg("--reports")
        .arg(reports(house));
    Ok(command)
}

fn reports(house: &House) -> PathBuf {
    house.target().join("load")
}
