//! Groups to call, and their running calls to join.

use call::handset::{CallTerms, Command};
use call::id::{Roster, UserId};
use call::media::CallType;
use call::protocol::GroupCall;
use leptos::prelude::*;

use super::{Avatar, Icon, Shape};
use crate::afresh::{afresh, rows};
use crate::follow::{flag, press};
use crate::format::names;
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene;

/// The groups of whoever is signed in, with the ways to call them.
///
/// Those that the page was loaded with are drawn by the server, and change when others change them. One whose call begins is
/// marked, and can be joined; so can one that the page has not heard of yet.
#[component]
pub(crate) fn GroupList(
    /// Who is signed in.
    me: UserId,
    /// The groups.
    groups: Vec<Roster>,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let offline = handset.is_offline();
    let me = StoredValue::new(me);
    let loaded = StoredValue::new(groups);
    let listed = handset
        .screen
        .read_with(move |view| loaded.with_value(|loaded| scene::groups(loaded, view)));
    let some = move || !listed().is_empty();

    let join = move |running: GroupCall| {
        let label = lang.join_call_of(running.group.name.as_str());
        let (text, shape) = match running.call_type {
            CallType::Audio => (lang.join_call(), Shape::Handset),
            CallType::Video => (lang.join_with_video(), Shape::Camera),
        };
        view! {
            <button
                type="button"
                class="button primary small join"
                aria-label=label
                disabled=flag(offline)
                on:click=press(move || handset.send(Command::Join(running.clone())))
            >
                <Icon shape />
                {text}
            </button>
        }
    };
    let entry = move |Roster { group, members }: Roster| {
        let id = group.id;
        let running = handset
            .screen
            .read_with(move |view| scene::group_call(view, id).cloned());
        let is_running = move || running().is_some();
        let others: Vec<_> = members
            .into_iter()
            .filter(|member| me.with_value(|me| member.id != *me))
            .collect();
        let alone = others.is_empty();
        let about = if alone {
            lang.alone_in_group().into()
        } else {
            names(&others)
        };
        let call = |call_type: CallType, shape: Shape| {
            let (callees, group) = (others.clone(), group.clone());
            let label = lang.call_somebody(call_type, group.name.as_str());
            let call = move || {
                handset.send(Command::Call {
                    callees: callees.clone(),
                    group: Some(group.clone()),
                    call_type,
                    terms: CallTerms::default(),
                });
            };
            view! {
                <button
                    type="button"
                    class="button round call-button"
                    aria-label=label.clone()
                    title=label
                    disabled=flag(move || alone || offline())
                    hidden=flag(is_running)
                    on:click=press(call)
                >
                    <Icon shape />
                </button>
            }
        };
        let calls = [
            call(CallType::Audio, Shape::Handset),
            call(CallType::Video, Shape::Camera),
        ];
        let faces: Vec<_> = others
            .iter()
            .take(3)
            .map(|person| view! { <Avatar person /> })
            .collect();
        view! {
            <li class="contact">
                <span class="faces">{faces}</span>
                <span class="contact-text">
                    <a class="name" href=["/groups/", &id.to_string()].concat()>
                        {group.name.as_str().to_owned()}
                    </a>
                    <span class="contact-more">
                        <span class="presence in-call" hidden=flag(move || !is_running())>
                            {lang.call_is_on()}
                        </span>
                        <span class="id">{about}</span>
                    </span>
                </span>
                {calls}
                {afresh(move || running().map(join))}
            </li>
        }
    };
    let others_running = handset.screen.read(|view| view.group_calls.clone());
    let newcomers = move || {
        let listed = listed();
        let unknown = others_running()
            .into_iter()
            .filter(|running| listed.iter().all(|known| known.group.id != running.group.id));
        unknown
            .map(|running| {
                view! {
                    <li class="contact">
                        <span class="contact-text">
                            <span class="name">{running.group.name.as_str().to_owned()}</span>
                            <span class="contact-more">
                                <span class="presence in-call">{lang.call_is_on()}</span>
                            </span>
                        </span>
                        {join(running)}
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <section class="groups" aria-labelledby="groups-heading">
            <div class="groups-head">
                <h2 id="groups-heading">{lang.groups()}</h2>
                <a class="button quiet small" href="/groups/new">
                    <Icon shape=Shape::AddPerson />
                    {lang.new_group()}
                </a>
            </div>
            <p class="recent-none" hidden=flag(some)>
                {lang.no_groups()}
            </p>
            <ul class="contact-list">
                {rows(listed, entry)} {afresh(newcomers)}
            </ul>
        </section>
    }
}
