//! W3C perfect negotiation as a pure machine: one for each link between two people.
//!
//! The pattern of the WebRTC specification (section 10.7) keeps four flags beside a peer connection: `polite`,
//! `makingOffer`, `ignoreOffer` and `isSettingRemoteAnswerPending`. Here the last three are states, and what the
//! browser's operations chain would hold back waits in a queue, so there is one operation under way at most:
//!
//! ```text
//!            needed                set                  answer received           set
//! Stable ───────────▶ MakingOffer ─────▶ AwaitingAnswer ───────────────▶ SettingAnswer ─────▶ Stable
//!   │  ▲                                    │ offer received: collision
//!   │  │                                    ├─ polite:   roll back (the browser does), SettingOffer
//!   │  │                                    └─ impolite: ignore it and its candidates
//!   │  │   set                 set
//!   │  └────────── MakingAnswer ◀───── SettingOffer
//!   │ offer received                        ▲
//!   └───────────────────────────────────────┘
//! ```
//!
//! While a phone rings, its answer is only created and not set ([`Negotiation::hold`]): to set it is to reach out to the
//! other side.
//!
//! ```text
//!              set                 created            released                  set
//! SettingOffer ───▶ CreatingAnswer ───────▶ AnswerKept ────────▶ SettingOwnAnswer ───▶ Stable
//! ```
//!
//! A description that the browser refuses ends its operation: the machine is stable again, and goes on with the queue.

use std::collections::VecDeque;

use crate::agent::{LinkInput, LinkOrder};
use crate::protocol::{Candidate, Description, DescriptionKind, Signal};

/// Which side yields when two offers collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Politeness {
    /// Takes its own offer back.
    Polite,
    /// Ignores the other's.
    Impolite,
}

/// What the machine wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// On the peer connection.
    Order(LinkOrder),
    /// Over signaling, to the other side.
    Send(Signal),
}

/// The one operation that is under way, or what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Stable,
    MakingOffer,
    AwaitingAnswer,
    /// `isSettingRemoteAnswerPending` of the specification: an offer that arrives now does not collide.
    SettingAnswer,
    SettingOffer,
    MakingAnswer,
    CreatingAnswer,
    AnswerKept,
    /// The other side has been told of it.
    SettingOwnAnswer,
}

/// The negotiation of one link.
#[derive(Clone, Debug)]
pub struct Negotiation {
    politeness: Politeness,
    phase: Phase,
    /// Whether nothing may be let out yet.
    held: bool,
    /// In [`Phase::AnswerKept`].
    answer: Option<Description>,
    /// `negotiationneeded` fired while an operation was under way. The browser does not repeat it for us.
    needed: bool,
    /// `ignoreOffer`: candidates that belong to an offer that was ignored are ignored with it.
    ignoring: bool,
    received: VecDeque<Signal>,
    steps: VecDeque<Step>,
}

impl Negotiation {
    /// The most signals that wait while an operation is under way; what comes beyond is dropped. Twice what one side may
    /// send for one description.
    const QUEUE: usize = 2 * crate::protocol::limits::CANDIDATES;

    /// The negotiation of a fresh peer connection.
    pub fn new(politeness: Politeness) -> Self {
        Self {
            politeness,
            phase: Phase::Stable,
            held: false,
            answer: None,
            needed: false,
            ignoring: false,
            received: VecDeque::new(),
            steps: VecDeque::new(),
        }
    }

    /// Set nothing of one's own until it is released: the person has not answered yet.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// The person has answered. Returns what the other side is to be told, if that is ready.
    pub fn release(&mut self) -> Option<Signal> {
        self.held = false;
        let answer = self.answer.take()?;
        self.set_answer(answer.clone());
        Some(Signal::Description(answer))
    }

    fn set_answer(&mut self, answer: Description) {
        self.phase = Phase::SettingOwnAnswer;
        self.steps.push_back(Step::Order(LinkOrder::SetAnswer(answer)));
    }

    /// The next thing to do.
    pub fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// A message of the other side arrived.
    pub fn receive(&mut self, signal: Signal) {
        if self.received.len() < Self::QUEUE {
            self.received.push_back(signal);
        }
        self.go_on();
    }

