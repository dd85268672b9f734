//! One peer connection to somebody else: its negotiation, how it goes, and when something is done about it.
//!
//! ```text
//!             connected, something arrives         nothing arrives, disconnected
//! Connecting ──────────────────────────▶ Connected ─────────────────────────────▶ Interrupted
//!   │ 15 s, or failed                       ▲ ▲                                    │ 3 s: ICE is restarted
//!   ▼                                       │ └─────────────────────────────── Restarting
//! Failed ───────────────────────────────────┘                                     │ 10 s
//!   ▲ └─▶ a fresh connection after 15 s, 30 s, then every minute                   ▼
//!   └─────────────────────────────────────────────────── a fresh connection, 15 s ─┘
//! ```
//!
//! Time counts only while the two sides can talk to one another: whatever is done about a link needs both.

use core::time::Duration;

use super::{LinkInput, LinkName, LinkRole};
use crate::id::{Attempt, Entry};
use crate::negotiation::{Negotiation, Politeness, Step};
use crate::protocol::Signal;
use crate::time::Timestamp;

/// One peer connection, as this side knows it.
#[derive(Debug)]
pub(super) struct Link {
    name: LinkName,
    role: LinkRole,
    negotiation: Negotiation,
    condition: Condition,
    /// When something is done about it. None while there is nothing to do, or nobody to do it with.
    due: Option<Timestamp>,
    /// How many fresh connections there were since media last flowed.
    fresh: u8,
    /// The attempt from which the other side speaks. Only if it is this side's too, what it says is for this connection.
    theirs: Attempt,
    /// See [`Link::may_begin_afresh`].
    allowance: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Connecting,
    Connected {
        /// When something was last found to have arrived.
        heard_at: Timestamp,
    },
    /// The browser often mends it by itself within seconds. If it has not by then, ICE is restarted.
    Interrupted,
    /// ICE is being restarted; or it is the first fresh connection in place of one that worked.
    Restarting,
    /// No way was found, at least not by now.
    Failed,
}

/// What is done about a link that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    RestartIce,
    /// Another connection takes the place of the one with this name.
    Afresh(LinkName),
}

impl Link {
    /// How long the browser may try by itself.
    const PATIENCE: Duration = Duration::from_secs(3);
    /// How long it takes at the most that ICE is restarted.
    const RESTART: Duration = Duration::from_secs(10);
    /// How long a connection may take that was never connected: the first one, and each that is made in its place.
    const TRIES: [Duration; 4] = [
        Duration::from_secs(15),
        Duration::from_secs(15),
        Duration::from_secs(30),
        Duration::from_secs(60),
    ];
    /// How much longer the side waits that does not offer: one of the two is enough to begin afresh.
    const HEAD_START: Duration = Duration::from_secs(2);
    /// How much is left, at the most, of the time that this side takes when the other one's is over: the head start, and what one of
    /// them began later.
    const ALMOST: Duration = Duration::from_secs(5);
    /// How often a link may be begun afresh in the long run, and for how much of that in a row.
    const ALLOWED_EVERY: Duration = Duration::from_secs(10);
    const ALLOWED_AHEAD: Duration = Duration::from_secs(20);

    pub(super) fn new(own: Entry, theirs: Entry) -> Self {
        // The one who was there first offers.
        let role = if own < theirs {
            LinkRole::Offers
        } else {
            LinkRole::Answers
        };
        Self {
            name: LinkName::first(own.max(theirs)),
            role,
            negotiation: negotiation(role),
            condition: Condition::Connecting,
            due: None,
            fresh: 0,
            theirs: Attempt::FIRST,
            allowance: Timestamp::ZERO,
        }
    }

    /// A link that tells the other side nothing until it is released.
    pub(super) fn held(own: Entry, theirs: Entry) -> Self {
        let mut link = Self::new(own, theirs);
        link.negotiation.hold();
        link
    }

    /// The person has answered. Returns the answer, if it is ready.
    pub(super) fn release(&mut self) -> Option<Signal> {
        self.negotiation.release()
    }

    pub(super) fn name(&self) -> LinkName {
        self.name
    }

    pub(super) fn role(&self) -> LinkRole {
        self.role
    }

    pub(super) fn condition(&self) -> Condition {
        self.condition
    }

