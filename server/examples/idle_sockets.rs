//! Measures a server with many idle sockets: memory for each of them, and how fast a call rings meanwhile.
//!
//! ```text
//! cargo build --release -p server
//! cargo run --release -p server --example idle_sockets -- target/release/yodel 10000
//! ```
//!
//! It makes a data folder with as many people as there are to be sockets, starts the given program on it, connects, and
//! reads the program's resident memory from `/proc` before and after. Then 1,000 pairs call one another, 100 a second.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use call::id::{CommandId, DeviceId, UserId};
use call::media::{CallType, MediaState};
use call::protocol::{ClientMsg, Command as Order, Event, Hello, Login, VERSION};
use futures::{SinkExt as _, StreamExt as _};
use server::clock::UnixMillis;
use server::desk::SESSION_LENGTH;
use server::desk::token::Token;
use server::storage::sqlite::SqliteStorage;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::interval;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Calls to measure, and how many a second.
const CALLS: usize = 1000;
const CALLS_PER_SECOND: u32 = 100;
/// Connections that are being opened at one moment.
const OPENING: usize = 200;
/// Sockets that come from one loopback address. An address has some 28,000 ports to give.
const PER_ADDRESS: usize = 5000;

/// Somebody, and the token of their session.
struct Resident {
    id: UserId,
    token: Token,
}

/// What a socket has heard: who rang, at what time.
struct Rang {
    callee: usize,
    at: Instant,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let program = args
        .next()
        .context("name the program to measure, like target/release/yodel")?;
    let sockets: usize = args
        .next()
        .map_or(Ok(10_000), |text| text.parse())
        .context("how many sockets?")?;

    let folder = TempDir::new()?;
    let data = folder.path().join("data");
    let residents = Arc::new(settle(&data, sockets).await?);
    let (mut server, addr) = start(&program, &data)?;
    let result = measure(&server, addr, residents).await;
    server.kill()?;
    server.wait()?;
    result
}

