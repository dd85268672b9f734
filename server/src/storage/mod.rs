//! What outlives a restart: people, their sessions, groups and blocks, and the call history.
//!
//! One trait a noun, so that whoever needs only people sees only people. [`sqlite::SqliteStorage`] is all of them over
//! one file.

pub mod sqlite;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use app::page::{PastCall, People};
use call::id::{CallId, DisplayName, Group, GroupId, Person, Roster, UserId};
use call::media::CallType;
use call::protocol::InviteOutcome;
use call::switchboard::StoredCall;
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
    Unavailable(#[source] sqlx::Error),
    /// The database does not take this, and never will.
    #[error("the database does not take what is to be stored")]
    Refused(#[source] sqlx::Error),
    /// Somebody has moved, removed or replaced the file. What is stored goes where nobody finds it.
    #[error(
        "the database {} is not the file that was opened any more: what is stored from now on will be lost. Put it back; or stop \
         the server, put a backup in its place, and start it again",
        file.display()
    )]
    Moved {
        /// Where it was.
        file: PathBuf,
    },
    /// A row that this version of the program would not have written.
    #[error("the database holds a {what} that this version cannot read")]
    Unreadable {
        /// Of what kind.
        what: &'static str,
    },
}

/// Every failure of every database in this process. It is counted where it comes into being, so that none is forgotten.
static ERRORS: AtomicU64 = AtomicU64::new(0);

/// How many times something could not be stored or looked up, since the process started.
pub fn errors() -> u64 {
    ERRORS.load(Ordering::Relaxed)
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        ERRORS.fetch_add(1, Ordering::Relaxed);
        let is_refused = match &error {
            sqlx::Error::Database(error) => !matches!(error.kind(), sqlx::error::ErrorKind::Other),
            _ => false,
        };
        if is_refused {
            Self::Refused(error)
        } else {
            Self::Unavailable(error)
        }
    }
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
    /// A PHC string. `None` is nobody's password: this person logs in with a userSig alone.
    pub password_hash: Option<String>,
}

/// Somebody whose login has been verified by something else than a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// Who has been here before, or has signed up.
    Known(Person),
    /// Whose account was made for this login.
    New(Person),
}

/// Why there is no account for a verified login.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// Somebody has an id that differs in the case of letters only.
    #[error("somebody has this user id in other capitals")]
    TakenInOtherCase,
    /// It could not be stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for AdmitError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// People who have signed up, or whom an app has sent.
pub trait Accounts: Send + Sync {
    /// Store a new person.
    fn create_account<'a>(
        &'a self,
        account: &'a Account,
        now: UnixMillis,
    ) -> Stored<'a, (), CreateAccountError>;

    /// The person of a login that has been verified. If there is no account with exactly this id, one without a password is
    /// made, under the id as the name.
    fn admit<'a>(&'a self, id: &'a UserId, now: UnixMillis) -> Stored<'a, Admitted, AdmitError>;

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

/// A session that somebody is to have.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Under which key.
    pub key: SessionKey,
    /// Whose.
    pub user: UserId,
    /// What their password has just been checked against. If they have another one by now, there is no session for the old one.
    pub verified: String,
    /// When it begins.
    pub now: UnixMillis,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
}

/// Why there is no new session.
#[derive(Debug, thiserror::Error)]
pub enum NewSessionError {
    /// What was checked is not the password of this person any more.
    #[error("the password was changed meanwhile")]
    PasswordChanged,
    /// It could not be stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for NewSessionError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// Who is signed in.
pub trait Sessions: Send + Sync {
    /// Store a new session, and close `replaced` in the same breath. Whether there was such a one.
    fn open_session<'a>(
        &'a self,
        new: &'a NewSession,
        replaced: Option<&'a SessionKey>,
    ) -> Stored<'a, bool, NewSessionError>;

    /// The session with this key, if it is open at `now`.
    fn session<'a>(&'a self, key: &'a SessionKey, now: UnixMillis) -> Stored<'a, Option<Session>>;

    /// Store a new session of a person in place of all that they have, and a new password if there is one, in the same breath.
    /// Which sessions are over by that.
    fn renew_sessions<'a>(
        &'a self,
        new: &'a NewSession,
        password_hash: Option<&'a str>,
    ) -> Stored<'a, Vec<SessionKey>, NewSessionError>;

    /// Close a session. Whether there was one: otherwise nothing is written, and nobody has to wait for their turn to write.
    fn close_session<'a>(&'a self, key: &'a SessionKey) -> Stored<'a, bool>;

    /// Remove the sessions that have ended by themselves. How many there were.
    fn sweep_sessions(&self, now: UnixMillis) -> Stored<'_, u64>;
}

