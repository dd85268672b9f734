//! The front desk: accounts, passwords, sessions, groups and blocks, as [`app::desk::ssr::FrontDesk`] asks for them.
//!
//! A sign-in goes through here in this order: count the try, look the account up, check the password (or somebody
//! else's, if there is no such account or it has no password: the answer must not tell, and neither must its time), open the session, close
//! the one before.

mod account;
mod blocks;
pub mod cookie;
mod groups;
mod password;
pub mod token;
mod tries;

use std::sync::Arc;
use std::time::Duration;

use app::desk::ssr::{Answer, FrontDesk, SetCookie, Visitor};
use app::desk::{
    AccountProblem, BlockProblem, GroupProblem, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, SignInProblem,
    SignUpProblem,
};
use axum::http::HeaderMap;
use call::id::{DisplayName, GroupId, Person, UserId};
use call::protocol::{CloseReason, LoginRefusal};

use self::cookie::SessionCookie;
use self::password::{Busy, NotHashed, Passwords, Place};
use self::token::{SessionKey, Token};
use self::tries::{TooMany, Tries};
use crate::clock::UnixMillis;
use crate::config::Config;
use crate::signaling::{HubHandle, SessionEnd};
use crate::storage::{
    Account, CreateAccountError, NewSession, NewSessionError, Session, Storage, StorageError,
};

/// How long a session lasts.
pub const SESSION_LENGTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The front desk.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    storage: Arc<dyn Storage>,
    hub: HubHandle,
    cookie: SessionCookie,
    passwords: Passwords,
    tries: Tries,
}

/// Why there is no front desk: the operating system has no randomness, most likely.
#[derive(Debug, thiserror::Error)]
#[error("cannot hash passwords on this machine")]
pub struct NoDesk(#[source] argon2::password_hash::Error);

impl Desk {
    /// A desk over this storage. The hub is told who signed up, and which sessions are over.
    pub fn new(config: &Config, storage: Arc<dyn Storage>, hub: HubHandle) -> Result<Self, NoDesk> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self(Arc::new(Inner {
            storage,
            hub,
            cookie: SessionCookie::new(config.is_https()),
            passwords: Passwords::new(cores).map_err(NoDesk)?,
            tries: Tries::new(config.sign_ups_per_hour),
        })))
    }

    /// The session that a request belongs to, if it shows the token of one that is open.
    pub async fn session(&self, headers: &HeaderMap) -> Result<Option<SignedIn>, StorageError> {
        let Some(token) = self.token(headers) else {
            return Ok(None);
        };
        let key = SessionKey::of(&token);
        let session = self.0.storage.session(&key, UnixMillis::now()).await?;
        Ok(session.map(|session| SignedIn {
            key,
            session,
            credential: Credential::Cookie,
        }))
    }

    /// The token that a request shows, of whatever worth.
    pub fn token(&self, headers: &HeaderMap) -> Option<String> {
        self.0.cookie.read(headers)
    }

    /// Forget what makes no difference any more. To be called now and then.
    pub async fn tidy(&self) {
        self.0.tries.forget_the_idle();
        match self.0.storage.sweep_sessions(UnixMillis::now()).await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "removed sessions that had ended"),
            Err(error) => tracing::warn!(%error, "cannot remove sessions that have ended"),
        }
    }
}

/// A session that a request has proved to belong to. One of a userSig is stored nowhere.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Which.
    pub key: SessionKey,
    /// Whose, and until when.
    pub session: Session,
    /// By what the request has proved it.
    pub credential: Credential,
}

/// By what somebody proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The session cookie of the site.
    Cookie,
    /// A userSig.
    UserSig,
}

impl Credential {
    /// Why a socket is closed when this is good no longer.
    pub const fn reason_when_expired(self) -> CloseReason {
        match self {
            Self::Cookie => CloseReason::SignedOut,
            Self::UserSig => CloseReason::LoginRefused(LoginRefusal::Expired),
        }
    }
}

