//! The labels: a word each, out of a list that is known beforehand.

use std::fmt;

use call::protocol::{CloseReason, InviteOutcome, Refusal};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// A word of this program. There is no way to make one from what somebody has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Word(&'static str);

impl EncodeLabelValue for Word {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }
}

/// Why a socket is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedBy {
    /// The other side has closed it, or its connection was cut.
    Client,
    /// Nothing was heard from the other side, or it took nothing more.
    Silence,
    /// The server has closed it.
    Server(CloseReason),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reason {
    reason: Word,
}

impl From<ClosedBy> for Reason {
    fn from(by: ClosedBy) -> Self {
        Self {
            reason: Word(match by {
                ClosedBy::Client => "client",
                ClosedBy::Silence => "silence",
                ClosedBy::Server(reason) => match reason {
                    CloseReason::Restarting => "restarting",
                    CloseReason::Malformed => "malformed",
                    CloseReason::TooLarge => "too-large",
                    CloseReason::TooFast => "too-fast",
                    CloseReason::TooSlow => "queue-overflow",
                    CloseReason::NoHello => "no-hello",
                    CloseReason::SignedOut => "signed-out",
                    CloseReason::KickedOut => "kicked-out",
                    CloseReason::TooManySockets => "too-many-sockets",
                    CloseReason::Superseded => "superseded",
                    CloseReason::LoginRefused(_) => "login-refused",
                },
            }),
        }
    }
}

/// What a device is told that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// What it has missed.
    Gap,
    /// Everything, as it stands.
    Snapshot,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Kind {
    kind: Word,
}

impl From<Resumed> for Kind {
    fn from(how: Resumed) -> Self {
        Self {
            kind: Word(match how {
                Resumed::Gap => "gap",
                Resumed::Snapshot => "snapshot",
            }),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Outcome {
    outcome: Word,
}

impl From<InviteOutcome> for Outcome {
    fn from(outcome: InviteOutcome) -> Self {
        Self {
            outcome: Word(match outcome {
                InviteOutcome::Accepted => "accepted",
                InviteOutcome::Rejected => "rejected",
                InviteOutcome::Cancelled => "cancelled",
                InviteOutcome::TimedOut => "timed-out",
                InviteOutcome::Busy => "busy",
                InviteOutcome::Unknown => "unknown",
            }),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Refused {
    refusal: Word,
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        Self {
            refusal: Word(match refusal {
                Refusal::NoInvitees => "no-invitees",
                Refusal::TooManyInvitees { .. } => "too-many-invitees",
                Refusal::InvitedTwice { .. } => "invited-twice",
                Refusal::InvitedAlready { .. } => "invited-already",
                Refusal::CallFull { .. } => "call-full",
                Refusal::CalledOneself => "called-oneself",
                Refusal::UnknownUser { .. } => "unknown-user",
                Refusal::NoSuchGroup => "no-such-group",
                Refusal::NotInGroup { .. } => "not-in-group",
                Refusal::NobodyElseInGroup => "nobody-else-in-group",
                Refusal::GroupCallEnded => "group-call-ended",
                Refusal::AlreadyInCall => "already-in-call",
                Refusal::NoSuchInvite => "no-such-invite",
                Refusal::NoSuchCall => "no-such-call",
                Refusal::OnAnotherDevice => "on-another-device",
                Refusal::NoSwitchInGroup => "no-switch-in-group",
                Refusal::NotAnswered => "not-answered",
                Refusal::OfThatTypeAlready => "of-that-type-already",
                Refusal::NothingAsked => "nothing-asked",
                Refusal::SignalTooLarge => "signal-too-large",
                Refusal::TooManyWatched { .. } => "too-many-watched",
                Refusal::AlreadyGreeted => "already-greeted",
                Refusal::TooManyCalls => "too-many-calls",
                Refusal::Unavailable => "unavailable",
                Refusal::Blocked { .. } => "blocked",
                Refusal::MalformedSignal => "malformed-signal",
            }),
        }
    }
}
