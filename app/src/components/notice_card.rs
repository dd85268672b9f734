//! What is said of the last call.

use call::handset::{Command, Notice};
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::afresh::afresh;
use crate::follow::{flag, press};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

/// How the last call ended, or why something was refused, until it is dismissed.
#[component]
pub(crate) fn NoticeCard() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let notice = handset.screen.read(|view| view.notice.clone());
    let offline = handset.is_offline();
    let card = move |notice: Notice| {
        let (shape, class) = match &notice {
            Notice::Ended { .. } => (Shape::Handset, "notice"),
            Notice::Missed { .. } => (Shape::Missed, "notice bad"),
            Notice::HandledElsewhere { .. } => (Shape::Device, "notice"),
            Notice::NoVideo { .. } => (Shape::CameraOff, "notice"),
            Notice::Refused(_) | Notice::NotConnected => (Shape::Warning, "notice bad"),
        };
        let duration = match &notice {
            Notice::Ended {
                connected_ms: ms @ 1..,
                ..
            } => Some(lang.talked_for(*ms)),
            _ => None,
        };
        let again = if matches!(notice, Notice::Missed { .. }) {
            lang.call_back()
        } else {
            lang.call_again()
        };
        let call = scene::call_from_notice(&notice).map(|call| {
            view! {
                <button
                    type="button"
                    class="button small"
                    disabled=flag(offline)
                    on:click=press(move || handset.send(call.clone()))
                >
                    {again}
                </button>
            }
        });
        view! {
            <div class=class>
                <Icon shape />
                <p class="notice-text">
                    <span class="notice-line">{lang.notice(&notice)}</span>
                    {duration.map(|duration| view! { <span class="notice-more">{duration}</span> })}
                </p>
                {call}
                <button
                    type="button"
                    class="button round small"
                    aria-label=lang.dismiss()
                    title=lang.dismiss()
                    on:click=press(move || handset.send(Command::DismissNotice))
                >
                    <Icon shape=Shape::Close />
                </button>
            </div>
        }
    };
    afresh(move || notice().map(card))
}
