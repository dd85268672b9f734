//! Where the phone is in a call, with all that belongs to being there.

use core::time::Duration;

use litemap::LiteMap;

use super::devices::Devices;
use super::early::{Early, EarlyLink, EarlyLinks};
use super::invitees::Invitees;
use super::link::Link;
use super::{EndedCall, LinkName, Tone};
use crate::handset::{self, CallNumber, Notice, VideoQuestion};
use crate::id::{CallId, CommandId, Entry, Group, Person, RoomId, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{CallSnapshot, Invitation, Member, Route};
use crate::time::{Timestamp, millis};

/// The phase. See the diagram in [`agent`](super).
#[derive(Debug)]
pub(super) enum Phase {
    /// Nothing.
    Idle,
    /// A call was taken back before the switchboard had said that it was placed.
    Cancelling(Cancelling),
    /// A call of one's own that nobody has answered.
    Calling(Box<Outgoing>),
    /// An invitation.
    Ringing(Box<Incoming>),
    /// In a call.
    Connected(Box<Active>),
}

/// A call that is unwanted as soon as it exists.
#[derive(Debug)]
pub(super) struct Cancelling {
    /// The command that placed it.
    pub(super) command: CommandId,
    /// What the person wants next.
    pub(super) next: Option<handset::Command>,
}

/// A call of one's own that nobody has answered; or that of a group, on the way into it.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) invitees: Invitees,
    /// Whom it was placed to.
    pub(super) with: Vec<Person>,
    pub(super) group: bool,
    pub(super) of_group: Option<Group>,
    pub(super) call_type: CallType,
    /// As the switchboard said when it placed the call.
    pub(super) route: Route,
    pub(super) progress: Progress,
    /// To those who ring.
    pub(super) links: EarlyLinks,
    pub(super) devices: Devices,
}

/// How far a call of one's own has come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Progress {
    /// It is on its way to the switchboard.
    Asked(CommandId),
    /// The switchboard has placed it.
    Placed { number: CallNumber, entry: Entry },
}

/// An invitation.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) invitation: Invitation,
    /// When it stops ringing whatever the server says.
    pub(super) cap: Timestamp,
    pub(super) answer: Option<Answer>,
    /// What the caller has said so far, if anything.
    pub(super) early: Option<Early>,
    /// To the caller, in which the answer is prepared.
    pub(super) links: EarlyLinks,
}

/// An accept that is on its way to the switchboard.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) command: CommandId,
    pub(super) asked_at: Timestamp,
    pub(super) devices: Devices,
}

/// In a call.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) call: CallId,
    pub(super) room: RoomId,
    pub(super) call_type: CallType,
    /// One's own entry.
    pub(super) entry: Entry,
    /// When it was answered, by this side's clock.
    pub(super) since: Timestamp,
    /// How media gets from one to the others.
    pub(super) route: Route,
    pub(super) peers: LiteMap<UserId, Peer>,
    /// While somebody's signaling is lost: when the switchboard is told next that their media arrives.
    pub(super) vouch_at: Option<Timestamp>,
    /// To those who ring.
    pub(super) early: EarlyLinks,
    pub(super) invitees: Invitees,
    pub(super) group: bool,
    pub(super) of_group: Option<Group>,
    pub(super) video: VideoQuestion,
    /// Everybody else who was or is to be in it: what the call is named by after it.
    pub(super) with: Vec<Person>,
    pub(super) devices: Devices,
}

/// Somebody else in the call.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) person: Person,
    pub(super) entry: Entry,
    pub(super) media: MediaState,
    pub(super) away: bool,
    pub(super) link: Link,
}

impl Phase {
    pub(super) fn tone(&self) -> Tone {
        match self {
            Self::Ringing(incoming) if incoming.answer.is_none() => Tone::Ringtone,
            Self::Calling(outgoing) => match outgoing.progress {
                Progress::Placed { .. } if outgoing.invitees.is_ringing() => Tone::Ringback,
                Progress::Placed { .. } | Progress::Asked(_) => Tone::Silence,
            },
            Self::Idle | Self::Cancelling(_) | Self::Ringing(_) | Self::Connected(_) => Tone::Silence,
        }
    }

