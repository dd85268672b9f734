//! Real labs, whose namespaces have to be allowed: `cargo xtask test network` runs this where they are.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const NETLAB: &str = env!("CARGO_BIN_EXE_netlab");

struct Lab {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    id: String,
}

impl Lab {
    fn start() -> Self {
        let mut child = Command::new(NETLAB)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut lab = Self {
            child,
            commands,
            answers,
            id: String::new(),
        };
        lab.id = lab.answer().strip_prefix("ready ").unwrap().to_owned();
        lab
    }

    fn say(&mut self, line: &str) -> String {
        writeln!(self.commands, "{line}").unwrap();
        self.answer()
    }

    fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }

    fn on(&self, host: &str, program: &[&str]) -> Command {
        let mut command = Command::new(NETLAB);
        command.args(["enter", &self.id, host, "--"]).args(program);
        command
    }

    /// The round trips that were answered, in milliseconds.
    fn pings(&self, host: &str, address: &str, count: &str) -> Vec<f64> {
        let Output { stdout, .. } = self.on(host, &[NETLAB, "ping", address, count]).output().unwrap();
        String::from_utf8(stdout)
            .unwrap()
            .lines()
            .filter_map(|line| line.split_whitespace().nth(1)?.parse().ok())
            .collect()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn packets_cross_under_the_conditions_of_the_moment() {
    let mut lab = Lab::start();
    assert!(
        lab.pings("alice", "10.77.3.1", "3")
            .iter()
            .all(|took| *took < 40.0)
    );

    assert_eq!(lab.say("path alice bob delay 50"), "ok");
    let slow = lab.pings("alice", "10.77.3.1", "3");
    assert!(
        slow.len() == 3 && slow.iter().all(|took| *took >= 100.0),
        "{slow:?}"
    );
    assert!(
        lab.pings("alice", "10.77.1.1", "3")
            .iter()
            .all(|took| *took < 40.0)
    );

    assert_eq!(lab.say("link bob cut"), "ok");
    assert!(lab.pings("server", "10.77.3.1", "1").is_empty());
    assert_eq!(lab.say("link bob join"), "ok");
    assert_eq!(lab.pings("server", "10.77.3.1", "1").len(), 1);

    assert_eq!(lab.say("move bob"), "ok 10.77.3.2");
    assert!(lab.pings("server", "10.77.3.1", "1").is_empty());
    assert_eq!(lab.pings("server", "10.77.3.2", "1").len(), 1);
}

#[test]
fn a_host_also_reaches_itself() {
    let lab = Lab::start();
    assert_eq!(lab.pings("alice", "127.0.0.1", "1").len(), 1);
    assert_eq!(lab.pings("alice", "10.77.2.1", "1").len(), 1);
}

#[test]
fn what_runs_on_a_host_ends_as_it_does_and_takes_its_signals() {
    let mut lab = Lab::start();
    assert_eq!(
        lab.on("bob", &["sh", "-c", "exit 7"]).status().unwrap().code(),
        Some(7)
    );
    assert_eq!(lab.say("run bob sh -c true"), "ok exit status: 0");

    let mut asleep = lab.on(
        "bob",
        &["sh", "-c", "trap 'exit 9' TERM; echo asleep; sleep 60 & wait"],
    );
    let mut asleep = asleep.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = [0; 7];
    asleep.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    let id = asleep.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(asleep.wait().unwrap().code(), Some(9));
}

#[test]
fn nothing_is_left_of_a_lab_that_is_killed() {
    let mut lab = Lab::start();
    let mut asleep = lab.on("bob", &["sh", "-c", "echo asleep; sleep 60 & wait"]);
    let mut asleep = asleep.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = [0; 7];
    asleep.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    let inner = Path::new("/proc").join(&lab.id);
    assert!(inner.exists());

    lab.child.kill().unwrap();
    assert_eq!(asleep.wait().unwrap().code(), Some(128 + 9));
    // The pipe is closed when the last process that writes to it has gone.
    let mut rest = String::new();
    asleep.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    let start = Instant::now();
    while inner.exists() {
        assert!(start.elapsed() < Duration::from_secs(5), "the lab is still there");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_cannot_be_is_told() {
    let lab = Lab::start();
    let complaint = |arguments: &[&str]| {
        let Output { stderr, status, .. } = Command::new(NETLAB).args(arguments).output().unwrap();
        assert!(!status.success());
        String::from_utf8(stderr).unwrap()
    };
    assert!(complaint(&["enter", &lab.id, "carol", "--", "true"]).contains("no host carol"));
    assert!(complaint(&["enter", "0", "bob", "--", "true"]).contains("no lab"));
    assert!(complaint(&["enter", &lab.id, "bob", "--"]).contains("no program"));
    assert!(complaint(&["Alice"]).contains("no name of a host"));
    assert!(complaint(&["--seed", "often"]).contains("no seed"));
}
