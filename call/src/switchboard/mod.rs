//! Every call that a server knows, as one machine.
//!
//! The switchboard is the only authority on calls. Phones ask; it decides, and tells everybody concerned.
//!
//! # A person
//!
//! ```text
//!              invited                 accept, join
//!    ┌──────▶ Ringing ───────────────────────────────────────┐
//!    │           │ reject, cancel, timeout                   ▼
//!  Free ◀────────┴────────────── hangup, end, grace over ─ InCall
//!    │                                                       ▲
//!    └───────────────────────────────────────────────────────┘
//!               call, join
//! ```
//!
//! Whoever is not free is busy for everybody else, with one exception: who is being called by somebody and calls that very
//! person back has thereby accepted ("glare").
//!
//! # A call
//!
//! ```text
//!  Call ──▶ ringing ──first accept──▶ connected ──one left, nobody rings──▶ over
//!              └────────nobody left to ring, or the caller cancels──────────▶ over
//! ```
//!
//! A call may be one of a stored group. Then whoever is in the group sees it, and may join it as long as it runs.
//!
//! Somebody may have blocked whoever rings them. Then the invitation is open as any other, so that to everybody in the call
//! they look offline; but they never hear of it, and are as free as before.
//!
//! # A place in a call
//!
//! A person's place is held by one device. Losing the socket does not lose the place: it is *vacant* until the device is
//! back, another device of the same person takes it over (a reloaded page, for instance), or the grace is over.
//!
//! # After the server was stopped
//!
//! Whatever changes a call is handed out to be [stored](Output::Commit) before anybody hears of it. A switchboard that is
//! [given](Switchboard::restore) what was stored goes on as if everybody's socket had been lost for a while.

mod blocks;
mod call;
mod commands;
mod groups;
mod invitations;
mod io;
mod membership;
mod people;
mod stored;
mod switching;
mod timers;

use std::collections::VecDeque;

use crate::id::{CallId, CommandId, Group, Mint, UserId};
use crate::protocol::{CallSnapshot, CloseReason, Event, Invitation, Login, Presence, Seat, Welcome};
use crate::time::Timestamp;

use self::call::Calls;
pub use self::call::{Call, Invite, Member};
use groups::GroupCalls;
pub use io::{Address, CallRecord, Change, Config, Detachment, Input, Known, Output, Reason};
use people::{Engagement, People};
pub use stored::{Stored, StoredCall};
use timers::{Grace, Timer, Timers};

/// The machine. See the [module](self) for its states and the [crate] for how to drive it.
#[derive(Debug)]
pub struct Switchboard {
    config: Config,
    mint: Mint,
    people: People,
    calls: Calls,
    group_calls: GroupCalls,
    timers: Timers,
    /// Lines of the history that have come of the present input.
    records: Vec<CallRecord>,
    outputs: VecDeque<Output>,
}

