//! The switches below a call.

use call::handset::{Command, Stage};
use leptos::ev;
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

const fn pick(on: bool, yes: &'static str, no: &'static str) -> &'static str {
    if on { yes } else { no }
}

/// Microphone, camera and the way out. `M` and `V` do the same as the first two.
///
/// A switch has both of its icons, and `style/call.css` shows the one that fits.
#[component]
pub(crate) fn CallControls() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let microphone = handset.read(scene::microphone_intended);
    let camera = handset.read(scene::camera_intended);
    let unanswered = handset.read(|view| matches!(view.stage, Stage::Calling(_)));
    let switch_microphone =
        move || handset.send(Command::SetMicrophone(!handset.look(scene::microphone_intended)));
    let switch_camera = move || handset.send(Command::SetCamera(!handset.look(scene::camera_intended)));

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

    let hang_up = move || {
        if unanswered() {
            lang.cancel_call()
        } else {
            lang.hang_up()
        }
    };
    view! {
        <div class="controls" role="group" aria-label=lang.call_controls()>
            <button
                type="button"
                class="control switch sound"
                aria-pressed=move || pick(microphone(), "true", "false")
                aria-keyshortcuts="M"
                title=move || pick(microphone(), lang.turn_microphone_off(), lang.turn_microphone_on())
                on:click=move |_| switch_microphone()
            >
                <span class="control-face">
                    <Icon shape=Shape::Microphone />
                    <Icon shape=Shape::MicrophoneOff />
                </span>
                {lang.microphone()}
            </button>
            <button
                type="button"
                class="control switch"
                aria-pressed=move || pick(camera(), "true", "false")
                aria-keyshortcuts="V"
                title=move || pick(camera(), lang.turn_camera_off(), lang.turn_camera_on())
                on:click=move |_| switch_camera()
            >
                <span class="control-face">
                    <Icon shape=Shape::Camera />
                    <Icon shape=Shape::CameraOff />
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
}
