//! What is said of the last call.

use call::handset::{Command, Notice};
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

/// How the last call ended, or why something was refused, until it is dismissed.
#[component]
pub(crate) fn NoticeCard() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let notice = handset.read(|view| view.notice.clone());
    let offline = handset.is_offline();
    let card = move |notice: Notice| {
        let (shape, class) = match &notice {
            Notice::Ended { .. } => (Shape::Handset, "notice"),
            Notice::Missed { .. } => (Shape::Missed, "notice bad"),
            Notice::HandledElsewhere { .. } => (Shape::Device, "notice"),
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
        let call = scene::call_from_notice(&notice).map(|(callee, call_type)| {
            view! {
                <button
                    type="button"
                    class="button small"
                    disabled=offline
                    on:click=move |_| handset.send(Command::Call { callee: callee.clone(), call_type })
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
                    on:click=move |_| handset.send(Command::DismissNotice)
                >
                    <Icon shape=Shape::Close />
                </button>
            </div>
        }
    };
    move || notice().map(card)
}
