//! Why a command was not carried out, and why a socket was closed.

use serde::{Deserialize, Serialize};

use crate::id::UserId;

/// Why the switchboard did not carry out a command. The call, if there is one, is untouched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// The list of people to call is empty.
    #[error("name at least one person to call")]
    NoInvitees,
    /// The list of people to call is too long.
    #[error("at most {limit} people can be called at once")]
    TooManyInvitees {
        /// The most that are allowed.
        limit: u16,
    },
    /// Somebody is on the list twice.
    #[error("{user} is on the list more than once")]
    InvitedTwice {
        /// Who.
        user: UserId,
    },
    /// Somebody on the list is in the call or rung already.
    #[error("{user} is in this call already")]
    InvitedAlready {
        /// Who.
        user: UserId,
    },
    /// There would be more people in the call than [`CALL_PEOPLE`](super::limits::CALL_PEOPLE).
    #[error("at most {limit} people fit into one call")]
    CallFull {
        /// The most that are allowed.
        limit: u16,
    },
    /// People cannot call themselves.
    #[error("you cannot call yourself")]
    CalledOneself,
    /// Nobody here has this id.
    #[error("nobody here has the id {user}; check its spelling")]
    UnknownUser {
        /// The id.
        user: UserId,
    },
    /// There is no such group, or one is not in it. Says nothing of which of the two.
    #[error("you are not in this group")]
    NoSuchGroup,
    /// Nobody on the list is in the group whose call it is to be.
    #[error("{user} is not in this group")]
    NotInGroup {
        /// One of them.
        user: UserId,
    },
    /// One is alone in the group.
    #[error("nobody else is in this group yet; add somebody first")]
    NobodyElseInGroup,
    /// The call that was to be joined is over, or not one of a group that one is in. Says nothing of which of the two.
    #[error("this call has ended; call the group again")]
    GroupCallEnded,
    /// One is already calling, ringing or in a call, here or on another device.
    #[error("you are already in a call; hang up first")]
    AlreadyInCall,
    /// The invitation is over or was never for this person.
    #[error("this invitation is over")]
    NoSuchInvite,
    /// The call is over or this person is not in it.
    #[error("this call is over")]
    NoSuchCall,
    /// The call is on another device of the same person.
    #[error("this call is on another of your devices")]
    OnAnotherDevice,
    /// A call of several people is neither voice nor video: each sends what they like.
    #[error("only a call of two people can be switched; here, turn your own camera on or off")]
    NoSwitchInGroup,
    /// Nobody has answered this call yet.
    #[error("nobody has answered this call yet")]
    NotAnswered,
    /// The call is what it was to become.
    #[error("the call is of that type already")]
    OfThatTypeAlready,
    /// There is no question to answer.
    #[error("nobody has asked for video, or no longer")]
    NothingAsked,
    /// A session description or candidate is longer than allowed, or there are too many.
    #[error("the connection details are larger than allowed")]
    SignalTooLarge,
    /// More people watched than [`WATCHED_PEOPLE`](super::limits::WATCHED_PEOPLE).
    #[error("at most {limit} people can be watched")]
    TooManyWatched {
        /// The most that are allowed.
        limit: u16,
    },
    /// A second hello on the same socket.
    #[error("this socket has already said hello")]
    AlreadyGreeted,
    /// Too many calls in too short a time.
    #[error("too many calls in a short time; wait a moment")]
    TooManyCalls,
    /// The server cannot look something up at the moment.
    #[error("the server cannot do this right now; try again")]
    Unavailable,
    /// One has blocked somebody on the list.
    #[error("you have blocked {user}; unblock them first")]
    Blocked {
        /// Who.
        user: UserId,
    },
}

/// Why the server closed a socket, with the WebSocket close code (RFC 6455, section 7.4) that it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// 1012: the server is about to stop, or cannot answer a hello right now. Come back in a moment.
    Restarting,
    /// 1007: a frame was not a message of this protocol.
    Malformed,
    /// 1009: a frame was longer than [`MESSAGE_BYTES`](super::limits::MESSAGE_BYTES).
    TooLarge,
    /// 1008: too many messages a second.
    TooFast,
    /// 1013: the client does not read what it is sent.
    TooSlow,
    /// 4400: the first message was not a hello in this version of the protocol, or did not come in time.
    NoHello,
    /// 4401: the session is over. Sign in again.
    SignedOut,
    /// 4403: the person has logged in elsewhere, and only there.
    #[doc(alias = "KICKED_OUT")]
    KickedOut,
    /// 4409: the same device has opened a newer socket.
    Superseded,
    /// 4420 and up: whoever shows a userSig is not let in by it, or no longer.
    LoginRefused(LoginRefusal),
}

