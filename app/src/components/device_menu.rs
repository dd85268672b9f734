//! Choosing microphone, camera and speaker.

use call::handset::Command;
use call::media::{DeviceKind, VideoQuality};
use leptos::prelude::*;

use super::dialog::dialog;
use super::{Icon, Shape};
use crate::afresh::afresh;
use crate::follow::press;
use crate::handset::handset;
use crate::i18n::{Lang, lang};
use crate::scene::{self, DeviceChoice};

/// A button that opens the choice, and the choice.
#[component]
pub(crate) fn DeviceMenu() -> impl IntoView {
    let open = RwSignal::new(false);
    let lang = lang();
    view! {
        <button
            type="button"
            class="button round device-opener"
            aria-label=lang.devices()
            title=lang.devices()
            aria-haspopup="dialog"
            on:click=press(move || open.set(true))
        >
            <Icon shape=Shape::Settings />
        </button>
        {afresh(move || open.get().then(|| dialog(open, "dialog devices", lang.devices(), choices(lang))))}
    }
}

fn choices(lang: Lang) -> impl IntoView {
    let handset = handset();
    let of_kinds = DeviceKind::ALL.map(|kind| {
        let choice = handset
            .screen
            .read_with(move |view| scene::device_choice(view, kind, lang));
        afresh(move || choice().map(|choice| row(choice, move |id| Command::ChooseDevice { kind, id })))
    });
    let quality = handset.screen.read(scene::quality_choice);
    let of_quality = afresh(move || {
        let choice = DeviceChoice {
            name: lang.video_quality(),
            options: quality(),
            problem: None,
        };
        row(choice, |name| {
            Command::SetVideoQuality(VideoQuality::named(&name).unwrap_or_default())
        })
    });
    view! {
        {of_kinds.into_iter().collect::<Vec<_>>()}
        {of_quality}
        <p class="hint">{lang.from_the_next_call_on()}</p>
    }
}

/// A name, what there is to choose from, and what went wrong with the last choice.
fn row(choice: DeviceChoice, choose: impl Fn(String) -> Command + Send + 'static) -> impl IntoView {
    let handset = handset();
    let choose: Box<dyn Fn(String) -> Command + Send> = Box::new(choose);
    let options = choice.options.into_iter();
    let options = options.map(|option| {
        view! {
            <option value=option.value selected=option.chosen>
                {option.label}
            </option>
        }
    });
    view! {
        <label class="device-choice">
            <span>{choice.name}</span>
            <select on:change:target=move |event| {
                handset.send(choose(event.target().value()));
            }>{options.collect::<Vec<_>>()}</select>
            {choice.problem.map(|problem| view! { <span class="wrong" role="alert">{problem}</span> })}
        </label>
    }
}
