//! A call: from one's own ring to the end.

use call::handset::{Command, VideoQuestion};
use call::id::Person;
use leptos::either::Either;
use leptos::prelude::*;

use super::call_controls::CallControls;
use super::call_tile::{OwnTile, PeerTile};
use super::call_timer::CallTimer;
use super::device_menu::DeviceMenu;
use super::{Banners, Icon, NoticeCard, Shape};
use crate::afresh::{afresh, rows_afresh};
use crate::follow::{flag, press, whenever};
use crate::format::names;
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
    let people = handset.screen.read(scene::people);
    let names = handset.screen.read(scene::call_name);
    let pictures = handset.screen.read(scene::has_pictures);
    let since = handset.screen.read(scene::since);
    let status = handset.screen.read(scene::status);
    let group = handset.screen.read(scene::is_group);
    let problems = handset
        .screen
        .read_with(move |view| scene::device_problems(view, lang));
    let nothing_of_ours = move || problems().is_empty();
    let troubles = move || {
        // Of several people each tile says for itself how it goes.
        let broken =
            status().filter(|status| !group() && matches!(status, Status::Interrupted(_) | Status::Failed));
        let texts = broken
            .map(|status| scene::status_text(status, lang))
            .into_iter()
            .chain(problems());
        texts.map(|text| view! { <Trouble text /> }).collect::<Vec<_>>()
    };
    let troubles = afresh(troubles);

    // Whoever listens to the page rather than looks at it is brought to the call, whose name is then read out.
    let screen = NodeRef::<leptos::html::Main>::new();
    whenever(move || {
        if let Some(screen) = screen.get() {
            _ = screen.focus();
        }
    });

    let state = move || match (status(), since()) {
        (Some(status @ (Status::Calling | Status::Ringing | Status::Connecting)), _) => {
            Either::Left(scene::status_text(status, lang))
        }
        // Nobody talks: no clock claims so.
        (Some(Status::Failed), _) if !group() => Either::Left(lang.no_way_through()),
        (_, since) => Either::Right(since.map(|since| view! { <CallTimer since /> })),
    };
    // Among several people one is a tile like the others; with one other person, a small one in the corner.
    let me = StoredValue::new(me);
    let own_tile = move |among_others: bool| {
        (pictures() && group() == among_others).then(|| view! { <OwnTile me=me.get_value() /> })
    };
    view! {
        <main class="call" class:pictures=pictures node_ref=screen tabindex="-1" aria-labelledby="call-names">
            <header class="call-head">
                <h1 id="call-names" class="call-names">
                    {names}
                </h1>
                <p class="call-state">{afresh(state)}</p>
            </header>
            <DeviceMenu />
            <div class="call-messages">
                <Banners />
                <NoticeCard />
                <VideoRequest />
                {troubles}
                <p class="trouble calm" hidden=flag(nothing_of_ours)>
                    {lang.you_still_hear()}
                </p>
            </div>
            <div class="tiles">
                {rows_afresh(people, |person| view! { <PeerTile person /> })}
                {afresh(move || own_tile(true))}
            </div>
            {afresh(move || own_tile(false))}
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

/// Whether this voice call becomes a video call: the question, and its answers.
#[component]
fn VideoRequest() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let question = handset.screen.read(scene::video_question);
    let name = handset.screen.read(|view| names(&scene::people(view)));
    let answer = move |agree: bool, class: &'static str, text: &'static str| {
        view! {
            <button type="button" class=class on:click=press(move || handset.send(Command::AnswerVideo { agree, camera: true }))>
                {text}
            </button>
        }
    };
    afresh(move || {
        let (text, answers) = match question() {
            VideoQuestion::Nobody => return None,
            VideoQuestion::Asking => (
                lang.is_asked_for_video(&name()),
                vec![answer(false, "button small", lang.cancel())],
            ),
            VideoQuestion::Asked => (
                lang.asks_for_video(&name()),
                vec![
                    answer(false, "button quiet small", lang.not_now()),
                    answer(true, "button primary small", lang.agree_to_video()),
                ],
            ),
        };
        Some(view! {
            <div class="notice question" role="group" aria-labelledby="video-question">
                <Icon shape=Shape::Camera />
                <p class="notice-text" id="video-question">
                    {text}
                </p>
                <div class="answers">{answers}</div>
            </div>
        })
    })
}
