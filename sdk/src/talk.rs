//! The present call, as far as events and questions name it.

use call::handset::{CallNumber, RingingView, Stage};
use call::id::UserId;
use call::narrator::CallEvent;

use crate::params::Dial;

/// A call from its invitation to its end.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    /// Who placed it, or rang this person.
    pub(crate) sponsor: UserId,
    /// Whether it was placed here.
    pub(crate) inviter: bool,
    /// Everybody who was invited.
    pub(crate) list: Vec<UserId>,
    /// Whether it was placed to several people.
    pub(crate) group: bool,
    /// The caller's name for the group that is called.
    pub(crate) group_id: Option<String>,
    /// By what it is known, once it is.
    pub(crate) number: Option<CallNumber>,
}

impl Talk {
    /// A call that is placed here.
    pub(crate) fn placed(me: &UserId, dial: &Dial, group: bool) -> Self {
        Self {
            sponsor: me.clone(),
            inviter: true,
            list: dial.callees.iter().map(|person| person.id.clone()).collect(),
            group,
            group_id: dial.group_id.clone(),
            number: None,
        }
    }

    /// A call to this person.
    pub(crate) fn invited(me: &UserId, ringing: &RingingView) -> Self {
        let note = ringing.note.as_ref().and_then(|note| note.group.as_ref());
        let stored = ringing.of_group.as_ref().map(|group| String::from(group.id));
        let mut list: Vec<UserId> = ringing.others.iter().map(|person| person.id.clone()).collect();
        list.push(me.clone());
        Self {
            sponsor: ringing.caller.id.clone(),
            inviter: false,
            group: list.len() > 1,
            list,
            group_id: note.map(|id| id.as_str().to_owned()).or(stored),
            number: Some(ringing.number),
        }
    }

    /// The id by which pages know the invitation: that of the call, which is the same on every side.
    pub(crate) fn invite_id(&self) -> String {
        self.number
            .map(|number| String::from(number.call))
            .unwrap_or_default()
    }

    /// Take note of what is shown.
    pub(crate) fn follow(&mut self, stage: &Stage) {
        match stage {
            Stage::Calling(calling) => self.number = calling.placed.or(self.number),
            Stage::InCall(call) => {
                self.number = Some(call.number);
                self.group |= call.group;
            }
            Stage::Idle | Stage::Ringing(_) => {}
        }
    }

    /// Take note of what is told.
    pub(crate) fn hear(&mut self, event: &CallEvent) {
        if let CallEvent::InviteesChanged(users) = event {
            let is_new = |user: &&UserId| !self.list.contains(user) && **user != self.sponsor;
            let new: Vec<UserId> = users.iter().filter(is_new).cloned().collect();
            self.list.extend(new);
        }
    }
}
