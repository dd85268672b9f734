//! Being in a call: what members may do, and how they leave.

use super::call::{EndedFor, Invited, Leaving};
use super::people::Engagement;
use super::{Address, Switchboard};
use crate::id::{CallId, Entry, UserId};
use crate::media::MediaState;
use crate::protocol::{EndReason, Event, InviteOutcome, Refusal, Signal};
use crate::time::{Timestamp, millis};

impl Switchboard {
    /// Somebody takes a place in a call of others, who were waiting for that or are talking already: under the entry that
    /// an invitation has promised, or a fresh one.
    pub(super) fn enter(
        &mut self,
        now: Timestamp,
        from: &Address,
        id: CallId,
        media: MediaState,
        invited: Option<Invited>,
        promised: Option<Entry>,
    ) {
        let person = self.people.person(&from.user);
        let was = self.presence(&from.user);
        if let Some(call) = self.calls.get_mut(id) {
            let entry = promised.unwrap_or_else(|| call.next_entry());
            call.enter(now, entry, person, from.device, media, invited);
            call.connected_at.get_or_insert(now);
        }
        self.people.engage(&from.user, Engagement::InCall(id));
        self.tell_entered(id, &from.user);
        self.deliver_joined(now, id, &from.user);
        self.tell_presence(&from.user, was);
    }

    /// Tell the others in the call of somebody's new entry.
    pub(super) fn tell_entered(&mut self, id: CallId, user: &UserId) {
        if let Some(member) = self.calls.get(id).and_then(|call| call.member(user)) {
            let event = Event::UserEntered {
                call: id,
                member: member.on_the_wire(),
            };
            self.deliver_to_members(id, Some(user), &event);
        }
    }

    /// Tell each of somebody's devices where that person's place in the call is now.
    pub(super) fn deliver_joined(&mut self, now: Timestamp, id: CallId, user: &UserId) {
        for to in self.people.attached_devices(user) {
            if let Some(snapshot) = self.snapshot(now, id, &to) {
                let call = Box::new(snapshot);
                self.deliver(to, Event::Joined { call });
            }
        }
    }

    pub(super) fn hang_up(&mut self, now: Timestamp, from: &Address, call: CallId) -> Result<(), Refusal> {
        self.check_seat(from, call)?;
        self.leave(now, call, &from.user, Leaving::HungUp);
        Ok(())
    }

    /// Only the device that holds a person's place may act in the call.
    pub(super) fn check_seat(&self, from: &Address, call: CallId) -> Result<(), Refusal> {
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
        self.release_group_call(id);

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
    pub(super) fn end_if_over(&mut self, now: Timestamp, id: CallId, reason: EndReason) {
        let over = self
            .calls
            .get(id)
            .is_some_and(|call| call.invites.is_empty() && call.members.len() < 2);
        if !over {
            return;
        }
        self.take_video_request(id);
        let Some(call) = self.calls.remove(id) else { return };
        if let Some(group) = call.of_group {
            self.end_group_call(group);
        }
        for (user, member) in &call.members {
            let was = self.presence(user);
            self.end_for(id, user, reason, call.ended_for(now, id, member));
            self.tell_presence(user, was);
        }
    }

    /// The call is over for somebody. Every device is told: the one in the call ends it, the others know that it is no
    /// longer elsewhere.
    pub(super) fn end_for(&mut self, id: CallId, user: &UserId, reason: EndReason, ended: EndedFor) {
        self.records.extend(ended.record);
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

    pub(super) fn rejoin(
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

    pub(super) fn signal(
        &mut self,
        from: &Address,
        call: CallId,
        to: &UserId,
        entry: Entry,
        signal: Signal,
    ) -> Result<(), Refusal> {
        self.check_seat(from, call)?;
        signal.check()?;
        let room = self.calls.get_mut_unstored(call).ok_or(Refusal::NoSuchCall)?;
        let sender = room.member(&from.user).ok_or(Refusal::NoSuchCall)?.entry();
        let receivers = if let Some(receiver) = room.member(to)
            && receiver.entry() == entry
            && *to != from.user
        {
            let device = receiver.device();
            let user = to.clone();
            let taken = room
                .member_mut(&from.user)
                .is_some_and(|sender| sender.take_signal(to, &signal));
            if !taken {
                return Err(Refusal::SignalTooLarge);
            }
            vec![Address { user, device }]
        } else if let Some(invite) = room.invites.get_mut(to)
            && invite.entry == entry
            && invite.by.id == from.user
            && invite.take_early(&signal)
        {
            if invite.heard {
                self.people.attached_devices(to)
            } else {
                // It is kept, as for somebody offline.
                return Ok(());
            }
        } else {
            // For a link that is gone, or to somebody who has just left: the sender is about to learn it. Or more than may be
            // said ahead of an answer.
            return Ok(());
        };
        for to in receivers {
            let event = Event::Signaled {
                call,
                from: from.user.clone(),
                entry: sender,
                signal: signal.clone(),
            };
            self.deliver(to, event);
        }
        Ok(())
    }

    /// Somebody's socket is silent, but their media arrives. They have more time to come back: what is lost is not their call.
    pub(super) fn vouch(
        &mut self,
        now: Timestamp,
        from: &Address,
        call: CallId,
        user: &UserId,
    ) -> Result<(), Refusal> {
        self.check_seat(from, call)?;
        let member = self.calls.get(call).and_then(|call| call.member(user));
        if let Some(member) = member.filter(|member| member.is_away() && *user != from.user) {
            let address = Address {
                user: user.clone(),
                device: member.device(),
            };
            self.timers
                .prolong_grace(now + self.config.silent_grace, &address);
        }
        Ok(())
    }

    pub(super) fn announce(
        &mut self,
        from: &Address,
        call: CallId,
        media: MediaState,
    ) -> Result<(), Refusal> {
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
