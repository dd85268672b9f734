//! Two things at once: whoever is first, there is one outcome, and it is the same for everybody.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::time::Duration;

use call::handset::{CallTerms, Command, Notice, Stage};
use call::media::CallType;
use call::protocol::{EndReason, InviteOutcome};

use crate::common::rng::Rng;
use crate::common::{Exchange, PhoneId, person};

const ALICE: PhoneId = 0;
const BOBS_LAPTOP: PhoneId = 1;
const BOBS_TABLET: PhoneId = 2;

/// How many times two people call each other. A hundred thousand take seconds in release, and minutes without optimization;
/// `YODEL_STORIES` asks for as many as it says.
fn interleavings() -> u64 {
    let usual = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    option_env!("YODEL_STORIES")
        .and_then(|count| count.parse().ok())
        .unwrap_or(usual)
}

fn call(exchange: &mut Exchange, from: PhoneId, to: &str) {
    let command = Command::Call {
        callees: vec![person(to)],
        group: None,
        call_type: CallType::Audio,
        terms: CallTerms::default(),
    };
    exchange.ask(from, command);
}

/// Each is some milliseconds behind the other, and every frame takes its own time. Who is rung before they have clicked
/// answers: the button to call is not there any more.
#[test]
fn two_who_call_each_other_within_fifty_milliseconds_are_in_one_call() {
    let mut glares = 0_u64;
    for seed in 0..interleavings() {
        let mut exchange = Exchange::new(seed);
        let alice = exchange.add_phone("alice");
        let bob = exchange.add_phone("bob");
        exchange.settle();
        let mut chance = Rng::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let apart = Duration::from_millis(chance.below(51));
        let (first, second, name_of_second, name_of_first) = match chance.below(2) {
            0 => (alice, bob, "bob", "alice"),
            _ => (bob, alice, "alice", "bob"),
        };
        call(&mut exchange, first, name_of_second);
        exchange.pass(apart);
        if matches!(exchange.view(second).stage, Stage::Ringing(_)) {
            exchange.ask(second, Command::Accept { camera: false });
        } else {
            glares += 1;
            call(&mut exchange, second, name_of_first);
        }
        exchange.settle();
        for phone in [alice, bob] {
            let stage = exchange.view(phone).stage;
            assert!(
                matches!(stage, Stage::InCall(_)),
                "seed {seed}, {apart:?} apart: {stage:?}"
            );
        }
        assert_eq!(exchange.switchboard.calls().count(), 1, "seed {seed}");
        exchange.assert_quiet();
    }
    assert!(
        glares > interleavings() / 4,
        "only {glares} called before they were rung"
    );
}

/// What may happen to a call that rings on two devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    AcceptOnLaptop,
    AcceptOnTablet,
    RejectOnLaptop,
    RejectOnTablet,
    Cancel,
    TimeUp,
}

impl Act {
    const ALL: [Self; 6] = [
        Self::AcceptOnLaptop,
        Self::AcceptOnTablet,
        Self::RejectOnLaptop,
        Self::RejectOnTablet,
        Self::Cancel,
        Self::TimeUp,
    ];

    fn perform(self, exchange: &mut Exchange) {
        match self {
            Self::AcceptOnLaptop => exchange.ask(BOBS_LAPTOP, Command::Accept { camera: false }),
            Self::AcceptOnTablet => exchange.ask(BOBS_TABLET, Command::Accept { camera: false }),
            Self::RejectOnLaptop => exchange.ask(BOBS_LAPTOP, Command::Reject),
            Self::RejectOnTablet => exchange.ask(BOBS_TABLET, Command::Reject),
            Self::Cancel => exchange.ask(ALICE, Command::Hangup),
            // It comes by itself.
            Self::TimeUp => {}
        }
    }

