//! Whatever people and networks do, in whatever order: when all is quiet again, everybody agrees.
//!
//! The exchange itself watches the rest at every step: no capture and no link without a click, no message without a
//! socket, no link opened twice (see [`crate::common`]).

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

use crate::common::{Exchange, group, person, user};
use call::handset::{CallTerms, Command};
use call::media::{CallType, CaptureError};

/// Alice has two phones, the others one each.
pub(crate) const PHONES: [&str; 6] = ["alice", "alice", "bob", "carol", "kitchen", "library"];
/// Whose groups there are at first; that changes.
const GROUPS: [&[&str]; 2] = [&["alice", "bob", "carol"], &["bob", "kitchen", "library"]];

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Call {
        from: usize,
        to: Vec<usize>,
        video: bool,
    },
    CallGroup {
        from: usize,
        group: u64,
        /// Nobody: all the others.
        to: Option<usize>,
        video: bool,
    },
    /// Join the first running call that the phone knows of.
    Join(usize),
    /// Somebody comes into a group, or leaves it.
    Membership {
        who: usize,
        group: u64,
        joins: bool,
    },
    /// Somebody blocks somebody else, or takes that back.
    Block {
        by: usize,
        whom: usize,
        blocks: bool,
    },
    /// Be told of everybody's presence.
    Watch(usize),
    Invite {
        from: usize,
        to: usize,
    },
    Accept(usize),
    Reject(usize),
    Hangup(usize),
    SetMicrophone(usize, bool),
    SetCamera(usize, bool),
    SwitchToVideo(usize),
    AnswerVideo(usize, bool),
    SwitchToAudio(usize),
    TakeOver(usize),
    Cut {
        phone: usize,
        noticed_at_once: bool,
        back_ms: u64,
    },
    Reload(usize),
    /// A command that has arrived arrives once more.
    Repeat {
        phone: usize,
        back: usize,
    },
    /// The same, and the person's other phones are to go.
    ReloadExclusively(usize),
    /// The browser refuses the devices from now on, or no longer does.
    Refuse(usize, bool),
    /// The way between two phones is lost: for this connection for good, or until ICE is restarted.
    BreakLink {
        phone: usize,
        nth: usize,
        dead: bool,
    },
    /// The server is killed and started again.
    RestartServer,
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let phone = 0..PHONES.len();
    let group = 0..GROUPS.len() as u64;
    prop_oneof![
        3 => (phone.clone(), phone.clone(), any::<bool>())
            .prop_map(|(from, to, video)| Act::Call { from, to: vec![to], video }),
        2 => (phone.clone(), proptest::collection::vec(phone.clone(), 2..5), any::<bool>())
            .prop_map(|(from, to, video)| Act::Call { from, to, video }),
        2 => (phone.clone(), group.clone(), proptest::option::of(phone.clone()), any::<bool>())
            .prop_map(|(from, group, to, video)| Act::CallGroup { from, group, to, video }),
        2 => phone.clone().prop_map(Act::Join),
        1 => (phone.clone(), group, any::<bool>())
            .prop_map(|(who, group, joins)| Act::Membership { who, group, joins }),
        1 => (phone.clone(), phone.clone(), any::<bool>())
            .prop_map(|(by, whom, blocks)| Act::Block { by, whom, blocks }),
        1 => phone.clone().prop_map(Act::Watch),
        1 => (phone.clone(), phone.clone()).prop_map(|(from, to)| Act::Invite { from, to }),
        4 => phone.clone().prop_map(Act::Accept),
        1 => phone.clone().prop_map(Act::Reject),
        2 => phone.clone().prop_map(Act::Hangup),
        1 => (phone.clone(), any::<bool>()).prop_map(|(phone, on)| Act::SetMicrophone(phone, on)),
        1 => (phone.clone(), any::<bool>()).prop_map(|(phone, on)| Act::SetCamera(phone, on)),
        1 => phone.clone().prop_map(Act::SwitchToVideo),
        1 => (phone.clone(), any::<bool>()).prop_map(|(phone, agree)| Act::AnswerVideo(phone, agree)),
        1 => phone.clone().prop_map(Act::SwitchToAudio),
        1 => phone.clone().prop_map(Act::TakeOver),
        2 => (phone.clone(), any::<bool>(), prop_oneof![Just(0), 1..20_000u64, 20_000..90_000u64])
            .prop_map(|(phone, noticed_at_once, back_ms)| Act::Cut { phone, noticed_at_once, back_ms }),
        1 => phone.clone().prop_map(Act::Reload),
        2 => (phone.clone(), 0..12usize).prop_map(|(phone, back)| Act::Repeat { phone, back }),
        1 => phone.clone().prop_map(Act::ReloadExclusively),
        1 => (phone.clone(), any::<bool>()).prop_map(|(phone, refuse)| Act::Refuse(phone, refuse)),
        3 => (phone, 0..4usize, any::<bool>())
            .prop_map(|(phone, nth, dead)| Act::BreakLink { phone, nth, dead }),
        1 => Just(Act::RestartServer),
        6 => prop_oneof![0..60u64, 60..2_000u64, 2_000..40_000u64].prop_map(Act::Pass),
    ]
}

