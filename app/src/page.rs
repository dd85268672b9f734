//! What a page is made from. The server gathers it before it renders, and sends it along for hydration: there is nothing
//! to wait for and nothing to load twice.

use call::id::{Person, Roster};
use call::media::CallType;
use serde::{Deserialize, Serialize};

use crate::desk::{BlockProblem, SignInProblem, SignUpProblem};
use crate::forms::{AccountError, GroupError};

/// A page of the site with all that it shows at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Page {
    /// `/sign-in`
    SignIn {
        /// The user id that was typed before, if this is another try.
        user_id: String,
        /// Why the try before failed.
        problem: Option<SignInProblem>,
    },
    /// `/sign-up`
    SignUp {
        /// The user id that was typed before.
        user_id: String,
        /// The name that was typed before.
        name: String,
        /// Why the try before failed.
        problem: Option<SignUpProblem>,
    },
    /// `/`, signed in: contacts, and calls over them.
    Home(Home),
    /// `/groups/new`
    NewGroup {
        /// Who is signed in.
        me: Person,
        /// Whom there is to choose from.
        people: People,
        /// What was typed and chosen before, and why that failed.
        failed: Option<GroupError>,
    },
    /// `/groups/{id}`, for those who are in the group.
    Group {
        /// Who is signed in.
        me: Person,
        /// The group.
        roster: Roster,
        /// Who is not in it.
        people: People,
        /// What was typed and chosen before, and why that failed.
        failed: Option<GroupError>,
    },
    /// `/people/{id}`
    Person {
        /// Who is signed in.
        me: Person,
        /// Whose page it is.
        person: Person,
        /// Whether the reader has blocked them.
        blocked: bool,
        /// Why that was not changed.
        problem: Option<BlockProblem>,
    },
    /// `/trust`, where the server's certificate is of an authority of its own.
    Trust {
        /// The SHA-256 of the authority's certificate, as systems show it.
        fingerprint: String,
    },
    /// `/account`
    Account {
        /// Who is signed in.
        me: Person,
        /// What has just been done.
        done: Option<AccountChange>,
        /// Why it was not.
        failed: Option<AccountError>,
    },
    /// Any other path.
    NotFound,
    /// The server cannot answer at the moment.
    Unavailable,
}

/// What somebody has done to their own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountChange {
    /// It has another password.
    Password,
    /// Every other session is over.
    SignedOutElsewhere,
}

impl AccountChange {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Password, Self::SignedOutElsewhere];

    /// How a query says it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SignedOutElsewhere => "elsewhere",
        }
    }
}

/// What the home page shows at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Who is signed in.
    pub me: Person,
    /// What was searched for (`/?q=…`); empty for everybody.
    pub query: String,
    /// The people that were found.
    pub people: People,
    /// The groups that the reader is in, ordered by name.
    pub groups: Vec<Roster>,
    /// Calls of the past, newest first.
    pub recent: Vec<PastCall>,
}

/// Some of the people who have an account, the reader not among them, ordered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// At most [`People::LIMIT`].
    pub found: Vec<Person>,
    /// Whether there are more: the search must be narrowed.
    pub more: bool,
}

impl People {
    /// The most people that one answer lists.
    pub const LIMIT: usize = 200;
}

/// A call of the past, as one of its people sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastCall {
    /// The other side.
    pub with: Person,
    /// Voice or video.
    pub call_type: CallType,
    /// Who called and what came of it.
    pub outcome: PastOutcome,
    /// How long people talked, in milliseconds.
    pub connected_ms: u64,
    /// When it was placed, in milliseconds since 1970, by the server's clock.
    pub placed_at_ms: u64,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PastOutcome {
    /// The reader called and was answered.
    Outgoing,
    /// The reader called and nobody answered, or it was declined, busy or cancelled.
    Unanswered,
    /// The reader answered.
    Incoming,
    /// The reader was called and did not answer.
    Missed,
    /// The reader declined.
    Declined,
}
