//! One's own account: another password, and an end to all other sessions.
//!
//! Whoever sits down at somebody's open browser has a session, but not the password. So both ask for it, and count the try as
//! signing in does: a session must not be a better place for guessing than the door is.

use app::desk::ssr::{SetCookie, Visitor};
use app::desk::{AccountProblem, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS};
use call::id::{Person, UserId};

use super::password::{Busy, NotHashed};
use super::token::SessionKey;
use super::tries::TooMany;
use super::{Inner, new_session};
use crate::signaling::SessionEnd;
use crate::storage::{NewSession, NewSessionError, StorageError};

impl Inner {
    pub(super) async fn change_password(
        &self,
        visitor: &Visitor,
        current: &str,
        new: &str,
    ) -> Result<SetCookie, AccountProblem> {
        match new.chars().count() {
            0..PASSWORD_MIN_CHARS => return Err(AccountProblem::PasswordTooShort),
            PASSWORD_MIN_CHARS..=PASSWORD_MAX_CHARS => {}
            _ => return Err(AccountProblem::PasswordTooLong),
        }
        let (person, verified) = self.prove(visitor, current).await?;
        let place = self.enter_line().ok_or(AccountProblem::Unavailable)?;
        let hash = place.hash(new, &person).await.map_err(|problem| match problem {
            NotHashed::Busy(Busy) => AccountProblem::Unavailable,
            NotHashed::Easy => AccountProblem::PasswordTooEasy,
        })?;
        let cookie = self
            .renew_sessions(visitor, &person.id, verified, Some(hash))
            .await?;
        tracing::info!(user = %person.id, "has another password");
        Ok(cookie)
    }

    pub(super) async fn sign_out_elsewhere(
        &self,
        visitor: &Visitor,
        current: &str,
    ) -> Result<SetCookie, AccountProblem> {
        let (person, verified) = self.prove(visitor, current).await?;
        self.renew_sessions(visitor, &person.id, verified, None).await
    }

    /// Who the visitor is, if they know the password; and what it was checked against.
    async fn prove(&self, visitor: &Visitor, current: &str) -> Result<(Person, String), AccountProblem> {
        let user = visitor.user.clone().ok_or(AccountProblem::SignedOut)?;
        if current.chars().count() > PASSWORD_MAX_CHARS {
            return Err(AccountProblem::WrongPassword);
        }
        self.tries
            .sign_in(visitor.address, user.as_str())
            .map_err(|TooMany { retry_after_seconds }| AccountProblem::TooManyTries {
                retry_after_seconds,
            })?;
        let place = self.enter_line().ok_or(AccountProblem::Unavailable)?;
        let account = self
            .storage
            .account(user.as_str())
            .await
            .map_err(|error| unavailable(&error))?;
        let expected = account
            .as_ref()
            .and_then(|account| account.password_hash.as_deref());
        let matches = place
            .verify(current, expected)
            .await
            .map_err(|Busy| AccountProblem::Unavailable)?;
        account
            .filter(|_| matches)
            .and_then(|account| Some((account.person, account.password_hash?)))
            .ok_or(AccountProblem::WrongPassword)
    }

    /// A session under a token that nobody had before, in place of all that this person has. What the visitor's own browser does
    /// goes on under it; every other one is signed out. If the password is not the `verified` one any more, nothing is done.
    async fn renew_sessions(
        &self,
        visitor: &Visitor,
        user: &UserId,
        verified: String,
        password_hash: Option<String>,
    ) -> Result<SetCookie, AccountProblem> {
        let (token, new) = new_session(user, verified).ok_or(AccountProblem::Unavailable)?;
        let own = visitor.token.as_deref().map(SessionKey::of);
        let storage = self.storage.clone();
        let renewing = async move {
            let over = storage.renew_sessions(&new, password_hash.as_deref()).await?;
            let ended = over.into_iter().map(|old| end(old, own, &new));
            Ok(ended.collect())
        };
        let renewed: Result<(), NewSessionError> = self.hub.change_sessions(renewing).await;
        renewed.map_err(|error| match error {
            NewSessionError::PasswordChanged => AccountProblem::WrongPassword,
            NewSessionError::Storage(error) => unavailable(&error),
        })?;
        self.give(&token).ok_or(AccountProblem::Unavailable)
    }
}

/// How a session ends by a new one: that of the `own` browser goes on under it.
fn end(old: SessionKey, own: Option<SessionKey>, new: &NewSession) -> SessionEnd {
    if Some(old) == own {
        SessionEnd::Replaced {
            old,
            new: new.key,
            expires_at: new.expires_at,
        }
    } else {
        SessionEnd::Closed(old)
    }
}

fn unavailable(error: &StorageError) -> AccountProblem {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "cannot change an account"
    );
    AccountProblem::Unavailable
}