/// Why a group was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeGroupError {
    /// There is none with this id, or whoever would change it is not in it.
    #[error("there is no such group")]
    NoSuchGroup,
    /// Nobody has this id.
    #[error("there is nobody with the id {user}")]
    UnknownPerson {
        /// The id.
        user: UserId,
    },
    /// Whoever makes the group is in [`GROUPS`](call::protocol::limits::GROUPS) groups already.
    #[error("you are in as many groups as a person can be")]
    InTooManyGroups,
    /// Somebody is in [`GROUPS`](call::protocol::limits::GROUPS) groups already, or has blocked whoever would put them into
    /// one. Says nothing of which of the two.
    #[error("{user} is in as many groups as a person can be, or does not want to be put into one by you")]
    CannotBeAdded {
        /// Who.
        user: UserId,
    },
    /// More than [`CALL_PEOPLE`](call::protocol::limits::CALL_PEOPLE) people in one group.
    #[error("there are as many people in this group as fit into a call")]
    TooManyMembers,
    /// It could not be stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for ChangeGroupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// Groups of people. Each change answers with the group as it is then, and only those who are in a group can change it.
pub trait Groups: Send + Sync {
    /// Store a new group of `by` and `others`.
    fn create_group<'a>(
        &'a self,
        by: &'a UserId,
        group: &'a Group,
        others: &'a [UserId],
        now: UnixMillis,
    ) -> Stored<'a, Roster, ChangeGroupError>;

    /// Give a group another name.
    fn rename_group<'a>(
        &'a self,
        by: &'a UserId,
        group: GroupId,
        name: &'a DisplayName,
    ) -> Stored<'a, Roster, ChangeGroupError>;

    /// Put more people into a group: all of them, or none.
    fn add_members<'a>(
        &'a self,
        by: &'a UserId,
        group: GroupId,
        people: &'a [UserId],
        now: UnixMillis,
    ) -> Stored<'a, Roster, ChangeGroupError>;

    /// Take oneself out of a group. When the last one leaves, it is deleted.
    fn leave_group<'a>(&'a self, by: &'a UserId, group: GroupId) -> Stored<'a, Roster, ChangeGroupError>;

    /// The group with this id and everybody in it, ordered by name.
    fn roster(&self, group: GroupId) -> Stored<'_, Option<Roster>>;

    /// The groups that somebody is in, ordered by name.
    fn groups_of<'a>(&'a self, me: &'a UserId) -> Stored<'a, Vec<Roster>>;
}

/// Why somebody was not blocked.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// Nobody can do without themselves.
    #[error("you cannot block yourself")]
    Oneself,
    /// Nobody has this id.
    #[error("there is nobody with the id {user}")]
    UnknownPerson {
        /// The id.
        user: UserId,
    },
    /// More than [`BLOCKS`](call::protocol::limits::BLOCKS) of one person.
    #[error("you have blocked as many people as one can; unblock somebody first")]
    TooMany,
    /// It could not be stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for BlockError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// Who does not want to be reached by whom.
pub trait Blocks: Send + Sync {
    /// Store that `by` does not want to be reached by `whom`. To block somebody twice is to block them.
    fn block<'a>(&'a self, by: &'a UserId, whom: &'a UserId, now: UnixMillis) -> Stored<'a, (), BlockError>;

    /// Take a block back. One that is not there stays away.
    fn unblock<'a>(&'a self, by: &'a UserId, whom: &'a UserId) -> Stored<'a, ()>;

    /// Whom somebody has blocked.
    fn blocked_by<'a>(&'a self, me: &'a UserId) -> Stored<'a, BTreeSet<UserId>>;

    /// Those `among` some people who have blocked `whom`.
    fn blockers_of<'a>(&'a self, whom: &'a UserId, among: &'a [UserId]) -> Stored<'a, Vec<UserId>>;
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
    /// Whether the callee is not to see it, having blocked the caller.
    pub kept_from_callee: bool,
}

/// Something about calls that is to be stored.
#[derive(Clone, Debug, PartialEq)]
pub enum CallChange {
    /// A call that goes on, as it is now.
    Running(Box<StoredCall>),
    /// A call that goes on no longer.
    Over(CallId),
    /// A line of the history.
    Logged(LoggedCall),
}

/// Calls that go on, and calls of the past.
pub trait CallLog: Send + Sync {
    /// Store these changes: all of them, or none.
    fn store_calls<'a>(&'a self, changes: &'a [CallChange]) -> Stored<'a, ()>;

    /// The calls that were going on when something was last stored. One that this version cannot read is left out, and
    /// deleted.
    fn running_calls(&self) -> Stored<'_, Vec<StoredCall>>;

    /// The newest calls of a person, newest first.
    fn recent_calls<'a>(&'a self, me: &'a UserId, limit: u32) -> Stored<'a, Vec<PastCall>>;
}

/// Whether the storage works at all.
pub trait Probe: Send + Sync {
    /// Read something, and make sure that something could be written.
    fn probe(&self) -> Stored<'_, ()>;
}

/// Everything that is stored.
pub trait Storage: Accounts + Sessions + Groups + Blocks + CallLog + Probe {}

impl<T: Accounts + Sessions + Groups + Blocks + CallLog + Probe> Storage for T {}
