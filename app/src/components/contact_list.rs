//! Everybody to call, and the search among them.

use core::time::Duration;

use call::handset::Command;
use call::id::Person;
use call::protocol::limits::WATCHED_PEOPLE;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::contact_card::ContactCard;
use super::{Icon, Shape};
use crate::forms::{FindPeopleError, find_people};
use crate::handset::handset;
use crate::i18n::lang;
use crate::page::People;

/// How long the typing must rest before the server is asked.
const REST: Duration = Duration::from_millis(150);

/// Everybody on the list: those who signed up since the page was loaded first, then the others.
///
/// A search lists what it has found and nobody else.
fn everybody(found: &People, newcomers: &[Person], searching: bool) -> Vec<Person> {
    let newcomers = newcomers.iter().rev().filter(|newcomer| !found.found.iter().any(|person| person.id == newcomer.id));
    newcomers.filter(|_| !searching).chain(&found.found).cloned().collect()
}

/// The contacts.
#[component]
pub(crate) fn ContactList(
    /// What was searched for before the page was loaded.
    query: String,
    /// Who was found.
    people: People,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let typed = RwSignal::new(query.clone());
    let people = RwSignal::new(people);
    let failed = RwSignal::new(false);
    let newcomers = handset.read(|view| view.newcomers.clone());
    let searching = Memo::new(move |_| typed.with(|typed| !typed.trim().is_empty()));
    let listed = Memo::new(move |_| {
        people.with(|people| newcomers.with(|newcomers| everybody(people, newcomers, searching.get())))
    });
    let more = Memo::new(move |_| people.with(|people| people.more));
    let nobody = Memo::new(move |_| listed.with(Vec::is_empty));

    let watched = Memo::new(move |_| {
        listed.with(|listed| listed.iter().take(WATCHED_PEOPLE).map(|person| person.id.clone()).collect::<Vec<_>>())
    });
    Effect::new(move |_| handset.send(Command::Watch { people: watched.get() }));

    let search = move |query: String| {
        spawn_local(async move {
            let answer = find_people(query.clone()).await;
            // Only the answer to what is typed now counts: the others may come late and out of order.
            if typed.try_with_untracked(|typed| *typed == query) != Some(true) {
                return;
            }
            // A session that is over is told by the banner of the socket, with the way back in.
            failed.set(matches!(answer, Err(FindPeopleError::Unavailable)));
            if let Ok(found) = answer {
                people.set(found);
            }
        });
    };
    let mut search_soon = leptos::leptos_dom::helpers::debounce(REST, search);

    view! {
        <section class="contacts" aria-labelledby="contacts-heading">
            <div class="contacts-head">
                <h1 id="contacts-heading">{lang.contacts()}</h1>
                <form
                    class="search"
                    role="search"
                    method="get"
                    action="/"
                    on:submit=move |event| {
                        event.prevent_default();
                        search(typed.get_untracked());
                    }
                >
                    <Icon shape=Shape::Search />
                    <input
                        type="search"
                        name="q"
                        value=query
                        autocomplete="off"
                        spellcheck="false"
                        aria-label=lang.search_people()
                        placeholder=lang.search_people()
                        on:input:target=move |event| {
                            typed.set(event.target().value());
                            search_soon(event.target().value());
                        }
                    />
                    <button type="submit" class="button small search-button">
                        {lang.search()}
                    </button>
                </form>
            </div>
            // Browsers that run scripts read this as text and not as elements, so it is hydrated as text too.
            <noscript inner_html=["<p class=\"banner\">", lang.needs_javascript(), "</p>"].concat()></noscript>
            <Show when=move || failed.get()>
                <p class="form-error" role="alert">
                    {lang.search_failed()}
                </p>
            </Show>
            <ul class="contact-list">
                <For each=move || listed.get() key=|person| person.clone() children=|person| view! { <ContactCard person /> } />
            </ul>
            <Show when=move || nobody.get()>
                <div class="empty">
                    <p class="empty-title">
                        {move || if searching.get() { lang.nobody_found() } else { lang.nobody_yet() }}
                    </p>
                    <p>{move || if searching.get() { lang.nobody_found_hint() } else { lang.nobody_yet_hint() }}</p>
                </div>
            </Show>
            <Show when=move || more.get()>
                <p class="more">{lang.more_people()}</p>
            </Show>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str) -> Person {
        Person { id: id.parse().unwrap(), name: id.parse().unwrap() }
    }

    #[test]
    fn newcomers_come_first_and_only_once() {
        let found = People { found: vec![person("alice"), person("bob")], more: false };
        let newcomers = [person("bob"), person("carol"), person("dave")];
        let ids = |searching| -> Vec<_> {
            everybody(&found, &newcomers, searching).iter().map(|person| person.id.to_string()).collect()
        };
        assert_eq!(ids(false), ["dave", "carol", "alice", "bob"]);
        assert_eq!(ids(true), ["alice", "bob"], "a search lists what it has found");
    }
}
