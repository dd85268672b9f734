//! Whatever a server says, a person asks for and a browser does, in any order, to an agent.

use std::time::Duration;

use call::agent::{CaptureChange, Input, LinkInput, LinkName, Output};
use call::handset::{CallTerms, Command};
use call::id::{Attempt, CallId, CommandId, DeviceId, Entry, InviteId, RoomId, Roster};
use call::media::{CallType, CaptureError, MediaKind, MediaState};
use call::protocol::{
    CallSnapshot, Candidate, Description, DescriptionKind, EndReason, Event, GroupCall, Invitation,
    InviteOutcome, InvitedPerson, Member, Presence, Refusal, Route, Seat, Signal, VideoAnswer, VideoRequest,
    Welcome,
};
use call::time::Timestamp;

use crate::bytes::Bytes;
use crate::common::phone::Phone;
use crate::common::rng::Rng;
use crate::common::{group, person, user};

const PEOPLE: [&str; 3] = ["alice", "bob", "carol"];
/// The most that one input may cause: to close and to open a link for everybody, to say again what was not acknowledged.
const OUTPUTS: usize = 4_000;
/// The close code of a session that is over.
const SIGNED_OUT: u16 = 4401;

struct Page {
    now: Timestamp,
    phone: Phone,
    chance: Rng,
    /// What the browser is going to answer.
    answers: Vec<Input>,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let mut page = Page {
        now: Timestamp::from_millis(1_000),
        phone: Phone::new(user("alice"), DeviceId::from_bits(1)),
        chance: Rng::new(1),
        answers: Vec::new(),
    };
    page.open_socket();
    while !bytes.is_empty() {
        page.act(&mut bytes);
    }
    page.close();
}

impl Page {
    fn act(&mut self, bytes: &mut Bytes<'_>) {
        match bytes.below(16) {
            0 => {
                let after = bytes.of(&[0, 1, 50, 1_000, 9_000, 31_000, 130_000]);
                self.now = self.now + Duration::from_millis(after);
                self.handle(Input::Tick);
            }
            1 if self.phone.socket.is_some() => {
                let code = bytes.of(&[1006, 1006, 1006, 1012, 4403, SIGNED_OUT, 4425]);
                self.lose_socket(code);
            }
            1 => self.open_socket(),
            2..=7 => {
                let event = event(bytes);
                self.hear(event);
            }
            8..=10 => {
                let command = asked(bytes);
                self.phone.asked(&command);
                self.handle(Input::Asked(command));
            }
            11..=13 if !self.answers.is_empty() => {
                // Each operation's answers come in order, but not those of different ones.
                let answer = self.answers.remove(0);
                self.handle(answer);
            }
            14 => {
                let kind = bytes.of(&[MediaKind::Microphone, MediaKind::Camera]);
                match bytes.below(4) {
                    0 => self.handle(Input::DeviceFound(kind)),
                    1 => self.end_track(kind),
                    choice => self.handle(Input::Capture {
                        kind,
                        change: CaptureChange::Dead(choice == 2),
                    }),
                }
            }
            _ => {
                let refuses = [None, Some(CaptureError::Refused), Some(CaptureError::Missing)];
                self.phone.refuses = bytes.of(&refuses);
                let input = link_input(bytes);
                self.handle(Input::Link {
                    peer: user(bytes.of(&PEOPLE)),
                    link: LinkName {
                        entry: entry(bytes),
                        attempt: attempt(bytes),
                    },
                    input,
                });
            }
        }
    }

    fn open_socket(&mut self) {
        if self.phone.is_open() {
            self.phone.open_socket();
            self.handle(Input::SocketOpened);
        }
    }

    fn lose_socket(&mut self, code: u16) {
        self.phone.socket = None;
        if code >= 4400 {
            self.phone.kicked();
        }
        self.handle(Input::SocketLost { code });
    }

