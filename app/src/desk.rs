//! The front desk: what the server does for a visitor who signs up, signs in or out, looks after their account, keeps groups, or
//! blocks somebody.
//!
//! The server functions of this crate ask it; the `server` crate is it. So the pages know nothing of storage, and
//! storage knows nothing of pages.

use call::id::{DisplayNameError, UserId, UserIdError};
use call::protocol::limits;
use serde::{Deserialize, Serialize};

/// Why somebody could not sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SignInProblem {
    /// There is no such pair of user id and password. Says nothing of which of the two is wrong.
    #[error("the user id or the password is wrong")]
    WrongCredentials,
    /// Too many tries in a short time.
    #[error("too many tries; wait {retry_after_seconds} seconds")]
    TooManyTries {
        /// How long to wait.
        retry_after_seconds: u32,
    },
    /// The server cannot look it up at the moment.
    #[error("the server cannot do this right now; try again in a moment")]
    Unavailable,
}

/// Why somebody could not sign up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SignUpProblem {
    /// The user id is not one.
    #[error(transparent)]
    UserId(UserIdError),
    /// Somebody else has this user id.
    #[error("this user id is taken; choose another")]
    Taken,
    /// The name is not one.
    #[error(transparent)]
    Name(DisplayNameError),
    /// The password is too short.
    #[error("the password needs at least {} characters", PASSWORD_MIN_CHARS)]
    PasswordTooShort,
    /// The password is too long.
    #[error("the password has at most {} characters", PASSWORD_MAX_CHARS)]
    PasswordTooLong,
    /// The password is one of those that everybody tries first.
    #[error("this password is easy to guess; take a few words that do not belong together")]
    PasswordTooEasy,
    /// Too many tries in a short time.
    #[error("too many tries; wait {retry_after_seconds} seconds")]
    TooManyTries {
        /// How long to wait.
        retry_after_seconds: u32,
    },
    /// The server cannot store it at the moment.
    #[error("the server cannot do this right now; try again in a moment")]
    Unavailable,
}

/// Why a group was not made or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum GroupProblem {
    /// The session is over.
    #[error("sign in first")]
    SignedOut,
    /// The name is not one.
    #[error(transparent)]
    Name(DisplayNameError),
    /// Nobody was chosen.
    #[error("choose at least one person")]
    NobodyChosen,
    /// Somebody who was chosen is not there.
    #[error("somebody on the list is not here any more")]
    UnknownPerson,
    /// There is no such group, or the visitor is not in it. Says nothing of which of the two.
    #[error("you are not in this group")]
    NoSuchGroup,
    /// More people than fit into a call.
    #[error("at most {} people fit into one group", limits::CALL_PEOPLE)]
    TooManyMembers,
    /// The visitor is in as many groups as a person can be.
    #[error("you are in {} groups already; leave one of them first", limits::GROUPS)]
    InTooManyGroups,
    /// Somebody is in as many groups as a person can be, or has blocked the visitor. Says nothing of which of the two.
    #[error(
        "{user} is in {} groups already, or does not want to be put into one by you; go on without them",
        limits::GROUPS
    )]
    CannotBeAdded {
        /// Who.
        user: UserId,
    },
    /// One person changes groups too often.
    #[error("these are many changes in a short time; wait a minute and try again")]
    TooManyChanges,
    /// The server cannot store it at the moment.
    #[error("the server cannot do this right now; try again in a moment")]
    Unavailable,
}

/// Why somebody was not blocked, or a block not taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BlockProblem {
    /// The session is over.
    #[error("sign in first")]
    SignedOut,
    /// Nobody can do without themselves.
    #[error("you cannot block yourself")]
    Oneself,
    /// Nobody has this id.
    #[error("there is nobody with this id")]
    UnknownPerson,
    /// The visitor has blocked as many people as one can.
    #[error("you have blocked {} people already; unblock somebody first", limits::BLOCKS)]
    TooMany,
    /// One person blocks and unblocks too often.
    #[error("these are many changes in a short time; wait a minute and try again")]
    TooManyChanges,
    /// The server cannot store it at the moment.
    #[error("the server cannot do this right now; try again in a moment")]
    Unavailable,
}

/// Why one's own account was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AccountProblem {
    /// The session is over.
    #[error("sign in first")]
    SignedOut,
    /// What was typed as the present password is another.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The new password is too short.
    #[error("the password needs at least {} characters", PASSWORD_MIN_CHARS)]
    PasswordTooShort,
    /// The new password is too long.
    #[error("the password has at most {} characters", PASSWORD_MAX_CHARS)]
    PasswordTooLong,
    /// The new password is one of those that everybody tries first.
    #[error("this password is easy to guess; take a few words that do not belong together")]
    PasswordTooEasy,
    /// Too many tries in a short time. They are counted together with those of signing in.
    #[error("too many tries; wait {retry_after_seconds} seconds")]
    TooManyTries {
        /// How long to wait.
        retry_after_seconds: u32,
    },
    /// The server cannot store it at the moment.
    #[error("the server cannot do this right now; try again in a moment")]
    Unavailable,
}

