//! Blocking somebody, and taking that back.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::desk::BlockProblem;

/// Somebody who was not blocked, or whose block was not taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockError {
    /// The id, as it was sent.
    pub person: String,
    /// Why it failed.
    pub problem: BlockProblem,
}

impl FromServerFnError for BlockError {
    type Encoder = JsonEncoding;

    /// Whatever keeps the question from being asked or the answer from being read is the same to a visitor.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self {
            person: String::new(),
            problem: BlockProblem::Unavailable,
        }
    }
}

/// Do not be reached by somebody any more, and come back to that person's page.
#[server(prefix = "/api", endpoint = "block")]
pub async fn block(
    /// The person's id.
    person: String,
) -> Result<(), BlockError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.block(&visitor, &person).await;
    ssr::block_done(person, done)
}

/// Be reached by somebody again, and come back to that person's page.
#[server(prefix = "/api", endpoint = "unblock")]
pub async fn unblock(
    /// The person's id.
    person: String,
) -> Result<(), BlockError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.unblock(&visitor, &person).await;
    ssr::block_done(person, done)
}
