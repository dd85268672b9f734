//! Somebody, and whether one wants to be reached by them.

use call::id::Person;
use leptos::either::Either;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::components::{Avatar, FormError, PlainFrame};
use crate::desk::BlockProblem;
use crate::forms::{Block, Unblock};
use crate::i18n::lang;

/// `/people/{id}`
#[component]
pub(crate) fn PersonPage(
    /// Who is signed in.
    me: Person,
    /// Whose page it is.
    person: Person,
    /// Whether the reader has blocked them.
    blocked: bool,
    /// Why that was not changed.
    problem: Option<BlockProblem>,
) -> impl IntoView {
    let lang = lang();
    let error = problem.map(|problem| lang.block_problem(problem).to_owned());
    let name = person.name.as_str().to_owned();
    let at_id = ["@", person.id.as_str()].concat();
    let (action, about, label, class) = if blocked {
        (
            Unblock::url(),
            lang.is_blocked(&name),
            lang.unblock(),
            "button primary wide",
        )
    } else {
        (
            Block::url(),
            lang.what_blocking_does(&name),
            lang.block(),
            "button bad wide",
        )
    };
    let form = if person.id == me.id {
        Either::Left(view! { <p>{lang.you()}</p> })
    } else {
        Either::Right(view! {
            <form method="post" action=action class="form">
                <input type="hidden" name="person" value=person.id.as_str().to_owned() />
                <p>{about}</p>
                <button type="submit" class=class>
                    {label}
                </button>
            </form>
        })
    };
    let avatar = view! { <Avatar person=&person /> };
    view! {
        <PlainFrame me>
            <div class="person">
                {avatar}
                <div class="contact-text">
                    <h1>{name}</h1>
                    <span class="contact-more">{at_id}</span>
                </div>
            </div>
            <FormError error />
            {form}
        </PlainFrame>
    }
}
