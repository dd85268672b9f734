//! Where the server cannot answer.

use leptos::prelude::*;

use crate::components::Door;
use crate::i18n::lang;

/// The page that is shown when the server cannot look things up.
#[component]
pub(crate) fn UnavailablePage() -> impl IntoView {
    let lang = lang();
    view! {
        <Door back="/">
            <h1>{lang.unavailable()}</h1>
            <p class="lead">{lang.unavailable_hint()}</p>
            <a class="button primary wide" href="">
                {lang.try_again()}
            </a>
        </Door>
    }
}
