//! Ringing people: from the call to each invitation's one outcome.

use core::time::Duration;
use std::collections::BTreeSet;

use super::call::{Call, Invite, Invited, reason_without_answer};
use super::people::Engagement;
use super::{Address, CallRecord, Switchboard};
use crate::id::{CallId, DisplayName, InviteId, Person, Roster, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{CallNote, EndReason, Event, InviteOutcome, Refusal, Signal, VideoAnswer, limits};
use crate::time::Timestamp;

/// People who are to be rung.
#[derive(Debug)]
pub(super) struct Guests {
    users: Vec<UserId>,
    from: From,
    /// Those of them who have blocked the host.
    blockers: Vec<UserId>,
    ring: Duration,
}

/// Where guests are looked for.
#[derive(Debug)]
enum From {
    /// Among those whom the storage knows. Others do not exist.
    Everybody(Vec<Person>),
    /// In the group whose call it is. Others have no part in it.
    Group(Roster),
}

impl Guests {
    /// `ring` is how long they are rung; who is not `known` does not exist.
    pub(super) fn new(users: Vec<UserId>, known: Vec<Person>, blockers: Vec<UserId>, ring: Duration) -> Self {
        Self {
            users,
            from: From::Everybody(known),
            blockers,
            ring,
        }
    }

    /// People of a group; all the others in it, if none is named.
    pub(super) fn of_group(
        mut users: Vec<UserId>,
        roster: Roster,
        blockers: Vec<UserId>,
        host: &UserId,
        ring: Duration,
    ) -> Result<Self, Refusal> {
        let others = roster.members.iter().map(|member| &member.id);
        let others: Vec<UserId> = others.filter(|user| *user != host).cloned().collect();
        if others.is_empty() {
            return Err(Refusal::NobodyElseInGroup);
        }
        if users.is_empty() {
            users = others;
        }
        Ok(Self {
            users,
            from: From::Group(roster),
            blockers,
            ring,
        })
    }

    /// Check the list as such.
    fn check(&self, host: &UserId) -> Result<(), Refusal> {
        if self.users.is_empty() {
            return Err(Refusal::NoInvitees);
        }
        if self.users.len() > limits::INVITEES {
            return Err(Refusal::TooManyInvitees {
                limit: limits::INVITEES as u16,
            });
        }
        let mut seen = BTreeSet::new();
        for user in &self.users {
            if user == host {
                return Err(Refusal::CalledOneself);
            }
            if !seen.insert(user) {
                return Err(Refusal::InvitedTwice { user: user.clone() });
            }
        }
        match self.users.iter().find(|user| self.person(user).is_none()) {
            // Where others can be rung, those nobody knows are told of one by one.
            Some(user) if self.users.iter().all(|user| self.person(user).is_none()) => {
                let user = user.clone();
                Err(match self.from {
                    From::Everybody(_) => Refusal::UnknownUser { user },
                    From::Group(_) => Refusal::NotInGroup { user },
                })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn person(&self, user: &UserId) -> Option<&Person> {
        let known = match &self.from {
            From::Everybody(known) => known,
            From::Group(roster) => &roster.members,
        };
        known.iter().find(|person| person.id == *user)
    }
}

/// What became of a list of guests: who is rung now, and who is not and why.
#[derive(Debug, Default)]
struct Rung {
    ringing: Vec<UserId>,
    gone: Vec<(Person, InviteOutcome)>,
}

impl Switchboard {
    pub(super) fn call(
        &mut self,
        now: Timestamp,
        from: &Address,
        mut guests: Guests,
        call_type: CallType,
        media: MediaState,
        note: Option<Box<CallNote>>,
    ) -> Result<(), Refusal> {
        guests.check(&from.user)?;
        self.check_own_blocks(&from.user, &mut guests)?;
        match self.people.engagement(&from.user) {
            Engagement::Free => {}
            Engagement::Ringing(id) => {
                return self.call_back_while_ringing(now, from, id, &guests, media);
            }
            Engagement::InCall(_) => return Err(Refusal::AlreadyInCall),
        }

        let id = self.mint.call();
        let room = self.mint.room();
        let caller = self.people.person(&from.user);
        let was = self.presence(&from.user);
        let of_group = match &guests.from {
            From::Everybody(_) => None,
            From::Group(roster) => {
                self.begin_group_call(id, call_type, roster.clone());
                Some(roster.group.id)
            }
        };
        let mut call = Call::new(room, call_type, of_group, caller.clone());
        call.group |= guests.users.len() > 1;
        call.note = note;
        let entry = call.next_entry();
        call.enter(now, entry, caller.clone(), from.device, media, None);
        self.calls.insert(id, call);
        self.people.engage(&from.user, Engagement::InCall(id));
        let rung = self.open_invites(now, id, &caller, &guests);
        self.tell_presence(&from.user, was);

        for to in self.people.attached_devices(&from.user) {
            if let Some(snapshot) = self.snapshot(now, id, &to) {
                let call = Box::new(snapshot);
                self.deliver(to, Event::Placed { call });
            }
        }
        if let Some(group) = of_group.filter(|_| !rung.ringing.is_empty()) {
            self.tell_group_call(group);
        }
        self.tell_rung(now, id, &caller.id, rung);
        self.end_if_over(now, id, EndReason::Busy);
        Ok(())
    }

    /// Ring more people into a call.
    pub(super) fn invite(
        &mut self,
        now: Timestamp,
        from: &Address,
        id: CallId,
        mut guests: Guests,
    ) -> Result<(), Refusal> {
        self.check_seat(from, id)?;
        guests.check(&from.user)?;
        self.check_own_blocks(&from.user, &mut guests)?;
        let call = self.calls.get_mut(id).ok_or(Refusal::NoSuchCall)?;
        if let Some(user) = guests
            .users
            .iter()
            .find(|user| call.members.contains_key(user) || call.invites.contains_key(user))
        {
            return Err(Refusal::InvitedAlready { user: user.clone() });
        }
        if call.members.len() + call.invites.len() + guests.users.len() > limits::CALL_PEOPLE {
            return Err(Refusal::CallFull {
                limit: limits::CALL_PEOPLE as u16,
            });
        }
        call.group = true;
        self.close_video_request(id, VideoAnswer::Withdrawn);
        let host = self.people.person(&from.user);
        let rung = self.open_invites(now, id, &host, &guests);
        if let Some(call) = self.calls.get(id) {
            let added = rung
                .ringing
                .iter()
                .filter_map(|user| call.invites.get(user))
                .map(Invite::on_the_wire)
                .collect();
            let event = Event::InviteesAdded {
                call: id,
                invitees: added,
            };
            self.deliver_to_members(id, None, &event);
        }
        self.tell_rung(now, id, &host.id, rung);
        Ok(())
    }

    /// Nobody rings those whom they have blocked themselves. Of a group the others are rung; a list that names them is refused
    /// as a whole, so that whoever wrote it decides.
    fn check_own_blocks(&self, host: &UserId, guests: &mut Guests) -> Result<(), Refusal> {
        let is_blocked = |user: &UserId| self.people.has_blocked(host, user);
        let Some(user) = guests.users.iter().find(|user| is_blocked(user)).cloned() else {
            return Ok(());
        };
        match guests.from {
            From::Everybody(_) => return Err(Refusal::Blocked { user }),
            From::Group(_) => guests.users.retain(|user| !is_blocked(user)),
        }
        if guests.users.is_empty() {
            return Err(Refusal::Blocked { user });
        }
        Ok(())
    }

    /// Open an invitation for each guest who is free, or is to look offline. Nobody is told yet.
    fn open_invites(&mut self, now: Timestamp, id: CallId, host: &Person, guests: &Guests) -> Rung {
        let mut rung = Rung::default();
        let deadline = now + guests.ring;
        for user in &guests.users {
            let Some(guest) = guests.person(user) else {
                let nobody = Person {
                    id: user.clone(),
                    name: DisplayName::of(user),
                };
                rung.gone.push((nobody, InviteOutcome::Unknown));
                continue;
            };
            let heard = !guests.blockers.contains(user);
            if heard {
                if self.people.engagement(user) != Engagement::Free {
                    rung.gone.push((guest.clone(), InviteOutcome::Busy));
                    continue;
                }
                self.people.introduce(guest);
                self.people.engage(user, Engagement::Ringing(id));
            }
            self.timers.arm_ring(deadline, id, user);
            if let Some(call) = self.calls.get_mut(id) {
                let (invite, entry) = (self.mint.invite(), call.next_entry());
                let invite = Invite::new(invite, guest.clone(), host.clone(), (now, deadline), heard, entry);
                call.invites.insert(user.clone(), invite);
            }
            rung.ringing.push(user.clone());
        }
        rung
    }

    /// Ring the devices of those who were invited, and say in the call who was not.
    fn tell_rung(&mut self, now: Timestamp, id: CallId, host: &UserId, rung: Rung) {
        for user in &rung.ringing {
            self.tell_invited(now, id, user);
        }
        let Some(call_type) = self.calls.get(id).map(|call| call.call_type) else {
            return;
        };
        for (invitee, outcome) in rung.gone {
            if outcome == InviteOutcome::Busy {
                self.records.push(CallRecord {
                    call: id,
                    caller: host.clone(),
                    callee: invitee.id.clone(),
                    call_type,
                    outcome,
                    connected: Duration::ZERO,
                    invited_at: now,
                    kept_from_callee: false,
                });
            }
            let event = Event::InviteeGone {
                call: id,
                invitee,
                outcome,
            };
            self.deliver_to_members(id, None, &event);
        }
    }

    /// Ring somebody's devices.
    pub(super) fn tell_invited(&mut self, now: Timestamp, id: CallId, user: &UserId) {
        let heard = |call: &Call| call.invites.get(user).is_some_and(|invite| invite.heard);
        if self.calls.get(id).is_some_and(heard)
            && let Some(invitation) = self.invitation(now, id, user)
        {
            let invitation = Box::new(invitation);
            self.deliver_to_person(user, &Event::Invited { invitation });
        }
    }

    /// Glare: two people call one another at once. The invitation that was committed first stands, and the second call
    /// is its acceptance.
    pub(super) fn call_back_while_ringing(
        &mut self,
        now: Timestamp,
        from: &Address,
        ringing: CallId,
        guests: &Guests,
        media: MediaState,
    ) -> Result<(), Refusal> {
        let call = self.calls.get(ringing).ok_or(Refusal::AlreadyInCall)?;
        let invite = call.invites.get(&from.user).ok_or(Refusal::AlreadyInCall)?;
        match (&guests.from, guests.users.as_slice()) {
            (From::Everybody(_), [callee]) if *callee == invite.by.id => {
                self.accept(now, from, invite.id, media, Vec::new())
            }
            // Another call, or one with others too.
            (From::Everybody(_) | From::Group(_), _) => Err(Refusal::AlreadyInCall),
        }
    }

    pub(super) fn confirm_ringing(&mut self, from: &Address, invite: InviteId) -> Result<(), Refusal> {
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
    pub(super) fn ringing_call(&self, user: &UserId, invite: InviteId) -> Result<CallId, Refusal> {
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

    pub(super) fn accept(
        &mut self,
        now: Timestamp,
        from: &Address,
        invite: InviteId,
        media: MediaState,
        signals: Vec<Signal>,
    ) -> Result<(), Refusal> {
        let id = self.ringing_call(&from.user, invite)?;
        if signals.len() > 1 + limits::CANDIDATES {
            return Err(Refusal::SignalTooLarge);
        }
        for signal in &signals {
            signal.check()?;
            if let Signal::Afresh(_) = signal {
                return Err(Refusal::MalformedSignal);
            }
        }
        let call = self.calls.get_mut(id).ok_or(Refusal::NoSuchInvite)?;
        let open = call.invites.remove(&from.user).ok_or(Refusal::NoSuchInvite)?;
        self.timers.disarm_ring(open.deadline, id, &from.user);
        // Without an offer there is nothing to answer; or the page that made it is gone.
        if let Some(by) = call.member(&open.by.id)
            && !open.early.is_empty()
        {
            let to = Address {
                user: open.by.id.clone(),
                device: by.device(),
            };
            for signal in signals {
                let event = Event::Signaled {
                    call: id,
                    from: from.user.clone(),
                    entry: open.entry,
                    signal,
                };
                self.deliver(to.clone(), event);
            }
        }
        let promised = open.promised_entry();
        let invited = Invited {
            by: open.by.id,
            at: open.invited_at,
        };
        self.enter(now, from, id, media, Some(invited), promised);
        let closed = Event::InviteClosed {
            invite,
            outcome: InviteOutcome::Accepted,
        };
        for to in self.people.attached_devices(&from.user) {
            if to.device != from.device {
                self.deliver(to, closed.clone());
            }
        }
        Ok(())
    }

    pub(super) fn reject(&mut self, now: Timestamp, from: &Address, invite: InviteId) -> Result<(), Refusal> {
        let id = self.ringing_call(&from.user, invite)?;
        self.close_invite(now, id, &from.user, InviteOutcome::Rejected);
        Ok(())
    }

    pub(super) fn ring_timed_out(&mut self, now: Timestamp, call: CallId, invitee: &UserId) {
        self.close_invite(now, call, invitee, InviteOutcome::TimedOut);
    }

    /// An invitation ends without an answer; the call may be over with it.
    pub(super) fn close_invite(
        &mut self,
        now: Timestamp,
        id: CallId,
        invitee: &UserId,
        outcome: InviteOutcome,
    ) {
        if let Some(invitee) = self.withdraw_invite(id, invitee, outcome) {
            let event = Event::InviteeGone {
                call: id,
                invitee,
                outcome,
            };
            self.deliver_to_members(id, None, &event);
            let has_been_answered = self.calls.get(id).is_some_and(|call| call.connected_at.is_some());
            let reason = if has_been_answered {
                EndReason::OthersLeft
            } else {
                reason_without_answer(outcome)
            };
            self.end_if_over(now, id, reason);
        }
    }

    /// An invitation ends without an answer, as its invitee sees it. Returns whose it was, if it was open.
    pub(super) fn withdraw_invite(
        &mut self,
        id: CallId,
        invitee: &UserId,
        outcome: InviteOutcome,
    ) -> Option<Person> {
        let call = self.calls.get_mut(id)?;
        let open = call.invites.remove(invitee)?;
        let record = CallRecord {
            call: id,
            caller: open.by.id,
            callee: invitee.clone(),
            call_type: call.call_type,
            outcome,
            connected: Duration::ZERO,
            invited_at: open.invited_at,
            kept_from_callee: !open.heard,
        };
        self.timers.disarm_ring(open.deadline, id, invitee);
        self.records.push(record);
        if open.heard {
            self.stop_ringing(invitee, open.id, outcome);
        }
        Some(open.invitee)
    }

    /// Somebody's devices ring no more, and they are free.
    pub(super) fn stop_ringing(&mut self, invitee: &UserId, invite: InviteId, outcome: InviteOutcome) {
        self.deliver_to_person(invitee, &Event::InviteClosed { invite, outcome });
        self.people.release(invitee);
        self.people.forget_if_idle(invitee);
    }
}
