//! A group: its name, who is in it, and the way out.

use call::id::{Person, Roster};
use call::protocol::limits::CALL_PEOPLE;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::components::{Avatar, Choices, Field, FormError, PlainFrame};
use crate::forms::{AddMembers, GroupError, LeaveGroup, RenameGroup};
use crate::i18n::lang;
use crate::page::People;

/// `/groups/{id}`
#[component]
pub(crate) fn GroupPage(
    /// Who is signed in.
    me: Person,
    /// The group.
    roster: Roster,
    /// Who is not in it.
    people: People,
    /// What was typed and chosen before, and why that failed.
    failed: Option<GroupError>,
) -> impl IntoView {
    let lang = lang();
    let Roster { group, members } = roster;
    let id = group.id.to_string();
    let name = group.name.as_str().to_owned();
    let error = failed.as_ref().map(|failed| lang.group_problem(&failed.problem));
    let (typed, chosen) = failed.map_or_else(Default::default, |failed| (failed.name, failed.chosen));
    let wrong_name = typed.is_some();
    let full = members.len() >= CALL_PEOPLE;
    let member = |person: Person| {
        let oneself = (person.id == me.id).then(|| lang.you());
        view! {
            <li class="contact">
                <Avatar person=&person />
                <span class="contact-text">
                    <span class="name">{person.name.as_str().to_owned()}</span>
                    <span class="contact-more">{oneself}</span>
                </span>
            </li>
        }
    };
    let members: Vec<_> = members.into_iter().map(member).collect();
    let add = (!full && !people.found.is_empty()).then(|| {
        view! {
            <form method="post" action=AddMembers::url() class="form">
                <input type="hidden" name="group" value=id.clone() />
                <Choices label=lang.add_people() people=people.found chosen />
                {people.more.then(|| view! { <p class="hint">{lang.not_everybody_listed()}</p> })}
                <button type="submit" class="button wide">
                    {lang.add_to_group()}
                </button>
            </form>
        }
    });
    view! {
        <PlainFrame me=me.clone()>
            <h1 class="group-name">{name.clone()}</h1>
            <FormError error />
            <ul class="contact-list" aria-label=lang.who_is_in_it()>
                {members}
            </ul>
            {add}
            <form method="post" action=RenameGroup::url() class="form">
                <input type="hidden" name="group" value=id.clone() />
                <Field
                    name="name"
                    label=lang.group_name()
                    autocomplete="off"
                    value=typed.unwrap_or_else(|| name.clone())
                    wrong=wrong_name
                    focus=wrong_name
                />
                <button type="submit" class="button wide">
                    {lang.rename_group()}
                </button>
            </form>
            <details class="leave-group">
                <summary class="button quiet wide">{lang.leave_group()}</summary>
                <form method="post" action=LeaveGroup::url() class="form">
                    <input type="hidden" name="group" value=id />
                    <p>{lang.leave_group_question(&name)}</p>
                    <button type="submit" class="button bad wide">
                        {lang.leave_group_really()}
                    </button>
                </form>
            </details>
        </PlainFrame>
    }
}
