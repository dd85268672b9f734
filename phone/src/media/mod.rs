//! This person's own microphone and camera.
//!
//! Nothing is captured unless the agent orders it, and it orders it only after this person has placed or accepted a call.
//! [`Capture`] owns the devices, [`prompt`] asks for them, a [`LocalTrack`] is one of them while it is open: its light
//! goes out when the value is dropped, whatever path led there. [`Devices`] knows which ones there are to choose from.

mod capture;
mod devices;
mod error;
mod prompt;
mod track;

pub(crate) use capture::{Capture, Change, Report};
pub(crate) use devices::{Change as DeviceChange, Devices, Report as DeviceReport};
pub use devices::{list_devices, remember_device};
#[cfg(test)]
use prompt::Wishes;
pub(crate) use track::LocalTrack;

/// A microphone, for tests of other parts.
#[cfg(test)]
pub(crate) async fn open_microphone() -> LocalTrack {
    prompt::ask(true, false, Wishes::default())
        .await
        .microphone
        .unwrap()
        .unwrap()
}