/// Why a userSig does not let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LoginRefusal {
    /// 4420: no app has a secret on this server.
    #[error("this server has no apps; its operator can set one with YODEL_APPS=SDKAppID:secret")]
    NoApps,
    /// 4421: there is no such app on this server.
    #[error("this server does not know this SDKAppID; check it against the server's YODEL_APPS")]
    UnknownApp,
    /// 4422: it is no userSig at all.
    #[error("this is not a userSig; make one with the app's secret, on your server or with `yodel usersig`")]
    Malformed,
    /// 4423: it was not signed with a secret of this app, or changed afterwards.
    #[error("the userSig was not signed with this app's secret, or was changed on its way")]
    BadSignature,
    /// 4424: it was made for another user or another app.
    #[error("the userSig was made for another userID or another SDKAppID")]
    NotForThisUser,
    /// 4425: its time is over.
    #[error("the userSig has expired; get a new one from your server")]
    Expired,
    /// 4426: somebody has this user id in other letters, like "Alice" for "alice".
    #[error("another person has this userID, written with other capitals; choose another one")]
    TakenInOtherCase,
    /// 4427: the page is of an origin that the operator has not listed.
    #[error("pages of this origin may not connect; the server's operator can list it in YODEL_ORIGINS")]
    ForeignOrigin,
}

const FIRST_LOGIN_REFUSAL: u16 = 4420;
const LAST_LOGIN_REFUSAL: u16 = LoginRefusal::ForeignOrigin.code();

impl LoginRefusal {
    const ALL: [Self; 8] = [
        Self::NoApps,
        Self::UnknownApp,
        Self::Malformed,
        Self::BadSignature,
        Self::NotForThisUser,
        Self::Expired,
        Self::TakenInOtherCase,
        Self::ForeignOrigin,
    ];

    /// The WebSocket close code on the wire.
    pub const fn code(self) -> u16 {
        FIRST_LOGIN_REFUSAL + self as u16
    }

    /// The refusal that a close code says.
    pub fn of_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

impl CloseReason {
    /// The close code on the wire.
    pub const fn code(self) -> u16 {
        match self {
            Self::Malformed => 1007,
            Self::TooFast => 1008,
            Self::TooLarge => 1009,
            Self::Restarting => 1012,
            Self::TooSlow => 1013,
            Self::NoHello => 4400,
            Self::SignedOut => 4401,
            Self::KickedOut => 4403,
            Self::Superseded => 4409,
            Self::LoginRefused(refusal) => refusal.code(),
        }
    }

    /// Whether a client that was closed for this reason should open a new socket by itself.
    pub const fn may_reconnect(code: u16) -> bool {
        code != Self::SignedOut.code()
            && code != Self::KickedOut.code()
            && code != Self::Superseded.code()
            && code != Self::NoHello.code()
            && !matches!(code, FIRST_LOGIN_REFUSAL..=LAST_LOGIN_REFUSAL)
    }
}

#[cfg(test)]
mod tests {
    use super::{CloseReason, LoginRefusal};

    #[test]
    fn a_refused_login_is_known_by_its_close_code_and_not_tried_again() {
        for (code, refusal) in (4420..).zip(LoginRefusal::ALL) {
            assert_eq!(CloseReason::LoginRefused(refusal).code(), code);
            assert_eq!(LoginRefusal::of_code(code), Some(refusal));
            assert!(!CloseReason::may_reconnect(code));
        }
        assert_eq!(LoginRefusal::of_code(CloseReason::SignedOut.code()), None);
        assert!(CloseReason::may_reconnect(4428));
    }

    /// RFC 6455, section 5.5: 125 bytes, two of which are the code.
    #[test]
    fn what_is_said_of_a_refused_login_fits_into_a_close_frame() {
        for refusal in LoginRefusal::ALL {
            assert!(refusal.to_string().len() <= 123, "{refusal}");
        }
    }
}
