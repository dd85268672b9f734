//! The project's own commands. `cargo xtask help` lists them.
//!
//! * [`house`] – the workspace, and how a command is run in it;
//! * [`tools`], [`browser`], [`coturn`], [`debian`] – what is not there yet is installed, and said;
//! * [`site`] – the front, then the server that embeds it: the one binary; [`sdk`] – the package for other people's pages;
//!   [`shrink`] makes both small, [`wasm`] knows their format;
//! * [`steps`] – every check and every test, cheapest first; [`tally`] counts them, [`arrows`], [`supply`] and a small [`load`] are
//!   three of them;
//! * [`fuzz`] – looks for inputs that nobody foresaw;
//! * [`fingerprint`] – whether something has to be built again.

mod arrows;
mod browser;
mod coturn;
mod debian;
mod fingerprint;
mod fuzz;
mod house;
mod load;
mod lockfile;
#[cfg(test)]
mod named_tests;
#[cfg(test)]
mod protocol_document;
mod sdk;
mod shrink;
mod site;
mod steps;
mod supply;
mod tally;
mod tools;
mod wasm;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::house::House;

const HELP: &str = "\
Usage: cargo xtask <command>

Commands:
  run [options of yodel]   Build the site in release mode and serve it at http://localhost:3000, with its data in
                           ./data. The options are passed on: `cargo xtask run --help` lists them.
  test [step]...           Run every check and every test, or only the steps that are named.
  fuzz [target] [--minutes N] [--keep]
                           Look for inputs that break something, in one target or in all, 5 minutes each unless N is
                           said; --keep puts those that reach furthest into fuzz/corpus. Needs a C++ compiler.
  dev                      Build for development, serve, and rebuild and reload whenever a file is saved.
  build                    Build the one binary, target/release/yodel, and do not start it.
  load [scenario]...       Put the release binary under load by bots, and say what was measured beside what is to be;
                           --quick for a small run that looks at what is right, and not at how fast.
  sdk                      Build the package for other people's pages, target/sdk: the class TRTCCalling.
  help                     Print this text.

What a command needs and cannot find is installed: the wasm32 target and the Rust components by rustup, cargo-leptos,
wasm-bindgen and cargo-deny into ~/.cache/yodel-tools (YODEL_TOOLS names another folder), wasm-opt and Playwright below this
folder by npm, Chromium by Playwright or by Debian's package manager, Firefox and coturn by the latter. Nothing that is
there already is replaced.";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match dispatch(&command, &rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Result<ExitCode> {
    match command {
        "run" => site::run(&mut House::find()?, rest),
        "load" => load::run(&mut House::find()?, rest),
        "test" => steps::run(&mut House::find()?, rest),
        "fuzz" => fuzz::run(&House::find()?, rest),
        "dev" => site::watch(&mut House::find()?, rest),
        "build" => {
            let binary = site::build(&mut House::find()?)?;
            println!("built {}", binary.display());
            Ok(ExitCode::SUCCESS)
        }
        "sdk" => {
            let mut house = House::find()?;
            tools::for_site(&mut house)?;
            sdk::build(&house)?;
            println!("built {}", house.target().join("sdk").display());
            Ok(ExitCode::SUCCESS)
        }
        "help" | "--help" | "-h" | "" => {
            println!("{HELP}\n\nSteps of `test`: {}", steps::names());
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
}
