//! Everybody comes back at once.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Scale, check_log, hold_calls, wait_for_return};
use crate::crowd::{Crowd, PATIENCE};
use crate::report::Report;
use crate::robot::Order;
use crate::server::Server;

/// How long the last of them may take.
const GOAL: Duration = Duration::from_secs(10);

pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let robots: usize = scale.pick(1000, 60);
    let mut report = Report::new(scale);
    let mut server = Server::start(&binary).await?;
    let mut crowd = Crowd::around(server.addr());
    crowd.open(robots).await?;
    // A fifth of them is in calls.
    let pairs: Vec<_> = (0..robots / 10).map(|n| (n, robots / 2 + n)).collect();
    let held = hold_calls(&mut crowd, &pairs).await?;

    let cut_at = Instant::now();
    for who in 0..robots {
        crowd.order(who, Order::Cut);
    }
    let back = wait_for_return(&mut crowd, robots, cut_at, PATIENCE).await;
    report.note_times("after a cut: resumed", &back.took);
    report.within("after a cut: all resumed", back.took.longest(), GOAL);
    report.exactly("after a cut: resumed", back.calls.len() as f64, robots as f64);
    report.exactly(
        "after a cut: calls that are the same",
        back.still_in(&held) as f64,
        held.len() as f64,
    );

    server.terminate().await?;
    server.start_again().await?;
    let open_at = Instant::now();
    let back = wait_for_return(&mut crowd, robots, open_at, PATIENCE).await;
    report.note_times("after a restart: resumed", &back.took);
    report.within("after a restart: all resumed", back.took.longest(), GOAL);
    report.exactly("after a restart: resumed", back.calls.len() as f64, robots as f64);
    check_log(&server, &mut report)?;
    Ok(report)
}