    /// A device is pulled out; unless it is not open, or about to be opened or closed.
    fn end_track(&mut self, kind: MediaKind) {
        let is_about_it = |answer: &Input| matches!(answer, Input::Capture { kind: of, .. } if *of == kind);
        if self.phone.open.get(&kind) == Some(&true) && !self.answers.iter().any(is_about_it) {
            self.phone.open.insert(kind, false);
            let change = CaptureChange::Ended;
            self.handle(Input::Capture { kind, change });
        }
    }

    fn hear(&mut self, event: Event) {
        if self.phone.socket.is_some() {
            self.phone.heard(&event);
            self.handle(Input::Received(event));
        }
    }

    fn handle(&mut self, input: Input) {
        self.phone.agent.handle(self.now, input);
        self.phone.shown();
        let mut outputs = 0;
        while let Some(output) = self.phone.agent.poll_output() {
            outputs += 1;
            assert!(outputs <= OUTPUTS, "{outputs} outputs");
            match output {
                Output::Send(msg) => {
                    assert!(self.phone.socket.is_some(), "said without a socket: {msg:?}");
                    self.phone.assert_may_send(&msg.command);
                }
                Output::Media(order) => {
                    let answers = self.phone.carry_out(order, &mut self.chance);
                    self.answers.extend(answers.into_iter().map(|(_, answer)| answer));
                }
                Output::Play(tone) => self.phone.tone = tone,
                Output::CloseSocket => {
                    self.phone.socket = None;
                    self.phone.kicked();
                }
            }
        }
        if let Some((due, reason)) = self.phone.agent.poll_timeout() {
            assert!(due > self.now, "{reason:?} is due already");
        }
    }

    /// The session ends: nothing is left of whatever was going on.
    fn close(&mut self) {
        self.lose_socket(SIGNED_OUT);
        for _ in 0..1_000 {
            if self.answers.is_empty() {
                break;
            }
            let answer = self.answers.remove(0);
            self.handle(answer);
        }
        assert!(self.answers.is_empty(), "the browser is never left in peace");
        self.phone.assert_at_rest();
    }
}

fn call(bytes: &mut Bytes<'_>) -> CallId {
    CallId::from_bits(1 + bytes.below(2) as u64)
}

fn invite(bytes: &mut Bytes<'_>) -> InviteId {
    InviteId::from_bits(1 + bytes.below(2) as u64)
}

fn entry(bytes: &mut Bytes<'_>) -> Entry {
    Entry(bytes.below(5) as u32)
}

fn attempt(bytes: &mut Bytes<'_>) -> Attempt {
    Attempt(bytes.of(&[0, 0, 1, 2, 3, u32::MAX]))
}

fn call_type(bytes: &mut Bytes<'_>) -> CallType {
    bytes.of(&[CallType::Audio, CallType::Video])
}

fn media(bytes: &mut Bytes<'_>) -> MediaState {
    MediaState {
        microphone: bytes.flag(),
        camera: bytes.flag(),
    }
}

fn outcome(bytes: &mut Bytes<'_>) -> InviteOutcome {
    bytes.of(&[
        InviteOutcome::Accepted,
        InviteOutcome::Rejected,
        InviteOutcome::Cancelled,
        InviteOutcome::TimedOut,
        InviteOutcome::Busy,
        InviteOutcome::Unknown,
    ])
}

fn several<T>(bytes: &mut Bytes<'_>, of: fn(&mut Bytes<'_>) -> T) -> Vec<T> {
    (0..bytes.below(4)).map(|_| of(bytes)).collect()
}

fn member(bytes: &mut Bytes<'_>) -> Member {
    Member {
        person: person(bytes.of(&PEOPLE)),
        entry: entry(bytes),
        media: media(bytes),
        away: bytes.flag(),
    }
}

fn invited_person(bytes: &mut Bytes<'_>) -> InvitedPerson {
    InvitedPerson {
        person: person(bytes.of(&PEOPLE)),
        by: user(bytes.of(&PEOPLE)),
        entry: entry(bytes),
        ringing: bytes.flag(),
    }
}

fn group_call(bytes: &mut Bytes<'_>) -> GroupCall {
    GroupCall {
        group: group(bytes.below(2) as u64),
        call: call(bytes),
        call_type: call_type(bytes),
    }
}

