//! What can be said on the command line.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::{lab, namespace, ping};

const HELP: &str = "\
Usage: netlab [--seed NUMBER] [HOST]...        Start a lab. Without names: server, alice, bob.
       netlab enter PID HOST -- PROGRAM...     Run a program on a host of a lab.
       netlab ping ADDRESS [COUNT]             Ask for an echo.

Hosts are at 10.77.1.1, 10.77.2.1, 10.77.3.1 … A lab prints `ready PID` when it is there, takes a command a line, and
answers each with one line:

  link HOST [up|down] CONDITION...   what a host is connected by
  path HOST HOST CONDITION...        what is between two hosts
  block udp HOST [except PORT]       a firewall
  block direct HOST HOST             two hosts do not reach one another
  unblock                            everything is let through again
  move HOST                          another address
  run HOST PROGRAM...                a program on a host, until it ends
  quit                               as the end of the input does

  delay MS · jitter MS · loss PERCENT · reorder PERCENT · rate KBIT/S|unlimited · queue MS · cut · join · clear

Needs root, or that users may have user namespaces, and /dev/net/tun. When the lab ends, and be it by a kill -9, so do all
programs on its hosts.";

const DEFAULT_HOSTS: [&str; 3] = ["server", "alice", "bob"];
const DEFAULT_SEED: u64 = 1;

/// Do what the arguments say.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match words[..] {
        ["help" | "--help" | "-h", ..] => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        ["enter", lab, host, ..] => {
            let command = &arguments[3..];
            let command = command.strip_prefix(&["--".to_owned()]).unwrap_or(command);
            namespace::enter(lab, host, command)
        }
        ["ping", address] => ping_and_tell(address, "4"),
        ["ping", address, count] => ping_and_tell(address, count),
        [namespace::INSIDE, ..] => inside(&arguments[1..]),
        ["enter" | "ping", ..] => Err(anyhow::anyhow!(
            "that is not all: `netlab help` shows what is missing"
        )),
        // What is wrong is told before anything is started.
        _ => settings(&arguments).and_then(|_| namespace::start_inside(&arguments)),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("netlab: {error:#}");
        ExitCode::FAILURE
    })
}

/// In the namespaces.
fn inside(arguments: &[String]) -> Result<ExitCode> {
    let (seed, hosts) = settings(arguments)?;
    let id = namespace::settle()?;
    lab::run(
        &hosts,
        seed,
        &id,
        std::io::stdin().lock(),
        std::io::stdout().lock(),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The seed, and the names of the hosts.
fn settings(arguments: &[String]) -> Result<(u64, Vec<String>)> {
    let (seed, hosts) = match arguments {
        [option, seed, hosts @ ..] if option == "--seed" => (
            seed.parse()
                .with_context(|| format!("`{seed}` is no seed: take a number"))?,
            hosts,
        ),
        hosts => (DEFAULT_SEED, hosts),
    };
    for host in hosts {
        // The kernel keeps 15 bytes of a thread's name.
        if host.len() > 15
            || !host
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        {
            bail!("`{host}` is no name of a host: take up to 15 of a-z and 0-9");
        }
    }
    Ok((
        seed,
        if hosts.is_empty() {
            DEFAULT_HOSTS.map(str::to_owned).to_vec()
        } else {
            hosts.to_vec()
        },
    ))
}

fn ping_and_tell(address: &str, count: &str) -> Result<ExitCode> {
    let to = address
        .parse()
        .with_context(|| format!("`{address}` is no IPv4 address"))?;
    let count = count.parse().with_context(|| format!("`{count}` is no count"))?;
    let answers = ping::ping(to, count)?;
    for answer in &answers {
        match answer {
            Some(took) => println!("{address}: {:.1} ms", took.as_secs_f64() * 1_000.0),
            None => println!("{address}: no answer"),
        }
    }
    let all_lost = answers.iter().all(Option::is_none);
    Ok(if all_lost {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
