//! One open microphone or camera.

use web_sys::{Event, MediaStream, MediaStreamTrack, MediaStreamTrackState};

use crate::listener::Listener;

/// A track of a device of this person. Dropping it stops the device.
pub(crate) struct LocalTrack {
    raw: MediaStreamTrack,
    ended: Option<Listener>,
}

impl LocalTrack {
    /// Own this track from now on.
    pub(super) fn new(raw: MediaStreamTrack) -> Self {
        Self { raw, ended: None }
    }

    /// Call `tell` when the track ends by itself: unplugged, or the permission was taken back. Not when it is dropped.
    pub(super) fn when_ended(&mut self, tell: impl Fn() + 'static) {
        if self.raw.ready_state() == MediaStreamTrackState::Ended {
            // Before anybody listened: the event has been and gone.
            tell();
        }
        self.ended = Some(Listener::new(&self.raw, "ended", move |_: Event| tell()));
    }

    /// The browser's track, for a sender. Copy the handle with `Option::cloned`: a method call `clone()` is the browser's
    /// own, and opens a second track that nobody stops.
    pub(crate) fn raw(&self) -> &MediaStreamTrack {
        &self.raw
    }

    /// The `deviceId` of the device.
    pub(super) fn device(&self) -> Option<String> {
        self.raw.get_settings().get_device_id()
    }

    /// Whether the track carries what the device takes in.
    pub(super) fn is_heard(&self) -> bool {
        self.raw.enabled()
    }

    /// Let the track carry what the device takes in, or silence.
    pub(super) fn set_heard(&self, heard: bool) {
        self.raw.set_enabled(heard);
    }

    /// A stream with this track alone, to look at.
    pub(super) fn to_stream(&self) -> Option<MediaStream> {
        let stream = MediaStream::new().ok()?;
        stream.add_track(&self.raw);
        Some(stream)
    }
}

impl Drop for LocalTrack {
    fn drop(&mut self) {
        self.raw.stop();
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::MediaStreamTrackState;

    use crate::media::prompt::{self, Wishes};

    #[wasm_bindgen_test]
    async fn a_dropped_track_has_ended() {
        let answer = prompt::ask(true, true, Wishes::default()).await;
        let microphone = answer.microphone.unwrap().unwrap();
        let camera = answer.camera.unwrap().unwrap();
        let (heard, seen) = (Clone::clone(microphone.raw()), Clone::clone(camera.raw()));
        assert_eq!(heard.ready_state(), MediaStreamTrackState::Live);
        assert_eq!(seen.kind(), "video");

        drop(microphone);
        assert_eq!(heard.ready_state(), MediaStreamTrackState::Ended);
        assert_eq!(
            seen.ready_state(),
            MediaStreamTrackState::Live,
            "the other device goes on"
        );
        drop(camera);
        assert_eq!(seen.ready_state(), MediaStreamTrackState::Ended);
    }
}