/// Fill a data folder with people who are signed in.
async fn settle(data: &Path, count: usize) -> anyhow::Result<Vec<Resident>> {
    let storage = SqliteStorage::open(data).await?;
    storage.close().await;
    let options = SqliteConnectOptions::new().filename(data.join("yodel.db"));
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await?;
    let mut all = pool.begin().await?;
    let now = UnixMillis::now();
    let mut residents = Vec::with_capacity(count);
    for n in 0..count {
        let resident = Resident {
            id: format!("person{n}").parse()?,
            token: Token::random()?,
        };
        sqlx::query(
            "INSERT INTO people (id, folded_id, name, folded_name, password_hash, created_at) \
             VALUES ($1, $1, $1, $1, '', $2)",
        )
        .bind(resident.id.as_str())
        .bind(now.as_millis())
        .execute(&mut *all)
        .await?;
        sqlx::query(
            "INSERT INTO sessions (token_hash, person, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(resident.token.key().to_string())
        .bind(resident.id.as_str())
        .bind(now.as_millis())
        .bind(now.plus(SESSION_LENGTH).as_millis())
        .execute(&mut *all)
        .await?;
        residents.push(resident);
    }
    all.commit().await?;
    Ok(residents)
}

fn start(program: &str, data: &Path) -> anyhow::Result<(Child, SocketAddr)> {
    let mut server = Command::new(program)
        .args(["--addr", "127.0.0.1:0", "--log", "warn", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let output = server.stdout.take().context("no output")?;
    let first = BufReader::new(output)
        .lines()
        .next()
        .context("no announcement")??;
    let port = first.rsplit(':').next().context("no port")?.trim().parse()?;
    Ok((server, SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
}

async fn measure(server: &Child, addr: SocketAddr, residents: Arc<Vec<Resident>>) -> anyhow::Result<()> {
    let count = residents.len();
    let before = resident_bytes(server)?;
    let opening = Arc::new(Semaphore::new(OPENING));
    let (heard, mut rings) = mpsc::unbounded_channel();
    let (ready, mut all_ready) = mpsc::unbounded_channel();
    let mut orders = Vec::with_capacity(count);
    let began = Instant::now();
    // Dropped, and with it every socket, before the server is stopped.
    let mut tasks = JoinSet::new();
    for n in 0..count {
        let (order, ordered) = mpsc::unbounded_channel();
        orders.push(order);
        let (residents, opening) = (Arc::clone(&residents), Arc::clone(&opening));
        let (heard, ready) = (heard.clone(), ready.clone());
        tasks.spawn(async move {
            let result = idle(n, addr, &residents, &opening, ordered, &heard, &ready).await;
            if let Err(error) = result {
                eprintln!("socket {n}: {error:#}");
                // Without it nothing that follows would be true.
                std::process::exit(1);
            }
        });
    }
    for _ in 0..count {
        all_ready.recv().await.context("a socket is missing")?;
    }
    let opened = began.elapsed();
    let after = resident_bytes(server)?;
    println!("{count} sockets opened in {:.1} s", opened.as_secs_f64());
    println!(
        "memory before {before} B, after {after} B: {} B a socket",
        (after - before) / count as u64
    );

    let mut latencies = Vec::with_capacity(CALLS);
    let mut pace = interval(Duration::from_secs(1) / CALLS_PER_SECOND);
    for pair in 0..CALLS.min(count / 2) {
        pace.tick().await;
        let (caller, callee) = (2 * pair, 2 * pair + 1);
        let asked = Instant::now();
        orders[caller].send(residents[callee].id.clone())?;
        loop {
            let rang = rings.recv().await.context("nobody rings")?;
            if rang.callee == callee {
                latencies.push(rang.at.duration_since(asked));
                break;
            }
        }
    }
    latencies.sort();
    if latencies.is_empty() {
        bail!("at least two sockets are needed to call");
    }
    let percentile = |p: usize| latencies[(latencies.len() - 1) * p / 100];
    println!(
        "{} calls, {CALLS_PER_SECOND} a second, invite to ring: p50 {:?}, p99 {:?}, longest {:?}",
        latencies.len(),
        percentile(50),
        percentile(99),
        percentile(100)
    );
    println!("memory at the end {} B", resident_bytes(server)?);
    Ok(())
}

/// One person's socket: says hello, answers pings, calls when told to, and tells when it rings.
async fn idle(
    n: usize,
    addr: SocketAddr,
    residents: &[Resident],
    opening: &Semaphore,
    mut orders: mpsc::UnboundedReceiver<UserId>,
    heard: &mpsc::UnboundedSender<Rang>,
    ready: &mpsc::UnboundedSender<()>,
) -> anyhow::Result<()> {
    let permit = opening.acquire().await?;
    let from = TcpSocket::new_v4()?;
    let last = u8::try_from(2 + n / PER_ADDRESS)?;
    from.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))?;
    let stream = from.connect(addr).await?;
    let mut request = format!("ws://{addr}/ws").into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("origin", format!("http://{addr}").parse()?);
    headers.insert(
        "cookie",
        format!("yodel_session={}", residents[n].token.reveal()).parse()?,
    );
    let (mut socket, _) = client_async(request, stream).await?;
    let hello = Order::Hello(Hello {
        version: VERSION,
        device: DeviceId::from_bits(n as u64),
        login: Login::Shared,
        resume: None,
    });
    socket.send(encode(1, hello)?).await?;
    drop(permit);
    loop {
        tokio::select! {
            Some(callee) = orders.recv() => {
                let call = Order::Call {
                    group: None,
                    invitees: vec![callee],
                    call_type: CallType::Video,
                    ring_seconds: None,
                    note: None,
                    media: MediaState::default(),
                };
                socket.send(encode(2, call)?).await?;
            }
            frame = socket.next() => match frame.context("closed")?? {
                Message::Text(text) => match serde_json::from_str(&text)? {
                    Event::Welcomed(_) => ready.send(())?,
                    Event::Invited { .. } => heard.send(Rang { callee: n, at: Instant::now() })?,
                    _ => {}
                },
                Message::Close(frame) => bail!("closed by the server: {frame:?}"),
                _ => {}
            },
        }
    }
}

fn encode(id: u32, command: Order) -> anyhow::Result<Message> {
    Ok(Message::text(serde_json::to_string(&ClientMsg {
        id: CommandId(id),
        command,
    })?))
}

/// `VmRSS` of a process.
fn resident_bytes(process: &Child) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("no VmRSS")?;
    let kibibytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kibibytes * 1024)
}