    /// Something happened on the peer connection. Changes of the connection's state do not concern the negotiation.
    pub fn handle(&mut self, input: LinkInput) {
        match input {
            LinkInput::NegotiationNeeded => self.needed = true,
            LinkInput::LocalCandidate(candidate) => {
                self.steps.push_back(Step::Send(Signal::Candidate(candidate)))
            }
            LinkInput::AnswerCreated(answer) => self.answer_created(answer),
            LinkInput::LocalDescriptionSet(description) => self.local_description_set(description),
            LinkInput::RemoteDescriptionSet => self.remote_description_set(),
            LinkInput::DescriptionFailed => self.description_failed(),
            LinkInput::Connected
            | LinkInput::Disconnected
            | LinkInput::Failed
            | LinkInput::Arrived
            | LinkInput::NothingArrived => {}
        }
        self.go_on();
    }

    fn answer_created(&mut self, answer: Description) {
        if self.phase != Phase::CreatingAnswer {
            // Not ordered.
            return;
        }
        if self.held {
            self.phase = Phase::AnswerKept;
            self.answer = Some(answer);
        } else {
            self.steps
                .push_back(Step::Send(Signal::Description(answer.clone())));
            self.set_answer(answer);
        }
    }

    fn local_description_set(&mut self, description: Description) {
        match (self.phase, description.kind) {
            (Phase::SettingOwnAnswer, DescriptionKind::Answer) => {
                self.phase = Phase::Stable;
                return;
            }
            (Phase::MakingOffer, DescriptionKind::Offer) => self.phase = Phase::AwaitingAnswer,
            (Phase::MakingAnswer, DescriptionKind::Answer) => self.phase = Phase::Stable,
            // Nothing was ordered that this could answer: it is not ours to send.
            (
                Phase::MakingOffer
                | Phase::MakingAnswer
                | Phase::Stable
                | Phase::AwaitingAnswer
                | Phase::SettingAnswer
                | Phase::SettingOffer
                | Phase::CreatingAnswer
                | Phase::AnswerKept
                | Phase::SettingOwnAnswer,
                DescriptionKind::Offer | DescriptionKind::Answer,
            ) => return,
        }
        self.steps.push_back(Step::Send(Signal::Description(description)));
    }

    fn remote_description_set(&mut self) {
        match self.phase {
            Phase::SettingAnswer => self.phase = Phase::Stable,
            Phase::SettingOffer if self.held => {
                self.phase = Phase::CreatingAnswer;
                self.steps.push_back(Step::Order(LinkOrder::CreateAnswer));
            }
            Phase::SettingOffer => {
                self.phase = Phase::MakingAnswer;
                self.steps.push_back(Step::Order(LinkOrder::SetLocalDescription));
            }
            // Not ordered.
            Phase::Stable
            | Phase::MakingOffer
            | Phase::AwaitingAnswer
            | Phase::MakingAnswer
            | Phase::CreatingAnswer
            | Phase::AnswerKept
            | Phase::SettingOwnAnswer => {}
        }
    }

    fn description_failed(&mut self) {
        match self.phase {
            // A refused answer leaves the offer standing: another answer may still come.
            Phase::SettingAnswer => self.phase = Phase::AwaitingAnswer,
            Phase::MakingOffer
            | Phase::SettingOffer
            | Phase::MakingAnswer
            | Phase::CreatingAnswer
            | Phase::SettingOwnAnswer => self.phase = Phase::Stable,
            // Not ordered.
            Phase::Stable | Phase::AwaitingAnswer | Phase::AnswerKept => {}
        }
    }

    /// Take what waits, as long as no operation is under way.
    fn go_on(&mut self) {
        while matches!(self.phase, Phase::Stable | Phase::AwaitingAnswer) {
            match self.received.pop_front() {
                Some(Signal::Description(description)) => self.take_description(description),
                Some(Signal::Candidate(candidate)) => self.take_candidate(candidate),
                // Of another peer connection, which has a negotiation of its own.
                Some(Signal::Afresh(_)) => {}
                None => break,
            }
        }
        if self.needed && self.phase == Phase::Stable {
            self.needed = false;
            self.phase = Phase::MakingOffer;
            self.steps.push_back(Step::Order(LinkOrder::SetLocalDescription));
        }
    }

