//! What can be said to a running lab: one command a line, and one line of answer for each.

use std::str::SplitWhitespace;
use std::time::Duration;

use thiserror::Error;

use crate::line::Conditions;
use crate::router::{HostId, Way};
use crate::rules::Rule;

/// A line that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// `link HOST [up|down] CONDITION…`: what a host is connected by; both ways unless one is named.
    Link {
        host: HostId,
        ways: &'static [Way],
        changes: Vec<Change>,
    },
    /// `path HOST HOST CONDITION…`: what is between two hosts, both ways.
    Path {
        one: HostId,
        other: HostId,
        changes: Vec<Change>,
    },
    /// `block udp HOST [except PORT]` or `block direct HOST HOST`.
    Block(Rule),
    /// `unblock`: everything is let through.
    Unblock,
    /// `move HOST`: the host gets another address, and loses the one that it has.
    Move(HostId),
    /// `run HOST COMMAND…`: a program on a host, until it ends.
    Run { host: HostId, command: Vec<String> },
    /// `quit`.
    Quit,
}

/// One condition that is set, and the others stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Delay(Duration),
    Jitter(Duration),
    Loss(f64),
    Reorder(f64),
    Rate(Option<u64>),
    Queue(Duration),
    Cut,
    Join,
    Clear,
}

impl Change {
    pub(crate) fn apply(self, to: &mut Conditions) {
        match self {
            Self::Delay(delay) => to.delay = delay,
            Self::Jitter(jitter) => to.jitter = jitter,
            Self::Loss(loss) => to.loss = loss,
            Self::Reorder(reorder) => to.reorder = reorder,
            Self::Rate(rate) => to.rate = rate,
            Self::Queue(queue) => to.queue = queue,
            Self::Cut => to.cut = true,
            Self::Join => to.cut = false,
            Self::Clear => *to = Conditions::default(),
        }
    }
}

/// A line that was not understood, and what to write instead.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum Misunderstood {
    #[error("there is no command `{0}`; there are link, path, block, unblock, move, run and quit")]
    Command(String),
    #[error("there is no host `{0}`; there are {1}")]
    Host(String, String),
    #[error(
        "`{0}` is no condition; there are delay, jitter, loss, reorder, rate, queue, cut, join and clear"
    )]
    Condition(String),
    #[error("`{0}` cannot be blocked: say `block udp HOST [except PORT]` or `block direct HOST HOST`")]
    Rule(String),
    #[error("`{name}` takes {wanted}, not `{found}`")]
    Value {
        name: &'static str,
        wanted: &'static str,
        found: String,
    },
    #[error("{0} is missing at the end")]
    Missing(&'static str),
    #[error("`{0}` is too much: one command a line")]
    TooMuch(String),
}

/// Read a line. Hosts are called by these names.
pub(crate) fn parse(line: &str, hosts: &[String]) -> Result<Command, Misunderstood> {
    let mut words = Words {
        words: line.split_whitespace(),
        hosts,
    };
    let command = match words.word("a command")? {
        "link" => {
            let host = words.host()?;
            let ways: &[Way] = match words.peek() {
                Some("up") => &[Way::Up],
                Some("down") => &[Way::Down],
                _ => &[Way::Up, Way::Down],
            };
            if ways.len() == 1 {
                words.words.next();
            }
            Command::Link {
                host,
                ways,
                changes: words.changes()?,
            }
        }
        "path" => Command::Path {
            one: words.host()?,
            other: words.host()?,
            changes: words.changes()?,
        },
        "block" => Command::Block(words.rule()?),
        "unblock" => Command::Unblock,
        "move" => Command::Move(words.host()?),
        "run" => Command::Run {
            host: words.host()?,
            command: words.program()?,
        },
        "quit" => Command::Quit,
        other => return Err(Misunderstood::Command(other.to_owned())),
    };
    match words.words.next() {
        None => Ok(command),
        Some(more) => Err(Misunderstood::TooMuch(more.to_owned())),
    }
}

