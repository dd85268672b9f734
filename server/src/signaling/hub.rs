//! The hub: one task that owns the switchboard and knows which socket belongs to which device.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::ws::Message as Frame;
use call::id::{DisplayName, Person, Roster, UserId};
use call::protocol::{ClientMsg, CloseReason, Event, Login};
use call::switchboard::{Address, CallRecord, Config, Detachment, Input, Known, Output, Switchboard};
use call::time::Timestamp;
use tokio::sync::{OwnedRwLockReadGuard, RwLock, mpsc};
use tokio::time::{Instant, sleep_until, timeout};

use super::form::Form;
use super::outbox::Outbox;
use super::recorder::{Commit, Recorder};
use crate::clock::Clock;
use crate::desk::token::SessionKey;
use crate::storage::{BlockError, ChangeGroupError, LoggedCall, Storage, StorageError};

/// Messages that may wait for the hub. Beyond that the sockets wait with reading, and TCP with sending.
const INBOX: usize = 1024;
/// How long a socket waits while groups and blocks are being changed.
const ORDER_PATIENCE: Duration = Duration::from_secs(1);
/// How long the hub remembers that a session was closed: longer than a socket may take from its upgrade to its hello.
const REMEMBER_CLOSED: Duration = Duration::from_secs(60);

/// One connection; several may follow one another on the same device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SocketId(u64);

/// A socket that has said hello.
#[derive(Debug)]
pub(super) struct Greeted {
    pub(super) socket: SocketId,
    pub(super) address: Address,
    pub(super) name: DisplayName,
    pub(super) login: Login,
    pub(super) blocks: BTreeSet<UserId>,
    pub(super) session: SessionKey,
    pub(super) outbox: Outbox,
}

#[derive(Debug)]
enum Message {
    Attached(Box<Greeted>),
    Detached {
        socket: SocketId,
        address: Address,
        manner: Detachment,
    },
    Received {
        socket: SocketId,
        from: Address,
        msg: ClientMsg,
        known: Known,
    },
    GroupChanged {
        roster: Roster,
        left: Option<UserId>,
    },
    Blocked {
        by: UserId,
        whom: UserId,
    },
    Unblocked {
        by: UserId,
        whom: UserId,
    },
    PersonJoined(Person),
    SessionClosed(SessionKey),
    Stop,
}

/// How everybody else speaks to the hub. Once the hub has stopped, what is said to it goes nowhere.
#[derive(Clone, Debug)]
pub struct HubHandle {
    inbox: mpsc::Sender<Message>,
    next_socket: Arc<AtomicU64>,
    /// Held to write while a group or a block is changed, and to read while one is looked up, each until the hub has been
    /// told: so it is told of them in the order in which they were stored.
    order: Arc<RwLock<()>>,
}

impl HubHandle {
    /// Somebody signed up.
    pub async fn person_joined(&self, person: Person) {
        self.tell(Message::PersonJoined(person)).await;
    }

    /// Change a group and tell the switchboard what has become of it, and who has `left` it by that.
    pub async fn change_group(
        &self,
        left: Option<UserId>,
        change: impl Future<Output = Result<Roster, ChangeGroupError>> + Send + 'static,
    ) -> Result<(), ChangeGroupError> {
        let told = |roster| Message::GroupChanged { roster, left };
        self.change(change, told).await
    }

    /// Block somebody, and tell the switchboard.
    pub async fn block(
        &self,
        by: UserId,
        whom: UserId,
        change: impl Future<Output = Result<(), BlockError>> + Send + 'static,
    ) -> Result<(), BlockError> {
        self.change(change, |()| Message::Blocked { by, whom }).await
    }

    /// Take a block back, and tell the switchboard.
    pub async fn unblock(
        &self,
        by: UserId,
        whom: UserId,
        change: impl Future<Output = Result<(), StorageError>> + Send + 'static,
    ) -> Result<(), StorageError> {
        self.change(change, |()| Message::Unblocked { by, whom }).await
    }