    fn take_description(&mut self, description: Description) {
        self.phase = match (description.kind, self.phase) {
            (DescriptionKind::Answer, Phase::AwaitingAnswer) => Phase::SettingAnswer,
            (DescriptionKind::Offer, Phase::AwaitingAnswer) if self.politeness == Politeness::Impolite => {
                self.ignoring = true;
                return;
            }
            // With an offer of its own outstanding, the browser takes that one back by itself, and fires
            // `negotiationneeded` again later if there is still something to offer.
            (DescriptionKind::Offer, Phase::Stable | Phase::AwaitingAnswer) => Phase::SettingOffer,
            // An answer to an offer that was taken back, or to none.
            (DescriptionKind::Answer, Phase::Stable) => return,
            // Not reached: `go_on` takes nothing while an operation is under way.
            (
                DescriptionKind::Offer | DescriptionKind::Answer,
                Phase::MakingOffer
                | Phase::SettingAnswer
                | Phase::SettingOffer
                | Phase::MakingAnswer
                | Phase::CreatingAnswer
                | Phase::AnswerKept
                | Phase::SettingOwnAnswer,
            ) => return,
        };
        self.ignoring = false;
        self.steps
            .push_back(Step::Order(LinkOrder::SetRemoteDescription(description)));
    }

    fn take_candidate(&mut self, candidate: Candidate) {
        if !self.ignoring {
            self.steps
                .push_back(Step::Order(LinkOrder::AddCandidate(candidate)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(sdp: &str) -> Description {
        Description {
            kind: DescriptionKind::Offer,
            sdp: sdp.into(),
        }
    }

    fn answer(sdp: &str) -> Description {
        Description {
            kind: DescriptionKind::Answer,
            sdp: sdp.into(),
        }
    }

    fn candidate(line: &str) -> Candidate {
        Candidate {
            candidate: line.into(),
            mid: None,
            m_line_index: None,
        }
    }

    fn steps(negotiation: &mut Negotiation) -> Vec<Step> {
        core::iter::from_fn(|| negotiation.poll_step()).collect()
    }

    fn offering(politeness: Politeness) -> Negotiation {
        let mut negotiation = Negotiation::new(politeness);
        negotiation.handle(LinkInput::NegotiationNeeded);
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetLocalDescription)]
        );
        negotiation.handle(LinkInput::LocalDescriptionSet(offer("mine")));
        assert_eq!(
            steps(&mut negotiation),
            [Step::Send(Signal::Description(offer("mine")))]
        );
        negotiation
    }

    #[test]
    fn an_offer_and_its_answer_make_it_stable() {
        let mut negotiation = offering(Politeness::Impolite);
        negotiation.receive(Signal::Description(answer("theirs")));
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetRemoteDescription(answer("theirs")))]
        );
        negotiation.handle(LinkInput::RemoteDescriptionSet);
        assert_eq!(negotiation.phase, Phase::Stable);
    }

    #[test]
    fn candidates_wait_until_the_description_before_them_is_set() {
        let mut negotiation = Negotiation::new(Politeness::Polite);
        negotiation.receive(Signal::Description(offer("theirs")));
        negotiation.receive(Signal::Candidate(candidate("a")));
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetRemoteDescription(offer("theirs")))]
        );
        negotiation.handle(LinkInput::RemoteDescriptionSet);
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetLocalDescription)]
        );
        negotiation.handle(LinkInput::LocalDescriptionSet(answer("mine")));
        assert_eq!(
            steps(&mut negotiation),
            [
                Step::Send(Signal::Description(answer("mine"))),
                Step::Order(LinkOrder::AddCandidate(candidate("a")))
            ]
        );
    }

    #[test]
    fn the_polite_side_takes_its_offer_back() {
        let mut negotiation = offering(Politeness::Polite);
        negotiation.receive(Signal::Description(offer("theirs")));
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetRemoteDescription(offer("theirs")))]
        );
    }

    #[test]
    fn the_impolite_side_ignores_the_other_offer_and_its_candidates_but_not_later_ones() {
        let mut negotiation = offering(Politeness::Impolite);
        negotiation.receive(Signal::Description(offer("theirs")));
        negotiation.receive(Signal::Candidate(candidate("ignored")));
        assert_eq!(steps(&mut negotiation), []);
        negotiation.receive(Signal::Description(answer("theirs")));
        negotiation.receive(Signal::Candidate(candidate("taken")));
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetRemoteDescription(answer("theirs")))]
        );
        negotiation.handle(LinkInput::RemoteDescriptionSet);
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::AddCandidate(candidate("taken")))]
        );
    }

    #[test]
    fn an_offer_that_arrives_while_an_answer_is_being_set_does_not_collide() {
        let mut negotiation = offering(Politeness::Impolite);
        negotiation.receive(Signal::Description(answer("first")));
        negotiation.receive(Signal::Description(offer("second")));
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetRemoteDescription(answer("first")))]
        );
        negotiation.handle(LinkInput::RemoteDescriptionSet);
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetRemoteDescription(offer("second")))]
        );
    }

    #[test]
    fn a_refused_description_does_not_wedge_it() {
        let mut negotiation = Negotiation::new(Politeness::Polite);
        negotiation.receive(Signal::Description(offer("broken")));
        let _ = steps(&mut negotiation);
        negotiation.handle(LinkInput::DescriptionFailed);
        negotiation.receive(Signal::Description(offer("whole")));
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetRemoteDescription(offer("whole")))]
        );
    }

    #[test]
    fn what_is_held_creates_its_answer_and_sets_it_when_it_is_released() {
        let created = LinkInput::AnswerCreated(answer("mine"));
        for released_early in [false, true] {
            let mut negotiation = Negotiation::new(Politeness::Polite);
            negotiation.hold();
            negotiation.receive(Signal::Description(offer("theirs")));
            negotiation.receive(Signal::Candidate(candidate("a")));
            let _ = steps(&mut negotiation);
            negotiation.handle(LinkInput::RemoteDescriptionSet);
            assert_eq!(steps(&mut negotiation), [Step::Order(LinkOrder::CreateAnswer)]);
            let mine = Signal::Description(answer("mine"));
            let set = Step::Order(LinkOrder::SetAnswer(answer("mine")));
            if released_early {
                assert_eq!(negotiation.release(), None);
                negotiation.handle(created.clone());
                assert_eq!(steps(&mut negotiation), [Step::Send(mine), set]);
            } else {
                negotiation.handle(created.clone());
                assert_eq!(steps(&mut negotiation), []);
                assert_eq!(negotiation.release(), Some(mine));
                assert_eq!(steps(&mut negotiation), [set]);
            }
            negotiation.handle(LinkInput::LocalDescriptionSet(answer("mine")));
            assert_eq!(
                steps(&mut negotiation),
                [Step::Order(LinkOrder::AddCandidate(candidate("a")))]
            );
        }
    }

    #[test]
    fn an_answer_that_nobody_asked_for_is_dropped() {
        let mut negotiation = Negotiation::new(Politeness::Impolite);
        negotiation.receive(Signal::Description(answer("hostile")));
        assert_eq!(steps(&mut negotiation), []);
    }

    #[test]
    fn what_becomes_necessary_meanwhile_is_offered_afterwards() {
        let mut negotiation = offering(Politeness::Impolite);
        negotiation.handle(LinkInput::NegotiationNeeded);
        assert_eq!(steps(&mut negotiation), []);
        negotiation.receive(Signal::Description(answer("theirs")));
        let _ = steps(&mut negotiation);
        negotiation.handle(LinkInput::RemoteDescriptionSet);
        assert_eq!(
            steps(&mut negotiation),
            [Step::Order(LinkOrder::SetLocalDescription)]
        );
    }
}
