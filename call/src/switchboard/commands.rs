//! What each command does.

use core::time::Duration;
use std::collections::BTreeSet;

use super::call::{Call, EndedFor, Invite, Leaving, reason_without_answer};
use super::people::Engagement;
use super::{Address, CallRecord, Output, Switchboard};
use crate::id::{CallId, CommandId, Entry, InviteId, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{
    ClientMsg, Command, EndReason, Event, InviteOutcome, Presence, Refusal, Signal, limits,
};
use crate::time::{Timestamp, millis};

impl Switchboard {
    pub(super) fn receive(&mut self, now: Timestamp, from: &Address, msg: ClientMsg) {
        if !self.people.is_attached(from) {
            // A message that was under way while its socket was closed: it will be repeated on the next one.
            return;
        }
        let ClientMsg { id, command } = msg;
        if !self.people.take_command(from, id) {
            let command = self.people.last_command(from);
            self.acknowledge(from, command);
            return;
        }
        // Signals are many; the acknowledgement of a later command covers them.
        let acknowledged = !matches!(command, Command::Signal { .. });
        match self.carry_out(now, from, command) {
            Ok(()) if acknowledged => self.acknowledge(from, id),
            Ok(()) => {}
            Err(refusal) => self.refuse(from, id, refusal),
        }
    }

    /// Answer a command for the switchboard that was found wanting before it came here.
    fn refuse(&mut self, to: &Address, command: CommandId, refusal: Refusal) {
        self.deliver(to.clone(), Event::Refused { command, refusal });
    }

    fn carry_out(&mut self, now: Timestamp, from: &Address, command: Command) -> Result<(), Refusal> {
        match command {
            Command::Hello(_) => Err(Refusal::AlreadyGreeted),
            Command::Watch { people, newcomers } => self.watch(from, people, newcomers),
            Command::Call {
                invitees,
                call_type,
                ring_seconds,
                media,
            } => self.call(now, from, invitees, call_type, self.ring(ring_seconds), media),
            Command::ConfirmRinging { invite } => self.confirm_ringing(from, invite),
            Command::Accept { invite, media } => self.accept(now, from, invite, media),
            Command::Reject { invite } => self.reject(now, from, invite),
            Command::Hangup { call } => self.hang_up(now, from, call),
            Command::Rejoin { call, media } => self.rejoin(now, from, call, media),
            Command::Signal {
                call,
                to,
                entry,
                signal,
            } => self.signal(from, call, &to, entry, signal),
            Command::Announce { call, media } => self.announce(from, call, media),
        }
    }

    fn watch(&mut self, from: &Address, people: Vec<UserId>, newcomers: bool) -> Result<(), Refusal> {
        if people.len() > limits::WATCHED_PEOPLE {
            return Err(Refusal::TooManyWatched {
                limit: limits::WATCHED_PEOPLE as u16,
            });
        }
        let reachable: Vec<_> = people
            .iter()
            .map(|user| (user.clone(), self.presence(user)))
            .filter(|(_, presence)| *presence != Presence::Offline)
            .collect();
        self.people.watch(from, people, newcomers);
        if !reachable.is_empty() {
            self.deliver(from.clone(), Event::PresenceChanged { people: reachable });
        }
        Ok(())
    }

    /// How long an invitation rings. 0 means "no timeout", up to the server's cap, as in the seed API.
    fn ring(&self, asked: Option<u32>) -> Duration {
        match asked {
            None => self.config.ring,
            Some(0) => limits::MAX_RING,
            Some(seconds) => Duration::from_secs(seconds.into()).min(limits::MAX_RING),
        }
    }

    fn call(
        &mut self,
        now: Timestamp,
        from: &Address,
        invitees: Vec<UserId>,
        call_type: CallType,
        ring: Duration,
        media: MediaState,
    ) -> Result<(), Refusal> {
        check_invitees(&from.user, &invitees)?;
        match self.people.engagement(&from.user) {
            Engagement::Free => {}
            Engagement::Ringing(id) => return self.call_back_while_ringing(now, from, id, &invitees, media),
            Engagement::InCall(_) => return Err(Refusal::AlreadyInCall),
        }

        let id = self.mint.call();
        let room = self.mint.room();
        let caller = self.people.person(&from.user);
        let was = self.presence(&from.user);
        let mut call = Call::new(room, call_type, caller.clone());
        call.enter(now, caller, from.device, media, None);
        let (busy, free): (Vec<_>, Vec<_>) = invitees
            .into_iter()
            .partition(|user| self.people.engagement(user) != Engagement::Free);
        for user in &free {
            let invite = Invite {
                id: self.mint.invite(),
                invited_at: now,
                deadline: now + ring,
                ringing: false,
            };
            self.timers.arm_ring(invite.deadline, id, user);
            self.people.engage(user, Engagement::Ringing(id));
            call.invites.insert(user.clone(), invite);
        }
        self.calls.insert(id, call);
        self.people.engage(&from.user, Engagement::InCall(id));
        self.tell_presence(&from.user, was);

        for to in self.people.attached_devices(&from.user) {
            let seat = self.seat(id, &to);
            if let Some(call) = self.calls.get(id) {
                let event = Event::Placed {
                    call: Box::new(call.snapshot(now, id, seat)),
                };
                self.deliver(to, event);
            }
        }
        for user in &free {
            if let Some(invitation) = self.calls.get(id).and_then(|call| call.invitation(now, id, user)) {
                self.deliver_to_person(
                    user,
                    &Event::Invited {
                        invitation: Box::new(invitation),
                    },
                );
            }
        }
        for callee in busy {
            self.outputs.push_back(Output::Record(CallRecord {
                call: id,
                caller: from.user.clone(),
                callee: callee.clone(),
                call_type,
                outcome: InviteOutcome::Busy,
                connected: Duration::ZERO,
                invited_at: now,
            }));
            let event = Event::InviteeGone {
                call: id,
                invitee: callee,
                outcome: InviteOutcome::Busy,
            };
            self.deliver_to_members(id, None, &event);
        }
        self.end_if_over(now, id, EndReason::Busy);
        Ok(())
    }

    /// Glare: two people call one another at once. The invitation that was committed first stands, and the second call
    /// is its acceptance.
    fn call_back_while_ringing(
        &mut self,
        now: Timestamp,
        from: &Address,
        ringing: CallId,
        invitees: &[UserId],
        media: MediaState,
    ) -> Result<(), Refusal> {
        let call = self.calls.get(ringing).ok_or(Refusal::AlreadyInCall)?;
        let invite = call.invites.get(&from.user).ok_or(Refusal::AlreadyInCall)?.id;
        match invitees {
            [callee] if *callee == call.caller.id => self.accept(now, from, invite, media),
            _ => Err(Refusal::AlreadyInCall),
        }
    }

    fn confirm_ringing(&mut self, from: &Address, invite: InviteId) -> Result<(), Refusal> {
        let id = self.ringing_call(&from.user, invite)?;
        let invite = self
            .calls
            .get_mut(id)
            .and_then(|call| call.invites.get_mut(&from.user));
        if let Some(invite) = invite
            && !core::mem::replace(&mut invite.ringing, true)
        {
            let event = Event::RingingStarted {
                call: id,
                invitee: from.user.clone(),
            };
            self.deliver_to_members(id, None, &event);
        }
        Ok(())
    }

    /// The call that this invitation, still open, of this person leads into.
    fn ringing_call(&self, user: &UserId, invite: InviteId) -> Result<CallId, Refusal> {
        match self.people.engagement(user) {
            Engagement::Ringing(id) => {
                let open = self.calls.get(id).and_then(|call| call.invites.get(user));
                open.filter(|open| open.id == invite)
                    .map(|_| id)
                    .ok_or(Refusal::NoSuchInvite)
            }
            Engagement::Free | Engagement::InCall(_) => Err(Refusal::NoSuchInvite),
        }
    }

    fn accept(
        &mut self,
        now: Timestamp,
        from: &Address,
        invite: InviteId,
        media: MediaState,
    ) -> Result<(), Refusal> {
        let id = self.ringing_call(&from.user, invite)?;
        let person = self.people.person(&from.user);
        let was = self.presence(&from.user);
        let call = self.calls.get_mut(id).ok_or(Refusal::NoSuchInvite)?;
        let open = call.invites.remove(&from.user).ok_or(Refusal::NoSuchInvite)?;
        self.timers.disarm_ring(open.deadline, id, &from.user);
        call.enter(now, person, from.device, media, Some(open.invited_at));
        call.connected_at.get_or_insert(now);
        self.people.engage(&from.user, Engagement::InCall(id));

        self.tell_entered(id, &from.user);
        self.deliver_joined(now, id, &from.user);
        let closed = Event::InviteClosed {
            invite,
            outcome: InviteOutcome::Accepted,
        };
        for to in self.people.attached_devices(&from.user) {
            if to.device != from.device {
                self.deliver(to, closed.clone());
            }
        }
        self.tell_presence(&from.user, was);
        Ok(())
    }

    /// Tell the others in the call of somebody's new entry.
    fn tell_entered(&mut self, id: CallId, user: &UserId) {
        if let Some(member) = self.calls.get(id).and_then(|call| call.member(user)) {
            let event = Event::UserEntered {
                call: id,
                member: member.on_the_wire(),
            };
            self.deliver_to_members(id, Some(user), &event);
        }
    }

    /// Tell each of somebody's devices where that person's place in the call is now.
    fn deliver_joined(&mut self, now: Timestamp, id: CallId, user: &UserId) {
        for to in self.people.attached_devices(user) {
            let seat = self.seat(id, &to);
            if let Some(call) = self.calls.get(id) {
                let event = Event::Joined {
                    call: Box::new(call.snapshot(now, id, seat)),
                };
                self.deliver(to, event);
            }
        }
    }

    fn reject(&mut self, now: Timestamp, from: &Address, invite: InviteId) -> Result<(), Refusal> {
        let id = self.ringing_call(&from.user, invite)?;
        self.close_invite(now, id, &from.user, InviteOutcome::Rejected);
        Ok(())
    }

    pub(super) fn ring_timed_out(&mut self, now: Timestamp, call: CallId, invitee: &UserId) {
        self.close_invite(now, call, invitee, InviteOutcome::TimedOut);
    }

    /// An invitation ends without an answer; the call may be over with it.
    fn close_invite(&mut self, now: Timestamp, id: CallId, invitee: &UserId, outcome: InviteOutcome) {
        if self.withdraw_invite(id, invitee, outcome) {
            let event = Event::InviteeGone {
                call: id,
                invitee: invitee.clone(),
                outcome,
            };
            self.deliver_to_members(id, None, &event);
            self.end_if_over(now, id, reason_without_answer(outcome));
        }
    }

    /// An invitation ends without an answer, as its invitee sees it. Returns whether it was open.
    fn withdraw_invite(&mut self, id: CallId, invitee: &UserId, outcome: InviteOutcome) -> bool {
        let Some(call) = self.calls.get_mut(id) else {
            return false;
        };
        let Some(open) = call.invites.remove(invitee) else {
            return false;
        };
        let record = CallRecord {
            call: id,
            caller: call.caller.id.clone(),
            callee: invitee.clone(),
            call_type: call.call_type,
            outcome,
            connected: Duration::ZERO,
            invited_at: open.invited_at,
        };
        self.timers.disarm_ring(open.deadline, id, invitee);
        self.outputs.push_back(Output::Record(record));
        self.deliver_to_person(
            invitee,
            &Event::InviteClosed {
                invite: open.id,
                outcome,
            },
        );
        self.people.release(invitee);
        true
    }

    fn hang_up(&mut self, now: Timestamp, from: &Address, call: CallId) -> Result<(), Refusal> {
        self.check_seat(from, call)?;
        self.leave(now, call, &from.user, Leaving::HungUp);
        Ok(())
    }

    /// Only the device that holds a person's place may act in the call.
    fn check_seat(&self, from: &Address, call: CallId) -> Result<(), Refusal> {
        match self.calls.get(call).and_then(|call| call.member(&from.user)) {
            Some(member) if member.device() == from.device => Ok(()),
            Some(_) => Err(Refusal::OnAnotherDevice),
            None => Err(Refusal::NoSuchCall),
        }
    }

    /// Somebody gives a place up, and the call may be over with it.
    pub(super) fn leave(&mut self, now: Timestamp, id: CallId, user: &UserId, leaving: Leaving) {
        let was = self.presence(user);
        let Some(call) = self.calls.get_mut(id) else {
            return;
        };
        let Some(member) = call.members.remove(user) else {
            return;
        };
        let reason = leaving.own_reason(call.connected_at.is_some());
        let ended = call.ended_for(now, id, &member);
        self.deliver_to_members(
            id,
            None,
            &Event::UserLeft {
                call: id,
                user: user.clone(),
            },
        );
        self.end_for(id, user, reason, ended);
        self.tell_presence(user, was);

        if self.calls.get(id).is_some_and(|call| call.members.is_empty()) {
            let invitees: Vec<_> = self
                .calls
                .get(id)
                .into_iter()
                .flat_map(|c| c.invites.keys().cloned())
                .collect();
            for invitee in invitees {
                self.withdraw_invite(id, &invitee, InviteOutcome::Cancelled);
            }
        }
        self.end_if_over(now, id, leaving.reason_for_the_last());
    }

    /// A call with one person left whom nobody can join any more is over.
    fn end_if_over(&mut self, now: Timestamp, id: CallId, reason: EndReason) {
        let over = self
            .calls
            .get(id)
            .is_some_and(|call| call.invites.is_empty() && call.members.len() < 2);
        if !over {
            return;
        }
        let Some(call) = self.calls.remove(id) else { return };
        for (user, member) in &call.members {
            let was = self.presence(user);
            self.end_for(id, user, reason, call.ended_for(now, id, member));
            self.tell_presence(user, was);
        }
    }

    /// The call is over for somebody. Every device is told: the one in the call ends it, the others know that it is no
    /// longer elsewhere.
    fn end_for(&mut self, id: CallId, user: &UserId, reason: EndReason, ended: EndedFor) {
        self.outputs.extend(ended.record.map(Output::Record));
        self.people.release(user);
        let connected_ms = millis(ended.connected);
        self.deliver_to_person(
            user,
            &Event::Ended {
                call: id,
                reason,
                connected_ms,
            },
        );
    }

    fn rejoin(
        &mut self,
        now: Timestamp,
        from: &Address,
        id: CallId,
        media: MediaState,
    ) -> Result<(), Refusal> {
        let call = self.calls.get_mut(id).ok_or(Refusal::NoSuchCall)?;
        let connected = call
            .member(&from.user)
            .map(|member| call.connected(now, member))
            .unwrap_or_default();
        let device = call
            .reseat(&from.user, from.device, media)
            .ok_or(Refusal::NoSuchCall)?;
        if device != from.device {
            let before = Address {
                user: from.user.clone(),
                device,
            };
            let moved = Event::Ended {
                call: id,
                reason: EndReason::MovedElsewhere,
                connected_ms: millis(connected),
            };
            self.deliver(before, moved);
        }
        self.tell_entered(id, &from.user);
        self.deliver_joined(now, id, &from.user);
        Ok(())
    }

    fn signal(
        &mut self,
        from: &Address,
        call: CallId,
        to: &UserId,
        entry: Entry,
        signal: Signal,
    ) -> Result<(), Refusal> {
        self.check_seat(from, call)?;
        if !signal.is_within_limits() {
            return Err(Refusal::SignalTooLarge);
        }
        let Some(room) = self.calls.get(call) else {
            return Err(Refusal::NoSuchCall);
        };
        let (Some(sender), Some(receiver)) = (room.member(&from.user), room.member(to)) else {
            // The other side has just left: the sender is about to learn it.
            return Ok(());
        };
        if receiver.entry() != entry || *to == from.user {
            // For a link that is gone.
            return Ok(());
        }
        let address = Address {
            user: to.clone(),
            device: receiver.device(),
        };
        let event = Event::Signaled {
            call,
            from: from.user.clone(),
            entry: sender.entry(),
            signal,
        };
        self.deliver(address, event);
        Ok(())
    }

    fn announce(&mut self, from: &Address, call: CallId, media: MediaState) -> Result<(), Refusal> {
        self.check_seat(from, call)?;
        if let Some(member) = self
            .calls
            .get_mut(call)
            .and_then(|call| call.member_mut(&from.user))
            && core::mem::replace(&mut member.media, media) != media
        {
            let event = Event::MediaAnnounced {
                call,
                user: from.user.clone(),
                media,
            };
            self.deliver_to_members(call, Some(&from.user), &event);
        }
        Ok(())
    }
}

fn check_invitees(caller: &UserId, invitees: &[UserId]) -> Result<(), Refusal> {
    if invitees.is_empty() {
        return Err(Refusal::NoInvitees);
    }
    if invitees.len() > limits::INVITEES {
        return Err(Refusal::TooManyInvitees {
            limit: limits::INVITEES as u16,
        });
    }
    let mut seen = BTreeSet::new();
    for user in invitees {
        if user == caller {
            return Err(Refusal::CalledOneself);
        }
        if !seen.insert(user) {
            return Err(Refusal::InvitedTwice { user: user.clone() });
        }
    }
    Ok(())
}
