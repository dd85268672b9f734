//! One's own account: another password, and an end to all other sessions.

use call::id::Person;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::components::{Field, FormError, PlainFrame};
use crate::desk::AccountProblem;
use crate::forms::{AccountError, ChangePassword, SignOutElsewhere};
use crate::i18n::lang;
use crate::page::AccountChange;

/// `/account`
#[component]
pub(crate) fn AccountPage(
    /// Who is signed in.
    me: Person,
    /// What has just been done.
    done: Option<AccountChange>,
    /// Why it was not.
    failed: Option<AccountError>,
) -> impl IntoView {
    let lang = lang();
    let done = done.map(|done| view! { <p class="form-done" role="status">{lang.account_changed(done)}</p> });
    // What is wrong is said at the form that it is wrong in.
    let elsewhere = failed
        .as_ref()
        .is_some_and(|failed| failed.change == AccountChange::SignedOutElsewhere);
    let problem = failed.map(|failed| failed.problem);
    let wrong_new = matches!(
        problem,
        Some(
            AccountProblem::PasswordTooShort
                | AccountProblem::PasswordTooLong
                | AccountProblem::PasswordTooEasy
        )
    );
    let wrong_password = problem == Some(AccountProblem::WrongPassword);
    let wrong_current = wrong_password && !elsewhere;
    let wrong_elsewhere = wrong_password && elsewhere;
    let error = problem.map(|problem| lang.account_problem(&problem));
    let (error, error_elsewhere) = if elsewhere { (None, error) } else { (error, None) };
    let id = me.id.as_str().to_owned();
    view! {
        <PlainFrame me back="/account">
            <h1>{lang.your_account()}</h1>
            {done}
            <FormError error />
            <form method="post" action=ChangePassword::url() class="form">
                <h2>{lang.change_password()}</h2>
                // For the browser's own list of passwords: whose this one is.
                <input type="hidden" name="user_id" value=id autocomplete="username" />
                <Field
                    name="current"
                    label=lang.current_password()
                    autocomplete="current-password"
                    secret=true
                    wrong=wrong_current
                    focus=wrong_current
                />
                <Field
                    name="new"
                    label=lang.new_password()
                    hint=lang.password_hint()
                    autocomplete="new-password"
                    secret=true
                    wrong=wrong_new
                    focus=wrong_new
                />
                <p class="hint">{lang.what_a_new_password_does()}</p>
                <button type="submit" class="button primary wide">
                    {lang.change_password()}
                </button>
            </form>
            <details class="sign-out-elsewhere" open=elsewhere>
                <summary class="button quiet wide">{lang.sign_out_elsewhere()}</summary>
                <form method="post" action=SignOutElsewhere::url() class="form">
                    <FormError error=error_elsewhere />
                    <p>{lang.what_signing_out_elsewhere_does()}</p>
                    <div class="field">
                        <label for="password">{lang.current_password()}</label>
                        <input
                            id="password"
                            name="current"
                            type="password"
                            autocomplete="current-password"
                            required
                            autofocus=wrong_elsewhere
                            aria-invalid=wrong_elsewhere.then_some("true")
                            aria-describedby=wrong_elsewhere.then_some("form-error")
                        />
                    </div>
                    <button type="submit" class="button bad wide">
                        {lang.sign_out_elsewhere()}
                    </button>
                </form>
            </details>
        </PlainFrame>
    }
}
