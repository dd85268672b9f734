//! The mark of the site: a Y that calls, and its echo.

use leptos::prelude::*;

/// The mark and the name.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <span class="logo">
            <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
                <rect class="mark-ground" width="32" height="32" rx="9" />
                <path class="mark-lines" d="M8 9l6 8 6-8M14 17v7M22.5 13.5a5 5 0 0 1 0 7M25 10.5a9 9 0 0 1 0 13" />
            </svg>
            "Yodel"
        </span>
    }
}
