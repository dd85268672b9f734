//! The relay's sockets: one task owns the UDP socket and the [`Relay`], and each stream has a task of its own.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use call::time::Timestamp;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};
use tokio_rustls::TlsAcceptor;

use super::relay::{Client, Moment, Outgoing, Relay};
use super::stream::{self, FromStream};
use super::{SharedSecret, TurnConfig, limits};
use crate::clock::{Clock, UnixMillis};
use crate::connections::limit::Subscriber;
use crate::connections::{Connection, listen, secure, send_promptly};
use crate::metrics::Metrics;

/// How often what is over is forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// Frames of all streams that may wait for the relay. Beyond that the streams wait with reading.
const INBOX: usize = 1024;
/// How long to wait when there are no more files to be had for another stream.
const OUT_OF_FILES: Duration = Duration::from_millis(200);
/// Tries to find a port that is free for both UDP and TCP.
const PORT_TRIES: usize = 16;

/// Why the relay did not start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartTurnError {
    /// Somebody else listens there.
    #[error(
        "the port {} is taken: another program (another TURN server, perhaps) is using {addr}. Stop it, or choose another \
         port with --turn",
        addr.port()
    )]
    AddrInUse {
        /// Where.
        addr: SocketAddr,
    },
    /// The address is not one of this machine's.
    #[error(
        "this machine does not have the address {addr} of --turn. If it is behind a NAT that passes that address on to it, say \
         where to listen as well: --turn-listen 0.0.0.0:{}",
        addr.port()
    )]
    NotHere {
        /// Where.
        addr: SocketAddr,
    },
    /// The operating system does not let the program listen there.
    #[error(
        "cannot relay on {addr}: {source}. Choose an address of this machine and a port above 1023 with --turn"
    )]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// No randomness.
    #[error("the operating system has no randomness to give, and without it no password is safe")]
    Randomness(#[from] getrandom::Error),
}

/// A relay that is running. Dropping it does not stop it.
#[derive(Debug)]
pub struct Turn {
    public: SocketAddr,
    secret: SharedSecret,
    streams: Streams,
    tasks: [JoinHandle<()>; 2],
}

/// Where connections go that speak TURN. A clone leads to the same relay.
#[derive(Clone, Debug)]
pub struct Streams {
    relay: mpsc::Sender<FromStream>,
    next: Arc<AtomicU64>,
}

impl Streams {
    /// Serve a connection from this address until either side closes it. It is counted from now on, however long it takes to
    /// `open`: over TLS, that is the handshake.
    pub async fn serve<S: AsyncRead + AsyncWrite + Send>(
        &self,
        open: impl Future<Output = io::Result<S>>,
        addr: SocketAddr,
    ) {
        let stream = self.next.fetch_add(1, Ordering::Relaxed);
        stream::serve(open, stream, addr, self.relay.clone()).await;
    }
}

impl Turn {
    /// Start a relay that is seen in these figures, and speaks TLS too if there are settings for it. When this comes back, it
    /// answers.
    pub async fn start(
        config: TurnConfig,
        tls: Option<Arc<ServerConfig>>,
        metrics: Metrics,
    ) -> Result<Self, StartTurnError> {
        let TurnConfig { mut public, listen } = config;
        let (tcp, udp) = bind(listen.unwrap_or(public)).await?;
        if public.port() == 0 {
            let port = udp.local_addr().map(|addr| addr.port());
            public.set_port(port.map_err(|source| cannot_listen(public, source))?);
        }
        let secret = SharedSecret::random()?;
        let mut nonce_key = [0; 32];
        getrandom::fill(&mut nonce_key)?;
        let (relay, inbox) = mpsc::channel(INBOX);
        let streams = Streams {
            relay,
            next: Arc::default(),
        };
        let service = Service {
            relay: Relay::new(public.ip(), secret.clone(), nonce_key),
            hears_both: udp.local_addr().is_ok_and(|addr| addr.is_ipv6()),
            udp,
            inbox,
            streams: BTreeMap::new(),
            clock: Clock::start(),
            metrics,
        };
        Ok(Self {
            public,
            secret,
            tasks: [
                tokio::spawn(service.run()),
                tokio::spawn(accept(tcp, streams.clone(), tls.map(TlsAcceptor::from))),
            ],
            streams,
        })
    }

