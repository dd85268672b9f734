//! What a screen reader is told of calls.

use leptos::prelude::*;

use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

/// Says, politely, what happens to the call.
#[component]
pub(crate) fn LiveRegion() -> impl IntoView {
    let lang = lang();
    let said = handset()
        .screen
        .read_with(move |view| scene::announcement(view, lang));
    view! {
        <div class="unseen" role="status" aria-live="polite">
            {said}
        </div>
    }
}
