//! People who have blocked others: out of their reach, and to them just offline.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::stored_groups::{call_group, join};
use super::*;
use crate::common::user;
use call::protocol::Presence;

/// Longer than anything rings.
const LONG: Duration = Duration::from_secs(130);
/// Why Alice is not answered by Bob.
type Unreachable = fn(&mut Exchange, PhoneId);

fn is_offline(exchange: &mut Exchange, bob: PhoneId) {
    exchange.close_tab(bob);
    exchange.pass(LONG);
}

fn has_blocked_alice(exchange: &mut Exchange, _: PhoneId) {
    exchange.block("bob", "alice");
    exchange.pass(LONG);
}

fn watch(exchange: &mut Exchange, phone: PhoneId, people: &[&str]) {
    let people = people.iter().map(|name| user(name)).collect();
    exchange.ask(phone, Command::Watch { people });
    exchange.settle();
}

fn is_ringing(exchange: &Exchange, phone: PhoneId) -> bool {
    matches!(exchange.view(phone).stage, Stage::Ringing(_))
}

fn refusal(exchange: &Exchange, phone: PhoneId) -> Option<Refusal> {
    match exchange.view(phone).notice {
        Some(Notice::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

fn has_blocked(name: &str) -> Option<Refusal> {
    Some(Refusal::Blocked { user: user(name) })
}

/// All that Alice and Carol are told when Alice, who watches Bob, does something about him while he cannot be reached.
fn story(unreachable: Unreachable, act: fn(&mut Exchange, &[PhoneId])) -> [Vec<String>; 2] {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    exchange.store_group(1, &["alice", "bob", "carol"]);
    unreachable(&mut exchange, phones[1]);
    exchange.transcript.clear();
    watch(&mut exchange, phones[0], &["bob"]);
    act(&mut exchange, &phones);
    exchange.pass(LONG);
    let bobs: Vec<_> = told_to(&exchange, "bob");
    let about_the_group = |line: &String| line.starts_with("Group 1") || line.contains("has no call");
    assert!(bobs.iter().all(about_the_group), "Bob heard {bobs:?}");
    assert!(!is_ringing(&exchange, phones[1]));
    ["alice", "carol"].map(|name| told_to(&exchange, name))
}

fn assert_the_same_as_offline(act: fn(&mut Exchange, &[PhoneId])) -> [Vec<String>; 2] {
    let offline = story(is_offline, act);
    assert_eq!(story(has_blocked_alice, act), offline);
    offline
}

#[test]
fn to_those_whom_somebody_has_blocked_they_look_offline() {
    let [alices, _] = assert_the_same_as_offline(|exchange, phones| {
        call(exchange, phones[0], "bob", CallType::Video);
    });
    assert_eq!(
        alices,
        [
            "placed, Here seat",
            "bob gone: TimedOut",
            "ended: NoAnswer after 0 s"
        ]
    );
    assert_the_same_as_offline(|exchange, phones| {
        call(exchange, phones[0], "bob", CallType::Video);
        exchange.ask(phones[0], Command::Hangup);
        exchange.settle();
    });
    assert_the_same_as_offline(|exchange, phones| {
        call(exchange, phones[0], "bob", CallType::Video);
        exchange.reload(phones[0]);
        exchange.settle();
    });
}

#[test]
fn one_of_several_who_has_blocked_the_caller_looks_offline_to_all() {
    assert_the_same_as_offline(|exchange, phones| {
        call_all(exchange, phones[0], &["bob", "carol"]);
        accept(exchange, phones[2]);
    });
    assert_the_same_as_offline(|exchange, phones| {
        call(exchange, phones[0], "carol", CallType::Audio);
        accept(exchange, phones[2]);
        let people = vec![person("bob")];
        exchange.ask(
            phones[0],
            Command::Invite {
                people,
                ring_seconds: None,
            },
        );
        exchange.settle();
    });
    assert_the_same_as_offline(|exchange, phones| {
        call_group(exchange, phones[0], &[]);
        accept(exchange, phones[2]);
    });
}

#[test]
fn what_a_blocker_does_is_hidden_from_those_whom_they_have_blocked() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    exchange.block("bob", "alice");
    watch(&mut exchange, phones[0], &["bob"]);
    call(&mut exchange, phones[1], "carol", CallType::Audio);
    accept(&mut exchange, phones[2]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.pass(Duration::from_secs(5));
    exchange.close_tab(phones[1]);
    exchange.pass(LONG);
    assert_eq!(
        told_to(&exchange, "alice"),
        [
            "placed, Here seat",
            "bob gone: TimedOut",
            "ended: NoAnswer after 0 s"
        ],
        "neither that he was busy, nor that he went"
    );
}

#[test]
fn a_block_and_its_end_are_shown_at_once() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    watch(&mut exchange, phones[0], &["bob"]);
    watch(&mut exchange, phones[1], &["alice"]);
    exchange.transcript.clear();
    exchange.block("bob", "alice");
    exchange.block("bob", "alice");
    exchange.settle();
    assert_eq!(told_to(&exchange, "alice"), ["bob is Offline"]);
    assert_eq!(told_to(&exchange, "bob"), ["alice is Blocked"]);
    exchange.transcript.clear();
    exchange.unblock("bob", "alice");
    exchange.settle();
    assert_eq!(told_to(&exchange, "alice"), ["bob is Online"]);
    assert_eq!(told_to(&exchange, "bob"), ["alice is Online"]);
}

#[test]
fn two_who_have_blocked_each_other_stay_apart_until_both_take_it_back() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    watch(&mut exchange, phones[0], &["bob"]);
    watch(&mut exchange, phones[1], &["alice"]);
    exchange.block("bob", "alice");
    exchange.block("alice", "bob");
    exchange.settle();
    exchange.transcript.clear();
    exchange.unblock("bob", "alice");
    exchange.settle();
    assert_eq!(told_to(&exchange, "alice"), [""; 0]);
    assert_eq!(told_to(&exchange, "bob"), ["alice is Offline"]);
    exchange.unblock("alice", "bob");
    exchange.settle();
    assert_eq!(exchange.view(phones[0]).presence[&user("bob")], Presence::Online);
    assert_eq!(
        exchange.view(phones[1]).presence[&user("alice")],
        Presence::Online
    );
}

#[test]
fn whom_one_has_blocked_one_does_not_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    exchange.block("alice", "bob");
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    assert_eq!(refusal(&exchange, phones[0]), has_blocked("bob"));
    call_all(&mut exchange, phones[0], &["carol", "bob"]);
    assert_eq!(refusal(&exchange, phones[0]), has_blocked("bob"));
    assert_eq!(exchange.switchboard.calls().count(), 0);
    assert_eq!(
        told_to(&exchange, "carol"),
        [""; 0],
        "nobody on the list was rung"
    );

    call(&mut exchange, phones[0], "carol", CallType::Audio);
    accept(&mut exchange, phones[2]);
    let people = vec![person("bob")];
    exchange.ask(
        phones[0],
        Command::Invite {
            people,
            ring_seconds: None,
        },
    );
    exchange.settle();
    assert!(!is_ringing(&exchange, phones[1]));
    exchange.assert_quiet();

    exchange.unblock("alice", "bob");
    let people = vec![person("bob")];
    exchange.ask(
        phones[0],
        Command::Invite {
            people,
            ring_seconds: None,
        },
    );
    exchange.settle();
    assert!(is_ringing(&exchange, phones[1]), "it works again at once");
}

