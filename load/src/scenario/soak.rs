//! Calls from their beginning to their end, one after the other.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::{Scale, check_log};
use crate::crowd::Crowd;
use crate::database::Database;
use crate::figures::Usage;
use crate::report::{Report, kib};
use crate::server::Server;
use crate::traffic::Traffic;

pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let calls: usize = scale.pick(20_000, 200);
    let per_second = scale.pick(150, 100);
    let robots: usize = scale.pick(1000, 100);
    let mut report = Report::new(scale);
    let mut server = Server::start(&binary).await?;
    server.usage()?;
    let tasks_at_first = server.least_figure("yodel_tasks").await?;
    ensure!(tasks_at_first > 0.0, "the server does not tell its tasks");
    let mut crowd = Crowd::around(server.addr());
    crowd.open(robots).await?;

    let mut traffic = Traffic::among(robots);
    // Then everything is there that a server keeps for a while, or ready.
    let first = traffic.run(&mut crowd, calls, per_second).await?;
    let warm = look(&server).await?;
    let found = traffic.run(&mut crowd, calls, per_second).await?;
    let end = look(&server).await?;
    report.note("calls", found.placed as f64, "");
    report.note_times("invite → ring", &found.ring);
    report.exactly(
        "calls not completed",
        (first.placed + found.placed - first.completed - found.completed) as f64,
        0.0,
    );
    report.exactly("calls refused", (first.refused + found.refused) as f64, 0.0);
    report.exactly("sockets dropped", (first.dropped + found.dropped) as f64, 0.0);
    report.note(
        "memory after as many before them",
        kib(warm.resident as f64),
        "KiB",
    );
    report.note("memory at the end", kib(end.resident as f64), "KiB");
    report.at_most(
        "memory grows by",
        100.0 * (end.resident as f64 / warm.resident as f64 - 1.0),
        5.0,
        "%",
    );
    report.exactly(
        "open files more than before them",
        end.files as f64 - warm.files as f64,
        0.0,
    );
    report.note("processor time", end.cpu.as_secs_f64(), "s");
    report.exactly(
        "calls going on at the end",
        server.figure("yodel_calls_active").await?,
        0.0,
    );

    crowd.close().await?;
    report.exactly(
        "sockets that stay open",
        server.wait_for_figure("yodel_sockets_open", 0.0).await?,
        0.0,
    );
    report.exactly(
        "tasks that stay",
        server.wait_for_figure("yodel_tasks", tasks_at_first).await? - tasks_at_first,
        0.0,
    );
    server.terminate().await?;
    let mut database = Database::open(&server.data()).await?;
    report.exactly(
        "a database that is whole",
        f64::from(database.is_whole().await?),
        1.0,
    );
    for (table, rows) in database.rows().await? {
        let wanted = match table.as_str() {
            "people" => robots,
            "calls" => first.placed + found.placed,
            _ => 0,
        };
        report.exactly(format!("rows of {table}"), rows as f64, wanted as f64);
    }
    check_log(&server, &mut report)?;
    Ok(report)
}

/// What the server takes, when its last calls have ended everywhere.
async fn look(server: &Server) -> Result<Usage> {
    sleep(Duration::from_millis(200)).await;
    server.usage()
}
