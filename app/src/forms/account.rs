//! Changing one's password, and signing out everywhere else.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::desk::AccountProblem;
use crate::page::AccountChange;

/// An account that was not changed. What was typed is a password each time, and does not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountError {
    /// Why it failed.
    pub problem: AccountProblem,
    /// What was asked for: which of the two forms it was.
    pub change: AccountChange,
}

impl FromServerFnError for AccountError {
    type Encoder = JsonEncoding;

    /// Whatever keeps the question from being asked or the answer from being read is the same to a visitor.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self {
            problem: AccountProblem::Unavailable,
            change: AccountChange::Password,
        }
    }
}

/// Have another password from now on, and be signed in here alone. The answer carries the cookie of a new session.
#[server(prefix = "/api", endpoint = "change_password")]
pub async fn change_password(
    /// The password until now.
    current: String,
    /// The one from now on.
    new: String,
) -> Result<(), AccountError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.change_password(&visitor, &current, &new).await;
    ssr::account_done(done, AccountChange::Password)
}

/// Be signed in here alone. The answer carries the cookie of a new session.
#[server(prefix = "/api", endpoint = "sign_out_elsewhere")]
pub async fn sign_out_elsewhere(
    /// The password: whoever has found an open browser is not to lock its owner out.
    current: String,
) -> Result<(), AccountError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.sign_out_elsewhere(&visitor, &current).await;
    ssr::account_done(done, AccountChange::SignedOutElsewhere)
}
