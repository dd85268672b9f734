//! Signing in.

use leptos::form::ActionForm;
use leptos::prelude::*;

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
    let action = ServerAction::<SignIn>::new();
    let answer = action.value();
    let problem = Memo::new(move |_| {
        answer.with(|answer| match answer {
            None => problem.clone(),
            Some(Ok(())) => None,
            Some(Err(error)) => Some(error.problem.clone()),
        })
    });
    let wrong = Signal::derive(move || problem.with(|problem| *problem == Some(SignInProblem::WrongCredentials)));
    let error = Signal::derive(move || problem.with(|problem| problem.as_ref().map(|problem| lang.sign_in_problem(problem))));
    // Once it has worked, the button stays busy until the browser has left for the home page.
    let busy = Signal::derive(move || action.pending().get() || answer.with(|answer| matches!(answer, Some(Ok(())))));

    view! {
        <Door back="/sign-in">
            <h1>{lang.sign_in_heading()}</h1>
            <ActionForm action attr:class="form">
                <FormError error />
                <Field name="user_id" label=lang.user_id() autocomplete="username" value=user_id wrong focus=true />
                <Field name="password" label=lang.password() autocomplete="current-password" secret=true wrong />
                <button type="submit" class="button primary wide" disabled=busy>
                    {move || if busy.get() { lang.signing_in() } else { lang.sign_in() }}
                </button>
            </ActionForm>
            <p class="aside">{lang.new_here()} " " <a href="/sign-up">{lang.sign_up()}</a></p>
        </Door>
    }
}
