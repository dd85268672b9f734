//! Why a command was not carried out, and why a socket was closed.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::text::joined;

/// Why the switchboard did not carry out a command. The call, if there is one, is untouched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// The list of people to call is empty.
    NoInvitees,
    /// The list of people to call is too long.
    TooManyInvitees {
        /// The most that are allowed.
        limit: u16,
    },
    /// Somebody is on the list twice.
    InvitedTwice {
        /// Who.
        user: UserId,
    },
    /// Somebody on the list is in the call or rung already.
    InvitedAlready {
        /// Who.
        user: UserId,
    },
    /// There would be more people in the call than [`CALL_PEOPLE`](super::limits::CALL_PEOPLE).
    CallFull {
        /// The most that are allowed.
        limit: u16,
    },
    /// People cannot call themselves.
    CalledOneself,
    /// Nobody here has this id.
    UnknownUser {
        /// The id.
        user: UserId,
    },
    /// There is no such group, or one is not in it. Says nothing of which of the two.
    NoSuchGroup,
    /// Nobody on the list is in the group whose call it is to be.
    NotInGroup {
        /// One of them.
        user: UserId,
    },
    /// One is alone in the group.
    NobodyElseInGroup,
    /// The call that was to be joined is over, or not one of a group that one is in. Says nothing of which of the two.
    GroupCallEnded,
    /// One is already calling, ringing or in a call, here or on another device.
    AlreadyInCall,
    /// The invitation is over or was never for this person.
    NoSuchInvite,
    /// The call is over or this person is not in it.
    NoSuchCall,
    /// The call is on another device of the same person.
    OnAnotherDevice,
    /// A call of several people is neither voice nor video: each sends what they like.
    NoSwitchInGroup,
    /// Nobody has answered this call yet.
    NotAnswered,
    /// The call is what it was to become.
    OfThatTypeAlready,
    /// There is no question to answer.
    NothingAsked,
    /// A session description or candidate is longer than allowed, or there are too many.
    SignalTooLarge,
    /// More people watched than [`WATCHED_PEOPLE`](super::limits::WATCHED_PEOPLE).
    TooManyWatched {
        /// The most that are allowed.
        limit: u16,
    },
    /// A second hello on the same socket.
    AlreadyGreeted,
    /// Too many calls in too short a time.
    TooManyCalls,
    /// The server cannot look something up at the moment.
    Unavailable,
    /// One has blocked somebody on the list.
    Blocked {
        /// Who.
        user: UserId,
    },
    /// A session description or candidate is not one.
    MalformedSignal,
}