impl Switchboard {
    /// A switchboard without calls. Its ids follow from the seed alone, so the seed must be unpredictable in production.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            mint: Mint::from_seed(seed),
            people: People::default(),
            calls: Calls::default(),
            group_calls: GroupCalls::default(),
            timers: Timers::default(),
            records: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Something happened. Never fails: what cannot be done is refused in an [`Event::Refused`].
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        let undrained = self.outputs.len();
        // A timer that is due fires before anything that comes after it, whichever of the two is told first.
        self.fire_timers(now);
        match input {
            Input::Tick => {}
            Input::Attached {
                address,
                name,
                login,
                blocks,
            } => {
                let was = self.presence(&address.user);
                match login {
                    // Whoever comes back was exclusive before: those who came meanwhile were let in beside it.
                    Login::Exclusive if !self.people.knows(&address) => self.kick_others(now, &address),
                    Login::Shared | Login::Exclusive => {}
                }
                self.people.attach(&address, name, blocks);
                self.timers.disarm_grace(&address);
                self.welcome(now, &address);
                self.come_back(&address);
                self.tell_presence(&address.user, was);
            }
            Input::Detached { address, manner } => self.detach(now, &address, manner),
            Input::Received { from, msg, known } => self.receive(now, &from, msg, known),
            Input::GroupChanged { roster, left } => self.group_changed(roster, left.as_ref()),
            Input::Blocked { by, whom } => self.block(&by, &whom),
            Input::Unblocked { by, whom } => self.unblock(now, &by, &whom),
            Input::PersonJoined(person) => {
                for to in self.people.newcomer_watchers().cloned().collect::<Vec<_>>() {
                    self.deliver(
                        to,
                        Event::PersonJoined {
                            person: person.clone(),
                        },
                    );
                }
            }
        }
        self.commit(undrained);
    }

    /// What to do next. Drain it after every [`handle`](Self::handle).
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to pass [`Input::Tick`] at the latest, and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Reason)> {
        self.timers.next()
    }

    /// Every call, in no particular order.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, &Call)> {
        self.calls.iter()
    }

    /// Whether this device holds its person's place in a call: is calling or connected.
    pub fn is_in_call(&self, device: &Address) -> bool {
        let Engagement::InCall(id) = self.people.engagement(&device.user) else {
            return false;
        };
        let member = self.calls.get(id).and_then(|call| call.member(&device.user));
        member.is_some_and(|member| member.device() == device.device)
    }

    /// How many calls there are.
    pub fn call_count(&self) -> usize {
        self.calls.len()
    }

    /// How many devices are known: connected, or lost and expected back.
    pub fn device_count(&self) -> usize {
        self.people.device_count()
    }

    fn fire_timers(&mut self, now: Timestamp) {
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Ring { call, invitee } => self.ring_timed_out(now, call, &invitee),
                Timer::Grace { address } => self.forget_device(now, &address, call::Leaving::Lost),
                Timer::VideoRequest { call } => self.video_request_timed_out(call),
            }
        }
    }

    fn deliver(&mut self, to: Address, event: Event) {
        self.outputs.push_back(Output::Deliver { to, event });
    }

    /// To every device of a person. To one that is expected back it is said when it is.
    fn deliver_to_person(&mut self, user: &UserId, event: &Event) {
        for to in self.people.devices(user) {
            self.outputs.push_back(Output::Deliver {
                to,
                event: event.clone(),
            });
        }
    }

    /// To the device of each member of a call, except one person.
    fn deliver_to_members(&mut self, call: CallId, except: Option<&UserId>, event: &Event) {
        let Some(call) = self.calls.get(call) else { return };
        for (user, member) in call.members() {
            if Some(user) != except {
                let to = Address {
                    user: user.clone(),
                    device: member.device(),
                };
                self.outputs.push_back(Output::Deliver {
                    to,
                    event: event.clone(),
                });
            }
        }
    }

    fn welcome(&mut self, now: Timestamp, address: &Address) {
        let engagement = self.people.engagement(&address.user);
        let invitations = match engagement {
            Engagement::Ringing(id) => self.invitation(now, id, &address.user).into_iter().collect(),
            Engagement::Free | Engagement::InCall(_) => Vec::new(),
        };
        let call = match engagement {
            Engagement::InCall(id) => self.snapshot(now, id, address),
            Engagement::Free | Engagement::Ringing(_) => None,
        };
        let welcome = Welcome {
            user: address.user.clone(),
            last_command: self.people.last_command(address),
            // Whoever delivers it knows them: their passwords are made for the one who is welcomed.
            ice_servers: Vec::new(),
            invitations,
            call,
            group_calls: self.group_calls.of_member(&address.user),
            resume: None,
            gap_free: false,
            relay_only: false,
        };
        self.deliver(address.clone(), Event::Welcomed(Box::new(welcome)));
        if let Engagement::Ringing(id) = engagement {
            self.deliver_early(id, address);
        }
    }

    /// What a device that is rung later than others has missed: what was said ahead of the answer.
    fn deliver_early(&mut self, id: CallId, to: &Address) {
        let Some(call) = self.calls.get(id) else { return };
        let Some(invite) = call.invites.get(&to.user) else {
            return;
        };
        let Some(by) = call.member(&invite.by.id) else {
            return;
        };
        let said = invite.early.iter().map(|signal| Event::Signaled {
            call: id,
            from: invite.by.id.clone(),
            entry: by.entry(),
            signal: signal.clone(),
        });
        for event in said.collect::<Vec<_>>() {
            self.deliver(to.clone(), event);
        }
    }

    /// A call as it stands, seen from one of the devices of somebody who is in it.
    fn snapshot(&self, now: Timestamp, id: CallId, to: &Address) -> Option<CallSnapshot> {
        let call = self.calls.get(id)?;
        let of_group = self.group_shown_to(&to.user, call);
        Some(call.snapshot(now, id, of_group, self.seat(id, to)))
    }

    /// Somebody's invitation into a call.
    fn invitation(&self, now: Timestamp, id: CallId, user: &UserId) -> Option<Invitation> {
        let call = self.calls.get(id)?;
        call.invitation(now, id, user, self.group_shown_to(user, call))
    }

    /// The group whose call it is, for those who are in that group.
    fn group_shown_to(&self, user: &UserId, call: &Call) -> Option<Group> {
        self.group_calls.shown_to(user, call.of_group?)
    }

    /// Where the person's place in a call is, seen from one of their devices.
    fn seat(&self, call: CallId, from: &Address) -> Seat {
        match self.calls.get(call).and_then(|call| call.member(&from.user)) {
            Some(member) if member.device() == from.device => Seat::Here,
            Some(member) if !member.is_away() => Seat::Elsewhere,
            Some(_) | None => Seat::Vacant,
        }
    }

    /// The device holds a place and was away: the others learn that it is back.
    fn come_back(&mut self, address: &Address) {
        if let Engagement::InCall(id) = self.people.engagement(&address.user)
            && let Some(member) = self
                .calls
                .get_mut_unstored(id)
                .and_then(|call| call.member_mut(&address.user))
            && member.device() == address.device
            && member.set_away(false)
        {
            let event = Event::UserBack {
                call: id,
                user: address.user.clone(),
            };
            self.deliver_to_members(id, Some(&address.user), &event);
        }
    }

    fn detach(&mut self, now: Timestamp, address: &Address, manner: Detachment) {
        let grace = match manner {
            Detachment::SignedOut => return self.forget_device(now, address, call::Leaving::HungUp),
            // There is no page any more from which anything could arrive.
            Detachment::Closed => Grace::firm(now + self.config.closed_grace),
            Detachment::Silent => self.config.grace_of_the_silent(now),
        };
        let was = self.presence(&address.user);
        if !self.people.detach(address) {
            return;
        }
        // Even without a place in a call the device is remembered for a while: when it comes back and repeats a command
        // whose acknowledgement was lost, that command must not have a second effect.
        self.timers.arm_grace(grace, address);
        if let Engagement::InCall(id) = self.people.engagement(&address.user)
            && let Some(member) = self
                .calls
                .get_mut_unstored(id)
                .and_then(|call| call.member_mut(&address.user))
            && member.device() == address.device
            && member.set_away(true)
        {
            let event = Event::UserAway {
                call: id,
                user: address.user.clone(),
            };
            self.deliver_to_members(id, Some(&address.user), &event);
        }
        self.tell_presence(&address.user, was);
    }

    /// A person's other devices are to go, whether they are connected or expected back.
    fn kick_others(&mut self, now: Timestamp, stays: &Address) {
        for address in self.people.devices(&stays.user) {
            if address == *stays {
                continue;
            }
            if self.people.is_attached(&address) {
                self.outputs.push_back(Output::Close {
                    to: address.clone(),
                    reason: CloseReason::KickedOut,
                });
            }
            self.forget_device(now, &address, call::Leaving::HungUp);
        }
    }

    /// A device is gone for good, and with it the place in a call that it held. Whoever signs out, or logs in elsewhere and only
    /// there, has left it; only the connection of whoever does not come back was lost.
    fn forget_device(&mut self, now: Timestamp, address: &Address, leaving: call::Leaving) {
        let was = self.presence(&address.user);
        self.timers.disarm_grace(address);
        self.people.forget_device(address);
        if let Engagement::InCall(id) = self.people.engagement(&address.user)
            && self
                .calls
                .get(id)
                .and_then(|call| call.member(&address.user))
                .map(Member::device)
                == Some(address.device)
        {
            self.leave(now, id, &address.user, leaving);
        } else {
            self.tell_presence(&address.user, was);
        }
    }

    fn presence(&self, user: &UserId) -> Presence {
        match self.people.engagement(user) {
            Engagement::InCall(_) => Presence::InCall,
            Engagement::Free | Engagement::Ringing(_) if self.people.is_online(user) => Presence::Online,
            Engagement::Free | Engagement::Ringing(_) => Presence::Offline,
        }
    }

    /// Tell those who watch a person, if the presence is no longer what it was; but nobody from whom it is hidden.
    fn tell_presence(&mut self, user: &UserId, was: Presence) {
        let now = self.presence(user);
        if now != was {
            for to in self.people.watchers_of(user) {
                if !self.are_apart(user, &to.user) {
                    let people = vec![(user.clone(), now)];
                    self.deliver(to, Event::PresenceChanged { people });
                }
            }
        }
        // Not before: whom they have blocked must not learn that they go.
        self.people.forget_if_idle(user);
    }

    fn acknowledge(&mut self, to: &Address, command: CommandId) {
        self.deliver(to.clone(), Event::Done { command });
    }
}
