//! Stored groups, as far as they have a running call: who is in them, and so may see it and join it.
//!
//! The switchboard knows a group from the moment in which a call of it is placed to the end of that call. Who is in it is
//! an input: it comes along with the command that places the call, and again whenever it changes meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use super::call::Invited;
use super::people::Engagement;
use super::{Address, Switchboard};
use crate::id::{CallId, Group, GroupId, Roster, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{Event, GroupCall, Refusal, limits};
use crate::time::Timestamp;

/// The groups that have a running call. None has two.
#[derive(Debug, Default)]
pub(super) struct GroupCalls {
    running: BTreeMap<GroupId, Running>,
    /// The groups of each person, so that whoever connects need not be looked for in all of them.
    by_member: BTreeMap<UserId, BTreeSet<GroupId>>,
}

#[derive(Debug)]
struct Running {
    call: CallId,
    call_type: CallType,
    roster: Roster,
}

impl Running {
    fn on_the_wire(&self) -> GroupCall {
        GroupCall {
            group: self.roster.group.clone(),
            call: self.call,
            call_type: self.call_type,
        }
    }
}

impl GroupCalls {
    /// The running call of a group.
    pub(super) fn call_of(&self, group: GroupId) -> Option<CallId> {
        self.running.get(&group).map(|running| running.call)
    }

    /// The running calls of the groups that somebody is in.
    pub(super) fn of_member(&self, user: &UserId) -> Vec<GroupCall> {
        let groups = self.by_member.get(user).into_iter().flatten();
        groups
            .filter_map(|group| self.running.get(group))
            .map(Running::on_the_wire)
            .collect()
    }

    /// A group, for those who are in it.
    pub(super) fn shown_to(&self, user: &UserId, group: GroupId) -> Option<Group> {
        let roster = &self.running.get(&group)?.roster;
        roster.has(user).then(|| roster.group.clone())
    }

    fn insert(&mut self, call: CallId, call_type: CallType, roster: Roster) {
        let group = roster.group.id;
        for member in &roster.members {
            self.by_member.entry(member.id.clone()).or_default().insert(group);
        }
        let running = Running {
            call,
            call_type,
            roster,
        };
        self.running.insert(group, running);
    }

    fn remove(&mut self, group: GroupId) -> Option<Running> {
        let running = self.running.remove(&group)?;
        for member in &running.roster.members {
            if let Some(groups) = self.by_member.get_mut(&member.id) {
                groups.remove(&group);
                if groups.is_empty() {
                    self.by_member.remove(&member.id);
                }
            }
        }
        Some(running)
    }
}

impl Switchboard {
    /// The group has a call from now on. Nobody is told yet.
    pub(super) fn begin_group_call(&mut self, call: CallId, call_type: CallType, roster: Roster) {
        self.group_calls.insert(call, call_type, roster);
    }

    /// Tell everybody in the group of its call.
    pub(super) fn tell_group_call(&mut self, group: GroupId) {
        if let Some(running) = self.group_calls.running.get(&group) {
            let event = Event::GroupCallStarted {
                group_call: running.on_the_wire(),
            };
            for member in running.roster.members.clone() {
                self.deliver_to_person(&member.id, &event);
            }
        }
    }

    /// The call is over: nobody in the group can join it any more.
    pub(super) fn end_group_call(&mut self, group: GroupId) {
        if let Some(running) = self.group_calls.remove(group) {
            for member in running.roster.members {
                self.deliver_to_person(&member.id, &Event::GroupCallEnded { group });
            }
        }
    }

    /// A call in which nobody of its group is left, but guests of theirs, is not the group's any more: it must not keep them
    /// from another one, nor bring them to people whom they have not called.
    pub(super) fn release_group_call(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(id) else {
            return;
        };
        let of_the_group = |running: &Running| call.members.keys().any(|user| running.roster.has(user));
        let running = call
            .of_group
            .and_then(|group| self.group_calls.running.get(&group));
        if running.is_some_and(|running| !of_the_group(running)) && !call.members.is_empty() {
            let group = call.of_group.take();
            if let Some(group) = group {
                self.end_group_call(group);
            }
        }
    }

    /// Who is in a group has changed, or how it is called. The call goes on with those who are in it; what changes is who
    /// may see it and join it.
    pub(super) fn group_changed(&mut self, roster: Roster, left: Option<&UserId>) {
        let group = roster.group.id;
        let changed = Event::GroupChanged {
            roster: Box::new(roster.clone()),
        };
        for member in &roster.members {
            self.deliver_to_person(&member.id, &changed);
        }
        if let Some(left) = left {
            self.deliver_to_person(left, &Event::GroupLeft { group });
        }
        let Some(before) = self.group_calls.remove(group) else {
            return;
        };
        self.group_calls
            .insert(before.call, before.call_type, roster.clone());
        for member in &before.roster.members {
            if !roster.has(&member.id) {
                self.deliver_to_person(&member.id, &Event::GroupCallEnded { group });
            }
        }
        let event = Event::GroupCallStarted {
            group_call: GroupCall {
                group: roster.group.clone(),
                call: before.call,
                call_type: before.call_type,
            },
        };
        let renamed = roster.group != before.roster.group;
        for member in &roster.members {
            if renamed || !before.roster.has(&member.id) {
                self.deliver_to_person(&member.id, &event);
            }
        }
    }

    /// Somebody enters the running call of a group that they are in.
    pub(super) fn join(
        &mut self,
        now: Timestamp,
        from: &Address,
        id: CallId,
        media: MediaState,
    ) -> Result<(), Refusal> {
        let call = self.calls.get_mut(id).ok_or(Refusal::GroupCallEnded)?;
        call.of_group
            .and_then(|group| self.group_calls.shown_to(&from.user, group))
            .ok_or(Refusal::GroupCallEnded)?;
        match self.people.engagement(&from.user) {
            Engagement::Free => {}
            // Who is rung into this very call has answered.
            Engagement::Ringing(ringing) if ringing == id => {
                let invite = call.invites.get(&from.user).ok_or(Refusal::GroupCallEnded)?.id;
                return self.accept(now, from, invite, media, Vec::new());
            }
            Engagement::Ringing(_) | Engagement::InCall(_) => return Err(Refusal::AlreadyInCall),
        }
        // An invitation of which they have not heard is not answered by this, but it has no point any more. Nor have they heard
        // what was said to its entry: they enter under another one.
        if let Some(unheard) = call.invites.remove(&from.user) {
            self.timers.disarm_ring(unheard.deadline, id, &from.user);
        }
        if call.members.len() + call.invites.len() >= limits::CALL_PEOPLE {
            return Err(Refusal::CallFull {
                limit: limits::CALL_PEOPLE as u16,
            });
        }
        // For the history: whoever placed the call called the group or, once they are gone, whoever has been in it longest.
        let there = call.members.iter();
        let by = there.min_by_key(|(user, member)| (**user != call.caller.id, member.entry()));
        let invited = by.map(|(by, _)| Invited {
            by: by.clone(),
            at: now,
        });
        self.enter(now, from, id, media, invited, None);
        Ok(())
    }
}
