//! The server's half of the forms: who asks, and how the answer travels.

use axum::http::header::{ACCEPT, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use call::id::{GroupId, UserId};
use call::protocol::limits;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::redirect::REDIRECT_HEADER;

use super::{
    AccountError, AddMembers, Block, BlockError, ChangePassword, CreateGroup, GroupError, LeaveGroup,
    RenameGroup, SetLanguage, SignIn, SignInError, SignOut, SignOutElsewhere, SignUp, SignUpError, Unblock,
};
use crate::desk::ssr::{SetCookie, SharedDesk, Visitor};
use crate::desk::{AccountProblem, BlockProblem, GroupProblem, SignInProblem, SignUpProblem};
use crate::i18n::Lang;
use crate::page::{AccountChange, Page};

/// Make the server functions of the site known. To be called once, before the first request.
///
/// They also register themselves when the program is loaded, but a linker may leave out what nobody names.
pub fn register_explicitly() {
    server_fn::axum::register_explicit::<SignIn>();
    server_fn::axum::register_explicit::<SignUp>();
    server_fn::axum::register_explicit::<SignOut>();
    server_fn::axum::register_explicit::<CreateGroup>();
    server_fn::axum::register_explicit::<RenameGroup>();
    server_fn::axum::register_explicit::<AddMembers>();
    server_fn::axum::register_explicit::<LeaveGroup>();
    server_fn::axum::register_explicit::<Block>();
    server_fn::axum::register_explicit::<Unblock>();
    server_fn::axum::register_explicit::<ChangePassword>();
    server_fn::axum::register_explicit::<SignOutElsewhere>();
    server_fn::axum::register_explicit::<SetLanguage>();
}

/// A form that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Failure {
    /// Signing in.
    SignIn(SignInError),
    /// Signing up.
    SignUp(SignUpError),
    /// Making or changing a group.
    Group(GroupError),
    /// Blocking somebody, or taking that back.
    Block(BlockError),
    /// Changing one's own account.
    Account(AccountError),
}

impl Failure {
    /// The page that the form is on.
    fn path(&self) -> String {
        match self {
            Self::SignIn(_) => "/sign-in".into(),
            Self::SignUp(_) => "/sign-up".into(),
            Self::Group(GroupError { group, problem, .. }) => match (problem, group) {
                (GroupProblem::SignedOut, _) => "/sign-in".into(),
                (_, Some(group)) => group_path(&group.to_string()),
                // What is no group has no page.
                (GroupProblem::NoSuchGroup, None) => "/".into(),
                (_, None) => "/groups/new".into(),
            },
            Self::Block(BlockError { person, problem }) => match problem {
                BlockProblem::SignedOut => "/sign-in".into(),
                BlockProblem::Oneself
                | BlockProblem::UnknownPerson
                | BlockProblem::TooMany
                | BlockProblem::TooManyChanges
                | BlockProblem::Unavailable => person_path(person),
            },
            Self::Account(AccountError { problem, .. }) => match problem {
                AccountProblem::SignedOut => "/sign-in".into(),
                AccountProblem::WrongPassword
                | AccountProblem::PasswordTooShort
                | AccountProblem::PasswordTooLong
                | AccountProblem::PasswordTooEasy
                | AccountProblem::TooManyTries { .. }
                | AccountProblem::Unavailable => ACCOUNT.into(),
            },
        }
    }

