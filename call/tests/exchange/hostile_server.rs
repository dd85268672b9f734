//! What a server may send to do harm: in no phase does it open a device or a link that nobody has clicked for.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use call::agent::{Agent, Input, Output};
use call::handset::{Command, Stage};
use call::id::{CallId, CommandId, DeviceId, Entry, InviteId, RoomId};
use call::media::{CallType, MediaState};
use call::protocol::{
    CallSnapshot, Candidate, Description, DescriptionKind, EndReason, Event, GroupCall, InviteOutcome,
    InvitedPerson, Login, Member, Refusal, Route, Seat, Signal,
};
use call::time::Timestamp;

use crate::common::{group, person, user};

const CALL: CallId = CallId::from_bits(1);
const INVITE: InviteId = InviteId::from_bits(2);

fn running() -> GroupCall {
    GroupCall {
        group: group(1),
        call: CALL,
        call_type: CallType::Video,
    }
}

/// Everything that a server could say of a call, true or not.
fn every_event() -> Vec<Event> {
    let member = Member {
        person: person("carol"),
        entry: Entry(9),
        media: MediaState {
            microphone: true,
            camera: true,
        },
        away: false,
    };
    let snapshot = |seat, connected_ms| {
        Box::new(CallSnapshot {
            call: CALL,
            room: RoomId::new(1).unwrap(),
            call_type: CallType::Video,
            group: true,
            of_group: Some(group(1)),
            caller: person("carol"),
            invitees: vec![InvitedPerson {
                person: person("alice"),
                ringing: true,
            }],
            members: vec![
                member.clone(),
                Member {
                    person: person("alice"),
                    entry: Entry(1),
                    ..member.clone()
                },
            ],
            connected_ms,
            video_request: None,
            route: Route::Mesh,
            seat,
        })
    };
    let offer = Description {
        kind: DescriptionKind::Offer,
        sdp: "v=0".into(),
    };
    let answer = Description {
        kind: DescriptionKind::Answer,
        sdp: "v=0".into(),
    };
    let candidate = Candidate {
        candidate: "candidate:1".into(),
        mid: None,
        m_line_index: None,
    };
    let signaled = |signal| Event::Signaled {
        call: CALL,
        from: user("carol"),
        entry: Entry(9),
        signal,
    };
    vec![
        Event::GroupCallStarted {
            group_call: running(),
        },
        Event::GroupCallEnded { group: group(1).id },
        Event::GroupLeft { group: group(1).id },
        Event::Joined {
            call: snapshot(Seat::Here, Some(0)),
        },
        Event::Joined {
            call: snapshot(Seat::Here, None),
        },
        Event::Joined {
            call: snapshot(Seat::Elsewhere, Some(0)),
        },
        Event::Placed {
            call: snapshot(Seat::Here, None),
        },
        Event::UserEntered {
            call: CALL,
            member: member.clone(),
        },
        Event::UserBack {
            call: CALL,
            user: user("carol"),
        },
        Event::RingingStarted {
            call: CALL,
            invitee: user("carol"),
        },
        Event::MediaAnnounced {
            call: CALL,
            user: user("carol"),
            media: member.media,
        },
        signaled(Signal::Description(offer)),
        signaled(Signal::Description(answer)),
        signaled(Signal::Candidate(candidate)),
        Event::InviteClosed {
            invite: INVITE,
            outcome: InviteOutcome::Accepted,
        },
        Event::Done {
            command: CommandId(1_000),
        },
        Event::Refused {
            command: CommandId(1),
            refusal: Refusal::NoSuchCall,
        },
        Event::Ended {
            call: CALL,
            reason: EndReason::OthersLeft,
            connected_ms: 1,
        },
    ]
}

fn media_orders(agent: &mut Agent) -> Vec<Output> {
    core::iter::from_fn(|| agent.poll_output())
        .filter(|output| matches!(output, Output::Media(_)))
        .collect()
}

fn welcomed_agent() -> Agent {
    let mut agent = Agent::new(DeviceId::from_bits(5), Login::Shared, None);
    agent.handle(Timestamp::ZERO, Input::SocketOpened);
    let welcome = call::protocol::Welcome {
        user: user("alice"),
        last_command: CommandId(0),
        ice_servers: Vec::new(),
        invitations: Vec::new(),
        call: None,
        group_calls: vec![running()],
    };
    agent.handle(
        Timestamp::ZERO,
        Input::Received(Event::Welcomed(Box::new(welcome))),
    );
    agent
}

fn ringing_agent() -> Agent {
    let mut agent = welcomed_agent();
    let invitation = call::protocol::Invitation {
        invite: INVITE,
        call: CALL,
        room: RoomId::new(1).unwrap(),
        caller: person("carol"),
        invitees: vec![person("alice")],
        call_type: CallType::Video,
        group: false,
        of_group: None,
        rings_for_ms: 30_000,
    };
    agent.handle(
        Timestamp::ZERO,
        Input::Received(Event::Invited {
            invitation: Box::new(invitation),
        }),
    );
    assert!(matches!(agent.view().stage, Stage::Ringing(_)));
    agent
}

#[test]
fn no_event_opens_a_device_or_a_link_before_this_person_has_clicked() {
    for start in [welcomed_agent, ringing_agent] {
        for first in every_event() {
            for second in every_event() {
                let mut agent = start();
                agent.handle(Timestamp::ZERO, Input::Received(first.clone()));
                agent.handle(Timestamp::ZERO, Input::Received(second.clone()));
                assert_eq!(media_orders(&mut agent), [], "after {first:?} and {second:?}");
            }
        }
    }
}

#[test]
fn a_caller_opens_no_link_before_somebody_has_answered() {
    for event in every_event() {
        if matches!(
            event,
            Event::UserEntered { .. } | Event::Joined { .. } | Event::Placed { .. }
        ) {
            continue;
        }
        let mut agent = welcomed_agent();
        let command = Command::Call {
            callees: vec![person("carol")],
            group: None,
            call_type: CallType::Audio,
        };
        agent.handle(Timestamp::ZERO, Input::Asked(command));
        let _ = media_orders(&mut agent);
        agent.handle(Timestamp::ZERO, Input::Received(event.clone()));
        let links = media_orders(&mut agent);
        assert!(
            links
                .iter()
                .all(|o| !matches!(o, Output::Media(call::agent::MediaOrder::OpenLink { .. }))),
            "after {event:?}"
        );
    }
}
