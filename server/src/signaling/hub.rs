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
use call::id::ResumeToken;
use call::protocol::{CloseReason, Command, Event, Resume, Welcome};
use call::switchboard::{
    Address, CallRecord, Change, Config, Detachment, Input, Output, Stored, Switchboard,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::form::Form;
use super::ice::{IceServers, Issued, next_renewal};
use super::lately::Lately;
use super::outbox::Outbox;
use super::recorder::{Commit, Recorder};
use crate::clock::{Clock, UnixMillis};
use crate::desk::Credential;
use crate::desk::token::SessionKey;
use crate::metrics::{HubMetrics, Metrics};
use crate::storage::{CallChange, LoggedCall, Storage};

use handle::Message;
pub(super) use handle::{Greeted, SocketId};
pub use handle::{HubHandle, SessionEnd};

/// How long the hub remembers that a session was closed: longer than a socket may take from its upgrade to its hello.
const REMEMBER_CLOSED: Duration = Duration::from_secs(60);
/// How long what was said to a device is kept for its next socket: as long as a place in a call is kept for it.
const REMEMBER_PARKED: Duration = Duration::from_secs(45);
/// How long the hub remembers with which session a device was here: longer than the switchboard keeps a place in a call for it,
/// even if somebody in the call still hears whoever is away.
const REMEMBER_AWAY: Duration = Duration::from_secs(16 * 60);
/// The soonest that anybody is to come back after a restart, and over how long the others are spread.
const BACK_SOONEST: Duration = Duration::from_secs(1);
const SPREAD: Duration = Duration::from_secs(4);

/// The hub itself.
#[derive(Debug)]
pub struct Hub {
    inbox: mpsc::Receiver<Message>,
    switchboard: Switchboard,
    ice_servers: IceServers,
    clock: Clock,
    /// The present socket of each device.
    sockets: BTreeMap<Address, Attached>,
    /// What was said, and is being said, to devices that may come back.
    parked: Lately<Address, Parked>,
    /// The session of each device that has no socket at the moment, and may have a place in a call that is kept for it.
    away: Lately<Address, SessionKey>,
    /// Sessions that were closed lately. A socket whose session was still open at its upgrade may say hello after the session
    /// was closed; it is recognized by this.
    closed_sessions: Lately<SessionKey, ()>,
    /// Devices whose login has ended while they were in a call. Some may be gone meanwhile, or back with a new one.
    overdue: BTreeSet<Address>,
    /// What the switchboard has ordered and is not done yet. Empty, unless a commit is being waited for.
    line: VecDeque<Step>,
    recorder: Recorder,
    encoded: Option<(Event, Form, Frame)>,
    metrics: HubMetrics,
}

#[derive(Debug)]
struct Attached {
    socket: SocketId,
    session: SessionKey,
    credential: Credential,
    expires_at: UnixMillis,
    ice_issued: Issued,
    outbox: Outbox,
    /// What the device shows to be told what it has missed; none while it has not been welcomed.
    resume: Option<ResumeToken>,
    /// Whether it has been told that already.
    gap_free: bool,
}

/// A device whose socket is gone.
#[derive(Debug)]
struct Parked {
    outbox: Outbox,
    resume: ResumeToken,
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
    /// Say to a socket what was said to the one before it, after so many messages.
    Repeat {
        before: Outbox,
        received: u32,
        to: Outbox,
    },
    Welcome(Outbox, Frame),
    Send(Outbox, Frame),
    Close(Outbox, CloseReason),
    Wait(Commit),
    /// All that a command has caused is done; this is when it came.
    Answered(Instant),
}

impl Hub {
    /// A hub without sockets, and how to reach it. It does nothing until it [`run`](Self::run)s.
    pub fn new(
        config: Config,
        ice_servers: IceServers,
        seed: u64,
        storage: Arc<dyn Storage>,
        metrics: &Metrics,
    ) -> (Self, HubHandle) {
        let (handle, inbox) = HubHandle::new();
        let recorder = Recorder::spawn(storage, handle.storage_health().clone(), metrics.clone());
        let hub = Self {
            inbox,
            switchboard: Switchboard::new(config, seed),
            ice_servers,
            clock: Clock::start(),
            sockets: BTreeMap::new(),
            parked: Lately::new(REMEMBER_PARKED),
            away: Lately::new(REMEMBER_AWAY),
            closed_sessions: Lately::new(REMEMBER_CLOSED),
            overdue: BTreeSet::new(),
            line: VecDeque::new(),
            recorder,
            encoded: None,
            metrics: HubMetrics::new(metrics.clone()),
        };
        (hub, handle)
    }

    /// Go on with the calls of a server before this one.
    pub fn restore(&mut self, stored: Stored) {
        self.switchboard.restore(self.clock.now(), stored);
        self.carry_out();
    }

    /// Serve until told to stop; then close every socket, and come back when all that was to be stored is.
    pub async fn run(mut self) {
        let mut renewals = self.ice_servers.renewals();
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
                () = next_renewal(&mut renewals) => self.renew_ice_servers(),
            }
        }
        while !self.line.is_empty() {
            first_commit(&mut self.line).await;
            self.do_what_can_be_done();
        }
        self.send_everybody_away();
        self.recorder.finish().await;
    }

    /// Tell everybody when to come back: those in calls first, and not all at once.
    fn send_everybody_away(&self) {
        let (mut order, others): (Vec<_>, Vec<_>) = self
            .sockets
            .iter()
            .partition(|(address, _)| self.switchboard.is_in_call(address));
        order.extend(others);
        let apart = SPREAD.checked_div(u32::try_from(order.len()).unwrap_or(u32::MAX));
        for (number, (_, attached)) in (0..).zip(order) {
            let come_back_in = BACK_SOONEST + apart.unwrap_or_default() * number;
            let event = Event::Restarting {
                come_back_in_ms: u32::try_from(come_back_in.as_millis()).unwrap_or(u32::MAX),
            };
            if let Some(frame) = attached.outbox.form().encode(&event) {
                attached.outbox.send(frame);
            }
            attached.outbox.close(CloseReason::Restarting);
        }
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
                    if let Some(attached) = self.sockets.remove(&address) {
                        self.away
                            .insert(self.clock.now(), address.clone(), attached.session);
                        self.park(&address, attached);
                    }
                    self.handle(Input::Detached { address, manner });
                }
            }
            Message::Received {
                socket,
                from,
                msg,
                known,
                came_at,
            } => {
                let Some(attached) = self.present(socket, &from) else {
                    return;
                };
                if begins_something(&msg.command) && attached.is_expired() {
                    self.close_expired(&from);
                } else {
                    self.handle(Input::Received { from, msg, known });
                    self.line.push_back(Step::Answered(came_at));
                }
            }
            Message::GroupChanged { roster, left } => self.handle(Input::GroupChanged { roster, left }),
            Message::Blocked { by, whom } => self.handle(Input::Blocked { by, whom }),
            Message::Unblocked { by, whom } => self.handle(Input::Unblocked { by, whom }),
            Message::PersonJoined(person) => self.handle(Input::PersonJoined(person)),
            Message::SessionEnded(SessionEnd::Closed(key)) => self.close_session(key),
            Message::SessionEnded(SessionEnd::Replaced { old, new, expires_at }) => {
                // A socket that was upgraded with the old one and has not said hello yet comes too late.
                self.closed_sessions.insert(self.clock.now(), old, ());
                for attached in self.sockets.values_mut().filter(|socket| socket.session == old) {
                    attached.session = new;
                    attached.expires_at = expires_at;
                }
                for session in self.away.values_mut().filter(|session| **session == old) {
                    *session = new;
                }
            }
            Message::Expired { socket, address } => {
                if self.present(socket, &address).is_some() {
                    self.overdue.insert(address);
                    self.close_overdue();
                }
            }
            // Whoever asks may have gone away.
            Message::Asked(answer) => drop(answer.send(())),
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
            resume,
            blocks,
            session,
            credential,
            expires_at,
            outbox,
        } = greeted;
        if self.closed_sessions.get(&session).is_some() {
            outbox.close(CloseReason::SignedOut);
            return;
        }
        if let Some(older) = self.sockets.remove(&address) {
            older.outbox.close(CloseReason::Superseded);
            self.park(&address, older);
        }
        self.away.remove(&address);
        // Whatever it shows, it is good once.
        let parked = self.parked.remove(&address);
        let gap_free = resume.is_some_and(|resume| self.repeat(parked, resume, &outbox));
        let attached = Attached {
            socket,
            session,
            credential,
            expires_at,
            ice_issued: Issued::default(),
            outbox,
            resume: None,
            gap_free,
        };
        self.sockets.insert(address.clone(), attached);
        self.handle(Input::Attached {
            address,
            name,
            login,
            blocks,
        });
    }

    /// Keep what was said to a device whose socket is gone.
    fn park(&mut self, address: &Address, attached: Attached) {
        let Attached { outbox, resume, .. } = attached;
        if let Some(resume) = resume {
            outbox.abandon();
            let parked = Parked { outbox, resume };
            self.parked.insert(self.clock.now(), address.clone(), parked);
        }
    }

    /// Say on a device's new socket what it has missed on the one before, if that is known.
    fn repeat(&mut self, parked: Option<Parked>, resume: Resume, to: &Outbox) -> bool {
        let Some(parked) = parked.filter(|parked| parked.resume == resume.token) else {
            return false;
        };
        if parked.outbox.said_after(resume.received).is_none() {
            return false;
        }
        // In its turn: what is still held back for the socket before belongs to it.
        self.line.push_back(Step::Repeat {
            before: parked.outbox,
            received: resume.received,
            to: to.clone(),
        });
        true
    }

    fn close_session(&mut self, key: SessionKey) {
        self.closed_sessions.insert(self.clock.now(), key, ());
        let present = self
            .sockets
            .iter()
            .filter(|(_, attached)| attached.session == key);
        // Whoever is away for a moment is not to talk on while their place is kept.
        let away = self.away.iter().filter(|(_, session)| **session == key);
        let over: Vec<Address> = present
            .map(|(address, _)| address)
            .chain(away.map(|(address, _)| address))
            .cloned()
            .collect();
        for address in over {
            self.away.remove(&address);
            self.parked.remove(&address);
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
            self.away
                .insert(self.clock.now(), address.clone(), attached.session);
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
        let now = self.clock.now();
        self.metrics.heard(now, &input);
        self.switchboard.handle(now, input);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        let now = self.clock.now();
        while let Some(output) = self.switchboard.poll_output() {
            self.metrics.said(now, &output);
            match output {
                Output::Deliver {
                    to,
                    event: Event::Welcomed(welcome),
                } => self.welcome(&to, *welcome),
                Output::Deliver { to, event } => {
                    let now = self.clock.now();
                    if let Some(attached) = self.sockets.get_mut(&to)
                        && let Some(renewed) =
                            self.ice_servers
                                .before(&event, &to.user, now, &mut attached.ice_issued)
                    {
                        self.deliver(&to, renewed);
                    }
                    self.deliver(&to, event);
                }
                Output::Close { to, reason } => {
                    if let Some(attached) = self.sockets.remove(&to) {
                        self.line.push_back(Step::Close(attached.outbox, reason));
                    }
                }
                Output::Commit(changes) => {
                    let changes = changes.into_iter().map(|change| match change {
                        Change::Call(call) => CallChange::Running(call),
                        Change::CallOver(call) => CallChange::Over(call),
                        Change::Record(record) => CallChange::Logged(self.logged(record)),
                    });
                    let commit = self.recorder.record(changes);
                    self.line.push_back(Step::Wait(commit));
                }
            }
        }
        self.metrics.calls(self.switchboard.call_count());
        self.close_overdue();
    }

    /// Welcome a device, with what it is to show next time.
    fn welcome(&mut self, to: &Address, welcome: Welcome) {
        let Some(attached) = self.sockets.get_mut(to) else {
            return;
        };
        // Without randomness nobody resumes, and everybody begins with a snapshot.
        attached.resume = getrandom::u64().ok().map(ResumeToken::from_bits);
        let now = self.clock.now();
        let (ice_servers, relay_only) = self.ice_servers.first(&to.user, now, &mut attached.ice_issued);
        let welcome = Welcome {
            ice_servers,
            relay_only,
            resume: attached.resume,
            gap_free: attached.gap_free,
            ..welcome
        };
        let outbox = attached.outbox.clone();
        if let Some(frame) = outbox.form().encode(&Event::Welcomed(Box::new(welcome))) {
            self.line.push_back(Step::Welcome(outbox, frame));
        }
    }

    fn deliver(&mut self, to: &Address, event: Event) {
        let present = self.sockets.get(to).map(|attached| &attached.outbox);
        let outbox = present.or_else(|| self.parked.get(to).map(|parked| &parked.outbox));
        if let Some(outbox) = outbox.cloned()
            && let Some(frame) = self.encode(event, outbox.form())
        {
            self.line.push_back(Step::Send(outbox, frame));
        }
    }

    /// Links of calls that last may have to look for another way at any time.
    fn renew_ice_servers(&mut self) {
        let now = self.clock.now();
        let mut renewed = Vec::new();
        for (address, attached) in &mut self.sockets {
            if self.switchboard.is_in_call(address)
                && let Some(event) = self
                    .ice_servers
                    .renew(&address.user, now, &mut attached.ice_issued)
            {
                renewed.push((address.clone(), event));
            }
        }
        for (to, event) in renewed {
            self.deliver(&to, event);
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
                Step::Repeat { before, received, to } => match before.said_after(received) {
                    Some(missed) => missed.into_iter().for_each(|frame| to.send(frame)),
                    // Very much was held back. The device comes again, and gets a snapshot.
                    None => to.close(CloseReason::TooSlow),
                },
                Step::Welcome(outbox, frame) => outbox.send_welcome(frame),
                Step::Send(outbox, frame) => outbox.send(frame),
                Step::Close(outbox, reason) => outbox.close(reason),
                Step::Answered(came_at) => self.metrics.answered(came_at),
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
        Some(
            Step::Repeat { .. } | Step::Welcome(..) | Step::Send(..) | Step::Close(..) | Step::Answered(_),
        )
        | None => future::pending().await,
    }
    line.pop_front();
}