    pub(super) fn due(&self) -> Option<Timestamp> {
        self.due
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.condition, Condition::Connected { .. })
    }

    pub(super) fn poll_step(&mut self) -> Option<Step> {
        self.negotiation.poll_step()
    }

    /// The other side says something about its connection, which may be another one than this side's has to do with.
    pub(super) fn receive(&mut self, signal: Signal) {
        if self.theirs == self.name.attempt {
            self.negotiation.receive(signal);
        }
    }

    /// The other side has begun afresh. Returns whether this side is to do the same.
    pub(super) fn hear_afresh(&mut self, now: Timestamp, attempt: Attempt) -> bool {
        self.theirs = attempt;
        let heeded = attempt > self.name.attempt && self.may_begin_afresh(now);
        // It has found no way, in about the time that this side has taken for finding none. Sooner, it has another reason.
        let almost_over = |due: Timestamp| due <= now + Self::ALMOST;
        if heeded && self.condition == Condition::Connecting && self.due.is_some_and(almost_over) {
            self.condition = Condition::Failed;
        }
        heeded
    }

    /// Something happened on the connection. `silence` is how long nothing may arrive from the other side.
    pub(super) fn happened(&mut self, now: Timestamp, input: LinkInput, silence: Duration) {
        match (&input, self.condition) {
            (LinkInput::Connected | LinkInput::Arrived, _) => {
                self.fresh = 0;
                self.become_so(Condition::Connected { heard_at: now });
            }
            (LinkInput::NothingArrived, Condition::Connected { heard_at })
                if now.since(heard_at) < silence => {}
            (LinkInput::NothingArrived | LinkInput::Disconnected, Condition::Connected { .. }) => {
                self.become_so(Condition::Interrupted);
            }
            (LinkInput::Failed, Condition::Connected { .. } | Condition::Interrupted) => {
                self.condition = Condition::Interrupted;
                self.due = Some(now);
            }
            (LinkInput::Failed, Condition::Connecting) => self.become_so(Condition::Failed),
            // What could be done is being done; but there is less hope than there was.
            (LinkInput::Failed, Condition::Restarting) if self.fresh > 0 => {
                self.condition = Condition::Failed;
            }
            // Known already, or of the past.
            (LinkInput::NothingArrived | LinkInput::Disconnected | LinkInput::Failed, _) => {}
            (
                LinkInput::NegotiationNeeded
                | LinkInput::AnswerCreated(_)
                | LinkInput::LocalDescriptionSet(_)
                | LinkInput::RemoteDescriptionSet
                | LinkInput::DescriptionFailed
                | LinkInput::LocalCandidate(_),
                _,
            ) => self.negotiation.handle(input),
        }
    }

    fn become_so(&mut self, condition: Condition) {
        self.condition = condition;
        self.due = None;
    }

    /// Whether something is known to have arrived of what was sent after `since`.
    pub(super) fn is_proven(&self, since: Timestamp) -> bool {
        // It is looked into about once a second, and says of that second that something has come.
        let looked = Duration::from_millis(1_500);
        matches!(self.condition, Condition::Connected { heard_at } if heard_at.since(since) > looked)
    }

    /// ICE is restarted, be it as a precaution.
    pub(super) fn restarted(&mut self) {
        if self.condition == Condition::Interrupted {
            self.become_so(Condition::Restarting);
        }
    }

    /// Let time pass. Returns what has become necessary.
    pub(super) fn tend(&mut self, now: Timestamp, can_talk: bool) -> Option<Remedy> {
        if !can_talk {
            // Whoever comes back may come from another network: everything is worth another try.
            self.due = None;
            self.fresh = 0;
            return None;
        }
        let patience = self.patience()?;
        if now < *self.due.get_or_insert(now + patience) {
            return None;
        }
        self.due = None;
        let remedy = match self.condition {
            Condition::Connected { .. } => None,
            Condition::Interrupted => {
                self.condition = Condition::Restarting;
                Some(Remedy::RestartIce)
            }
            Condition::Connecting | Condition::Restarting | Condition::Failed => {
                if self.condition == Condition::Connecting || self.fresh > 0 {
                    self.condition = Condition::Failed;
                }
                self.next_attempt(now).map(|attempt| self.begin_afresh(attempt))
            }
        };
        self.due = self
            .patience()
            .map(|patience| now + patience.max(Self::HEAD_START));
        remedy
    }

    /// How long it may stay as it is.
    fn patience(&self) -> Option<Duration> {
        let patience = match self.condition {
            Condition::Connected { .. } => return None,
            Condition::Interrupted => return Some(Self::PATIENCE),
            Condition::Restarting if self.fresh == 0 => Self::RESTART,
            Condition::Failed if self.fresh == 0 => Duration::ZERO,
            Condition::Connecting | Condition::Restarting | Condition::Failed => {
                Self::TRIES[usize::from(self.fresh).min(Self::TRIES.len() - 1)]
            }
        };
        Some(match self.role {
            LinkRole::Offers => patience,
            LinkRole::Answers => patience + Self::HEAD_START,
        })
    }

    /// Nothing but patience keeps a link from being begun afresh again and again, and the other side may have none.
    fn may_begin_afresh(&mut self, now: Timestamp) -> bool {
        let allowed = self.allowance <= now + Self::ALLOWED_AHEAD;
        if allowed {
            self.allowance = self.allowance.max(now) + Self::ALLOWED_EVERY;
        }
        allowed
    }

    /// Under which number this side begins afresh, if it may.
    pub(super) fn next_attempt(&mut self, now: Timestamp) -> Option<Attempt> {
        let Attempt(last) = self.name.attempt.max(self.theirs);
        let odd = self.role == LinkRole::Offers;
        let step = if (last % 2 == 1) == odd { 2 } else { 1 };
        let next = last.checked_add(step)?;
        self.may_begin_afresh(now).then_some(Attempt(next))
    }

    /// Another connection takes the place of this one.
    pub(super) fn begin_afresh(&mut self, attempt: Attempt) -> Remedy {
        let before = self.name;
        self.name.attempt = attempt;
        self.negotiation = negotiation(self.role);
        self.fresh = self.fresh.saturating_add(1);
        self.due = None;
        if let Condition::Connected { .. } | Condition::Interrupted = self.condition {
            self.condition = Condition::Restarting;
        }
        Remedy::Afresh(before)
    }
}

