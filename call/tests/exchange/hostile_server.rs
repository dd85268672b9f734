//! What a server may send to do harm: in no phase does it open a device or a link that nobody has clicked for.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use call::agent::{Agent, Input, LinkInput, LinkName, LinkOrder, LinkRole, MediaOrder, Output};
use call::handset::{CallTerms, Command, Stage};
use call::id::{Attempt, CallId, CommandId, DeviceId, Entry, InviteId, RoomId};
use call::media::{CallType, MediaState};
use call::protocol::{
    CallSnapshot, Candidate, Command as Wire, Description, DescriptionKind, EndReason, Event, GroupCall,
    InviteOutcome, InvitedPerson, Login, Member, Refusal, Route, Seat, Signal,
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
                by: user("carol"),
                entry: Entry(10),
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
        signaled(Signal::Afresh(Attempt(2))),
        Event::InviteClosed {
            invite: INVITE,
            outcome: InviteOutcome::Accepted,
        },
        Event::Done {
            command: CommandId(1_000),
        },
        Event::IceServersRenewed {
            ice_servers: Vec::new(),
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
        resume: None,
        gap_free: false,
        relay_only: false,
    };
    agent.handle(
        Timestamp::ZERO,
        Input::Received(Event::Welcomed(Box::new(welcome))),
    );
    agent
}

fn invitation() -> call::protocol::Invitation {
    call::protocol::Invitation {
        invite: INVITE,
        call: CALL,
        room: RoomId::new(1).unwrap(),
        caller: person("carol"),
        invitees: vec![person("alice")],
        call_type: CallType::Video,
        group: false,
        of_group: None,
        entry: Entry(10),
        rings_for_ms: 30_000,
        note: None,
    }
}

fn ringing_agent() -> Agent {
    let mut agent = welcomed_agent();
    agent.handle(
        Timestamp::ZERO,
        Input::Received(Event::Invited {
            invitation: Box::new(invitation()),
        }),
    );
    assert!(matches!(agent.view().stage, Stage::Ringing(_)));
    agent
}

/// Whether somebody can notice it: a device, a link through which anything arrives or leaves.
fn is_noticed(output: &Output) -> bool {
    match output {
        Output::Media(order) => !matches!(
            order,
            MediaOrder::OpenLink {
                admitted: false,
                role: LinkRole::Answers,
                ..
            } | MediaOrder::UseIceServers { .. }
                | MediaOrder::CloseLink { .. }
                | MediaOrder::Link {
                    order: LinkOrder::SetRemoteDescription(_) | LinkOrder::CreateAnswer,
                    ..
                }
        ),
        Output::Send(msg) => matches!(msg.command, Wire::Signal { .. }),
        Output::Play(_) | Output::CloseSocket => false,
    }
}

#[test]
fn no_event_opens_a_device_or_reaches_anybody_before_this_person_has_clicked() {
    for start in [welcomed_agent, ringing_agent] {
        for first in every_event() {
            for second in every_event() {
                let mut agent = start();
                agent.handle(Timestamp::ZERO, Input::Received(first.clone()));
                agent.handle(Timestamp::ZERO, Input::Received(second.clone()));
                let noticed: Vec<_> = core::iter::from_fn(|| agent.poll_output())
                    .filter(is_noticed)
                    .collect();
                assert_eq!(noticed, [], "after {first:?} and {second:?}");
            }
        }
    }
}

/// The microphone stayed open when an invitation and a place in the call came before the welcome: the phone did not know whose
/// it was, and dropped the call together with its devices.
#[test]
fn a_server_that_has_said_no_welcome_is_not_heard() {
    for event in every_event() {
        let mut agent = Agent::new(DeviceId::from_bits(5), Login::Shared, None);
        let accept = Input::Asked(Command::Accept { camera: true });
        let invited = Event::Invited {
            invitation: Box::new(invitation()),
        };
        for input in [
            Input::SocketOpened,
            Input::Received(invited),
            accept,
            Input::Received(event.clone()),
        ] {
            agent.handle(Timestamp::ZERO, input);
        }
        assert_eq!(media_orders(&mut agent), [], "after {event:?}");
        assert_eq!(agent.view().stage, Stage::Idle, "after {event:?}");
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
            terms: CallTerms::default(),
        };
        agent.handle(Timestamp::ZERO, Input::Asked(command));
        let _ = media_orders(&mut agent);
        agent.handle(Timestamp::ZERO, Input::Received(event.clone()));
        let links = media_orders(&mut agent);
        assert!(
            links
                .iter()
                .all(|o| !matches!(o, Output::Media(MediaOrder::OpenLink { .. }))),
            "after {event:?}"
        );
    }
}