    /// What the history says if this was first.
    fn outcome(self) -> InviteOutcome {
        match self {
            Self::AcceptOnLaptop | Self::AcceptOnTablet => InviteOutcome::Accepted,
            Self::RejectOnLaptop | Self::RejectOnTablet => InviteOutcome::Rejected,
            Self::Cancel => InviteOutcome::Cancelled,
            Self::TimeUp => InviteOutcome::TimedOut,
        }
    }
}

/// Every act with every other one, either way round, at every distance from nothing to longer than a frame takes.
#[test]
fn whatever_two_things_happen_to_what_rings_there_is_one_outcome_for_everybody() {
    for first in Act::ALL {
        for second in Act::ALL.into_iter().filter(|second| *second != first) {
            for apart in 0..=45 {
                for seed in 0..6 {
                    race(first, second, apart, seed);
                }
            }
        }
    }
}

fn race(first: Act, second: Act, apart: u64, seed: u64) {
    let what = format!("{first:?}, then {second:?} after {apart} ms, seed {seed}");
    let mut exchange = Exchange::new(seed);
    for name in ["alice", "bob", "bob"] {
        exchange.add_phone(name);
    }
    exchange.settle();
    call(&mut exchange, ALICE, "bob");
    exchange.settle();
    let (deadline, _) = exchange.switchboard.poll_timeout().unwrap();
    let apart = Duration::from_millis(apart);
    // So that the time is up in its turn.
    let begin = deadline.since(exchange.now)
        - match (first, second) {
            (Act::TimeUp, _) => Duration::ZERO,
            (_, Act::TimeUp) => apart,
            _ => Duration::from_secs(10),
        };
    exchange.pass(begin);
    first.perform(&mut exchange);
    exchange.pass(apart);
    second.perform(&mut exchange);
    exchange.settle();
    exchange.assert_quiet();

    let in_call = |phone| matches!(exchange.view(phone).stage, Stage::InCall(_));
    let talks = in_call(ALICE);
    let answered = [BOBS_LAPTOP, BOBS_TABLET]
        .into_iter()
        .filter(|phone| in_call(*phone))
        .count();
    assert_eq!(answered, usize::from(talks), "{what}");
    if talks {
        assert!(
            exchange.records.is_empty(),
            "{what}: the call goes on, and is no history yet"
        );
        exchange.ask(ALICE, Command::Hangup);
        exchange.settle();
    }
    // Alice's page, the history, and the device that had nothing to do with it tell the same story.
    let [record] = exchange.records.as_slice() else {
        panic!("{what}: not one outcome: {:?}", exchange.records);
    };
    assert!(
        [first.outcome(), second.outcome()].contains(&record.outcome),
        "{what}: {record:?}"
    );
    // Alice may have hung up before she knew that somebody had answered.
    let crossed = [first, second].contains(&Act::Cancel);
    assert!(
        talks == (record.outcome == InviteOutcome::Accepted) || crossed && !talks,
        "{what}: {record:?}"
    );
    let told = match exchange.view(ALICE).notice {
        Some(Notice::Ended { reason, .. }) => Some(reason),
        _ => None,
    };
    let expected: &[Option<EndReason>] = match record.outcome {
        InviteOutcome::Accepted => &[Some(EndReason::HungUp), None],
        InviteOutcome::Rejected => &[Some(EndReason::Rejected), None],
        InviteOutcome::TimedOut => &[Some(EndReason::NoAnswer), None],
        InviteOutcome::Cancelled => &[Some(EndReason::Cancelled), None],
        InviteOutcome::Busy | InviteOutcome::Unknown => &[],
    };
    // Who has cancelled is told so at once, and told nothing else by what crosses it: the call is over either way.
    assert!(
        expected.contains(&told) || crossed && told == Some(EndReason::Cancelled),
        "{what}: Alice is told {told:?}, and it was {record:?}"
    );
    for phone in [ALICE, BOBS_LAPTOP, BOBS_TABLET] {
        assert_eq!(exchange.view(phone).stage, Stage::Idle, "{what}");
        exchange.phones[phone].assert_coherent_story();
    }
    assert_eq!(exchange.switchboard.calls().count(), 0, "{what}");
}
