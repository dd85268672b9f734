//! One tab of one person, with a browser that does what the agent orders and watches whether it may.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use call::agent::{Agent, CaptureChange, Input, LinkInput, LinkName, LinkOrder, LinkRole, MediaOrder, Tone};
use call::handset::{self, Stage, VideoQuestion};
use call::id::{CallId, DeviceId, UserId};
use call::media::{CaptureError, MediaKind};
use call::narrator::{CallEvent, Narrator};
use call::protocol::{Command, Event, Login};
use call::switchboard::{Address, Call};
use call::time::Timestamp;

use super::browser::PeerConnection;
use super::rng::Rng;

pub(crate) struct Phone {
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    pub(crate) agent: Agent,
    narrator: Narrator,
    /// What a developer's page was told.
    pub(crate) story: Vec<CallEvent>,
    pub(crate) tone: Tone,
    /// The page has been loaded this many times: what an earlier page started is gone.
    pub(crate) page: u32,
    /// The number of the open socket, as this side sees it.
    pub(crate) socket: Option<u32>,
    /// The sockets that the server believes in, and whose they are. One of a page before may linger.
    attached: BTreeMap<u32, Address>,
    sockets: u32,
    last_arrival: [Timestamp; 2],
    links: BTreeMap<(UserId, LinkName), PeerConnection>,
    /// What is captured.
    pub(crate) open: BTreeMap<MediaKind, bool>,
    /// Whether the person has asked for a call, answered one, or was in one before the page was loaded again.
    consented: bool,
    /// The call into which it rang last.
    rung_into: Option<CallId>,
    /// What the browser says when a device is asked for.
    pub(crate) refuses: Option<CaptureError>,
    /// How many connections were opened.
    pub(crate) opened: u32,
    /// How often ICE was restarted.
    pub(crate) restarts: u32,
    closed: bool,
    last_call: Option<CallId>,
}

