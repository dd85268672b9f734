//! Groups that are stored, and their running calls.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

/// Alice, Bob and Carol in one group, with a phone each; and Kitchen, who is in none.
fn group_of_three() -> (Exchange, Vec<PhoneId>) {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol", "kitchen"]);
    exchange.store_group(1, &["alice", "bob", "carol"]);
    (exchange, phones)
}

pub(super) fn call_group(exchange: &mut Exchange, from: PhoneId, callees: &[&str]) {
    let command = Command::Call {
        callees: callees.iter().map(|name| person(name)).collect(),
        group: Some(group(1)),
        call_type: CallType::Audio,
        terms: CallTerms::default(),
    };
    exchange.ask(from, command);
    exchange.settle();
}

pub(super) fn join(exchange: &mut Exchange, phone: PhoneId) {
    let running = exchange.view(phone).group_calls.remove(0);
    exchange.ask(phone, Command::Join(running));
    exchange.settle();
}

#[test]
fn a_stored_group_is_called_and_everybody_in_it_rings() {
    let (mut exchange, phones) = group_of_three();
    call_group(&mut exchange, phones[0], &[]);
    for phone in [1, 2] {
        match exchange.view(phones[phone]).stage {
            Stage::Ringing(ringing) => assert_eq!(ringing.of_group, Some(group(1))),
            stage => panic!("it does not ring: {stage:?}"),
        }
    }
    assert_eq!(
        told_to(&exchange, "kitchen"),
        [""; 0],
        "a stranger learns nothing"
    );
    accept(&mut exchange, phones[1]);
    match exchange.view(phones[0]).stage {
        Stage::InCall(call) => assert_eq!(call.of_group, Some(group(1))),
        stage => panic!("not in a call: {stage:?}"),
    }
    assert_eq!(exchange.view(phones[2]).group_calls.len(), 1);
    exchange.ask(phones[2], Command::Reject);
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    for phone in [0, 1, 2] {
        assert_eq!(exchange.view(phones[phone]).group_calls, [], "it is over for all");
    }
    exchange.assert_quiet();
}

#[test]
fn who_was_not_rung_joins_the_running_call_and_has_everybodys_media() {
    let (mut exchange, phones) = group_of_three();
    call_group(&mut exchange, phones[0], &["bob"]);
    accept(&mut exchange, phones[1]);
    assert_eq!(exchange.view(phones[2]).stage, Stage::Idle, "she was not rung");
    exchange.transcript.clear();
    join(&mut exchange, phones[2]);
    assert_eq!(told_to(&exchange, "alice"), ["carol entered as 3"]);
    assert_eq!(told_to(&exchange, "carol"), ["joined, Here seat"]);
    assert_eq!(linked(&exchange, phones[2]), ["alice", "bob"]);
    exchange.assert_quiet();
    exchange.ask(phones[2], Command::Hangup);
    exchange.settle();
    assert_eq!(caller_of(&exchange, "carol"), "alice", "whose call it was");
}

#[test]
fn to_call_a_group_that_has_a_call_is_to_join_it() {
    let (mut exchange, phones) = group_of_three();
    call_group(&mut exchange, phones[0], &["bob"]);
    call_group(&mut exchange, phones[2], &[]);
    assert_eq!(linked(&exchange, phones[0]), ["carol"]);
    accept(&mut exchange, phones[1]);
    assert_eq!(exchange.switchboard.calls().count(), 1);
    assert_eq!(linked(&exchange, phones[0]), ["bob", "carol"]);
    exchange.assert_quiet();
}

#[test]
fn two_who_call_their_group_at_once_are_in_one_call() {
    let (mut exchange, phones) = group_of_three();
    for phone in [0, 1] {
        let command = Command::Call {
            callees: vec![],
            group: Some(group(1)),
            call_type: CallType::Audio,
            terms: CallTerms::default(),
        };
        exchange.ask(phones[phone], command);
    }
    exchange.settle();
    assert_eq!(linked(&exchange, phones[0]), ["bob"]);
    accept(&mut exchange, phones[2]);
    assert_eq!(linked(&exchange, phones[0]), ["bob", "carol"]);
    exchange.assert_quiet();
}

