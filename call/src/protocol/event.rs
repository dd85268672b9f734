//! Server to client.

use serde::{Deserialize, Serialize};

use super::{CallNote, Refusal, Signal};
use crate::id::{
    CallId, CommandId, Entry, Group, GroupId, InviteId, Person, ResumeToken, RoomId, Roster, UserId,
};
use crate::media::{CallType, MediaState};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// The reply to a hello. What it says of calls and invitations replaces whatever the client believed.
    Welcomed(Box<Welcome>),
    /// The server is there. Said every few seconds, because a client cannot tell a silent network from a quiet one; it is not
    /// counted in [`Resume::received`](super::Resume::received).
    Alive,
    /// The server is about to stop, and will be back: the socket is closed next. Not counted either.
    #[serde(rename_all = "camelCase")]
    Restarting {
        /// In how many milliseconds to connect again. Everybody is given another time, so that not all come at once.
        come_back_in_ms: u32,
    },
    /// Every command up to this number has been carried out or refused.
    Done {
        /// The number.
        command: CommandId,
    },
    /// A command was not carried out.
    Refused {
        /// Its number.
        command: CommandId,
        /// Why.
        refusal: Refusal,
    },
    /// People who are watched came, went, or took up a call.
    PresenceChanged {
        /// Only those whose presence is new.
        people: Vec<(UserId, Presence)>,
    },
    /// Somebody signed up.
    PersonJoined {
        /// Who.
        person: Person,
    },
    /// A group that one is in: it is new, or has got another name or other people.
    GroupChanged {
        /// The group as it is now.
        roster: Box<Roster>,
    },
    /// One is no longer in this group.
    GroupLeft {
        /// Which group.
        group: GroupId,
    },
    /// A group that one is in has a running call from now on; or one is in that group from now on, or it has got another
    /// name.
    #[serde(rename_all = "camelCase")]
    GroupCallStarted {
        /// Which.
        group_call: GroupCall,
    },
    /// There is no call to join any more in this group: it is over, or one is no longer in the group.
    GroupCallEnded {
        /// Which group.
        group: GroupId,
    },
    /// One's own call was placed: the server rings the others. Sent to the caller's device alone.
    Placed {
        /// The call.
        call: Box<CallSnapshot>,
    },
    /// A device of an invited person shows the invitation. To the caller.
    RingingStarted {
        /// The call.
        call: CallId,
        /// Whose device.
        invitee: UserId,
    },
    /// Somebody calls. To every device of the invited person.
    Invited {
        /// The invitation.
        invitation: Box<Invitation>,
    },
    /// An invitation is over. To every device of the invited person that it rang on.
    InviteClosed {
        /// Which.
        invite: InviteId,
        /// How it ended.
        outcome: InviteOutcome,
    },
    /// More people are being rung. To everybody in the call, which is a group call from now on.
    InviteesAdded {
        /// The call.
        call: CallId,
        /// Who.
        invitees: Vec<InvitedPerson>,
    },
    /// An invited person declined, was busy or did not answer. To everybody in the call.
    InviteeGone {
        /// The call.
        call: CallId,
        /// Who.
        invitee: Person,
        /// How the invitation ended.
        outcome: InviteOutcome,
    },
    /// This device is in the call now: by its own accept, or because it took its place over.
    Joined {
        /// The call as it stands.
        call: Box<CallSnapshot>,
    },
    /// Somebody entered the call; or came back with a fresh page, and then under a new entry.
    UserEntered {
        /// The call.
        call: CallId,
        /// Who, and what they send.
        member: Member,
    },
    /// Somebody left the call for good.
    UserLeft {
        /// The call.
        call: CallId,
        /// Who.
        user: UserId,
    },
    /// Somebody's signaling was lost. They may come back; the media may still flow.
    UserAway {
        /// The call.
        call: CallId,
        /// Who.
        user: UserId,
    },
    /// Somebody's signaling is back, on the same page as before.
    UserBack {
        /// The call.
        call: CallId,
        /// Who.
        user: UserId,
    },
    /// Somebody's microphone or camera went on or off.
    MediaAnnounced {
        /// The call.
        call: CallId,
        /// Who.
        user: UserId,
        /// What they send now.
        media: MediaState,
    },
    /// Somebody would make this voice call of two a video call. To both.
    #[serde(rename_all = "camelCase")]
    VideoRequested {
        /// The call.
        call: CallId,
        /// Who asks; the other one answers.
        by: UserId,
        /// How much longer it can be answered, in milliseconds.
        open_for_ms: u64,
    },
    /// The question is over, and the call stays a voice call. To both.
    VideoRequestClosed {
        /// The call.
        call: CallId,
        /// Why.
        answer: VideoAnswer,
    },
    /// The call is of another type from now on. To both.
    #[serde(rename_all = "camelCase")]
    CallTypeChanged {
        /// The call.
        call: CallId,
        /// Which.
        call_type: CallType,
        /// Who switched, or asked to.
        by: UserId,
    },
    /// A message from somebody's peer connection.
    Signaled {
        /// The call.
        call: CallId,
        /// From whom.
        from: UserId,
        /// Under which entry they sent it.
        entry: Entry,
        /// The message.
        signal: Signal,
    },
    /// The call is over for this device.
    #[serde(rename_all = "camelCase")]
    Ended {
        /// The call.
        call: CallId,
        /// Why.
        reason: EndReason,
        /// How long people talked, in milliseconds; 0 if nobody answered.
        connected_ms: u64,
    },
    /// From now on these are the STUN and TURN servers: the passwords for TURN are good for minutes only. Told before an event
    /// that may be followed by a new peer connection, and now and then during a call.
    #[serde(rename_all = "camelCase")]
    IceServersRenewed {
        /// In place of those of the welcome.
        ice_servers: Vec<IceServer>,
    },
}

