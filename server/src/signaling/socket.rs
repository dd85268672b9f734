//! One socket, from its upgrade to its end.
//!
//! 1. The first message must be a hello in this version of the protocol, and come soon.
//! 2. The hub is told, and closes whatever socket the device had before.
//! 3. Frames go to the hub, checked; what is in the outbox goes out. Every few seconds each side is shown whether the other
//!    one is there at all.
//! 4. The hub is told how it ended.

use std::future::pending;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::Message;
use call::id::{CommandId, DisplayName, Person, UserId};
use call::protocol::{ClientMsg, CloseReason, Command, Event, Hello, Refusal, VERSION, limits};
use call::switchboard::{Address, Detachment, Known};
use futures::{FutureExt as _, Sink, SinkExt as _, Stream, StreamExt as _};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};

use super::form::{Form, Malformed};
use super::hub::{Greeted, HubHandle, SocketId};
use super::outbox::{Outbox, Outgoing};
use super::rates::CallRates;
use super::upgrade::close_frame;
use crate::clock::UnixMillis;
use crate::desk::{Credential, SignedIn};
use crate::metrics::ClosedBy;
use crate::realm::Realm;
use crate::site::OpenSocket;
use crate::storage::{Storage, StorageError};

use End::Closing;

/// How long a client may take to say hello.
const HELLO_PATIENCE: Duration = Duration::from_secs(10);
/// How often the other side is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(5);
/// How long nothing may be heard from it, and how long it may take to accept what it is sent.
const SILENCE: Duration = Duration::from_secs(15);
/// How long it may take over an answer, at the least: this side may be late, and then it has been asked late as well.
const ANSWER: Duration = SILENCE.saturating_sub(PING_EVERY);
/// How long an orderly end may take.
const GOODBYE: Duration = Duration::from_secs(2);

const MESSAGES_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(limits::MESSAGES_PER_SECOND - 1);
const MESSAGE_BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(limits::MESSAGE_BURST - 1);

/// A socket of somebody who has signed in.
pub struct Socket {
    who: SignedIn,
    hub: HubHandle,
    storage: Arc<dyn Storage>,
    call_rates: Arc<CallRates>,
    outbox: Outbox,
    rate: DefaultDirectRateLimiter,
    /// Tells the server that it has to wait for this socket when it stops.
    open: OpenSocket,
}

/// How a socket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The other side closed it.
    Closed,
    /// The other side is silent, or takes nothing more.
    Silent,
    /// This side closes it.
    Closing(CloseReason),
}

impl End {
    /// How the switchboard is to see it. (After a sign-out, or when a newer socket has taken over, the hub knows better
    /// and does not listen.)
    const fn manner(self) -> Detachment {
        match self {
            Self::Silent | Self::Closing(CloseReason::TooSlow) => Detachment::Silent,
            Self::Closed | Self::Closing(_) => Detachment::Closed,
        }
    }
}

/// What comes next.
enum Turn {
    Outgoing(Outgoing),
    Incoming(Option<Result<Message, axum::Error>>),
    Ask,
}

/// Until when the other side may be silent that was heard, and then asked whether it is there.
fn given_up_at(heard_at: Instant, asked_at: Instant) -> Instant {
    (heard_at + SILENCE).max(asked_at + ANSWER)
}

impl From<End> for ClosedBy {
    fn from(end: End) -> Self {
        match end {
            End::Closed => Self::Client,
            End::Silent => Self::Silence,
            End::Closing(reason) => Self::Server(reason),
        }
    }
}

impl Socket {
    /// For whoever has signed in to a realm. `open` counts it.
    pub fn new(who: SignedIn, form: Form, realm: &Realm, open: OpenSocket) -> Self {
        Self {
            who,
            hub: realm.hub().clone(),
            storage: Arc::clone(realm.storage()),
            call_rates: Arc::clone(realm.call_rates()),
            outbox: Outbox::new(form),
            rate: RateLimiter::direct(Quota::per_second(MESSAGES_PER_SECOND).allow_burst(MESSAGE_BURST)),
            open,
        }
    }

    /// Serve it to its end.
    pub async fn run<S>(self, mut stream: S)
    where
        S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin,
    {
        let end = match self.wait_for_hello(&mut stream).await {
            Ok(hello) => self.serve(&mut stream, hello).await,
            Err(end) => end,
        };
        tracing::debug!(user = %self.who.session.person.id, ?end, "socket ended");
        self.open.closed_by(end.into());
        match end {
            Closing(reason) => close(&mut stream, reason).await,
            // The other side's goodbye is answered, unless there was none: then this fails at once.
            End::Closed => drop(timeout(GOODBYE, stream.close()).await),
            End::Silent => {}
        }
    }

    async fn wait_for_hello<S>(&self, stream: &mut S) -> Result<Hello, End>
    where
        S: Stream<Item = Result<Message, axum::Error>> + Unpin,
    {
        let hello = async {
            loop {
                if let Some(msg) = self.read(stream.next().await)? {
                    return match msg.command {
                        Command::Hello(hello) if hello.version == VERSION => Ok(hello),
                        _ => Err(Closing(CloseReason::NoHello)),
                    };
                }
            }
        };
        tokio::select! {
            hello = timeout(HELLO_PATIENCE, hello) => hello.unwrap_or(Err(Closing(CloseReason::NoHello))),
            () = self.hub.stopped() => Err(Closing(CloseReason::Restarting)),
        }
    }

