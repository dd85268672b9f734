//! Bots that put a real server under load, and measure what it does. `cargo xtask load` runs them.
//!
//! ```text
//!  scenario ──▶ crowd ── 1 … 10,000 robots ──sockets──▶ a process of `yodel`
//!     │           ▲          one task each                    │
//!     │           └── notes: who heard what, and when         │
//!     └──────────────── figures: /proc, /metrics, the database ┘
//! ```
//!
//! A [`robot`] is one person's phone without media: it logs in with a userSig, as pages of other sites do, because an account
//! of that kind has no password to be hashed 10,000 times. It speaks the compact form, answers every call, and comes back when
//! its socket is lost. A [`crowd`] has many of them. A [`scenario`] tells them what to do, does what is to be done to the
//! [`server`], and writes a [`report`].

mod crowd;
mod database;
mod figures;
mod login;
mod report;
mod robot;
mod scenario;
mod server;
mod traffic;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use scenario::{SCENARIOS, Scale, Scenario};

/// What is to be run, and on what.
struct Wanted {
    binary: PathBuf,
    reports: PathBuf,
    scale: Scale,
    scenarios: Vec<&'static Scenario>,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Run what is wanted; whether every goal was met.
fn run() -> Result<bool> {
    let wanted = wanted(std::env::args().skip(1))?;
    server::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let mut all_met = true;
    for scenario in &wanted.scenarios {
        println!("\n{}: {}", scenario.name, scenario.what);
        let outcome = runtime.block_on((scenario.run)(wanted.binary.clone(), wanted.scale));
        match outcome {
            Ok(report) => {
                print!("{report}");
                report.write(&wanted.reports, scenario.name)?;
                all_met &= report.is_met();
            }
            Err(error) => {
                println!("  FAILED {error:#}");
                all_met = false;
            }
        }
    }
    Ok(all_met)
}

fn wanted(args: impl Iterator<Item = String>) -> Result<Wanted> {
    let names = || SCENARIOS.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
    let (mut binary, mut reports, mut scale) = (None::<PathBuf>, None, Scale::Full);
    let mut scenarios = Vec::new();
    let mut args = args;
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--binary" => binary = Some(value()?.into()),
            "--reports" => reports = Some(value()?.into()),
            "--quick" => scale = Scale::Quick,
            name => match SCENARIOS.iter().find(|it| it.name == name) {
                Some(scenario) => scenarios.push(scenario),
                None => bail!(
                    "there is no scenario `{name}`; there are {}; and there is --quick",
                    names()
                ),
            },
        }
    }
    if scenarios.is_empty() {
        scenarios.extend(&SCENARIOS);
    }
    Ok(Wanted {
        // It is started in a folder of its own.
        binary: std::path::absolute(binary.context("say with --binary which server to put under load")?)?,
        reports: reports.context("say with --reports where to write the reports")?,
        scale,
        scenarios,
    })
}
