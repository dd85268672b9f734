//! Every check and every test, cheapest first.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::house::{self, House};
use crate::tally::Tally;
use crate::{arrows, browser, coturn, load, site, supply, tools};

/// One of the things that `cargo xtask test` does.
struct Step {
    name: &'static str,
    run: fn(&mut House) -> Result<Tally>,
}

/// Cheapest first. `app` is never compiled with `ssr` and `hydrate` in one build: packages for the server and packages
/// for the browser are in steps of their own, and each step is one build, so that features are settled once.
const STEPS: [Step; 15] = [
    Step {
        name: "format",
        run: |house| check(&mut house.cargo("fmt --all --check")),
    },
    Step {
        name: "arrows",
        run: |house| arrows::check(house).map(|()| Tally::PASSED),
    },
    Step {
        name: "types",
        run: |house| {
            let folder = house.at("end2end");
            check(house.command("npx", ["tsc"]).current_dir(folder))
        },
    },
    Step {
        name: "clippy-server",
        run: |house| {
            check(
                house
                    .cargo("clippy --all-targets --package fuzz")
                    .args(NATIVE)
                    .args(DENY_WARNINGS),
            )
        },
    },
    Step {
        name: "clippy-browser",
        run: |house| {
            // Without the benches, which are of the server's side.
            let machines = "clippy --target wasm32-unknown-unknown --package call --package phone --package sdk --lib --tests";
            let mut tally = check(house.cargo(machines).args(DENY_WARNINGS))?;
            let pages = "clippy --target wasm32-unknown-unknown --package app --features app/hydrate --package frontend";
            tally += check(house.cargo(pages).args(DENY_WARNINGS))?;
            Ok(tally)
        },
    },
    Step {
        name: "docs",
        run: |house| {
            let native = "doc --no-deps --document-private-items --package fuzz";
            let mut tally = check(house.cargo(native).args(NATIVE).env("RUSTDOCFLAGS", RUSTDOCFLAGS))?;
            let browser = "doc --no-deps --document-private-items --target wasm32-unknown-unknown \
                --package phone --package sdk --package frontend";
            tally += check(house.cargo(browser).env("RUSTDOCFLAGS", RUSTDOCFLAGS))?;
            Ok(tally)
        },
    },
    Step {
        name: "supply",
        run: supply::check,
    },
    Step {
        name: "unit",
        run: |house| {
            let mut command = house.cargo("test --no-fail-fast");
            command.args(NATIVE);
            // Many tests of the server do nothing but wait until it loses its patience: a few more at once than there are
            // processors for.
            if std::env::var_os(TEST_THREADS).is_none() {
                let processors = std::thread::available_parallelism().map_or(1, usize::from);
                command.env(TEST_THREADS, (processors + 4).to_string());
            }
            tests(&mut command)
        },
    },
    Step {
        name: "fuzz",
        run: |house| tests(&mut house.cargo("test --no-fail-fast --package fuzz")),
    },
    Step {
        name: "wasm-node",
        run: |house| {
            tests(&mut house.cargo("test --no-fail-fast --target wasm32-unknown-unknown --package call"))
        },
    },
    Step {
        name: "wasm-browser",
        run: |house| {
            let driver = browser::chromedriver(house)?;
            let phone = "test --no-fail-fast --target wasm32-unknown-unknown --package phone --package sdk";
            // The default of 20 seconds is for a whole binary, its browser's start included.
            tests(
                house
                    .cargo(phone)
                    .env("CHROMEDRIVER", driver)
                    .env("WASM_BINDGEN_TEST_TIMEOUT", "120"),
            )
        },
    },
    Step {
        name: "development",
        // Beside the site that `run` serves, so that neither has to be built again for the other.
        run: |house| {
            let site = house.target().join("development");
            check(house.cargo("leptos build").env("LEPTOS_SITE_ROOT", site))
        },
    },
    Step {
        name: "load",
        run: load::quick,
    },
    Step {
        name: "end2end",
        run: end_to_end,
    },
    Step {
        name: "network",
        run: network,
    },
];

/// How many Rust tests run at once.
const TEST_THREADS: &str = "RUST_TEST_THREADS";

/// What is compiled for the server and for developers' machines.
const NATIVE: [&str; 7] = [
    "-pcall",
    "-papp",
    "-pserver",
    "-pload",
    "-pxtask",
    "-pnetlab",
    "--features=app/ssr",
];
/// The story of a crate leads through its private rooms, so these are documented too, and may be linked to.
const RUSTDOCFLAGS: &str = "--deny warnings --allow rustdoc::private_intra_doc_links";
const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

/// The names of all steps.
pub(crate) fn names() -> String {
    STEPS.map(|step| step.name).join(", ")
}

