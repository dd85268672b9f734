//! A labelled input, and the error above a form.

use leptos::prelude::*;

/// The id of the error above the form: fields that are wrong are described by it.
const ERROR: &str = "form-error";

/// What is wrong with the form, told at once to everybody.
#[component]
pub(crate) fn FormError(
    /// The sentence, if there is one.
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div id=ERROR class="form-error" role="alert">
            {move || error.get()}
        </div>
    }
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
    wrong: Signal<bool>,
    /// Whether to begin here.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |before: Option<bool>| {
        let wrong = wrong.get();
        // Nobody's focus is moved by loading a page, only by an answer to what they sent.
        if wrong && before == Some(false)
            && let Some(input) = input.get_untracked()
        {
            _ = input.focus();
        }
        wrong
    });
    let hint_id = hint.map(|_| [name, "-hint"].concat());
    let described_by = {
        let hint_id = hint_id.clone();
        move || match (wrong.get(), &hint_id) {
            (true, Some(hint)) => Some([ERROR, " ", hint].concat()),
            (true, None) => Some(ERROR.into()),
            (false, hint) => hint.clone(),
        }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                node_ref=input
                id=name
                name=name
                type=if secret { "password" } else { "text" }
                value=value
                autocomplete=autocomplete
                autocapitalize=if autocomplete == "name" { "words" } else { "none" }
                autofocus=focus
                spellcheck="false"
                required
                aria-invalid=move || wrong.get().then_some("true")
                aria-describedby=described_by
            />
            {hint.map(|hint| view! { <p id=hint_id class="hint">{hint}</p> })}
        </div>
    }
}
