//! Choosing a language.

use leptos::prelude::*;

use crate::i18n::Lang;

/// Remember a language in a cookie for a year, and go back to the page.
#[server(prefix = "/api", endpoint = "set_language")]
pub async fn set_language(
    /// Which.
    lang: Lang,
    /// The path of the page on which it was chosen. Anything but a page of the site leads to the start.
    back: String,
) -> Result<(), ServerFnError> {
    use super::ssr;

    ssr::set_cookie(ssr::language_cookie(lang));
    ssr::send_to(match back.as_str() {
        "/sign-in" => "/sign-in",
        "/sign-up" => "/sign-up",
        "/account" => "/account",
        _ => "/",
    });
    Ok(())
}
