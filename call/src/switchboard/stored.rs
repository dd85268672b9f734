//! What outlives a switchboard: its calls, so that they go on after the server was stopped, however that came about.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::people::Engagement;
use super::{Address, Call, Change, Output, Switchboard};
use crate::id::{CallId, CommandId, GroupId, Roster, UserId};
use crate::time::Timestamp;

/// A call as it is stored.
///
/// Not stored are an open question for video, which is asked again, and what was said ahead of an answer, which the phones
/// that ring have heard already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredCall {
    /// Which.
    id: CallId,
    call: Call,
    /// The last command of each member's device, so that one which is repeated has no second effect.
    last_commands: BTreeMap<UserId, CommandId>,
}

impl StoredCall {
    /// Which call it is.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// Who is in it or rung into it.
    pub fn people(&self) -> impl Iterator<Item = &UserId> {
        self.call.members.keys().chain(self.call.invites.keys())
    }

    /// The stored group whose call it is.
    pub fn of_group(&self) -> Option<GroupId> {
        self.call.of_group()
    }
}

/// All that a switchboard has to know to go on where one before it was stopped.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The calls.
    pub calls: Vec<StoredCall>,
    /// The groups whose calls they are, as they are now.
    pub groups: Vec<Roster>,
    /// Whom each of the people in these calls has blocked.
    pub blocks: BTreeMap<UserId, BTreeSet<UserId>>,
}

impl Switchboard {
    /// The least that is left to answer an invitation after the server was stopped while it rang.
    const RINGS_ON_FOR: Duration = Duration::from_secs(10);

    /// Go on with what was stored by a switchboard before this one. Everybody in a call has the time of a silent socket to
    /// come back.
    ///
    /// The timestamps of what was stored are of the same clock as `now`, as far as that clock can be trusted: nothing ends
    /// because it was set back or ahead.
    pub fn restore(&mut self, now: Timestamp, stored: Stored) {
        let undrained = self.outputs.len();
        for call in stored.calls {
            self.restore_call(now, call, &stored.groups);
        }
        for (by, blocked) in stored.blocks {
            for whom in blocked {
                self.people.block(&by, &whom);
            }
        }
        self.commit(undrained);
    }

    fn restore_call(&mut self, now: Timestamp, stored: StoredCall, groups: &[Roster]) {
        let StoredCall {
            id,
            mut call,
            last_commands,
        } = stored;
        call.wake(now, Self::RINGS_ON_FOR);
        let heard = call.invites.iter().filter(|(_, invite)| invite.heard);
        let mut everybody = call.members.keys().chain(heard.map(|(user, _)| user));
        if call.members.is_empty() || everybody.any(|user| self.people.engagement(user) != Engagement::Free) {
            // No switchboard would have stored that. Nothing of it can go on.
            self.calls.remove(id);
            return;
        }
        for (user, member) in &call.members {
            self.people.introduce(&member.on_the_wire().person);
            self.people.engage(user, Engagement::InCall(id));
            let address = Address {
                user: user.clone(),
                device: member.device(),
            };
            let last_command = last_commands.get(user).copied().unwrap_or_default();
            self.people.expect(&address, last_command);
            self.timers
                .arm_grace(self.config.grace_of_the_silent(now), &address);
        }
        for (user, invite) in &call.invites {
            self.timers.arm_ring(invite.deadline, id, user);
            if invite.heard {
                self.people.introduce(&invite.invitee);
                self.people.engage(user, Engagement::Ringing(id));
            }
        }
        if let Some(group) = call.of_group {
            match groups.iter().find(|roster| roster.group.id == group) {
                Some(roster) => self.begin_group_call(id, call.call_type, roster.clone()),
                None => call.of_group = None,
            }
        }
        self.calls.insert(id, call);
        self.release_group_call(id);
    }

    /// Hand out what the present input has changed, to be stored before what comes of it is told: in front of the outputs that
    /// there were not before.
    pub(super) fn commit(&mut self, undrained: usize) {
        let records = core::mem::take(&mut self.records);
        let mut changes: Vec<Change> = records.into_iter().map(Change::Record).collect();
        for id in self.calls.take_changed() {
            changes.push(match self.calls.get(id) {
                Some(call) => Change::Call(Box::new(self.stored(id, call))),
                None => Change::CallOver(id),
            });
        }
        if !changes.is_empty() {
            self.outputs.insert(undrained, Output::Commit(changes));
        }
    }

    fn stored(&self, id: CallId, call: &Call) -> StoredCall {
        let last_command = |(user, member): (&UserId, &super::Member)| {
            let address = Address {
                user: user.clone(),
                device: member.device(),
            };
            (user.clone(), self.people.last_command(&address))
        };
        StoredCall {
            id,
            call: call.clone(),
            last_commands: call.members().map(last_command).collect(),
        }
    }
}
