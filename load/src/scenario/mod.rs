//! What is done to a server, and what is to come of it.

mod deaf;
mod deploy;
mod herd;
mod idle;
mod kill;
mod kills;
mod slow;
mod soak;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use call::id::{CallId, Entry};
use call::protocol::Event;
use futures::future::BoxFuture;

use crate::crowd::{Crowd, PATIENCE};
use crate::figures::Latencies;
use crate::report::Report;
use crate::robot::News;
use crate::server::Server;
use crate::traffic;

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// What the goals are for.
    Full,
    /// Little enough for every test run: whether all is right, and not how fast.
    Quick,
}

impl Scale {
    /// One of two numbers.
    const fn pick<T: Copy>(self, full: T, quick: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}

/// A scenario.
pub(crate) struct Scenario {
    /// What it is asked for by.
    pub(crate) name: &'static str,
    /// What happens in it.
    pub(crate) what: &'static str,
    /// Runs it on this server.
    pub(crate) run: fn(PathBuf, Scale) -> BoxFuture<'static, Result<Report>>,
}

/// All of them.
pub(crate) const SCENARIOS: [Scenario; 8] = [
    Scenario {
        name: "idle",
        what: "many sockets that do nothing, and meanwhile calls among some",
        run: |binary, scale| Box::pin(idle::run(binary, scale)),
    },
    Scenario {
        name: "herd",
        what: "everybody comes back at once: after their sockets were cut, and after a restart",
        run: |binary, scale| Box::pin(herd::run(binary, scale)),
    },
    Scenario {
        name: "deaf",
        what: "a client stops reading while it is sent ever more",
        run: |binary, scale| Box::pin(deaf::run(binary, scale)),
    },
    Scenario {
        name: "slow",
        what: "a crowd says nothing, or a byte a second, and takes more connections than it may",
        run: |binary, scale| Box::pin(slow::run(binary, scale)),
    },
    Scenario {
        name: "soak",
        what: "calls from their beginning to their end, one after the other",
        run: |binary, scale| Box::pin(soak::run(binary, scale)),
    },
    Scenario {
        name: "kill",
        what: "kill -9 while people are in calls, and a restart after 3 s",
        run: |binary, scale| Box::pin(kill::run(binary, scale)),
    },
    Scenario {
        name: "deploy",
        what: "SIGTERM while everybody is connected",
        run: |binary, scale| Box::pin(deploy::run(binary, scale)),
    },
    Scenario {
        name: "kills",
        what: "kill -9 at random moments while calls begin and end",
        run: |binary, scale| Box::pin(kills::run(binary, scale)),
    },
];

/// A call that two robots are in.
#[derive(Clone, Copy, Debug)]
struct Held {
    caller: usize,
    callee: usize,
    call: CallId,
    /// The entry of the callee.
    entry: Entry,
}

/// Let these pairs call one another, and stay in their calls.
async fn hold_calls(crowd: &mut Crowd, pairs: &[(usize, usize)]) -> Result<Vec<Held>> {
    for (caller, callee) in pairs {
        crowd.say(*caller, traffic::call(vec![crowd.user(*callee)?]));
    }
    let callee_of: BTreeMap<usize, usize> = pairs.iter().copied().collect();
    let mut held = Vec::new();
    let mut joined = 0;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while held.len() < pairs.len() || joined < pairs.len() {
        let note = crowd
            .note_until(deadline)
            .await
            .context("not every call is connected")?;
        let News::Heard(event) = note.news else {
            bail!("robot {} lost its socket: {:?}", note.who, note.news);
        };
        match *event {
            Event::UserEntered { call, member } => {
                if let Some(callee) = callee_of.get(&note.who) {
                    held.push(Held {
                        caller: note.who,
                        callee: *callee,
                        call,
                        entry: member.entry,
                    });
                }
            }
            Event::Joined { .. } => joined += 1,
            Event::Refused { refusal, .. } => bail!("a call was refused: {refusal}"),
            _ => {}
        }
    }
    Ok(held)
}

/// How robots came back.
#[derive(Debug, Default)]
struct Return {
    /// From a moment until each was welcomed again.
    took: Latencies,
    /// The call that each was told to be in.
    calls: BTreeMap<usize, Option<CallId>>,
    /// The codes with which their sockets had been closed.
    codes: BTreeMap<Option<u16>, usize>,
}

impl Return {
    /// How many of these calls both sides were told to be in still.
    fn still_in(&self, held: &[Held]) -> usize {
        let is_in = |who, call| self.calls.get(who).copied().flatten() == Some(call);
        held.iter()
            .filter(|it| is_in(&it.caller, it.call) && is_in(&it.callee, it.call))
            .count()
    }
}

/// Wait until this many robots are welcomed again, but no longer than the patience.
async fn wait_for_return(crowd: &mut Crowd, count: usize, since: Instant, patience: Duration) -> Return {
    let mut back = Return::default();
    let deadline = tokio::time::Instant::now() + patience;
    while back.calls.len() < count {
        let Some(note) = crowd.note_until(deadline).await else {
            break;
        };
        match note.news {
            News::Welcomed(welcome) => {
                back.took.add(note.at.saturating_duration_since(since));
                back.calls
                    .insert(note.who, welcome.call.map(|snapshot| snapshot.call));
            }
            News::Lost(code) => *back.codes.entry(code).or_default() += 1,
            News::Heard(_) | News::Failed(_) => {}
        }
    }
    back
}

/// What must not be, whatever is done to a server.
fn check_log(server: &Server, report: &mut Report) -> Result<()> {
    let log = server.log()?;
    report.exactly("panics in the log", log.matches("panicked").count() as f64, 0.0);
    let errors = log.lines().filter(|line| line.contains("ERROR"));
    report.exactly("errors in the log", errors.count() as f64, 0.0);
    Ok(())
}
