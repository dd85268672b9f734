//! A crowd takes connections and gives nothing, or a byte a second, while others want to see a page.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{interval, sleep, timeout};

use super::{Scale, check_log};
use crate::figures::Latencies;
use crate::report::Report;
use crate::server::Server;

/// How soon each of them is to be closed.
const GOAL: Duration = Duration::from_secs(10);
/// How long they are waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often somebody else wants to see a page.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// The crowd has an address of its own.
const CROWD: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 9);

/// What a client has to say before it takes its time.
const BEGINNINGS: [&[u8]; 4] = [
    b"",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\n",
    b"POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Length: 1000\r\n\r\n",
];

pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let crowd: usize = scale.pick(1000, 100);
    let limit: usize = 1024;
    let mut report = Report::new(scale);
    let server = Server::start(&binary).await?;
    let addr = server.addr();
    see_a_page(addr).await?;

    let mut slow = Vec::new();
    for number in 0..crowd {
        let beginning = BEGINNINGS[number % BEGINNINGS.len()];
        // Half of them say nothing more, half of them a byte a second.
        let drips = number / BEGINNINGS.len() % 2 == 1;
        slow.push(take_time(connect(addr).await?, beginning, drips));
    }
    let mut all = Box::pin(timeout(PATIENCE, join_all(slow)));
    let mut seen = Latencies::default();
    let ends = loop {
        tokio::select! {
            ends = &mut all => break ends,
            took = see_a_page(addr) => seen.add(took?),
        }
    };
    let mut closed = Latencies::default();
    for took in ends.context("some were never closed")? {
        closed.add(took?);
    }
    report.exactly("closed", closed.len() as f64, crowd as f64);
    report.within("closed, longest", closed.longest(), GOAL);
    report.note_times("a page for others meanwhile", &seen);
    report.within(
        "a page for others meanwhile, p99",
        seen.percentile(99),
        Duration::from_millis(100),
    );

    // And more of one address than it may have.
    let mut held = Vec::new();
    for _ in 0..limit + 100 {
        held.push(connect(addr).await?);
    }
    let refused = join_all(held.iter_mut().map(is_refused)).await;
    let refused = refused.into_iter().filter(|refused| *refused).count();
    report.exactly(
        "connections of one address over its limit, closed at once",
        refused as f64,
        100.0,
    );
    report.within(
        "a page for others then",
        see_a_page(addr).await?,
        Duration::from_millis(100),
    );
    check_log(&server, &mut report)?;
    Ok(report)
}

async fn connect(addr: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((CROWD, 0).into())?;
    socket.connect(addr).await.context("no connection for the crowd")
}

/// Take time until the other side has had enough, and tell how long that took.
async fn take_time(mut stream: TcpStream, beginning: &[u8], drips: bool) -> Result<Duration> {
    stream.write_all(beginning).await?;
    let began = Instant::now();
    let mut seconds = interval(Duration::from_secs(1));
    let mut buffer = [0; 1024];
    loop {
        tokio::select! {
            _ = seconds.tick(), if drips => if stream.write_all(b"x").await.is_err() { break },
            read = stream.read(&mut buffer) => if !matches!(read, Ok(1..)) { break },
        }
    }
    Ok(began.elapsed())
}

/// See a page as a browser does that was not here before. How long that took.
async fn see_a_page(addr: SocketAddr) -> Result<Duration> {
    sleep(LOOK_EVERY).await;
    let began = Instant::now();
    let mut stream = TcpStream::connect(addr).await?;
    stream
        .write_all(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await?;
    let mut page = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut page)).await??;
    anyhow::ensure!(page.starts_with(b"HTTP/1.1 200"), "no page was shown");
    Ok(began.elapsed())
}

/// Whether it is closed before it has said anything, and long before it would be waited for no longer.
async fn is_refused(stream: &mut TcpStream) -> bool {
    let end = timeout(Duration::from_secs(2), stream.read(&mut [0])).await;
    end.is_ok_and(|read| !matches!(read, Ok(1..)))
}