fn snapshot(bytes: &mut Bytes<'_>) -> CallSnapshot {
    CallSnapshot {
        call: call(bytes),
        room: RoomId::new(1).unwrap(),
        call_type: call_type(bytes),
        group: bytes.flag(),
        of_group: bytes.flag().then(|| group(0)),
        caller: person(bytes.of(&PEOPLE)),
        invitees: several(bytes, invited_person),
        members: several(bytes, member),
        connected_ms: bytes.of(&[None, Some(0), Some(5_000), Some(u64::MAX)]),
        video_request: bytes.flag().then(|| VideoRequest {
            by: user(bytes.of(&PEOPLE)),
            open_for_ms: 1_000,
        }),
        route: Route::Mesh,
        seat: bytes.of(&[Seat::Here, Seat::Elsewhere, Seat::Vacant]),
    }
}

fn invitation(bytes: &mut Bytes<'_>) -> Invitation {
    Invitation {
        invite: invite(bytes),
        call: call(bytes),
        room: RoomId::new(1).unwrap(),
        caller: person(bytes.of(&PEOPLE)),
        invitees: several(bytes, |bytes| person(bytes.of(&PEOPLE))),
        call_type: call_type(bytes),
        group: bytes.flag(),
        of_group: None,
        entry: entry(bytes),
        rings_for_ms: bytes.of(&[0, 20_000, u64::MAX]),
        note: None,
    }
}

fn signal(bytes: &mut Bytes<'_>) -> Signal {
    match bytes.below(5) {
        0 => Signal::Candidate(candidate()),
        4 => Signal::Afresh(attempt(bytes)),
        choice => {
            let kind = bytes.of(&[DescriptionKind::Offer, DescriptionKind::Answer]);
            let sdp = ["v=0\r\n", "v=0\r\na=candidate:1\r\n", "v=0\r\ns=other\r\n"][choice - 1];
            Signal::Description(Description {
                kind,
                sdp: sdp.to_owned(),
            })
        }
    }
}

fn candidate() -> Candidate {
    Candidate {
        candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host".to_owned(),
        mid: None,
        m_line_index: None,
    }
}

fn welcome(bytes: &mut Bytes<'_>) -> Welcome {
    Welcome {
        user: user("alice"),
        last_command: CommandId(bytes.next().into()),
        ice_servers: Vec::new(),
        invitations: several(bytes, invitation),
        call: bytes.flag().then(|| snapshot(bytes)),
        group_calls: several(bytes, group_call),
        resume: None,
        gap_free: bytes.flag(),
        relay_only: false,
    }
}

