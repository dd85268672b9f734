//! What a client may send to do harm: it reaches nobody else's call, and is refused by name.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use call::handset::Command;
use call::id::{Attempt, CallId, CommandId, DeviceId, DisplayName, Entry, GroupId, InviteId, Roster};
use call::media::{CallType, MediaState};
use call::protocol::{
    Candidate, ClientMsg, Command as Wire, Description, DescriptionKind, Event, Login, Refusal, Signal,
    limits,
};
use call::switchboard::{self, Address, Config, Detachment, Switchboard};
use call::time::Timestamp;

use crate::common::{Exchange, group, known, person, user};

/// A switchboard in which Alice calls Bob, and Carol is connected.
fn alice_calls_bob() -> Switchboard {
    let mut switchboard = Switchboard::new(Config::default(), 1);
    for name in ["alice", "bob", "carol"] {
        let input = switchboard::Input::Attached {
            address: address(name),
            name: DisplayName::of(&user(name)),
            login: Login::Shared,
            blocks: BTreeSet::new(),
        };
        switchboard.handle(Timestamp::ZERO, input);
    }
    let _ = events(&mut switchboard);
    let invitees = vec![user("bob")];
    let call_type = CallType::Audio;
    say(
        &mut switchboard,
        "alice",
        1,
        Wire::Call {
            invitees,
            group: None,
            call_type,
            ring_seconds: None,
            media: MediaState::default(),
            note: None,
        },
    );
    switchboard
}

/// Whatever was told before is passed over.
fn invitation(switchboard: &mut Switchboard) -> InviteId {
    let invited = events(switchboard)
        .into_iter()
        .find_map(|(_, event)| match event {
            Event::Invited { invitation } => Some(invitation.invite),
            _ => None,
        });
    invited.unwrap()
}

/// A switchboard in which Alice and Bob talk, and Carol is connected.
fn alice_and_bob_talk() -> (Switchboard, CallId) {
    let mut switchboard = alice_calls_bob();
    let invite = invitation(&mut switchboard);
    let accept = Wire::Accept {
        invite,
        media: MediaState::default(),
        signals: Vec::new(),
    };
    say(&mut switchboard, "bob", 1, accept);
    let _ = events(&mut switchboard);
    let call = switchboard.calls().next().unwrap().0;
    (switchboard, call)
}

fn address(name: &str) -> Address {
    Address {
        user: user(name),
        device: DeviceId::from_bits(1),
    }
}

/// Alice and Bob are in group 1, Carol alone in group 2.
fn groups() -> BTreeMap<GroupId, Roster> {
    let rosters = [(1, vec!["alice", "bob"]), (2, vec!["carol"])].map(|(id, members)| Roster {
        group: group(id),
        members: members.into_iter().map(person).collect(),
    });
    rosters
        .into_iter()
        .map(|roster| (roster.group.id, roster))
        .collect()
}

fn say(switchboard: &mut Switchboard, name: &str, id: u32, command: Wire) {
    say_at(switchboard, Timestamp::ZERO, name, id, command);
}

fn say_at(switchboard: &mut Switchboard, now: Timestamp, name: &str, id: u32, command: Wire) {
    let msg = ClientMsg {
        id: CommandId(id),
        command,
    };
    let known = known(&msg, &groups());
    switchboard.handle(
        now,
        switchboard::Input::Received {
            from: address(name),
            msg,
            known,
        },
    );
}

/// What was told, but for acknowledgements.
fn news(switchboard: &mut Switchboard) -> Vec<(String, Event)> {
    let mut told = events(switchboard);
    told.retain(|(_, event)| !matches!(event, Event::Done { .. }));
    told
}

/// When Bob leaves whose socket was lost in this manner, while Alice says again and again that she hears him.
fn bob_leaves_at(manner: Detachment) -> Timestamp {
    let (mut switchboard, call) = alice_and_bob_talk();
    let address = address("bob");
    switchboard.handle(Timestamp::ZERO, switchboard::Input::Detached { address, manner });
    let _ = events(&mut switchboard);
    let mut now = Timestamp::ZERO;
    for id in 2.. {
        now = now + Duration::from_secs(5);
        switchboard.handle(now, switchboard::Input::Tick);
        let user = user("bob");
        say_at(&mut switchboard, now, "alice", id, Wire::Vouch { call, user });
        let said = events(&mut switchboard);
        if said.iter().any(|(_, event)| matches!(event, Event::Ended { .. })) {
            break;
        }
    }
    now
}

