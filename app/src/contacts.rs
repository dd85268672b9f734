//! The people whom the page knows.

use call::id::Person;
use leptos::prelude::*;

/// Those it was loaded with. Cheap to copy; in context for every component of the home page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contacts(StoredValue<Vec<Person>>);

impl Contacts {
    /// With these people.
    pub(crate) fn new(loaded: Vec<Person>) -> Self {
        Self(StoredValue::new(loaded))
    }

    /// Everybody: those who signed up since the page was loaded first, then those it was loaded with.
    pub(crate) fn everybody(self, newcomers: &[Person]) -> Vec<Person> {
        self.0.with_value(|loaded| everybody(loaded, newcomers))
    }

    /// Those whom the search `typed` finds.
    pub(crate) fn found(self, newcomers: &[Person], typed: &str) -> Vec<Person> {
        let mut people = self.everybody(newcomers);
        people.retain(|person| is_found(person, typed));
        people
    }
}

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
