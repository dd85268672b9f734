//! Links that break, and how they are mended.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// The one link of a phone.
fn link(exchange: &Exchange, phone: PhoneId) -> LinkName {
    let links: Vec<_> = exchange.phones[phone].links().collect();
    assert_eq!(links.len(), 1, "{links:?}");
    links[0].1
}

/// How it goes with somebody, as the page shows it.
fn shown(exchange: &Exchange, phone: PhoneId, other: &str) -> LinkState {
    let Stage::InCall(call) = exchange.view(phone).stage else {
        panic!("not in a call")
    };
    let peer = call.peers.into_iter().find(|peer| peer.person.id == user(other));
    peer.unwrap().link
}

fn talking() -> (Exchange, PhoneId, PhoneId) {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    (exchange, phones[0], phones[1])
}

/// What lies between Alice and Bob breaks.
fn break_link(exchange: &mut Exchange, alice: PhoneId, dead: bool) {
    let name = link(exchange, alice);
    exchange.break_link(alice, &user("bob"), name, dead);
}

const BETWEEN: LinkState = LinkState::Interrupted(Outage::Between);

#[test]
fn an_interrupted_link_comes_back_by_a_restart_of_ice() {
    let (mut exchange, alice, bob) = talking();
    break_link(&mut exchange, alice, false);
    exchange.pass(6 * SECOND);
    assert_eq!(shown(&exchange, alice, "bob"), BETWEEN);
    assert_eq!(shown(&exchange, bob, "alice"), BETWEEN);
    exchange.pass(4 * SECOND);
    exchange.assert_quiet();
    for (phone, other) in [(alice, "bob"), (bob, "alice")] {
        assert_eq!(shown(&exchange, phone, other), LinkState::Connected);
        assert_eq!(link(&exchange, phone), LinkName::first(Entry(2)));
    }
}

#[test]
fn a_link_that_no_restart_brings_back_is_begun_afresh_by_both() {
    let (mut exchange, alice, bob) = talking();
    break_link(&mut exchange, alice, true);
    exchange.pass(16 * SECOND);
    assert_eq!(shown(&exchange, alice, "bob"), BETWEEN);
    exchange.pass(6 * SECOND);
    exchange.assert_quiet();
    let fresh = LinkName {
        entry: Entry(2),
        attempt: Attempt(1),
    };
    assert_eq!([link(&exchange, alice), link(&exchange, bob)], [fresh, fresh]);
    assert_eq!(shown(&exchange, bob, "alice"), LinkState::Connected);
}

#[test]
fn a_link_that_never_was_connected_is_not_given_up() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    break_link(&mut exchange, phones[0], true);
    accept(&mut exchange, phones[1]);
    assert_eq!(shown(&exchange, phones[0], "bob"), LinkState::Connecting);
    exchange.pass(17 * SECOND);
    exchange.assert_quiet();
    assert_eq!(shown(&exchange, phones[1], "alice"), LinkState::Connected);
}

#[test]
fn a_way_that_is_not_found_is_looked_for_ever_more_rarely() {
    let (mut exchange, alice, bob) = talking();
    let mut tries = Vec::new();
    let start = exchange.now;
    for _ in 0..300 {
        let name = link(&exchange, alice);
        if tries.last().is_none_or(|(_, last)| *last != name) {
            tries.push((exchange.now.since(start).as_secs(), name));
            exchange.break_link(alice, &user("bob"), name, true);
        }
        exchange.pass(SECOND);
        // No connection ever comes about.
        let name = link(&exchange, alice);
        exchange.break_link(alice, &user("bob"), name, true);
    }
    let gaps: Vec<_> = tries.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(gaps.len() <= 9, "{tries:?}");
    assert!(gaps.iter().rev().take(2).all(|gap| *gap >= 55), "{tries:?}");
    assert_eq!(shown(&exchange, alice, "bob"), LinkState::Failed);
    exchange.ask(bob, Command::Hangup);
    exchange.settle();
    exchange.assert_quiet();
}

#[test]
fn who_both_begin_afresh_at_once_agree_on_one() {
    let (mut exchange, alice, bob) = talking();
    break_link(&mut exchange, alice, true);
    exchange.pass(5 * SECOND);
    // What they have said to one another is lost, so neither waits for the other.
    exchange.cut(alice, true, Some(100));
    exchange.cut(bob, true, Some(100));
    exchange.pass(2 * SECOND);
    exchange.assert_quiet();
    assert_eq!(link(&exchange, alice), link(&exchange, bob));
    assert!(link(&exchange, alice).attempt > Attempt::FIRST);
}

