//! Calls as a person would tell them: what each phone hears, in order.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::time::Duration;

use crate::common::{Exchange, PhoneId, group, person};
use call::agent::Tone;
use call::handset::{Command, Connection, InviteeState, LinkState, Notice, Stage};
use call::media::{CallType, CaptureError, MediaKind};
use call::protocol::{EndReason, InviteOutcome, Refusal};

fn call(exchange: &mut Exchange, from: PhoneId, to: &str, call_type: CallType) {
    exchange.ask(
        from,
        Command::Call {
            callees: vec![person(to)],
            group: None,
            call_type,
        },
    );
    exchange.settle();
}

fn accept(exchange: &mut Exchange, phone: PhoneId) {
    exchange.ask(phone, Command::Accept { camera: true });
    exchange.settle();
}

fn told(exchange: &mut Exchange) -> String {
    core::mem::take(&mut exchange.transcript).join("\n")
}

/// Everybody's lines, one person after the other: what different people hear has no order between them.
fn told_to(exchange: &Exchange, name: &str) -> Vec<String> {
    let own = format!("{name} ← ");
    exchange
        .transcript
        .iter()
        .filter_map(|line| line.strip_prefix(&own))
        .map(Into::into)
        .collect()
}

fn end_reason(exchange: &Exchange, phone: PhoneId) -> Option<EndReason> {
    match exchange.view(phone).notice {
        Some(Notice::Ended { reason, .. }) => Some(reason),
        _ => None,
    }
}

#[test]
fn a_call_is_placed_rings_is_answered_and_ended() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    assert!(matches!(exchange.view(phones[1]).stage, Stage::Ringing(_)));
    assert_eq!(exchange.phones[phones[1]].tone, Tone::Ringtone);
    assert_eq!(exchange.phones[phones[0]].tone, Tone::Ringback);
    accept(&mut exchange, phones[1]);
    exchange.assert_quiet();
    exchange.pass(Duration::from_secs(42));
    exchange.ask(phones[1], Command::Hangup);
    exchange.settle();
    assert_eq!(
        told_to(&exchange, "alice"),
        [
            "placed, Here seat",
            "bob rings",
            "bob entered as 2",
            "bob left",
            "ended: OthersLeft after 42 s"
        ]
    );
    assert_eq!(
        told_to(&exchange, "bob"),
        [
            "invited by alice",
            "joined, Here seat",
            "ended: HungUp after 42 s"
        ]
    );
    exchange.assert_quiet();
    assert_eq!(exchange.records.len(), 1);
    assert_eq!(exchange.records[0].outcome, InviteOutcome::Accepted);
}

#[test]
fn the_callee_declines() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.ask(phones[1], Command::Reject);
    exchange.settle();
    assert_eq!(
        told_to(&exchange, "alice"),
        [
            "placed, Here seat",
            "bob rings",
            "bob gone: Rejected",
            "ended: Rejected after 0 s"
        ]
    );
    assert_eq!(
        told_to(&exchange, "bob"),
        ["invited by alice", "invite closed: Rejected"]
    );
    assert_eq!(exchange.view(phones[1]).notice, None);
    exchange.assert_quiet();
}

#[test]
fn the_caller_cancels() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    assert_eq!(
        told_to(&exchange, "bob"),
        ["invited by alice", "invite closed: Cancelled"]
    );
    assert!(matches!(
        exchange.view(phones[1]).notice,
        Some(Notice::Missed { .. })
    ));
    exchange.assert_quiet();
}

#[test]
fn a_call_that_is_cancelled_before_it_was_placed_rings_nobody_for_long() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.ask(
        phones[0],
        Command::Call {
            callees: vec![person("bob")],
            group: None,
            call_type: CallType::Video,
        },
    );
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    exchange.assert_quiet();
    assert_eq!(exchange.switchboard.calls().count(), 0);
}

