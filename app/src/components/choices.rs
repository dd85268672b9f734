//! A list of people to tick, in a plain form.

use call::id::Person;
use leptos::prelude::*;

use super::Avatar;

/// People to choose from. What is ticked is sent as `people[]`.
#[component]
pub(crate) fn Choices(
    /// What they are chosen for.
    label: &'static str,
    /// Who there is.
    people: Vec<Person>,
    /// The ids of those who are ticked at first.
    chosen: Vec<String>,
) -> impl IntoView {
    let entry = |person: Person| {
        let id = person.id.as_str().to_owned();
        let at_id = ["@", &id].concat();
        let checked = chosen.contains(&id);
        view! {
            <li>
                <label class="contact choice">
                    <input type="checkbox" name="people[]" value=id checked=checked />
                    <Avatar person=&person />
                    <span class="contact-text">
                        <span class="name">{person.name.as_str().to_owned()}</span>
                        <span class="contact-more">
                            <span class="id">{at_id}</span>
                        </span>
                    </span>
                </label>
            </li>
        }
    };
    view! {
        <fieldset class="choose">
            <legend>{label}</legend>
            <ul>{people.into_iter().map(entry).collect::<Vec<_>>()}</ul>
        </fieldset>
    }
}
