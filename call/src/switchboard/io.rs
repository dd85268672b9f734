//! What goes into a switchboard and what comes out.

use core::time::Duration;
use std::collections::BTreeSet;

use super::StoredCall;
use super::timers::Grace;
use crate::id::{CallId, DeviceId, DisplayName, Person, Roster, UserId};
use crate::media::CallType;
use crate::protocol::{ClientMsg, CloseReason, Event, InviteOutcome, Login, limits};
use crate::time::Timestamp;

/// One device of one person: where events are delivered to, and where commands come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Who, as the authenticated socket says.
    pub user: UserId,
    /// Which of their tabs, as its hello said.
    pub device: DeviceId,
}

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The time of [`poll_timeout`](super::Switchboard::poll_timeout) has come.
    Tick,
    /// A socket has said a valid hello. If the device had another socket, that one has already been closed by the owner
    /// of the sockets and will not be reported as detached.
    Attached {
        /// Whose.
        address: Address,
        /// The name that others see.
        name: DisplayName,
        /// Whether the person's other devices may stay.
        login: Login,
        /// Whom the person has blocked.
        blocks: BTreeSet<UserId>,
    },
    /// The device's present socket is gone.
    Detached {
        /// Whose.
        address: Address,
        /// How.
        manner: Detachment,
    },
    /// A message arrived on the device's socket. Its size and rate have been checked, and its
    /// [`Hello`](crate::protocol::Hello) has been answered by [`Attached`](Self::Attached).
    Received {
        /// From which device.
        from: Address,
        /// The message.
        msg: ClientMsg,
        /// What the storage knows of those whom it names.
        known: Known,
    },
    /// Somebody has come into a stored group or left it, or it has got another name. A group that is gone has no members.
    ///
    /// These come in the order in which the changes were stored, and what is [`Known`] of a group comes in that order too.
    GroupChanged {
        /// The group as it is now.
        roster: Roster,
        /// Who has just left it.
        left: Option<UserId>,
    },
    /// Somebody has blocked somebody else: does not want to be reached by them any more.
    ///
    /// Blocks are told in the order in which they were stored, and so is what [`Attached`](Self::Attached) and [`Known`] say
    /// of them.
    Blocked {
        /// Who does not want to be reached.
        by: UserId,
        /// By whom.
        whom: UserId,
    },
    /// Somebody wants to be reached by somebody else again.
    Unblocked {
        /// Who has taken the block back.
        by: UserId,
        /// Whom it was about.
        whom: UserId,
    },
    /// Somebody signed up.
    PersonJoined(Person),
}

/// What the storage knows of those whom a command names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// The people whom it rings. Who is not among them does not exist.
    pub people: Vec<Person>,
    /// The group, if there is one with this id.
    pub group: Option<Roster>,
    /// Those whom it rings who have blocked whoever gives it.
    pub blockers: Vec<UserId>,
}

/// How a socket went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Detachment {
    /// The browser closed it: the tab is gone, or is being reloaded.
    Closed,
    /// Nothing was heard from it for too long.
    Silent,
    /// Its session is over: the person does not come back on this device.
    SignedOut,
}

/// What the owner must do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this to the device; or remember it, if its socket is lost, for when the device comes back.
    Deliver {
        /// To which device.
        to: Address,
        /// What.
        event: Event,
    },
    /// Close the device's socket for this reason, after what was delivered to it. It is forgotten already: it is not to be
    /// reported as detached.
    Close {
        /// Whose.
        to: Address,
        /// Why.
        reason: CloseReason,
    },
    /// Store these, all or none, before the outputs that follow are carried out.
    Commit(Vec<Change>),
}

/// Something that is to outlive the switchboard.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A call as it is now, in place of what was stored of it before.
    Call(Box<StoredCall>),
    /// A call is over: nothing is stored of it any more.
    CallOver(CallId),
    /// A line of the history.
    Record(CallRecord),
}

/// One line of the call history: what came of one invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// Who invited.
    pub caller: UserId,
    /// Who was invited.
    pub callee: UserId,
    /// Voice or video.
    pub call_type: CallType,
    /// What came of it.
    pub outcome: InviteOutcome,
    /// How long the callee was in the call; zero if it was not accepted.
    pub connected: Duration,
    /// When the invitation was made, by the switchboard's clock.
    pub invited_at: Timestamp,
    /// Whether the callee is not to see this line, having blocked the caller.
    pub kept_from_callee: bool,
}

/// What an operator may set.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long an invitation rings when the caller does not say. At most [`limits::MAX_RING`].
    pub ring: Duration,
    /// How long somebody whose browser closed the socket may take to come back.
    pub closed_grace: Duration,
    /// How long somebody whose socket fell silent may take to come back.
    pub silent_grace: Duration,
    /// How long they may take if others say that their media arrives. Whoever says so need not be honest, and holds somebody in a
    /// call by it.
    pub vouched_grace: Duration,
}

impl Config {
    /// For somebody whose socket has fallen silent now.
    pub(super) fn grace_of_the_silent(&self, now: Timestamp) -> Grace {
        Grace {
            until: now + self.silent_grace,
            longest: now + self.vouched_grace,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ring: limits::DEFAULT_RING,
            closed_grace: Duration::from_secs(10),
            silent_grace: Duration::from_secs(45),
            vouched_grace: Duration::from_secs(15 * 60),
        }
    }
}

/// Why a switchboard wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// An invitation has rung for long enough.
    RingTimeout,
    /// Somebody who was away has not come back.
    GraceOver,
    /// Nobody has said in time whether a call becomes a video call.
    VideoRequestTimeout,
}
