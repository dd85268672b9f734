//! One person's phone without media.
//!
//! 1. It opens a socket, with its userSig, and says hello. If that fails it tries again, as the site does.
//! 2. It answers every invitation as soon as it hears of it, and carries out its orders.
//! 3. Whatever it hears it notes, with the moment at which it was read.
//! 4. When the socket is lost, it opens another one, takes over what the server says, and repeats what the server does not have.

use std::collections::VecDeque;
use std::future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use call::id::{CommandId, DeviceId, InviteId, UserId};
use call::media::MediaState;
use call::protocol::{
    ClientMsg, CloseReason, Command, Event, Hello, Login, Resume, VERSION, Welcome, compact,
};
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::figures::Dice;
use crate::login;

/// What the site waits before each try, in milliseconds; by lot it is longer or shorter by up to a quarter.
const WAITS_MS: [u64; 6] = [0, 300, 1_200, 2_700, 4_800, 7_000];
const JITTER: u64 = 4;
/// What a robot waits that is in a hurry.
const EAGER_MS: u64 = 10;
/// How long a server may take over a socket and its welcome.
const WELCOME_PATIENCE: Duration = Duration::from_secs(20);
/// Sockets of one address. A system has some 28,000 ports an address, and a server may allow fewer sockets.
const PER_ADDRESS: u32 = 40;

type Socket = WebSocketStream<TcpStream>;

/// What a robot is to do.
#[derive(Debug)]
pub(crate) enum Order {
    /// Send a command.
    Say(Command),
    /// Lose the connection, without a word.
    Cut,
    /// Read nothing more, and take nothing more.
    StopReading,
}

/// What a robot has to tell.
#[derive(Debug)]
pub(crate) struct Note {
    /// Which robot.
    pub(crate) who: usize,
    /// When it happened to it.
    pub(crate) at: Instant,
    /// What happened.
    pub(crate) news: News,
}

/// What can happen to a robot.
#[derive(Debug)]
pub(crate) enum News {
    /// It was welcomed, for the first time or again.
    Welcomed(Box<Welcome>),
    /// Something that the server has said.
    Heard(Box<Event>),
    /// Its socket is gone, perhaps with a close code. It tries again, unless the code says not to.
    Lost(Option<u16>),
    /// It could not connect, and tries again. While the server is away that is as it should be.
    Failed(String),
}

/// How long a robot waits before it tries to connect again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Temper {
    /// As long as the site does.
    Patient,
    /// Hardly at all: to have many rounds in little time.
    Eager,
}

impl Temper {
    fn wait(self, tries: usize, dice: &mut Dice) -> Duration {
        let wait = WAITS_MS.get(tries).or(WAITS_MS.last()).copied().unwrap_or(0);
        let most = wait / JITTER;
        Duration::from_millis(match self {
            _ if wait == 0 => 0,
            Self::Patient => wait - most + dice.below(2 * most + 1),
            Self::Eager => EAGER_MS,
        })
    }
}

/// Everything that a robot is made of.
pub(crate) struct Robot {
    /// Its number.
    pub(crate) n: usize,
    /// Its person.
    pub(crate) user: UserId,
    /// Where the server is.
    pub(crate) addr: SocketAddr,
    /// How much the system keeps for it before it reads, if not the usual.
    pub(crate) receive_buffer: Option<u32>,
    /// How it waits.
    pub(crate) temper: Temper,
    /// Sockets that may be opened at one moment.
    pub(crate) opening: Arc<Semaphore>,
    /// What it is told to do. It ends with this.
    pub(crate) orders: mpsc::UnboundedReceiver<Order>,
    /// Where it says what happens.
    pub(crate) notes: mpsc::UnboundedSender<Note>,
    /// Commands that the server has not acknowledged.
    pub(crate) open_commands: VecDeque<ClientMsg>,
    /// The number of the next command.
    pub(crate) next: CommandId,
    /// What it shows on its next socket, to be told only what it has missed: the token of its last welcome, and what it has heard
    /// since.
    pub(crate) resume: Option<Resume>,
}

/// How it ends with a socket.
enum End {
    /// Nobody wants the robot any more.
    Over,
    /// It was lost.
    Lost(Option<u16>),
}

impl Robot {
    /// Live until nobody gives orders any more.
    pub(crate) async fn live(mut self) {
        let mut dice = Dice::new(self.n as u64);
        let mut tries = 0;
        loop {
            sleep(self.temper.wait(tries, &mut dice)).await;
            tries += 1;
            let (mut socket, invitations) = match self.connect().await {
                Ok((socket, welcome)) => {
                    tries = 0;
                    let invitations: Vec<InviteId> = welcome.invitations.iter().map(|it| it.invite).collect();
                    self.note(Instant::now(), News::Welcomed(welcome));
                    (socket, invitations)
                }
                Err(error) => {
                    self.note(Instant::now(), News::Failed(format!("{error:#}")));
                    if self.orders.is_closed() {
                        return;
                    }
                    continue;
                }
            };
            match self.talk(&mut socket, invitations).await {
                Ok(End::Over) => {
                    // As a tab that is closed. If the server is gone already, so is the socket.
                    drop(socket.close(None).await);
                    return;
                }
                Ok(End::Lost(code)) => {
                    self.note(Instant::now(), News::Lost(code));
                    if code.is_some_and(|code| !CloseReason::may_reconnect(code)) {
                        return;
                    }
                }
                Err(_) => self.note(Instant::now(), News::Lost(None)),
            }
        }
    }

