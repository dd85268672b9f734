//! Somebody on the screen of a call.

use call::handset::{CallView, Feed};
use call::id::Person;
use leptos::prelude::*;

use super::video::Video;
use super::{Avatar, Icon, Shape};
use crate::afresh::afresh;
use crate::follow::{flag, word};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene::{self, Status};

/// The class that a tile has by how it goes.
const fn class_of(status: Status, speaking: bool) -> &'static str {
    match status {
        Status::Connected if speaking => "tile speaking",
        Status::Calling | Status::Ringing => "tile ringing",
        Status::Connecting => "tile connecting",
        Status::Connected => "tile",
        Status::Interrupted(_) | Status::Failed => "tile broken",
        Status::Rejected | Status::Busy | Status::NoAnswer | Status::Unknown => "tile gone",
    }
}

/// Somebody else: their picture, or what stands for it.
#[component]
pub(crate) fn PeerTile(
    /// Who.
    person: Person,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let id = StoredValue::new(person.id.clone());
    // None while the tile is being taken away.
    let tile = move |view: &CallView| id.with_value(|id| scene::tile(view, id));
    let picture = handset
        .screen
        .read_with(move |view| tile(view).is_some_and(|tile| tile.picture));
    let audible = handset
        .screen
        .read_with(move |view| tile(view).is_none_or(|tile| !tile.muted));
    let class = handset
        .screen
        .read_with(move |view| tile(view).map_or("tile", |tile| class_of(tile.status, tile.speaking)));
    let status = handset
        .screen
        .read_with(move |view| id.with_value(|id| scene::tile_status(view, id)));
    let said =
        move || status().map(|status| view! { <span class="chip">{scene::status_word(status, lang)}</span> });
    let name = person.name.as_str().to_owned();
    let feed = scene::feed(&person);
    let label = name.clone();
    let video = afresh(move || picture().then(|| view! { <Video feed=feed.clone() label=label.clone() /> }));
    view! {
        <div class=word(class)>
            <Avatar person=&person />
            {video}
            <p class="tile-label">
                <span class="tile-name">{name}</span>
                <span class="chip" hidden=flag(audible)>
                    <Icon shape=Shape::MicrophoneOff />
                    {lang.muted()}
                </span>
                {said}
            </p>
        </div>
    }
}

/// Oneself, in a corner.
#[component]
pub(crate) fn OwnTile(
    /// Who.
    me: Person,
) -> impl IntoView {
    let lang = lang();
    let picture = handset().screen.read(scene::own_picture);
    let speaking = handset().screen.read(|view| view.speaking.oneself);
    let class = move || {
        if speaking() {
            "tile own speaking"
        } else {
            "tile own"
        }
    };
    let video =
        afresh(move || picture().then(|| view! { <Video feed=Feed::Local label=lang.you().to_owned() /> }));
    view! {
        <div class=word(class)>
            <Avatar person=&me />
            {video}
            <p class="chip" hidden=flag(picture)>
                {lang.camera_off()}
            </p>
        </div>
    }
}
