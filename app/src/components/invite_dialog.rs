//! Somebody calls.

use call::handset::{Command, RingingView, Stage};
use call::media::CallType;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{Avatar, Icon, Shape};
use crate::afresh::afresh;
use crate::follow::{press, whenever};
use crate::format::names;
use crate::handset::handset;
use crate::i18n::lang;

/// Opens over the page while somebody calls.
///
/// It is answered by a button and by nothing else. Escape neither declines nor hides it: a call must not be lost by a
/// key that was meant for something else. For the same reason the focus is on the dialog and not on a button.
#[component]
pub(crate) fn InviteDialog() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let ringing = handset.screen.read(|view| match &view.stage {
        Stage::Ringing(ringing) => Some(ringing.clone()),
        Stage::Idle | Stage::Calling(_) | Stage::InCall(_) => None,
    });
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    let reconcile = move || {
        let Some(dialog) = dialog.get_untracked() else {
            return;
        };
        match (
            handset
                .screen
                .look(|view| matches!(view.stage, Stage::Ringing(_))),
            dialog.open(),
        ) {
            (true, false) => {
                // Fails only for an element that is not in the document.
                _ = dialog.show_modal();
                _ = dialog.focus();
            }
            (false, true) => dialog.close(),
            (true, true) | (false, false) => {}
        }
    };
    whenever(move || {
        ringing();
        reconcile();
    });
    let ignore_escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
        }
    };

    let answer = move |camera: bool, class: &'static str, shape: Shape, text: &'static str| {
        view! {
            <button type="button" class=class on:click=press(move || handset.send(Command::Accept { camera }))>
                <span class="control-face">
                    <Icon shape />
                </span>
                {text}
            </button>
        }
    };
    let content = move |RingingView {
                            caller,
                            others,
                            of_group,
                            call_type,
                            ..
                        }: RingingView| {
        let others = (!others.is_empty())
            .then(|| view! { <p class="call-state">{lang.with_others(&names(&others))}</p> });
        let (kind, main, second) = match call_type {
            CallType::Audio => (
                lang.incoming_voice(),
                answer(false, "control answer", Shape::Handset, lang.answer()),
                None,
            ),
            CallType::Video => (
                lang.incoming_video(),
                answer(true, "control answer", Shape::Camera, lang.answer_with_video()),
                Some(answer(false, "control", Shape::Handset, lang.answer_with_sound())),
            ),
        };
        let kind = match of_group {
            Some(group) => [group.name.as_str(), " – ", kind].concat(),
            None => kind.into(),
        };
        view! {
            <div class="caller">
                <div class="tile ringing">
                    <Avatar person=&caller />
                </div>
                <h2 id="caller" class="call-names">
                    {caller.name.as_str().to_owned()}
                </h2>
                <p id="caller-kind" class="call-state">
                    {kind}
                </p>
                {others}
            </div>
            <div class="controls">
                <button type="button" class="control leave" on:click=press(move || handset.send(Command::Reject))>
                    <span class="control-face">
                        <Icon shape=Shape::Handset />
                    </span>
                    {lang.decline()}
                </button>
                {second}
                {main}
            </div>
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class="invite"
            tabindex="-1"
            autofocus=true
            closedby="none"
            aria-labelledby="caller"
            aria-describedby="caller-kind"
            on:keydown=ignore_escape
            on:cancel=|event: leptos::ev::Event| event.prevent_default()
            on:close=move |_| reconcile()
        >
            {afresh(move || ringing().map(content))}
        </dialog>
    }
}
