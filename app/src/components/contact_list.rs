//! Everybody to call, and the search among them.

use call::handset::Command;
use call::id::Person;
use call::protocol::limits::WATCHED_PEOPLE;
use leptos::prelude::*;

use super::contact_card::ContactCard;
use super::{Icon, Shape};
use crate::handset::handset;
use crate::i18n::lang;
use crate::page::People;

/// Everybody who is known to the page: those who signed up since it was loaded first, then those it was loaded with.
fn everybody(loaded: &[Person], newcomers: &[Person]) -> Vec<Person> {
    let newcomers = newcomers
        .iter()
        .rev()
        .filter(|newcomer| !loaded.iter().any(|person| person.id == newcomer.id));
    newcomers.chain(loaded).cloned().collect()
}

/// Whether the search `typed` finds `person`: by a part of the name or of the id, in whatever case.
///
/// On the server nobody types. In the browser its own texts do it: Rust's would bring along tables of all letters.
fn is_found(person: &Person, typed: &str) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let lower = |text: &str| js_sys::JsString::from(text).to_lower_case();
        let typed = String::from(lower(typed.trim()));
        [person.name.as_str(), person.id.as_str()]
            .into_iter()
            .any(|text| lower(text).includes(&typed, 0))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = (person, typed);
        true
    }
}

/// The contacts.
///
/// The search is a form that asks the server, as it does without scripts. With scripts the list also follows the typing, as
/// far as it was loaded; where it was not loaded to the end, it says so.
#[component]
pub(crate) fn ContactList(
    /// What was searched for when the page was loaded.
    query: String,
    /// Who was found.
    people: People,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let People { found: loaded, more } = people;
    let whole = !more && query.is_empty();
    let typed = RwSignal::new(query.clone());
    let newcomers = handset.read(|view| view.newcomers.clone());
    let loaded = StoredValue::new(loaded);
    let known = move || loaded.with_value(|loaded| everybody(loaded, &newcomers()));
    let asked = StoredValue::new(query.clone());
    let listed = move || {
        let mut listed = known();
        typed.with(|typed| {
            // What the server has found is found.
            if asked.with_value(|asked| asked != typed) {
                listed.retain(|person| is_found(person, typed));
            }
        });
        listed
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
    Effect::new(move |_| {
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
                <For each=listed key=|person| person.clone() children=|person| view! { <ContactCard person /> } />
            </ul>
            <div class="empty" hidden=somebody>
                <p class="empty-title">{move || nobody().0}</p>
                <p>{move || nobody().1}</p>
            </div>
            <p class="more" hidden=whole>
                {lang.more_people()}
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, name: &str) -> Person {
        Person {
            id: id.parse().unwrap(),
            name: name.parse().unwrap(),
        }
    }

    #[test]
    fn newcomers_come_first_and_only_once() {
        let loaded = [person("alice", "Alice"), person("bob", "Bob")];
        let newcomers = [
            person("bob", "Bob"),
            person("carol", "Carol"),
            person("kitchen", "Kitchen"),
        ];
        let ids: Vec<_> = everybody(&loaded, &newcomers)
            .iter()
            .map(|person| person.id.to_string())
            .collect();
        assert_eq!(ids, ["kitchen", "carol", "alice", "bob"]);
    }
}
