//! A call told as a story: what the page of a developer hears of it, under the names of the seed API.
//!
//! A page of Yodel's own draws a [`CallView`] and needs to know no more than what is. The seed API tells what *happened*. The
//! two cannot disagree, because a [`Narrator`] has nothing to go by but one view and the next, and what its person has asked
//! for in between.
//!
//! | what happened | the seed API's event |
//! |---|---|
//! | [`Ready`](CallEvent::Ready) | `sdkReady` |
//! | [`Invited`](CallEvent::Invited) | `onInvited` |
//! | [`CallingCancelled`](CallEvent::CallingCancelled), [`CallingTimedOut`](CallEvent::CallingTimedOut) | `onCallingCancel`, `onCallingTimeout` |
//! | [`UserAccepted`](CallEvent::UserAccepted) | `onUserAccept` |
//! | [`UserRejected`](CallEvent::UserRejected), [`UserBusy`](CallEvent::UserBusy), [`UserDidNotRespond`](CallEvent::UserDidNotRespond) | `onReject`, `onLineBusy`, `onNoResp` |
//! | [`UserEntered`](CallEvent::UserEntered), [`UserLeft`](CallEvent::UserLeft) | `onUserEnter`, `onUserLeave` |
//! | [`VideoAvailable`](CallEvent::VideoAvailable), [`AudioAvailable`](CallEvent::AudioAvailable) | `onUserVideoAvailable`, `onUserAudioAvailable` |
//! | [`InviteesChanged`](CallEvent::InviteesChanged) | `onGroupCallInviteeListUpdate` |
//! | [`CallTypeChanged`](CallEvent::CallTypeChanged) | `onCallTypeChanged` (Yodel's own) |
//! | [`CallEnded`](CallEvent::CallEnded) | `onCallEnd` |
//! | [`KickedOut`](CallEvent::KickedOut) | `onKickedOut` |
//! | [`Reconnecting`](CallEvent::Reconnecting), [`Reconnected`](CallEvent::Reconnected) | `onReconnecting`, `onReconnected` (Yodel's own) |
//! | [`Failed`](CallEvent::Failed) | `onError` |
//!
//! How loud everybody is (`onUserVoiceVolume`) is no turn of a story: it is measured, once a second.

use std::rc::Rc;

use litemap::LiteMap;

use crate::handset::{
    CallView, Command, Connection, DevicesView, InviteeState, InviteeView, Notice, PeerView, RingingView,
    Stage,
};
use crate::id::UserId;
use crate::media::{CallType, CaptureError, MediaState};
use crate::protocol::{CallNote, EndReason};

/// Something happened in a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallEvent {
    /// Calls can be placed and received, for the first time.
    Ready,
    /// Somebody calls.
    Invited(RingingView),
    /// Whoever called has taken the call back.
    CallingCancelled,
    /// Nobody here has answered in time.
    CallingTimedOut,
    /// Somebody whom this person has invited accepts.
    UserAccepted(UserId),
    /// Somebody whom this person has invited declines.
    UserRejected(UserId),
    /// Somebody whom this person has invited is in another call.
    UserBusy(UserId),
    /// Somebody whom this person has invited has not answered in time.
    UserDidNotRespond(UserId),
    /// Somebody is in the call, when this person is.
    UserEntered(UserId),
    /// Somebody has left the call.
    UserLeft(UserId),
    /// Whether somebody can be seen from now on. The first time right after they have entered.
    VideoAvailable(UserId, bool),
    /// Whether somebody can be heard from now on. The first time right after they have entered.
    AudioAvailable(UserId, bool),
    /// Who is in a group call or being rung into it, besides this person.
    InviteesChanged(Vec<UserId>),
    /// A voice call is a video call now, or the other way round.
    CallTypeChanged(CallType),
    /// The call is over for this person.
    CallEnded {
        /// Why.
        reason: EndReason,
        /// Whole seconds since it was answered; zero if it never was.
        seconds: u64,
    },
    /// This person has logged in elsewhere, and only there.
    KickedOut,
    /// The line to the server was lost. A call goes on as far as it can.
    Reconnecting,
    /// The line to the server is back.
    Reconnected,
    /// Something that this person wanted did not work; what else there is goes on.
    Failed(CallFailure),
}