    /// What browsers are told: the real port, if any was asked for.
    pub const fn addr(&self) -> SocketAddr {
        self.public
    }

    /// What the passwords of its users are made from.
    pub const fn secret(&self) -> &SharedSecret {
        &self.secret
    }

    /// The URLs (RFC 7064, RFC 7065) under which browsers find it, the fastest first; by TLS under this host, if its certificate
    /// is for one.
    pub fn urls(&self, tls_host: Option<&str>) -> Vec<String> {
        let addr = self.public;
        let mut urls = vec![
            format!("stun:{addr}"),
            format!("turn:{addr}?transport=udp"),
            format!("turn:{addr}?transport=tcp"),
        ];
        urls.extend(tls_host.map(|host| format!("turns:{host}:{}?transport=tcp", addr.port())));
        urls
    }

    /// Where a listener of another kind passes on the connections that it accepts.
    pub const fn streams(&self) -> &Streams {
        &self.streams
    }

    /// Stop. What it relays stops with it.
    pub async fn stop(self) {
        for task in self.tasks {
            task.abort();
            // It says that it was aborted.
            let _ = task.await;
        }
    }
}

/// The same port for UDP and TCP. Port 0 takes one that is free for both.
async fn bind(addr: SocketAddr) -> Result<(TcpListener, UdpSocket), StartTurnError> {
    let mut tries = if addr.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        let tcp = listen(addr).map_err(|source| cannot_listen(addr, source))?;
        let bound = tcp.local_addr().map_err(|source| cannot_listen(addr, source))?;
        match UdpSocket::bind(bound).await {
            Ok(udp) => return Ok((tcp, udp)),
            Err(source) if tries == 0 => return Err(cannot_listen(bound, source)),
            Err(_) => {}
        }
    }
}

fn cannot_listen(addr: SocketAddr, source: io::Error) -> StartTurnError {
    match source.kind() {
        io::ErrorKind::AddrInUse => StartTurnError::AddrInUse { addr },
        io::ErrorKind::AddrNotAvailable => StartTurnError::NotHere { addr },
        _ => StartTurnError::Listen { addr, source },
    }
}

async fn accept(listener: TcpListener, streams: Streams, tls: Option<TlsAcceptor>) {
    loop {
        match listener.accept().await {
            Ok((connection, addr)) => {
                // Media is not to wait until there is more of it, nor ever longer where it was lost. Where that cannot be had, it does.
                let _ = send_promptly(&connection);
                let (streams, tls) = (streams.clone(), tls.clone());
                tokio::spawn(async move { serve(&streams, connection, addr, tls).await });
            }
            // One client has gone before it was accepted; or there are no more files to be had.
            Err(_) => sleep(OUT_OF_FILES).await,
        }
    }
}

/// Serve a connection as what its first byte says: that of STUN is never the one by which TLS begins (RFC 7983, section 7).
async fn serve(streams: &Streams, connection: TcpStream, addr: SocketAddr, tls: Option<TlsAcceptor>) {
    let Some(tls) = tls else {
        return streams.serve(async { Ok(connection) }, addr).await;
    };
    let open = async {
        let (bytes, _) = secure(connection, &tls).await?;
        Ok(Connection::new(bytes, None))
    };
    streams.serve(open, addr).await;
}

/// The task that relays.
struct Service {
    relay: Relay,
    udp: UdpSocket,
    /// Whether it is a socket of IPv6, which hears IPv4 as well.
    hears_both: bool,
    inbox: mpsc::Receiver<FromStream>,
    streams: BTreeMap<u64, Stream>,
    clock: Clock,
    metrics: Metrics,
}

struct Stream {
    addr: SocketAddr,
    outgoing: mpsc::Sender<Vec<u8>>,
    /// When it was opened, or last seen with an allocation.
    useful_at: Timestamp,
}

impl Service {
    async fn run(mut self) {
        let mut buffer = vec![0; limits::FRAME];
        let mut tidying = interval(TIDY_EVERY);
        loop {
            tokio::select! {
                received = self.udp.recv_from(&mut buffer) => {
                    // An error tells of a client who is gone.
                    if let Ok((length, addr)) = received {
                        let addr = canonical(addr);
                        self.receive(Client::Datagram(addr), addr, &buffer[..length]);
                    }
                }
                Some(message) = self.inbox.recv() => self.hear(message),
                _ = tidying.tick() => self.tidy(),
            }
            self.metrics.relay_allocations(self.relay.allocation_count());
        }
    }