/// Carol, who rings, says this.
fn hear(agent: &mut Agent, signal: Signal) {
    let event = Event::Signaled {
        call: CALL,
        from: user("carol"),
        entry: Entry(9),
        signal,
    };
    agent.handle(Timestamp::ZERO, Input::Received(event));
}

fn offer(sdp: &str) -> Signal {
    Signal::Description(Description {
        kind: DescriptionKind::Offer,
        sdp: sdp.into(),
    })
}

fn candidate(line: &str) -> Candidate {
    Candidate {
        candidate: line.into(),
        mid: None,
        m_line_index: None,
    }
}

#[test]
fn an_answer_is_prepared_while_it_rings_and_let_out_by_the_click() {
    let mut agent = ringing_agent();
    let _ = media_orders(&mut agent);
    hear(&mut agent, offer("v=0"));
    hear(&mut agent, Signal::Candidate(candidate("carol's")));
    let answer = Description {
        kind: DescriptionKind::Answer,
        sdp: "v=1".into(),
    };
    for input in [
        LinkInput::RemoteDescriptionSet,
        LinkInput::AnswerCreated(answer.clone()),
    ] {
        let (peer, link) = (user("carol"), LinkName::first(Entry(10)));
        agent.handle(Timestamp::ZERO, Input::Link { peer, link, input });
    }
    let prepared: Vec<_> = core::iter::from_fn(|| agent.poll_output()).collect();
    assert!(!prepared.is_empty());
    assert!(!prepared.iter().any(is_noticed), "{prepared:?}");

    agent.handle(Timestamp::ZERO, Input::Asked(Command::Accept { camera: false }));
    let outputs: Vec<_> = core::iter::from_fn(|| agent.poll_output()).collect();
    let said: Vec<_> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Send(msg) => Some(&msg.command),
            _ => None,
        })
        .collect();
    let Wire::Accept { signals, .. } = said[0] else {
        panic!("{said:?}");
    };
    assert_eq!(*signals, [Signal::Description(answer.clone())]);
    let to_carol = |order| {
        Output::Media(MediaOrder::Link {
            peer: user("carol"),
            link: LinkName::first(Entry(10)),
            order,
        })
    };
    assert!(outputs.contains(&to_carol(LinkOrder::SetAnswer(answer.clone()))));

    let (peer, link) = (user("carol"), LinkName::first(Entry(10)));
    let input = LinkInput::LocalDescriptionSet(answer);
    agent.handle(Timestamp::ZERO, Input::Link { peer, link, input });
    let reaches_carol = to_carol(LinkOrder::AddCandidate(candidate("carol's")));
    assert_eq!(media_orders(&mut agent), [reaches_carol]);
}

#[test]
fn an_offer_that_is_not_plain_is_not_touched_before_the_click() {
    let media = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
    let address = "1 1 udp 1 192.0.2.1 9 typ host\r\n";
    for sdp in [
        format!("v=0\r\n{media}a=candidate:{address}"),
        format!("v=0\r\n{media}a=CANDIDATE:{address}"),
        format!("v=0\r\n{media}a=:candidate:{address}"),
        format!("v=0\r\n{media}a= candidate:{address}"),
        format!("v=0\r\n{}", media.repeat(4)),
    ] {
        let mut agent = ringing_agent();
        let _ = media_orders(&mut agent);
        hear(&mut agent, offer(&sdp));
        assert_eq!(media_orders(&mut agent), [], "{sdp}");
    }
}

#[test]
fn nobody_but_whoever_rings_can_have_an_answer_prepared() {
    for (from, entry) in [("bob", 9), ("carol", 11)] {
        let mut agent = ringing_agent();
        let _ = media_orders(&mut agent);
        let event = Event::Signaled {
            call: CALL,
            from: user(from),
            entry: Entry(entry),
            signal: offer("v=0"),
        };
        agent.handle(Timestamp::ZERO, Input::Received(event));
        assert_eq!(media_orders(&mut agent), [], "{from} as {entry}");
    }
}
