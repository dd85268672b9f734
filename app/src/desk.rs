//! The front desk: what the server does for a visitor who signs up, signs in or signs out.
//!
//! The server functions of this crate ask it; the `server` crate is it. So the pages know nothing of storage, and
//! storage knows nothing of pages.

use call::id::{DisplayNameError, UserIdError};
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
    use call::id::UserId;

    use super::{SignInProblem, SignUpProblem};

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
    }
}
