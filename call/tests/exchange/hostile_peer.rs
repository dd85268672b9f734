//! What somebody in the same call may say to do harm, or somebody who rings.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::time::Duration;

use call::handset::{CallTerms, Command};
use call::id::{Attempt, Entry};
use call::media::CallType;
use call::protocol::{Event, Signal};

use crate::common::{Exchange, PhoneId, person, user};

/// Alice calls Bob.
fn ringing() -> (Exchange, PhoneId, PhoneId) {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    let command = Command::Call {
        callees: vec![person("bob")],
        group: None,
        call_type: CallType::Video,
        terms: CallTerms::default(),
    };
    exchange.ask(phones[0], command);
    exchange.settle();
    (exchange, phones[0], phones[1])
}

/// The other one of the two says to this phone that their connection is another one.
fn begin_afresh(exchange: &mut Exchange, phone: PhoneId, attempt: u32) {
    let (from, entry) = if exchange.phones[phone].user == user("alice") {
        (user("bob"), Entry(2))
    } else {
        (user("alice"), Entry(1))
    };
    let (call, _) = exchange.switchboard.calls().next().unwrap();
    let signal = Signal::Afresh(Attempt(attempt));
    exchange.tell(
        phone,
        Event::Signaled {
            call,
            from,
            entry,
            signal,
        },
    );
}

#[test]
fn whoever_rings_begins_nothing_afresh_and_neither_does_whoever_is_rung() {
    let (mut exchange, alice, bob) = ringing();
    for phone in [alice, bob] {
        let links: Vec<_> = exchange.phones[phone].links().cloned().collect();
        let opened = exchange.phones[phone].opened;
        for attempt in [1, 2, u32::MAX] {
            begin_afresh(&mut exchange, phone, attempt);
        }
        exchange.settle();
        assert!(exchange.phones[phone].links().eq(&links));
        assert_eq!(exchange.phones[phone].opened, opened);
    }
    exchange.ask(bob, Command::Accept { camera: true });
    exchange.settle();
    exchange.assert_quiet();
}

#[test]
fn connections_are_not_made_anew_without_end_because_the_other_side_says_so() {
    let (mut exchange, alice, bob) = ringing();
    exchange.ask(bob, Command::Accept { camera: true });
    exchange.settle();
    let opened = exchange.phones[alice].opened;
    for attempt in 1..=2_000 {
        begin_afresh(&mut exchange, alice, attempt);
        exchange.pass(Duration::from_millis(30));
    }
    let made = exchange.phones[alice].opened - opened;
    // Three at once, and one every ten seconds for a minute.
    assert!(made <= 3 + 6, "{made} connections in a minute");

    // And when that is over, the two find one another again.
    exchange.come_to_rest();
    exchange.assert_quiet();
}

#[test]
fn a_number_after_which_there_is_none_ends_neither_the_call_nor_the_machine() {
    let (mut exchange, alice, bob) = ringing();
    exchange.ask(bob, Command::Accept { camera: true });
    exchange.settle();
    begin_afresh(&mut exchange, alice, u32::MAX);
    exchange.pass(Duration::from_secs(600));
    exchange.ask(alice, Command::Hangup);
    exchange.settle();
    exchange.assert_quiet();
}