/// The shortest password, in characters (OWASP ASVS 5.0, 6.2.1).
pub const PASSWORD_MIN_CHARS: usize = 8;
/// The longest password, in characters (OWASP ASVS 5.0, 6.2.9 asks for at least 64).
pub const PASSWORD_MAX_CHARS: usize = 128;

/// The port that the `server` crate implements.
#[cfg(feature = "ssr")]
pub mod ssr {
    use std::net::IpAddr;
    use std::pin::Pin;
    use std::sync::Arc;

    use axum::http::HeaderValue;
    use call::id::{GroupId, UserId};

    use super::{AccountProblem, BlockProblem, GroupProblem, SignInProblem, SignUpProblem};

    /// A boxed future, so that the desk can be a trait object in Leptos' context.
    pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

    /// The desk as the server functions find it in context.
    pub type SharedDesk = Arc<dyn FrontDesk>;

    /// Who is at the desk. The server puts it into context beside the desk, from the request alone.
    #[derive(Clone, Debug)]
    pub struct Visitor {
        /// The address to count tries by.
        pub address: IpAddr,
        /// Who is signed in, if anybody.
        pub user: Option<UserId>,
        /// The session token of the cookie, if there is one.
        pub token: Option<String>,
    }

    /// A `Set-Cookie` header to send with the answer.
    #[derive(Clone, Debug)]
    pub struct SetCookie(pub HeaderValue);

    /// What the server does for visitors.
    pub trait FrontDesk: Send + Sync + 'static {
        /// Check the form, create the account and sign it in.
        fn sign_up<'a>(
            &'a self,
            visitor: &'a Visitor,
            user_id: &'a str,
            name: &'a str,
            password: &'a str,
        ) -> Answer<'a, Result<SetCookie, SignUpProblem>>;

        /// Check the password and open a session. Whatever session the visitor had before is closed.
        fn sign_in<'a>(
            &'a self,
            visitor: &'a Visitor,
            user_id: &'a str,
            password: &'a str,
        ) -> Answer<'a, Result<SetCookie, SignInProblem>>;

        /// Close the session, on the server and in the cookie, and the sockets that it opened.
        fn sign_out<'a>(&'a self, visitor: &'a Visitor) -> Answer<'a, SetCookie>;

        /// Give the visitor another password, and a session that takes the place of all that they have.
        fn change_password<'a>(
            &'a self,
            visitor: &'a Visitor,
            current: &'a str,
            new: &'a str,
        ) -> Answer<'a, Result<SetCookie, AccountProblem>>;

        /// Give the visitor a session that takes the place of all that they have.
        fn sign_out_elsewhere<'a>(
            &'a self,
            visitor: &'a Visitor,
            current: &'a str,
        ) -> Answer<'a, Result<SetCookie, AccountProblem>>;

        /// Make a group of the visitor and these others.
        fn create_group<'a>(
            &'a self,
            visitor: &'a Visitor,
            name: &'a str,
            others: &'a [String],
        ) -> Answer<'a, Result<GroupId, GroupProblem>>;

        /// Give a group of the visitor's another name.
        fn rename_group<'a>(
            &'a self,
            visitor: &'a Visitor,
            group: &'a str,
            name: &'a str,
        ) -> Answer<'a, Result<(), GroupProblem>>;

        /// Put more people into a group of the visitor's.
        fn add_members<'a>(
            &'a self,
            visitor: &'a Visitor,
            group: &'a str,
            people: &'a [String],
        ) -> Answer<'a, Result<(), GroupProblem>>;

        /// Take the visitor out of a group. When the last one leaves, it is deleted.
        fn leave_group<'a>(
            &'a self,
            visitor: &'a Visitor,
            group: &'a str,
        ) -> Answer<'a, Result<(), GroupProblem>>;

        /// The visitor does not want to be reached by somebody any more.
        fn block<'a>(&'a self, visitor: &'a Visitor, whom: &'a str) -> Answer<'a, Result<(), BlockProblem>>;

        /// The visitor takes that back.
        fn unblock<'a>(&'a self, visitor: &'a Visitor, whom: &'a str)
        -> Answer<'a, Result<(), BlockProblem>>;
    }
}