    fn hear(&mut self, message: FromStream) {
        match message {
            FromStream::Opened {
                stream,
                addr,
                outgoing,
            } => {
                let addr = canonical(addr);
                let network = Subscriber::from(addr.ip());
                let of_network = self
                    .streams
                    .values()
                    .filter(|open| Subscriber::from(open.addr.ip()) == network);
                // One too many is closed, because its queue is dropped.
                if self.streams.len() < limits::STREAMS && of_network.count() < limits::STREAMS_PER_NETWORK {
                    let opened = Stream {
                        addr,
                        outgoing,
                        useful_at: self.clock.now(),
                    };
                    self.streams.insert(stream, opened);
                }
            }
            FromStream::Received { stream, frame } => {
                if let Some(addr) = self.streams.get(&stream).map(|stream| stream.addr) {
                    self.receive(Client::Stream(stream), addr, &frame);
                }
            }
            FromStream::Closed { stream } => {
                self.streams.remove(&stream);
                self.relay.closed(Client::Stream(stream));
            }
        }
    }

    fn receive(&mut self, client: Client, addr: SocketAddr, bytes: &[u8]) {
        let now = Moment {
            clock: self.clock.now(),
            date: UnixMillis::now(),
        };
        let Some(Outgoing { to, bytes }) = self.relay.receive(now, client, addr, bytes) else {
            return;
        };
        if to != client {
            self.metrics.relayed(bytes.len());
        }
        match to {
            // What does not get out at once is lost, as datagrams are.
            Client::Datagram(addr) => {
                let _ = self.udp.try_send_to(&bytes, self.reachable(addr));
            }
            Client::Stream(stream) => {
                if let Some(stream) = self.streams.get(&stream) {
                    let _ = stream.outgoing.try_send(bytes);
                }
            }
        }
    }

    /// The socket wants addresses of its own kind.
    fn reachable(&self, addr: SocketAddr) -> SocketAddr {
        match addr {
            SocketAddr::V4(v4) if self.hears_both => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
            SocketAddr::V4(_) | SocketAddr::V6(_) => addr,
        }
    }

    fn tidy(&mut self) {
        let now = self.clock.now();
        self.relay.tidy(now);
        let relay = &self.relay;
        self.streams.retain(|stream, state| {
            if relay.has_allocation(Client::Stream(*stream)) {
                state.useful_at = now;
            }
            now.since(state.useful_at) < limits::STREAM_PATIENCE
        });
    }
}

/// An IPv4 address as such, however the socket tells it.
fn canonical(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(addr.ip().to_canonical(), addr.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn service() -> Service {
        let (relay, inbox) = mpsc::channel(1);
        drop(relay);
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        Service {
            relay: Relay::new(
                udp.local_addr().unwrap().ip(),
                SharedSecret::random().unwrap(),
                [7; 32],
            ),
            udp,
            hears_both: false,
            inbox,
            streams: BTreeMap::new(),
            clock: Clock::start(),
            metrics: Metrics::new(),
        }
    }

    #[tokio::test]
    async fn whoever_has_a_whole_network_of_ipv6_has_no_more_streams_than_with_one_address() {
        let mut service = service().await;
        let mut open = |addr: String| {
            let (outgoing, _) = mpsc::channel(1);
            let stream = u64::try_from(service.streams.len()).unwrap();
            service.hear(FromStream::Opened {
                stream,
                addr: addr.parse().unwrap(),
                outgoing,
            });
            service.streams.len()
        };
        for host in 1..=limits::STREAMS_PER_NETWORK {
            assert_eq!(open(format!("[2001:db8:0:1::{host:x}]:1000")), host);
        }
        let most = limits::STREAMS_PER_NETWORK;
        assert_eq!(open("[2001:db8:0:1:ffff::]:1000".to_owned()), most);
        assert_eq!(
            open("[2001:db8:0:2::1]:1000".to_owned()),
            most + 1,
            "somebody else"
        );
    }
}
