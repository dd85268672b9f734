//! A person who logs in here and nowhere else.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

#[test]
fn an_exclusive_login_takes_the_place_of_every_other_and_their_media_stop_at_once() {
    let (mut exchange, phones) = Exchange::with(&["alice", "alice", "alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[3]);
    assert!(camera_is_open(&exchange, phones[0]));
    exchange.reload_exclusively(phones[2]);
    exchange.settle();
    for kicked in [phones[0], phones[1]] {
        assert_eq!(exchange.view(kicked).connection, Connection::KickedOut);
        let mut open = exchange.phones[kicked].open.values();
        assert!(open.all(|open| !open), "the lights are out");
    }
    assert_eq!(exchange.view(phones[2]).connection, Connection::Online);
    let bob = exchange.view(phones[3]);
    assert!(matches!(bob.stage, Stage::Idle), "nobody is left in Bob's call");
    exchange.assert_quiet();

    // The one that stays is called like anybody else, and a shared login may come beside it.
    call(&mut exchange, phones[3], "alice", CallType::Audio);
    accept(&mut exchange, phones[2]);
    exchange.assert_quiet();
}

#[test]
fn an_exclusive_login_that_comes_back_does_not_lose_its_own_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.reload_exclusively(phones[0]);
    exchange.settle();
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    accept(&mut exchange, phones[1]);
    exchange.cut(phones[0], false, Some(500));
    exchange.pass(Duration::from_secs(2));
    assert_eq!(linked(&exchange, phones[0]), ["bob"]);
    exchange.assert_quiet();
}

#[test]
fn an_exclusive_login_that_comes_back_leaves_alone_who_came_beside_it() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.reload_exclusively(phones[0]);
    exchange.settle();
    let beside = exchange.add_phone("alice");
    exchange.settle();
    call(&mut exchange, beside, "bob", CallType::Audio);
    accept(&mut exchange, phones[1]);
    exchange.cut(phones[0], true, Some(500));
    exchange.pass(Duration::from_secs(2));
    assert_eq!(linked(&exchange, beside), ["bob"]);
    exchange.assert_quiet();
}