    /// The status of the answer to a script.
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(SignInError { problem, .. }) => match problem {
                SignInProblem::WrongCredentials => StatusCode::UNAUTHORIZED,
                SignInProblem::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
                SignInProblem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::SignUp(SignUpError { problem, .. }) => match problem {
                SignUpProblem::Taken => StatusCode::CONFLICT,
                SignUpProblem::UserId(_)
                | SignUpProblem::Name(_)
                | SignUpProblem::PasswordTooShort
                | SignUpProblem::PasswordTooLong
                | SignUpProblem::PasswordTooEasy => StatusCode::UNPROCESSABLE_ENTITY,
                SignUpProblem::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
                SignUpProblem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Group(GroupError { problem, .. }) => match problem {
                GroupProblem::SignedOut => StatusCode::UNAUTHORIZED,
                GroupProblem::NoSuchGroup => StatusCode::NOT_FOUND,
                GroupProblem::Name(_)
                | GroupProblem::NobodyChosen
                | GroupProblem::UnknownPerson
                | GroupProblem::TooManyMembers
                | GroupProblem::InTooManyGroups
                | GroupProblem::CannotBeAdded { .. } => StatusCode::UNPROCESSABLE_ENTITY,
                GroupProblem::TooManyChanges => StatusCode::TOO_MANY_REQUESTS,
                GroupProblem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Block(BlockError { problem, .. }) => match problem {
                BlockProblem::SignedOut => StatusCode::UNAUTHORIZED,
                BlockProblem::UnknownPerson => StatusCode::NOT_FOUND,
                BlockProblem::Oneself | BlockProblem::TooMany => StatusCode::UNPROCESSABLE_ENTITY,
                BlockProblem::TooManyChanges => StatusCode::TOO_MANY_REQUESTS,
                BlockProblem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Account(AccountError { problem, .. }) => match problem {
                // Whoever asks is known; what they have typed is not theirs.
                AccountProblem::WrongPassword => StatusCode::FORBIDDEN,
                AccountProblem::SignedOut => StatusCode::UNAUTHORIZED,
                AccountProblem::PasswordTooShort
                | AccountProblem::PasswordTooLong
                | AccountProblem::PasswordTooEasy => StatusCode::UNPROCESSABLE_ENTITY,
                AccountProblem::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
                AccountProblem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            },
        }
    }

    /// How long to wait before the next try, in seconds.
    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::SignIn(SignInError {
                problem: SignInProblem::TooManyTries { retry_after_seconds },
                ..
            })
            | Self::SignUp(SignUpError {
                problem: SignUpProblem::TooManyTries { retry_after_seconds },
                ..
            })
            | Self::Account(AccountError {
                problem: AccountProblem::TooManyTries { retry_after_seconds },
                ..
            }) => Some(*retry_after_seconds),
            Self::SignIn(_) | Self::SignUp(_) | Self::Group(_) | Self::Block(_) | Self::Account(_) => None,
        }
    }
}

/// The name of the query parameter that carries a [`Failure`] back to the form.
const FAILED: &str = "failed";
/// The name of the query parameter that says what has been done to the account.
const DONE: &str = "done";
/// The page of one's own account.
const ACCOUNT: &str = "/account";
/// The longest typed value that is shown again, in characters. Longer ones are cut: a query has its limits too.
const TYPED_CHARS: usize = 128;

/// The page to show after a plain form has failed, from the query of the request; none if the query tells of no failure.
///
/// The query comes from outside. What cannot be read is passed over, and what can be read only ever says one of the
/// known sentences.
pub fn page_after_failure(query: &str) -> Option<Page> {
    match failure(query)? {
        Failure::SignIn(SignInError { user_id, problem }) => Some(Page::SignIn {
            user_id: shorten(user_id),
            problem: Some(problem),
        }),
        Failure::SignUp(SignUpError {
            user_id,
            name,
            problem,
        }) => Some(Page::SignUp {
            user_id: shorten(user_id),
            name: shorten(name),
            problem: Some(problem),
        }),
        // Their pages show more than this.
        Failure::Group(_) | Failure::Block(_) | Failure::Account(_) => None,
    }
}

/// What is to be shown again on the page of a group, after a plain form there has failed; as with [`page_after_failure`].
pub fn group_failure(query: &str) -> Option<GroupError> {
    match failure(query)? {
        Failure::Group(error) => Some(shorten_group(error)),
        Failure::SignIn(_) | Failure::SignUp(_) | Failure::Block(_) | Failure::Account(_) => None,
    }
}

/// Why somebody was not blocked, or a block not taken back, after a plain form on that person's page has failed; as with
/// [`page_after_failure`].
pub fn block_failure(query: &str, person: &UserId) -> Option<BlockProblem> {
    match failure(query)? {
        Failure::Block(error) if error.person == person.as_str() => Some(error.problem),
        Failure::Block(_)
        | Failure::Group(_)
        | Failure::SignIn(_)
        | Failure::SignUp(_)
        | Failure::Account(_) => None,
    }
}

