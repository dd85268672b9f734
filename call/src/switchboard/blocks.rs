//! Blocks: who does not want to be reached by whom.
//!
//! To those whom somebody has blocked, that person is offline: is shown as offline, and never answers. An invitation of
//! theirs is open until its time is up, as one to somebody offline is, and is not heard of.
//!
//! Whom people have blocked is an input: it comes along with each of their devices, with each command that rings them, and
//! whenever it changes.

use super::Switchboard;
use super::people::Engagement;
use crate::id::UserId;
use crate::protocol::{Event, InviteOutcome, Presence};
use crate::time::Timestamp;

impl Switchboard {
    /// Whether neither of two people sees what the other one is doing.
    pub(super) fn are_apart(&self, one: &UserId, other: &UserId) -> bool {
        self.people.has_blocked(one, other) || self.people.has_blocked(other, one)
    }

    /// Somebody's presence, as somebody else is shown it.
    pub(super) fn presence_shown(&self, to: &UserId, of: &UserId) -> Presence {
        if self.people.has_blocked(to, of) {
            Presence::Blocked
        } else if self.people.has_blocked(of, to) {
            Presence::Offline
        } else {
            self.presence(of)
        }
    }

    pub(super) fn block(&mut self, by: &UserId, whom: &UserId) {
        self.change_block([by, whom], |board| board.people.block(by, whom));
        self.silence(by, whom);
    }

    pub(super) fn unblock(&mut self, now: Timestamp, by: &UserId, whom: &UserId) {
        self.change_block([by, whom], |board| board.people.unblock(by, whom));
        self.ring_after_all(now, by, whom);
    }

    /// Each of the two is shown at once what the other one is to them now.
    fn change_block(&mut self, pair: [&UserId; 2], change: impl FnOnce(&mut Self)) {
        let [one, other] = pair;
        let both = [(one, other), (other, one)];
        let was = both.map(|(to, of)| self.presence_shown(to, of));
        change(self);
        for ((watcher, of), was) in both.into_iter().zip(was) {
            let presence = self.presence_shown(watcher, of);
            if presence == was {
                continue;
            }
            for to in self.people.watchers_of(of) {
                if to.user == *watcher {
                    let people = vec![(of.clone(), presence)];
                    self.deliver(to, Event::PresenceChanged { people });
                }
            }
        }
    }

    /// It rings no more at somebody's who has just blocked whoever rings them. To the caller, nothing has changed.
    fn silence(&mut self, by: &UserId, caller: &UserId) {
        if let Engagement::Ringing(id) = self.people.engagement(by)
            && let Some(invite) = self.calls.get_mut(id).and_then(|call| call.invites.get_mut(by))
            && invite.by.id == *caller
        {
            invite.heard = false;
            let invite = invite.id;
            self.stop_ringing(by, invite, InviteOutcome::Rejected);
        }
    }

    /// Whoever has just taken a block back is rung by the caller, if they are being called: as if they had come online.
    fn ring_after_all(&mut self, now: Timestamp, by: &UserId, caller: &UserId) {
        if let Engagement::InCall(id) = self.people.engagement(caller)
            && self.people.engagement(by) == Engagement::Free
            && let Some(invite) = self.calls.get_mut(id).and_then(|call| call.invites.get_mut(by))
            && invite.by.id == *caller
        {
            invite.heard = true;
            // What was said to the one that was silenced, and is still on its way, must not answer this one.
            invite.id = self.mint.invite();
            let invitee = invite.invitee.clone();
            self.people.introduce(&invitee);
            self.people.engage(by, Engagement::Ringing(id));
            self.tell_invited(now, id, by);
            for device in self.people.attached_devices(by) {
                self.deliver_early(id, &device);
            }
        }
    }
}
