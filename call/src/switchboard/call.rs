//! One call, and the map of all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::CallRecord;
use crate::id::{CallId, DeviceId, Entry, Group, GroupId, InviteId, Person, RoomId, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{
    self, CallNote, CallSnapshot, DescriptionKind, EndReason, Invitation, InviteOutcome, InvitedPerson,
    Route, Seat, Signal, limits,
};
use crate::time::{Timestamp, millis};

/// Every call, found by hash as people are.
#[derive(Debug, Default)]
pub(super) struct Calls {
    known: HashMap<CallId, Call>,
    /// Those that are not as they were when this was last asked.
    changed: BTreeSet<CallId>,
}

impl Calls {
    pub(super) fn get(&self, id: CallId) -> Option<&Call> {
        self.known.get(&id)
    }

    /// To change what is stored of it.
    pub(super) fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        let call = self.known.get_mut(&id)?;
        self.changed.insert(id);
        Some(call)
    }

    /// To change what is of no use after the server was started anew: who is away, and what was said ahead of an answer.
    pub(super) fn get_mut_unstored(&mut self, id: CallId) -> Option<&mut Call> {
        self.known.get_mut(&id)
    }

    pub(super) fn insert(&mut self, id: CallId, call: Call) {
        self.known.insert(id, call);
        self.changed.insert(id);
    }

    pub(super) fn remove(&mut self, id: CallId) -> Option<Call> {
        self.changed.insert(id);
        self.known.remove(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (CallId, &Call)> {
        self.known.iter().map(|(id, call)| (*id, call))
    }

    /// The calls that have changed, or are over.
    pub(super) fn take_changed(&mut self) -> BTreeSet<CallId> {
        core::mem::take(&mut self.changed)
    }
}

/// A call: who is in it, and who is still being rung.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub(super) room: RoomId,
    pub(super) call_type: CallType,
    /// Whether it was placed to several people, or somebody was added to it.
    pub(super) group: bool,
    /// The stored group whose call it is.
    pub(super) of_group: Option<GroupId>,
    pub(super) caller: Person,
    /// What the caller's page said along with it.
    pub(super) note: Option<Box<CallNote>>,
    /// How media gets to each of them.
    route: Route,
    pub(super) invites: BTreeMap<UserId, Invite>,
    pub(super) members: BTreeMap<UserId, Member>,
    /// When the first invited person answered.
    pub(super) connected_at: Option<Timestamp>,
    /// Whether it is being asked for video.
    #[serde(skip)]
    pub(super) video_request: Option<VideoRequest>,
    last_entry: Entry,
}

/// Somebody who is being rung.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invite {
    pub(super) id: InviteId,
    pub(super) invitee: Person,
    /// Who rings them.
    pub(super) by: Person,
    pub(super) invited_at: Timestamp,
    pub(super) deadline: Timestamp,
    /// Whether a device of theirs has confirmed that it rings.
    pub(super) ringing: bool,
    /// Whether they are told of it at all. Not if they have blocked whoever rings them.
    pub(super) heard: bool,
    /// Under which entry the invited person will be in the call.
    pub(super) entry: Entry,
    /// What whoever rings them has said ahead of the answer: an offer and its candidates.
    #[serde(skip)]
    pub(super) early: Vec<Signal>,
    /// Whether there may have been more, which was not stored.
    #[serde(skip)]
    early_lost: bool,
}

/// An open question whether a voice call becomes a video call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VideoRequest {
    pub(super) by: UserId,
    pub(super) deadline: Timestamp,
}

/// Somebody's place in a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    person: Person,
    entry: Entry,
    device: DeviceId,
    pub(super) media: MediaState,
    #[serde(skip)]
    away: bool,
    entered_at: Timestamp,
    /// Who has called this person; absent for the caller.
    pub(super) invited: Option<Invited>,
    /// How many candidates they have told each of the others since their last description.
    #[serde(skip)]
    candidates: BTreeMap<UserId, usize>,
}

/// What is kept of an invitation that was accepted. Who joined a group's call unasked was called by whoever placed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Invited {
    pub(super) by: UserId,
    pub(super) at: Timestamp,
}

/// What is left of somebody's part in a call.
pub(super) struct EndedFor {
    /// How long that person talked.
    pub(super) connected: Duration,
    /// The line for the history; none for the caller, whose calls are recorded by their invitations.
    pub(super) record: Option<CallRecord>,
}

/// How somebody leaves a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    HungUp,
    Lost,
}

impl Call {
    pub(super) fn new(room: RoomId, call_type: CallType, of_group: Option<GroupId>, caller: Person) -> Self {
        Self {
            room,
            call_type,
            group: of_group.is_some(),
            of_group,
            caller,
            note: None,
            route: Route::Mesh,
            invites: BTreeMap::new(),
            members: BTreeMap::new(),
            connected_at: None,
            video_request: None,
            last_entry: Entry(0),
        }
    }