impl Inner {
    async fn sign_up(
        &self,
        visitor: &Visitor,
        user_id: &str,
        name: &str,
        password: &str,
    ) -> Result<SetCookie, SignUpProblem> {
        let id: UserId = user_id.trim().parse().map_err(SignUpProblem::UserId)?;
        // Nobody has to give a name: then the id is the name.
        let name = if name.trim().is_empty() {
            DisplayName::of(&id)
        } else {
            name.parse().map_err(SignUpProblem::Name)?
        };
        match password.chars().count() {
            0..PASSWORD_MIN_CHARS => return Err(SignUpProblem::PasswordTooShort),
            PASSWORD_MIN_CHARS..=PASSWORD_MAX_CHARS => {}
            _ => return Err(SignUpProblem::PasswordTooLong),
        }
        self.tries
            .sign_up(visitor.address)
            .map_err(|TooMany { retry_after_seconds }| SignUpProblem::TooManyTries { retry_after_seconds })?;
        let place = self.enter_line().ok_or(SignUpProblem::Unavailable)?;
        // Asked first, so that a taken id costs no hash; asked again by the insert, which alone decides.
        let taken = self
            .storage
            .account(id.as_str())
            .await
            .map_err(unavailable_sign_up)?;
        if taken.is_some() {
            return Err(SignUpProblem::Taken);
        }
        let person = Person { id, name };
        let password_hash = place
            .hash(password, &person)
            .await
            .map_err(|problem| match problem {
                NotHashed::Busy(Busy) => SignUpProblem::Unavailable,
                NotHashed::Easy => SignUpProblem::PasswordTooEasy,
            })?;
        let account = Account {
            person,
            password_hash: Some(password_hash.clone()),
        };
        self.storage
            .create_account(&account, UnixMillis::now())
            .await
            .map_err(|error| match error {
                CreateAccountError::Taken => SignUpProblem::Taken,
                CreateAccountError::Storage(error) => unavailable_sign_up(error),
            })?;
        tracing::info!(user = %account.person.id, "signed up");
        let cookie = self
            .open_session(visitor, &account.person.id, password_hash)
            .await;
        self.hub.person_joined(account.person).await;
        cookie.map_err(|_| SignUpProblem::Unavailable)
    }

    fn enter_line(&self) -> Option<Place<'_>> {
        let place = self.passwords.enter();
        place
            .inspect_err(|Busy| tracing::debug!("too many passwords to check: a visitor is sent away"))
            .ok()
    }

    async fn sign_in(
        &self,
        visitor: &Visitor,
        user_id: &str,
        password: &str,
    ) -> Result<SetCookie, SignInProblem> {
        // Whatever cannot be an id or a password is nobody's, and is not looked at further.
        let user_id = user_id.trim();
        if user_id.parse::<UserId>().is_err() || password.chars().count() > PASSWORD_MAX_CHARS {
            return Err(SignInProblem::WrongCredentials);
        }
        self.tries
            .sign_in(visitor.address, user_id)
            .map_err(|TooMany { retry_after_seconds }| SignInProblem::TooManyTries { retry_after_seconds })?;
        let place = self.enter_line().ok_or(SignInProblem::Unavailable)?;
        let account = self.storage.account(user_id).await.map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot look an account up"
            );
            SignInProblem::Unavailable
        })?;
        let expected = account
            .as_ref()
            .and_then(|account| account.password_hash.as_deref());
        let matches = place
            .verify(password, expected)
            .await
            .map_err(|Busy| SignInProblem::Unavailable)?;
        let (person, verified) = account
            .filter(|_| matches)
            .and_then(|account| Some((account.person, account.password_hash?)))
            .ok_or(SignInProblem::WrongCredentials)?;
        self.open_session(visitor, &person.id, verified)
            .await
            .map_err(|no_session| match no_session {
                NoSession::PasswordChanged => SignInProblem::WrongCredentials,
                NoSession::Unavailable => SignInProblem::Unavailable,
            })
    }

    /// A session under a token that nobody had before, in place of whatever the visitor came with; for whoever has the password that
    /// was `verified`.
    async fn open_session(
        &self,
        visitor: &Visitor,
        user: &UserId,
        verified: String,
    ) -> Result<SetCookie, NoSession> {
        let (token, new) = new_session(user, verified).ok_or(NoSession::Unavailable)?;
        let replaced = visitor.token.as_deref().map(SessionKey::of);
        let storage = self.storage.clone();
        let opening = async move {
            let was_open = storage.open_session(&new, replaced.as_ref()).await?;
            let ended = replaced.filter(|_| was_open).map(SessionEnd::Closed);
            Ok(ended.into_iter().collect())
        };
        let opened: Result<(), NewSessionError> = self.hub.change_sessions(opening).await;
        opened.map_err(|error| match error {
            NewSessionError::PasswordChanged => NoSession::PasswordChanged,
            NewSessionError::Storage(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot open a session");
                NoSession::Unavailable
            }
        })?;
        self.give(&token).ok_or(NoSession::Unavailable)
    }

    /// The cookie that gives a browser this token.
    fn give(&self, token: &Token) -> Option<SetCookie> {
        self.cookie.set(token, SESSION_LENGTH).map(SetCookie)
    }

    async fn sign_out(&self, visitor: &Visitor) -> SetCookie {
        if let Some(key) = visitor.token.as_deref().map(SessionKey::of) {
            let storage = self.storage.clone();
            let closing = async move {
                // If it is nobody's token, there is nothing that the hub would have to look for.
                let was_open = storage.close_session(&key).await?;
                let ended = was_open.then_some(SessionEnd::Closed(key));
                Ok::<_, StorageError>(ended.into_iter().collect())
            };
            if let Err(error) = self.hub.change_sessions(closing).await {
                // The cookie goes all the same, so this browser is signed out; the session ends by its age.
                tracing::error!(error = &error as &dyn std::error::Error, "cannot close a session");
            }
        }
        SetCookie(self.cookie.clear())
    }
}

