//! A round picture that stands for a person: initials on a color of their own.

use call::id::Person;
use leptos::prelude::*;

use crate::format::{hue, initials};

/// Stands for `person`. Hidden from screen readers: the name is always beside it.
#[component]
pub(crate) fn Avatar<'a>(
    /// Who.
    person: &'a Person,
) -> impl IntoView + use<> {
    view! {
        <span class=["avatar ", hue(&person.id)].concat() aria-hidden="true">
            {initials(person.name.as_str())}
        </span>
    }
}
