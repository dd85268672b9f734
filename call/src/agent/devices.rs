//! One's own microphone and camera.

use super::io::CaptureChange;
use crate::handset::DevicesView;
use crate::media::{CallType, CaptureError, MediaKind, MediaState};
use crate::toggle::Toggle;

/// The devices of one call, from the click that asked for them until its end.
#[derive(Debug)]
pub(super) struct Devices {
    /// Whether the microphone is open. Once open it stays so for the call: muting must take no time.
    microphone: Toggle<bool>,
    muted: bool,
    microphone_error: Option<CaptureError>,
    microphone_dead: bool,
    /// Whether the microphone ended by itself and another one was asked for in its place. Once, until the person does
    /// something about it: one that opens and ends again and again must not be asked for forever.
    replaced_microphone: bool,
    camera: Toggle<bool>,
    camera_error: Option<CaptureError>,
    /// What the others were told last.
    announced: MediaState,
}

/// What the devices must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceOrder {
    Open { microphone: bool, camera: bool },
    Close(MediaKind),
    SetMicrophoneHeard(bool),
}

impl Devices {
    /// The devices that a call starts with, and the order that opens them.
    pub(super) fn open(camera: bool) -> (Self, DeviceOrder) {
        let opening = Toggle::Changing {
            from: false,
            to: true,
        };
        let devices = Self {
            microphone: opening,
            muted: false,
            microphone_error: None,
            microphone_dead: false,
            replaced_microphone: false,
            camera: if camera { opening } else { Toggle::Stable(false) },
            camera_error: None,
            announced: MediaState {
                microphone: true,
                camera,
            },
        };
        (
            devices,
            DeviceOrder::Open {
                microphone: true,
                camera,
            },
        )
    }

    /// Whether a call of this type starts with the camera on.
    pub(super) fn starts_with_camera(call_type: CallType) -> bool {
        match call_type {
            CallType::Audio => false,
            CallType::Video => true,
        }
    }

    /// What this person means to send: others should see at once what is on its way, and what failed is taken back.
    pub(super) fn media(&self) -> MediaState {
        MediaState {
            microphone: self.microphone.intent() && !self.muted,
            camera: self.camera.intent(),
        }
    }

    /// What the others must be told, if they do not know it yet.
    pub(super) fn take_change(&mut self) -> Option<MediaState> {
        let media = self.media();
        (core::mem::replace(&mut self.announced, media) != media).then_some(media)
    }

    pub(super) fn set_microphone(&mut self, on: bool) -> Option<DeviceOrder> {
        self.replaced_microphone = false;
        if on {
            self.muted = false;
            self.microphone_error = None;
            if self.microphone.actual() {
                return Some(DeviceOrder::SetMicrophoneHeard(true));
            }
            return self.open_microphone();
        }
        self.muted = self.microphone.intent();
        self.microphone
            .actual()
            .then_some(DeviceOrder::SetMicrophoneHeard(false))
    }

    fn open_microphone(&mut self) -> Option<DeviceOrder> {
        self.microphone.request(true).then_some(DeviceOrder::Open {
            microphone: true,
            camera: false,
        })
    }

    pub(super) fn set_camera(&mut self, on: bool) -> Option<DeviceOrder> {
        if on {
            self.camera_error = None;
        }
        self.camera.request(on).then(|| camera_order(on))
    }

    /// The answer to an order, or a change that a device made by itself.
    pub(super) fn change(&mut self, kind: MediaKind, change: CaptureChange) -> Option<DeviceOrder> {
        match kind {
            MediaKind::Microphone => self.microphone_changed(change),
            MediaKind::Camera => self.camera_changed(change),
            // Nobody asks for a screen yet.
            MediaKind::Screen => None,
        }
    }

