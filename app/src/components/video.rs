//! A place for a picture.

use call::handset::{Command, Feed};
use leptos::prelude::*;

use crate::follow::whenever;
use crate::handset::handset;

/// The DOM id of the element that shows `feed`. A user id is made of characters that an id may have.
fn element_of(feed: &Feed) -> String {
    match feed {
        Feed::Local => "video-of-me".into(),
        Feed::Remote(user) => ["video-of-", user.as_str()].concat(),
    }
}

/// Shows `feed` for as long as it is on the page: the phone is told where, and told again when it is gone.
///
/// The element stays silent. Sound is the phone's, which knows whether the browser lets it be heard.
#[component]
pub(crate) fn Video(
    /// Whose picture.
    feed: Feed,
    /// The name for screen readers.
    label: String,
) -> impl IntoView {
    let handset = handset();
    let element = element_of(&feed);
    let shown = element.clone();
    whenever(move || {
        handset.send(Command::ShowVideo {
            feed: feed.clone(),
            element: shown.clone(),
        })
    });
    let hidden = element.clone();
    on_cleanup(move || handset.send(Command::HideVideo { element: hidden }));
    view! { <video class="picture" id=element aria-label=label playsinline></video> }
}
