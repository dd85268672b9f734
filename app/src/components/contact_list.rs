//! Everybody to call, and the search among them.

use call::handset::Command;
use call::protocol::limits::WATCHED_PEOPLE;
use leptos::prelude::*;

use super::contact_card::ContactCard;
use super::people_picker::{PeoplePicker, Purpose};
use super::{Icon, Shape};
use crate::afresh::rows;
use crate::contacts::Contacts;
use crate::follow::{flag, whenever, word};
use crate::handset::handset;
use crate::i18n::lang;

/// The contacts.
///
/// The search is a form that asks the server, as it does without scripts. With scripts the list also follows the typing, as
/// far as it was loaded; where it was not loaded to the end, it says so.
#[component]
pub(crate) fn ContactList(
    /// What was searched for when the page was loaded.
    query: String,
    /// Who was found.
    contacts: Contacts,
    /// Whether there are more.
    more: bool,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let whole = !more && query.is_empty();
    let typed = RwSignal::new(query.clone());
    let newcomers = handset.screen.read(|view| view.newcomers.clone());
    let known = move || contacts.everybody(&newcomers());
    let asked = StoredValue::new(query.clone());
    let listed = move || {
        typed.with(|typed| {
            // What the server has found is found.
            if asked.with_value(|asked| asked == typed) {
                known()
            } else {
                contacts.found(&newcomers(), typed)
            }
        })
    };
    let somebody = move || !listed().is_empty();
    let nobody = move || {
        if typed.with(|typed| typed.trim().is_empty()) {
            (lang.nobody_yet(), lang.nobody_yet_hint())
        } else {
            (lang.nobody_found(), lang.nobody_found_hint())
        }
    };

    // Whoever is known is watched, also while a search hides them: typing is no reason to talk to the server.
    whenever(move || {
        let people = known()
            .into_iter()
            .take(WATCHED_PEOPLE)
            .map(|person| person.id)
            .collect();
        handset.send(Command::Watch { people });
    });

    view! {
        <section class="contacts" aria-labelledby="contacts-heading">
            <div class="contacts-head">
                <h1 id="contacts-heading">{lang.contacts()}</h1>
                <PeoplePicker purpose=Purpose::Call />
                <form class="search" class:whole=whole role="search" method="get" action="/">
                    <Icon shape=Shape::Search />
                    <input
                        type="search"
                        name="q"
                        value=query
                        autocomplete="off"
                        spellcheck="false"
                        aria-label=lang.search_people()
                        placeholder=lang.search_people()
                        on:input:target=move |event| typed.set(event.target().value())
                    />
                    <button type="submit" class="button search-button">
                        {lang.search()}
                    </button>
                </form>
            </div>
            // Browsers that run scripts read this as text and not as elements, so it is hydrated as text too.
            <noscript inner_html=["<p class=\"banner\">", lang.needs_javascript(), "</p>"].concat()></noscript>
            <ul class="contact-list">
                {rows(listed, |person| view! { <ContactCard person /> })}
            </ul>
            <div class="empty" hidden=flag(somebody)>
                <p class="empty-title">{word(move || nobody().0)}</p>
                <p>{word(move || nobody().1)}</p>
            </div>
            <p class="more" hidden=whole>
                {lang.more_people()}
            </p>
        </section>
    }
}
