//! Client to server.

use serde::{Deserialize, Serialize};

use super::{CallNote, Signal};
use crate::id::{CallId, CommandId, DeviceId, Entry, GroupId, InviteId, ResumeToken, UserId};
use crate::media::{CallType, MediaState};

/// A numbered command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientMsg {
    /// The number; each is higher than the one before.
    pub id: CommandId,
    /// What to do.
    pub command: Command,
}

/// What a phone may ask of the switchboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Command {
    /// The first message on a socket, and only there.
    Hello(Hello),
    /// Be told of these people's presence from now on, in place of whomever was watched before.
    #[serde(rename_all = "camelCase")]
    Watch {
        /// At most [`WATCHED_PEOPLE`](super::limits::WATCHED_PEOPLE).
        people: Vec<UserId>,
        /// Also be told of people who sign up.
        newcomers: bool,
    },
    /// Ring these people. Where the group has a call already, join that one instead.
    #[serde(rename_all = "camelCase")]
    Call {
        /// Who; at most [`INVITEES`](super::limits::INVITEES), no one twice, not oneself. With a group: some of its other
        /// members, or nobody for all of them.
        invitees: Vec<UserId>,
        /// The group whose call it is, if any. One must be in it.
        #[serde(default)]
        group: Option<GroupId>,
        /// Voice or video.
        call_type: CallType,
        /// How long it rings; the server's default if absent, its longest if 0 or too long. Seconds.
        #[serde(default)]
        ring_seconds: Option<u32>,
        /// What the caller is going to send.
        media: MediaState,
        /// What the caller's page says along with it.
        #[serde(default)]
        note: Option<Box<CallNote>>,
    },
    /// Enter the running call of a group that one is in, without having been invited.
    Join {
        /// Which call.
        call: CallId,
        /// What one is going to send.
        media: MediaState,
    },
    /// Ring more people, into the call that one is in. From then on it is a group call.
    #[serde(rename_all = "camelCase")]
    Invite {
        /// Which call.
        call: CallId,
        /// Who; nobody who is in the call or rung already.
        invitees: Vec<UserId>,
        /// As in [`Call`](Self::Call).
        #[serde(default)]
        ring_seconds: Option<u32>,
    },
    /// This device shows the invitation now: the caller may be told "ringing".
    ConfirmRinging {
        /// Which invitation.
        invite: InviteId,
    },
    /// Answer.
    Accept {
        /// Which invitation.
        invite: InviteId,
        /// What the callee is going to send.
        media: MediaState,
        /// For whoever rings: the answer to the offer that came ahead, and candidates. They arrive before it is told that the
        /// invitation is accepted: what takes the longest begins first.
        #[serde(default)]
        signals: Vec<Signal>,
    },
    /// Decline.
    Reject {
        /// Which invitation.
        invite: InviteId,
    },
    /// Leave the call; while nobody has answered: cancel it.
    Hangup {
        /// Which call.
        call: CallId,
    },
    /// Make a voice call of two a video call: the other side is asked.
    SwitchToVideo {
        /// Which call.
        call: CallId,
    },
    /// Answer that question; or take one's own back, by not agreeing.
    AnswerVideo {
        /// Which call.
        call: CallId,
        /// Whether it becomes a video call.
        agree: bool,
    },
    /// Make a video call of two a voice call, at once.
    SwitchToAudio {
        /// Which call.
        call: CallId,
    },
    /// Take one's own place in the call over to this device, after a reload or from another device.
    Rejoin {
        /// Which call.
        call: CallId,
        /// What this device is going to send.
        media: MediaState,
    },
    /// Pass a message on to the peer connection of somebody in the same call, or of somebody whom one rings: one offer and
    /// its candidates then, so that the answer can be ready when the person is. All their devices receive them, also those
    /// that come later.
    Signal {
        /// Which call.
        call: CallId,
        /// To whom.
        to: UserId,
        /// That person's entry, as last told: a message for an entry that is gone is dropped.
        entry: Entry,
        /// The message.
        signal: Signal,
    },
    /// Media of somebody in the same call still arrives, though their signaling is lost: they have not left.
    Vouch {
        /// Which call.
        call: CallId,
        /// For whom.
        user: UserId,
    },
    /// Tell the others what one sends from now on.
    Announce {
        /// In which call.
        call: CallId,
        /// What.
        media: MediaState,
    },
}

impl Command {
    /// The people whom this command rings.
    pub fn invitees(&self) -> &[UserId] {
        match self {
            Self::Call { invitees, .. } | Self::Invite { invitees, .. } => invitees,
            Self::Hello(_)
            | Self::Watch { .. }
            | Self::Join { .. }
            | Self::ConfirmRinging { .. }
            | Self::Accept { .. }
            | Self::Reject { .. }
            | Self::Hangup { .. }
            | Self::SwitchToVideo { .. }
            | Self::AnswerVideo { .. }
            | Self::SwitchToAudio { .. }
            | Self::Rejoin { .. }
            | Self::Signal { .. }
            | Self::Vouch { .. }
            | Self::Announce { .. } => &[],
        }
    }

    /// The stored group that this command is about.
    pub fn group(&self) -> Option<GroupId> {
        match self {
            Self::Call { group, .. } => *group,
            Self::Hello(_)
            | Self::Watch { .. }
            | Self::Join { .. }
            | Self::Invite { .. }
            | Self::ConfirmRinging { .. }
            | Self::Accept { .. }
            | Self::Reject { .. }
            | Self::Hangup { .. }
            | Self::SwitchToVideo { .. }
            | Self::AnswerVideo { .. }
            | Self::SwitchToAudio { .. }
            | Self::Rejoin { .. }
            | Self::Signal { .. }
            | Self::Vouch { .. }
            | Self::Announce { .. } => None,
        }
    }
}

/// Who is speaking: which tab, and in which version of the protocol. (Which person, the server knows already.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`](super::VERSION).
    pub version: u16,
    /// This tab. The same after the socket was lost and opened again, another after a reload.
    pub device: DeviceId,
    /// Whether other devices of this person may stay.
    #[serde(default)]
    pub login: Login,
    /// What the device has heard on the socket before, if it had one.
    #[serde(default)]
    pub resume: Option<Resume>,
}

/// How far a device has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The token of its last [`Welcome`](super::Welcome).
    pub token: ResumeToken,
    /// How many events it has received after that one.
    pub received: u32,
}

/// How a device is logged in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Login {
    /// Beside others: all of them ring, and the first to answer has the call.
    #[default]
    Shared,
    /// Instead of all that there were: they leave their call and are told to go, as in the seed API. One that comes later
    /// may stay beside this one, unless it is exclusive itself.
    Exclusive,
}
