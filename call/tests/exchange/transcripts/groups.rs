//! Calls of several people.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

#[test]
fn each_of_several_people_answers_for_themselves() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol", "kitchen", "library", "workshop"]);
    call(&mut exchange, phones[4], "workshop", CallType::Audio);
    accept(&mut exchange, phones[5]);
    call_all(
        &mut exchange,
        phones[0],
        &["bob", "carol", "kitchen", "library", "nobody", "meeting-room"],
    );
    accept(&mut exchange, phones[1]);
    exchange.ask(phones[2], Command::Reject);
    exchange.settle();
    let state = |name: &str, state| (name.to_owned(), state);
    assert_eq!(
        invitees(&exchange, phones[0]),
        [
            state("carol", InviteeState::Rejected),
            state("kitchen", InviteeState::Ringing),
            state("library", InviteeState::Busy),
            state("nobody", InviteeState::Unknown),
            state("meeting-room", InviteeState::Calling),
        ]
    );
    exchange.pass(Duration::from_secs(6));
    assert_eq!(
        invitees(&exchange, phones[1]),
        [
            state("kitchen", InviteeState::Ringing),
            state("meeting-room", InviteeState::Calling)
        ],
        "who will not come is shown for a moment, on every side"
    );
    exchange.pass(Duration::from_secs(30));
    exchange.assert_quiet();
    assert_eq!(
        told_to(&exchange, "alice"),
        [
            "placed, Here seat",
            "library gone: Busy",
            "nobody gone: Unknown",
            "bob rings",
            "carol rings",
            "kitchen rings",
            "bob entered as 2",
            "carol gone: Rejected",
            "kitchen gone: TimedOut",
            "meeting-room gone: TimedOut",
        ]
    );
    assert_eq!(linked(&exchange, phones[0]), ["bob"]);
    assert_eq!(
        told_to(&exchange, "library"),
        [""; 0],
        "who is busy hears nothing of it"
    );
}

#[test]
fn whoever_placed_a_group_call_may_leave_it_and_the_last_one_ends_it() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call_all(&mut exchange, phones[0], &["bob", "carol"]);
    accept(&mut exchange, phones[1]);
    accept(&mut exchange, phones[2]);
    exchange.assert_quiet();
    assert_eq!(linked(&exchange, phones[2]), ["alice", "bob"]);
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    assert_eq!(linked(&exchange, phones[2]), ["bob"]);
    exchange.assert_quiet();
    exchange.ask(phones[1], Command::Hangup);
    exchange.settle();
    assert_eq!(end_reason(&exchange, phones[2]), Some(EndReason::OthersLeft));
    exchange.assert_quiet();
}

#[test]
fn a_group_call_goes_on_while_somebody_is_still_rung() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call_all(&mut exchange, phones[0], &["bob", "carol"]);
    accept(&mut exchange, phones[1]);
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    assert!(matches!(exchange.view(phones[1]).stage, Stage::InCall(_)));
    accept(&mut exchange, phones[2]);
    assert_eq!(linked(&exchange, phones[1]), ["carol"]);
    exchange.assert_quiet();
}

#[test]
fn somebody_is_added_to_a_call_of_two() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.transcript.clear();
    let people = vec![person("carol")];
    exchange.ask(
        phones[1],
        Command::Invite {
            people,
            ring_seconds: None,
        },
    );
    exchange.settle();
    assert_eq!(told_to(&exchange, "alice"), ["added carol", "carol rings"]);
    assert_eq!(told_to(&exchange, "carol"), ["invited by bob"]);
    match exchange.view(phones[2]).stage {
        Stage::Ringing(ringing) => assert_eq!(ringing.others, [person("alice")]),
        stage => panic!("it does not ring: {stage:?}"),
    }
    accept(&mut exchange, phones[2]);
    exchange.assert_quiet();
    for (phone, others) in [
        (0, ["bob", "carol"]),
        (1, ["alice", "carol"]),
        (2, ["alice", "bob"]),
    ] {
        assert_eq!(linked(&exchange, phones[phone]), others);
    }
    exchange.ask(phones[2], Command::Hangup);
    exchange.settle();
    assert_eq!(caller_of(&exchange, "carol"), "bob", "who rang her");
}

#[test]
fn nobody_is_rung_twice_into_one_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call_all(&mut exchange, phones[0], &["bob", "carol"]);
    accept(&mut exchange, phones[1]);
    for name in ["bob", "carol", "alice", "nobody"] {
        let people = vec![person(name)];
        exchange.ask(
            phones[1],
            Command::Invite {
                people,
                ring_seconds: None,
            },
        );
        exchange.settle();
        assert!(matches!(
            exchange.view(phones[1]).notice,
            Some(Notice::Refused(_))
        ));
        exchange.ask(phones[1], Command::DismissNotice);
    }
    assert_eq!(linked(&exchange, phones[1]), ["alice"], "the call is untouched");
}
