//! From voice to video and back.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

fn voice_call() -> (Exchange, Vec<PhoneId>) {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.ask(phones[1], Command::Accept { camera: false });
    exchange.settle();
    exchange.transcript.clear();
    (exchange, phones)
}

#[test]
fn a_voice_call_becomes_a_video_call_by_consent_and_a_voice_call_again() {
    let (mut exchange, phones) = voice_call();
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.settle();
    assert!(camera_is_open(&exchange, phones[0]));
    assert!(!camera_is_open(&exchange, phones[1]), "not before Bob agrees");
    exchange.ask(
        phones[1],
        Command::AnswerVideo {
            agree: true,
            camera: true,
        },
    );
    exchange.settle();
    assert!(camera_is_open(&exchange, phones[1]));
    exchange.assert_quiet();
    exchange.ask(phones[1], Command::SwitchToAudio);
    exchange.settle();
    for phone in &phones {
        assert!(
            !camera_is_open(&exchange, *phone),
            "the lights go out on both sides"
        );
    }
    exchange.assert_quiet();
    let heard = told_to(&exchange, "alice");
    let turns: Vec<_> = heard.iter().filter(|line| !line.contains("sends")).collect();
    assert_eq!(
        turns,
        ["alice asks for video", "alice made it Video", "bob made it Audio"]
    );
}

#[test]
fn a_switch_that_is_declined_or_not_answered_leaves_the_call_as_it_was() {
    for answer in [true, false] {
        let (mut exchange, phones) = voice_call();
        exchange.ask(phones[0], Command::SwitchToVideo);
        exchange.settle();
        if answer {
            exchange.ask(
                phones[1],
                Command::AnswerVideo {
                    agree: false,
                    camera: true,
                },
            );
            exchange.settle();
        } else {
            exchange.pass(Duration::from_secs(31));
        }
        assert!(!camera_is_open(&exchange, phones[0]));
        assert!(matches!(
            exchange.view(phones[0]).notice,
            Some(Notice::NoVideo { .. })
        ));
        assert_eq!(linked(&exchange, phones[0]), ["bob"]);
        exchange.assert_quiet();
    }
}

#[test]
fn that_somebody_did_not_want_video_is_not_said_for_longer_than_it_is_true() {
    let (mut exchange, phones) = voice_call();
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.settle();
    exchange.ask(
        phones[1],
        Command::AnswerVideo {
            agree: false,
            camera: true,
        },
    );
    exchange.settle();
    assert!(exchange.view(phones[0]).notice.is_some());
    exchange.ask(phones[1], Command::SwitchToVideo);
    exchange.settle();
    assert_eq!(exchange.view(phones[0]).notice, None);
}

#[test]
fn nobody_is_asked_for_video_by_somebody_without_a_camera() {
    let (mut exchange, phones) = voice_call();
    exchange.phones[phones[0]].refuses = Some(CaptureError::Missing);
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.settle();
    let heard = told_to(&exchange, "bob");
    assert!(heard.contains(&"no video: Withdrawn".to_owned()), "{heard:?}");
    exchange.assert_quiet();
}

#[test]
fn two_who_ask_for_video_at_once_have_it() {
    let (mut exchange, phones) = voice_call();
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.ask(phones[1], Command::SwitchToVideo);
    exchange.settle();
    for phone in &phones {
        assert!(camera_is_open(&exchange, *phone));
    }
    exchange.assert_quiet();
}

#[test]
fn a_group_call_is_not_switched() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call_all(&mut exchange, phones[0], &["bob", "carol"]);
    accept(&mut exchange, phones[1]);
    accept(&mut exchange, phones[2]);
    exchange.ask(phones[0], Command::SwitchToAudio);
    exchange.settle();
    assert!(camera_is_open(&exchange, phones[0]));
    exchange.assert_quiet();
}

#[test]
fn a_camera_that_was_opened_for_two_closes_when_somebody_is_added_before_it_is_so() {
    let (mut exchange, phones) = voice_call();
    exchange.add_phone("carol");
    exchange.settle();
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.settle();
    // Bob agrees in the moment in which Alice adds Carol.
    let people = vec![person("carol")];
    exchange.ask(
        phones[0],
        Command::Invite {
            people,
            ring_seconds: None,
        },
    );
    exchange.ask(
        phones[1],
        Command::AnswerVideo {
            agree: true,
            camera: true,
        },
    );
    exchange.settle();
    for phone in [phones[0], phones[1]] {
        assert!(
            !camera_is_open(&exchange, phone),
            "{phone} is seen by a third person"
        );
    }
}

#[test]
fn a_camera_whose_question_was_lost_with_the_socket_closes_when_somebody_was_added_meanwhile() {
    let (mut exchange, phones) = voice_call();
    exchange.add_phone("carol");
    exchange.settle();
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.settle();
    assert!(camera_is_open(&exchange, phones[0]));
    exchange.cut(phones[0], true, Some(800));
    let people = vec![person("carol")];
    exchange.ask(
        phones[1],
        Command::Invite {
            people,
            ring_seconds: None,
        },
    );
    exchange.pass(Duration::from_secs(2));
    assert!(!camera_is_open(&exchange, phones[0]));
}

#[test]
fn whoever_agrees_to_video_need_not_open_their_camera() {
    let (mut exchange, phones) = voice_call();
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.settle();
    let agree = Command::AnswerVideo {
        agree: true,
        camera: false,
    };
    exchange.ask(phones[1], agree);
    exchange.settle();
    assert!(camera_is_open(&exchange, phones[0]));
    assert!(!camera_is_open(&exchange, phones[1]));
    exchange.assert_quiet();
    exchange.ask(phones[1], Command::SetCamera(true));
    exchange.settle();
    assert!(camera_is_open(&exchange, phones[1]), "by a click of Bob's own");
    exchange.assert_quiet();
}