    async fn connect(&mut self) -> Result<(Socket, Box<Welcome>)> {
        let opening = Arc::clone(&self.opening);
        let _permit = opening.acquire().await?;
        let mut socket = timeout(WELCOME_PATIENCE, self.open())
            .await
            .context("the server does not answer")??;
        let hello = ClientMsg {
            id: CommandId(0),
            command: Command::Hello(Hello {
                version: VERSION,
                device: DeviceId::from_bits(1 + self.n as u64),
                login: Login::Shared,
                resume: self.resume,
            }),
        };
        send(&mut socket, &hello).await?;
        let welcome = timeout(WELCOME_PATIENCE, self.welcomed(&mut socket))
            .await
            .context("there is no welcome")??;
        self.acknowledge(welcome.last_command);
        self.resume = welcome.resume.map(|token| Resume { token, received: 0 });
        for msg in &self.open_commands {
            send(&mut socket, msg).await?;
        }
        Ok((socket, welcome))
    }

    /// The welcome. What comes before it is what this robot has missed; an invitation among it is in the welcome too, if it is
    /// still open.
    async fn welcomed(&mut self, socket: &mut Socket) -> Result<Box<Welcome>> {
        loop {
            match socket.next().await.context("closed without a welcome")?? {
                Message::Binary(bytes) => match compact::decode(&bytes)? {
                    Event::Welcomed(welcome) => return Ok(welcome),
                    missed if self.resume.is_some() => self.take(Instant::now(), missed),
                    other => bail!("no welcome, but {other:?}"),
                },
                Message::Close(frame) => bail!("closed instead of a welcome: {frame:?}"),
                _ => {}
            }
        }
    }

    async fn open(&self) -> Result<Socket> {
        let tcp = TcpSocket::new_v4()?;
        if let Some(bytes) = self.receive_buffer {
            tcp.set_recv_buffer_size(bytes)?;
        }
        let group = u32::try_from(self.n)? / PER_ADDRESS;
        let from = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 0x100 + group);
        tcp.bind(SocketAddr::from((from, 0)))?;
        let stream = tcp.connect(self.addr).await?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{}/sdk/ws", self.addr).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("origin", format!("http://{}", self.addr).parse()?);
        let protocols = format!("{}, {}", compact::SUBPROTOCOL, login::subprotocol(&self.user)?);
        headers.insert("sec-websocket-protocol", protocols.parse()?);
        let small = WebSocketConfig::default()
            .read_buffer_size(1024)
            .write_buffer_size(0);
        let (socket, _) = client_async_with_config(request, stream, Some(small)).await?;
        Ok(socket)
    }

    async fn talk(&mut self, socket: &mut Socket, invitations: Vec<InviteId>) -> Result<End> {
        for invite in invitations {
            self.answer(socket, invite).await?;
        }
        loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Order::Say(command)) => self.say(socket, command).await?,
                    Some(Order::Cut) => return Ok(End::Lost(None)),
                    Some(Order::StopReading) => return future::pending().await,
                    None => return Ok(End::Over),
                },
                frame = socket.next() => {
                    let at = Instant::now();
                    match frame {
                        Some(Ok(Message::Binary(bytes))) => {
                            let event = compact::decode(&bytes)?;
                            self.hear(socket, at, event).await?;
                        }
                        Some(Ok(Message::Close(frame))) => {
                            let code = frame.map(|frame| frame.code.into());
                            // The server waits for the answer.
                            drop(socket.flush().await);
                            return Ok(End::Lost(code));
                        }
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => return Ok(End::Lost(None)),
                    }
                }
            }
        }
    }

    async fn hear(&mut self, socket: &mut Socket, at: Instant, event: Event) -> Result<()> {
        if let Event::Invited { invitation } = &event {
            self.answer(socket, invitation.invite).await?;
        }
        self.take(at, event);
        Ok(())
    }

    /// Count what was heard, and note it if it is news.
    fn take(&mut self, at: Instant, event: Event) {
        // These are of the socket alone, and are never said again.
        if !matches!(event, Event::Alive | Event::Restarting { .. })
            && let Some(resume) = &mut self.resume
        {
            resume.received += 1;
        }
        match &event {
            Event::Done { command } => return self.acknowledge(*command),
            Event::Refused { command, .. } => self.acknowledge(*command),
            _ => {}
        }
        self.note(at, News::Heard(Box::new(event)));
    }

    /// Say that it rings, and answer; unless that was said already, and repeated since.
    async fn answer(&mut self, socket: &mut Socket, invite: InviteId) -> Result<()> {
        let is_answer =
            |msg: &ClientMsg| matches!(msg.command, Command::Accept { invite: it, .. } if it == invite);
        if self.open_commands.iter().any(is_answer) {
            return Ok(());
        }
        self.say(socket, Command::ConfirmRinging { invite }).await?;
        let accept = Command::Accept {
            invite,
            media: MediaState::default(),
            signals: Vec::new(),
        };
        self.say(socket, accept).await
    }

    async fn say(&mut self, socket: &mut Socket, command: Command) -> Result<()> {
        let msg = ClientMsg {
            id: self.next,
            command,
        };
        self.next = self.next.next();
        // Signals are not answered; they are of no use later.
        if !matches!(msg.command, Command::Signal { .. }) {
            self.open_commands.push_back(msg.clone());
        }
        send(socket, &msg).await
    }

    fn acknowledge(&mut self, up_to: CommandId) {
        self.open_commands.retain(|msg| msg.id > up_to);
    }

    fn note(&self, at: Instant, news: News) {
        // Nobody reads notes any more when all is over.
        let _ = self.notes.send(Note {
            who: self.n,
            at,
            news,
        });
    }
}

async fn send(socket: &mut Socket, msg: &ClientMsg) -> Result<()> {
    Ok(socket.send(Message::binary(compact::encode(msg))).await?)
}