/// Why an account was not changed, after a plain form on its page has failed; as with [`page_after_failure`].
pub fn account_failure(query: &str) -> Option<AccountError> {
    match failure(query)? {
        Failure::Account(error) => Some(error),
        Failure::Block(_) | Failure::Group(_) | Failure::SignIn(_) | Failure::SignUp(_) => None,
    }
}

/// What has just been done to an account, from the query of the request. The query comes from outside, and can say no more
/// than this.
pub fn account_change(query: &str) -> Option<AccountChange> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == DONE)?;
    AccountChange::ALL
        .into_iter()
        .find(|change| change.code() == value)
}

fn failure(query: &str) -> Option<Failure> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == FAILED)?;
    serde_json::from_str(&value).ok()
}

fn shorten_group(mut error: GroupError) -> GroupError {
    error.name = error.name.map(shorten);
    error.chosen.truncate(limits::CALL_PEOPLE);
    error.chosen = error.chosen.into_iter().map(shorten).collect();
    error
}

fn shorten(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TYPED_CHARS) {
        text.truncate(end);
    }
    text
}

/// The desk and the visitor, which the server puts into context.
pub(super) fn desk<E: FromServerFnError>() -> Result<(SharedDesk, Visitor), E> {
    use_context::<SharedDesk>()
        .zip(use_context::<Visitor>())
        .ok_or_else(|| {
            E::from_server_fn_error(ServerFnErrorErr::ServerError(
                "there is no desk in context".into(),
            ))
        })
}

/// Answer with this cookie.
pub(super) fn set_cookie(SetCookie(cookie): SetCookie) {
    answer(|response| response.append_header(SET_COOKIE, cookie));
}

/// The cookie that remembers a language, for a year.
pub(super) fn language_cookie(lang: Lang) -> SetCookie {
    SetCookie(HeaderValue::from_static(match lang {
        Lang::English => "lang=en; Path=/; Max-Age=31536000; SameSite=Lax",
        Lang::Chinese => "lang=zh; Path=/; Max-Age=31536000; SameSite=Lax",
    }))
}

/// The path of a group's page; whatever is not the id of a group leads to the start.
pub(super) fn group_path(group: &str) -> String {
    group
        .parse::<GroupId>()
        .map_or_else(|_| "/".into(), |group| ["/groups/", &group.to_string()].concat())
}

/// The path of a person's page; whatever is not an id leads to the start.
fn person_path(person: &str) -> String {
    person
        .parse::<UserId>()
        .map_or_else(|_| "/".into(), |person| ["/people/", person.as_str()].concat())
}

/// Answer a form that was to block somebody, or to take that back.
pub(super) fn block_done(person: String, done: Result<(), BlockProblem>) -> Result<(), BlockError> {
    if let Err(problem) = done {
        let error = BlockError { person, problem };
        fail(Failure::Block(error.clone()));
        return Err(error);
    }
    send_to(&person_path(&person));
    Ok(())
}

/// Answer a form that was to change an account. What went well brings the cookie of a new session.
pub(super) fn account_done(
    done: Result<SetCookie, AccountProblem>,
    change: AccountChange,
) -> Result<(), AccountError> {
    match done {
        Ok(cookie) => {
            set_cookie(cookie);
            send_to(&[ACCOUNT, "?", DONE, "=", change.code()].concat());
            Ok(())
        }
        Err(problem) => {
            let error = AccountError { problem, change };
            fail(Failure::Account(error.clone()));
            Err(error)
        }
    }
}

/// Answer a form that was to make or change a group: on to `path`, or back.
pub(super) fn group_done(done: Result<String, GroupError>) -> Result<(), GroupError> {
    match done {
        Ok(path) => send_to(&path),
        Err(error) => {
            fail(Failure::Group(error.clone()));
            return Err(error);
        }
    }
    Ok(())
}

