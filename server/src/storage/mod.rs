//! What outlives a restart: people, their sessions, and the call history.
//!
//! One trait a noun, so that whoever needs only people sees only people. [`sqlite::SqliteStorage`] is all of them over
//! one file.

pub mod sqlite;

use std::time::Duration;

use app::page::{PastCall, People};
use call::id::{CallId, Person, UserId};
use call::media::CallType;
use call::protocol::InviteOutcome;
use futures::future::BoxFuture;

use crate::clock::UnixMillis;
use crate::desk::token::SessionKey;

/// What a storage promises: a value, a moment later, unless it cannot be had.
pub type Stored<'a, T, E = StorageError> = BoxFuture<'a, Result<T, E>>;

/// Why something could not be stored or looked up.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The disk is full, the file is locked, or the like. It may pass.
    #[error("the database cannot be used at the moment")]
    Unavailable(#[from] sqlx::Error),
    /// A row that this version of the program would not have written.
    #[error("the database holds a {what} that this version cannot read")]
    Unreadable {
        /// Of what kind.
        what: &'static str,
    },
}

/// Why an account was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Somebody has this user id, or one that differs in the case of letters only.
    #[error("this user id is taken")]
    Taken,
    /// It could not be stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for CreateAccountError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// A person and what their password is checked against.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub person: Person,
    /// A PHC string.
    pub password_hash: String,
}

/// People who have signed up.
pub trait Accounts: Send + Sync {
    /// Store a new person.
    fn create_account<'a>(
        &'a self,
        account: &'a Account,
        now: UnixMillis,
    ) -> Stored<'a, (), CreateAccountError>;

    /// The account with this id, in whatever case its letters were typed.
    fn account<'a>(&'a self, typed_id: &'a str) -> Stored<'a, Option<Account>>;

    /// The person with exactly this id.
    fn person<'a>(&'a self, id: &'a UserId) -> Stored<'a, Option<Person>>;

    /// People whose id or name contains `query` in any case, ordered by name, without `me`.
    fn find_people<'a>(&'a self, me: &'a UserId, query: &'a str) -> Stored<'a, People>;
}

/// A session as the storage knows it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub person: Person,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
}

/// Who is signed in.
pub trait Sessions: Send + Sync {
    /// Store a new session, and close `replaced` in the same breath.
    fn open_session<'a>(
        &'a self,
        key: &'a SessionKey,
        user: &'a UserId,
        replaced: Option<&'a SessionKey>,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Stored<'a, ()>;

    /// The session with this key, if it is open at `now`.
    fn session<'a>(&'a self, key: &'a SessionKey, now: UnixMillis) -> Stored<'a, Option<Session>>;

    /// Close a session. One that is closed already stays closed.
    fn close_session<'a>(&'a self, key: &'a SessionKey) -> Stored<'a, ()>;

    /// Remove the sessions that have ended by themselves. How many there were.
    fn sweep_sessions(&self, now: UnixMillis) -> Stored<'_, u64>;
}

/// One line of the call history: what came of one invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCall {
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
    /// How long the callee was in the call.
    pub connected: Duration,
    /// When the invitation was made.
    pub placed_at: UnixMillis,
}

/// Calls of the past.
pub trait CallLog: Send + Sync {
    /// Store these calls: all of them, or none.
    fn log_calls<'a>(&'a self, calls: &'a [LoggedCall]) -> Stored<'a, ()>;

    /// The newest calls of a person, newest first.
    fn recent_calls<'a>(&'a self, me: &'a UserId, limit: u32) -> Stored<'a, Vec<PastCall>>;
}

/// Everything that is stored.
pub trait Storage: Accounts + Sessions + CallLog {}

impl<T: Accounts + Sessions + CallLog> Storage for T {}