/// Why there is no session.
enum NoSession {
    /// The password was changed while it was looked at.
    PasswordChanged,
    /// It could not be stored.
    Unavailable,
}

/// A session as it is to be stored, and the token that opens it. `None` without randomness.
fn new_session(user: &UserId, verified: String) -> Option<(Token, NewSession)> {
    let token = Token::random()
        .inspect_err(|error| tracing::error!(%error, "the operating system has no randomness"))
        .ok()?;
    let now = UnixMillis::now();
    let new = NewSession {
        key: token.key(),
        user: user.clone(),
        verified,
        now,
        expires_at: now.plus(SESSION_LENGTH),
    };
    Some((token, new))
}

fn unavailable_sign_up(error: StorageError) -> SignUpProblem {
    tracing::error!(
        error = &error as &dyn std::error::Error,
        "cannot store an account"
    );
    SignUpProblem::Unavailable
}

impl FrontDesk for Desk {
    fn sign_up<'a>(
        &'a self,
        visitor: &'a Visitor,
        user_id: &'a str,
        name: &'a str,
        password: &'a str,
    ) -> Answer<'a, Result<SetCookie, SignUpProblem>> {
        Box::pin(self.0.sign_up(visitor, user_id, name, password))
    }

    fn sign_in<'a>(
        &'a self,
        visitor: &'a Visitor,
        user_id: &'a str,
        password: &'a str,
    ) -> Answer<'a, Result<SetCookie, SignInProblem>> {
        Box::pin(self.0.sign_in(visitor, user_id, password))
    }

    fn sign_out<'a>(&'a self, visitor: &'a Visitor) -> Answer<'a, SetCookie> {
        Box::pin(self.0.sign_out(visitor))
    }

    fn change_password<'a>(
        &'a self,
        visitor: &'a Visitor,
        current: &'a str,
        new: &'a str,
    ) -> Answer<'a, Result<SetCookie, AccountProblem>> {
        Box::pin(self.0.change_password(visitor, current, new))
    }

    fn sign_out_elsewhere<'a>(
        &'a self,
        visitor: &'a Visitor,
        current: &'a str,
    ) -> Answer<'a, Result<SetCookie, AccountProblem>> {
        Box::pin(self.0.sign_out_elsewhere(visitor, current))
    }

    fn create_group<'a>(
        &'a self,
        visitor: &'a Visitor,
        name: &'a str,
        others: &'a [String],
    ) -> Answer<'a, Result<GroupId, GroupProblem>> {
        Box::pin(self.0.create_group(visitor, name, others))
    }

    fn rename_group<'a>(
        &'a self,
        visitor: &'a Visitor,
        group: &'a str,
        name: &'a str,
    ) -> Answer<'a, Result<(), GroupProblem>> {
        Box::pin(self.0.rename_group(visitor, group, name))
    }

    fn add_members<'a>(
        &'a self,
        visitor: &'a Visitor,
        group: &'a str,
        people: &'a [String],
    ) -> Answer<'a, Result<(), GroupProblem>> {
        Box::pin(self.0.add_members(visitor, group, people))
    }

    fn leave_group<'a>(
        &'a self,
        visitor: &'a Visitor,
        group: &'a str,
    ) -> Answer<'a, Result<(), GroupProblem>> {
        Box::pin(self.0.leave_group(visitor, group))
    }

    fn block<'a>(&'a self, visitor: &'a Visitor, whom: &'a str) -> Answer<'a, Result<(), BlockProblem>> {
        Box::pin(self.0.block(visitor, whom))
    }

    fn unblock<'a>(&'a self, visitor: &'a Visitor, whom: &'a str) -> Answer<'a, Result<(), BlockProblem>> {
        Box::pin(self.0.unblock(visitor, whom))
    }
}
