//! Links that are made while it rings.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

/// The links of a phone, by their names.
fn links(exchange: &Exchange, phone: PhoneId) -> Vec<(UserId, LinkName)> {
    exchange.phones[phone].links().cloned().collect()
}

fn is_connected(exchange: &Exchange, phone: PhoneId) -> bool {
    exchange.phones[phone].is_connected()
}

#[test]
fn the_link_that_was_made_while_it_rang_is_the_one_of_the_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    let (to_bob, to_alice) = (links(&exchange, phones[0]), links(&exchange, phones[1]));
    assert_eq!(to_bob, [(user("bob"), LinkName::first(Entry(2)))]);
    assert_eq!(to_alice, [(user("alice"), LinkName::first(Entry(2)))]);
    assert!(
        !is_connected(&exchange, phones[1]),
        "nothing flows before the click"
    );
    accept(&mut exchange, phones[1]);
    assert_eq!(links(&exchange, phones[0]), to_bob);
    assert_eq!(links(&exchange, phones[1]), to_alice);
    exchange.assert_quiet();
}

#[test]
fn every_phone_of_the_one_who_is_called_is_prepared_and_all_but_one_forget_it() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    let third = exchange.add_phone("bob");
    exchange.settle();
    for phone in [phones[1], phones[2], third] {
        assert_eq!(
            links(&exchange, phone),
            [(user("alice"), LinkName::first(Entry(2)))]
        );
    }
    accept(&mut exchange, third);
    assert_eq!(links(&exchange, phones[1]), []);
    assert_eq!(links(&exchange, phones[2]), []);
    assert!(is_connected(&exchange, third));
    exchange.assert_quiet();
}

#[test]
fn a_phone_that_loses_its_socket_while_it_rings_stays_prepared() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    let before = links(&exchange, phones[1]);
    for phone in phones.clone() {
        exchange.cut(phone, false, Some(500));
        exchange.pass(Duration::from_secs(2));
    }
    assert_eq!(links(&exchange, phones[1]), before);
    accept(&mut exchange, phones[1]);
    assert_eq!(links(&exchange, phones[1]), before);
    exchange.assert_quiet();
}

#[test]
fn a_caller_whose_page_was_loaded_again_is_linked_anew_by_the_answer() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    exchange.reload(phones[0]);
    exchange.settle();
    accept(&mut exchange, phones[1]);
    assert_eq!(
        links(&exchange, phones[1]),
        [(user("alice"), LinkName::first(Entry(3)))]
    );
    assert!(is_connected(&exchange, phones[1]));
    exchange.assert_quiet();
}

#[test]
fn who_declines_or_does_not_answer_leaves_no_link_behind() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call_all(&mut exchange, phones[0], &["bob", "carol"]);
    assert_eq!(links(&exchange, phones[0]).len(), 2);
    exchange.ask(phones[1], Command::Reject);
    exchange.settle();
    assert_eq!(links(&exchange, phones[1]), []);
    assert_eq!(
        links(&exchange, phones[0]),
        [(user("carol"), LinkName::first(Entry(3)))]
    );
    exchange.pass(Duration::from_secs(40));
    assert_eq!(links(&exchange, phones[0]), []);
    assert_eq!(links(&exchange, phones[2]), []);
}

#[test]
fn who_is_added_to_a_call_is_prepared_by_whoever_adds_them() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.ask(
        phones[1],
        Command::Invite {
            people: vec![person("carol")],
            ring_seconds: None,
        },
    );
    exchange.settle();
    assert_eq!(
        links(&exchange, phones[2]),
        [(user("bob"), LinkName::first(Entry(3)))]
    );
    accept(&mut exchange, phones[2]);
    let both = [
        (user("alice"), LinkName::first(Entry(3))),
        (user("bob"), LinkName::first(Entry(3))),
    ];
    assert_eq!(links(&exchange, phones[2]), both);
    exchange.assert_quiet();
}

#[test]
fn an_answer_given_without_a_socket_is_not_asked_for_again() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.cut(phones[1], false, Some(500));
    exchange.ask(phones[1], Command::Accept { camera: false });
    exchange.ask(phones[1], Command::Hangup);
    exchange.transcript.clear();
    exchange.pass(Duration::from_millis(505));
    while !exchange.transcript.iter().any(|line| line.starts_with("bob")) {
        exchange.pass(Duration::from_millis(1));
        assert!(
            matches!(exchange.view(phones[1]).stage, Stage::Idle),
            "it rings again"
        );
    }
    exchange.pass(Duration::from_secs(2));
    exchange.assert_quiet();
}