#[test]
fn whoever_negotiates_again_and_again_need_not_keep_what_was_said() {
    let (mut switchboard, call) = alice_and_bob_talk();
    let signal = offer();
    let mut acknowledged = CommandId(1);
    for id in 2..1000 {
        let command = Wire::Signal {
            call,
            to: user("bob"),
            entry: Entry(2),
            signal: signal.clone(),
        };
        say(&mut switchboard, "alice", id, command);
        for (_, event) in events(&mut switchboard) {
            if let Event::Done { command } = event {
                acknowledged = command;
            }
        }
        assert!(id - acknowledged.0 <= limits::SIGNALS_PER_ACKNOWLEDGEMENT);
    }
}

#[test]
fn nobody_is_held_in_a_call_for_ever_by_what_others_say() {
    let rules = Config::default();
    let held = bob_leaves_at(Detachment::Silent);
    assert_eq!(held, Timestamp::ZERO + rules.vouched_grace);
    let closed = bob_leaves_at(Detachment::Closed);
    assert_eq!(
        closed,
        Timestamp::ZERO + rules.closed_grace,
        "nothing arrives from no page"
    );
}

fn events(switchboard: &mut Switchboard) -> Vec<(String, Event)> {
    let mut events = Vec::new();
    while let Some(output) = switchboard.poll_output() {
        if let switchboard::Output::Deliver { to, event } = output {
            events.push((to.user.to_string(), event));
        }
    }
    events
}

fn offer() -> Signal {
    Signal::Description(Description {
        kind: DescriptionKind::Offer,
        sdp: "v=0".into(),
    })
}

fn signal() -> Signal {
    Signal::Candidate(Candidate {
        candidate: "candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host".into(),
        mid: None,
        m_line_index: None,
    })
}

#[test]
fn a_stranger_can_do_nothing_to_a_call() {
    let (mut switchboard, call) = alice_and_bob_talk();
    let media = MediaState {
        microphone: true,
        camera: true,
    };
    let attempts = [
        Wire::Hangup { call },
        Wire::Rejoin { call, media },
        Wire::Announce { call, media },
        Wire::Signal {
            call,
            to: user("alice"),
            entry: Entry(1),
            signal: signal(),
        },
    ];
    for (id, attempt) in attempts.into_iter().enumerate() {
        say(&mut switchboard, "carol", id as u32 + 1, attempt.clone());
        let told = events(&mut switchboard);
        assert!(
            told.iter().all(|(to, _)| to == "carol"),
            "{attempt:?} was told to others: {told:?}"
        );
        assert!(
            matches!(
                told.as_slice(),
                [(
                    _,
                    Event::Refused {
                        refusal: Refusal::NoSuchCall,
                        ..
                    }
                )]
            ),
            "{told:?}"
        );
    }
    assert_eq!(switchboard.calls().next().unwrap().1.members().count(), 2);
}

#[test]
fn a_signal_carries_the_sender_that_the_socket_proves() {
    let (mut switchboard, call) = alice_and_bob_talk();
    say(
        &mut switchboard,
        "alice",
        2,
        Wire::Signal {
            call,
            to: user("bob"),
            entry: Entry(2),
            signal: signal(),
        },
    );
    let told = events(&mut switchboard);
    assert_eq!(
        told,
        [(
            "bob".to_owned(),
            Event::Signaled {
                call,
                from: user("alice"),
                entry: Entry(1),
                signal: signal()
            }
        )]
    );
}

#[test]
fn a_signal_for_an_entry_that_is_gone_is_dropped() {
    let (mut switchboard, call) = alice_and_bob_talk();
    say(
        &mut switchboard,
        "alice",
        2,
        Wire::Signal {
            call,
            to: user("bob"),
            entry: Entry(7),
            signal: signal(),
        },
    );
    assert_eq!(events(&mut switchboard), []);
}

