//! One frame that goes astray: whichever it is, everybody comes to agree, and no command has an effect twice.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::time::Duration;

use call::handset::{CallTerms, Command};
use call::media::CallType;

use crate::common::{Exchange, Fault, PhoneId, person};

const ALICE: PhoneId = 0;
const BOB: PhoneId = 1;

/// A call with all that people do in one, a second between two things.
fn story() -> Vec<(PhoneId, Command)> {
    vec![
        (
            ALICE,
            Command::Call {
                callees: vec![person("bob")],
                group: None,
                call_type: CallType::Audio,
                terms: CallTerms::default(),
            },
        ),
        (BOB, Command::Accept { camera: false }),
        (ALICE, Command::SetMicrophone(false)),
        (ALICE, Command::SwitchToVideo),
        (
            BOB,
            Command::AnswerVideo {
                agree: true,
                camera: true,
            },
        ),
        (BOB, Command::SetCamera(false)),
        (BOB, Command::SwitchToAudio),
        (
            ALICE,
            Command::Invite {
                people: vec![person("carol")],
                ring_seconds: None,
            },
        ),
        (BOB, Command::Hangup),
        (ALICE, Command::Hangup),
    ]
}

/// Tell the story while this befalls one frame. Returns how many there were.
fn tell(seed: u64, fault: Option<(u64, Fault)>) -> u64 {
    let mut exchange = Exchange::new(seed);
    for name in ["alice", "bob", "carol"] {
        exchange.add_phone(name);
    }
    exchange.fault = fault;
    exchange.settle();
    for (phone, command) in story() {
        exchange.ask(phone, command);
        exchange.pass(Duration::from_secs(1));
    }
    let frames = exchange.frames;
    exchange.come_to_rest();
    exchange.assert_quiet();
    for phone in 0..exchange.phones.len() {
        exchange.ask(phone, Command::Hangup);
    }
    exchange.come_to_rest();
    exchange.assert_quiet();
    assert_eq!(
        exchange.switchboard.calls().count(),
        0,
        "{fault:?}: everybody hung up"
    );
    // Alice called once, and invited once: no more people were rung than that, and of each that was there is one line in the
    // history. (Of who came only later there is a line alone.)
    assert!(exchange.rung.len() <= 2, "{fault:?}: {:?}", exchange.rung);
    let lines = exchange.records.len();
    assert!(
        (exchange.rung.len()..=2).contains(&lines),
        "{fault:?}: {:?}",
        exchange.records
    );
    for phone in &exchange.phones {
        assert_eq!(
            phone.assert_coherent_story(),
            [],
            "{fault:?}: a call without an end"
        );
    }
    frames
}

fn tell_with_each(faults: &[Fault]) {
    for seed in 0..4 {
        let frames = tell(seed, None);
        assert!(frames > 40, "{frames}");
        for number in 0..frames {
            for fault in faults {
                tell(seed, Some((number, *fault)));
            }
        }
    }
}

#[test]
fn whichever_frame_is_lost_with_its_socket_everybody_agrees_in_the_end() {
    tell_with_each(&[
        Fault::Lost {
            noticed_at_once: true,
        },
        Fault::Lost {
            noticed_at_once: false,
        },
    ]);
}

#[test]
fn whichever_frame_is_late_everybody_agrees_in_the_end() {
    tell_with_each(&[Fault::Late(30), Fault::Late(250), Fault::Late(2_500)]);
}

#[test]
fn whichever_command_arrives_twice_it_has_one_effect() {
    tell_with_each(&[Fault::Again(0), Fault::Again(15), Fault::Again(400)]);
}

#[test]
fn whichever_command_is_replayed_long_after_it_has_one_effect() {
    tell_with_each(&[Fault::Again(3_000), Fault::Again(8_500)]);
}
