//! Calls as a person would tell them: what each phone hears, in order.

mod blocks;
mod early;
mod groups;
mod logins;
mod mending;
mod stored_groups;
mod switching;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::time::Duration;

use crate::common::{Exchange, PhoneId, group, person, user};
use call::agent::{LinkInput, LinkName, Tone};
use call::handset::{CallTerms, Command, Connection, InviteeState, LinkState, Notice, Outage, Stage};
use call::id::{Attempt, Entry, UserId};
use call::media::{CallType, CaptureError, MediaKind};
use call::protocol::{EndReason, Event, InviteOutcome, Refusal};

fn call(exchange: &mut Exchange, from: PhoneId, to: &str, call_type: CallType) {
    exchange.ask(
        from,
        Command::Call {
            callees: vec![person(to)],
            group: None,
            call_type,
            terms: CallTerms::default(),
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

/// Who called somebody, as the history has it.
fn caller_of<'a>(exchange: &'a Exchange, callee: &str) -> &'a str {
    let mut records = exchange.records.iter();
    let record = records.find(|record| record.callee.as_str() == callee);
    record.unwrap().caller.as_str()
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
fn whoever_cancels_after_the_last_one_has_declined_was_declined() {
    for (outcome, reason) in [
        (InviteOutcome::Rejected, EndReason::Rejected),
        (InviteOutcome::Busy, EndReason::Busy),
        (InviteOutcome::TimedOut, EndReason::NoAnswer),
    ] {
        let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
        call(&mut exchange, phones[0], "bob", CallType::Audio);
        // That the call is over is said next, and the click comes before it.
        let call = exchange.stored.keys().next().copied().unwrap();
        let invitee = person("bob");
        exchange.tell(
            phones[0],
            Event::InviteeGone {
                call,
                invitee,
                outcome,
            },
        );
        exchange.ask(phones[0], Command::Hangup);
        assert_eq!(end_reason(&exchange, phones[0]), Some(reason));
    }
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
            terms: CallTerms::default(),
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
            terms: CallTerms::default(),
        },
    );
    exchange.ask(phones[0], Command::Hangup);
    exchange.ask(
        phones[0],
        Command::Call {
            callees: vec![person("carol")],
            group: None,
            call_type: CallType::Audio,
            terms: CallTerms::default(),
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
            terms: CallTerms::default(),
        },
    );
    exchange.ask(
        phones[1],
        Command::Call {
            callees: vec![person("alice")],
            group: None,
            call_type: CallType::Audio,
            terms: CallTerms::default(),
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
fn a_silent_socket_ends_no_call_whose_media_arrives() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob"]);
    call(&mut exchange, phones[0], "bob", CallType::Video);
    accept(&mut exchange, phones[1]);
    exchange.cut(phones[1], false, None);
    exchange.pass(Duration::from_secs(600));
    assert!(matches!(exchange.view(phones[0]).stage, Stage::InCall(_)));

    let (bob, link) = exchange.phones[phones[0]]
        .links()
        .next()
        .cloned()
        .expect("a link");
    exchange.link(phones[0], &bob, link, LinkInput::Disconnected);
    exchange.pass(Duration::from_secs(60));
    exchange.settle();
    assert_eq!(end_reason(&exchange, phones[0]), Some(EndReason::ConnectionLost));
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
fn the_device_that_calls_is_in_a_call_and_no_device_that_is_rung() {
    let (mut exchange, phones) = Exchange::with(&["alice", "alice", "bob"]);
    let in_call = |exchange: &Exchange| [0, 1, 2].map(|at| exchange.is_in_call(&exchange.phones[phones[at]]));
    call(&mut exchange, phones[0], "bob", CallType::Audio);
    assert_eq!(in_call(&exchange), [true, false, false]);
    accept(&mut exchange, phones[2]);
    assert_eq!(in_call(&exchange), [true, false, true]);
    exchange.ask(phones[0], Command::Hangup);
    exchange.settle();
    assert_eq!(in_call(&exchange), [false, false, false]);
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
            terms: CallTerms::default(),
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

/// Whether the camera of a phone is open.
fn camera_is_open(exchange: &Exchange, phone: PhoneId) -> bool {
    exchange.phones[phone].open.get(&MediaKind::Camera) == Some(&true)
}