    /// Change what is stored, and tell the hub what has become of it.
    ///
    /// Once begun, this is finished even if nobody waits for it any more: what is stored must not be kept from the
    /// switchboard by a visitor who goes away.
    async fn change<T, E>(
        &self,
        change: impl Future<Output = Result<T, E>> + Send + 'static,
        told: impl FnOnce(T) -> Message + Send + 'static,
    ) -> Result<(), E>
    where
        T: Send,
        E: From<StorageError> + Send + 'static,
    {
        let hub = self.clone();
        let changing = tokio::spawn(async move {
            let _order = hub.order.write().await;
            let changed = change.await?;
            hub.tell(told(changed)).await;
            Ok(())
        });
        changing.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the task that changes a group or a block failed");
            Err(StorageError::Unavailable(sqlx::Error::WorkerCrashed).into())
        })
    }

    /// No group and no block changes until this is dropped: what is looked up of them meanwhile and told to the hub is true
    /// there. `None` if the storage is too slow: a socket must not stand still for the changes of others.
    pub(super) async fn keep_order(&self) -> Option<OwnedRwLockReadGuard<()>> {
        timeout(ORDER_PATIENCE, Arc::clone(&self.order).read_owned())
            .await
            .ok()
    }

    /// A session is over. It must no longer be in the storage, so that no new socket can be opened with it.
    pub async fn session_closed(&self, key: SessionKey) {
        self.tell(Message::SessionClosed(key)).await;
    }

    /// Close every socket and stop.
    pub async fn stop(&self) {
        self.tell(Message::Stop).await;
    }

    pub(super) fn new_socket(&self) -> SocketId {
        SocketId(self.next_socket.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) async fn attached(&self, greeted: Greeted) {
        self.tell(Message::Attached(Box::new(greeted))).await;
    }

    pub(super) async fn detached(&self, socket: SocketId, address: Address, manner: Detachment) {
        self.tell(Message::Detached {
            socket,
            address,
            manner,
        })
        .await;
    }

    /// A message arrived; `known` is what the storage knows of those whom it names.
    pub(super) async fn received(&self, socket: SocketId, from: Address, msg: ClientMsg, known: Known) {
        self.tell(Message::Received {
            socket,
            from,
            msg,
            known,
        })
        .await;
    }

    /// Comes back when the hub has stopped.
    pub(super) async fn stopped(&self) {
        self.inbox.closed().await;
    }

    async fn tell(&self, message: Message) {
        // An error says that the hub has stopped, and with it everything that this could be about.
        let _ = self.inbox.send(message).await;
    }
}

/// The hub itself.
#[derive(Debug)]
pub struct Hub {
    inbox: mpsc::Receiver<Message>,
    switchboard: Switchboard,
    clock: Clock,
    /// The present socket of each device.
    sockets: BTreeMap<Address, Attached>,
    /// Sessions that were closed lately, oldest first. A socket whose session was still open at its upgrade may say
    /// hello after the session was closed; it is recognized by this.
    closed_sessions: VecDeque<(Timestamp, SessionKey)>,
    /// What the switchboard has ordered and is not done yet. Empty, unless a commit is being waited for.
    line: VecDeque<Step>,
    recorder: Recorder,
    encoded: Option<(Event, Form, Frame)>,
}

#[derive(Debug)]
struct Attached {
    socket: SocketId,
    session: SessionKey,
    outbox: Outbox,
}

/// Something that is done in its turn. It already holds the outbox: if the device opens another socket meanwhile, that
/// one starts with a snapshot and must not see what was meant for the one before.
#[derive(Debug)]
enum Step {
    Send(Outbox, Frame),
    Close(Outbox, CloseReason),
    Wait(Commit),
}

impl Hub {
    /// A hub without sockets, and how to reach it. It does nothing until it [`run`](Self::run)s.
    pub fn new(config: Config, seed: u64, storage: Arc<dyn Storage>) -> (Self, HubHandle) {
        let (sender, inbox) = mpsc::channel(INBOX);
        let hub = Self {
            inbox,
            switchboard: Switchboard::new(config, seed),
            clock: Clock::start(),
            sockets: BTreeMap::new(),
            closed_sessions: VecDeque::new(),
            line: VecDeque::new(),
            recorder: Recorder::spawn(storage),
            encoded: None,
        };
        (
            hub,
            HubHandle {
                inbox: sender,
                next_socket: Arc::default(),
                order: Arc::default(),
            },
        )
    }