    /// The call in which this device has a place, or is about to have one.
    pub(super) fn call(&self) -> Option<CallId> {
        match self {
            Self::Ringing(incoming) => incoming.answer.as_ref().map(|_| incoming.invitation.call),
            Self::Idle | Self::Cancelling(_) | Self::Calling(_) | Self::Connected(_) => self.placed_call(),
        }
    }

    /// The call in which this device has a place, by the switchboard's word.
    pub(super) fn placed_call(&self) -> Option<CallId> {
        match self {
            Self::Connected(active) => Some(active.call),
            Self::Calling(outgoing) => match outgoing.progress {
                Progress::Placed { number, .. } => Some(number.call),
                Progress::Asked(_) => None,
            },
            Self::Idle | Self::Cancelling(_) | Self::Ringing(_) => None,
        }
    }

    /// The command whose reply decides how this phase goes on.
    pub(super) fn awaits(&self) -> Option<CommandId> {
        match self {
            Self::Cancelling(cancelling) => Some(cancelling.command),
            Self::Calling(outgoing) => match outgoing.progress {
                Progress::Asked(command) => Some(command),
                Progress::Placed { .. } => None,
            },
            Self::Ringing(incoming) => incoming.answer.as_ref().map(|answer| answer.command),
            Self::Idle | Self::Connected(_) => None,
        }
    }

    pub(super) fn devices_mut(&mut self) -> Option<&mut Devices> {
        match self {
            Self::Calling(outgoing) => Some(&mut outgoing.devices),
            Self::Ringing(incoming) => incoming.answer.as_mut().map(|answer| &mut answer.devices),
            Self::Connected(active) => Some(&mut active.devices),
            Self::Idle | Self::Cancelling(_) => None,
        }
    }

    /// Those who were invited into the call in which this device has a place.
    pub(super) fn invitees_mut(&mut self) -> Option<&mut Invitees> {
        match self {
            Self::Calling(outgoing) => Some(&mut outgoing.invitees),
            Self::Connected(active) => Some(&mut active.invitees),
            Self::Idle | Self::Cancelling(_) | Self::Ringing(_) => None,
        }
    }

    pub(super) fn active_mut(&mut self, call: CallId) -> Option<&mut Active> {
        match self {
            Self::Connected(active) if active.call == call => Some(active),
            Self::Idle | Self::Cancelling(_) | Self::Calling(_) | Self::Ringing(_) | Self::Connected(_) => {
                None
            }
        }
    }

    /// The link to somebody, the call that it belongs to, and their entry in that call.
    pub(super) fn link_mut(&mut self, user: &UserId) -> Option<(CallId, Entry, &mut Link)> {
        let (call, links) = match self {
            Self::Connected(active) => {
                if let Some(peer) = active.peers.get_mut(user) {
                    return Some((active.call, peer.entry, &mut peer.link));
                }
                (active.call, &mut active.early)
            }
            Self::Calling(outgoing) => match outgoing.progress {
                Progress::Placed { number, .. } => (number.call, &mut outgoing.links),
                Progress::Asked(_) => return None,
            },
            Self::Ringing(incoming) => (incoming.invitation.call, &mut incoming.links),
            Self::Idle | Self::Cancelling(_) => return None,
        };
        let EarlyLink { theirs, link } = links.get_mut(user)?;
        Some((call, *theirs, link))
    }

    /// All that there are, to those in the call and to those who ring.
    pub(super) fn links(&self) -> Vec<(UserId, LinkName)> {
        let mut links = Vec::new();
        let early = match self {
            Self::Connected(active) => {
                for (user, peer) in &active.peers {
                    links.push((user.clone(), peer.link.name()));
                }
                &active.early
            }
            Self::Calling(outgoing) => &outgoing.links,
            Self::Ringing(incoming) => &incoming.links,
            Self::Idle | Self::Cancelling(_) => return links,
        };
        for (user, early) in early {
            links.push((user.clone(), early.link.name()));
        }
        links
    }

