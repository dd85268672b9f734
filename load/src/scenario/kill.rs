//! `kill -9` while people are in calls, and a restart after 3 s.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use call::protocol::{Command, Event};
use tokio::time::sleep;

use super::{Scale, check_log, hold_calls, wait_for_return};
use crate::crowd::Crowd;
use crate::figures::Latencies;
use crate::report::Report;
use crate::robot::News;
use crate::server::Server;

/// How long the server is away.
const AWAY: Duration = Duration::from_secs(3);
/// How long one waits for those who come back, and for the last goodbye.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let calls: usize = scale.pick(100, 10);
    let mut report = Report::new(scale);
    let mut server = Server::start(&binary).await?;
    let mut crowd = Crowd::around(server.addr());
    crowd.open(2 * calls).await?;
    let pairs: Vec<_> = (0..calls).map(|n| (n, calls + n)).collect();
    let held = hold_calls(&mut crowd, &pairs).await?;

    server.kill()?;
    sleep(scale.pick(AWAY, Duration::from_millis(500))).await;
    server.start_again().await?;
    let open_at = Instant::now();
    let back = wait_for_return(&mut crowd, 2 * calls, open_at, PATIENCE).await;
    report.exactly("resumed", back.calls.len() as f64, (2 * calls) as f64);
    report.within("resumed, p50", back.took.percentile(50), Duration::from_secs(2));
    report.within("resumed, p99", back.took.percentile(99), Duration::from_secs(5));
    report.exactly(
        "calls still active, with the same id",
        back.still_in(&held) as f64,
        calls as f64,
    );

    for it in &held {
        crowd.say(it.caller, Command::Hangup { call: it.call });
    }
    let asked = Instant::now();
    let deadline = tokio::time::Instant::now() + PATIENCE.min(Duration::from_secs(5));
    let mut reached = Latencies::default();
    while reached.len() < calls
        && let Some(note) = crowd.note_until(deadline).await
    {
        if let News::Heard(event) = note.news
            && let Event::Ended { call, .. } = *event
            && held.iter().any(|it| it.callee == note.who && it.call == call)
        {
            reached.add(note.at.saturating_duration_since(asked));
        }
    }
    report.exactly("hangups that reach the peer", reached.len() as f64, calls as f64);
    report.within(
        "a hangup reaches the peer, longest",
        reached.longest(),
        Duration::from_secs(1),
    );
    check_log(&server, &mut report)?;
    Ok(report)
}