fn event(bytes: &mut Bytes<'_>) -> Event {
    let user_of = |bytes: &mut Bytes<'_>| user(bytes.of(&PEOPLE));
    match bytes.below(27) {
        0 => Event::Welcomed(Box::new(welcome(bytes))),
        1 => Event::Done {
            command: CommandId(bytes.next().into()),
        },
        2 => Event::Refused {
            command: CommandId(bytes.next().into()),
            refusal: refusal(bytes),
        },
        3 => Event::PresenceChanged {
            people: vec![(user_of(bytes), bytes.of(&[Presence::Online, Presence::InCall]))],
        },
        4 => Event::PersonJoined {
            person: person(bytes.of(&PEOPLE)),
        },
        5 => Event::GroupChanged {
            roster: Box::new(Roster {
                group: group(bytes.below(2) as u64),
                members: several(bytes, |bytes| person(bytes.of(&PEOPLE))),
            }),
        },
        6 => Event::GroupLeft {
            group: group(bytes.below(2) as u64).id,
        },
        7 => Event::GroupCallStarted {
            group_call: group_call(bytes),
        },
        8 => Event::GroupCallEnded {
            group: group(bytes.below(2) as u64).id,
        },
        9 => Event::Placed {
            call: Box::new(snapshot(bytes)),
        },
        10 => Event::RingingStarted {
            call: call(bytes),
            invitee: user_of(bytes),
        },
        11 => Event::Invited {
            invitation: Box::new(invitation(bytes)),
        },
        12 => Event::InviteClosed {
            invite: invite(bytes),
            outcome: outcome(bytes),
        },
        13 => Event::InviteesAdded {
            call: call(bytes),
            invitees: several(bytes, invited_person),
        },
        14 => Event::InviteeGone {
            call: call(bytes),
            invitee: person(bytes.of(&PEOPLE)),
            outcome: outcome(bytes),
        },
        15 => Event::Joined {
            call: Box::new(snapshot(bytes)),
        },
        16 => Event::UserEntered {
            call: call(bytes),
            member: member(bytes),
        },
        17 => Event::UserLeft {
            call: call(bytes),
            user: user_of(bytes),
        },
        18 => Event::UserAway {
            call: call(bytes),
            user: user_of(bytes),
        },
        19 => Event::UserBack {
            call: call(bytes),
            user: user_of(bytes),
        },
        20 => Event::MediaAnnounced {
            call: call(bytes),
            user: user_of(bytes),
            media: media(bytes),
        },
        21 => Event::VideoRequested {
            call: call(bytes),
            by: user_of(bytes),
            open_for_ms: 30_000,
        },
        22 => Event::VideoRequestClosed {
            call: call(bytes),
            answer: bytes.of(&[
                VideoAnswer::Declined,
                VideoAnswer::TimedOut,
                VideoAnswer::Withdrawn,
            ]),
        },
        23 => Event::CallTypeChanged {
            call: call(bytes),
            call_type: call_type(bytes),
            by: user_of(bytes),
        },
        24 => Event::Signaled {
            call: call(bytes),
            from: user_of(bytes),
            entry: entry(bytes),
            signal: signal(bytes),
        },
        25 => Event::IceServersRenewed {
            ice_servers: Vec::new(),
        },
        _ => Event::Ended {
            call: call(bytes),
            reason: bytes.of(&[
                EndReason::HungUp,
                EndReason::OthersLeft,
                EndReason::MovedElsewhere,
            ]),
            connected_ms: 1,
        },
    }
}

/// Refusals that an agent takes for different things.
fn refusal(bytes: &mut Bytes<'_>) -> Refusal {
    match bytes.below(3) {
        0 => Refusal::NoSuchCall,
        1 => Refusal::AlreadyInCall,
        _ => Refusal::Unavailable,
    }
}

fn asked(bytes: &mut Bytes<'_>) -> Command {
    match bytes.below(14) {
        0 | 1 => Command::Call {
            callees: several(bytes, |bytes| person(bytes.of(&PEOPLE))),
            group: bytes.flag().then(|| group(0)),
            call_type: call_type(bytes),
            terms: CallTerms::default(),
        },
        2 => Command::Join(group_call(bytes)),
        3 => Command::Invite {
            people: several(bytes, |bytes| person(bytes.of(&PEOPLE))),
            ring_seconds: None,
        },
        4 | 5 => Command::Accept { camera: bytes.flag() },
        6 => Command::Reject,
        7 => Command::Hangup,
        8 => Command::SetMicrophone(bytes.flag()),
        9 => Command::SetCamera(bytes.flag()),
        10 => match bytes.below(3) {
            0 => Command::SwitchToVideo,
            1 => Command::SwitchToAudio,
            _ => Command::AnswerVideo {
                agree: bytes.flag(),
                camera: bytes.flag(),
            },
        },
        11 => Command::TakeOver,
        12 => Command::DismissNotice,
        _ => Command::Watch {
            people: several(bytes, |bytes| user(bytes.of(&PEOPLE))),
        },
    }
}

/// What a browser may tell unasked.
fn link_input(bytes: &mut Bytes<'_>) -> LinkInput {
    match bytes.below(8) {
        0 => LinkInput::NegotiationNeeded,
        1 => LinkInput::DescriptionFailed,
        2 => LinkInput::LocalCandidate(candidate()),
        3 => LinkInput::Connected,
        4 => LinkInput::Disconnected,
        5 => LinkInput::Arrived,
        6 => LinkInput::NothingArrived,
        _ => LinkInput::Failed,
    }
}
