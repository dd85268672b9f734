//! Calls as the seed API tells them to a developer's page: which events, in which order, on which side.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::time::Duration;

use call::handset::{CallTerms, Command};
use call::id::UserId;
use call::media::{CallType, CaptureError};
use call::narrator::CallEvent;
use call::protocol::CallNote;

use crate::common::{Exchange, PhoneId, person};

const SECOND: Duration = Duration::from_secs(1);

fn call(exchange: &mut Exchange, from: PhoneId, to: &[&str], call_type: CallType) {
    let command = Command::Call {
        callees: to.iter().map(|name| person(name)).collect(),
        group: None,
        call_type,
        terms: CallTerms::default(),
    };
    ask(exchange, from, command);
}

fn ask(exchange: &mut Exchange, phone: PhoneId, command: Command) {
    exchange.ask(phone, command);
    exchange.settle();
}

fn accept(exchange: &mut Exchange, phone: PhoneId) {
    ask(exchange, phone, Command::Accept { camera: true });
}

/// What a phone has told since the last time.
fn story(exchange: &mut Exchange, phone: PhoneId) -> Vec<String> {
    core::mem::take(&mut exchange.phones[phone].story)
        .iter()
        .map(line)
        .collect()
}

fn list(users: &[UserId]) -> String {
    let ids: Vec<&str> = users.iter().map(UserId::as_str).collect();
    ids.join(" ")
}

/// An event under its name in the seed API.
fn line(event: &CallEvent) -> String {
    match event {
        CallEvent::Ready => "sdkReady".to_owned(),
        CallEvent::Invited(ringing) => {
            let others: Vec<UserId> = ringing.others.iter().map(|person| person.id.clone()).collect();
            format!("onInvited {} {}", ringing.caller.id, list(&others))
                .trim_end()
                .to_owned()
        }
        CallEvent::CallingCancelled => "onCallingCancel".to_owned(),
        CallEvent::CallingTimedOut => "onCallingTimeout".to_owned(),
        CallEvent::UserAccepted(user) => format!("onUserAccept {user}"),
        CallEvent::UserRejected(user) => format!("onReject {user}"),
        CallEvent::UserBusy(user) => format!("onLineBusy {user}"),
        CallEvent::UserDidNotRespond(user) => format!("onNoResp {user}"),
        CallEvent::UserEntered(user) => format!("onUserEnter {user}"),
        CallEvent::UserLeft(user) => format!("onUserLeave {user}"),
        CallEvent::VideoAvailable(user, available) => format!("onUserVideoAvailable {user} {available}"),
        CallEvent::AudioAvailable(user, available) => format!("onUserAudioAvailable {user} {available}"),
        CallEvent::InviteesChanged(users) => format!("onGroupCallInviteeListUpdate {}", list(users)),
        CallEvent::CallTypeChanged(call_type) => format!("onCallTypeChanged {call_type:?}"),
        CallEvent::CallEnded { reason, seconds } => format!("onCallEnd {seconds} {reason:?}"),
        CallEvent::KickedOut => "onKickedOut".to_owned(),
        CallEvent::Reconnecting => "onReconnecting".to_owned(),
        CallEvent::Reconnected => "onReconnected".to_owned(),
        CallEvent::Failed(failure) => format!("onError {}", failure.code()),
    }
}

/// These people's phones, ready.
fn ready(people: &[&str]) -> (Exchange, Vec<PhoneId>) {
    let (mut exchange, phones) = Exchange::with(people);
    for &phone in &phones {
        assert_eq!(story(&mut exchange, phone), ["sdkReady"]);
    }
    (exchange, phones)
}

