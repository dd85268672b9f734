//! What a page may ask of a phone, and what it may show of it.
//!
//! The page (`app`) and the phone (`phone`) know nothing of one another. The page sends [`Command`]s and draws a
//! [`CallView`]; the phone takes the one and publishes the other.

use litemap::LiteMap;

use crate::id::{CallId, Group, GroupId, InviteId, Person, RoomId, Roster, UserId};
use crate::media::{CallType, CaptureError, DeviceKind, MediaDevice, MediaState, VideoQuality};
use crate::protocol::{CallNote, CallSnapshot, EndReason, GroupCall, LoginRefusal, Presence, Refusal};
use crate::time::Timestamp;
use crate::toggle::Toggle;

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ring somebody; or several people, into a group call.
    Call {
        /// Whom; all of them in the group, if there is one.
        callees: Vec<Person>,
        /// The stored group whose call it is. If it has one already, that one is joined.
        group: Option<Group>,
        /// Voice or video. The prompt for the devices comes now.
        call_type: CallType,
        /// What else there is to say of it.
        terms: CallTerms,
    },
    /// Enter the running call of a group. The prompt for the devices comes now.
    Join(GroupCall),
    /// Ring more people into the call.
    Invite {
        /// Whom.
        people: Vec<Person>,
        /// As in [`CallTerms`].
        ring_seconds: Option<u32>,
    },
    /// Answer the invitation that rings.
    Accept {
        /// With the camera on.
        camera: bool,
    },
    /// Decline the invitation that rings.
    Reject,
    /// Leave the call, or cancel it.
    Hangup,
    /// Open or mute the microphone.
    SetMicrophone(bool),
    /// Open or close the camera.
    SetCamera(bool),
    /// Make a voice call of two a video call: one's own camera opens, and the other side is asked.
    SwitchToVideo,
    /// Answer that question; or take one's own back, by not agreeing.
    AnswerVideo {
        /// Whether it becomes a video call.
        agree: bool,
        /// Whether one's own camera opens by that.
        camera: bool,
    },
    /// Make a video call of two a voice call.
    SwitchToAudio,
    /// Put away what is said of the last call.
    DismissNotice,
    /// Take the call that is on another device of this person over to this one.
    TakeOver,
    /// Show presence of these people.
    Watch {
        /// Whom.
        people: Vec<UserId>,
    },
    /// Use this device from now on, and remember it. In a call it takes the place of the one in use, without a gap; if it
    /// cannot be had, that one stays and [`DeviceMenu::refused`] says why.
    ChooseDevice {
        /// What it is for.
        kind: DeviceKind,
        /// Its [`MediaDevice::id`].
        id: String,
    },
    /// Send pictures of this quality, from the next call on, and remember it.
    SetVideoQuality(VideoQuality),
    /// Play a picture in the `<video>` element with this DOM id, until it is hidden or another one is shown there.
    ShowVideo {
        /// Whose picture.
        feed: Feed,
        /// The DOM id.
        element: String,
    },
    /// Take the picture out of the element with this DOM id.
    HideVideo {
        /// The DOM id.
        element: String,
    },
    /// The person has clicked "turn sound on": try again to play what the browser held back.
    AllowSound,
    /// The person signs out: leave everything and close the socket.
    SignOut,
}

/// What else there is to say of a call that is placed. The site leaves it all to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallTerms {
    /// How long it rings, in seconds; 0 is as long as the server lets it.
    pub ring_seconds: Option<u32>,
    /// What is said to those who are called.
    pub note: Option<Box<CallNote>>,
}

/// Whose picture.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feed {
    /// One's own camera.
    Local,
    /// Somebody else's camera.
    Remote(UserId),
}