/// The state of the world for a device that has just said hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// Whom the server takes this socket for.
    pub user: UserId,
    /// The highest command number of this device that was carried out; 0 if none.
    pub last_command: CommandId,
    /// STUN and TURN servers for peer connections.
    pub ice_servers: Vec<IceServer>,
    /// Invitations that ring at this moment.
    pub invitations: Vec<Invitation>,
    /// The call that this person is placing or in.
    pub call: Option<CallSnapshot>,
    /// The running calls of the groups that this person is in.
    pub group_calls: Vec<GroupCall>,
    /// What to show on the next socket.
    #[serde(default)]
    pub resume: Option<ResumeToken>,
    /// Whether all that was said to this device in its call since its last socket has been repeated before this.
    #[serde(default)]
    pub gap_free: bool,
    /// Whether peer connections may use nothing but TURN servers, so that people do not learn each other's addresses.
    #[serde(default)]
    pub relay_only: bool,
}

/// A running call of a group, as those see it who are in the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupCall {
    /// The group.
    pub group: Group,
    /// The call.
    pub call: CallId,
    /// Voice or video.
    pub call_type: CallType,
}

/// W3C `RTCIceServer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// `stun:` and `turn:` URLs (RFC 7064, RFC 7065).
    pub urls: Vec<String>,
    /// The user name, for TURN.
    #[serde(default)]
    pub username: Option<String>,
    /// The password, for TURN.
    #[serde(default)]
    pub credential: Option<String>,
}

/// An invitation, as the invited person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// Its id.
    pub invite: InviteId,
    /// The call that it leads into.
    pub call: CallId,
    /// The number of the call at the JavaScript edge.
    pub room: RoomId,
    /// Who calls: whoever placed the call, or is in it and rings one more.
    #[doc(alias = "sponsor")]
    pub caller: Person,
    /// Everybody else in the call and everybody who was invited, the receiver included.
    #[doc(alias = "userIDList")]
    pub invitees: Vec<Person>,
    /// Voice or video.
    pub call_type: CallType,
    /// Whether it is a call of several people.
    #[doc(alias = "isFromGroup")]
    pub group: bool,
    /// The stored group whose call it is, if the receiver is in that group.
    #[serde(default)]
    pub of_group: Option<Group>,
    /// Under which entry the receiver will be in the call.
    pub entry: Entry,
    /// How much longer it rings, in milliseconds.
    pub rings_for_ms: u64,
    /// What the page of whoever placed the call has said along with it.
    #[serde(default)]
    pub note: Option<Box<CallNote>>,
}

