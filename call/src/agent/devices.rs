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
        if on {
            self.muted = false;
            self.microphone_error = None;
            if self.microphone.actual() {
                return Some(DeviceOrder::SetMicrophoneHeard(true));
            }
            let open = self.microphone.request(true);
            return open.then_some(DeviceOrder::Open {
                microphone: true,
                camera: false,
            });
        }
        self.muted = self.microphone.intent();
        self.microphone
            .actual()
            .then_some(DeviceOrder::SetMicrophoneHeard(false))
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
                self.muted.then_some(DeviceOrder::SetMicrophoneHeard(false))
            }
            // Only ordered when the call is over.
            CaptureChange::Closed => None,
            CaptureChange::Failed(error) => {
                self.microphone.revert(false);
                self.muted = false;
                self.microphone_error = Some(error);
                None
            }
            CaptureChange::Ended => {
                self.microphone.revert(false);
                self.muted = false;
                self.microphone_error = Some(CaptureError::Missing);
                None
            }
        }
    }

    fn camera_changed(&mut self, change: CaptureChange) -> Option<DeviceOrder> {
        match (change, self.camera) {
            (CaptureChange::Opened, _) => self.camera.settle(true).then(|| camera_order(false)),
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
            (CaptureChange::Ended, _) => {
                self.camera.revert(false);
                self.camera_error = Some(CaptureError::Missing);
                None
            }
        }
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