/// All that a page shows of a phone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallView {
    /// The socket.
    pub connection: Connection,
    /// The call, if any.
    pub stage: Stage,
    /// Something to tell the person, until dismissed.
    pub notice: Option<Notice>,
    /// A call of this person that is on another device.
    pub elsewhere: Option<CallId>,
    /// The running calls of this person's groups.
    pub group_calls: Vec<GroupCall>,
    /// The person's groups that have changed since the page was loaded. `None`: the person is no longer in it.
    pub group_changes: LiteMap<GroupId, Option<Roster>>,
    /// Presence of those who are watched. Absent: offline.
    pub presence: LiteMap<UserId, Presence>,
    /// People who signed up since the page was loaded, oldest first.
    pub newcomers: Vec<Person>,
    /// Whether the browser lets the page be heard.
    pub sound: Sound,
    /// The devices of this machine.
    pub menu: DeviceMenu,
    /// Who speaks at the moment.
    pub speaking: Speaking,
}

/// The state of the signaling socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Connection {
    /// The first attempt is under way.
    #[default]
    Connecting,
    /// Calls can be placed and received.
    Online,
    /// The socket was lost; the phone tries to come back by itself.
    Reconnecting,
    /// The session is over: the person must sign in again.
    SignedOut,
    /// The person has logged in elsewhere, and only there.
    #[doc(alias = "KICKED_OUT")]
    KickedOut,
    /// The userSig of a page that is not the site's own does not let the person in, or no longer.
    LoginRefused(LoginRefusal),
    /// Another tab uses the same device id and has taken the socket over; or the server speaks another version of the
    /// protocol. The page must be loaded again.
    Stopped,
}

/// Where the phone is in a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Nowhere.
    #[default]
    Idle,
    /// Calling somebody.
    Calling(CallingView),
    /// Being called.
    Ringing(RingingView),
    /// In a call.
    InCall(InCallView),
}

/// By what a call is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallNumber {
    /// Its id.
    pub call: CallId,
    /// Its number at the JavaScript edge.
    pub room: RoomId,
}

impl From<&CallSnapshot> for CallNumber {
    fn from(snapshot: &CallSnapshot) -> Self {
        Self {
            call: snapshot.call,
            room: snapshot.room,
        }
    }
}

/// Calling somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct CallingView {
    /// Which, once the switchboard has placed it.
    pub placed: Option<CallNumber>,
    /// Whom.
    pub invitees: Vec<InviteeView>,
    /// Voice or video.
    pub call_type: CallType,
    /// Whether it is a call of several people.
    pub group: bool,
    /// The stored group whose call it is.
    pub of_group: Option<Group>,
    /// One's own devices.
    pub devices: DevicesView,
}

/// Somebody who was invited and is not in the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteeView {
    /// Who.
    pub person: Person,
    /// How it stands with them.
    pub state: InviteeState,
}

/// How it stands with somebody who was invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InviteeState {
    /// No device of theirs has confirmed that it rings.
    Calling,
    /// A device of theirs rings.
    Ringing,
    /// They declined.
    Rejected,
    /// They are in another call.
    Busy,
    /// They did not answer in time.
    NoAnswer,
    /// There is no such person.
    Unknown,
}

/// Being called.
#[derive(Clone, Debug, PartialEq)]
pub struct RingingView {
    /// Which call it leads into.
    pub number: CallNumber,
    /// Which invitation.
    pub invite: InviteId,
    /// By whom.
    pub caller: Person,
    /// Who else is in the call or called.
    pub others: Vec<Person>,
    /// The stored group whose call it is.
    pub of_group: Option<Group>,
    /// Voice or video.
    pub call_type: CallType,
    /// What the page of whoever placed the call says along with it.
    pub note: Option<Box<CallNote>>,
}

