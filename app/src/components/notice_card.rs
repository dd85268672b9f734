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
    let online = handset.is_online();
    let card = move |notice: Notice| {
        let (shape, missed) = match &notice {
            Notice::Ended { .. } => (Shape::Handset, false),
            Notice::Missed { .. } => (Shape::Missed, true),
            Notice::HandledElsewhere { .. } => (Shape::Device, false),
            Notice::Refused(_) | Notice::NotConnected => (Shape::Warning, true),
        };
        let duration = match &notice {
            Notice::Ended { connected_ms: ms @ 1.., .. } => Some(lang.talked_for(*ms)),
            _ => None,
        };
        let again = if matches!(notice, Notice::Missed { .. }) { lang.call_back() } else { lang.call_again() };
        let call = scene::call_from_notice(&notice).map(|(callee, call_type)| {
            view! {
                <button
                    type="button"
                    class="button small"
                    disabled=move || !online.get()
                    on:click=move |_| handset.send(Command::Call { callee: callee.clone(), call_type })
                >
                    {again}
                </button>
            }
        });
        view! {
            <div class="notice" class:bad=missed>
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
        .into_any()
    };
    move || notice.get().map(card)
}
