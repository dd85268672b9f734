//! Somebody to call.

use call::handset::{CallTerms, Command};
use call::id::Person;
use call::media::CallType;
use leptos::prelude::*;

use super::{Avatar, Icon, Shape};
use crate::follow::{flag, press, word};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

/// Somebody's name, which leads to their page, their presence, and the two ways to call them.
#[component]
pub(crate) fn ContactCard(
    /// Who.
    person: Person,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let offline = handset.is_offline();
    let id = StoredValue::new(person.id.clone());
    let presence = handset
        .screen
        .read_with(move |view| id.with_value(|id| scene::presence(view, id)));
    let class = move || scene::presence_class(presence());
    let text = move || lang.presence(presence().unwrap_or_default());
    let name = person.name.as_str().to_owned();
    let page = ["/people/", person.id.as_str()].concat();
    let at_id = ["@", person.id.as_str()].concat();
    let call = |call_type: CallType, shape: Shape| {
        let callees = vec![person.clone()];
        let label = lang.call_somebody(call_type, person.name.as_str());
        view! {
            <button
                type="button"
                class="button round call-button"
                aria-label=label.clone()
                title=label
                disabled=flag(offline)
                on:click=press(move || handset.send(Command::Call { callees: callees.clone(), group: None, call_type, terms: CallTerms::default() }))
            >
                <Icon shape />
            </button>
        }
    };
    view! {
        <li class="contact">
            <Avatar person=&person />
            <span class="contact-text">
                <a class="name" href=page>
                    {name}
                </a>
                <span class="contact-more">
                    <span class=word(class)>{word(text)}</span>
                    <span class="id">{at_id}</span>
                </span>
            </span>
            {call(CallType::Audio, Shape::Handset)}
            {call(CallType::Video, Shape::Camera)}
        </li>
    }
}
