//! Choosing several people, for a group call or into a call.

use call::handset::{CallTerms, Command};
use call::id::{Person, UserId};
use call::media::CallType;
use call::protocol::limits::INVITEES;
use leptos::prelude::*;

use super::dialog::dialog;
use super::{Avatar, Icon, Shape};
use crate::afresh::{afresh, rows_afresh};
use crate::contacts::Contacts;
use crate::follow::{flag, press, word};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

/// What the people are chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A call of its own.
    Call,
    /// The call that one is in.
    Add,
}

/// A button that opens the choice, and the choice.
#[component]
pub(crate) fn PeoplePicker(
    /// What for.
    purpose: Purpose,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let lang = lang();
    let handset = handset();
    let offline = handset.is_offline();
    let opener = match purpose {
        Purpose::Call => leptos::either::Either::Left(view! {
            <button
                type="button"
                class="button quiet"
                aria-haspopup="dialog"
                disabled=flag(offline)
                on:click=press(move || open.set(true))
            >
                <Icon shape=Shape::People />
                {lang.group_call()}
            </button>
        }),
        Purpose::Add => leptos::either::Either::Right(view! {
            <button
                type="button"
                class="control"
                title=lang.add_people()
                aria-haspopup="dialog"
                disabled=flag(offline)
                on:click=press(move || open.set(true))
            >
                <span class="control-face">
                    <Icon shape=Shape::AddPerson />
                </span>
                {lang.add()}
            </button>
        }),
    };
    view! {
        {opener}
        {afresh(move || open.get().then(|| view! { <Choice purpose open /> }))}
    }
}

/// The dialog. It is drawn while it is open, and chooses anew each time.
#[component]
fn Choice(purpose: Purpose, open: RwSignal<bool>) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let chosen = RwSignal::new(Vec::<Person>::new());
    let typed = RwSignal::new(String::new());
    let contacts = use_context::<Contacts>();
    let newcomers = handset.screen.read(|view| view.newcomers.clone());
    let in_call = handset.screen.read(scene::people);
    let offered = move || {
        let mut people = contacts
            .map(|contacts| contacts.found(&newcomers(), &typed.get()))
            .unwrap_or_default();
        if purpose == Purpose::Add {
            let there = in_call();
            people.retain(|person| there.iter().all(|there| there.id != person.id));
        }
        people
    };
    let nobody = move || offered().is_empty();
    // Nobody is left to be found, or nobody has such a name.
    let why_nobody = move || {
        if purpose == Purpose::Add && typed.with(String::is_empty) {
            lang.nobody_to_add()
        } else {
            lang.nobody_found()
        }
    };
    let somebody = move || !nobody();
    let room = move || match purpose {
        Purpose::Call => INVITEES,
        Purpose::Add => INVITEES.saturating_sub(in_call().len()),
    };
    let too_few = move || chosen.with(Vec::is_empty);
    let is_chosen = move |id: &UserId| chosen.with(|chosen| chosen.iter().any(|person| person.id == *id));
    let switch = move |person: &Person, on: bool| {
        chosen.update(|chosen| {
            chosen.retain(|other| other.id != person.id);
            if on {
                chosen.push(person.clone());
            }
        });
    };
    let entry = move |person: Person| {
        let id = StoredValue::new(person.id.clone());
        let presence = handset
            .screen
            .read_with(move |view| id.with_value(|id| scene::presence(view, id)));
        let checked = move || id.with_value(is_chosen);
        let full = move || !checked() && chosen.with(Vec::len) >= room();
        let avatar = view! { <Avatar person=&person /> };
        let name = person.name.as_str().to_owned();
        view! {
            <li>
                <label class="contact choice">
                    <input
                        type="checkbox"
                        prop:checked=checked
                        disabled=flag(full)
                        on:change:target=move |event| switch(&person, event.target().checked())
                    />
                    {avatar}
                    <span class="contact-text">
                        <span class="name">{name}</span>
                        <span class="contact-more">
                            <span class=word(move || scene::presence_class(presence()))>
                                {word(move || lang.presence(presence().unwrap_or_default()))}
                            </span>
                        </span>
                    </span>
                </label>
            </li>
        }
    };
    let ring = move |call_type: Option<CallType>| {
        let people = chosen.get_untracked();
        handset.send(match call_type {
            Some(call_type) => Command::Call {
                callees: people,
                group: None,
                call_type,
                terms: CallTerms::default(),
            },
            None => Command::Invite {
                people,
                ring_seconds: None,
            },
        });
        open.set(false);
    };
    let go = move |text: &'static str, shape: Shape, class: &'static str, call_type: Option<CallType>| {
        view! {
            <button type="button" class=class disabled=flag(too_few) on:click=press(move || ring(call_type))>
                <Icon shape />
                {text}
            </button>
        }
    };
    let ways = match purpose {
        Purpose::Call => vec![
            go(lang.voice_call(), Shape::Handset, "button", Some(CallType::Audio)),
            go(
                lang.video_call(),
                Shape::Camera,
                "button primary",
                Some(CallType::Video),
            ),
        ],
        Purpose::Add => vec![go(lang.call_them(), Shape::Handset, "button primary", None)],
    };
    let title = match purpose {
        Purpose::Call => lang.whom_to_call(),
        Purpose::Add => lang.add_people(),
    };
    let body = view! {
            <div class="search whole">
                <Icon shape=Shape::Search />
                <input
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=lang.search_people()
                    placeholder=lang.search_people()
                    on:input:target=move |event| typed.set(event.target().value())
                />
            </div>
            <ul class="choices">
                {rows_afresh(offered, entry)}
            </ul>
            <p class="empty" hidden=flag(somebody)>
                {word(why_nobody)}
            </p>
            <footer class="picker-ways">{ways}</footer>
    };
    dialog(open, "dialog picker", title, body)
}