fn negotiation(role: LinkRole) -> Negotiation {
    Negotiation::new(match role {
        LinkRole::Offers => Politeness::Impolite,
        LinkRole::Answers => Politeness::Polite,
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::protocol::{Description, DescriptionKind};

    const NOW: Timestamp = Timestamp::from_millis(100_000);

    /// Alice's link to Bob, and his to her.
    fn both() -> [Link; 2] {
        [Link::new(Entry(1), Entry(2)), Link::new(Entry(2), Entry(1))]
    }

    fn begin(link: &mut Link) -> Attempt {
        let attempt = link.next_attempt(NOW).unwrap();
        link.begin_afresh(attempt);
        attempt
    }

    /// Whether this is taken for something that the connection of now is about.
    fn takes_offers(link: &mut Link) -> bool {
        link.receive(Signal::Description(Description {
            kind: DescriptionKind::Offer,
            sdp: "v=0".into(),
        }));
        link.poll_step().is_some()
    }

    #[test]
    fn who_begin_afresh_at_once_end_up_with_the_higher_number() {
        let [mut alice, mut bob] = both();
        let (by_alice, by_bob) = (begin(&mut alice), begin(&mut bob));
        assert_eq!((by_alice, by_bob), (Attempt(1), Attempt(2)));
        assert!(!bob.hear_afresh(NOW, by_alice), "his own number is higher");
        assert!(alice.hear_afresh(NOW, by_bob));
        alice.begin_afresh(by_bob);
        assert!(!bob.hear_afresh(NOW, by_bob), "she repeats his number");
        assert_eq!(alice.name(), bob.name());
        assert!(takes_offers(&mut bob));
    }

    #[test]
    fn what_is_said_for_the_connection_before_is_ignored_until_the_number_is_repeated() {
        let [_, mut bob] = both();
        let attempt = begin(&mut bob);
        assert!(!takes_offers(&mut bob));
        bob.hear_afresh(NOW, attempt);
        assert!(takes_offers(&mut bob));
    }

    #[test]
    fn who_has_found_no_way_yet_learns_from_the_other_side_that_there_is_none() {
        let [mut alice, mut bob] = both();
        assert_eq!(alice.tend(NOW, true), None);
        assert_eq!(bob.tend(NOW, true), None);
        let later = NOW + Link::TRIES[0];
        assert!(matches!(alice.tend(later, true), Some(Remedy::Afresh(_))));
        assert_eq!(alice.condition(), Condition::Failed);
        assert!(bob.hear_afresh(later, alice.name().attempt));
        bob.begin_afresh(alice.name().attempt);
        assert_eq!(bob.condition(), Condition::Failed);
    }

    #[test]
    fn who_hears_of_a_fresh_connection_long_before_giving_up_goes_on_trying() {
        let [mut alice, mut bob] = both();
        assert_eq!(bob.tend(NOW, true), None);
        // Her socket was lost for a moment, and something said to her with it.
        let attempt = begin(&mut alice);
        assert_eq!(alice.condition(), Condition::Connecting);
        assert!(bob.hear_afresh(NOW + Duration::from_secs(3), attempt));
        bob.begin_afresh(attempt);
        assert_eq!(bob.condition(), Condition::Connecting);
    }

    #[test]
    fn who_has_been_told_too_often_is_deaf_rather_than_confused() {
        let [_, mut bob] = both();
        for attempt in (1..).step_by(2).take(3) {
            assert!(bob.hear_afresh(NOW, Attempt(attempt)));
            bob.begin_afresh(Attempt(attempt));
        }
        assert!(!bob.hear_afresh(NOW, Attempt(7)));
        assert!(!takes_offers(&mut bob));
        let later = NOW + Link::ALLOWED_EVERY;
        assert_eq!(bob.next_attempt(later), Some(Attempt(8)));
    }
}