#[test]
fn a_call_is_answered_and_hung_up() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    let [alice, bob] = [phones[0], phones[1]];
    call(&mut exchange, alice, &["bob"], CallType::Video);
    assert_eq!(story(&mut exchange, bob), ["onInvited alice"]);
    accept(&mut exchange, bob);
    assert_eq!(
        story(&mut exchange, alice),
        [
            "onUserAccept bob",
            "onUserEnter bob",
            "onUserVideoAvailable bob true",
            "onUserAudioAvailable bob true",
        ]
    );
    assert_eq!(
        story(&mut exchange, bob),
        [
            "onUserEnter alice",
            "onUserVideoAvailable alice true",
            "onUserAudioAvailable alice true",
        ]
    );

    exchange.pass(5 * SECOND);
    ask(&mut exchange, bob, Command::SetCamera(false));
    ask(&mut exchange, bob, Command::SetMicrophone(false));
    ask(&mut exchange, bob, Command::SetCamera(true));
    assert_eq!(
        story(&mut exchange, alice),
        [
            "onUserVideoAvailable bob false",
            "onUserAudioAvailable bob false",
            "onUserVideoAvailable bob true",
        ]
    );
    ask(&mut exchange, bob, Command::Hangup);
    assert_eq!(story(&mut exchange, bob), ["onCallEnd 5 HungUp"]);
    assert_eq!(
        story(&mut exchange, alice),
        ["onUserLeave bob", "onCallEnd 5 OthersLeft"]
    );
}

#[test]
fn a_call_is_declined() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    ask(&mut exchange, phones[1], Command::Reject);
    assert_eq!(
        story(&mut exchange, phones[0]),
        ["onReject bob", "onCallEnd 0 Rejected"]
    );
    assert_eq!(
        story(&mut exchange, phones[1]),
        ["onInvited alice", "onCallEnd 0 Rejected"]
    );
}

#[test]
fn what_was_said_of_the_call_before_is_not_said_of_one_that_is_declined() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    let bob = phones[1];
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    accept(&mut exchange, bob);
    exchange.pass(6 * SECOND);
    ask(&mut exchange, phones[0], Command::Hangup);
    assert!(exchange.view(bob).notice.is_some());
    story(&mut exchange, bob);
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    ask(&mut exchange, bob, Command::Reject);
    assert_eq!(exchange.view(bob).notice, None);
    assert_eq!(
        story(&mut exchange, bob),
        ["onInvited alice", "onCallEnd 0 Rejected"]
    );
}

#[test]
fn a_call_is_cancelled_twice_and_then_declined() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    for _ in 0..2 {
        call(&mut exchange, phones[0], &["bob"], CallType::Audio);
        ask(&mut exchange, phones[0], Command::Hangup);
        assert_eq!(story(&mut exchange, phones[0]), ["onCallEnd 0 Cancelled"]);
        assert_eq!(
            story(&mut exchange, phones[1]),
            ["onInvited alice", "onCallingCancel"]
        );
    }
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    ask(&mut exchange, phones[1], Command::Reject);
    assert_eq!(
        story(&mut exchange, phones[1]),
        ["onInvited alice", "onCallEnd 0 Rejected"],
        "the missed call before it is another story"
    );
}

#[test]
fn a_call_times_out_whether_the_callee_is_there_or_not() {
    let (mut exchange, phones) = ready(&["alice", "bob", "carol"]);
    exchange.close_tab(phones[2]);
    exchange.pass(60 * SECOND);
    for callee in ["bob", "carol"] {
        call(&mut exchange, phones[0], &[callee], CallType::Audio);
        exchange.pass(31 * SECOND);
        assert_eq!(
            story(&mut exchange, phones[0]),
            [format!("onNoResp {callee}"), "onCallEnd 0 NoAnswer".to_owned()]
        );
    }
    assert_eq!(
        story(&mut exchange, phones[1]),
        ["onInvited alice", "onCallingTimeout", "onCallEnd 0 NoAnswer"]
    );
}

#[test]
fn somebody_is_busy_and_learns_nothing_of_it() {
    let (mut exchange, phones) = ready(&["alice", "bob", "carol"]);
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    accept(&mut exchange, phones[1]);
    story(&mut exchange, phones[1]);
    call(&mut exchange, phones[2], &["bob"], CallType::Audio);
    assert_eq!(
        story(&mut exchange, phones[2]),
        ["onLineBusy bob", "onCallEnd 0 Busy"]
    );
    assert_eq!(story(&mut exchange, phones[1]), [""; 0]);
}

