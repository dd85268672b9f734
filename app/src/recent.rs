//! How the calls of this page join the calls of the past, without asking the server again.

use call::handset::{CallView, Notice, RingingView, Stage};
use call::id::Person;
use call::media::CallType;
use call::protocol::EndReason;

use crate::page::{PastCall, PastOutcome};

/// What the phone's view says of the last call: enough to tell, once it is over, what came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum LastCall {
    /// Nothing is going on, and this is what is said of the last call.
    Over(Option<Notice>),
    /// Calling somebody.
    Calling,
    /// Being called.
    Ringing(RingingView),
    /// In a call.
    Talking,
}

impl LastCall {
    /// What `view` says.
    pub fn of(view: &CallView) -> Self {
        match &view.stage {
            Stage::Idle => Self::Over(view.notice.clone()),
            // On the way into the call of a group, which somebody else has placed.
            Stage::Calling(calling) if calling.invitees.is_empty() => Self::Talking,
            Stage::Calling(_) => Self::Calling,
            Stage::Ringing(ringing) => Self::Ringing(ringing.clone()),
            Stage::InCall(_) => Self::Talking,
        }
    }
}

/// Follows the calls of this page, one [`LastCall`] after the other.
#[derive(Debug, Default)]
pub struct Ledger {
    began: Option<Began>,
}

/// How the call that is going on began. Unknown after a reload in the middle of it.
#[derive(Debug)]
enum Began {
    Here,
    There(RingingView),
}

impl Ledger {
    /// Take note of what the view says now. Returns the calls that are over by it: one, or none, or one for each person
    /// who was called into a group call. `now_ms` is when.
    pub fn follow(&mut self, last: &LastCall, now_ms: u64) -> Vec<PastCall> {
        match last {
            LastCall::Calling => self.began = Some(Began::Here),
            LastCall::Ringing(ringing) => self.began = Some(Began::There(ringing.clone())),
            LastCall::Talking => {}
            LastCall::Over(notice) => {
                let began = self.began.take();
                let Some((people, call_type, outcome, connected_ms)) =
                    began.and_then(|began| what_came_of(began, notice.as_ref()))
                else {
                    return Vec::new();
                };
                let past_call = |with| PastCall {
                    with,
                    call_type,
                    outcome,
                    connected_ms,
                    placed_at_ms: now_ms,
                };
                return people.into_iter().map(past_call).collect();
            }
        }
        Vec::new()
    }
}

fn what_came_of(began: Began, notice: Option<&Notice>) -> Option<(Vec<Person>, CallType, PastOutcome, u64)> {
    let unheard = |ringing: RingingView, outcome| Some((vec![ringing.caller], ringing.call_type, outcome, 0));
    match (began, notice) {
        (
            Began::Here,
            Some(Notice::Ended {
                with,
                call_type,
                reason,
                connected_ms,
                ..
            }),
        ) => {
            let answered = match reason {
                EndReason::Cancelled | EndReason::Rejected | EndReason::Busy | EndReason::NoAnswer => false,
                EndReason::HungUp
                | EndReason::OthersLeft
                | EndReason::ConnectionLost
                | EndReason::MovedElsewhere => true,
            };
            let outcome = if answered {
                PastOutcome::Outgoing
            } else {
                PastOutcome::Unanswered
            };
            Some((with.clone(), *call_type, outcome, *connected_ms))
        }
        (
            Began::There(ringing),
            Some(Notice::Ended {
                call_type,
                connected_ms,
                ..
            }),
        ) => Some((
            vec![ringing.caller],
            *call_type,
            PastOutcome::Incoming,
            *connected_ms,
        )),
        (Began::There(ringing), Some(Notice::Missed { .. })) => unheard(ringing, PastOutcome::Missed),
        (Began::There(ringing), Some(Notice::HandledElsewhere { accepted: true, .. })) => {
            unheard(ringing, PastOutcome::Incoming)
        }
        // One's own refusal says nothing: the person knows.
        (Began::There(ringing), None | Some(Notice::HandledElsewhere { accepted: false, .. })) => {
            unheard(ringing, PastOutcome::Declined)
        }
        // The call was not placed, or nobody knows what became of it.
        (Began::Here, None | Some(Notice::Missed { .. } | Notice::HandledElsewhere { .. }))
        | (
            Began::Here | Began::There(_),
            Some(Notice::Refused(_) | Notice::NoVideo { .. } | Notice::NotConnected),
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use call::handset::CallNumber;
    use call::id::{CallId, RoomId};

    use super::*;

    fn number() -> CallNumber {
        CallNumber {
            call: CallId::from_bits(1),
            room: RoomId::new(1).unwrap(),
        }
    }

    fn bob() -> Person {
        Person {
            id: "bob".parse().unwrap(),
            name: "Bob".parse().unwrap(),
        }
    }

    fn ended(reason: EndReason, connected_ms: u64) -> LastCall {
        LastCall::Over(Some(Notice::Ended {
            group: None,
            with: vec![bob()],
            call_type: CallType::Video,
            reason,
            connected_ms,
        }))
    }

    fn ringing() -> LastCall {
        LastCall::Ringing(RingingView {
            number: number(),
            invite: call::id::InviteId::from_bits(1),
            of_group: None,
            caller: bob(),
            others: Vec::new(),
            call_type: CallType::Audio,
            note: None,
        })
    }

    fn outcome(story: &[LastCall]) -> Option<PastOutcome> {
        let mut ledger = Ledger::default();
        let mut calls: Vec<_> = story.iter().flat_map(|last| ledger.follow(last, 7)).collect();
        assert!(calls.len() <= 1, "one story, one call");
        calls.pop().map(|call| call.outcome)
    }

    #[test]
    fn a_call_is_told_by_how_it_began_and_ended() {
        use LastCall::{Calling, Over, Talking};
        let missed = Over(Some(Notice::Missed {
            caller: bob(),
            call_type: CallType::Audio,
            timed_out: true,
        }));
        let elsewhere = |accepted| {
            Over(Some(Notice::HandledElsewhere {
                caller: bob(),
                accepted,
            }))
        };
        for (story, expected) in [
            (
                vec![Calling, Talking, ended(EndReason::HungUp, 5_000)],
                Some(PastOutcome::Outgoing),
            ),
            (
                vec![Calling, ended(EndReason::NoAnswer, 0)],
                Some(PastOutcome::Unanswered),
            ),
            (
                vec![ringing(), Talking, ended(EndReason::OthersLeft, 5_000)],
                Some(PastOutcome::Incoming),
            ),
            (vec![ringing(), missed.clone()], Some(PastOutcome::Missed)),
            (vec![ringing(), Over(None)], Some(PastOutcome::Declined)),
            (vec![ringing(), elsewhere(true)], Some(PastOutcome::Incoming)),
            (vec![ringing(), elsewhere(false)], Some(PastOutcome::Declined)),
            (vec![Over(None), missed], None),
            (vec![Talking, ended(EndReason::HungUp, 5_000)], None),
            (vec![Calling, Over(Some(Notice::NotConnected))], None),
        ] {
            assert_eq!(outcome(&story), expected, "{story:?}");
        }
    }

    #[test]
    fn a_call_is_listed_once() {
        assert_eq!(
            outcome(&[LastCall::Calling, ended(EndReason::Busy, 0), LastCall::Over(None)]),
            Some(PastOutcome::Unanswered)
        );
    }
}