    fn microphone_changed(&mut self, change: CaptureChange) -> Option<DeviceOrder> {
        match change {
            CaptureChange::Opened => {
                self.microphone.revert(true);
                self.microphone_error = None;
                self.muted.then_some(DeviceOrder::SetMicrophoneHeard(false))
            }
            // Only ordered when the call is over.
            CaptureChange::Closed => None,
            CaptureChange::Failed(error) => {
                self.microphone.revert(false);
                self.microphone_error = Some(error);
                self.microphone_dead = false;
                None
            }
            CaptureChange::Ended => {
                self.microphone.revert(false);
                self.microphone_dead = false;
                if core::mem::replace(&mut self.replaced_microphone, true) {
                    self.microphone_error = Some(CaptureError::Missing);
                    return None;
                }
                // A call needs a voice: whatever other microphone there is stands in, as heard or as muted as that one was.
                self.open_microphone()
            }
            CaptureChange::Dead(dead) => {
                self.microphone_dead = dead && self.microphone.actual();
                None
            }
        }
    }

    /// A device of this kind is there that was not before.
    ///
    /// A microphone that was lost in this call is taken up again. A camera never opens without a click: only the word that
    /// there is none is taken back.
    pub(super) fn found(&mut self, kind: MediaKind) -> Option<DeviceOrder> {
        match kind {
            MediaKind::Microphone if self.microphone_error == Some(CaptureError::Missing) => {
                self.microphone_error = None;
                core::mem::take(&mut self.replaced_microphone)
                    .then(|| self.open_microphone())
                    .flatten()
            }
            MediaKind::Camera if self.camera_error == Some(CaptureError::Missing) => {
                self.camera_error = None;
                None
            }
            MediaKind::Microphone | MediaKind::Camera | MediaKind::Screen => None,
        }
    }

    fn camera_changed(&mut self, change: CaptureChange) -> Option<DeviceOrder> {
        match (change, self.camera) {
            // Nobody has asked for it, or no longer: whatever the browser brings, it is not to be seen.
            (CaptureChange::Opened, Toggle::Stable(false)) => Some(camera_order(false)),
            (CaptureChange::Opened, _) => {
                self.camera_error = None;
                self.camera.settle(true).then(|| camera_order(false))
            }
            (CaptureChange::Closed, Toggle::Changing { from: true, .. }) => {
                self.camera.settle(false).then(|| camera_order(true))
            }
            // The answer to an order of a call before this one.
            (CaptureChange::Closed, Toggle::Stable(_) | Toggle::Changing { from: false, .. }) => None,
            (CaptureChange::Failed(error), _) => {
                self.camera.revert(false);
                self.camera_error = Some(error);
                None
            }
            // A picture that stands still is seen by whoever sends it.
            (CaptureChange::Dead(_), _) => None,
            (CaptureChange::Ended, _) => {
                self.camera.revert(false);
                self.camera_error = Some(CaptureError::Missing);
                None
            }
        }
    }

    /// Whether the microphone is open, or will not be for now.
    pub(super) fn is_settled(&self) -> bool {
        !self.microphone.is_changing()
    }

    /// The orders that end what is open or opening.
    pub(super) fn close(&self) -> impl Iterator<Item = DeviceOrder> + use<> {
        let open = |toggle: Toggle<bool>| toggle.actual() || toggle.is_changing();
        let microphone = open(self.microphone).then_some(DeviceOrder::Close(MediaKind::Microphone));
        let camera = open(self.camera).then_some(DeviceOrder::Close(MediaKind::Camera));
        microphone.into_iter().chain(camera)
    }

    pub(super) fn view(&self) -> DevicesView {
        let microphone = if self.muted {
            Toggle::Stable(false)
        } else {
            self.microphone
        };
        DevicesView {
            microphone,
            microphone_error: self.microphone_error,
            microphone_dead: self.microphone_dead && !self.muted,
            camera: self.camera,
            camera_error: self.camera_error,
        }
    }
}

