//! Signing up.

use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::components::{Door, Field, FormError};
use crate::desk::SignUpProblem;
use crate::forms::SignUp;
use crate::i18n::lang;

/// The field that a problem is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    UserId,
    Name,
    Password,
    Nothing,
}

fn about(problem: Option<&SignUpProblem>) -> About {
    match problem {
        Some(SignUpProblem::UserId(_) | SignUpProblem::Taken) => About::UserId,
        Some(SignUpProblem::Name(_)) => About::Name,
        Some(SignUpProblem::PasswordTooShort | SignUpProblem::PasswordTooLong) => About::Password,
        Some(SignUpProblem::TooManyTries { .. } | SignUpProblem::Unavailable) | None => About::Nothing,
    }
}

/// `/sign-up`
#[component]
pub(crate) fn SignUpPage(
    /// What was typed before.
    user_id: String,
    /// What was typed before.
    name: String,
    /// Why it failed before.
    problem: Option<SignUpProblem>,
) -> impl IntoView {
    let lang = lang();
    let action = ServerAction::<SignUp>::new();
    let answer = action.value();
    let problem = Memo::new(move |_| {
        answer.with(|answer| match answer {
            None => problem.clone(),
            Some(Ok(())) => None,
            Some(Err(error)) => Some(error.problem.clone()),
        })
    });
    let wrong = move |field: About| Signal::derive(move || problem.with(|problem| about(problem.as_ref()) == field));
    let error = Signal::derive(move || problem.with(|problem| problem.as_ref().map(|problem| lang.sign_up_problem(problem))));
    // Once it has worked, the button stays busy until the browser has left for the home page.
    let busy = Signal::derive(move || action.pending().get() || answer.with(|answer| matches!(answer, Some(Ok(())))));

    view! {
        <Door back="/sign-up">
            <h1>{lang.sign_up_heading()}</h1>
            <ActionForm action attr:class="form">
                <FormError error />
                <Field
                    name="name"
                    label=lang.display_name()
                    hint=lang.display_name_hint()
                    autocomplete="name"
                    value=name
                    wrong=wrong(About::Name)
                    focus=true
                />
                <Field
                    name="user_id"
                    label=lang.user_id()
                    hint=lang.user_id_hint()
                    autocomplete="username"
                    value=user_id
                    wrong=wrong(About::UserId)
                />
                <Field
                    name="password"
                    label=lang.password()
                    hint=lang.password_hint()
                    autocomplete="new-password"
                    secret=true
                    wrong=wrong(About::Password)
                />
                <button type="submit" class="button primary wide" disabled=busy>
                    {move || if busy.get() { lang.signing_up() } else { lang.sign_up() }}
                </button>
            </ActionForm>
            <p class="aside">{lang.have_account()} " " <a href="/sign-in">{lang.sign_in()}</a></p>
        </Door>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call::id::{DisplayNameError, UserIdError};

    #[test]
    fn a_problem_points_at_its_field() {
        assert!(about(Some(&SignUpProblem::Taken)) == About::UserId);
        assert!(about(Some(&SignUpProblem::UserId(UserIdError::Empty))) == About::UserId);
        assert!(about(Some(&SignUpProblem::Name(DisplayNameError::TooLong))) == About::Name);
        assert!(about(Some(&SignUpProblem::PasswordTooShort)) == About::Password);
        assert!(about(Some(&SignUpProblem::Unavailable)) == About::Nothing);
    }
}
