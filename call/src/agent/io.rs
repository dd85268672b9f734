//! What goes into an agent and what comes out.

use std::sync::Arc;

use crate::handset;
use crate::id::{Attempt, Entry, UserId};
use crate::media::{CaptureError, MediaKind};
use crate::protocol::{Candidate, ClientMsg, Description, Event, IceServer};

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The time of [`poll_timeout`](super::Agent::poll_timeout) has come.
    Tick,
    /// A socket was opened. The agent says hello.
    SocketOpened,
    /// The socket was lost, or could not be opened.
    SocketLost {
        /// The WebSocket close code; 1006 if there was none.
        code: u16,
    },
    /// A message arrived.
    Received(Event),
    /// The person asks for something.
    Asked(handset::Command),
    /// The answer to [`MediaOrder::OpenCapture`] or [`MediaOrder::CloseCapture`]; or a device did something by itself.
    Capture {
        /// Which.
        kind: MediaKind,
        /// What.
        change: CaptureChange,
    },
    /// A device of this kind was plugged in, or another one of it is there.
    DeviceFound(MediaKind),
    /// Something happened on the peer connection to somebody.
    Link {
        /// To whom.
        peer: UserId,
        /// Which of the links to them, as [`MediaOrder::OpenLink`] named it.
        link: LinkName,
        /// What.
        input: LinkInput,
    },
}

/// What became of a microphone or a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureChange {
    /// It is open and its track is on every link.
    Opened,
    /// It is closed.
    Closed,
    /// It could not be opened.
    Failed(CaptureError),
    /// Its track ended by itself: unplugged, or the permission was taken back.
    Ended,
    /// It is open and has begun to give nothing at all, or has ceased to.
    Dead(bool),
}

/// Something happened on a peer connection (W3C WebRTC, sections 4.4 and 4.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkInput {
    /// `negotiationneeded`.
    NegotiationNeeded,
    /// `createAnswer()` was fulfilled with this.
    AnswerCreated(Description),
    /// `setLocalDescription()` was fulfilled; this is `localDescription` now.
    LocalDescriptionSet(Description),
    /// `setRemoteDescription()` was fulfilled.
    RemoteDescriptionSet,
    /// `setLocalDescription()`, `setRemoteDescription()` or `createAnswer()` was rejected.
    DescriptionFailed,
    /// `icecandidate`.
    LocalCandidate(Candidate),
    /// `connectionstatechange` to `connected`.
    Connected,
    /// `connectionstatechange` to `disconnected`.
    Disconnected,
    /// `connectionstatechange` to `failed`.
    Failed,
    /// It is connected, and something has arrived since this was last looked into: every second or so.
    Arrived,
    /// Nothing has.
    NothingArrived,
}

/// The name of a link among all that there ever are to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkName {
    /// The later entry of the two people.
    pub entry: Entry,
    /// Which of the links between these entries.
    pub attempt: Attempt,
}

impl LinkName {
    /// The first link between two people of whom this is the later entry.
    pub const fn first(entry: Entry) -> Self {
        Self {
            entry,
            attempt: Attempt::FIRST,
        }
    }
}

/// What the owner must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this on the socket. Only while a socket is open. The agent keeps it until it is acknowledged.
    Send(Arc<ClientMsg>),
    /// Do this with a device or a peer connection.
    Media(MediaOrder),
    /// Play this from now on, in place of what plays.
    Play(Tone),
    /// Close the socket and do not open another.
    CloseSocket,
}

/// What is to be heard besides people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing.
    #[default]
    Silence,
    /// Somebody calls.
    Ringtone,
    /// A device of the called person rings.
    Ringback,
}

/// An order about media. Before this person has placed or accepted a call there are only those that prepare the answer to
/// whoever rings: a link that is not admitted, and descriptions for it. Nothing leaves the machine by them.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaOrder {
    /// Ask for these devices, with one prompt, put their tracks on every link, and answer for each with
    /// [`Input::Capture`].
    OpenCapture {
        /// The microphone.
        microphone: bool,
        /// The camera.
        camera: bool,
    },
    /// Stop the device (its light goes out), take its track from every link, and answer with [`Input::Capture`].
    CloseCapture(MediaKind),
    /// Let the open microphone be heard or not, at once and without an answer.
    SetMicrophoneHeard(bool),
    /// Use these STUN and TURN servers for every link that is opened from now on, and on those that are open
    /// (`setConfiguration()`): there they count when ICE is restarted.
    UseIceServers {
        /// In place of those before.
        ice_servers: Vec<IceServer>,
        /// Use TURN servers and nothing else (`iceTransportPolicy`).
        relay_only: bool,
    },
    /// Open a peer connection.
    OpenLink {
        /// To whom.
        peer: UserId,
        /// It comes back in [`Input::Link`].
        link: LinkName,
        /// Who offers.
        role: LinkRole,
        /// Whether what arrives is to be heard and seen. If not, [`AdmitLink`](Self::AdmitLink) or
        /// [`CloseLink`](Self::CloseLink) follows.
        admitted: bool,
    },
    /// The person has answered: what arrives on the link is to be heard and seen.
    AdmitLink {
        /// To whom.
        peer: UserId,
        /// Which of the links to them.
        link: LinkName,
    },
    /// Do this on the peer connection to somebody.
    Link {
        /// To whom.
        peer: UserId,
        /// Which of the links to them.
        link: LinkName,
        /// What.
        order: LinkOrder,
    },
    /// Close the peer connection.
    CloseLink {
        /// To whom.
        peer: UserId,
        /// Which of the links to them.
        link: LinkName,
    },
}

/// Which side of a link creates the transceivers and offers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkRole {
    /// This side: it adds one transceiver for each [`MediaKind::ALL`], in that order.
    Offers,
    /// The other side: this one takes the transceivers from its offer, in the same order.
    Answers,
}

/// An order to one peer connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOrder {
    /// `setLocalDescription()` without an argument. Answer with [`LinkInput::LocalDescriptionSet`] or
    /// [`LinkInput::DescriptionFailed`].
    SetLocalDescription,
    /// `createAnswer()`, without setting it: no candidate is gathered by that, and nobody is reached. Answer with
    /// [`LinkInput::AnswerCreated`] or [`LinkInput::DescriptionFailed`].
    CreateAnswer,
    /// `setLocalDescription()` with the answer that was created. Answer as to [`SetLocalDescription`](Self::SetLocalDescription).
    SetAnswer(Description),
    /// `setRemoteDescription()`. Answer with [`LinkInput::RemoteDescriptionSet`] or [`LinkInput::DescriptionFailed`].
    SetRemoteDescription(Description),
    /// `addIceCandidate()`. No answer; a failure is of no consequence.
    AddCandidate(Candidate),
    /// `restartIce()`. No answer; `negotiationneeded` follows.
    RestartIce,
}

/// Why an agent wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// An invitation should have been closed by the server by now; do not ring forever.
    RingCap,
    /// It has been shown for long enough that an invited person will not come.
    ForgetInvitee,
    /// A link has been broken for long enough to do something about it.
    MendLink,
    /// Somebody's signaling has been lost for a while.
    Vouch,
}