fn camera_order(on: bool) -> DeviceOrder {
    if on {
        DeviceOrder::Open {
            microphone: false,
            camera: true,
        }
    } else {
        DeviceOrder::Close(MediaKind::Camera)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN_MICROPHONE: DeviceOrder = DeviceOrder::Open {
        microphone: true,
        camera: false,
    };

    fn open_devices() -> Devices {
        let (mut devices, _) = Devices::open(true);
        for kind in [MediaKind::Microphone, MediaKind::Camera] {
            assert_eq!(devices.change(kind, CaptureChange::Opened), None);
        }
        devices
    }

    #[test]
    fn another_microphone_stands_in_for_a_lost_one_and_nobody_is_told_of_silence() {
        let mut devices = open_devices();
        let ended = devices.change(MediaKind::Microphone, CaptureChange::Ended);
        assert_eq!(ended, Some(OPEN_MICROPHONE));
        assert_eq!(devices.take_change(), None);
        assert_eq!(devices.change(MediaKind::Microphone, CaptureChange::Opened), None);
        assert_eq!(devices.view().microphone, Toggle::Stable(true));
    }

    #[test]
    fn a_muted_microphone_comes_back_muted() {
        let mut devices = open_devices();
        devices.set_microphone(false);
        devices.change(MediaKind::Microphone, CaptureChange::Ended);
        devices.change(
            MediaKind::Microphone,
            CaptureChange::Failed(CaptureError::Missing),
        );
        assert_eq!(devices.view().microphone_error, Some(CaptureError::Missing));
        assert_eq!(devices.found(MediaKind::Microphone), Some(OPEN_MICROPHONE));
        let opened = devices.change(MediaKind::Microphone, CaptureChange::Opened);
        assert_eq!(opened, Some(DeviceOrder::SetMicrophoneHeard(false)));
        assert!(!devices.media().microphone);
    }

    #[test]
    fn a_microphone_that_ends_again_and_again_is_given_up() {
        let mut devices = open_devices();
        devices.change(MediaKind::Microphone, CaptureChange::Ended);
        devices.change(MediaKind::Microphone, CaptureChange::Opened);
        assert_eq!(devices.change(MediaKind::Microphone, CaptureChange::Ended), None);
        assert_eq!(devices.view().microphone_error, Some(CaptureError::Missing));
        assert_eq!(
            devices.set_microphone(true),
            Some(OPEN_MICROPHONE),
            "a click tries again"
        );
    }

    #[test]
    fn a_camera_that_opens_unasked_is_closed_at_once() {
        let (mut devices, _) = Devices::open(false);
        assert_eq!(
            devices.change(MediaKind::Camera, CaptureChange::Opened),
            Some(DeviceOrder::Close(MediaKind::Camera))
        );
        assert!(!devices.media().camera);
    }

    #[test]
    fn a_camera_that_is_plugged_in_again_waits_for_a_click() {
        let mut devices = open_devices();
        devices.change(MediaKind::Camera, CaptureChange::Ended);
        assert_eq!(devices.view().camera_error, Some(CaptureError::Missing));
        assert_eq!(devices.found(MediaKind::Camera), None);
        assert_eq!(devices.view().camera_error, None);
        assert!(!devices.media().camera);
    }

    #[test]
    fn a_device_that_was_never_lost_is_not_taken_up_when_it_appears() {
        let (mut devices, _) = Devices::open(false);
        devices.change(
            MediaKind::Microphone,
            CaptureChange::Failed(CaptureError::Missing),
        );
        assert_eq!(devices.found(MediaKind::Microphone), None);
        assert_eq!(devices.view().microphone_error, None);
    }

    #[test]
    fn a_dead_microphone_is_told_as_long_as_it_is_meant_to_be_heard() {
        let mut devices = open_devices();
        devices.change(MediaKind::Microphone, CaptureChange::Dead(true));
        assert!(devices.view().microphone_dead);
        devices.set_microphone(false);
        assert!(!devices.view().microphone_dead);
    }
}
