//! Signing up.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::desk::SignUpProblem;

/// A sign-up that failed, with what the visitor does not have to type again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUpError {
    /// What was typed as the user id.
    pub user_id: String,
    /// What was typed as the name.
    pub name: String,
    /// Why it failed.
    pub problem: SignUpProblem,
}

impl FromServerFnError for SignUpError {
    type Encoder = JsonEncoding;

    /// Whatever keeps the question from being asked or the answer from being read is the same to a visitor.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self {
            user_id: String::new(),
            name: String::new(),
            problem: SignUpProblem::Unavailable,
        }
    }
}

/// Create an account and open its first session. The answer carries the cookie.
#[server(prefix = "/api", endpoint = "sign_up")]
pub async fn sign_up(
    /// The user id, as typed.
    user_id: String,
    /// The name, as typed.
    name: String,
    /// The password.
    password: String,
) -> Result<(), SignUpError> {
    use super::ssr::{self, Failure};

    let (desk, visitor) = ssr::desk()?;
    match desk.sign_up(&visitor, &user_id, &name, &password).await {
        Ok(cookie) => {
            ssr::set_cookie(cookie);
            ssr::send_to("/");
            Ok(())
        }
        Err(problem) => {
            let error = SignUpError {
                user_id,
                name,
                problem,
            };
            ssr::fail(Failure::SignUp(error.clone()));
            Err(error)
        }
    }
}