    async fn serve<S>(&self, stream: &mut S, hello: Hello) -> End
    where
        S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin,
    {
        let address = Address {
            user: self.who.session.person.id.clone(),
            device: hello.device,
        };
        let socket = self.hub.new_socket();
        if let Err(end) = self.greet(socket, &address, &hello).await {
            return end;
        }

        let mut heard_at = Instant::now();
        // When the oldest question was asked that nothing has come after.
        let mut asked_at = None;
        let mut ping = interval_at(heard_at + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = loop {
            let silence = async {
                match asked_at {
                    Some(asked_at) => sleep_until(given_up_at(heard_at, asked_at)).await,
                    None => pending().await,
                }
            };
            let turn = tokio::select! {
                outgoing = self.outbox.next() => Turn::Outgoing(outgoing),
                frame = stream.next() => Turn::Incoming(frame),
                _ = ping.tick() => Turn::Ask,
                // What has come in time is heard, however late this gets round to it.
                () = silence => match stream.next().now_or_never() {
                    Some(frame) => Turn::Incoming(frame),
                    None => break End::Silent,
                },
            };
            let step = match turn {
                Turn::Outgoing(Outgoing::Message(frame)) => self.send(stream, frame).await,
                Turn::Outgoing(Outgoing::Close(reason)) => Err(Closing(reason)),
                Turn::Incoming(frame) => {
                    heard_at = Instant::now();
                    asked_at = None;
                    match self.read(frame) {
                        Ok(Some(msg)) => {
                            self.pass_on(socket, &address, msg, heard_at).await;
                            Ok(())
                        }
                        Ok(None) => Ok(()),
                        Err(end) => Err(end),
                    }
                }
                Turn::Ask => {
                    if UnixMillis::now() >= self.who.session.expires_at {
                        self.hub.expired(socket, address.clone()).await;
                    }
                    self.outbox.forget_old();
                    let shown = self.show_life(stream).await;
                    asked_at = asked_at.or_else(|| Some(Instant::now()));
                    shown
                }
            };
            if let Err(end) = step {
                break end;
            }
        };
        self.hub.detached(socket, address, end.manner()).await;
        end
    }

    /// Ask the other side's WebSocket layer whether it is there, and tell its program, which is told nothing of that question,
    /// that this side is.
    async fn show_life<S>(&self, stream: &mut S) -> Result<(), End>
    where
        S: Sink<Message, Error = axum::Error> + Unpin,
    {
        self.send(stream, Message::Ping(Bytes::new())).await?;
        match self.outbox.form().encode(&Event::Alive) {
            Some(frame) => self.send(stream, frame).await,
            None => Ok(()),
        }
    }

    /// Tell the hub of the socket, and whom its person has blocked. Where that cannot be looked up, the person could be reached
    /// by anybody: the client is sent away, and comes back by itself.
    async fn greet(&self, socket: SocketId, address: &Address, hello: &Hello) -> Result<(), End> {
        let later = Closing(CloseReason::Restarting);
        let _kept = self.hub.keep_order().await.ok_or(later)?;
        let blocks = self.storage.blocked_by(&address.user).await.map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot look up whom somebody has blocked"
            );
            later
        })?;
        let greeted = Greeted {
            socket,
            address: address.clone(),
            name: self.who.session.person.name.clone(),
            login: hello.login,
            resume: hello.resume,
            blocks,
            session: self.who.key,
            credential: self.who.credential,
            expires_at: self.who.session.expires_at,
            outbox: self.outbox.clone(),
        };
        self.hub.attached(greeted).await;
        Ok(())
    }

    /// What a frame says, if anything.
    fn read(&self, frame: Option<Result<Message, axum::Error>>) -> Result<Option<ClientMsg>, End> {
        let frame = match frame {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Err(end_of(error)),
            None => return Err(End::Closed),
        };
        if self.rate.check().is_err() {
            return Err(Closing(CloseReason::TooFast));
        }
        match frame {
            Message::Text(_) | Message::Binary(_) => match self.outbox.form().decode(&frame) {
                Ok(msg) => Ok(Some(msg)),
                Err(Malformed) => Err(Closing(CloseReason::Malformed)),
            },
            // Pings are answered by the WebSocket layer.
            Message::Ping(_) | Message::Pong(_) => Ok(None),
            Message::Close(_) => Err(End::Closed),
        }
    }

    /// Give a command to the switchboard, with what the storage knows of those whom it names; but what it cannot judge is
    /// judged here.
    async fn pass_on(&self, socket: SocketId, from: &Address, msg: ClientMsg, came_at: Instant) {
        if begins_a_call(&msg.command) && !self.hub.storage_health().is_good() {
            return self.refuse(msg.id, Refusal::Unavailable);
        }
        let rings = msg.command.group().is_some() || !msg.command.invitees().is_empty();
        let kept = if rings { self.hub.keep_order().await } else { None };
        if rings && kept.is_none() {
            return self.refuse(msg.id, Refusal::Unavailable);
        }
        match self.known(&from.user, &msg.command).await {
            Ok(known) => self.hub.received(socket, from.clone(), msg, known, came_at).await,
            Err(refusal) => self.refuse(msg.id, refusal),
        }
    }

    async fn known(&self, caller: &UserId, command: &Command) -> Result<Known, Refusal> {
        if matches!(command, Command::Hello(_)) {
            return Err(Refusal::AlreadyGreeted);
        }
        if matches!(command, Command::Join { .. }) {
            // It rings nobody, but everybody in the call opens a connection, and the history gets a line.
            return self.admitted(caller, core::slice::from_ref(caller), Known::default());
        }
        if matches!(command, Command::Rejoin { .. }) && !self.call_rates.admit_rejoin(caller) {
            return Err(Refusal::TooManyCalls);
        }
        let invitees = command.invitees();
        let mut known = Known::default();
        if let Some(group) = command.group() {
            known.group = self
                .storage
                .roster(group)
                .await
                .map_err(|error| unavailable(&error))?
                .filter(|roster| roster.has(caller));
            let members = known.group.iter().flat_map(|roster| &roster.members);
            let rung: Vec<UserId> = members
                .map(|member| member.id.clone())
                .filter(|user| user != caller && (invitees.is_empty() || invitees.contains(user)))
                .collect();
            known.blockers = self.blockers_of(caller, &rung).await?;
            return self.admitted(caller, &rung, known);
        }
        // A list that is too long is the switchboard's to refuse; it is not worth a look into the storage.
        if invitees.is_empty() || invitees.len() > limits::INVITEES {
            return Ok(known);
        }
        for invitee in invitees {
            match self.storage.person(invitee).await {
                Ok(person) => known.people.extend(person.or_else(|| self.as_offline(invitee))),
                Err(error) => return Err(unavailable(&error)),
            }
        }
        known.blockers = self.blockers_of(caller, invitees).await?;
        self.admitted(caller, invitees, known)
    }

    /// Nobody, as somebody who is offline. The people of the site have the list of all who are here in front of them, and are told
    /// when somebody is not. Whoever an app has sent has no such list, and does not learn it by calling one id after the other.
    fn as_offline(&self, nobody: &UserId) -> Option<Person> {
        match self.who.credential {
            Credential::Cookie => None,
            Credential::UserSig => Some(Person {
                id: nobody.clone(),
                name: DisplayName::of(nobody),
            }),
        }
    }

    async fn blockers_of(&self, caller: &UserId, rung: &[UserId]) -> Result<Vec<UserId>, Refusal> {
        let blockers = self.storage.blockers_of(caller, rung).await;
        blockers.map_err(|error| unavailable(&error))
    }

    fn admitted(&self, caller: &UserId, rung: &[UserId], known: Known) -> Result<Known, Refusal> {
        if self.call_rates.admit(caller, rung) {
            Ok(known)
        } else {
            Err(Refusal::TooManyCalls)
        }
    }

    fn refuse(&self, command: CommandId, refusal: Refusal) {
        self.open.refused(&refusal);
        if let Some(frame) = self.outbox.form().encode(&Event::Refused { command, refusal }) {
            self.outbox.send(frame);
        }
    }

    /// Send a frame; but not to somebody who takes nothing, and not much longer once the socket is to be closed.
    async fn send<S>(&self, stream: &mut S, frame: Message) -> Result<(), End>
    where
        S: Sink<Message, Error = axum::Error> + Unpin,
    {
        let given_up = async {
            let reason = self.outbox.closing().await;
            sleep(GOODBYE).await;
            reason
        };
        tokio::select! {
            sent = timeout(SILENCE, stream.send(frame)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(end_of(error)),
                Err(_) => Err(End::Silent),
            },
            reason = given_up => Err(Closing(reason)),
        }
    }
}

/// What cannot be done while it cannot be stored.
const fn begins_a_call(command: &Command) -> bool {
    matches!(
        command,
        Command::Call { .. } | Command::Join { .. } | Command::Invite { .. }
    )
}

fn unavailable(error: &StorageError) -> Refusal {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "cannot look up who is called"
    );
    Refusal::Unavailable
}

/// Close a stream, and read what is still on its way: if it were left unread, the operating system would reset the
/// connection, and the other side might never see the close frame.
pub(super) async fn close<S>(stream: &mut S, reason: CloseReason)
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin,
{
    let goodbye = async {
        if stream.send(close_frame(reason)).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    let _ = timeout(GOODBYE, pin!(goodbye)).await;
}

/// What an error of the WebSocket layer means (RFC 6455, section 7.4.1).
fn end_of(error: axum::Error) -> End {
    use tungstenite::Error;

    match error.into_inner().downcast_ref::<Error>() {
        Some(Error::Capacity(_)) => Closing(CloseReason::TooLarge),
        Some(Error::Utf8(_) | Error::Protocol(_)) => Closing(CloseReason::Malformed),
        Some(_) | None => End::Closed,
    }
}
