//! Every check and every test, cheapest first.

use std::fs;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::house::{self, House};
use crate::tally::Tally;
use crate::{arrows, browser, site, tools};

/// One of the things that `cargo xtask test` does.
struct Step {
    name: &'static str,
    run: fn(&mut House) -> Result<Tally>,
}

/// Cheapest first. `app` is never compiled with `ssr` and `hydrate` in one build: packages for the server and packages
/// for the browser are in steps of their own, and each step is one build, so that features are settled once.
const STEPS: [Step; 11] = [
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
                    .cargo("clippy --all-targets")
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
            let native = "doc --no-deps --document-private-items";
            let mut tally = check(house.cargo(native).args(NATIVE).env("RUSTDOCFLAGS", RUSTDOCFLAGS))?;
            let browser = "doc --no-deps --document-private-items --target wasm32-unknown-unknown \
                --package phone --package sdk --package frontend";
            tally += check(house.cargo(browser).env("RUSTDOCFLAGS", RUSTDOCFLAGS))?;
            Ok(tally)
        },
    },
    Step {
        name: "unit",
        run: |house| tests(house.cargo("test --no-fail-fast").args(NATIVE)),
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
        name: "end2end",
        run: end_to_end,
    },
];

/// What is compiled for the server and for developers' machines.
const NATIVE: [&str; 5] = ["-pcall", "-papp", "-pserver", "-pxtask", "--features=app/ssr"];
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
    let folder = house.at("end2end");
    let chromium = browser::chromium(house)?;
    let firefox = browser::firefox(house)?;
    let binary = site::build(house)?;
    let mut tally = Tally::PASSED;

    let report = house.target().join("end2end/report.json");
    if report.exists() {
        fs::remove_file(&report).with_context(|| format!("cannot remove {}", report.display()))?;
    }
    let mut playwright = house.command("npx", ["playwright", "test"]);
    playwright
        .current_dir(&folder)
        .env("YODEL_CHROMIUM", chromium)
        .env("YODEL_FIREFOX", firefox)
        .env("YODEL_BINARY", binary);
    let success = house::run(playwright.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)).is_ok();
    let counted = match fs::read_to_string(&report) {
        Ok(report) => Tally::of_playwright_report(&report)?,
        // It ended before it could write one.
        Err(_) => Tally::default(),
    };
    tally += counted.with_exit(success);
    Ok(tally)
}
