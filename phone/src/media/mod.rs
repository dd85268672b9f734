//! This person's own microphone and camera.
//!
//! Nothing is captured unless the agent orders it, and it orders it only after this person has placed or accepted a call.
//! [`Capture`] owns the devices, [`prompt`] asks for them, a [`LocalTrack`] is one of them while it is open: its light
//! goes out when the value is dropped, whatever path led there.

mod capture;
mod error;
mod prompt;
mod track;

pub(crate) use capture::{Capture, Report};
pub(crate) use track::LocalTrack;

/// A microphone, for tests of other parts.
#[cfg(test)]
pub(crate) async fn open_microphone() -> LocalTrack {
    prompt::ask(true, false).await.microphone.unwrap().unwrap()
}