impl Phone {
    pub(crate) fn new(user: UserId, device: DeviceId) -> Self {
        Self {
            agent: Agent::new(device, Login::Shared, None),
            narrator: Narrator::default(),
            story: Vec::new(),
            user,
            device,
            tone: Tone::Silence,
            page: 0,
            socket: None,
            attached: BTreeMap::new(),
            sockets: 0,
            last_arrival: [Timestamp::ZERO; 2],
            links: BTreeMap::new(),
            open: BTreeMap::new(),
            consented: false,
            rung_into: None,
            refuses: None,
            opened: 0,
            restarts: 0,
            closed: false,
            last_call: None,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.closed
    }

    pub(crate) fn reload(&mut self, device: DeviceId, login: Login) {
        let rejoin = self.agent.call();
        self.agent = Agent::new(device, login, rejoin);
        self.narrator = Narrator::default();
        self.story.clear();
        self.device = device;
        self.page += 1;
        self.links.clear();
        self.open.clear();
        self.tone = Tone::Silence;
        self.consented = rejoin.is_some();
    }

    pub(crate) fn close_tab(&mut self) {
        let device = self.device;
        self.agent = Agent::new(device, Login::Shared, None);
        self.page += 1;
        self.links.clear();
        self.open.clear();
        self.closed = true;
    }

    /// The server has closed the socket, and the phone does not come back.
    pub(crate) fn kicked(&mut self) {
        self.socket = None;
        self.closed = true;
    }

    pub(crate) fn open_socket(&mut self) {
        self.sockets += 1;
        self.socket = Some(self.sockets);
        self.last_arrival = [Timestamp::ZERO; 2];
    }

    /// A socket has said hello. An older one of the same device is closed by that, and never reported as detached.
    pub(crate) fn attached(&mut self, socket: u32, address: Address) {
        self.attached.retain(|_, other| *other != address);
        self.attached.insert(socket, address);
    }

    /// The server notices that a socket is gone: whose it was, unless a newer one has taken its place.
    pub(crate) fn detached(&mut self, socket: u32) -> Option<Address> {
        self.attached.remove(&socket)
    }

    /// The server is another one: it believes in none.
    pub(crate) fn forget_sockets(&mut self) {
        self.attached.clear();
    }

    pub(crate) fn address_of(&self, socket: u32) -> Option<Address> {
        self.attached.get(&socket).cloned()
    }

    /// The socket over which the server reaches this device.
    pub(crate) fn socket_of(&self, address: &Address) -> Option<u32> {
        self.attached
            .iter()
            .find(|(_, attached)| *attached == address)
            .map(|(socket, _)| *socket)
    }

    pub(crate) fn after_the_last(&mut self, at: Timestamp, to_server: bool) -> Timestamp {
        let last = &mut self.last_arrival[usize::from(to_server)];
        *last = at.max(*last);
        *last
    }

    /// What is on the screen may be another.
    pub(crate) fn shown(&mut self) {
        let view = self.agent.view();
        if let Stage::Ringing(_) = view.stage {
            // What was asked for before this call counts no more.
            self.consented = false;
        }
        self.story.extend(self.narrator.shown(&Rc::new(view)));
    }

    /// What was told makes sense: people enter before they leave, once each, and nobody is in two calls at once. Returns
    /// who is still there in the end.
    pub(crate) fn assert_coherent_story(&self) -> Vec<UserId> {
        let who = &self.user;
        let mut there = BTreeSet::new();
        for event in &self.story {
            match event {
                CallEvent::UserEntered(user) => {
                    assert!(
                        there.insert(user.clone()),
                        "{who}: {user} enters twice: {:?}",
                        self.story
                    );
                    assert_ne!(user, who);
                }
                CallEvent::UserLeft(user) => {
                    assert!(there.remove(user), "{who}: {user} leaves twice: {:?}", self.story);
                }
                CallEvent::VideoAvailable(user, _) | CallEvent::AudioAvailable(user, _) => {
                    assert!(
                        there.contains(user),
                        "{who}: {user} is not there: {:?}",
                        self.story
                    );
                }
                CallEvent::Invited(_) => {
                    assert!(
                        there.is_empty(),
                        "{who}: {there:?} are in a call before: {:?}",
                        self.story
                    );
                }
                CallEvent::CallEnded { .. } => there.clear(),
                _ => {}
            }
        }
        there.into_iter().collect()
    }

    pub(crate) fn asked(&mut self, command: &handset::Command) {
        self.narrator.asked(command);
        match command {
            handset::Command::Call { .. }
            | handset::Command::Join(_)
            | handset::Command::Accept { .. }
            | handset::Command::TakeOver => {
                self.consented = true;
            }
            _ => {}
        }
    }

    /// Do what the agent orders, and answer as a browser would.
    pub(crate) fn carry_out(&mut self, order: MediaOrder, rng: &mut Rng) -> Vec<(u64, Input)> {
        let who = self.user.clone();
        match order {
            MediaOrder::OpenCapture { microphone, camera } => {
                assert!(self.consented, "{who} is captured without having asked for it");
                let refuses = self.refuses;
                let wanted = [(microphone, MediaKind::Microphone), (camera, MediaKind::Camera)];
                let delay = rng.below(60);
                let kinds = wanted
                    .into_iter()
                    .filter(|(wanted, _)| *wanted)
                    .map(|(_, kind)| kind);
                kinds
                    .map(|kind| {
                        self.open.insert(kind, refuses.is_none());
                        let change = refuses.map_or(CaptureChange::Opened, CaptureChange::Failed);
                        (delay, Input::Capture { kind, change })
                    })
                    .collect()
            }
            MediaOrder::CloseCapture(kind) => {
                self.open.insert(kind, false);
                vec![(
                    0,
                    Input::Capture {
                        kind,
                        change: CaptureChange::Closed,
                    },
                )]
            }
            MediaOrder::SetMicrophoneHeard(_) | MediaOrder::UseIceServers { .. } => Vec::new(),
            MediaOrder::OpenLink {
                peer,
                link: name,
                role,
                admitted,
            } => {
                assert!(
                    self.consented || !admitted && role == LinkRole::Answers,
                    "{who} is linked to {peer} without having asked for it"
                );
                assert!(
                    self.links.keys().all(|(linked, _)| *linked != peer),
                    "{who} opens a second link to {peer}"
                );
                self.opened += 1;
                let unique = format!("{who}/{}/{peer}/{name:?}", self.page);
                let (connection, inputs) = PeerConnection::new(unique, role);
                self.links.insert((peer.clone(), name), connection);
                link_inputs(&peer, name, inputs, rng)
            }
            MediaOrder::AdmitLink { peer, .. } => {
                assert!(self.consented, "{who} hears {peer} without having asked for it");
                Vec::new()
            }
            MediaOrder::Link {
                peer,
                link: name,
                order,
            } => {
                assert!(
                    self.consented
                        || matches!(
                            order,
                            LinkOrder::SetRemoteDescription(_) | LinkOrder::CreateAnswer
                        ),
                    "{who} reaches out to {peer} without having asked for it"
                );
                self.restarts += u32::from(order == LinkOrder::RestartIce);
                let link = self.links.get_mut(&(peer.clone(), name));
                let link = link.unwrap_or_else(|| panic!("{who} has no link to {peer} under {name:?}"));
                link_inputs(&peer, name, link.carry_out(order), rng)
            }
            MediaOrder::CloseLink { peer, link } => {
                let link = self.links.remove(&(peer.clone(), link));
                assert!(link.is_some(), "{who} closes a link to {peer} that is not there");
                Vec::new()
            }
        }
    }

    /// What the switchboard says.
    pub(crate) fn heard(&mut self, event: &Event) {
        let invitation = match event {
            Event::Invited { invitation } => Some(&**invitation),
            Event::Welcomed(welcome) => welcome.invitations.first(),
            _ => None,
        };
        self.rung_into = invitation.map(|invitation| invitation.call).or(self.rung_into);
    }

    /// What is sent may be sent.
    pub(crate) fn assert_may_send(&self, command: &Command) {
        if let Command::Signal { call, .. } = command {
            assert!(
                self.consented || self.rung_into != Some(*call),
                "{} tells how to be reached without having asked for it",
                self.user
            );
        }
    }

    /// In a call: it is of the same type on both sides, and nothing is being asked.
    pub(crate) fn assert_of_the_same_type_as(&self, call: &Call) {
        let who = &self.user;
        assert_eq!(call.video_request_by(), None, "{who} is still asked for video");
        let Stage::InCall(view) = self.agent.view().stage else {
            panic!("{who} is not in the call");
        };
        assert_eq!(view.call_type, call.call_type(), "{who} believes in another type");
        assert_eq!(view.video, VideoQuestion::Nobody, "{who} believes in a question");
    }

    /// To whom, and under which name.
    pub(crate) fn links(&self) -> impl Iterator<Item = &(UserId, LinkName)> {
        self.links.keys()
    }

    /// The connection to somebody, under this name.
    pub(crate) fn connection_mut(&mut self, peer: &UserId, link: LinkName) -> Option<&mut PeerConnection> {
        self.links.get_mut(&(peer.clone(), link))
    }

    /// Whether media flows on every link.
    pub(crate) fn is_connected(&self) -> bool {
        self.links.values().all(|link| link.connected)
    }

    /// In a call: one connected link to everybody else, and to nobody more.
    pub(crate) fn assert_linked_to(&self, call: &Call, me: &UserId) {
        let others: Vec<_> = call
            .members()
            .map(|(user, _)| user)
            .filter(|user| *user != me)
            .collect();
        let linked: Vec<_> = self.links.keys().map(|(user, _)| user).collect();
        assert_eq!(others, linked, "{me} is linked to the wrong people");
        for ((user, _), link) in &self.links {
            assert!(link.connected, "{me} has no media with {user}");
        }
    }

    /// In no call: nothing is open, nothing is heard.
    pub(crate) fn assert_at_rest(&self) {
        let who = &self.user;
        assert!(
            self.links.is_empty(),
            "{who} keeps links: {:?}",
            self.links.keys()
        );
        assert!(
            self.open.values().all(|open| !open),
            "{who} is captured outside a call: {:?}",
            self.open
        );
        assert_eq!(self.tone, Tone::Silence, "{who} hears a tone outside a call");
        assert_eq!(
            self.agent.view().stage,
            Stage::Idle,
            "{who} shows a call that is not there"
        );
        assert_eq!(self.agent.poll_timeout(), None, "{who} waits for something");
    }
}

fn link_inputs(peer: &UserId, link: LinkName, inputs: Vec<LinkInput>, rng: &mut Rng) -> Vec<(u64, Input)> {
    // One operation's answers come in order.
    let delay = rng.below(30);
    let answer = |input| {
        (
            delay,
            Input::Link {
                peer: peer.clone(),
                link,
                input,
            },
        )
    };
    inputs.into_iter().map(answer).collect()
}

/// One line of a transcript; `None` for what would drown the rest.
pub(crate) fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Welcomed(_)
        | Event::Done { .. }
        | Event::Signaled { .. }
        | Event::Alive
        | Event::Restarting { .. } => return None,
        Event::PresenceChanged { people } => {
            let each = people
                .iter()
                .map(|(user, presence)| format!("{user} is {presence:?}"));
            each.collect::<Vec<_>>().join(", ")
        }
        Event::Refused { refusal, .. } => format!("refused: {refusal}"),
        Event::PersonJoined { person } => format!("{} joined", person.id),
        // To be seen on the page, and tested there.
        Event::GroupChanged { .. } | Event::GroupLeft { .. } => return None,
        Event::GroupCallStarted { group_call } => format!("{} has a call", group_call.group.name),
        Event::GroupCallEnded { group } => format!("{group:?} has no call"),
        Event::Placed { call } => format!("placed, {:?} seat", call.seat),
        Event::RingingStarted { invitee, .. } => format!("{invitee} rings"),
        Event::Invited { invitation } => format!("invited by {}", invitation.caller.id),
        Event::InviteClosed { outcome, .. } => format!("invite closed: {outcome:?}"),
        Event::InviteesAdded { invitees, .. } => {
            let names: Vec<_> = invitees
                .iter()
                .map(|invited| invited.person.id.as_str())
                .collect();
            format!("added {}", names.join(", "))
        }
        Event::InviteeGone { invitee, outcome, .. } => format!("{} gone: {outcome:?}", invitee.id),
        Event::Joined { call } => format!("joined, {:?} seat", call.seat),
        Event::UserEntered { member, .. } => format!("{} entered as {}", member.person.id, member.entry.0),
        Event::UserLeft { user, .. } => format!("{user} left"),
        Event::UserAway { user, .. } => format!("{user} away"),
        Event::UserBack { user, .. } => format!("{user} back"),
        Event::MediaAnnounced { user, media, .. } => {
            format!(
                "{user} sends microphone {}, camera {}",
                media.microphone, media.camera
            )
        }
        Event::VideoRequested { by, .. } => format!("{by} asks for video"),
        Event::VideoRequestClosed { answer, .. } => format!("no video: {answer:?}"),
        Event::CallTypeChanged { call_type, by, .. } => format!("{by} made it {call_type:?}"),
        Event::Ended {
            reason, connected_ms, ..
        } => format!("ended: {reason:?} after {} s", connected_ms / 1000),
        // The switchboard knows none.
        Event::IceServersRenewed { .. } => return None,
    })
}