#[test]
fn a_signal_that_is_too_large_is_refused() {
    let (mut switchboard, call) = alice_and_bob_talk();
    let sdp = "x".repeat(limits::DESCRIPTION_BYTES + 1);
    let signal = Signal::Description(Description {
        kind: DescriptionKind::Offer,
        sdp,
    });
    say(
        &mut switchboard,
        "alice",
        2,
        Wire::Signal {
            call,
            to: user("bob"),
            entry: Entry(2),
            signal,
        },
    );
    let told = events(&mut switchboard);
    assert!(
        matches!(
            told.as_slice(),
            [(
                _,
                Event::Refused {
                    refusal: Refusal::SignalTooLarge,
                    ..
                }
            )]
        ),
        "{told:?}"
    );
}

#[test]
fn what_no_browser_says_reaches_nobody() {
    let description = |sdp: &str| {
        let (kind, sdp) = (DescriptionKind::Offer, sdp.to_owned());
        Signal::Description(Description { kind, sdp })
    };
    let candidate = |line: &str| {
        Signal::Candidate(Candidate {
            candidate: line.into(),
            mid: None,
            m_line_index: None,
        })
    };
    let (mut switchboard, call) = alice_and_bob_talk();
    let bad = [
        description(""),
        description("v=0\r\na=\0\r\n"),
        candidate("candidate:1\r\na=x"),
        candidate("<script>"),
        Signal::Afresh(Attempt::FIRST),
    ];
    for (id, signal) in (2..).zip(bad.clone()) {
        let (to, entry) = (user("bob"), Entry(2));
        let command = Wire::Signal {
            call,
            to,
            entry,
            signal,
        };
        say(&mut switchboard, "alice", id, command);
        let (command, refusal) = (CommandId(id), Refusal::MalformedSignal);
        let refused = Event::Refused { command, refusal };
        assert_eq!(events(&mut switchboard), [("alice".to_owned(), refused)]);
    }
    // Nor with an answer, which is then none.
    let mut switchboard = alice_calls_bob();
    let invite = invitation(&mut switchboard);
    let broken_before_it_was_made = Signal::Afresh(Attempt(2));
    for (id, signal) in (1..).zip(bad.into_iter().chain([broken_before_it_was_made])) {
        let accept = Wire::Accept {
            invite,
            media: MediaState::default(),
            signals: vec![signal],
        };
        say(&mut switchboard, "bob", id, accept);
        let (command, refusal) = (CommandId(id), Refusal::MalformedSignal);
        let refused = Event::Refused { command, refusal };
        assert_eq!(events(&mut switchboard), [("bob".to_owned(), refused)]);
    }
}

/// Nobody but those who are in it, or are rung into it, does anything to a call that they know of.
#[test]
fn a_third_person_ends_nothing() {
    let mut switchboard = alice_calls_bob();
    let invite = invitation(&mut switchboard);
    let call = switchboard.calls().next().unwrap().0;
    let media = MediaState::default();
    let attempts = [
        (Wire::Hangup { call }, Refusal::NoSuchCall),
        (Wire::Reject { invite }, Refusal::NoSuchInvite),
        (Wire::ConfirmRinging { invite }, Refusal::NoSuchInvite),
        (
            Wire::Accept {
                invite,
                media,
                signals: Vec::new(),
            },
            Refusal::NoSuchInvite,
        ),
        (
            Wire::Invite {
                call,
                invitees: vec![user("workshop")],
                ring_seconds: None,
            },
            Refusal::NoSuchCall,
        ),
        (Wire::SwitchToAudio { call }, Refusal::NoSuchCall),
        (Wire::SwitchToVideo { call }, Refusal::NoSuchCall),
        (Wire::AnswerVideo { call, agree: true }, Refusal::NoSuchCall),
    ];
    for (id, (attempt, refusal)) in (1..).zip(attempts) {
        say(&mut switchboard, "carol", id, attempt.clone());
        let command = CommandId(id);
        let refused = Event::Refused { command, refusal };
        assert_eq!(
            events(&mut switchboard),
            [("carol".to_owned(), refused)],
            "{attempt:?}"
        );
    }
    assert_eq!(switchboard.calls().next().unwrap().1.invites().count(), 1);
}

#[test]
fn more_signals_than_an_answer_can_have_are_refused_and_it_rings_on() {
    let mut switchboard = alice_calls_bob();
    let invite = invitation(&mut switchboard);
    let accept = |signals| Wire::Accept {
        invite,
        media: MediaState::default(),
        signals,
    };
    say(
        &mut switchboard,
        "bob",
        1,
        accept(vec![signal(); 2 + limits::CANDIDATES]),
    );
    let refused = Event::Refused {
        command: CommandId(1),
        refusal: Refusal::SignalTooLarge,
    };
    assert_eq!(events(&mut switchboard), [("bob".to_owned(), refused)]);
    // An answer to no offer reaches nobody.
    say(&mut switchboard, "bob", 2, accept(vec![signal()]));
    let told = events(&mut switchboard);
    assert!(
        !told
            .iter()
            .any(|(_, event)| matches!(event, Event::Signaled { .. })),
        "{told:?}"
    );
}

