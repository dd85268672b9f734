//! SIGTERM while everybody is connected.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use call::protocol::CloseReason;

use super::{Scale, check_log};
use crate::crowd::{Crowd, PATIENCE};
use crate::figures::Latencies;
use crate::report::Report;
use crate::robot::News;
use crate::server::Server;

pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let robots: usize = scale.pick(1000, 60);
    let mut report = Report::new(scale);
    let mut server = Server::start(&binary).await?;
    let mut crowd = Crowd::around(server.addr());
    crowd.open(robots).await?;

    let asked = Instant::now();
    let stopping = async {
        let status = server.terminate().await;
        (status, asked.elapsed())
    };
    let hearing = async {
        let (mut told, mut gone) = (Latencies::default(), 0);
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while gone < robots
            && let Some(note) = crowd.note_until(deadline).await
        {
            if let News::Lost(code) = note.news {
                gone += 1;
                if code == Some(CloseReason::Restarting.code()) {
                    told.add(note.at.saturating_duration_since(asked));
                }
            }
        }
        told
    };
    let ((status, took), told) = tokio::join!(stopping, hearing);
    report.exactly("told to come back (close 1012)", told.len() as f64, robots as f64);
    report.note_times("told", &told);
    report.within("told, longest", told.longest(), Duration::from_secs(1));
    report.exactly("exit status", status?.code().map_or(-1.0, f64::from), 0.0);
    report.within("the process ends", took, Duration::from_secs(10));
    check_log(&server, &mut report)?;
    Ok(report)
}