/// What did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallFailure {
    /// 60001: the call could not become a voice call.
    SwitchToAudio,
    /// 60002: the call could not become a video call: declined, not answered, or not possible.
    SwitchToVideo,
    /// 60003: there is no microphone that can be used.
    NoMicrophone(CaptureError),
    /// 60004: there is no camera that can be used.
    NoCamera(CaptureError),
    /// 60005: the person, the browser or the system does not allow a device.
    DeviceRefused,
    /// 60006: the browser has no WebRTC, or hides it from pages that come over plain HTTP.
    Unsupported,
}

impl CallFailure {
    /// The seed API's number.
    pub const fn code(self) -> u32 {
        match self {
            Self::SwitchToAudio => 60001,
            Self::SwitchToVideo => 60002,
            Self::NoMicrophone(_) => 60003,
            Self::NoCamera(_) => 60004,
            Self::DeviceRefused => 60005,
            Self::Unsupported => 60006,
        }
    }
}

/// Tells what happened between two views.
#[derive(Clone, Debug, Default)]
pub struct Narrator {
    view: Rc<CallView>,
    ready: bool,
    /// Whom this person has invited into the present call.
    own_invitees: Vec<UserId>,
    /// Whether the page of whoever called has named a group: then everybody in the call hears who does not come.
    named_group: bool,
    /// Whether this person has just declined.
    declined: bool,
    /// The type that this person wants the call to be of.
    switching: Option<CallType>,
}

impl Narrator {
    /// The person asks for this. To be told before the view that comes of it.
    pub fn asked(&mut self, command: &Command) {
        match command {
            Command::Call { callees, terms, .. } => {
                if matches!(self.view.stage, Stage::Idle) {
                    self.own_invitees = callees.iter().map(|person| person.id.clone()).collect();
                    self.named_group = names_group(terms.note.as_deref());
                }
            }
            Command::Invite { people, .. } => {
                let ids = people.iter().map(|person| person.id.clone());
                self.own_invitees.extend(ids);
            }
            Command::Reject | Command::Hangup => self.declined = matches!(self.view.stage, Stage::Ringing(_)),
            Command::SwitchToVideo => self.switching = Some(CallType::Video),
            Command::SwitchToAudio => self.switching = Some(CallType::Audio),
            _ => {}
        }
    }

    /// This is how things are now. Returns what happened since the last time, in the order in which it is to be told.
    pub fn shown(&mut self, view: &Rc<CallView>) -> Vec<CallEvent> {
        let before = core::mem::replace(&mut self.view, view.clone());
        let mut story = Vec::new();
        let was_ready = self.ready;
        if view.connection == Connection::Online && !core::mem::replace(&mut self.ready, true) {
            story.push(CallEvent::Ready);
        }
        match (before.connection, view.connection) {
            (Connection::Online, Connection::Reconnecting) => story.push(CallEvent::Reconnecting),
            (Connection::Reconnecting, Connection::Online) if was_ready => story.push(CallEvent::Reconnected),
            (_, Connection::KickedOut) if before.connection != Connection::KickedOut => {
                story.push(CallEvent::KickedOut);
            }
            _ => {}
        }
        let same_call = is_same_call(&before.stage, &view.stage);
        if !same_call {
            self.tell_end(&before, view, &mut story);
        }
        if let Stage::Ringing(ringing) = &view.stage
            && !same_call
        {
            self.named_group = names_group(ringing.note.as_deref());
            story.push(CallEvent::Invited(ringing.clone()));
        }
        let none = Stage::Idle;
        self.tell_people(
            if same_call { &before.stage } else { &none },
            &view.stage,
            &mut story,
        );
        if same_call {
            self.tell_type(&before.stage, &view.stage, &mut story);
        }
        self.tell_failures(&before, view, &mut story);
        story
    }