pub(crate) fn play(seed: u64, acts: &[Act]) {
    let mut exchange = Exchange::new(seed);
    for name in PHONES {
        exchange.add_phone(name);
    }
    for (id, members) in (0..).zip(GROUPS) {
        exchange.store_group(id, members);
    }
    for act in acts {
        perform(&mut exchange, act);
    }
    exchange.come_to_rest();
    exchange.assert_quiet();
    for phone in 0..PHONES.len() {
        exchange.ask(phone, Command::Hangup);
    }
    exchange.come_to_rest();
    exchange.assert_quiet();
    assert_eq!(exchange.switchboard.calls().count(), 0, "everybody hung up");
    for phone in exchange.phones.iter().filter(|phone| phone.is_open()) {
        assert_eq!(
            phone.assert_coherent_story(),
            [],
            "a call that nobody has told the end of"
        );
    }
    let rung = exchange.rung.len();
    assert!(
        exchange.records.len() >= rung,
        "an invitation without an outcome: {rung} invitations"
    );
}

fn perform(exchange: &mut Exchange, act: &Act) {
    match *act {
        Act::Call { from, ref to, video } => {
            let callees = to.iter().map(|to| person(PHONES[*to])).collect();
            let call_type = if video { CallType::Video } else { CallType::Audio };
            exchange.ask(
                from,
                Command::Call {
                    callees,
                    group: None,
                    call_type,
                    terms: CallTerms::default(),
                },
            );
        }
        Act::CallGroup {
            from,
            group: id,
            to,
            video,
        } => exchange.ask(
            from,
            Command::Call {
                callees: to.map(|to| person(PHONES[to])).into_iter().collect(),
                group: Some(group(id)),
                call_type: if video { CallType::Video } else { CallType::Audio },
                terms: CallTerms::default(),
            },
        ),
        Act::Join(phone) => {
            if let Some(running) = exchange.view(phone).group_calls.into_iter().next() {
                exchange.ask(phone, Command::Join(running));
            }
        }
        Act::Membership {
            who,
            group: id,
            joins,
        } => {
            let members = exchange.groups[&group(id).id].members.clone();
            let mut members: Vec<_> = members.iter().map(|member| member.id.as_str()).collect();
            members.retain(|member| *member != PHONES[who]);
            if joins {
                members.push(PHONES[who]);
            }
            exchange.store_group(id, &members);
        }
        // Nobody blocks themselves: the storage does not take it.
        Act::Block { by, whom, .. } if PHONES[by] == PHONES[whom] => {}
        Act::Block {
            by,
            whom,
            blocks: true,
        } => exchange.block(PHONES[by], PHONES[whom]),
        Act::Block {
            by,
            whom,
            blocks: false,
        } => exchange.unblock(PHONES[by], PHONES[whom]),
        Act::Watch(phone) => {
            let people = PHONES.map(user).into();
            exchange.ask(phone, Command::Watch { people });
        }
        Act::Invite { from, to } => {
            let people = vec![person(PHONES[to])];
            exchange.ask(
                from,
                Command::Invite {
                    people,
                    ring_seconds: None,
                },
            );
        }
        Act::Accept(phone) => exchange.ask(phone, Command::Accept { camera: true }),
        Act::Reject(phone) => exchange.ask(phone, Command::Reject),
        Act::Hangup(phone) => exchange.ask(phone, Command::Hangup),
        Act::SetMicrophone(phone, on) => exchange.ask(phone, Command::SetMicrophone(on)),
        Act::SetCamera(phone, on) => exchange.ask(phone, Command::SetCamera(on)),
        Act::SwitchToVideo(phone) => exchange.ask(phone, Command::SwitchToVideo),
        Act::AnswerVideo(phone, agree) => exchange.ask(phone, Command::AnswerVideo { agree, camera: true }),
        Act::SwitchToAudio(phone) => exchange.ask(phone, Command::SwitchToAudio),
        Act::TakeOver(phone) => exchange.ask(phone, Command::TakeOver),
        Act::Cut {
            phone,
            noticed_at_once,
            back_ms,
        } => exchange.cut(phone, noticed_at_once, Some(back_ms)),
        Act::Reload(phone) => exchange.reload(phone),
        Act::Repeat { phone, back } => exchange.repeat(phone, back),
        Act::ReloadExclusively(phone) => exchange.reload_exclusively(phone),
        Act::Refuse(phone, refuse) => {
            exchange.phones[phone].refuses = refuse.then_some(CaptureError::Refused)
        }
        Act::BreakLink { phone, nth, dead } => {
            let link = exchange.phones[phone].links().nth(nth).cloned();
            if let Some((peer, link)) = link {
                exchange.break_link(phone, &peer, link, dead);
            }
        }
        Act::RestartServer => exchange.restart_server(),
        Act::Pass(ms) => exchange.pass(Duration::from_millis(ms)),
    }
}

