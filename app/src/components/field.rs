//! A labelled input, and the error above a form.

use leptos::prelude::*;

/// The id of the error above the form: fields that are wrong are described by it.
const ERROR: &str = "form-error";

/// What is wrong with the form.
#[component]
pub(crate) fn FormError(
    /// The sentence, if there is one.
    error: Option<String>,
) -> impl IntoView {
    error.map(|error| view! { <p id=ERROR class="form-error" role="alert">{error}</p> })
}

/// A labelled input of a form.
#[component]
pub(crate) fn Field(
    /// The name in the form, and the id in the document.
    name: &'static str,
    /// The label.
    label: &'static str,
    /// A sentence below.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What browsers may fill in.
    autocomplete: &'static str,
    /// Whether what is typed is hidden.
    #[prop(optional)]
    secret: bool,
    /// What was typed before.
    #[prop(optional)]
    value: String,
    /// Whether the error is about this field.
    wrong: bool,
    /// Whether to begin here.
    focus: bool,
) -> impl IntoView {
    let hint_id = [name, "-hint"].concat();
    let described_by = match (wrong, hint) {
        (true, Some(_)) => Some([ERROR, " ", &hint_id].concat()),
        (true, None) => Some(ERROR.into()),
        (false, Some(_)) => Some(hint_id.clone()),
        (false, None) => None,
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=if secret { "password" } else { "text" }
                value=value
                autocomplete=autocomplete
                autocapitalize=if autocomplete == "name" { "words" } else { "none" }
                autofocus=focus
                spellcheck="false"
                required
                aria-invalid=wrong.then_some("true")
                aria-describedby=described_by
            />
            {hint.map(|hint| view! { <p id=hint_id class="hint">{hint}</p> })}
        </div>
    }
}