    /// The call of the view before is over.
    fn tell_end(&mut self, before: &CallView, now: &CallView, story: &mut Vec<CallEvent>) {
        let declined = core::mem::take(&mut self.declined);
        match (&before.stage, &now.notice) {
            (Stage::Idle, _) => {}
            (Stage::Ringing(_), _) if declined => story.push(ended(EndReason::Rejected, 0)),
            (Stage::Ringing(_), Some(Notice::HandledElsewhere { .. })) => {
                story.push(ended(EndReason::MovedElsewhere, 0));
            }
            (Stage::Ringing(_), Some(Notice::Missed { timed_out: true, .. })) => {
                story.push(CallEvent::CallingTimedOut);
                story.push(ended(EndReason::NoAnswer, 0));
            }
            (Stage::Ringing(_), _) => story.push(CallEvent::CallingCancelled),
            (
                Stage::Calling(_) | Stage::InCall(_),
                Some(Notice::Ended {
                    reason, connected_ms, ..
                }),
            ) => story.push(ended(*reason, connected_ms / 1000)),
            // It was never placed: whoever asked for it is answered with the reason.
            (Stage::Calling(_), Some(Notice::Refused(_))) => {}
            // Cut off with the login.
            (Stage::Calling(_) | Stage::InCall(_), _) => story.push(ended(EndReason::ConnectionLost, 0)),
        }
        if matches!(now.stage, Stage::Idle | Stage::Ringing(_)) {
            self.own_invitees.clear();
        }
        self.switching = None;
    }

    fn tell_people(&self, before: &Stage, now: &Stage, story: &mut Vec<CallEvent>) {
        let (peers_before, invitees_before) = people(before);
        let (peers, invitees) = people(now);
        let is_own = |user: &UserId| self.own_invitees.contains(user);
        for InviteeView { person, state } in invitees {
            let id = &person.id;
            let was = invitees_before
                .iter()
                .find(|invitee| invitee.person.id == *id)
                .map(|invitee| invitee.state);
            if was == Some(*state) || !(self.named_group || is_own(id)) {
                continue;
            }
            match state {
                InviteeState::Rejected => story.push(CallEvent::UserRejected(id.clone())),
                InviteeState::Busy => story.push(CallEvent::UserBusy(id.clone())),
                InviteeState::NoAnswer | InviteeState::Unknown => {
                    story.push(CallEvent::UserDidNotRespond(id.clone()));
                }
                InviteeState::Calling | InviteeState::Ringing => {}
            }
        }
        for peer in peers_before {
            if find(peers, &peer.person.id).is_none() {
                story.push(CallEvent::UserLeft(peer.person.id.clone()));
            }
        }
        for PeerView { person, media, .. } in peers {
            let id = &person.id;
            let before = find(peers_before, id);
            if before.is_none() {
                if is_own(id) {
                    story.push(CallEvent::UserAccepted(id.clone()));
                }
                story.push(CallEvent::UserEntered(id.clone()));
            }
            tell_media(id, before.map(|peer| peer.media), *media, story);
        }
        let list = |peers: &[PeerView], invitees: &[InviteeView]| -> Vec<UserId> {
            let rung = invitees
                .iter()
                .filter(|invitee| matches!(invitee.state, InviteeState::Calling | InviteeState::Ringing));
            let rung = rung.map(|invitee| invitee.person.id.clone());
            // In their order, by the map that the house has: a sort would be more code.
            let people = peers.iter().map(|peer| peer.person.id.clone()).chain(rung);
            let mut list = LiteMap::<UserId, ()>::new();
            for user in people {
                list.insert(user, ());
            }
            list.into_iter().map(|(user, ())| user).collect()
        };
        let listed = list(peers, invitees);
        if is_group(now) && listed != list(peers_before, invitees_before) {
            story.push(CallEvent::InviteesChanged(listed));
        }
    }

    fn tell_type(&mut self, before: &Stage, now: &Stage, story: &mut Vec<CallEvent>) {
        if let (Stage::InCall(before), Stage::InCall(now)) = (before, now)
            && before.call_type != now.call_type
        {
            self.switching = None;
            story.push(CallEvent::CallTypeChanged(now.call_type));
        }
    }