#[test]
fn whoever_cancels_and_calls_somebody_else_at_once_gets_the_second_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    exchange.ask(
        phones[0],
        Command::Call {
            callees: vec![person("bob")],
            group: None,
            call_type: CallType::Audio,
        },
    );
    exchange.ask(phones[0], Command::Hangup);
    exchange.ask(
        phones[0],
        Command::Call {
            callees: vec![person("carol")],
            group: None,
            call_type: CallType::Audio,
        },
    );
    exchange.settle();
    assert_eq!(exchange.view(phones[1]).stage, Stage::Idle);
    assert!(matches!(exchange.view(phones[2]).stage, Stage::Ringing(_)));
}

#[test]
fn nobody_answers() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.pass(Duration::from_secs(31));
    exchange.settle();
    assert_eq!(end_reason(&exchange, phones[0]), Some(EndReason::NoAnswer));
    assert_eq!(
        told_to(&exchange, "bob"),
        ["invited by alice", "invite closed: TimedOut"]
    );
    assert!(matches!(
        exchange.view(phones[1]).notice,
        Some(Notice::Missed { .. })
    ));
    exchange.assert_quiet();
}

#[test]
fn second_invite_gets_line_busy_and_disturbs_nobody() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    told(&mut exchange);
    call(&mut exchange, phones[2], "bob", CallType::Audio);
    assert_eq!(
        told(&mut exchange),
        "carol ← placed, Here seat\ncarol ← bob gone: Busy\ncarol ← ended: Busy after 0 s"
    );
    assert_eq!(end_reason(&exchange, phones[2]), Some(EndReason::Busy));
    exchange.assert_quiet();
}

#[test]
fn a_ringing_person_is_busy_for_others() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    call(&mut exchange, phones[2], "bob", CallType::Audio);
    assert_eq!(end_reason(&exchange, phones[2]), Some(EndReason::Busy));
    assert!(matches!(exchange.view(phones[1]).stage, Stage::Ringing(_)));
}

#[test]
fn an_offline_callee_is_called_but_never_said_to_ring_until_a_device_does() {
    let (mut exchange, phones) = Exchange::with(&["alice"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.pass(Duration::from_secs(10));
    let Stage::Calling(calling) = exchange.view(phones[0]).stage else {
        panic!("not calling")
    };
    assert_eq!(calling.invitees[0].state, InviteeState::Calling);
    assert_eq!(exchange.phones[phones[0]].tone, Tone::Silence);
    let bob = exchange.add_phone("bob");
    exchange.settle();
    let Stage::Calling(calling) = exchange.view(phones[0]).stage else {
        panic!("not calling")
    };
    assert_eq!(calling.invitees[0].state, InviteeState::Ringing);
    accept(&mut exchange, bob);
    exchange.assert_quiet();
}

#[test]
fn both_call_each_other_and_it_becomes_one_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.ask(
        phones[0],
        Command::Call {
            callees: vec![person("bob")],
            group: None,
            call_type: CallType::Audio,
        },
    );
    exchange.ask(
        phones[1],
        Command::Call {
            callees: vec![person("alice")],
            group: None,
            call_type: CallType::Audio,
        },
    );
    exchange.settle();
    assert!(matches!(exchange.view(phones[0]).stage, Stage::InCall(_)));
    assert!(matches!(exchange.view(phones[1]).stage, Stage::InCall(_)));
    assert_eq!(exchange.switchboard.calls().count(), 1);
    exchange.assert_quiet();
}

#[test]
fn whoever_answers_first_wins_and_the_others_learn_it() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    assert!(matches!(exchange.view(phones[1]).stage, Stage::Ringing(_)));
    assert!(matches!(exchange.view(phones[2]).stage, Stage::Ringing(_)));
    exchange.ask(phones[1], Command::Accept { camera: true });
    exchange.ask(phones[2], Command::Accept { camera: true });
    exchange.settle();
    exchange.assert_quiet();
    let in_call: Vec<_> = [1, 2]
        .into_iter()
        .filter(|i| matches!(exchange.view(phones[*i]).stage, Stage::InCall(_)))
        .collect();
    assert_eq!(in_call.len(), 1);
    let other = 3 - in_call[0];
    assert!(matches!(
        exchange.view(phones[other]).notice,
        Some(Notice::HandledElsewhere { accepted: true, .. })
    ));
    assert!(exchange.view(phones[other]).elsewhere.is_some());
}

