//! What people see: pages, components and server functions. Rendered on the server, hydrated in the browser.
//!
//! The server gathers what a page needs, a [`page::Page`], before it renders [`shell`]. The same value travels along in the
//! document, so that the browser hydrates from it and nothing is loaded twice. There is no router: a link is a link, and
//! every form works without scripts.
//!
//! The crate knows nothing of WebRTC. The home page draws what a phone publishes and sends it commands, both through a
//! [`handset::Handset`]; whoever hydrates the page plugs the phone in (see [`hydrate`]).
//!
//! # The rooms
//!
//! * [`page`], [`desk`] – what pages are made from, and what the server does for visitors.
//! * [`forms`] – the server functions.
//! * [`handset`], [`scene`], [`recent`] – the line to the phone, and what of its view is shown. Pure derivations, tested as such.
//! * [`i18n`], [`format`](mod@format) – texts.
//! * `pages`, `components` – what is drawn. As little as possible is decided there.

pub mod assets;
mod components;
pub mod desk;
pub mod format;
pub mod forms;
pub mod handset;
pub mod i18n;
pub mod page;
mod pages;
pub mod recent;
pub mod scene;
#[cfg(feature = "ssr")]
mod shell;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use handset::Line;
use i18n::Lang;
use page::Page;
use pages::{HomePage, NotFoundPage, SignInPage, SignUpPage, UnavailablePage};
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Whoever connects a phone to the home page.
type Plug = Box<dyn FnOnce(Line) + Send + Sync>;

/// All that a page starts from. Travels from the server to the browser inside the document.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Start {
    page: Page,
    lang: Lang,
    /// The server's clock when it drew the page, in milliseconds since 1970. How long ago something was is told by it:
    /// the browser's clock may be wrong, and must not make the two sides draw different texts.
    now_ms: u64,
}

impl Start {
    /// What there is to start from where the document says nothing.
    fn missing() -> Self {
        Self { page: Page::NotFound, lang: Lang::default(), now_ms: 0 }
    }
}

/// The page inside the document.
///
/// On the server it takes what [`shell`] has put into context; in the browser, what the document carries.
#[component]
fn App(
    /// Called once with the line of the home page, as soon as it is hydrated. Never called on the server.
    #[prop(optional)]
    plug: Option<Plug>,
) -> impl IntoView {
    let start = SharedValue::new(|| use_context().unwrap_or_else(Start::missing)).into_inner();
    provide_context(start.lang);
    match start.page {
        Page::SignIn { user_id, problem } => view! { <SignInPage user_id problem /> }.into_any(),
        Page::SignUp { user_id, name, problem } => view! { <SignUpPage user_id name problem /> }.into_any(),
        Page::Home(home) => view! { <HomePage home now_ms=start.now_ms plug /> }.into_any(),
        Page::NotFound => view! { <NotFoundPage /> }.into_any(),
        Page::Unavailable => view! { <UnavailablePage /> }.into_any(),
    }
}

/// Bring the document to life. If it shows the home page, `plug` is called with its line, to connect a phone to it.
///
/// The other pages need no phone, and for them `plug` is dropped.
#[cfg(feature = "hydrate")]
pub fn hydrate(plug: impl FnOnce(Line) + Send + Sync + 'static) {
    leptos::mount::hydrate_body(move || view! { <App plug=Box::new(plug) as Plug /> });
}
