//! The frame of the pages before the home page: the site shows itself on one side, and asks on the other.

use leptos::prelude::*;

use super::language_switch::LanguageSwitch;
use super::logo::Logo;
use crate::i18n::lang;

/// The frame around `children`.
#[component]
pub(crate) fn Door<Inside: IntoView>(
    /// The path of the page, for the language switch to come back to.
    back: &'static str,
    /// What the page asks or says.
    children: TypedChildren<Inside>,
) -> impl IntoView {
    let lang = lang();
    let inside = children.into_inner();
    view! {
        <div class="door">
            <header class="door-front">
                <a class="home-link" href="/">
                    <Logo />
                </a>
                <div class="promise">
                    <p class="promise-line">{lang.site_promise()}</p>
                    <p class="promise-more">{lang.site_promise_more()}</p>
                </div>
            </header>
            <main id="content" class="door-main">
                <div class="door-inner">{inside()}</div>
            </main>
            <footer class="door-foot">
                <LanguageSwitch back />
            </footer>
        </div>
    }
}
