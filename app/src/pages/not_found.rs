//! Where there is nothing.

use leptos::prelude::*;

use crate::components::Door;
use crate::i18n::lang;

/// The page of any path that leads nowhere.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    let lang = lang();
    view! {
        <Door back="/">
            <h1>{lang.not_found()}</h1>
            <p class="lead">{lang.not_found_hint()}</p>
            <a class="button primary wide" href="/">
                {lang.to_start()}
            </a>
        </Door>
    }
}
