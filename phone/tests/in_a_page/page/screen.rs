//! What a page shows and plays.

use wasm_bindgen::JsCast;
use web_sys::{HtmlAudioElement, HtmlVideoElement};

use super::{until, window};

/// A `<video>` element in the page until it is dropped.
pub(crate) struct Screen(pub(crate) HtmlVideoElement);

impl Screen {
    pub(crate) fn new(id: &str) -> Self {
        let document = window().document().unwrap();
        let video: HtmlVideoElement = document.create_element("video").unwrap().unchecked_into();
        video.set_id(id);
        document.body().unwrap().append_child(&video).unwrap();
        Self(video)
    }

    pub(crate) fn frames(&self) -> u32 {
        self.0.get_video_playback_quality().total_video_frames()
    }

    /// Wait until pictures move here from now on.
    pub(crate) async fn until_moving(&self) {
        let before = self.frames();
        until(&format!("pictures that move in {}", self.0.id()), || {
            self.frames() > before + 5
        })
        .await;
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// Remove what a test that failed has left behind.
pub(super) fn remove_all() {
    let list = window().document().unwrap().query_selector_all("video").unwrap();
    for video in (0..list.length()).filter_map(|index| list.get(index)) {
        video.unchecked_into::<HtmlVideoElement>().remove();
    }
}

/// How many people are being played aloud: `<audio>` elements that play something.
pub(crate) fn voices() -> usize {
    let list = window().document().unwrap().query_selector_all("audio").unwrap();
    (0..list.length())
        .filter_map(|index| list.get(index)?.dyn_into::<HtmlAudioElement>().ok())
        .filter(|element| !element.paused() && element.current_time() > 0.0)
        .count()
}