    /// Serve until told to stop; then close every socket, and come back when all that was to be stored is.
    pub async fn run(mut self) {
        loop {
            self.do_what_can_be_done();
            let alarm = self
                .switchboard
                .poll_timeout()
                .map(|(at, _)| self.clock.instant(at));
            tokio::select! {
                message = self.inbox.recv() => match message {
                    Some(Message::Stop) | None => break,
                    Some(message) => self.take(message),
                },
                () = sleep_until_some(alarm) => self.handle(Input::Tick),
                () = first_commit(&mut self.line) => {}
            }
        }
        for attached in self.sockets.values() {
            attached.outbox.close(CloseReason::Restarting);
        }
        self.recorder.finish().await;
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Attached(greeted) => self.attach(*greeted),
            Message::Detached {
                socket,
                address,
                manner,
            } => {
                if self.is_present(socket, &address) {
                    self.sockets.remove(&address);
                    self.handle(Input::Detached { address, manner });
                }
            }
            Message::Received {
                socket,
                from,
                msg,
                known,
            } => {
                if self.is_present(socket, &from) {
                    self.handle(Input::Received { from, msg, known });
                }
            }
            Message::GroupChanged { roster, left } => self.handle(Input::GroupChanged { roster, left }),
            Message::Blocked { by, whom } => self.handle(Input::Blocked { by, whom }),
            Message::Unblocked { by, whom } => self.handle(Input::Unblocked { by, whom }),
            Message::PersonJoined(person) => self.handle(Input::PersonJoined(person)),
            Message::SessionClosed(key) => self.close_session(key),
            // Taken by `run`.
            Message::Stop => {}
        }
    }

    fn attach(&mut self, greeted: Greeted) {
        let Greeted {
            socket,
            address,
            name,
            login,
            blocks,
            session,
            outbox,
        } = greeted;
        if self.closed_sessions.iter().any(|(_, closed)| *closed == session) {
            outbox.close(CloseReason::SignedOut);
            return;
        }
        let attached = Attached {
            socket,
            session,
            outbox,
        };
        if let Some(older) = self.sockets.insert(address.clone(), attached) {
            older.outbox.close(CloseReason::Superseded);
        }
        self.handle(Input::Attached {
            address,
            name,
            login,
            blocks,
        });
    }

    fn close_session(&mut self, key: SessionKey) {
        let now = self.clock.now();
        while self
            .closed_sessions
            .front()
            .is_some_and(|(at, _)| now.since(*at) > REMEMBER_CLOSED)
        {
            self.closed_sessions.pop_front();
        }
        self.closed_sessions.push_back((now, key));
        let over: Vec<Address> = self
            .sockets
            .iter()
            .filter(|(_, attached)| attached.session == key)
            .map(|(address, _)| address.clone())
            .collect();
        for address in over {
            if let Some(attached) = self.sockets.remove(&address) {
                attached.outbox.close(CloseReason::SignedOut);
            }
            self.handle(Input::Detached {
                address,
                manner: Detachment::SignedOut,
            });
        }
    }

    /// Whether this is still the device's socket. What an older one has left behind is not listened to.
    fn is_present(&self, socket: SocketId, address: &Address) -> bool {
        self.sockets
            .get(address)
            .is_some_and(|attached| attached.socket == socket)
    }

    fn handle(&mut self, input: Input) {
        self.switchboard.handle(self.clock.now(), input);
        while let Some(output) = self.switchboard.poll_output() {
            match output {
                Output::Deliver { to, event } => {
                    if let Some(attached) = self.sockets.get(&to) {
                        let outbox = attached.outbox.clone();
                        if let Some(text) = self.encode(event, outbox.form()) {
                            self.line.push_back(Step::Send(outbox, text));
                        }
                    }
                }
                Output::Close { to, reason } => {
                    if let Some(attached) = self.sockets.remove(&to) {
                        self.line.push_back(Step::Close(attached.outbox, reason));
                    }
                }
                Output::Record(record) => {
                    let commit = self.recorder.record(self.logged(record));
                    self.line.push_back(Step::Wait(commit));
                }
            }
        }
    }

    /// The event as a frame. An event that goes to many devices comes many times in a row, and is encoded once.
    fn encode(&mut self, event: Event, form: Form) -> Option<Frame> {
        if let Some((encoded, encoded_form, frame)) = &self.encoded
            && *encoded == event
            && *encoded_form == form
        {
            return Some(frame.clone());
        }
        let frame = form.encode(&event)?;
        self.encoded = Some((event, form, frame.clone()));
        Some(frame)
    }

    fn logged(&self, record: CallRecord) -> LoggedCall {
        let CallRecord {
            call,
            caller,
            callee,
            call_type,
            outcome,
            connected,
            invited_at,
            kept_from_callee,
        } = record;
        let placed_at = self.clock.date(invited_at);
        LoggedCall {
            call,
            caller,
            callee,
            call_type,
            outcome,
            connected,
            placed_at,
            kept_from_callee,
        }
    }

    fn do_what_can_be_done(&mut self) {
        while let Some(step) = self.line.pop_front() {
            match step {
                Step::Send(outbox, text) => outbox.send(text),
                Step::Close(outbox, reason) => outbox.close(reason),
                Step::Wait(commit) => {
                    self.line.push_front(Step::Wait(commit));
                    return;
                }
            }
        }
    }
}

async fn sleep_until_some(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => future::pending().await,
    }
}

/// Wait for the commit at the head of the line, and take it off; without one, forever. Safe to cancel.
async fn first_commit(line: &mut VecDeque<Step>) {
    match line.front_mut() {
        Some(Step::Wait(commit)) => commit.settled().await,
        Some(Step::Send(..) | Step::Close(..)) | None => future::pending().await,
    }
    line.pop_front();
}
