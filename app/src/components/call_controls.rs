//! The switches below a call.

use call::handset::{Command, Stage};
use leptos::ev;
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

/// Microphone, camera and the way out. `M` and `V` do the same as the first two.
#[component]
pub(crate) fn CallControls() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let microphone = handset.read(scene::microphone_intended);
    let camera = handset.read(scene::camera_intended);
    let unanswered = handset.read(|view| matches!(view.stage, Stage::Calling(_)));
    let switch_microphone = move || handset.send(Command::SetMicrophone(!microphone.get_untracked()));
    let switch_camera = move || handset.send(Command::SetCamera(!camera.get_untracked()));

    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            // A held key switches once, and the browser's own shortcuts stay the browser's.
            if event.repeat() || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            match event.key().as_str() {
                "m" | "M" => switch_microphone(),
                "v" | "V" => switch_camera(),
                _ => {}
            }
        });
        on_cleanup(move || keys.remove());
    });

    let hang_up = move || if unanswered.get() { lang.cancel_call() } else { lang.hang_up() };
    view! {
        <div class="controls" role="group" aria-label=lang.call_controls()>
            <button
                type="button"
                class="control sound"
                aria-pressed=move || if microphone.get() { "true" } else { "false" }
                aria-keyshortcuts="M"
                title=move || if microphone.get() { lang.turn_microphone_off() } else { lang.turn_microphone_on() }
                on:click=move |_| switch_microphone()
            >
                <span class="control-face">
                    <Icon shape=Signal::derive(move || {
                        if microphone.get() { Shape::Microphone } else { Shape::MicrophoneOff }
                    }) />
                </span>
                {lang.microphone()}
            </button>
            <button
                type="button"
                class="control"
                aria-pressed=move || if camera.get() { "true" } else { "false" }
                aria-keyshortcuts="V"
                title=move || if camera.get() { lang.turn_camera_off() } else { lang.turn_camera_on() }
                on:click=move |_| switch_camera()
            >
                <span class="control-face">
                    <Icon shape=Signal::derive(move || if camera.get() { Shape::Camera } else { Shape::CameraOff }) />
                </span>
                {lang.camera()}
            </button>
            <button type="button" class="control leave" on:click=move |_| handset.send(Command::Hangup)>
                <span class="control-face">
                    <Icon shape=Shape::Handset />
                </span>
                {hang_up}
            </button>
        </div>
    }
    .into_any()
}