/// How many stories one run tells. `YODEL_STORIES` asks for more: a hundred thousand take some minutes in release.
fn stories() -> u32 {
    option_env!("YODEL_STORIES")
        .and_then(|count| count.parse().ok())
        .unwrap_or(2_000)
}

#[test]
fn when_all_is_quiet_everybody_agrees() {
    // The same stories each time: a failure here is never a matter of luck. Found ones get a test of their own below.
    let config = Config {
        cases: stories(),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, deterministic_rng());
    let story = (any::<u64>(), proptest::collection::vec(act(), 1..40));
    runner
        .run(&story, |(seed, acts)| {
            play(seed, &acts);
            Ok(())
        })
        .unwrap();
}

fn deterministic_rng() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha)
}

/// A call that ended while the socket was down was kept, because the person's other phone had placed one meanwhile.
#[test]
fn a_call_that_ended_unheard_is_not_taken_for_the_call_of_another_phone() {
    let acts = [
        Act::Pass(100),
        Act::Call {
            from: 1,
            to: vec![2],
            video: false,
        },
        Act::Pass(100),
        Act::Cut {
            phone: 1,
            noticed_at_once: false,
            back_ms: 500,
        },
        Act::Hangup(2),
        Act::Pass(100),
        Act::Call {
            from: 0,
            to: vec![2],
            video: false,
        },
    ];
    play(1, &acts);
}

/// The call that was hung up was taken for the one placed after it, because both commands were lost with the socket.
#[test]
fn a_hangup_and_the_next_call_survive_a_lost_socket_together() {
    let acts = [
        Act::Call {
            from: 0,
            to: vec![2],
            video: false,
        },
        Act::Pass(100),
        Act::Hangup(0),
        Act::Call {
            from: 0,
            to: vec![2],
            video: false,
        },
        Act::Cut {
            phone: 0,
            noticed_at_once: false,
            back_ms: 0,
        },
        Act::Pass(60),
        Act::Accept(2),
    ];
    play(1, &acts);
}

