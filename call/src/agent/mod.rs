//! One person's phone in one tab, as a machine.
//!
//! The agent mirrors what the switchboard says and adds what only this side knows: what the person has just asked for,
//! what the devices do, and how the links to the others are. Where the two disagree, the switchboard wins: after every
//! reconnect its [`Welcome`](crate::protocol::Welcome) replaces what the agent believed.
//!
//! ```text
//!                  Call, Join                            Placed … UserEntered
//!      ┌─────────────────────────────▶ Calling(Outgoing) ────────────────┐
//!      │                                  │ Hangup, Ended, Refused       │
//!      │   Hangup before Placed           ▼                              ▼
//!    Idle ◀──────────── Cancelling ◀──────┴─▶ Idle ◀──── Ended ─── Connected(Active)
//!      │                                           Hangup                ▲
//!      │              Invited                          Accept … Joined   │
//!      └─────────────────────────────▶ Ringing(Incoming) ────────────────┘
//!                                         │ Reject, InviteClosed, RingCap
//!                                         └──────────────▶ Idle
//! ```
//!
//! Media starts in two places only: [`asked`](Agent::handle) `Call`, `Join` and `Accept` open the devices, because the person has
//! just clicked; and a link is opened when the switchboard says that this device *and* somebody else are in the call, or
//! that somebody rings by this person's wish. A message of the other side alone can never open either. All that it can do is
//! to have the answer to it prepared, in a link that says nothing to anybody and reaches nobody before the click (see
//! [`early`]).

mod asked;
mod devices;
mod early;
mod entering;
mod invitees;
mod io;
mod link;
mod links;
mod mirror;
mod outbox;
mod phase;
mod received;
mod switching;
mod view;

use std::collections::VecDeque;

use litemap::LiteMap;

use crate::handset::{Connection, Notice};
use crate::id::{CallId, CommandId, DeviceId, Group, GroupId, Person, ResumeToken, Roster, UserId};
use crate::media::CallType;
use crate::protocol::{
    CloseReason, Command, EndReason, GroupCall, Hello, Login, LoginRefusal, Presence, Resume, VERSION,
};
use crate::time::Timestamp;

pub use io::{
    CaptureChange, Input, LinkInput, LinkName, LinkOrder, LinkRole, MediaOrder, Output, Reason, Tone,
};
use outbox::Outbox;
use phase::{Incoming, Phase};

/// The machine. See the [module](self) for its states and the [crate] for how to drive it.
#[derive(Debug)]
pub struct Agent {
    device: DeviceId,
    login: Login,
    /// Whom the switchboard takes this phone for.
    user: Option<UserId>,
    connection: Connection,
    /// What to show on the next socket.
    resume: Option<ResumeToken>,
    /// When the socket was last lost.
    lost_at: Timestamp,
    /// How many events there were after the last welcome.
    received: u32,
    phase: Phase,
    outbox: Outbox,
    outputs: VecDeque<Output>,
    tone: Tone,
    /// Whether links may use nothing but TURN servers.
    relay_only: bool,
    /// An invitation that came while a call of one's own was on its way to the switchboard. It either becomes that call
    /// (glare), or rings once that call is refused.
    crossing: Option<Box<Incoming>>,
    /// A call that this tab was in before it was reloaded.
    rejoin: Option<CallId>,
    /// The command by which this device asked for its person's place in a call.
    rejoining: Option<CommandId>,
    elsewhere: Option<CallId>,
    /// Commands, on their way to the switchboard, that ring more people into the call.
    inviting: Vec<CommandId>,
    /// The command, on its way to the switchboard, that makes the call one of another type.
    switching: Option<CommandId>,
    notice: Option<Notice>,
    watched: Vec<UserId>,
    presence: LiteMap<UserId, Presence>,
    newcomers: Vec<Person>,
    group_calls: Vec<GroupCall>,
    group_changes: LiteMap<GroupId, Option<Roster>>,
}

impl Agent {
    /// The most newcomers that are kept for the page.
    const NEWCOMERS: usize = 256;

    /// A phone whose socket is not yet open. `rejoin` is the call that this tab was in before it was reloaded.
    pub fn new(device: DeviceId, login: Login, rejoin: Option<CallId>) -> Self {
        Self {
            device,
            login,
            user: None,
            connection: Connection::Connecting,
            resume: None,
            lost_at: Timestamp::ZERO,
            received: 0,
            phase: Phase::Idle,
            outbox: Outbox::default(),
            outputs: VecDeque::new(),
            tone: Tone::Silence,
            relay_only: false,
            crossing: None,
            rejoin,
            rejoining: None,
            elsewhere: None,
            inviting: Vec::new(),
            switching: None,
            notice: None,
            watched: Vec::new(),
            presence: LiteMap::new(),
            newcomers: Vec::new(),
            group_calls: Vec::new(),
            group_changes: LiteMap::new(),
        }
    }