#[test]
fn a_refused_microphone_does_not_keep_anybody_from_talking() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    exchange.phones[phones[1]].refuses = Some(CaptureError::Refused);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.assert_quiet();
    let Stage::InCall(bob) = exchange.view(phones[1]).stage else {
        panic!("not in a call")
    };
    assert_eq!(bob.devices.microphone_error, Some(CaptureError::Refused));
    assert_eq!(bob.peers[0].link, LinkState::Connected);
    let Stage::InCall(alice) = exchange.view(phones[0]).stage else {
        panic!("not in a call")
    };
    assert!(!alice.peers[0].media.microphone && !alice.peers[0].media.camera);
}

#[test]
fn mute_and_camera_are_told_to_the_other_side() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    told(&mut exchange);
    exchange.ask(phones[0], Command::SetMicrophone(false));
    exchange.settle();
    exchange.ask(phones[0], Command::SetCamera(false));
    exchange.settle();
    exchange.ask(phones[0], Command::SetCamera(true));
    exchange.ask(phones[0], Command::SetMicrophone(true));
    exchange.settle();
    assert_eq!(
        told(&mut exchange),
        "bob ← alice sends microphone false, camera true\n\
         bob ← alice sends microphone false, camera false\n\
         bob ← alice sends microphone false, camera true\n\
         bob ← alice sends microphone true, camera true"
    );
}

#[test]
fn a_closed_tab_ends_the_call_after_its_grace_and_not_before() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.close_tab(phones[1]);
    exchange.pass(Duration::from_millis(9_900));
    assert!(matches!(exchange.view(phones[0]).stage, Stage::InCall(_)));
    exchange.pass(Duration::from_millis(200));
    exchange.settle();
    assert_eq!(end_reason(&exchange, phones[0]), Some(EndReason::ConnectionLost));
    exchange.assert_quiet();
}

#[test]
fn whoever_stays_may_hang_up_at_once_while_the_other_is_away() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.cut(phones[1], false, Some(60_000));
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    call(&mut exchange, phones[0], "carol", CallType::Audio);
    assert!(matches!(exchange.view(phones[0]).stage, Stage::Calling(_)));
}

#[test]
fn a_reload_comes_back_into_the_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.reload(phones[1]);
    exchange.settle();
    assert!(matches!(exchange.view(phones[1]).stage, Stage::InCall(_)));
    exchange.assert_quiet();
    assert_eq!(exchange.switchboard.calls().count(), 1);
}

#[test]
fn a_lost_socket_does_not_touch_the_media() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.cut(phones[0], true, Some(500));
    exchange.settle();
    exchange.assert_quiet();
    assert_eq!(
        told_to(&exchange, "bob"),
        [
            "invited by alice",
            "joined, Here seat",
            "alice away",
            "alice back"
        ],
        "no link was made anew"
    );
}

#[test]
fn a_call_on_another_device_can_be_taken_over() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    accept(&mut exchange, phones[1]);
    exchange.ask(phones[2], Command::TakeOver);
    exchange.settle();
    exchange.assert_quiet();
    assert!(matches!(exchange.view(phones[2]).stage, Stage::InCall(_)));
    assert_eq!(end_reason(&exchange, phones[1]), Some(EndReason::MovedElsewhere));
}

#[test]
fn hanging_up_a_ringing_phone_declines() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    exchange.ask(phones[1], Command::Hangup);
    exchange.settle();
    assert_eq!(end_reason(&exchange, phones[0]), Some(EndReason::Rejected));
}

/// A call of several people: `from` rings all of these.
fn call_all(exchange: &mut Exchange, from: PhoneId, to: &[&str]) {
    exchange.transcript.clear();
    let callees = to.iter().map(|name| person(name)).collect();
    let call_type = CallType::Video;
    exchange.ask(
        from,
        Command::Call {
            callees,
            group: None,
            call_type,
        },
    );
    exchange.settle();
}