    /// Somebody else in the call.
    pub(super) fn peer(&self, user: &UserId) -> Option<&Peer> {
        match self {
            Self::Connected(active) => active.peers.get(user),
            Self::Idle | Self::Cancelling(_) | Self::Calling(_) | Self::Ringing(_) => None,
        }
    }

    /// What is to be said of the call if it ends now.
    pub(super) fn ended(&self, now: Timestamp) -> Option<EndedCall> {
        match self {
            Self::Calling(outgoing) => Some(EndedCall {
                with: outgoing.with.clone(),
                group: outgoing.of_group.clone(),
                call_type: outgoing.call_type,
                connected_ms: 0,
            }),
            Self::Ringing(incoming) => Some(EndedCall {
                with: vec![incoming.invitation.caller.clone()],
                group: incoming.invitation.of_group.clone(),
                call_type: incoming.invitation.call_type,
                connected_ms: 0,
            }),
            Self::Connected(active) => Some(EndedCall {
                with: active.with.clone(),
                group: active.of_group.clone(),
                call_type: active.call_type,
                connected_ms: millis(now.since(active.since)),
            }),
            Self::Idle | Self::Cancelling(_) => None,
        }
    }
}

impl Peer {
    /// How long nothing may arrive from them before their link counts as interrupted.
    pub(super) fn silence(&self) -> Duration {
        let sends = self.media.microphone || self.media.camera;
        Duration::from_secs(match (sends, self.away) {
            // Something comes all the time, and the server has just told that it has lost them.
            (true, true) => 0,
            (true, false) => 4,
            // Browsers check about every five seconds whether the other one is there (RFC 7675).
            (false, _) => 10,
        })
    }
}

impl Incoming {
    /// How much longer than the server says a phone rings at the most.
    const CAP: Duration = Duration::from_secs(5);

    pub(super) fn new(now: Timestamp, invitation: Invitation) -> Self {
        let cap = now + Duration::from_millis(invitation.rings_for_ms) + Self::CAP;
        Self {
            invitation,
            cap,
            answer: None,
            early: None,
            links: EarlyLinks::new(),
        }
    }

    pub(super) fn missed(&self, timed_out: bool) -> Notice {
        Notice::Missed {
            caller: self.invitation.caller.clone(),
            call_type: self.invitation.call_type,
            timed_out,
        }
    }
}

impl Active {
    /// A call as this device has just found it, without any links.
    pub(super) fn new(
        now: Timestamp,
        snapshot: &CallSnapshot,
        entry: Entry,
        with: Vec<Person>,
        devices: Devices,
    ) -> Self {
        let mut invitees = Invitees::default();
        invitees.add(&snapshot.invitees);
        Self {
            call: snapshot.call,
            room: snapshot.room,
            call_type: snapshot.call_type,
            entry,
            since: now - Duration::from_millis(snapshot.connected_ms.unwrap_or(0)),
            route: snapshot.route,
            peers: LiteMap::new(),
            vouch_at: None,
            early: EarlyLinks::new(),
            invitees,
            group: snapshot.group,
            of_group: snapshot.of_group.clone(),
            video: VideoQuestion::Nobody,
            with,
            devices,
        }
    }

    /// Somebody belongs to this call.
    pub(super) fn count_in(&mut self, person: &Person) {
        if self.with.iter().all(|known| known.id != person.id) {
            self.with.push(person.clone());
        }
    }

    /// When something is done about a link.
    pub(super) fn next_mending(&self) -> Option<Timestamp> {
        self.peers.values().filter_map(|peer| peer.link.due()).min()
    }
}

/// One's own place in a call, and the others'.
pub(super) fn split_members<'a>(
    snapshot: &'a CallSnapshot,
    me: &UserId,
) -> (Option<&'a Member>, impl Iterator<Item = &'a Member>) {
    let me = me.clone();
    let own = snapshot.members.iter().find(|member| member.person.id == me);
    (
        own,
        snapshot
            .members
            .iter()
            .filter(move |member| member.person.id != me),
    )
}
