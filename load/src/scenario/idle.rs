//! Many sockets that do nothing, and meanwhile calls among some.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::sleep;

use super::{Scale, check_log};
use crate::crowd::Crowd;
use crate::report::{Report, kib};
use crate::server::Server;
use crate::traffic::Traffic;

/// Sockets that are opened before memory is looked at: what the first ones make the server load stays.
const FIRST: usize = 50;

pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let robots: usize = scale.pick(10_000, 200);
    let per_second = scale.pick(100, 40);
    let seconds = scale.pick(60, 3);
    let mut report = Report::new(scale);
    let mut server = Server::start(&binary).await?;

    // Everybody's first login makes an account. What that takes is none of a socket's.
    let began = Instant::now();
    let mut crowd = Crowd::around(server.addr());
    crowd.open(robots).await?;
    report.note(
        "first logins, each with a new account",
        robots as f64 / began.elapsed().as_secs_f64(),
        "a second",
    );
    crowd.close().await?;
    server.terminate().await?;
    server.start_again().await?;

    let mut crowd = Crowd::around(server.addr());
    crowd.open(FIRST).await?;
    let before = server.usage()?;
    let began = Instant::now();
    crowd.open(robots - FIRST).await?;
    report.note(
        "logins",
        (robots - FIRST) as f64 / began.elapsed().as_secs_f64(),
        "a second",
    );
    sleep(Duration::from_secs(scale.pick(10, 1))).await;
    let idle = server.usage()?;
    let held = idle.resident.saturating_sub(before.resident) as f64;
    report.note("sockets", robots as f64, "");
    report.note("memory with all of them", kib(idle.resident as f64), "KiB");
    report.at_most(
        "memory a socket",
        kib(held / (robots - FIRST) as f64),
        60.0,
        "KiB",
    );
    let began = Instant::now();
    sleep(Duration::from_secs(scale.pick(10, 1))).await;
    let spent = server.usage()?.cpu.saturating_sub(idle.cpu);
    report.note(
        "processor time while nobody calls",
        100.0 * spent.as_secs_f64() / began.elapsed().as_secs_f64(),
        "% of a core",
    );

    let before = server.usage()?;
    let calls = per_second as usize * seconds;
    let found = Traffic::among(robots).run(&mut crowd, calls, per_second).await?;
    let after = server.usage()?;
    report.note("calls", found.placed as f64, "");
    report.note("calls a second", f64::from(per_second), "");
    report.note(
        "invite → ring, p50",
        crate::report::ms(found.ring.percentile(50)),
        "ms",
    );
    report.within(
        "invite → ring, p99",
        found.ring.percentile(99),
        Duration::from_millis(50),
    );
    report.note_times("accept → connected on both sides", &found.connected);
    report.note(
        "processor time of the calls",
        after.cpu.saturating_sub(before.cpu).as_secs_f64(),
        "s",
    );
    report.note("memory at the end", kib(after.resident as f64), "KiB");
    report.exactly(
        "calls not completed",
        (found.placed - found.completed) as f64,
        0.0,
    );
    report.exactly("calls refused", found.refused as f64, 0.0);
    report.exactly("sockets dropped", found.dropped as f64, 0.0);
    report.exactly(
        "sockets open at the end",
        server.figure("yodel_sockets_open").await?,
        robots as f64,
    );
    check_log(&server, &mut report)?;
    Ok(report)
}