#[test]
fn who_leaves_a_group_stays_in_its_call_but_cannot_join_it_again() {
    let (mut exchange, phones) = group_of_three();
    call_group(&mut exchange, phones[0], &[]);
    accept(&mut exchange, phones[1]);
    accept(&mut exchange, phones[2]);
    let running = exchange.view(phones[2]).group_calls.remove(0);
    exchange.transcript.clear();
    exchange.store_group(1, &["alice", "bob", "kitchen"]);
    exchange.settle();
    assert_eq!(told_to(&exchange, "kitchen"), ["Group 1 has a call"]);
    assert_eq!(
        linked(&exchange, phones[2]),
        ["alice", "bob"],
        "the call is untouched"
    );
    exchange.assert_quiet();
    exchange.ask(phones[2], Command::Hangup);
    exchange.settle();
    exchange.ask(phones[2], Command::Join(running));
    exchange.settle();
    assert_eq!(
        exchange.view(phones[2]).notice,
        Some(Notice::Refused(Refusal::GroupCallEnded))
    );
    join(&mut exchange, phones[3]);
    assert_eq!(linked(&exchange, phones[3]), ["alice", "bob"]);
    exchange.assert_quiet();
}

#[test]
fn a_group_that_changes_is_shown_to_those_in_it_and_taken_from_who_left() {
    let (mut exchange, phones) = group_of_three();
    exchange.settle();
    let shown =
        |exchange: &Exchange, at: usize| exchange.view(phones[at]).group_changes.get(&group(1).id).cloned();
    for at in [0, 1, 2] {
        let roster = shown(&exchange, at)
            .flatten()
            .expect("it is new to everybody in it");
        assert_eq!(roster.members.len(), 3);
    }
    assert_eq!(shown(&exchange, 3), None, "Kitchen is in no group");

    exchange.store_group(1, &["alice", "bob"]);
    exchange.settle();
    assert_eq!(shown(&exchange, 2), Some(None), "Carol has left");
    assert_eq!(
        shown(&exchange, 1).flatten().map(|roster| roster.members.len()),
        Some(2)
    );
}

#[test]
fn who_connects_later_learns_of_the_running_call() {
    let (mut exchange, phones) = group_of_three();
    call_group(&mut exchange, phones[0], &["bob"]);
    accept(&mut exchange, phones[1]);
    exchange.reload(phones[2]);
    exchange.settle();
    join(&mut exchange, phones[2]);
    assert_eq!(linked(&exchange, phones[2]), ["alice", "bob"]);
    exchange.assert_quiet();
}

#[test]
fn a_call_of_a_group_that_ended_meanwhile_is_not_joined() {
    let (mut exchange, phones) = group_of_three();
    call_group(&mut exchange, phones[0], &["bob"]);
    accept(&mut exchange, phones[1]);
    let running = exchange.view(phones[2]).group_calls.remove(0);
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    exchange.ask(phones[2], Command::Join(running));
    exchange.settle();
    assert_eq!(
        exchange.view(phones[2]).notice,
        Some(Notice::Refused(Refusal::GroupCallEnded))
    );
    exchange.assert_quiet();
}

#[test]
fn a_call_that_nobody_of_the_group_is_left_in_is_not_the_groups_any_more() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol", "kitchen", "library"]);
    exchange.store_group(1, &["alice", "bob", "carol"]);
    call_group(&mut exchange, phones[0], &["bob"]);
    accept(&mut exchange, phones[1]);
    for (from, to, name) in [
        (phones[0], phones[3], "kitchen"),
        (phones[3], phones[4], "library"),
    ] {
        let people = vec![person(name)];
        exchange.ask(
            from,
            Command::Invite {
                people,
                ring_seconds: None,
            },
        );
        exchange.settle();
        accept(&mut exchange, to);
    }
    exchange.ask(phones[0], Command::Hangup);
    exchange.ask(phones[1], Command::Hangup);
    exchange.settle();
    assert_eq!(linked(&exchange, phones[3]), ["library"], "their call goes on");
    assert_eq!(exchange.view(phones[2]).group_calls, []);
    call_group(&mut exchange, phones[2], &["bob"]);
    accept(&mut exchange, phones[1]);
    assert_eq!(
        linked(&exchange, phones[2]),
        ["bob"],
        "Carol is not brought to strangers"
    );
    exchange.assert_quiet();
}

#[test]
fn who_joins_is_recorded_as_called_by_somebody_who_is_there() {
    let (mut exchange, phones) = group_of_three();
    exchange.store_group(1, &["alice", "bob", "carol", "kitchen"]);
    call_group(&mut exchange, phones[0], &["bob", "carol"]);
    accept(&mut exchange, phones[1]);
    accept(&mut exchange, phones[2]);
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    exchange.store_group(1, &["bob", "carol", "kitchen"]);
    join(&mut exchange, phones[3]);
    exchange.ask(phones[3], Command::Hangup);
    exchange.settle();
    let record = exchange
        .records
        .iter()
        .find(|record| record.callee.as_str() == "kitchen");
    assert_eq!(
        record.map(|record| record.caller.as_str()),
        Some("bob"),
        "not by Alice, who has left the group"
    );
}