/// In a call.
#[derive(Clone, Debug, PartialEq)]
pub struct InCallView {
    /// Which.
    pub number: CallNumber,
    /// Whether this person is in it by the switchboard's word. Before that they have answered, and are about to be.
    pub entered: bool,
    /// Voice or video.
    pub call_type: CallType,
    /// Whether it is a call of several people.
    pub group: bool,
    /// The stored group whose call it is.
    pub of_group: Option<Group>,
    /// Whether it is being asked for video.
    pub video: VideoQuestion,
    /// When it was answered, by the page's clock (`performance.now()`).
    pub since: Timestamp,
    /// The others.
    pub peers: Vec<PeerView>,
    /// Who else was invited.
    pub invitees: Vec<InviteeView>,
    /// One's own devices.
    pub devices: DevicesView,
}

/// Whether somebody would make a voice call a video call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VideoQuestion {
    /// Nobody has asked.
    #[default]
    Nobody,
    /// This person has asked, and the other one has not answered.
    Asking,
    /// The other one has asked.
    Asked,
}

/// Somebody else in the call.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerView {
    /// Who.
    pub person: Person,
    /// What they send.
    pub media: MediaState,
    /// Whether it arrives.
    pub link: LinkState,
}

/// How the media between oneself and somebody else is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// Looking for a way.
    Connecting,
    /// Something arrives.
    Connected,
    /// Something arrived, and no longer does. It is being mended.
    Interrupted(Outage),
    /// No way was found. It is looked for ever more rarely.
    Failed,
}

/// Where the connection is lost, as far as it can be told from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outage {
    /// This phone does not reach the server either.
    Own,
    /// The other side does not.
    Theirs,
    /// Both reach the server, but not one another.
    Between,
}

/// One's own devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevicesView {
    /// Whether the microphone is on.
    pub microphone: Toggle<bool>,
    /// Why it is not.
    pub microphone_error: Option<CaptureError>,
    /// Whether it is on and yet gives no sound at all: switched off at its case or by the system.
    pub microphone_dead: bool,
    /// Whether the camera is on.
    pub camera: Toggle<bool>,
    /// Why it is not.
    pub camera_error: Option<CaptureError>,
}

/// The devices that the person can choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceMenu {
    /// All that there are. As long as no device was ever opened here, browsers tell no more than whether there is any.
    pub devices: Vec<MediaDevice>,
    /// The [`MediaDevice::id`]s in use; where none is, those chosen for the next call. In the order of
    /// [`DeviceKind::ALL`]; `None` is the system's choice.
    pub chosen: [Option<String>; DeviceKind::ALL.len()],
    /// The last choice, if that device could not be had.
    pub refused: Option<(DeviceKind, CaptureError)>,
    /// What the next call sends.
    pub quality: VideoQuality,
}

/// Who speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Speaking {
    /// The person at this phone.
    pub oneself: bool,
    /// Of the others in the call.
    pub others: Vec<UserId>,
}

/// Something to tell the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A call ended.
    Ended {
        /// With whom.
        with: Vec<Person>,
        /// The stored group whose call it was.
        group: Option<Group>,
        /// Voice or video, for calling back.
        call_type: CallType,
        /// Why.
        reason: EndReason,
        /// How long people talked, in milliseconds; 0 if nobody answered.
        connected_ms: u64,
    },
    /// An invitation ended without an answer of this person's.
    Missed {
        /// Who called.
        caller: Person,
        /// Voice or video, for calling back.
        call_type: CallType,
        /// Whether it rang until the time was up. Otherwise the caller has given up before.
        timed_out: bool,
    },
    /// An invitation was answered or declined on another device of this person.
    HandledElsewhere {
        /// Who called.
        caller: Person,
        /// Whether it was accepted.
        accepted: bool,
    },
    /// The other side did not agree to video, or did not answer: the voice call goes on.
    NoVideo {
        /// Who.
        with: Vec<Person>,
    },
    /// The server refused what was asked.
    Refused(Refusal),
    /// Nothing can be asked while the socket is down.
    NotConnected,
}

/// Whether the browser lets the page be heard (the autoplay rules of HTML, section 4.8.11.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sound {
    /// It does, or nothing had to be played yet.
    #[default]
    Allowed,
    /// It holds something back until the person clicks.
    Blocked,
}