#[test]
fn who_calls_back_somebody_blocked_is_told_to_unblock_them_and_then_it_is_one_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.block("bob", "alice");
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    call(&mut exchange, phones[1], "alice", CallType::Audio);
    assert_eq!(refusal(&exchange, phones[1]), has_blocked("alice"));
    assert_eq!(told_to(&exchange, "alice"), ["placed, Here seat"]);
    exchange.unblock("bob", "alice");
    call(&mut exchange, phones[1], "alice", CallType::Audio);
    assert_eq!(exchange.switchboard.calls().count(), 1);
    exchange.assert_quiet();
}

#[test]
fn a_block_silences_what_rings_and_the_caller_sees_no_difference() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.transcript.clear();
    exchange.block("bob", "alice");
    exchange.settle();
    assert_eq!(told_to(&exchange, "bob"), ["invite closed: Rejected"]);
    assert_eq!(exchange.phones[phones[1]].tone, Tone::Silence);
    assert_eq!(exchange.phones[phones[1]].links().count(), 0);
    assert_eq!(told_to(&exchange, "alice"), [""; 0]);
    call(&mut exchange, phones[2], "bob", CallType::Audio);
    accept(&mut exchange, phones[1]);
    exchange.pass(LONG);
    assert_eq!(
        told_to(&exchange, "alice"),
        ["bob gone: TimedOut", "ended: NoAnswer after 0 s"]
    );
    exchange.assert_quiet();
}

