//! The hub: one task that owns the switchboard and knows which socket belongs to which device.
//!
//! A login ends by itself: a session does, and a userSig does. Whoever is in a call then stays until it is over, but
//! begins nothing new.

mod handle;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Message as Frame;
use call::protocol::{CloseReason, Command, Event};
use call::switchboard::{Address, CallRecord, Config, Detachment, Input, Output, Switchboard};
use call::time::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::form::Form;
use super::outbox::Outbox;
use super::recorder::{Commit, Recorder};
use crate::clock::{Clock, UnixMillis};
use crate::desk::Credential;
use crate::desk::token::SessionKey;
use crate::storage::{LoggedCall, Storage};

pub use handle::HubHandle;
use handle::Message;
pub(super) use handle::{Greeted, SocketId};

/// How long the hub remembers that a session was closed: longer than a socket may take from its upgrade to its hello.
const REMEMBER_CLOSED: Duration = Duration::from_secs(60);

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
    /// Devices whose login has ended while they were in a call. Some may be gone meanwhile, or back with a new one.
    overdue: BTreeSet<Address>,
    /// What the switchboard has ordered and is not done yet. Empty, unless a commit is being waited for.
    line: VecDeque<Step>,
    recorder: Recorder,
    encoded: Option<(Event, Form, Frame)>,
}

#[derive(Debug)]
struct Attached {
    socket: SocketId,
    session: SessionKey,
    credential: Credential,
    expires_at: UnixMillis,
    outbox: Outbox,
}

impl Attached {
    fn is_expired(&self) -> bool {
        UnixMillis::now() >= self.expires_at
    }
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
        let (handle, inbox) = HubHandle::new();
        let hub = Self {
            inbox,
            switchboard: Switchboard::new(config, seed),
            clock: Clock::start(),
            sockets: BTreeMap::new(),
            closed_sessions: VecDeque::new(),
            overdue: BTreeSet::new(),
            line: VecDeque::new(),
            recorder: Recorder::spawn(storage),
            encoded: None,
        };
        (hub, handle)
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
                if self.present(socket, &address).is_some() {
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
                let Some(attached) = self.present(socket, &from) else {
                    return;
                };
                if begins_something(&msg.command) && attached.is_expired() {
                    self.close_expired(&from);
                } else {
                    self.handle(Input::Received { from, msg, known });
                }
            }
            Message::GroupChanged { roster, left } => self.handle(Input::GroupChanged { roster, left }),
            Message::Blocked { by, whom } => self.handle(Input::Blocked { by, whom }),
            Message::Unblocked { by, whom } => self.handle(Input::Unblocked { by, whom }),
            Message::PersonJoined(person) => self.handle(Input::PersonJoined(person)),
            Message::SessionClosed(key) => self.close_session(key),
            Message::Expired { socket, address } => {
                if self.present(socket, &address).is_some() {
                    self.overdue.insert(address);
                    self.close_overdue();
                }
            }
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
            credential,
            expires_at,
            outbox,
        } = greeted;
        if self.closed_sessions.iter().any(|(_, closed)| *closed == session) {
            outbox.close(CloseReason::SignedOut);
            return;
        }
        let attached = Attached {
            socket,
            session,
            credential,
            expires_at,
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

    /// Close the sockets that have stayed for the rest of a call which is over now.
    fn close_overdue(&mut self) {
        let done: Vec<Address> = self
            .overdue
            .iter()
            .filter(|address| !self.switchboard.is_in_call(address))
            .cloned()
            .collect();
        for address in done {
            self.overdue.remove(&address);
            if self.sockets.get(&address).is_some_and(Attached::is_expired) {
                self.close_expired(&address);
            }
        }
    }

    /// Close a socket whose login has ended. The device has the usual time to come back with a new one.
    fn close_expired(&mut self, address: &Address) {
        if let Some(attached) = self.sockets.remove(address) {
            // After what was to be delivered before: how the call has ended, most of all.
            let reason = attached.credential.reason_when_expired();
            self.line.push_back(Step::Close(attached.outbox, reason));
            self.handle(Input::Detached {
                address: address.clone(),
                manner: Detachment::Closed,
            });
        }
    }

    /// The device's socket, if it is still this one. What an older one has left behind is not listened to.
    fn present(&self, socket: SocketId, address: &Address) -> Option<&Attached> {
        self.sockets
            .get(address)
            .filter(|attached| attached.socket == socket)
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
        self.close_overdue();
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

/// What nobody may do whose login has ended. The rest belongs to the call that they are in, or changes nothing.
const fn begins_something(command: &Command) -> bool {
    matches!(
        command,
        Command::Call { .. } | Command::Join { .. } | Command::Invite { .. } | Command::Accept { .. }
    )
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
