//! What people see: pages, components and server functions. Rendered on the server, hydrated in the browser.
//!
//! The server gathers what a page needs, a [`page::Page`], before it renders [`shell()`]. There is no router: a link is a
//! link, and a form is a form that works without scripts. Only the home page has a life of its own in the browser: what it
//! is made from travels along in its document, so that it hydrates from that and nothing is loaded twice. The other pages
//! are plain documents, and their code never reaches a browser.
//!
//! The crate knows nothing of WebRTC. The home page draws what a phone publishes and sends it commands, both through a
//! [`handset::Handset`]; whoever hydrates the page plugs the phone in (see `hydrate`).
//!
//! # The rooms
//!
//! * [`page`], [`desk`] – what pages are made from, and what the server does for visitors.
//! * [`forms`] – the server functions.
//! * [`handset`], [`screen`], [`scene`], [`recent`] – the line to the phone, and what of its view is shown. Pure derivations, tested as
//!   such.
//! * [`i18n`], [`format`](mod@format) – texts.
//! * `pages`, `components` – what is drawn. As little as possible is decided there.

// A page is one type, made of the types of all that is in it. Erasing parts of it (`into_any`) would keep the type small,
// but not the WASM: it carries every way to use a view along, asynchronous hydration first of all, whether used or not.
#![recursion_limit = "512"]

mod afresh;
pub mod assets;
mod components;
mod contacts;
pub mod desk;
mod follow;
pub mod format;
pub mod forms;
pub mod handset;
pub mod i18n;
pub mod page;
mod pages;
pub mod recent;
pub mod scene;
pub mod screen;
#[cfg(feature = "ssr")]
mod shell;
mod start;

use leptos::prelude::*;

use handset::Line;
use pages::HomePage;
#[cfg(feature = "ssr")]
pub use shell::shell;
use start::{Carried, Start};

/// Whoever connects a phone to the home page.
type Plug = Box<dyn FnOnce(Line) + Send + Sync>;

/// The home page inside its document.
///
/// On the server it takes what [`shell`] has put into context; in the browser, what the document carries. A document that
/// carries nothing is not of this version of the site, and stays as it is.
#[component]
fn App(
    /// Called once with the line of the page, as soon as it is hydrated. Never called on the server.
    #[prop(optional)]
    plug: Option<Plug>,
) -> impl IntoView {
    let start = SharedValue::new_str(|| Carried(use_context())).into_inner();
    start.0.map(|Start { home, lang, now_ms }| {
        provide_context(lang);
        view! { <HomePage home now_ms plug /> }
    })
}

/// Bring the home page to life, and call `plug` with its line, to connect a phone to it.
///
/// To be called in the document of the home page; [`shell`] puts the script that does so into no other.
#[cfg(feature = "hydrate")]
pub fn hydrate(plug: impl FnOnce(Line) + Send + Sync + 'static) {
    leptos::mount::hydrate_body(move || view! { <App plug=Box::new(plug) as Plug /> });
}
