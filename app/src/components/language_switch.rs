//! The language switch.

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::forms::SetLanguage;
use crate::i18n::{Lang, lang};

/// Offers the other languages. A plain form: the page is loaded anew in the language that was chosen.
#[component]
pub(crate) fn LanguageSwitch(
    /// The path to come back to.
    back: &'static str,
) -> impl IntoView {
    let chosen = lang();
    let others = Lang::ALL.into_iter().filter(|&lang| lang != chosen);
    view! {
        <form method="post" action=SetLanguage::url() class="language" aria-label=chosen.language()>
            <input type="hidden" name="back" value=back />
            {others
                .map(|lang| {
                    view! {
                        <button type="submit" class="link" name="lang" value=lang.code() lang=lang.tag()>
                            {lang.own_name()}
                        </button>
                    }
                })
                .collect_view()}
        </form>
    }
}
