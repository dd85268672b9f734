//! The document around a page. Made on the server alone.

use std::time::{SystemTime, UNIX_EPOCH};

use leptos::config::LeptosOptions;
use leptos::either::Either;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

use crate::assets::Assets;
use crate::i18n::Lang;
use crate::page::Page;
use crate::pages::{
    AccountPage, GroupPage, NewGroupPage, NotFoundPage, PersonPage, SignInPage, SignUpPage, TrustPage,
    UnavailablePage,
};
use crate::{App, Start};

/// The script that loads the WASM and hydrates the page. Should anything of it fail, the page says so and offers to try
/// again; it has been readable, and its forms usable, all along.
const HYDRATE: &str = "\
const { script, wasm } = document.getElementById('hydrate').dataset;\
import(script)\
.then(yodel => yodel.default({ module_or_path: wasm }).then(() => yodel.hydrate()))\
.catch(error => { document.getElementById('load-failed').hidden = false; throw error; });";

/// A complete document that shows `page`.
///
/// Scripts carry the nonce of Leptos' context, if there is one; nothing in the document needs `unsafe-inline`.
pub fn shell(page: Page, lang: Lang, assets: Assets) -> impl IntoView {
    let title = title(&page, lang);
    let Assets { style, script, wasm } = assets;
    provide_context(lang);
    let files = match page {
        Page::Home(_) => Either::Left(view! { <Hydration script wasm /> }),
        Page::SignIn { .. } | Page::SignUp { .. } => Either::Right(Some(view! { <NextFiles script wasm /> })),
        Page::NewGroup { .. } | Page::Group { .. } | Page::Person { .. } | Page::Account { .. } => {
            Either::Right(Some(view! { <NextFiles script wasm /> }))
        }
        Page::Trust { .. } | Page::NotFound | Page::Unavailable => Either::Right(None),
    };
    // Only `cargo leptos watch` sets the variable that brings the reloading script in, and it takes the defaults.
    let options = LeptosOptions::builder().output_name("yodel").build();
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <title>{title}</title>
                <meta name="description" content=lang.site_description() />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#f4f6f3" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#0e1412" media="(prefers-color-scheme: dark)" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=style />
                {files}
                <AutoReload options />
            </head>
            <body>{body(page, lang)}</body>
        </html>
    }
}

/// What is in the document. Erased, so that whoever draws it need not know of types that large.
fn body(page: Page, lang: Lang) -> AnyView {
    match page {
        Page::SignIn { user_id, problem } => view! { <SignInPage user_id problem /> }.into_any(),
        Page::SignUp {
            user_id,
            name,
            problem,
        } => view! { <SignUpPage user_id name problem /> }.into_any(),
        Page::Home(home) => {
            provide_context(Start {
                home,
                lang,
                now_ms: now_ms(),
            });
            view! {
                <App />
                <div id="load-failed" class="load-failed" role="alert" hidden>
                    <p>{lang.load_failed()}</p>
                    <a class="button small" href="">
                        {lang.try_again()}
                    </a>
                </div>
            }
            .into_any()
        }
        Page::NewGroup { me, people, failed } => view! { <NewGroupPage me people failed /> }.into_any(),
        Page::Group {
            me,
            roster,
            people,
            failed,
        } => view! { <GroupPage me roster people failed /> }.into_any(),
        Page::Person {
            me,
            person,
            blocked,
            problem,
        } => view! { <PersonPage me person blocked problem /> }.into_any(),
        Page::Trust { fingerprint } => view! { <TrustPage fingerprint /> }.into_any(),
        Page::Account { me, done, failed } => view! { <AccountPage me done failed /> }.into_any(),
        Page::NotFound => view! { <NotFoundPage /> }.into_any(),
        Page::Unavailable => view! { <UnavailablePage /> }.into_any(),
    }
}

/// The files that bring a page to life, and the script that loads them.
#[component]
fn Hydration(script: String, wasm: String) -> impl IntoView {
    view! {
        <link rel="modulepreload" href=script.clone() />
        <link rel="preload" href=wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        <script id="hydrate" type="module" nonce=use_nonce() data-script=script data-wasm=wasm>
            {HYDRATE}
        </script>
    }
}

/// The files of the page that most likely comes next, to be fetched when the browser has nothing else to do.
#[component]
fn NextFiles(script: String, wasm: String) -> impl IntoView {
    view! {
        <link rel="prefetch" href=script r#as="script" />
        <link rel="prefetch" href=wasm r#as="fetch" crossorigin="anonymous" />
    }
}

fn title(page: &Page, lang: Lang) -> String {
    let what = match page {
        Page::SignIn { .. } => lang.sign_in(),
        Page::SignUp { .. } => lang.sign_up(),
        Page::Home(_) => lang.contacts(),
        Page::NewGroup { .. } => lang.new_group(),
        Page::Group { roster, .. } => roster.group.name.as_str(),
        Page::Person { person, .. } => person.name.as_str(),
        Page::Trust { .. } => lang.trust(),
        Page::Account { .. } => lang.your_account(),
        Page::NotFound => lang.not_found(),
        Page::Unavailable => lang.unavailable(),
    };
    [what, " — Yodel"].concat()
}

fn now_ms() -> u64 {
    // A clock before 1970 is a broken clock; nothing but "how long ago" depends on it.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}
