//! A call: from one's own ring to the end.

use call::id::Person;
use leptos::either::Either;
use leptos::prelude::*;

use super::call_controls::CallControls;
use super::call_tile::{OwnTile, PeerTile};
use super::call_timer::CallTimer;
use super::{Banners, Icon, NoticeCard, Shape};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene::{self, Status};

/// Everybody in the call, how it goes, and the switches.
#[component]
pub(crate) fn CallScreen(
    /// Who is signed in.
    me: Person,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let people = handset.read(scene::people);
    let names = handset.read(|view| scene::names(&scene::people(view)));
    let pictures = handset.read(scene::has_pictures);
    let since = handset.read(scene::since);
    let status = handset.read(scene::status);
    let problems = handset.read(move |view| scene::device_problems(view, lang));
    let nothing_of_ours = move || problems().is_empty();
    let troubles = move || {
        let broken = status().filter(|status| matches!(status, Status::Interrupted | Status::Failed));
        let texts = broken
            .map(|status| scene::status_text(status, lang))
            .into_iter()
            .chain(problems());
        texts.map(|text| view! { <Trouble text /> }).collect::<Vec<_>>()
    };

    // Whoever listens to the page rather than looks at it is brought to the call, whose name is then read out.
    let screen = NodeRef::<leptos::html::Main>::new();
    Effect::new(move |_| {
        if let Some(screen) = screen.get() {
            _ = screen.focus();
        }
    });

    let state = move || match (status(), since()) {
        (Some(status @ (Status::Calling | Status::Ringing | Status::Connecting)), _) => {
            Either::Left(scene::status_text(status, lang))
        }
        (_, since) => Either::Right(since.map(|since| view! { <CallTimer since /> })),
    };
    let own_tile = move || pictures().then(|| view! { <OwnTile me=me.clone() /> });
    view! {
        <main class="call" class:pictures=pictures node_ref=screen tabindex="-1" aria-labelledby="call-names">
            <header class="call-head">
                <h1 id="call-names" class="call-names">
                    {names}
                </h1>
                <p class="call-state">{state}</p>
            </header>
            <div class="call-messages">
                <Banners />
                <NoticeCard />
                {troubles}
                <p class="trouble calm" hidden=nothing_of_ours>
                    {lang.you_still_hear()}
                </p>
            </div>
            <div class="tiles">
                <For each=people key=|person| person.clone() children=|person| view! { <PeerTile person /> } />
            </div>
            {own_tile}
            <CallControls />
        </main>
    }
}

/// Something that does not work, and what to do.
#[component]
fn Trouble(
    /// The sentence.
    text: &'static str,
) -> impl IntoView {
    view! {
        <p class="trouble">
            <Icon shape=Shape::Warning />
            <span>{text}</span>
        </p>
    }
}
