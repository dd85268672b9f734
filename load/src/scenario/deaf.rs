//! A client stops reading while it is sent ever more.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use call::protocol::{Command, Description, DescriptionKind, Signal};
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};

use super::{Held, Scale, check_log, hold_calls};
use crate::crowd::{Crowd, PATIENCE};
use crate::figures::Latencies;
use crate::report::{Report, kib, ms};
use crate::robot::Order;
use crate::server::Server;
use crate::traffic::{Found, Traffic};

/// What the deaf client's system keeps for it, in bytes: the less, the sooner the server has to.
const RECEIVE_BUFFER: u32 = 4096;
/// One message: about 30,000 bytes of what looks like a description.
const LINE: &str = "a=nothing-that-means-anything-to-a-server\n";
const LINES: usize = 700;
/// Calls of the others between two looks whether the deaf one was closed.
const SOME: usize = 20;
/// Calls of the others a second.
const PACE: u32 = 50;
/// Messages a second, within what one socket may send.
const PER_SECOND: u32 = 25;
pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let others: usize = scale.pick(300, 100);
    let deaf: usize = scale.pick(40, 5);
    let rounds: usize = scale.pick(5, 1);
    let calls = scale.pick(400, 20);
    let mut report = Report::new(scale);
    let server = Server::start(&binary).await?;
    let mut crowd = Crowd::around(server.addr());
    crowd.open(others).await?;
    // What calls and long messages make the server load stays.
    let mut traffic = Traffic::among(others);
    traffic.run(&mut crowd, others, PACE).await?;

    // Nobody else does anything: whatever memory grows by is held for those who are deaf, until the first of them is closed. They
    // are many, for a process takes its memory in steps.
    let mut held = Vec::new();
    for _ in 0..deaf {
        held.push(pair(&mut crowd, Listener::Deaf).await?);
    }
    let before = server.usage()?.resident;
    let flooding: Vec<_> = held
        .iter()
        .map(|held| flood(&crowd, held))
        .collect::<Result<_>>()?;
    let mut closed = deaf as f64;
    let mut most_held = 0;
    let began = Instant::now();
    loop {
        let resident = server.usage()?.resident;
        let overflows = overflows(&server).await?;
        if overflows == 0.0 {
            most_held = most_held.max(resident.saturating_sub(before));
        }
        if overflows == closed || began.elapsed() > PATIENCE {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    flooding.iter().for_each(JoinHandle::abort);
    report.exactly("closed by their queue limit", overflows(&server).await?, closed);
    report.at_most(
        "memory held for one",
        kib(most_held as f64 / deaf as f64),
        1024.0,
        "KiB",
    );

    // By turns, so that what else the machine does is in all. And at one pace, beside one who reads as much: what a flood costs by
    // itself is no matter of who is deaf.
    let (mut alone, mut beside_reading, mut beside_deaf) = <(Latencies, Latencies, Latencies)>::default();
    let (mut placed, mut completed) = (0, 0);
    let mut take = |found: Found, ring: &mut Latencies| {
        placed += found.placed;
        completed += found.completed;
        ring.append(found.ring);
    };
    for _ in 0..rounds {
        for _ in 0..calls / SOME {
            take(traffic.run(&mut crowd, SOME, PACE).await?, &mut alone);
        }
        let held = pair(&mut crowd, Listener::Reads).await?;
        let flooding = flood(&crowd, &held)?;
        for _ in 0..calls / SOME {
            take(traffic.run(&mut crowd, SOME, PACE).await?, &mut beside_reading);
        }
        flooding.abort();
        let held = pair(&mut crowd, Listener::Deaf).await?;
        let flooding = flood(&crowd, &held)?;
        // Until it is closed. After that nobody is deaf.
        let began = Instant::now();
        while overflows(&server).await? == closed && began.elapsed() < PATIENCE {
            take(traffic.run(&mut crowd, SOME, PACE).await?, &mut beside_deaf);
        }
        closed += 1.0;
        flooding.abort();
    }
    let p99 = |found: &Latencies| ms(found.percentile(99));
    report.note("others' invite → ring, p99, alone", p99(&alone), "ms");
    report.note(
        "others' invite → ring, p99, beside one who reads as much",
        p99(&beside_reading),
        "ms",
    );
    report.note(
        "others' invite → ring, p99, beside a deaf one",
        p99(&beside_deaf),
        "ms",
    );
    report.at_most(
        "others' p99 grows, when that one is deaf, by",
        100.0 * (p99(&beside_deaf) / p99(&beside_reading) - 1.0),
        10.0,
        "%",
    );
    report.exactly("others' calls completed", completed as f64, placed as f64);
    report.exactly(
        "closed by their queue limit, in all",
        overflows(&server).await?,
        closed,
    );
    check_log(&server, &mut report)?;
    Ok(report)
}

const OVERFLOWS: &str = r#"yodel_sockets_closed_total{reason="queue-overflow"}"#;

async fn overflows(server: &Server) -> Result<f64> {
    server.figure(OVERFLOWS).await
}

/// Who is flooded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listener {
    Reads,
    Deaf,
}

/// Somebody who floods, and who is flooded, in a call.
async fn pair(crowd: &mut Crowd, listener: Listener) -> Result<Held> {
    let flooded = crowd.open_narrow(RECEIVE_BUFFER).await?;
    crowd.open(1).await?;
    let flooding = crowd.len() - 1;
    let held = hold_calls(crowd, &[(flooding, flooded)]).await?;
    if listener == Listener::Deaf {
        crowd.order(flooded, Order::StopReading);
    }
    held.first().copied().context("no call")
}

/// Send as much as one client may.
fn flood(crowd: &Crowd, held: &Held) -> Result<JoinHandle<()>> {
    let line = crowd.line(held.caller)?;
    let to = crowd.user(held.callee)?;
    let (call, entry) = (held.call, held.entry);
    let sdp = format!("v=0\n{}", LINE.repeat(LINES));
    Ok(tokio::spawn(async move {
        let mut pace = interval(Duration::from_secs(1) / PER_SECOND);
        loop {
            pace.tick().await;
            let signal = Signal::Description(Description {
                kind: DescriptionKind::Offer,
                sdp: sdp.clone(),
            });
            let command = Command::Signal {
                call,
                to: to.clone(),
                entry,
                signal,
            };
            if line.send(Order::Say(command)).is_err() {
                return;
            }
        }
    }))
}
