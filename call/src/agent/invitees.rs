//! Those who were invited into the call and are not in it.

use core::time::Duration;

use crate::handset::{InviteeState, InviteeView};
use crate::id::{Entry, Person, UserId};
use crate::protocol::{EndReason, InviteOutcome, InvitedPerson};
use crate::time::Timestamp;

/// Who is being rung; and, for a moment, who will not come. In the order in which they were invited.
#[derive(Debug, Default)]
pub(super) struct Invitees(Vec<Invitee>);

#[derive(Debug)]
struct Invitee {
    person: Person,
    state: InviteeState,
    /// Who rings them, and under which entry they will be in the call; once the switchboard has said so.
    place: Option<(UserId, Entry)>,
    /// When somebody who will not come is no longer shown.
    shown_until: Option<Timestamp>,
}

impl Invitees {
    /// How long it can be read that somebody will not come.
    const SHOWN: Duration = Duration::from_secs(5);

    /// People who are about to be rung.
    pub(super) fn calling(people: Vec<Person>) -> Self {
        Self(people.into_iter().map(Invitee::calling).collect())
    }

    pub(super) fn people(&self) -> impl Iterator<Item = &Person> {
        self.0.iter().map(|invitee| &invitee.person)
    }

    /// The switchboard rings these people.
    pub(super) fn add(&mut self, invited: &[InvitedPerson]) {
        for invited in invited {
            let invitee = Invitee {
                person: invited.person.clone(),
                state: if invited.ringing {
                    InviteeState::Ringing
                } else {
                    InviteeState::Calling
                },
                place: Some((invited.by.clone(), invited.entry)),
                shown_until: None,
            };
            self.put(invitee);
        }
    }

    /// These and nobody else are being rung, by the word of the switchboard.
    pub(super) fn mirror(&mut self, invited: &[InvitedPerson]) {
        self.0.retain(|invitee| {
            invitee.shown_until.is_some()
                || invited
                    .iter()
                    .any(|invited| invited.person.id == invitee.person.id)
        });
        self.add(invited);
    }

    /// A device of theirs shows the invitation.
    pub(super) fn ringing(&mut self, user: &UserId) {
        if let Some(invitee) = self.0.iter_mut().find(|invitee| invitee.person.id == *user) {
            invitee.state = InviteeState::Ringing;
        }
    }

    /// They will not come.
    pub(super) fn gone(&mut self, now: Timestamp, person: Person, outcome: InviteOutcome) {
        let state = match outcome {
            InviteOutcome::Rejected => InviteeState::Rejected,
            InviteOutcome::Busy => InviteeState::Busy,
            InviteOutcome::TimedOut => InviteeState::NoAnswer,
            InviteOutcome::Unknown => InviteeState::Unknown,
            // Who accepted is in the call, and whoever cancelled knows it.
            InviteOutcome::Accepted | InviteOutcome::Cancelled => return self.remove(&person.id),
        };
        self.put(Invitee {
            person,
            state,
            place: None,
            shown_until: Some(now + Self::SHOWN),
        });
    }

    /// How a call that nobody has answered has ended, if nobody can any more: by how the last of them is gone.
    pub(super) fn outcome(&self) -> Option<EndReason> {
        let mut last: Option<&Invitee> = None;
        for invitee in &self.0 {
            invitee.shown_until?;
            if last.is_none_or(|last| last.shown_until <= invitee.shown_until) {
                last = Some(invitee);
            }
        }
        match last?.state {
            InviteeState::Rejected => Some(EndReason::Rejected),
            InviteeState::Busy => Some(EndReason::Busy),
            InviteeState::NoAnswer => Some(EndReason::NoAnswer),
            InviteeState::Unknown | InviteeState::Calling | InviteeState::Ringing => None,
        }
    }

    fn put(&mut self, invitee: Invitee) {
        match self
            .0
            .iter_mut()
            .find(|known| known.person.id == invitee.person.id)
        {
            Some(known) => *known = invitee,
            None => self.0.push(invitee),
        }
    }

    /// Those at whose devices it rings because this person wants it, with their entries.
    pub(super) fn ringing_by(&self, me: &UserId) -> impl Iterator<Item = (&UserId, Entry)> {
        self.0.iter().filter_map(move |invitee| match &invitee.place {
            Some((by, entry)) if by == me && invitee.state == InviteeState::Ringing => {
                Some((&invitee.person.id, *entry))
            }
            Some(_) | None => None,
        })
    }

    /// They are in the call.
    pub(super) fn remove(&mut self, user: &UserId) {
        self.0.retain(|invitee| invitee.person.id != *user);
    }

    /// When the next one has been shown for long enough.
    pub(super) fn next_forget(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|invitee| invitee.shown_until).min()
    }

    pub(super) fn forget(&mut self, now: Timestamp) {
        self.0
            .retain(|invitee| invitee.shown_until.is_none_or(|until| until > now));
    }

    /// Whether it rings at anybody's.
    pub(super) fn is_ringing(&self) -> bool {
        self.0
            .iter()
            .any(|invitee| invitee.state == InviteeState::Ringing)
    }

    pub(super) fn view(&self) -> Vec<InviteeView> {
        let view = |invitee: &Invitee| InviteeView {
            person: invitee.person.clone(),
            state: invitee.state,
        };
        self.0.iter().map(view).collect()
    }
}

impl Invitee {
    fn calling(person: Person) -> Self {
        Self {
            person,
            state: InviteeState::Calling,
            place: None,
            shown_until: None,
        }
    }
}
