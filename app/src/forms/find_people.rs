//! Looking for people.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::page::People;

/// Why nobody could be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FindPeopleError {
    /// The session is over.
    SignedOut,
    /// The server cannot look it up at the moment, or cannot be reached.
    Unavailable,
}

impl FromServerFnError for FindPeopleError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Unavailable
    }
}

/// People whose id or name contains `query`; everybody if it is empty.
#[server(prefix = "/api", endpoint = "find_people")]
pub async fn find_people(
    /// What to look for, as typed.
    query: String,
) -> Result<People, FindPeopleError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let found = match &visitor.user {
        Some(me) => desk
            .find_people(me, &query)
            .await
            .ok_or(FindPeopleError::Unavailable),
        None => Err(FindPeopleError::SignedOut),
    };
    found.inspect_err(|error| ssr::set_status(ssr::status_of_search(*error)))
}