/// Run the steps with these names, or all, and end in one line that counts.
pub(crate) fn run(house: &mut House, wanted: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = wanted
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        bail!("there is no step `{unknown}`; there are {}", names());
    }
    tools::for_tests(house)?;

    let start = Instant::now();
    let mut report: Vec<(&str, Tally, Duration)> = Vec::new();
    for step in STEPS
        .iter()
        .filter(|step| wanted.is_empty() || wanted.iter().any(|name| name == step.name))
    {
        println!("\n==> {}", step.name);
        let start = Instant::now();
        let tally = (step.run)(house).unwrap_or_else(|error| {
            println!("{}: {error:#}", step.name);
            Tally::FAILED
        });
        println!(
            "    {}: {tally} in {:.1} s",
            step.name,
            start.elapsed().as_secs_f64()
        );
        report.push((step.name, tally, start.elapsed()));
    }

    println!("\n==> all steps, in {:.0} s", start.elapsed().as_secs_f64());
    let mut total = Tally::default();
    for (name, tally, took) in report {
        println!("    {name:<16} {:>7.1} s   {tally}", took.as_secs_f64());
        total += tally;
    }
    println!("\n{total}");
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A command that is one check.
fn check(command: &mut Command) -> Result<Tally> {
    Ok(match house::run(command) {
        Ok(()) => Tally::PASSED,
        Err(error) => {
            println!("{error:#}");
            Tally::FAILED
        }
    })
}

/// A command that runs Rust tests and counts them.
fn tests(command: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let success = house::run_reading(command, |line| {
        if let Some(counted) = Tally::of_result_line(line) {
            tally += counted;
        }
    })?;
    Ok(tally.with_exit(success))
}

/// The release binary under Playwright.
fn end_to_end(house: &mut House) -> Result<Tally> {
    let firefox = browser::firefox(house)?;
    let binary = site::build(house)?;
    let environment = vec![
        ("YODEL_CHROMIUM", browser::headless(house)?),
        ("YODEL_FIREFOX", firefox),
        ("YODEL_BINARY", binary),
    ];
    let (counted, success) = playwright(house, &[], "report.json", environment)?;
    let mut tally = Tally::PASSED;
    tally += counted.with_exit(success);
    Ok(tally)
}

/// Calls across bad networks. Where there can be no lab, every test says why and is skipped; and so are those through coturn
/// where it cannot be had.
fn network(house: &mut House) -> Result<Tally> {
    let binary = site::build(house)?;
    let mut tally = check(&mut house.cargo("build --package netlab"))?;
    let lab = house
        .target()
        .join("debug/netlab")
        .with_extension(std::env::consts::EXE_EXTENSION);
    // With nothing to read it is up, and ends.
    let possible = house::output(&mut house.command(&lab.to_string_lossy(), [""; 0]));
    match &possible {
        Ok(_) => tally += tests(&mut house.cargo("test --package netlab --test namespaces"))?,
        Err(reason) => {
            println!("no network lab can be had here: {reason:#}");
            tally += Tally::SKIPPED;
        }
    }
    let mut projects = vec!["--config=network.config.ts", "--project=short"];
    if std::env::var_os("YODEL_LONG").is_some() {
        projects.push("--project=long");
    }
    let mut environment = vec![
        ("YODEL_CHROMIUM", browser::chromium(house)?),
        ("YODEL_NETLAB", lab),
        ("YODEL_BINARY", binary),
    ];
    if possible.is_ok() {
        match coturn::find(house) {
            Ok(path) => environment.push(("YODEL_TURNSERVER", path)),
            Err(reason) => println!("no call goes through coturn: {reason:#}"),
        }
    }
    let (counted, success) = playwright(house, &projects, "network-report.json", environment)?;
    tally += if possible.is_err() && success {
        counted
    } else {
        counted.with_exit(success)
    };
    Ok(tally)
}

/// Run Playwright with these options and variables. Returns what its report counts, and whether it succeeded.
fn playwright(
    house: &House,
    options: &[&str],
    report: &str,
    environment: Vec<(&str, PathBuf)>,
) -> Result<(Tally, bool)> {
    let report = house.target().join("end2end").join(report);
    if report.exists() {
        fs::remove_file(&report).with_context(|| format!("cannot remove {}", report.display()))?;
    }
    let mut playwright = house.command("npx", ["playwright", "test"]);
    playwright
        .args(options)
        .current_dir(house.at("end2end"))
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .envs(environment);
    let success = house::run(&mut playwright).is_ok();
    let counted = match fs::read_to_string(&report) {
        Ok(report) => Tally::of_playwright_report(&report)?,
        // It ended before it could write one.
        Err(_) => Tally::default(),
    };
    Ok((counted, success))
}