#[test]
fn two_who_call_each_other_at_once_are_in_one_call() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    for (from, to) in [(phones[0], "bob"), (phones[1], "alice")] {
        exchange.ask(
            from,
            Command::Call {
                callees: vec![person(to)],
                group: None,
                call_type: CallType::Audio,
                terms: CallTerms::default(),
            },
        );
    }
    exchange.settle();
    for (phone, other) in [(phones[0], "bob"), (phones[1], "alice")] {
        let told = story(&mut exchange, phone);
        assert!(told.contains(&format!("onUserEnter {other}")), "{told:?}");
        assert!(
            !told
                .iter()
                .any(|line| line.starts_with("onLineBusy") || line.starts_with("onCallEnd")),
            "{told:?}"
        );
    }
}

#[test]
fn each_of_several_people_is_told_of_by_name() {
    let (mut exchange, phones) = ready(&["alice", "bob", "carol", "kitchen", "library"]);
    let [alice, bob, carol, kitchen, library] = [0, 1, 2, 3, 4].map(|at| phones[at]);
    call(
        &mut exchange,
        alice,
        &["bob", "carol", "kitchen"],
        CallType::Audio,
    );
    let mut told = story(&mut exchange, alice);
    assert_eq!(
        told.pop().unwrap(),
        "onGroupCallInviteeListUpdate bob carol kitchen"
    );
    assert_eq!(story(&mut exchange, bob), ["onInvited alice carol kitchen"]);
    accept(&mut exchange, bob);
    ask(&mut exchange, carol, Command::Reject);
    let told = story(&mut exchange, alice);
    assert_eq!(told[..2], ["onUserAccept bob", "onUserEnter bob"]);
    assert!(told.contains(&"onReject carol".to_owned()), "{told:?}");
    assert_eq!(told.last().unwrap(), "onGroupCallInviteeListUpdate bob kitchen");
    assert!(
        !story(&mut exchange, bob).contains(&"onReject carol".to_owned()),
        "whoever did not invite Carol sees the list change, no more"
    );

    // Bob adds somebody: it is he who hears what comes of it.
    let people = vec![person("library")];
    ask(
        &mut exchange,
        bob,
        Command::Invite {
            people,
            ring_seconds: None,
        },
    );
    accept(&mut exchange, library);
    assert!(story(&mut exchange, bob).contains(&"onUserAccept library".to_owned()));
    assert!(!story(&mut exchange, alice).contains(&"onUserAccept library".to_owned()));

    // Whoever has placed the call leaves, and it goes on.
    ask(&mut exchange, alice, Command::Hangup);
    assert_eq!(story(&mut exchange, alice).last().unwrap(), "onCallEnd 0 HungUp");
    let told = story(&mut exchange, bob);
    assert!(told.contains(&"onUserLeave alice".to_owned()), "{told:?}");
    assert!(!told.iter().any(|line| line.starts_with("onCallEnd")), "{told:?}");
    exchange.pass(31 * SECOND);
    assert_eq!(
        story(&mut exchange, kitchen).last().unwrap(),
        "onCallEnd 0 NoAnswer"
    );
    ask(&mut exchange, library, Command::Hangup);
    let told = story(&mut exchange, bob);
    assert_eq!(told.last().unwrap(), "onCallEnd 31 OthersLeft", "{told:?}");
}

#[test]
fn an_exclusive_login_kicks_the_one_before_it() {
    let (mut exchange, phones) = ready(&["alice", "alice", "bob"]);
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    accept(&mut exchange, phones[2]);
    story(&mut exchange, phones[0]);
    story(&mut exchange, phones[2]);
    exchange.reload_exclusively(phones[1]);
    exchange.settle();
    assert_eq!(
        story(&mut exchange, phones[0]),
        ["onKickedOut", "onCallEnd 0 ConnectionLost"]
    );
    let told = story(&mut exchange, phones[2]);
    assert_eq!(told[0], "onUserLeave alice");
    assert!(told[1].starts_with("onCallEnd 0"), "{told:?}");
}

