//! Signing in.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::desk::SignInProblem;

/// A sign-in that failed, with what the visitor does not have to type again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInError {
    /// What was typed as the user id.
    pub user_id: String,
    /// Why it failed.
    pub problem: SignInProblem,
}

impl FromServerFnError for SignInError {
    type Encoder = JsonEncoding;

    /// Whatever keeps the question from being asked or the answer from being read is the same to a visitor.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self {
            user_id: String::new(),
            problem: SignInProblem::Unavailable,
        }
    }
}

/// Open a session. The answer carries its cookie.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(
    /// The user id, as typed.
    user_id: String,
    /// The password.
    password: String,
) -> Result<(), SignInError> {
    use super::ssr::{self, Failure};

    let (desk, visitor) = ssr::desk()?;
    match desk.sign_in(&visitor, &user_id, &password).await {
        Ok(cookie) => {
            ssr::set_cookie(cookie);
            ssr::send_to("/");
            Ok(())
        }
        Err(problem) => {
            let error = SignInError { user_id, problem };
            ssr::fail(Failure::SignIn(error.clone()));
            Err(error)
        }
    }
}