#[test]
fn only_whoever_rings_somebody_says_anything_to_them_and_only_one_offer() {
    let mut switchboard = alice_calls_bob();
    let _ = invitation(&mut switchboard);
    let call = switchboard.calls().next().unwrap().0;
    let early = |signal| Wire::Signal {
        call,
        to: user("bob"),
        entry: Entry(2),
        signal,
    };
    let offer = offer();
    say(&mut switchboard, "carol", 1, early(offer.clone()));
    assert!(events(&mut switchboard).iter().all(|(to, _)| to == "carol"));
    // Candidates of no offer, an offer, another one, and candidates without end.
    let afresh = Signal::Afresh(Attempt(1));
    let attempts = [afresh.clone(), signal(), offer.clone(), offer, afresh].into_iter();
    let attempts = attempts.chain(vec![signal(); 2 * limits::CANDIDATES]);
    for (id, attempt) in (2..).zip(attempts) {
        say(&mut switchboard, "alice", id, early(attempt));
    }
    let told = news(&mut switchboard);
    assert!(told.iter().all(|(to, _)| to == "bob"));
    assert_eq!(told.len(), 1 + limits::CANDIDATES);
}

/// They were counted before the answer alone.
#[test]
fn in_a_call_one_says_as_many_candidates_as_belong_to_a_description() {
    let (mut switchboard, call) = alice_and_bob_talk();
    let to_bob = |signal| Wire::Signal {
        call,
        to: user("bob"),
        entry: Entry(2),
        signal,
    };
    let offer = offer();
    let mut id = 1;
    for _ in 0..2 {
        id += 1;
        say(&mut switchboard, "alice", id, to_bob(offer.clone()));
        for _ in 0..limits::CANDIDATES {
            id += 1;
            say(&mut switchboard, "alice", id, to_bob(signal()));
        }
        let told = news(&mut switchboard);
        assert!(told.iter().all(|(to, _)| to == "bob"), "{told:?}");
        assert_eq!(told.len(), 1 + limits::CANDIDATES);
        id += 1;
        say(&mut switchboard, "alice", id, to_bob(signal()));
        let (command, refusal) = (CommandId(id), Refusal::SignalTooLarge);
        let refused = Event::Refused { command, refusal };
        assert_eq!(events(&mut switchboard), [("alice".to_owned(), refused)]);
    }
}

#[test]
fn a_repeated_command_has_no_second_effect() {
    let (mut switchboard, call) = alice_and_bob_talk();
    let invitees = vec![user("carol")];
    let again = Wire::Call {
        invitees,
        group: None,
        call_type: CallType::Audio,
        ring_seconds: None,
        media: MediaState::default(),
        note: None,
    };
    say(&mut switchboard, "alice", 1, again);
    assert_eq!(
        events(&mut switchboard),
        [(
            "alice".to_owned(),
            Event::Done {
                command: CommandId(1)
            }
        )]
    );
    say(&mut switchboard, "alice", 2, Wire::Hangup { call });
    let _ = events(&mut switchboard);
    say(&mut switchboard, "alice", 2, Wire::Hangup { call });
    assert_eq!(
        events(&mut switchboard),
        [(
            "alice".to_owned(),
            Event::Done {
                command: CommandId(2)
            }
        )]
    );
}

#[test]
fn lists_that_make_no_sense_are_refused_by_name() {
    let (mut switchboard, _) = alice_and_bob_talk();
    let many: Vec<_> = (0..=limits::INVITEES)
        .map(|n| user(&format!("user-{n}")))
        .collect();
    let lists = [
        (vec![], Refusal::NoInvitees),
        (vec![user("carol")], Refusal::CalledOneself),
        (
            vec![user("bob"), user("bob")],
            Refusal::InvitedTwice { user: user("bob") },
        ),
        (
            many,
            Refusal::TooManyInvitees {
                limit: limits::INVITEES as u16,
            },
        ),
    ];
    for (id, (invitees, expected)) in lists.into_iter().enumerate() {
        let media = MediaState::default();
        let command = Wire::Call {
            invitees,
            group: None,
            call_type: CallType::Audio,
            ring_seconds: None,
            media,
            note: None,
        };
        say(&mut switchboard, "carol", id as u32 + 1, command);
        let told = events(&mut switchboard);
        let refused = Event::Refused {
            command: CommandId(id as u32 + 1),
            refusal: expected,
        };
        assert_eq!(told, [("carol".to_owned(), refused)]);
    }
}