    /// Something happened. What the present phase has no use for is ignored.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Tick => {}
            Input::SocketOpened => self.say_hello(),
            Input::SocketLost { code } => self.lose_socket(now, code),
            Input::Received(event) => self.receive(now, event),
            Input::Asked(command) => self.ask(now, command),
            Input::Capture { kind, change } => self.capture_changed(kind, change),
            Input::DeviceFound(kind) => self.device_found(kind),
            Input::Link { peer, link, input } => self.link_changed(now, &peer, link, input),
        }
        self.fire_timers(now);
        self.tend_early_links();
        self.announce_if_changed();
        self.play(self.phase.tone());
    }

    /// What to do next. Drain it after every [`handle`](Self::handle).
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to pass [`Input::Tick`] at the latest, and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Reason)> {
        match &self.phase {
            Phase::Ringing(incoming) if incoming.answer.is_none() => Some((incoming.cap, Reason::RingCap)),
            Phase::Calling(outgoing) => outgoing
                .invitees
                .next_forget()
                .map(|at| (at, Reason::ForgetInvitee)),
            Phase::Connected(active) => {
                let mend = active.next_mending().map(|at| (at, Reason::MendLink));
                let forget = active
                    .invitees
                    .next_forget()
                    .map(|at| (at, Reason::ForgetInvitee));
                let vouch = active.vouch_at.map(|at| (at, Reason::Vouch));
                [mend, forget, vouch]
                    .into_iter()
                    .flatten()
                    .min_by_key(|(at, _)| *at)
            }
            Phase::Ringing(_) | Phase::Idle | Phase::Cancelling(_) => None,
        }
    }

    /// The call in which this tab has a place: what must be remembered so that a reload can rejoin it.
    pub fn call(&self) -> Option<CallId> {
        self.phase.call().or(self.rejoin)
    }

    fn fire_timers(&mut self, now: Timestamp) {
        if let Phase::Ringing(incoming) = &self.phase
            && now >= incoming.cap
            && incoming.answer.is_none()
        {
            // The server should have closed this invitation. A phone never rings on without it.
            self.notice = Some(incoming.missed(true));
            self.drop_call(now);
        }
        if let Some(invitees) = self.phase.invitees_mut() {
            invitees.forget(now);
        }
        self.mend_links(now);
        self.vouch(now);
    }

    fn say_hello(&mut self) {
        let hello = Command::Hello(Hello {
            version: VERSION,
            device: self.device,
            login: self.login,
            resume: self.resume.map(|token| Resume {
                token,
                received: self.received,
            }),
        });
        self.outputs.push_back(Output::Send(Outbox::hello(hello)));
    }

    fn lose_socket(&mut self, now: Timestamp, code: u16) {
        self.presence.clear();
        self.group_calls.clear();
        if CloseReason::may_reconnect(code) {
            if self.connection == Connection::Online {
                self.lost_at = now;
            }
            self.connection = Connection::Reconnecting;
            return;
        }
        self.connection = if code == CloseReason::SignedOut.code() {
            Connection::SignedOut
        } else if code == CloseReason::KickedOut.code() {
            Connection::KickedOut
        } else if let Some(refusal) = LoginRefusal::of_code(code) {
            Connection::LoginRefused(refusal)
        } else {
            Connection::Stopped
        };
        self.outputs.push_back(Output::CloseSocket);
        self.outbox.clear();
        self.drop_call(now);
        self.elsewhere = None;
    }

    /// Send a command that must be carried out, now or when the socket is back.
    fn send(&mut self, command: Command) -> CommandId {
        let msg = self.outbox.push(command);
        let id = msg.id;
        if self.connection == Connection::Online {
            self.outputs.push_back(Output::Send(msg));
        }
        id
    }

    /// Send a command that is of no use later.
    fn send_now_or_never(&mut self, command: Command) {
        if self.connection == Connection::Online {
            let msg = self.outbox.number(command);
            self.outputs.push_back(Output::Send(msg));
        }
    }

    fn order(&mut self, order: MediaOrder) {
        self.outputs.push_back(Output::Media(order));
    }

    fn play(&mut self, tone: Tone) {
        if self.tone != tone {
            self.tone = tone;
            self.outputs.push_back(Output::Play(tone));
        }
    }

    /// Tell the others what one sends, if that has changed.
    fn announce_if_changed(&mut self) {
        let (Some(call), Some(devices)) = (self.phase.placed_call(), self.phase.devices_mut()) else {
            return;
        };
        if let Some(media) = devices.take_change() {
            self.send(Command::Announce { call, media });
        }
    }

    /// The invitation rings: the person has nothing else in hand.
    fn ring(&mut self, incoming: Box<Incoming>) {
        self.send_now_or_never(Command::ConfirmRinging {
            invite: incoming.invitation.invite,
        });
        self.phase = Phase::Ringing(incoming);
        self.prepare();
    }

    /// End whatever call there is, on this side: the links close and the devices stop at once.
    fn drop_call(&mut self, now: Timestamp) -> Option<EndedCall> {
        self.inviting.clear();
        self.switching = None;
        let phase = core::mem::replace(&mut self.phase, Phase::Idle);
        let ended = phase.ended(now);
        self.close_media(phase);
        ended
    }
}

/// What can be said of a call after it.
#[derive(Debug)]
struct EndedCall {
    with: Vec<Person>,
    group: Option<Group>,
    call_type: CallType,
    connected_ms: u64,
}

impl EndedCall {
    fn notice(self, reason: EndReason) -> Notice {
        Notice::Ended {
            with: self.with,
            group: self.group,
            call_type: self.call_type,
            reason,
            connected_ms: self.connected_ms,
        }
    }
}
