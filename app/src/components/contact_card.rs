//! Somebody to call.

use call::handset::Command;
use call::id::Person;
use call::media::CallType;
use call::protocol::Presence;
use leptos::prelude::*;

use super::{Avatar, Icon, Shape};
use crate::handset::handset;
use crate::i18n::lang;

/// The class that colors a presence.
const fn class_of(presence: Presence) -> &'static str {
    match presence {
        Presence::Offline => "presence",
        Presence::Online => "presence online",
        Presence::InCall => "presence in-call",
    }
}

/// Somebody's name and presence, and the two ways to call them.
#[component]
pub(crate) fn ContactCard(
    /// Who.
    person: Person,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let offline = handset.is_offline();
    let id = StoredValue::new(person.id.clone());
    let presence =
        handset.read(move |view| id.with_value(|id| view.presence.get(id).copied().unwrap_or_default()));
    let class = move || class_of(presence());
    let word = move || lang.presence(presence());
    let name = person.name.as_str().to_owned();
    let at_id = ["@", person.id.as_str()].concat();
    let call = |call_type: CallType, shape: Shape| {
        let callee = person.clone();
        let label = lang.call_somebody(call_type, callee.name.as_str());
        view! {
            <button
                type="button"
                class="button round call-button"
                aria-label=label.clone()
                title=label
                disabled=offline
                on:click=move |_| handset.send(Command::Call { callee: callee.clone(), call_type })
            >
                <Icon shape />
            </button>
        }
    };
    view! {
        <li class="contact">
            <Avatar person=&person />
            <span class="contact-text">
                <span class="name">{name}</span>
                <span class="contact-more">
                    <span class=class>{word}</span>
                    <span class="id">{at_id}</span>
                </span>
            </span>
            {call(CallType::Audio, Shape::Handset)}
            {call(CallType::Video, Shape::Camera)}
        </li>
    }
}