#[test]
fn groups_that_one_has_no_part_in_are_refused_alike() {
    let (mut switchboard, call) = alice_and_bob_talk();
    let media = MediaState::default();
    let call_group = |id: u64, invitees| Wire::Call {
        invitees,
        group: Some(group(id).id),
        call_type: CallType::Audio,
        ring_seconds: None,
        media,
        note: None,
    };
    let attempts = [
        (call_group(1, vec![]), Refusal::NoSuchGroup),
        (call_group(1, vec![user("bob")]), Refusal::NoSuchGroup),
        (call_group(9, vec![]), Refusal::NoSuchGroup),
        (call_group(2, vec![]), Refusal::NobodyElseInGroup),
        (call_group(2, vec![user("bob")]), Refusal::NobodyElseInGroup),
        // A call of no group, and none at all.
        (Wire::Join { call, media }, Refusal::GroupCallEnded),
        (
            Wire::Join {
                call: CallId::from_bits(77),
                media,
            },
            Refusal::GroupCallEnded,
        ),
    ];
    for (id, (attempt, refusal)) in (1..).zip(attempts) {
        say(&mut switchboard, "carol", id, attempt);
        let command = CommandId(id);
        let refused = Event::Refused { command, refusal };
        assert_eq!(events(&mut switchboard), [("carol".to_owned(), refused)]);
    }
}

#[test]
fn a_stranger_cannot_join_the_call_of_a_group() {
    let (mut switchboard, call) = alice_and_bob_talk();
    say(&mut switchboard, "alice", 2, Wire::Hangup { call });
    let media = MediaState::default();
    let of_group = Wire::Call {
        invitees: vec![],
        group: Some(group(1).id),
        call_type: CallType::Audio,
        ring_seconds: None,
        media,
        note: None,
    };
    say(&mut switchboard, "alice", 3, of_group);
    let told = events(&mut switchboard);
    assert!(told.iter().all(|(to, _)| to != "carol"), "{told:?}");
    let call = switchboard.calls().next().unwrap().0;
    say(&mut switchboard, "carol", 1, Wire::Join { call, media });
    let refused = Event::Refused {
        command: CommandId(1),
        refusal: Refusal::GroupCallEnded,
    };
    assert_eq!(events(&mut switchboard), [("carol".to_owned(), refused)]);
}

#[test]
fn nobody_from_outside_is_rung_in_the_name_of_a_group() {
    let (mut switchboard, call) = alice_and_bob_talk();
    say(&mut switchboard, "alice", 2, Wire::Hangup { call });
    let _ = events(&mut switchboard);
    let with_carol = Wire::Call {
        invitees: vec![user("carol")],
        group: Some(group(1).id),
        call_type: CallType::Audio,
        ring_seconds: None,
        media: MediaState::default(),
        note: None,
    };
    say(&mut switchboard, "alice", 3, with_carol);
    let refused = Event::Refused {
        command: CommandId(3),
        refusal: Refusal::NotInGroup { user: user("carol") },
    };
    assert_eq!(events(&mut switchboard), [("alice".to_owned(), refused)]);
}

#[test]
fn only_those_who_watch_somebody_learn_of_their_presence() {
    let (mut exchange, phones) = Exchange::with(&["alice", "bob", "carol"]);
    exchange.ask(
        phones[0],
        Command::Watch {
            people: vec![user("bob")],
        },
    );
    exchange.settle();
    assert_eq!(exchange.view(phones[0]).presence.len(), 1);
    exchange.close_tab(phones[1]);
    exchange.settle();
    let presence = exchange.view(phones[0]).presence;
    assert_eq!(
        presence.get(&user("bob")),
        Some(&call::protocol::Presence::Offline)
    );
    assert!(exchange.view(phones[2]).presence.is_empty());
}
