//! Signing in.

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::components::{Door, Field, FormError};
use crate::desk::SignInProblem;
use crate::forms::SignIn;
use crate::i18n::lang;

/// `/sign-in`
#[component]
pub(crate) fn SignInPage(
    /// What was typed before.
    user_id: String,
    /// Why it failed before.
    problem: Option<SignInProblem>,
) -> impl IntoView {
    let lang = lang();
    // Which of the two is wrong, nobody is told.
    let wrong = problem == Some(SignInProblem::WrongCredentials);
    view! {
        <Door back="/sign-in">
            <h1>{lang.sign_in_heading()}</h1>
            <form method="post" action=SignIn::url() class="form">
                <FormError error=problem.map(|problem| lang.sign_in_problem(&problem)) />
                <Field name="user_id" label=lang.user_id() autocomplete="username" value=user_id wrong focus=!wrong />
                <Field
                    name="password"
                    label=lang.password()
                    autocomplete="current-password"
                    secret=true
                    wrong
                    focus=wrong
                />
                <button type="submit" class="button primary wide">
                    {lang.sign_in()}
                </button>
            </form>
            <p class="aside">{lang.new_here()} " " <a href="/sign-up">{lang.sign_up()}</a></p>
        </Door>
    }
}