/// Send the visitor to `path`: a plain form by a redirect, a script by a header that it follows.
pub(super) fn send_to(path: &str) {
    // Paths of the site are plain ASCII.
    let Ok(path) = HeaderValue::from_str(path) else {
        return;
    };
    let by_redirect = is_plain_form();
    answer(|response| {
        response.insert_header(LOCATION, path);
        if by_redirect {
            response.set_status(StatusCode::SEE_OTHER);
        } else {
            response.insert_header(
                HeaderName::from_static(REDIRECT_HEADER),
                HeaderValue::from_static(""),
            );
        }
    });
}

/// Answer that a form failed: a plain form by going back to it, a script by a status.
pub(super) fn fail(mut failure: Failure) {
    if !is_plain_form() {
        set_status(failure.status());
        if let Some(seconds) = failure.retry_after() {
            answer(|response| response.insert_header(RETRY_AFTER, seconds.into()));
        }
        return;
    }
    match &mut failure {
        Failure::SignIn(SignInError { user_id, .. }) => *user_id = shorten(core::mem::take(user_id)),
        Failure::SignUp(SignUpError { user_id, name, .. }) => {
            *user_id = shorten(core::mem::take(user_id));
            *name = shorten(core::mem::take(name));
        }
        Failure::Group(error) => *error = shorten_group(error.clone()),
        Failure::Block(BlockError { person, .. }) => *person = shorten(core::mem::take(person)),
        Failure::Account(_) => {}
    }
    // Neither fails: the failure is plain data, and a form-encoded query is plain ASCII.
    let Ok(told) = serde_json::to_string(&failure) else {
        return;
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(FAILED, &told)
        .finish();
    let Ok(back) = HeaderValue::from_str(&[&failure.path(), "?", &query].concat()) else {
        return;
    };
    answer(|response| {
        response.insert_header(LOCATION, back);
        response.set_status(StatusCode::SEE_OTHER);
    });
}

/// Answer a script with this status.
pub(super) fn set_status(status: StatusCode) {
    answer(|response| response.set_status(status));
}

/// Whether a plain form asks, and not a script: it wants a page to show.
fn is_plain_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    })
}

/// Change the answer that is being made.
fn answer(change: impl FnOnce(&ResponseOptions)) {
    if let Some(response) = use_context::<ResponseOptions>() {
        change(&response);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_of(failure: &Failure) -> String {
        let told = serde_json::to_string(failure).unwrap();
        form_urlencoded::Serializer::new(String::new())
            .append_pair("x", "1")
            .append_pair(FAILED, &told)
            .finish()
    }

    #[test]
    fn the_language_cookie_is_understood_again() {
        for lang in Lang::ALL {
            let SetCookie(cookie) = language_cookie(lang);
            let (pair, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert_eq!(name, Lang::COOKIE);
            assert_eq!(Lang::negotiate(Some(value), None), lang);
        }
    }

    #[test]
    fn what_was_typed_comes_back_with_the_reason() {
        let failure = Failure::SignUp(SignUpError {
            user_id: "alice&b=c".into(),
            name: "爱丽丝 <b>".into(),
            problem: SignUpProblem::Taken,
        });
        assert_eq!(
            page_after_failure(&query_of(&failure)),
            Some(Page::SignUp {
                user_id: "alice&b=c".into(),
                name: "爱丽丝 <b>".into(),
                problem: Some(SignUpProblem::Taken)
            })
        );
    }

    #[test]
    fn what_was_typed_too_long_comes_back_cut() {
        let failure = Failure::SignIn(SignInError {
            user_id: "é".repeat(5_000),
            problem: SignInProblem::WrongCredentials,
        });
        let Some(Page::SignIn { user_id, .. }) = page_after_failure(&query_of(&failure)) else {
            panic!("no page")
        };
        assert_eq!(user_id.chars().count(), TYPED_CHARS);
    }

    #[test]
    fn a_query_without_a_readable_failure_is_passed_over() {
        for query in [
            "",
            "q=alice",
            "failed",
            "failed=",
            "failed={}",
            "failed=%7B%22SignIn%22%3A1%7D",
            "failed=%FF%FE",
            "&&=&failed=%",
        ] {
            assert_eq!(page_after_failure(query), None, "{query:?}");
        }
    }
}
