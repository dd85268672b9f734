//! The switches below a call.

use call::handset::{Command, Stage};
use leptos::ev;
use leptos::prelude::*;

use super::people_picker::{PeoplePicker, Purpose};
use super::{Icon, Shape};
use crate::afresh::afresh;
use crate::follow::{press, whenever, word};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene::{self, CameraSwitch};

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
    let microphone = handset.screen.read(scene::microphone_intended);
    let camera = handset.screen.read(scene::camera_intended);
    let unanswered = handset
        .screen
        .read(|view| matches!(view.stage, Stage::Calling(_)));
    let switch_microphone = move || {
        handset.send(Command::SetMicrophone(
            !handset.screen.look(scene::microphone_intended),
        ))
    };
    let switch_camera = move || {
        handset.send(match handset.screen.look(scene::camera_switch) {
            CameraSwitch::Own => Command::SetCamera(!handset.screen.look(scene::camera_intended)),
            CameraSwitch::Ask => Command::SwitchToVideo,
            CameraSwitch::TakeBack => Command::AnswerVideo {
                agree: false,
                camera: false,
            },
        })
    };
    let asks = handset
        .screen
        .read(|view| scene::camera_switch(view) == CameraSwitch::Ask);
    let camera_title = move || match (camera(), asks()) {
        (true, _) => lang.turn_camera_off(),
        (false, true) => lang.ask_for_video(),
        (false, false) => lang.turn_camera_on(),
    };
    let has_way_to_voice = handset.screen.read(scene::can_switch_to_voice);
    let way_to_voice = afresh(move || {
        has_way_to_voice().then(|| {
            view! {
                <button type="button" class="control" on:click=press(move || handset.send(Command::SwitchToAudio))>
                    <span class="control-face">
                        <Icon shape=Shape::Handset />
                    </span>
                    {lang.voice_only()}
                </button>
            }
        })
    });

    whenever(move || {
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
                aria-pressed=word(move || pick(microphone(), "true", "false"))
                aria-keyshortcuts="M"
                title=word(move || pick(microphone(), lang.turn_microphone_off(), lang.turn_microphone_on()))
                on:click=press(switch_microphone)
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
                aria-pressed=word(move || pick(camera(), "true", "false"))
                aria-keyshortcuts="V"
                title=word(camera_title)
                on:click=press(switch_camera)
            >
                <span class="control-face">
                    <Icon shape=Shape::Camera />
                    <Icon shape=Shape::CameraOff />
                </span>
                {lang.camera()}
            </button>
            {way_to_voice}
            <PeoplePicker purpose=Purpose::Add />
            <button type="button" class="control leave" on:click=press(move || handset.send(Command::Hangup))>
                <span class="control-face">
                    <Icon shape=Shape::Handset />
                </span>
                {word(hang_up)}
            </button>
        </div>
    }
}