    fn tell_failures(&mut self, before: &CallView, now: &CallView, story: &mut Vec<CallEvent>) {
        let told = now.notice != before.notice;
        match (&now.notice, self.switching) {
            (Some(Notice::NoVideo { .. }), _) if told => {
                self.switching = None;
                story.push(CallEvent::Failed(CallFailure::SwitchToVideo));
            }
            (Some(Notice::Refused(_)), Some(call_type)) if told => {
                self.switching = None;
                story.push(CallEvent::Failed(match call_type {
                    CallType::Audio => CallFailure::SwitchToAudio,
                    CallType::Video => CallFailure::SwitchToVideo,
                }));
            }
            _ => {}
        }
        let errors = |stage: &Stage| {
            devices(stage).map_or((None, None), |devices| {
                (devices.microphone_error, devices.camera_error)
            })
        };
        let ((microphone_before, camera_before), (microphone, camera)) =
            (errors(&before.stage), errors(&now.stage));
        let microphone = microphone.filter(|_| microphone != microphone_before);
        let camera = camera.filter(|_| camera != camera_before);
        let microphone = microphone.map(|error| capture_failure(error, CallFailure::NoMicrophone));
        let camera = camera.map(|error| capture_failure(error, CallFailure::NoCamera));
        story.extend(microphone.map(CallEvent::Failed));
        // One reason for both is told once.
        story.extend(
            camera
                .filter(|camera| microphone != Some(*camera))
                .map(CallEvent::Failed),
        );
    }
}

fn names_group(note: Option<&CallNote>) -> bool {
    note.is_some_and(|note| note.group.is_some())
}

fn ended(reason: EndReason, seconds: u64) -> CallEvent {
    CallEvent::CallEnded { reason, seconds }
}

fn capture_failure(error: CaptureError, of_device: fn(CaptureError) -> CallFailure) -> CallFailure {
    match error {
        CaptureError::Refused => CallFailure::DeviceRefused,
        CaptureError::Unsupported => CallFailure::Unsupported,
        CaptureError::Missing | CaptureError::Busy | CaptureError::Failed => of_device(error),
    }
}

/// What is told of somebody's microphone and camera: both at first, then what is another.
fn tell_media(user: &UserId, before: Option<MediaState>, now: MediaState, story: &mut Vec<CallEvent>) {
    if before.map(|media| media.camera) != Some(now.camera) {
        story.push(CallEvent::VideoAvailable(user.clone(), now.camera));
    }
    if before.map(|media| media.microphone) != Some(now.microphone) {
        story.push(CallEvent::AudioAvailable(user.clone(), now.microphone));
    }
}

/// Whether the one stage goes on in the other: a call that is answered is the call that rang.
fn is_same_call(before: &Stage, now: &Stage) -> bool {
    match (before, now) {
        (Stage::Idle, Stage::Idle)
        | (Stage::Calling(_), Stage::Calling(_) | Stage::InCall(_))
        | (Stage::Ringing(_), Stage::InCall(_)) => true,
        (Stage::Ringing(before), Stage::Ringing(now)) => before.invite == now.invite,
        (Stage::InCall(before), Stage::InCall(now)) => before.number.call == now.number.call,
        (Stage::Idle | Stage::Calling(_) | Stage::Ringing(_) | Stage::InCall(_), _) => false,
    }
}

/// Who is in the call, and who is being rung into it.
///
/// Of a call that was answered here and not yet there, nobody is.
fn people(stage: &Stage) -> (&[PeerView], &[InviteeView]) {
    match stage {
        Stage::Idle | Stage::Ringing(_) => (&[], &[]),
        Stage::Calling(calling) => (&[], &calling.invitees),
        Stage::InCall(call) if call.entered => (&call.peers, &call.invitees),
        Stage::InCall(_) => (&[], &[]),
    }
}

fn find<'a>(peers: &'a [PeerView], user: &UserId) -> Option<&'a PeerView> {
    peers.iter().find(|peer| peer.person.id == *user)
}

fn is_group(stage: &Stage) -> bool {
    match stage {
        Stage::Idle | Stage::Ringing(_) => false,
        Stage::Calling(calling) => calling.group,
        Stage::InCall(call) => call.group,
    }
}

fn devices(stage: &Stage) -> Option<DevicesView> {
    match stage {
        Stage::Idle | Stage::Ringing(_) => None,
        Stage::Calling(calling) => Some(calling.devices),
        Stage::InCall(call) => Some(call.devices),
    }
}