impl Refusal {
    /// What to tell whoever asked for it, and what they can do.
    ///
    /// Put together by hand: the code that formats would be a kilobyte of what other people's pages load.
    pub fn message(&self) -> String {
        let message = match self {
            Self::NoInvitees => "name at least one person to call",
            Self::TooManyInvitees { limit } => {
                return joined(&["at most ", &decimal(*limit), " people can be called at once"]);
            }
            Self::InvitedTwice { user } => return joined(&[user.as_str(), " is on the list more than once"]),
            Self::InvitedAlready { user } => return joined(&[user.as_str(), " is in this call already"]),
            Self::CallFull { limit } => {
                return joined(&["at most ", &decimal(*limit), " people fit into one call"]);
            }
            Self::CalledOneself => "you cannot call yourself",
            Self::UnknownUser { user } => {
                return joined(&[
                    "nobody here has the id ",
                    user.as_str(),
                    " yet; check its spelling",
                ]);
            }
            Self::NoSuchGroup => "you are not in this group",
            Self::NotInGroup { user } => return joined(&[user.as_str(), " is not in this group"]),
            Self::NobodyElseInGroup => "nobody else is in this group yet; add somebody first",
            Self::GroupCallEnded => "this call has ended; call the group again",
            Self::AlreadyInCall => "you are already in a call; hang up first",
            Self::NoSuchInvite => "this invitation is over",
            Self::NoSuchCall => "this call is over",
            Self::OnAnotherDevice => "this call is on another of your devices",
            Self::NoSwitchInGroup => {
                "only a call of two people can be switched; here, turn your own camera on or off"
            }
            Self::NotAnswered => "nobody has answered this call yet",
            Self::OfThatTypeAlready => "the call is of that type already",
            Self::NothingAsked => "nobody has asked for video, or no longer",
            Self::SignalTooLarge | Self::MalformedSignal => {
                "the connection details are larger than allowed, or are none"
            }
            Self::TooManyWatched { limit } => {
                return joined(&["at most ", &decimal(*limit), " people can be watched"]);
            }
            Self::AlreadyGreeted => "this socket has already said hello",
            Self::TooManyCalls => "too many calls in a short time; wait a moment",
            Self::Unavailable => "the server cannot do this right now; try again",
            Self::Blocked { user } => {
                return joined(&["you have blocked ", user.as_str(), "; unblock them first"]);
            }
        };
        message.to_owned()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for Refusal {}

fn decimal(number: u16) -> String {
    let mut digits = Vec::new();
    let mut left = number;
    loop {
        digits.push(b'0' + (left % 10) as u8);
        left /= 10;
        if left == 0 {
            return digits.into_iter().rev().map(char::from).collect();
        }
    }
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
    /// 4408: the person has as many sockets open as they may. Come back when one of them is closed.
    TooManySockets,
    /// 4409: the same device has opened a newer socket.
    Superseded,
    /// 4420 and up: whoever shows a userSig is not let in by it, or no longer.
    LoginRefused(LoginRefusal),
}

/// Why a userSig does not let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoginRefusal {
    /// 4420: no app has a secret on this server.
    NoApps,
    /// 4421: there is no such app on this server.
    UnknownApp,
    /// 4422: it is no userSig at all.
    Malformed,
    /// 4423: it was not signed with a secret of this app, or changed afterwards.
    BadSignature,
    /// 4424: it was made for another user or another app.
    NotForThisUser,
    /// 4425: its time is over.
    Expired,
    /// 4426: somebody has this user id in other letters, like "Alice" for "alice".
    TakenInOtherCase,
    /// 4427: the page is of an origin that the operator has not listed.
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

    /// What to tell whoever logs in, and what they can do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NoApps => {
                "this server has no apps; its operator can set one with YODEL_APPS=SDKAppID:secret"
            }
            Self::UnknownApp => {
                "this server does not know this SDKAppID; check it against the server's YODEL_APPS"
            }
            Self::Malformed => {
                "this is not a userSig; make one with the app's secret, on your server or with `yodel usersig`"
            }
            Self::BadSignature => {
                "the userSig was not signed with this app's secret, or was changed on its way"
            }
            Self::NotForThisUser => "the userSig was made for another userID or another SDKAppID",
            Self::Expired => "the userSig has expired; get a new one from your server",
            Self::TakenInOtherCase => {
                "another person has this userID, written with other capitals; choose another one"
            }
            Self::ForeignOrigin => {
                "pages of this origin may not connect; the server's operator can list it in YODEL_ORIGINS"
            }
        }
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
            Self::TooManySockets => 4408,
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

impl fmt::Display for LoginRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for LoginRefusal {}

#[cfg(test)]
mod tests {
    use super::{CloseReason, LoginRefusal, Refusal};

    #[test]
    fn a_refusal_says_whom_or_how_many_it_is_about() {
        let user = "bob".parse().unwrap();
        assert_eq!(
            Refusal::Blocked { user }.message(),
            "you have blocked bob; unblock them first"
        );
        for (limit, digits) in [(0, "0"), (15, "15"), (512, "512")] {
            let message = Refusal::TooManyInvitees { limit }.message();
            assert_eq!(message, format!("at most {digits} people can be called at once"));
        }
    }

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
            assert!(refusal.message().len() <= 123, "{refusal}");
        }
    }
}