#[test]
fn while_one_side_is_away_nothing_is_tried_and_the_other_may_hang_up_at_once() {
    let (mut exchange, alice, bob) = talking();
    let before = link(&exchange, alice);
    break_link(&mut exchange, alice, false);
    exchange.cut(bob, true, Some(8_000));
    exchange.pass(7 * SECOND);
    assert_eq!(
        shown(&exchange, alice, "bob"),
        LinkState::Interrupted(Outage::Theirs)
    );
    assert_eq!(
        shown(&exchange, bob, "alice"),
        LinkState::Interrupted(Outage::Own)
    );
    assert_eq!(exchange.phones[alice].restarts + exchange.phones[bob].restarts, 0);
    assert_eq!(link(&exchange, alice), before);
    exchange.pass(3 * SECOND);
    assert_eq!(shown(&exchange, alice, "bob"), LinkState::Connected);
    exchange.assert_quiet();

    exchange.cut(bob, false, None);
    exchange.ask(alice, Command::Hangup);
    assert_eq!(exchange.view(alice).stage, Stage::Idle);
}

#[test]
fn the_links_to_others_in_a_group_are_not_touched() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call_all(&mut exchange, phones[0], &["bob", "carol"]);
    accept(&mut exchange, phones[1]);
    accept(&mut exchange, phones[2]);
    let (carol, to_carol) = exchange.phones[phones[0]]
        .links()
        .find(|(other, _)| *other == user("carol"))
        .cloned()
        .unwrap();
    told(&mut exchange);
    exchange.break_link(phones[0], &user("bob"), LinkName::first(Entry(2)), true);
    exchange.pass(25 * SECOND);
    exchange.assert_quiet();
    let attempts: Vec<_> = exchange.phones[phones[0]].links().collect();
    assert!(attempts.contains(&&(carol, to_carol)));
    assert!(attempts.iter().any(|(_, link)| link.attempt > Attempt::FIRST));
    assert_eq!(told(&mut exchange), "", "nobody is told of it");
}

#[test]
fn every_new_socket_restarts_ice_but_on_a_link_that_has_worked_without_one() {
    for (back_ms, arrives_after, restarts) in [(500, None, 1), (4_000, None, 1), (4_000, Some(3), 0)] {
        let (mut exchange, alice, _) = talking();
        let name = link(&exchange, alice);
        exchange.cut(alice, true, Some(back_ms));
        if let Some(seconds) = arrives_after {
            exchange.pass(seconds * SECOND);
            exchange.link(alice, &user("bob"), name, LinkInput::Arrived);
        }
        exchange.pass(6 * SECOND);
        assert_eq!(
            exchange.phones[alice].restarts, restarts,
            "back after {back_ms} ms"
        );
        assert_eq!(link(&exchange, alice), name);
        exchange.assert_quiet();
    }
}

#[test]
fn a_connection_on_which_nothing_arrives_is_not_called_connected() {
    let (mut exchange, alice, _) = talking();
    let name = link(&exchange, alice);
    let report = |exchange: &mut Exchange, input| {
        exchange.pass(SECOND);
        exchange.link(alice, &user("bob"), name, input);
    };
    report(&mut exchange, LinkInput::Arrived);
    for _ in 0..3 {
        report(&mut exchange, LinkInput::NothingArrived);
        assert_eq!(shown(&exchange, alice, "bob"), LinkState::Connected);
    }
    report(&mut exchange, LinkInput::NothingArrived);
    assert_eq!(shown(&exchange, alice, "bob"), BETWEEN);
    report(&mut exchange, LinkInput::Arrived);
    assert_eq!(shown(&exchange, alice, "bob"), LinkState::Connected);
    assert_eq!(exchange.phones[alice].restarts, 0, "it came back by itself");
}

#[test]
fn who_sends_neither_sound_nor_picture_is_given_more_time() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.phones[phones[1]].refuses = Some(CaptureError::Missing);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    let name = link(&exchange, phones[0]);
    exchange.link(phones[0], &user("bob"), name, LinkInput::Arrived);
    for _ in 0..9 {
        exchange.pass(SECOND);
        exchange.link(phones[0], &user("bob"), name, LinkInput::NothingArrived);
        assert_eq!(shown(&exchange, phones[0], "bob"), LinkState::Connected);
    }
    exchange.pass(SECOND);
    exchange.link(phones[0], &user("bob"), name, LinkInput::NothingArrived);
    assert_eq!(shown(&exchange, phones[0], "bob"), BETWEEN);
}

#[test]
fn who_has_lost_the_server_as_well_is_missed_at_once() {
    let (mut exchange, alice, bob) = talking();
    let name = link(&exchange, alice);
    exchange.cut(bob, true, None);
    exchange.settle();
    exchange.link(alice, &user("bob"), name, LinkInput::Arrived);
    assert_eq!(shown(&exchange, alice, "bob"), LinkState::Connected);
    exchange.pass(SECOND);
    exchange.link(alice, &user("bob"), name, LinkInput::NothingArrived);
    assert_eq!(
        shown(&exchange, alice, "bob"),
        LinkState::Interrupted(Outage::Theirs)
    );
}
