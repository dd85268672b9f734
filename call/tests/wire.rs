//! The bytes of every message. A change here is a change of the protocol: `docs/protocol.md` and `VERSION` go with it.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use call::id::{
    Attempt, CallId, CommandId, DeviceId, Entry, Group, GroupId, InviteId, Person, ResumeToken, RoomId,
    Roster, UserId,
};
use call::media::{CallType, MediaState};
use call::protocol::{
    CallNote, CallSnapshot, Candidate, ClientMsg, Command, Description, DescriptionKind, EndReason, Event,
    GroupCall, Hello, IceServer, Invitation, InviteOutcome, InvitedPerson, Login, Member, Presence, Refusal,
    Resume, Route, Seat, Signal, VideoAnswer, VideoRequest, Welcome, compact,
};
use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[track_caller]
fn reads_and_writes<T: Serialize + DeserializeOwned + PartialEq + core::fmt::Debug>(value: T, json: &str) {
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
    let bytes = compact::encode(&value);
    assert_eq!(
        compact::decode::<T>(&bytes).unwrap(),
        value,
        "the compact form says something else"
    );
    assert!(bytes.len() < json.len());
    for cut in 0..bytes.len() {
        assert!(
            compact::decode::<T>(&bytes[..cut]).is_err(),
            "a message that is cut off is none"
        );
    }
    assert!(
        compact::decode::<T>(&[&bytes[..], &[0]].concat()).is_err(),
        "what follows a message is no part of it"
    );
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

const CALL: CallId = CallId::from_bits(0xA1);
const INVITE: InviteId = InviteId::from_bits(0xB2);
const GROUP: GroupId = GroupId::from_bits(0xC3);
const SENDS_ALL: MediaState = MediaState {
    microphone: true,
    camera: true,
};

#[track_caller]
fn command(command: Command, json: &str) {
    reads_and_writes(
        ClientMsg {
            id: CommandId(7),
            command,
        },
        &format!(r#"{{"id":7,"command":{json}}}"#),
    );
}

#[test]
fn commands() {
    let hello = Hello {
        version: 1,
        device: DeviceId::from_bits(3),
        login: Login::Exclusive,
        resume: Some(Resume {
            token: ResumeToken::from_bits(0xd4),
            received: 17,
        }),
    };
    command(
        Command::Hello(hello),
        r#"{"hello":{"version":1,"device":"0000000000000003","login":"exclusive","resume":{"token":"00000000000000d4","received":17}}}"#,
    );
    command(
        Command::Vouch {
            call: CALL,
            user: user("bob"),
        },
        r#"{"vouch":{"call":"00000000000000a1","user":"bob"}}"#,
    );
    command(
        Command::Watch {
            people: vec![user("bob")],
            newcomers: true,
        },
        r#"{"watch":{"people":["bob"],"newcomers":true}}"#,
    );
    command(
        Command::Call {
            invitees: vec![user("bob")],
            group: None,
            call_type: CallType::Video,
            ring_seconds: Some(20),
            media: SENDS_ALL,
            note: Some(Box::new(CallNote {
                group: Some("lunch".parse().unwrap()),
                title: Some("Alice".parse().unwrap()),
                description: None,
                channel: None,
            })),
        },
        r#"{"call":{"invitees":["bob"],"group":null,"callType":"video","ringSeconds":20,"media":{"microphone":true,"camera":true},"note":{"group":"lunch","title":"Alice","description":null,"channel":null}}}"#,
    );
    command(
        Command::Call {
            invitees: vec![],
            group: Some(GROUP),
            call_type: CallType::Audio,
            ring_seconds: None,
            media: SENDS_ALL,
            note: None,
        },
        r#"{"call":{"invitees":[],"group":"00000000000000c3","callType":"audio","ringSeconds":null,"media":{"microphone":true,"camera":true},"note":null}}"#,
    );
    command(
        Command::Join {
            call: CALL,
            media: SENDS_ALL,
        },
        r#"{"join":{"call":"00000000000000a1","media":{"microphone":true,"camera":true}}}"#,
    );
    command(
        Command::Invite {
            call: CALL,
            invitees: vec![user("bob")],
            ring_seconds: None,
        },
        r#"{"invite":{"call":"00000000000000a1","invitees":["bob"],"ringSeconds":null}}"#,
    );
    command(
        Command::ConfirmRinging { invite: INVITE },
        r#"{"confirmRinging":{"invite":"00000000000000b2"}}"#,
    );
    command(
        Command::Accept {
            invite: INVITE,
            media: MediaState::default(),
            signals: Vec::new(),
        },
        r#"{"accept":{"invite":"00000000000000b2","media":{"microphone":false,"camera":false},"signals":[]}}"#,
    );
    command(
        Command::Reject { invite: INVITE },
        r#"{"reject":{"invite":"00000000000000b2"}}"#,
    );
    command(
        Command::Hangup { call: CALL },
        r#"{"hangup":{"call":"00000000000000a1"}}"#,
    );
    command(
        Command::SwitchToVideo { call: CALL },
        r#"{"switchToVideo":{"call":"00000000000000a1"}}"#,
    );
    command(
        Command::AnswerVideo {
            call: CALL,
            agree: true,
        },
        r#"{"answerVideo":{"call":"00000000000000a1","agree":true}}"#,
    );
    command(
        Command::SwitchToAudio { call: CALL },
        r#"{"switchToAudio":{"call":"00000000000000a1"}}"#,
    );
    command(
        Command::Rejoin {
            call: CALL,
            media: SENDS_ALL,
        },
        r#"{"rejoin":{"call":"00000000000000a1","media":{"microphone":true,"camera":true}}}"#,
    );
    command(
        Command::Announce {
            call: CALL,
            media: SENDS_ALL,
        },
        r#"{"announce":{"call":"00000000000000a1","media":{"microphone":true,"camera":true}}}"#,
    );
    let description = Description {
        kind: DescriptionKind::Offer,
        sdp: "v=0\r\n".into(),
    };
    command(
        Command::Signal {
            call: CALL,
            to: user("bob"),
            entry: Entry(2),
            signal: Signal::Description(description),
        },
        r#"{"signal":{"call":"00000000000000a1","to":"bob","entry":2,"signal":{"description":{"kind":"offer","sdp":"v=0\r\n"}}}}"#,
    );
    let candidate = Candidate {
        candidate: "candidate:1".into(),
        mid: Some("0".into()),
        m_line_index: Some(0),
    };
    command(
        Command::Signal {
            call: CALL,
            to: user("bob"),
            entry: Entry(2),
            signal: Signal::Candidate(candidate),
        },
        r#"{"signal":{"call":"00000000000000a1","to":"bob","entry":2,"signal":{"candidate":{"candidate":"candidate:1","mid":"0","mLineIndex":0}}}}"#,
    );
    command(
        Command::Signal {
            call: CALL,
            to: user("bob"),
            entry: Entry(2),
            signal: Signal::Afresh(Attempt(3)),
        },
        r#"{"signal":{"call":"00000000000000a1","to":"bob","entry":2,"signal":{"afresh":3}}}"#,
    );
}

fn alice() -> Member {
    let person = Person {
        id: user("alice"),
        name: "Alice".parse().unwrap(),
    };
    Member {
        person,
        entry: Entry(1),
        media: SENDS_ALL,
        away: false,
    }
}

fn bob() -> Person {
    Person {
        id: user("bob"),
        name: "Bob".parse().unwrap(),
    }
}

fn rung_bob() -> InvitedPerson {
    InvitedPerson {
        person: bob(),
        by: user("alice"),
        entry: Entry(2),
        ringing: false,
    }
}

fn kitchen() -> Group {
    Group {
        id: GROUP,
        name: "Kitchen".parse().unwrap(),
    }
}

fn kitchens_call() -> GroupCall {
    GroupCall {
        group: kitchen(),
        call: CALL,
        call_type: CallType::Audio,
    }
}

const KITCHENS_CALL: &str =
    r#"{"group":{"id":"00000000000000c3","name":"Kitchen"},"call":"00000000000000a1","callType":"audio"}"#;

fn snapshot() -> CallSnapshot {
    CallSnapshot {
        call: CALL,
        room: RoomId::new(9).unwrap(),
        call_type: CallType::Audio,
        group: true,
        of_group: Some(kitchen()),
        caller: alice().person,
        invitees: vec![rung_bob()],
        members: vec![alice()],
        connected_ms: None,
        video_request: None,
        route: Route::Mesh,
        seat: Seat::Here,
    }
}

const SNAPSHOT: &str = r#"{"call":"00000000000000a1","room":9,"callType":"audio","group":true,"ofGroup":{"id":"00000000000000c3","name":"Kitchen"},"caller":{"id":"alice","name":"Alice"},"invitees":[{"person":{"id":"bob","name":"Bob"},"by":"alice","entry":2,"ringing":false}],"members":[{"person":{"id":"alice","name":"Alice"},"entry":1,"media":{"microphone":true,"camera":true},"away":false}],"connectedMs":null,"videoRequest":null,"route":"mesh","seat":"here"}"#;

#[test]
fn events_about_oneself() {
    let welcome = Welcome {
        user: user("alice"),
        last_command: CommandId(4),
        ice_servers: vec![IceServer {
            urls: vec!["stun:127.0.0.1".into()],
            username: None,
            credential: None,
        }],
        invitations: Vec::new(),
        call: Some(snapshot()),
        group_calls: vec![kitchens_call()],
        resume: Some(ResumeToken::from_bits(0xd4)),
        gap_free: true,
        relay_only: true,
    };
    reads_and_writes(
        Event::Welcomed(Box::new(welcome)),
        &format!(
            r#"{{"welcomed":{{"user":"alice","lastCommand":4,"iceServers":[{{"urls":["stun:127.0.0.1"],"username":null,"credential":null}}],"invitations":[],"call":{SNAPSHOT},"groupCalls":[{KITCHENS_CALL}],"resume":"00000000000000d4","gapFree":true,"relayOnly":true}}}}"#
        ),
    );
    reads_and_writes(Event::Alive, r#""alive""#);
    reads_and_writes(
        Event::Restarting {
            come_back_in_ms: 1_200,
        },
        r#"{"restarting":{"comeBackInMs":1200}}"#,
    );
    reads_and_writes(
        Event::Done {
            command: CommandId(4),
        },
        r#"{"done":{"command":4}}"#,
    );
    reads_and_writes(
        Event::IceServersRenewed {
            ice_servers: vec![IceServer {
                urls: vec!["turn:127.0.0.1".into()],
                username: Some("1800000300:alice".into()),
                credential: Some("secret".into()),
            }],
        },
        r#"{"iceServersRenewed":{"iceServers":[{"urls":["turn:127.0.0.1"],"username":"1800000300:alice","credential":"secret"}]}}"#,
    );
    reads_and_writes(
        Event::Refused {
            command: CommandId(4),
            refusal: Refusal::UnknownUser { user: user("bob") },
        },
        r#"{"refused":{"command":4,"refusal":{"unknownUser":{"user":"bob"}}}}"#,
    );
    reads_and_writes(
        Event::Refused {
            command: CommandId(4),
            refusal: Refusal::AlreadyInCall,
        },
        r#"{"refused":{"command":4,"refusal":"alreadyInCall"}}"#,
    );
    reads_and_writes(
        Event::Refused {
            command: CommandId(4),
            refusal: Refusal::Blocked { user: user("bob") },
        },
        r#"{"refused":{"command":4,"refusal":{"blocked":{"user":"bob"}}}}"#,
    );
    reads_and_writes(
        Event::GroupCallStarted {
            group_call: kitchens_call(),
        },
        &format!(r#"{{"groupCallStarted":{{"groupCall":{KITCHENS_CALL}}}}}"#),
    );
    reads_and_writes(
        Event::GroupChanged {
            roster: Box::new(Roster {
                group: kitchens_call().group,
                members: vec![Person {
                    id: user("bob"),
                    name: "Bob".parse().unwrap(),
                }],
            }),
        },
        r#"{"groupChanged":{"roster":{"group":{"id":"00000000000000c3","name":"Kitchen"},"members":[{"id":"bob","name":"Bob"}]}}}"#,
    );
    reads_and_writes(
        Event::GroupLeft { group: GROUP },
        r#"{"groupLeft":{"group":"00000000000000c3"}}"#,
    );
    reads_and_writes(
        Event::GroupCallEnded { group: GROUP },
        r#"{"groupCallEnded":{"group":"00000000000000c3"}}"#,
    );
    reads_and_writes(
        Event::Placed {
            call: Box::new(snapshot()),
        },
        &format!(r#"{{"placed":{{"call":{SNAPSHOT}}}}}"#),
    );
    reads_and_writes(
        Event::Joined {
            call: Box::new(snapshot()),
        },
        &format!(r#"{{"joined":{{"call":{SNAPSHOT}}}}}"#),
    );
    reads_and_writes(
        Event::Ended {
            call: CALL,
            reason: EndReason::NoAnswer,
            connected_ms: 0,
        },
        r#"{"ended":{"call":"00000000000000a1","reason":"noAnswer","connectedMs":0}}"#,
    );
}

#[test]
fn events_about_invitations() {
    let invitation = Invitation {
        invite: INVITE,
        call: CALL,
        room: RoomId::new(9).unwrap(),
        caller: alice().person,
        invitees: vec![bob()],
        call_type: CallType::Video,
        group: false,
        of_group: None,
        entry: Entry(2),
        rings_for_ms: 30_000,
        note: None,
    };
    reads_and_writes(
        Event::Invited {
            invitation: Box::new(invitation),
        },
        r#"{"invited":{"invitation":{"invite":"00000000000000b2","call":"00000000000000a1","room":9,"caller":{"id":"alice","name":"Alice"},"invitees":[{"id":"bob","name":"Bob"}],"callType":"video","group":false,"ofGroup":null,"entry":2,"ringsForMs":30000,"note":null}}}"#,
    );
    reads_and_writes(
        Event::InviteClosed {
            invite: INVITE,
            outcome: InviteOutcome::TimedOut,
        },
        r#"{"inviteClosed":{"invite":"00000000000000b2","outcome":"timedOut"}}"#,
    );
    reads_and_writes(
        Event::InviteeGone {
            call: CALL,
            invitee: bob(),
            outcome: InviteOutcome::Busy,
        },
        r#"{"inviteeGone":{"call":"00000000000000a1","invitee":{"id":"bob","name":"Bob"},"outcome":"busy"}}"#,
    );
    reads_and_writes(
        Event::InviteesAdded {
            call: CALL,
            invitees: vec![rung_bob()],
        },
        r#"{"inviteesAdded":{"call":"00000000000000a1","invitees":[{"person":{"id":"bob","name":"Bob"},"by":"alice","entry":2,"ringing":false}]}}"#,
    );
    reads_and_writes(
        Event::RingingStarted {
            call: CALL,
            invitee: user("bob"),
        },
        r#"{"ringingStarted":{"call":"00000000000000a1","invitee":"bob"}}"#,
    );
}

#[test]
fn events_about_others() {
    reads_and_writes(
        Event::PresenceChanged {
            people: vec![(user("bob"), Presence::InCall)],
        },
        r#"{"presenceChanged":{"people":[["bob","inCall"]]}}"#,
    );
    reads_and_writes(
        Event::PresenceChanged {
            people: vec![(user("bob"), Presence::Blocked)],
        },
        r#"{"presenceChanged":{"people":[["bob","blocked"]]}}"#,
    );
    reads_and_writes(
        Event::PersonJoined {
            person: alice().person,
        },
        r#"{"personJoined":{"person":{"id":"alice","name":"Alice"}}}"#,
    );
    reads_and_writes(
        Event::UserEntered {
            call: CALL,
            member: alice(),
        },
        r#"{"userEntered":{"call":"00000000000000a1","member":{"person":{"id":"alice","name":"Alice"},"entry":1,"media":{"microphone":true,"camera":true},"away":false}}}"#,
    );
    reads_and_writes(
        Event::UserLeft {
            call: CALL,
            user: user("bob"),
        },
        r#"{"userLeft":{"call":"00000000000000a1","user":"bob"}}"#,
    );
    reads_and_writes(
        Event::UserAway {
            call: CALL,
            user: user("bob"),
        },
        r#"{"userAway":{"call":"00000000000000a1","user":"bob"}}"#,
    );
    reads_and_writes(
        Event::UserBack {
            call: CALL,
            user: user("bob"),
        },
        r#"{"userBack":{"call":"00000000000000a1","user":"bob"}}"#,
    );
    reads_and_writes(
        Event::MediaAnnounced {
            call: CALL,
            user: user("bob"),
            media: SENDS_ALL,
        },
        r#"{"mediaAnnounced":{"call":"00000000000000a1","user":"bob","media":{"microphone":true,"camera":true}}}"#,
    );
    reads_and_writes(
        Event::VideoRequested {
            call: CALL,
            by: user("bob"),
            open_for_ms: 30_000,
        },
        r#"{"videoRequested":{"call":"00000000000000a1","by":"bob","openForMs":30000}}"#,
    );
    reads_and_writes(
        Event::VideoRequestClosed {
            call: CALL,
            answer: VideoAnswer::TimedOut,
        },
        r#"{"videoRequestClosed":{"call":"00000000000000a1","answer":"timedOut"}}"#,
    );
    reads_and_writes(
        Event::CallTypeChanged {
            call: CALL,
            call_type: CallType::Video,
            by: user("bob"),
        },
        r#"{"callTypeChanged":{"call":"00000000000000a1","callType":"video","by":"bob"}}"#,
    );
    let description = Description {
        kind: DescriptionKind::Answer,
        sdp: "v=0".into(),
    };
    reads_and_writes(
        Event::Signaled {
            call: CALL,
            from: user("bob"),
            entry: Entry(2),
            signal: Signal::Description(description),
        },
        r#"{"signaled":{"call":"00000000000000a1","from":"bob","entry":2,"signal":{"description":{"kind":"answer","sdp":"v=0"}}}}"#,
    );
}

#[test]
fn what_is_not_a_message_is_an_error() {
    let not_messages = [
        "",
        "null",
        "[]",
        "{}",
        r#"{"id":1}"#,
        r#"{"id":-1,"command":{"hangup":{"call":"00000000000000a1"}}}"#,
        r#"{"id":1,"command":{"hangup":{"call":"a1"}}}"#,
        r#"{"id":1,"command":{"hangup":{"call":"00000000000000a1"},"reject":{"invite":"00000000000000b2"}}}"#,
        r#"{"id":1,"id":2,"command":{"hangup":{"call":"00000000000000a1"}}}"#,
        r#"{"id":1,"command":{"takeEverything":{}}}"#,
        r#"{"id":1,"command":{"call":{"invitees":["not an id"],"callType":"video","media":{"microphone":true,"camera":true}}}}"#,
        r#"{"id":1,"command":{"call":{"invitees":["bob"],"callType":3,"media":{"microphone":true,"camera":true}}}}"#,
    ];
    for text in not_messages {
        assert!(serde_json::from_str::<ClientMsg>(text).is_err(), "{text}");
    }
}

#[test]
fn a_call_that_is_asked_for_video_says_by_whom() {
    let request = VideoRequest {
        by: user("bob"),
        open_for_ms: 12_000,
    };
    reads_and_writes(request, r#"{"by":"bob","openForMs":12000}"#);
}

#[test]
fn what_may_be_absent_may_be_left_out() {
    let left_out = r#"{"signal":{"call":"00000000000000a1","to":"bob","entry":2,"signal":{"candidate":{"candidate":""}}}}"#;
    let candidate = Candidate {
        candidate: String::new(),
        mid: None,
        m_line_index: None,
    };
    let signal = Command::Signal {
        call: CALL,
        to: user("bob"),
        entry: Entry(2),
        signal: Signal::Candidate(candidate),
    };
    assert_eq!(serde_json::from_str::<Command>(left_out).unwrap(), signal);
}

#[test]
fn any_signal_survives_the_wire_byte_for_byte() {
    let description = (any::<bool>(), ".{0,200}").prop_map(|(offer, sdp)| {
        let kind = if offer {
            DescriptionKind::Offer
        } else {
            DescriptionKind::Answer
        };
        Signal::Description(Description { kind, sdp })
    });
    let candidate = (".{0,100}", proptest::option::of(".{0,8}"), any::<Option<u16>>()).prop_map(
        |(candidate, mid, m_line_index)| {
            Signal::Candidate(Candidate {
                candidate,
                mid,
                m_line_index,
            })
        },
    );
    let afresh = any::<u32>().prop_map(|attempt| Signal::Afresh(Attempt(attempt)));
    let signal = prop_oneof![description, candidate, afresh];
    let config = Config {
        cases: 256,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng)
        .run(&signal, |signal| {
            let json = serde_json::to_string(&signal).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Signal>(&json).unwrap(), &signal);
            prop_assert_eq!(compact::decode::<Signal>(&compact::encode(&signal)), Ok(signal));
            Ok(())
        })
        .unwrap();
}
