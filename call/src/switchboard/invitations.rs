//! Ringing people: from the call to each invitation's one outcome.

use core::time::Duration;
use std::collections::BTreeSet;

use super::call::{Call, Invite, reason_without_answer};
use super::people::Engagement;
use super::{Address, CallRecord, Output, Switchboard};
use crate::id::{CallId, InviteId, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{EndReason, Event, InviteOutcome, Refusal, limits};
use crate::time::Timestamp;

impl Switchboard {
    pub(super) fn call(
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
    pub(super) fn call_back_while_ringing(
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
    pub(super) fn withdraw_invite(&mut self, id: CallId, invitee: &UserId, outcome: InviteOutcome) -> bool {
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