/// How an invitation ended for the invited person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InviteOutcome {
    /// Accepted, on this device or another.
    Accepted,
    /// Declined, on this device or another.
    Rejected,
    /// Withdrawn by the caller.
    Cancelled,
    /// Nobody answered in time.
    TimedOut,
    /// The invited person was in a call or had another invitation. Never sent to the invited person.
    Busy,
    /// There is no such person, or not in the group whose call it is. Others on the same list are rung all the same.
    Unknown,
}

/// Why a voice call did not become a video call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VideoAnswer {
    /// The other side would rather not.
    Declined,
    /// The other side did not answer in time.
    TimedOut,
    /// Whoever asked took it back; or somebody was added to the call.
    Withdrawn,
}

/// An open question whether a voice call becomes a video call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoRequest {
    /// Who asks.
    pub by: UserId,
    /// How much longer it can be answered, in milliseconds.
    pub open_for_ms: u64,
}

/// A call as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallSnapshot {
    /// Its id.
    pub call: CallId,
    /// Its number at the JavaScript edge.
    pub room: RoomId,
    /// Voice or video.
    pub call_type: CallType,
    /// Whether it is a call of several people: placed so, or somebody was added to it.
    pub group: bool,
    /// The stored group whose call it is, if the receiver is in that group.
    #[serde(default)]
    pub of_group: Option<Group>,
    /// Who placed it.
    pub caller: Person,
    /// Who is still being rung.
    pub invitees: Vec<InvitedPerson>,
    /// Who is in it, the receiver included.
    pub members: Vec<Member>,
    /// How long ago the first invited person answered, in milliseconds; absent while nobody has.
    #[serde(default)]
    pub connected_ms: Option<u64>,
    /// Whether it is being asked for video.
    #[serde(default)]
    pub video_request: Option<VideoRequest>,
    /// How media gets from each person to the others.
    #[serde(default)]
    pub route: Route,
    /// Where the receiver's own place in this call is.
    pub seat: Seat,
}

/// How media gets from each person in a call to the others. The switchboard says it, and phones follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Route {
    /// Between each two of them directly: a peer connection for each pair, relayed by TURN where there is no other way.
    #[default]
    Mesh,
}

/// Somebody who is being rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedPerson {
    /// Who.
    pub person: Person,
    /// Who rings them, and may send them signals already.
    pub by: UserId,
    /// Under which entry they will be in the call.
    pub entry: Entry,
    /// Whether a device of theirs has confirmed that it rings.
    pub ringing: bool,
}

/// Somebody who is in the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// Under which entry.
    pub entry: Entry,
    /// What they send.
    pub media: MediaState,
    /// Whether their signaling is lost at the moment.
    pub away: bool,
}

/// Which device of a person holds that person's place in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Seat {
    /// The device that reads this.
    Here,
    /// Another one, which is connected.
    Elsewhere,
    /// Another one, whose socket is lost: perhaps this same tab before it was reloaded.
    Vacant,
}

/// Whether a person can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// No device is connected.
    #[default]
    Offline,
    /// At least one device is connected.
    Online,
    /// In a call, or calling.
    InCall,
    /// Blocked by whoever is told: what they are doing is neither's business any more. They themselves are told that the
    /// other side is offline.
    Blocked,
}

/// Why a call ended for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndReason {
    /// One hung up oneself.
    HungUp,
    /// The caller, oneself, cancelled before anybody answered.
    Cancelled,
    /// The others left.
    OthersLeft,
    /// The one who was called declined.
    Rejected,
    /// The one who was called is in another call.
    Busy,
    /// Nobody answered in time.
    NoAnswer,
    /// The other side's connection was lost and did not come back in time.
    ConnectionLost,
    /// Another device of the same person took the call over.
    MovedElsewhere,
}