    /// Who is in the call.
    pub fn members(&self) -> impl Iterator<Item = (&UserId, &Member)> {
        self.members.iter()
    }

    /// Who is still being rung.
    pub fn invites(&self) -> impl Iterator<Item = (&UserId, &Invite)> {
        self.invites.iter()
    }

    /// The stored group whose call it is.
    pub fn of_group(&self) -> Option<GroupId> {
        self.of_group
    }

    /// Voice or video.
    pub fn call_type(&self) -> CallType {
        self.call_type
    }

    /// Who asks for video, while nobody has answered that.
    pub fn video_request_by(&self) -> Option<&UserId> {
        self.video_request.as_ref().map(|request| &request.by)
    }

    pub(super) fn member(&self, user: &UserId) -> Option<&Member> {
        self.members.get(user)
    }

    pub(super) fn member_mut(&mut self, user: &UserId) -> Option<&mut Member> {
        self.members.get_mut(user)
    }

    /// Give somebody a place.
    pub(super) fn enter(
        &mut self,
        now: Timestamp,
        entry: Entry,
        person: Person,
        device: DeviceId,
        media: MediaState,
        invited: Option<Invited>,
    ) {
        let user = person.id.clone();
        let member = Member {
            person,
            entry,
            device,
            media,
            away: false,
            entered_at: now,
            invited,
            candidates: BTreeMap::new(),
        };
        self.members.insert(user, member);
    }

    /// Give somebody's place to a fresh page. Returns the device that held it before.
    pub(super) fn reseat(&mut self, user: &UserId, device: DeviceId, media: MediaState) -> Option<DeviceId> {
        let entry = self.next_entry();
        let member = self.members.get_mut(user)?;
        for invite in self.invites.values_mut().filter(|invite| invite.by.id == *user) {
            // The page that said it is gone.
            invite.early.clear();
        }
        member.entry = entry;
        member.media = media;
        member.away = false;
        Some(core::mem::replace(&mut member.device, device))
    }

    pub(super) fn next_entry(&mut self) -> Entry {
        self.last_entry = Entry(self.last_entry.0.saturating_add(1));
        self.last_entry
    }

    /// How long a member has been talking.
    pub(super) fn connected(&self, now: Timestamp, member: &Member) -> Duration {
        self.connected_at
            .map_or(Duration::ZERO, |at| now.since(at.max(member.entered_at)))
    }

    /// The call as it is after a time in which nobody was asked anything: `now` is the time that it is, whatever the clock
    /// had said before, and everybody is away.
    pub(super) fn wake(&mut self, now: Timestamp, at_least: Duration) {
        self.connected_at = self.connected_at.map(|at| at.min(now));
        for member in self.members.values_mut() {
            member.away = true;
            member.entered_at = member.entered_at.min(now);
            if let Some(invited) = &mut member.invited {
                invited.at = invited.at.min(now);
            }
        }
        for invite in self.invites.values_mut() {
            let rings_for = invite.deadline.since(invite.invited_at);
            invite.invited_at = invite.invited_at.min(now);
            invite.early_lost = true;
            invite.deadline = invite
                .deadline
                .clamp(now + at_least, now + rings_for.max(at_least));
        }
    }

    /// What is left of a member's part in the call.
    pub(super) fn ended_for(&self, now: Timestamp, id: CallId, member: &Member) -> EndedFor {
        let connected = self.connected(now, member);
        let record = member.invited.as_ref().map(|invited| CallRecord {
            call: id,
            caller: invited.by.clone(),
            callee: member.person.id.clone(),
            call_type: self.call_type,
            outcome: InviteOutcome::Accepted,
            connected,
            invited_at: invited.at,
            kept_from_callee: false,
        });
        EndedFor { connected, record }
    }

    /// `of_group` is shown to those who are in that group only.
    pub(super) fn snapshot(
        &self,
        now: Timestamp,
        id: CallId,
        of_group: Option<Group>,
        seat: Seat,
    ) -> CallSnapshot {
        CallSnapshot {
            call: id,
            room: self.room,
            call_type: self.call_type,
            group: self.group,
            of_group,
            caller: self.caller.clone(),
            invitees: self.invites.values().map(Invite::on_the_wire).collect(),
            members: self.members.values().map(Member::on_the_wire).collect(),
            connected_ms: self.connected_at.map(|at| millis(now.since(at))),
            video_request: self.video_request.as_ref().map(|request| protocol::VideoRequest {
                by: request.by.clone(),
                open_for_ms: millis(request.deadline.since(now)),
            }),
            route: self.route,
            seat,
        }
    }

