//! `cargo xtask fuzz`: inputs that reach something new are looked for, by libFuzzer, for as long as it is let.
//!
//! What libFuzzer needs to see of a program is put in by stable options of the compiler; only the program itself is
//! compiled with them, not what builds it. A C++ compiler is needed, for libFuzzer.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::house::{self, House};

/// Counters at the edges of the program, and its comparisons.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
/// How long each target is fuzzed if nobody says.
const MINUTES: u64 = 5;
/// The longest that one input may take, in seconds.
const PATIENCE: u32 = 10;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    target: Option<String>,
    minutes: u64,
    /// Whether the smallest inputs that reach all that was reached replace those in `fuzz/corpus`.
    keep: bool,
}

/// Fuzz one target, or one after the other.
pub(crate) fn run(house: &House, args: &[String]) -> Result<ExitCode> {
    let wish = Wish::read(args)?;
    let targets = targets(house)?;
    if let Some(name) = &wish.target
        && !targets.iter().any(|target| target.name == *name)
    {
        let names: Vec<_> = targets.iter().map(|target| target.name.as_str()).collect();
        bail!("there is no target `{name}`; there are {}", names.join(", "));
    }
    let fuzzer = build(house)?;
    let mut found = false;
    for target in &targets {
        if wish.target.as_ref().is_none_or(|name| *name == target.name) {
            found |= !fuzz(house, &fuzzer, target, &wish)?;
        }
    }
    Ok(if found {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

impl Wish {
    fn read(args: &[String]) -> Result<Self> {
        let mut wish = Self {
            target: None,
            minutes: MINUTES,
            keep: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--minutes" => {
                    let minutes = args.next().and_then(|minutes| minutes.parse().ok());
                    wish.minutes = minutes.context("--minutes is followed by a whole number")?;
                }
                "--keep" => wish.keep = true,
                option if option.starts_with('-') => {
                    bail!("there is no option `{option}`; there are --minutes N and --keep")
                }
                name => wish.target = Some(name.to_owned()),
            }
        }
        Ok(wish)
    }
}

struct Target {
    name: String,
    longest: String,
}

fn corpus(house: &House, args: &[&str]) -> Result<String> {
    let mut command = house.cargo("run --quiet --package fuzz --bin corpus --");
    house::output(command.args(args))
}

fn targets(house: &House) -> Result<Vec<Target>> {
    let listed = corpus(house, &["targets"])?;
    let targets = listed.lines().filter_map(|line| line.split_once(' '));
    Ok(targets
        .map(|(name, longest)| Target {
            name: name.to_owned(),
            longest: longest.to_owned(),
        })
        .collect())
}

fn build(house: &House) -> Result<PathBuf> {
    let version = house::output(&mut house.command("rustc", ["-vV"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not say which machine it is for")?;
    println!("\n==> building the fuzzer (about 6 minutes on two cores the first time)");
    let build = "build --package fuzz --bin libfuzzer --features libfuzzer --profile fuzz --target";
    house::run(house.cargo(build).arg(host).env("RUSTFLAGS", COVERAGE))?;
    Ok(house.target().join(host).join("fuzz/libfuzzer"))
}

/// Returns whether no fault was found.
fn fuzz(house: &House, fuzzer: &Path, target: &Target, wish: &Wish) -> Result<bool> {
    let Target { name, longest } = target;
    let inputs = house.target().join("fuzz").join(name);
    let folder = inputs
        .to_str()
        .context("the path of the target folder is no text")?;
    corpus(house, &["unpack", name, folder])?;
    println!("\n==> fuzzing {name} for {} minutes, in {folder}", wish.minutes);
    let start = |folders: &[&str], options: &[String]| {
        let mut command = house.command(&fuzzer.to_string_lossy(), folders);
        command.args(options).env("YODEL_FUZZ_TARGET", name);
        house::run(&mut command)
    };
    let clean = start(
        &[folder],
        &[
            format!("-max_total_time={}", wish.minutes * 60),
            format!("-max_len={longest}"),
            format!("-timeout={PATIENCE}"),
            format!("-artifact_prefix={folder}-"),
            "-print_final_stats=1".to_owned(),
        ],
    );
    if let Err(error) = clean {
        println!(
            "{error:#}\nThe input is in one of the files {folder}-*. `cargo run -p fuzz --bin corpus -- line <file>` \
             prints it as a line for fuzz/findings/{name}.txt."
        );
        return Ok(false);
    }
    if wish.keep {
        let smallest = format!("{folder}-smallest");
        std::fs::create_dir_all(&smallest).with_context(|| format!("cannot make {smallest}"))?;
        start(&[&smallest, folder], &["-merge=1".to_owned()])?;
        println!("{}", corpus(house, &["pack", name, &smallest])?);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Wish> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Wish::read(&args)
    }

    #[test]
    fn a_target_a_time_and_whether_to_keep_can_be_said_in_any_order() {
        let all = Wish {
            target: None,
            minutes: MINUTES,
            keep: false,
        };
        assert_eq!(read("").unwrap(), all);
        let one = Wish {
            target: Some("agent".to_owned()),
            minutes: 30,
            keep: true,
        };
        assert_eq!(read("agent --minutes 30 --keep").unwrap(), one);
        assert_eq!(read("--keep --minutes 30 agent").unwrap(), one);
        for bad in ["--minutes", "--minutes soon", "--seconds 3"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
