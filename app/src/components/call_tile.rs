//! Somebody on the screen of a call.

use call::handset::Feed;
use call::id::Person;
use leptos::prelude::*;

use super::video::Video;
use super::{Avatar, Icon, Shape};
use crate::handset::handset;
use crate::i18n::lang;
use crate::scene::{self, Status, Tile};

/// The class that a tile has by how it goes.
const fn class_of(status: Status) -> &'static str {
    match status {
        Status::Calling | Status::Ringing => "tile ringing",
        Status::Connecting => "tile connecting",
        Status::Connected => "tile",
        Status::Interrupted | Status::Failed => "tile broken",
    }
}

/// Somebody else: their picture, or what stands for it.
#[component]
pub(crate) fn PeerTile(
    /// Who, and how it goes at first.
    tile: Tile,
) -> impl IntoView {
    let lang = lang();
    let person = tile.person.clone();
    let id = person.id.clone();
    // While the tile is being taken away there is no such person any more; what was last known stays.
    let tile = handset().view_of(move |view, before: Option<&Tile>| {
        scene::tiles(view)
            .into_iter()
            .find(|tile| tile.person.id == id)
            .or_else(|| before.cloned())
            .unwrap_or_else(|| tile.clone())
    });
    let picture = Memo::new(move |_| tile.with(|tile| tile.picture));
    let audible = Memo::new(move |_| tile.with(|tile| !tile.muted));
    let name = person.name.as_str().to_owned();
    let class = Signal::derive(move || tile.with(|tile| class_of(tile.status)));
    let feed = scene::feed(&person);
    let label = name.clone();
    let video = move || {
        picture
            .get()
            .then(|| view! { <Video feed=feed.clone() label=label.clone() /> })
    };
    view! {
        <div class=class>
            <Avatar person=&person />
            {video}
            <p class="tile-label">
                <span class="tile-name">{name}</span>
                <span class="chip" hidden=audible>
                    <Icon shape=Shape::MicrophoneOff />
                    {lang.muted()}
                </span>
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
    let picture = handset().read(scene::own_picture);
    let video = move || {
        picture
            .get()
            .then(|| view! { <Video feed=Feed::Local label=lang.you().to_owned() /> })
    };
    view! {
        <div class="tile own">
            <Avatar person=&me />
            {video}
            <p class="chip" hidden=picture>
                {lang.camera_off()}
            </p>
        </div>
    }
}
