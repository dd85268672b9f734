//! Signing up.

use leptos::prelude::*;
use server_fn::ServerFn;

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
        Some(
            SignUpProblem::PasswordTooShort | SignUpProblem::PasswordTooLong | SignUpProblem::PasswordTooEasy,
        ) => About::Password,
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
    let about = about(problem.as_ref());
    // Where the visitor goes on: at what is wrong, or at the beginning.
    let begin = if about == About::Nothing {
        About::Name
    } else {
        about
    };
    view! {
        <Door back="/sign-up">
            <h1>{lang.sign_up_heading()}</h1>
            <form method="post" action=SignUp::url() class="form">
                <FormError error=problem.map(|problem| lang.sign_up_problem(&problem)) />
                <Field
                    name="name"
                    label=lang.display_name()
                    hint=lang.display_name_hint()
                    autocomplete="name"
                    value=name
                    wrong=about == About::Name
                    focus=begin == About::Name
                />
                <Field
                    name="user_id"
                    label=lang.user_id()
                    hint=lang.user_id_hint()
                    autocomplete="username"
                    value=user_id
                    wrong=about == About::UserId
                    focus=begin == About::UserId
                />
                <Field
                    name="password"
                    label=lang.password()
                    hint=lang.password_hint()
                    autocomplete="new-password"
                    secret=true
                    wrong=about == About::Password
                    focus=begin == About::Password
                />
                <button type="submit" class="button primary wide">
                    {lang.sign_up()}
                </button>
            </form>
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