    /// As with [`snapshot`](Self::snapshot).
    pub(super) fn invitation(
        &self,
        now: Timestamp,
        id: CallId,
        user: &UserId,
        of_group: Option<Group>,
    ) -> Option<Invitation> {
        let invite = self.invites.get(user)?;
        Some(Invitation {
            invite: invite.id,
            call: id,
            room: self.room,
            caller: invite.by.clone(),
            invitees: self
                .invites
                .values()
                .map(|invite| &invite.invitee)
                .chain(self.members.values().map(|member| &member.person))
                .filter(|person| person.id != invite.by.id)
                .cloned()
                .collect(),
            call_type: self.call_type,
            group: self.group,
            of_group,
            entry: invite.entry,
            rings_for_ms: millis(invite.deadline.since(now)),
            note: self.note.clone(),
        })
    }
}

impl Invite {
    /// Somebody is rung from now on.
    pub(super) fn new(
        id: InviteId,
        invitee: Person,
        by: Person,
        rings: (Timestamp, Timestamp),
        heard: bool,
        entry: Entry,
    ) -> Self {
        let (invited_at, deadline) = rings;
        Self {
            id,
            invitee,
            by,
            invited_at,
            deadline,
            ringing: false,
            heard,
            entry,
            early: Vec::new(),
            early_lost: false,
        }
    }

    /// The entry under which the invited person will be in the call; but none if an offer to it may be lost, because whoever
    /// made it does not make it again.
    pub(super) fn promised_entry(&self) -> Option<Entry> {
        (!self.early_lost).then_some(self.entry)
    }

    /// The invitation's id.
    pub fn id(&self) -> InviteId {
        self.id
    }

    /// Take what whoever rings this person says ahead of the answer: an offer first, then as many candidates as belong to
    /// one. Returns whether it is taken.
    pub(super) fn take_early(&mut self, signal: &Signal) -> bool {
        let taken = match signal {
            Signal::Description(description) => {
                description.kind == DescriptionKind::Offer && self.early.is_empty()
            }
            Signal::Candidate(_) => (1..=limits::CANDIDATES).contains(&self.early.len()),
            // Nothing that could have broken is there yet.
            Signal::Afresh(_) => false,
        };
        let said: usize = self.early.iter().map(Signal::bytes).sum();
        let taken = taken && said + signal.bytes() <= limits::EARLY_BYTES;
        if taken {
            self.early.push(signal.clone());
        }
        taken
    }

    pub(super) fn on_the_wire(&self) -> InvitedPerson {
        InvitedPerson {
            person: self.invitee.clone(),
            by: self.by.id.clone(),
            entry: self.entry,
            ringing: self.ringing,
        }
    }
}

impl Member {
    /// The device that holds the place.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// Under which entry.
    pub fn entry(&self) -> Entry {
        self.entry
    }

    /// Whether the device's socket is lost.
    pub fn is_away(&self) -> bool {
        self.away
    }

    /// Take what this person says to another one in the call: a description, or that a fresh one follows, and as many
    /// candidates as belong to one. Returns whether it is taken.
    pub(super) fn take_signal(&mut self, to: &UserId, signal: &Signal) -> bool {
        match signal {
            Signal::Description(_) | Signal::Afresh(_) => {
                self.candidates.remove(to);
                true
            }
            Signal::Candidate(_) => {
                let said = self.candidates.entry(to.clone()).or_default();
                *said = said.saturating_add(1);
                *said <= limits::CANDIDATES
            }
        }
    }

    /// Returns whether that is new.
    pub(super) fn set_away(&mut self, away: bool) -> bool {
        core::mem::replace(&mut self.away, away) != away
    }

    pub(super) fn on_the_wire(&self) -> protocol::Member {
        protocol::Member {
            person: self.person.clone(),
            entry: self.entry,
            media: self.media,
            away: self.away,
        }
    }
}

impl Leaving {
    /// How the leaver's own call ended, before and after somebody answered.
    pub(super) fn own_reason(self, connected: bool) -> EndReason {
        match self {
            Self::HungUp if connected => EndReason::HungUp,
            Self::HungUp => EndReason::Cancelled,
            Self::Lost => EndReason::ConnectionLost,
        }
    }

    /// How the call ended for whoever is left alone by it.
    pub(super) fn reason_for_the_last(self) -> EndReason {
        match self {
            Self::HungUp => EndReason::OthersLeft,
            Self::Lost => EndReason::ConnectionLost,
        }
    }
}

/// How a call that nobody answered ended for the caller, by how its last invitation ended.
pub(super) fn reason_without_answer(outcome: InviteOutcome) -> EndReason {
    match outcome {
        InviteOutcome::Rejected => EndReason::Rejected,
        InviteOutcome::Busy => EndReason::Busy,
        InviteOutcome::TimedOut => EndReason::NoAnswer,
        // Accepting does not end a call, cancelling is the caller's own act, and whom nobody knows was never rung.
        InviteOutcome::Accepted | InviteOutcome::Cancelled | InviteOutcome::Unknown => EndReason::Cancelled,
    }
}
