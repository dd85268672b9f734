//! Making a group.

use call::id::Person;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::components::{Choices, Field, FormError, PlainFrame};
use crate::desk::GroupProblem;
use crate::forms::{CreateGroup, GroupError};
use crate::i18n::lang;
use crate::page::People;

/// `/groups/new`
#[component]
pub(crate) fn NewGroupPage(
    /// Who is signed in.
    me: Person,
    /// Whom there is to choose from.
    people: People,
    /// What was typed and chosen before, and why that failed.
    failed: Option<GroupError>,
) -> impl IntoView {
    let lang = lang();
    let error = failed.as_ref().map(|failed| lang.group_problem(&failed.problem));
    let wrong_name = failed
        .as_ref()
        .is_some_and(|failed| matches!(failed.problem, GroupProblem::Name(_)));
    let (name, chosen) = failed.map_or_else(Default::default, |failed| {
        (failed.name.unwrap_or_default(), failed.chosen)
    });
    let nobody = people.found.is_empty();
    view! {
        <PlainFrame me>
            <h1>{lang.new_group()}</h1>
            <form method="post" action=CreateGroup::url() class="form">
                <FormError error />
                <Field
                    name="name"
                    label=lang.group_name()
                    hint=lang.group_name_hint()
                    autocomplete="off"
                    value=name
                    wrong=wrong_name
                    focus=true
                />
                <Choices label=lang.who_is_in_it() people=people.found chosen />
                {nobody.then(|| view! { <p class="hint">{lang.nobody_yet_hint()}</p> })}
                {people.more.then(|| view! { <p class="hint">{lang.not_everybody_listed()}</p> })}
                <button type="submit" class="button primary wide">
                    {lang.create_group()}
                </button>
            </form>
        </PlainFrame>
    }
}