/// How it stands with those who were invited and are not in the call.
fn invitees(exchange: &Exchange, phone: PhoneId) -> Vec<(String, InviteeState)> {
    let invitees = match exchange.view(phone).stage {
        Stage::Calling(calling) => calling.invitees,
        Stage::InCall(call) => call.invitees,
        Stage::Idle | Stage::Ringing(_) => Vec::new(),
    };
    invitees
        .into_iter()
        .map(|invitee| (invitee.person.id.to_string(), invitee.state))
        .collect()
}

/// The others in the call with whom media flows.
fn linked(exchange: &Exchange, phone: PhoneId) -> Vec<String> {
    let Stage::InCall(call) = exchange.view(phone).stage else {
        return Vec::new();
    };
    let linked = call
        .peers
        .into_iter()
        .filter(|peer| peer.link == LinkState::Connected);
    linked.map(|peer| peer.person.id.to_string()).collect()
}

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
    exchange.ask(phones[1], Command::Invite { people });
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
    let carols = exchange
        .records
        .iter()
        .find(|record| record.callee.as_str() == "carol");
    assert_eq!(carols.unwrap().caller.as_str(), "bob", "who rang her");
}

#[test]
fn nobody_is_rung_twice_into_one_call() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    call_all(&mut exchange, phones[0], &["bob", "carol"]);
    accept(&mut exchange, phones[1]);
    for name in ["bob", "carol", "alice", "nobody"] {
        let people = vec![person(name)];
        exchange.ask(phones[1], Command::Invite { people });
        exchange.settle();
        assert!(matches!(
            exchange.view(phones[1]).notice,
            Some(Notice::Refused(_))
        ));
        exchange.ask(phones[1], Command::DismissNotice);
    }
    assert_eq!(linked(&exchange, phones[1]), ["alice"], "the call is untouched");
}

/// Whether the camera of a phone is open.
fn camera_is_open(exchange: &Exchange, phone: PhoneId) -> bool {
    exchange.phones[phone].open.get(&MediaKind::Camera) == Some(&true)
}

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
    exchange.ask(phones[1], Command::AnswerVideo { agree: true });
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
            exchange.ask(phones[1], Command::AnswerVideo { agree: false });
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

/// Alice, Bob and Carol in one group, with a phone each; and Kitchen, who is in none.
fn group_of_three() -> (Exchange, Vec<PhoneId>) {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol", "kitchen"]);
    exchange.store_group(1, &["alice", "bob", "carol"]);
    (exchange, phones)
}

fn call_group(exchange: &mut Exchange, from: PhoneId, callees: &[&str]) {
    let command = Command::Call {
        callees: callees.iter().map(|name| person(name)).collect(),
        group: Some(group(1)),
        call_type: CallType::Audio,
    };
    exchange.ask(from, command);
    exchange.settle();
}

fn join(exchange: &mut Exchange, phone: PhoneId) {
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
    let carols = exchange
        .records
        .iter()
        .find(|record| record.callee.as_str() == "carol");
    assert_eq!(carols.unwrap().caller.as_str(), "alice", "whose call it was");
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

#[test]
fn a_camera_that_was_opened_for_two_closes_when_somebody_is_added_before_it_is_so() {
    let (mut exchange, phones) = voice_call();
    exchange.add_phone("carol");
    exchange.settle();
    exchange.ask(phones[0], Command::SwitchToVideo);
    exchange.settle();
    // Bob agrees in the moment in which Alice adds Carol.
    let people = vec![person("carol")];
    exchange.ask(phones[0], Command::Invite { people });
    exchange.ask(phones[1], Command::AnswerVideo { agree: true });
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
    exchange.ask(phones[1], Command::Invite { people });
    exchange.pass(Duration::from_secs(2));
    assert!(!camera_is_open(&exchange, phones[0]));
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
        exchange.ask(from, Command::Invite { people });
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