struct Words<'a> {
    words: SplitWhitespace<'a>,
    hosts: &'a [String],
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.clone().next()
    }

    fn word(&mut self, what: &'static str) -> Result<&'a str, Misunderstood> {
        self.words.next().ok_or(Misunderstood::Missing(what))
    }

    fn host(&mut self) -> Result<HostId, Misunderstood> {
        let name = self.word("a host")?;
        match self.hosts.iter().position(|host| host == name) {
            Some(at) => Ok(HostId(at)),
            None => Err(Misunderstood::Host(name.to_owned(), self.hosts.join(", "))),
        }
    }

    fn changes(&mut self) -> Result<Vec<Change>, Misunderstood> {
        let mut changes = vec![self.change()?];
        while self.peek().is_some() {
            changes.push(self.change()?);
        }
        Ok(changes)
    }

    fn change(&mut self) -> Result<Change, Misunderstood> {
        Ok(match self.word("a condition")? {
            "delay" => Change::Delay(self.milliseconds("delay")?),
            "jitter" => Change::Jitter(self.milliseconds("jitter")?),
            "loss" => Change::Loss(self.percent("loss")?),
            "reorder" => Change::Reorder(self.percent("reorder")?),
            "rate" => Change::Rate(self.value("rate", "kbit/s from 1, or `unlimited`", |word| {
                if word == "unlimited" {
                    return Some(None);
                }
                let kilobits: u64 = word.parse().ok()?;
                (1..=10_000_000)
                    .contains(&kilobits)
                    .then_some(Some(kilobits * 1_000))
            })?),
            "queue" => Change::Queue(self.milliseconds("queue")?),
            "cut" => Change::Cut,
            "join" => Change::Join,
            "clear" => Change::Clear,
            other => return Err(Misunderstood::Condition(other.to_owned())),
        })
    }

    fn rule(&mut self) -> Result<Rule, Misunderstood> {
        match self.word("what to block")? {
            "udp" => {
                let host = self.host()?;
                let mut except = None;
                if self.peek() == Some("except") {
                    self.words.next();
                    except = Some(self.value("except", "a port", |word| word.parse().ok())?);
                }
                Ok(Rule::Udp { host, except })
            }
            "direct" => Ok(Rule::Direct {
                one: self.host()?,
                other: self.host()?,
            }),
            other => Err(Misunderstood::Rule(other.to_owned())),
        }
    }

    fn program(&mut self) -> Result<Vec<String>, Misunderstood> {
        if self.peek() == Some("--") {
            self.words.next();
        }
        let mut command = vec![self.word("a program")?.to_owned()];
        command.extend(self.words.by_ref().map(str::to_owned));
        Ok(command)
    }

    fn milliseconds(&mut self, name: &'static str) -> Result<Duration, Misunderstood> {
        self.value(name, "milliseconds, up to 600000", |word| {
            let milliseconds: u64 = word.parse().ok()?;
            (milliseconds <= 600_000).then(|| Duration::from_millis(milliseconds))
        })
    }

    fn percent(&mut self, name: &'static str) -> Result<f64, Misunderstood> {
        self.value(name, "a percentage, 0 to 100", |word| {
            let percent: f64 = word.parse().ok()?;
            (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
        })
    }

    fn value<T>(
        &mut self,
        name: &'static str,
        wanted: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Misunderstood> {
        let word = self.word(wanted)?;
        read(word).ok_or_else(|| Misunderstood::Value {
            name,
            wanted,
            found: word.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: HostId = HostId(1);
    const BOB: HostId = HostId(2);

    fn read(line: &str) -> Result<Command, Misunderstood> {
        parse(line, &["server", "alice", "bob"].map(str::to_owned))
    }

    fn complaint(line: &str) -> String {
        read(line).unwrap_err().to_string()
    }

    #[test]
    fn conditions_are_set_on_links_and_paths() {
        assert_eq!(
            read("link alice delay 90 jitter 20 loss 5"),
            Ok(Command::Link {
                host: ALICE,
                ways: &[Way::Up, Way::Down],
                changes: vec![
                    Change::Delay(Duration::from_millis(90)),
                    Change::Jitter(Duration::from_millis(20)),
                    Change::Loss(0.05)
                ],
            })
        );
        assert_eq!(
            read("link bob up rate 500"),
            Ok(Command::Link {
                host: BOB,
                ways: &[Way::Up],
                changes: vec![Change::Rate(Some(500_000))],
            })
        );
        assert_eq!(
            read("path alice bob reorder 1.5 queue 50 rate unlimited cut"),
            Ok(Command::Path {
                one: ALICE,
                other: BOB,
                changes: vec![
                    Change::Reorder(0.015),
                    Change::Queue(Duration::from_millis(50)),
                    Change::Rate(None),
                    Change::Cut
                ],
            })
        );
    }

    #[test]
    fn a_condition_changes_nothing_else_and_clear_changes_all() {
        let mut conditions = Conditions::default();
        for change in [Change::Loss(0.05), Change::Cut, Change::Join] {
            change.apply(&mut conditions);
        }
        assert_eq!(
            conditions,
            Conditions {
                loss: 0.05,
                ..Conditions::default()
            }
        );
        Change::Clear.apply(&mut conditions);
        assert_eq!(conditions, Conditions::default());
    }

    #[test]
    fn firewalls_addresses_and_programs() {
        assert_eq!(
            read("block udp alice except 3478"),
            Ok(Command::Block(Rule::Udp {
                host: ALICE,
                except: Some(3_478)
            }))
        );
        assert_eq!(
            read("block direct alice bob"),
            Ok(Command::Block(Rule::Direct {
                one: ALICE,
                other: BOB
            }))
        );
        assert_eq!(read("unblock"), Ok(Command::Unblock));
        assert_eq!(read("move alice"), Ok(Command::Move(ALICE)));
        let run = Command::Run {
            host: BOB,
            command: ["ip", "-4", "address"].map(str::to_owned).to_vec(),
        };
        assert_eq!(read("run bob ip -4 address"), Ok(run.clone()));
        assert_eq!(read("run bob -- ip -4 address"), Ok(run));
    }

    #[test]
    fn what_is_not_understood_is_told_with_what_would_be() {
        assert_eq!(
            complaint("link carol cut"),
            "there is no host `carol`; there are server, alice, bob"
        );
        assert_eq!(
            complaint("link alice delay soon"),
            "`delay` takes milliseconds, up to 600000, not `soon`"
        );
        assert_eq!(
            complaint("link alice loss 101"),
            "`loss` takes a percentage, 0 to 100, not `101`"
        );
        assert_eq!(
            complaint("link alice rate 0"),
            "`rate` takes kbit/s from 1, or `unlimited`, not `0`"
        );
        assert_eq!(complaint("link alice"), "a condition is missing at the end");
        assert_eq!(complaint("unblock udp"), "`udp` is too much: one command a line");
        for line in [
            "",
            "cut bob",
            "link alice up",
            "block tcp alice",
            "block udp alice except",
            "run alice",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
