//! How a device is told to trust the authority of a local network.

use leptos::prelude::*;

use crate::components::Logo;
use crate::i18n::{Lang, System, lang};

/// Where the authority's certificate can be fetched.
const AUTHORITY: &str = "/trust/authority.crt";

/// `/trust`
///
/// Whoever needs it does not trust the server yet, and may come in the clear: so there is no form on it, and the language is
/// changed by a link.
#[component]
pub(crate) fn TrustPage(
    /// The SHA-256 of the authority's certificate.
    fingerprint: String,
) -> impl IntoView {
    let lang = lang();
    let others = Lang::ALL.into_iter().filter(|other| *other != lang);
    let others = others
        .map(|other| {
            let href = ["/trust?lang=", other.code()].concat();
            view! {
                <a class="link" href=href lang=other.tag() hreflang=other.tag()>
                    {other.own_name()}
                </a>
            }
        })
        .collect_view();
    let systems = lang.how_to_trust().iter().map(steps).collect_view();
    view! {
        <div class="home">
            <a class="skip" href="#content">
                {lang.skip_to_content()}
            </a>
            <header class="top-bar">
                <a class="home-link" href="/">
                    <Logo />
                </a>
                <nav aria-label=lang.language()>{others}</nav>
            </header>
            <main id="content" class="plain-main trust">
                <h1>{lang.trust()}</h1>
                <p>{lang.trust_why()}</p>
                <a class="button primary wide" href=AUTHORITY>
                    {lang.trust_download()}
                </a>
                <p>{lang.trust_compare()}</p>
                <p class="fingerprint">
                    <code>{fingerprint}</code>
                </p>
                {systems} <a class="button wide" href="/">
                    {lang.trust_done()}
                </a>
            </main>
        </div>
    }
}

fn steps(system: &System) -> impl IntoView + use<> {
    let System { name, steps } = *system;
    let steps = steps.iter().map(|step| view! { <li>{*step}</li> }).collect_view();
    view! {
        <details>
            <summary>
                <h2>{name}</h2>
            </summary>
            <ol>{steps}</ol>
        </details>
    }
}
