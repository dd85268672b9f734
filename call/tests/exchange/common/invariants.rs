//! What must hold at every step, and whenever nothing is left to happen.

use super::*;

impl Exchange {
    /// Whoever is not in a group learns neither of its calls nor of its name.
    pub(super) fn assert_no_secret_of_a_group(&self, to: &UserId, event: &Event) {
        let shown: Vec<&Group> = match event {
            Event::Welcomed(welcome) => {
                let calls = welcome.group_calls.iter().map(|running| &running.group);
                let invitations = welcome.invitations.iter().flat_map(|open| &open.of_group);
                let call = welcome.call.iter().flat_map(|call| &call.of_group);
                calls.chain(invitations).chain(call).collect()
            }
            Event::GroupCallStarted { group_call } => vec![&group_call.group],
            Event::GroupChanged { roster } => vec![&roster.group],
            Event::Invited { invitation } => invitation.of_group.iter().collect(),
            Event::Placed { call } | Event::Joined { call } => call.of_group.iter().collect(),
            _ => Vec::new(),
        };
        for group in shown {
            assert!(
                self.groups.get(&group.id).is_some_and(|roster| roster.has(to)),
                "{to} is shown {group:?}: {event:?}"
            );
        }
    }

    /// Nobody is rung by those whom they have blocked, or is anything but offline to them.
    pub(super) fn assert_no_secret_of_a_block(&self, to: &UserId, event: &Event) {
        let invitations = match event {
            Event::Welcomed(welcome) => welcome.invitations.as_slice(),
            Event::Invited { invitation } => core::slice::from_ref(&**invitation),
            _ => &[],
        };
        for invitation in invitations {
            let caller = &invitation.caller.id;
            assert!(!self.has_blocked(to, caller), "{to} is rung by {caller}");
        }
        if let Event::Signaled { from, .. } = event {
            let mut members = self.switchboard.calls().flat_map(|(_, call)| call.members());
            assert!(
                !self.has_blocked(to, from) || members.any(|(user, _)| user == to),
                "{to} gets an offer of {from}, and is in no call with them"
            );
        }
        if let Event::PresenceChanged { people } = event {
            for (of, presence) in people {
                let expected = match (self.has_blocked(to, of), self.has_blocked(of, to)) {
                    (true, _) => *presence == Presence::Blocked,
                    (false, true) => *presence == Presence::Offline,
                    (false, false) => *presence != Presence::Blocked,
                };
                assert!(expected, "{to} is shown that {of} is {presence:?}");
            }
        }
    }

    /// The running calls of somebody's groups, as they should know them.
    fn group_calls_of(&self, user: &UserId) -> BTreeMap<GroupId, CallId> {
        let running = self.switchboard.calls();
        running
            .filter_map(|(id, call)| call.of_group().map(|group| (group, id)))
            .filter(|(group, _)| self.groups.get(group).is_some_and(|roster| roster.has(user)))
            .collect()
    }

    /// Whether the switchboard says that this very device is in a call.
    pub(crate) fn is_in_call(&self, phone: &Phone) -> bool {
        self.switchboard.is_in_call(&Address {
            user: phone.user.clone(),
            device: phone.device,
        })
    }

    /// What must hold whenever nothing is left to happen.
    pub(crate) fn assert_quiet(&self) {
        let mut busy = BTreeSet::new();
        let mut groups = BTreeSet::new();
        for group in self.switchboard.calls().filter_map(|(_, call)| call.of_group()) {
            assert!(groups.insert(group), "{group:?} has two calls");
        }
        for (id, call) in self.switchboard.calls() {
            assert_eq!(call.invites().count(), 0, "{id:?} still rings");
            assert!(call.members().count() >= 2, "{id:?} has fewer than two people");
            for (user, member) in call.members() {
                assert!(busy.insert(user.clone()), "{user} is in two calls");
                let phone = self
                    .phones
                    .iter()
                    .find(|phone| phone.user == *user && phone.device == member.device())
                    .unwrap_or_else(|| panic!("{user}'s place in {id:?} is held by no phone"));
                assert_eq!(
                    phone.agent.call(),
                    Some(id),
                    "{user}'s phone and the switchboard disagree"
                );
                phone.assert_linked_to(call, user);
                for (other, link) in phone.links() {
                    let mut others = self.phones.iter().filter(|phone| phone.user == *other);
                    assert!(
                        others.any(|other| other.links().any(|known| *known == (user.clone(), *link))),
                        "{user} is linked to {other} under {link:?}, and not the other way round"
                    );
                }
                phone.assert_of_the_same_type_as(call);
            }
        }
        for phone in self.phones.iter().filter(|phone| phone.is_open()) {
            let told = phone.agent.view().group_calls.into_iter();
            let told: BTreeMap<_, _> = told
                .map(|GroupCall { group, call, .. }| (group.id, call))
                .collect();
            let expected = self.group_calls_of(&phone.user);
            assert_eq!(told, expected, "{} believes in other group calls", phone.user);
        }
        for phone in &self.phones {
            let holds = self.switchboard.calls().any(|(id, call)| {
                phone.agent.call() == Some(id)
                    && call
                        .members()
                        .any(|(user, m)| *user == phone.user && m.device() == phone.device)
            });
            assert_eq!(self.is_in_call(phone), holds, "{}", phone.user);
            if !holds {
                phone.assert_at_rest();
            }
        }
        let stored: BTreeSet<CallId> = self.stored.keys().copied().collect();
        let running: BTreeSet<CallId> = self.switchboard.calls().map(|(id, _)| id).collect();
        assert_eq!(stored, running, "what is stored is not what is going on");
        let mut seen = BTreeSet::new();
        // Who is busy was never rung: that may be so twice in one moment.
        let rung = self.records.iter();
        for record in rung.filter(|record| record.outcome != InviteOutcome::Busy) {
            assert!(
                seen.insert((record.call, record.callee.clone(), record.invited_at)),
                "two outcomes: {record:?}"
            );
        }
    }
}