/// A call that had been placed was placed again when its caller came back after the switchboard had forgotten the device.
#[test]
fn a_call_whose_acknowledgement_was_lost_is_not_placed_twice() {
    let acts = [
        Act::Call {
            from: 2,
            to: vec![0],
            video: false,
        },
        Act::Pass(25),
        Act::Cut {
            phone: 2,
            noticed_at_once: true,
            back_ms: 35_000,
        },
        Act::Pass(35_060),
        Act::Accept(1),
    ];
    for seed in 0..50 {
        play(seed, &acts);
    }
}

/// The question for video stayed open on one side, because the call had become a group call when it was refused.
#[test]
fn nobody_goes_on_asking_for_video_in_what_became_a_group_call() {
    let acts = [
        Act::Pass(100),
        Act::Call {
            from: 3,
            to: vec![0],
            video: false,
        },
        Act::Pass(100),
        Act::Accept(0),
        Act::Pass(150),
        Act::Invite { from: 3, to: 2 },
        Act::SwitchToVideo(0),
    ];
    for seed in 0..50 {
        play(seed, &acts);
    }
}

/// A call was taken for a video call by one who had lost the word that it is a voice call, and whose own switch to voice was
/// refused because it was one.
#[test]
fn a_switch_that_both_wanted_is_known_to_both_after_a_lost_socket() {
    let acts = [
        Act::Pass(100),
        Act::Call {
            from: 5,
            to: vec![4],
            video: true,
        },
        Act::Pass(100),
        Act::Accept(4),
        Act::Pass(100),
        Act::SwitchToAudio(4),
        Act::SwitchToAudio(5),
        Act::Pass(7),
        Act::Cut {
            phone: 4,
            noticed_at_once: false,
            back_ms: 0,
        },
    ];
    for seed in 0..50 {
        play(seed, &acts);
    }
}

/// The answer to an accept that was taken back at once was taken for the answer to the join after it.
#[test]
fn who_hangs_up_and_joins_again_at_once_is_in_the_call() {
    let acts = [
        Act::Pass(14),
        Act::CallGroup {
            from: 5,
            group: 1,
            to: None,
            video: false,
        },
        Act::Pass(29),
        Act::Accept(2),
        Act::Hangup(2),
        Act::Join(2),
    ];
    for seed in 0..50 {
        play(seed, &acts);
    }
}

/// A group call was joined in the moment in which another call was taken over and ended: the phone knew of neither, and the
/// switchboard had the person in the group call for ever.
#[test]
fn a_join_that_crosses_the_end_of_a_call_that_is_taken_over_leaves_nobody_behind() {
    let acts = [
        Act::Pass(34),
        Act::Membership {
            who: 0,
            group: 0,
            joins: false,
        },
        Act::Call {
            from: 1,
            to: vec![3],
            video: false,
        },
        Act::SetMicrophone(1, false),
        Act::ReloadExclusively(3),
        Act::Pass(12),
        Act::Membership {
            who: 0,
            group: 1,
            joins: true,
        },
        Act::CallGroup {
            from: 2,
            group: 1,
            to: Some(4),
            video: false,
        },
        Act::Pass(32),
        Act::Hangup(3),
        Act::Reload(2),
        Act::Call {
            from: 3,
            to: vec![0],
            video: false,
        },
        Act::TakeOver(0),
        Act::Hangup(1),
        Act::Join(0),
    ];
    play(12_767_704_868_210_376_848, &acts);
}

/// The offer that was made ahead was lost with the server, and whoever had made it waited for its answer for ever.
#[test]
fn who_answers_a_server_that_was_started_anew_is_linked_to_whoever_rang() {
    let acts = [
        Act::Pass(60),
        Act::Call {
            from: 2,
            to: vec![3],
            video: false,
        },
        Act::Pass(500),
        Act::RestartServer,
        Act::Reload(3),
        Act::Pass(3_000),
        Act::Accept(3),
    ];
    for seed in 0..50 {
        play(seed, &acts);
    }
}