#[test]
fn switches_that_work_and_switches_that_fail() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    ask(&mut exchange, phones[1], Command::Accept { camera: false });
    story(&mut exchange, phones[0]);
    ask(&mut exchange, phones[0], Command::SwitchToVideo);
    ask(
        &mut exchange,
        phones[1],
        Command::AnswerVideo {
            agree: false,
            camera: true,
        },
    );
    assert_eq!(story(&mut exchange, phones[0]), ["onError 60002"]);
    ask(&mut exchange, phones[0], Command::SwitchToVideo);
    ask(
        &mut exchange,
        phones[1],
        Command::AnswerVideo {
            agree: true,
            camera: true,
        },
    );
    let told = story(&mut exchange, phones[0]);
    assert!(told.contains(&"onCallTypeChanged Video".to_owned()), "{told:?}");
    ask(&mut exchange, phones[1], Command::SwitchToAudio);
    let told = story(&mut exchange, phones[0]);
    assert!(told.contains(&"onCallTypeChanged Audio".to_owned()), "{told:?}");
    assert!(
        told.contains(&"onUserVideoAvailable bob false".to_owned()),
        "{told:?}"
    );
}

#[test]
fn refused_devices_are_told_once() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    exchange.phones[phones[0]].refuses = Some(CaptureError::Refused);
    call(&mut exchange, phones[0], &["bob"], CallType::Video);
    let told = story(&mut exchange, phones[0]);
    let errors: Vec<&String> = told.iter().filter(|line| line.starts_with("onError")).collect();
    assert!(errors.iter().all(|line| *line == "onError 60005"), "{told:?}");
    assert!(!errors.is_empty());
    ask(&mut exchange, phones[0], Command::Hangup);
    story(&mut exchange, phones[0]);

    exchange.phones[phones[0]].refuses = Some(CaptureError::Missing);
    call(&mut exchange, phones[0], &["bob"], CallType::Video);
    let told = story(&mut exchange, phones[0]);
    for code in [60003, 60004] {
        assert!(told.contains(&format!("onError {code}")), "{told:?}");
    }
}

#[test]
fn everybody_in_the_call_hears_who_does_not_come_if_the_caller_names_a_group() {
    let (mut exchange, phones) = ready(&["alice", "bob", "carol"]);
    let [alice, bob, carol] = [0, 1, 2].map(|at| phones[at]);
    let note = CallNote {
        group: Some("lunch".parse().unwrap()),
        title: Some("Lunch?".parse().unwrap()),
        ..CallNote::default()
    };
    ask(
        &mut exchange,
        alice,
        Command::Call {
            callees: vec![person("bob"), person("carol")],
            group: None,
            call_type: CallType::Audio,
            terms: CallTerms {
                ring_seconds: Some(5),
                note: Some(Box::new(note.clone())),
            },
        },
    );
    let Some(CallEvent::Invited(ringing)) = exchange.phones[bob].story.last() else {
        panic!("Bob is invited");
    };
    assert_eq!(ringing.note.as_deref(), Some(&note));
    accept(&mut exchange, bob);
    story(&mut exchange, bob);
    exchange.pass(5 * SECOND);
    let told = story(&mut exchange, bob);
    assert_eq!(
        told[0], "onNoResp carol",
        "after the time that Alice has set: {told:?}"
    );
    assert!(story(&mut exchange, carol).contains(&"onCallingTimeout".to_owned()));
    assert!(story(&mut exchange, alice).contains(&"onNoResp carol".to_owned()));
}

#[test]
fn a_lost_line_is_told_and_ends_no_call() {
    let (mut exchange, phones) = ready(&["alice", "bob"]);
    call(&mut exchange, phones[0], &["bob"], CallType::Audio);
    accept(&mut exchange, phones[1]);
    story(&mut exchange, phones[1]);
    exchange.cut(phones[1], true, Some(500));
    exchange.pass(2 * SECOND);
    assert_eq!(
        story(&mut exchange, phones[1]),
        ["onReconnecting", "onReconnected"]
    );
}