#[test]
fn who_takes_a_block_back_is_rung_by_the_call_that_waits() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.block("bob", "alice");
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    assert!(!is_ringing(&exchange, phones[1]));
    exchange.unblock("bob", "alice");
    exchange.settle();
    accept(&mut exchange, phones[1]);
    assert!(matches!(exchange.view(phones[0]).stage, Stage::InCall(_)));
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    exchange.assert_quiet();
    assert!(!exchange.records[0].kept_from_callee);
}

#[test]
fn an_offer_that_was_made_before_a_block_is_good_after_it() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    let links = |exchange: &Exchange| -> Vec<_> { exchange.phones[phones[0]].links().cloned().collect() };
    let made = links(&exchange);
    assert_eq!(made.len(), 1);
    exchange.block("bob", "alice");
    exchange.settle();
    exchange.unblock("bob", "alice");
    exchange.settle();
    accept(&mut exchange, phones[1]);
    assert_eq!(links(&exchange), made);
    exchange.assert_quiet();
}

#[test]
fn a_call_of_two_goes_on_when_one_blocks_the_other() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    accept(&mut exchange, phones[1]);
    exchange.transcript.clear();
    exchange.block("bob", "alice");
    exchange.pass(LONG);
    assert_eq!(exchange.transcript, [""; 0]);
    exchange.assert_quiet();
    assert_eq!(exchange.switchboard.calls().count(), 1);
}

#[test]
fn what_was_not_heard_is_kept_from_the_callee_in_the_history_too() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.block("bob", "alice");
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.pass(LONG);
    exchange.unblock("bob", "alice");
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.pass(LONG);
    let kept: Vec<_> = exchange
        .records
        .iter()
        .map(|record| (record.outcome, record.kept_from_callee))
        .collect();
    assert_eq!(
        kept,
        [(InviteOutcome::TimedOut, true), (InviteOutcome::TimedOut, false)]
    );
}

#[test]
fn in_a_group_the_others_are_rung_and_the_others_ring() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    exchange.store_group(1, &["alice", "bob", "carol"]);
    exchange.block("bob", "alice");
    for (caller, rung) in [(0, [false, true]), (1, [false, true]), (2, [true, true])] {
        call_group(&mut exchange, phones[caller], &[]);
        let others = phones.iter().copied().filter(|phone| *phone != phones[caller]);
        let ringing: Vec<_> = others.map(|phone| is_ringing(&exchange, phone)).collect();
        assert_eq!(ringing, rung, "called by {caller}");
        exchange.ask(phones[caller], Command::Hangup);
        exchange.pass(LONG);
        exchange.assert_quiet();
    }
    exchange.store_group(1, &["alice", "bob"]);
    call_group(&mut exchange, phones[1], &[]);
    assert_eq!(refusal(&exchange, phones[1]), has_blocked("alice"));
}

#[test]
fn who_was_not_rung_by_somebody_blocked_may_join_the_call_of_their_group() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    exchange.store_group(1, &["alice", "bob", "carol"]);
    exchange.block("bob", "alice");
    call_group(&mut exchange, phones[0], &[]);
    accept(&mut exchange, phones[2]);
    join(&mut exchange, phones[1]);
    exchange.pass(LONG);
    exchange.assert_quiet();
    let (_, call) = exchange.switchboard.calls().next().unwrap();
    assert_eq!(call.members().count(), 3);
}

#[test]
fn an_answer_that_crosses_a_block_and_its_end_does_not_answer_what_rings_then() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.block("bob", "alice");
    exchange.unblock("bob", "alice");
    accept(&mut exchange, phones[1]);
    assert!(
        matches!(exchange.view(phones[1]).stage, Stage::Ringing(_)),
        "it rings anew"
    );
    accept(&mut exchange, phones[1]);
    assert_eq!(linked(&exchange, phones[1]), ["alice"]);
    exchange.assert_quiet();
}
