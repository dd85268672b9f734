//! Which devices there are, and which of them this person wants.

use std::rc::Rc;

use call::handset::DeviceMenu;
use call::media::{CaptureError, DeviceKind, MediaDevice, VideoQuality};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlAudioElement, MediaDeviceInfo, MediaDeviceKind, MediaDevices};

use super::error::capture_error;
use crate::bindings::SinkElement;
use crate::browser::{Remembered, window};
use crate::listener::Listener;
use crate::task::settled;

/// The devices of this machine, and what is remembered of this person's choices.
///
/// Choices are kept in this browser alone: the ids mean nothing anywhere else.
pub(crate) struct Devices {
    menu: DeviceMenu,
    memory: Remembered,
    report: Rc<dyn Fn(Report)>,
    _changes: Option<Listener>,
}

/// Something happened. To be passed to [`Devices::handle`].
pub(crate) enum Report {
    /// A device was plugged in or pulled out.
    Changed,
    /// These there are now.
    Listed(Vec<MediaDevice>),
    /// Whether a speaker that was chosen can be had.
    SpeakerTried(String, Result<(), CaptureError>),
}

/// What is different now.
pub(crate) enum Change {
    /// These devices are there that were not before.
    Found(Vec<MediaDevice>),
    /// The others are to be heard here.
    Speaker(String),
}

/// The names under which choices are remembered, in the order of [`DeviceKind::ALL`].
const KEYS: [&str; DeviceKind::ALL.len()] = ["yodel.microphone", "yodel.camera", "yodel.speaker"];
const QUALITY_KEY: &str = "yodel.quality";

/// `navigator.mediaDevices`, which is there in secure contexts only.
pub(super) fn media_devices() -> Option<MediaDevices> {
    window()
        .navigator()
        .media_devices()
        .ok()
        .filter(|devices| devices.is_object())
}

impl Devices {
    /// The choices that are remembered here; no device is known yet. `report` is told when something happens.
    pub(crate) fn new(report: impl Fn(Report) + 'static) -> Self {
        let report: Rc<dyn Fn(Report)> = Rc::new(report);
        let memory = Remembered::of_this_browser();
        let quality = memory.get(QUALITY_KEY);
        let menu = DeviceMenu {
            chosen: KEYS.map(|key| memory.get(key)),
            quality: quality
                .and_then(|name| VideoQuality::named(&name))
                .unwrap_or_default(),
            ..DeviceMenu::default()
        };
        let changes = media_devices().map(|devices| {
            let report = report.clone();
            Listener::new(&devices, "devicechange", move |_: Event| report(Report::Changed))
        });
        Self {
            menu,
            memory,
            report,
            _changes: changes,
        }
    }

    /// What there is to choose from, and what is chosen.
    pub(crate) fn menu(&self) -> &DeviceMenu {
        &self.menu
    }

    /// Find out which devices there are. Browsers tell more once one has been opened.
    pub(crate) fn list(&self) {
        let report = self.report.clone();
        spawn_local(async move {
            if let Some(devices) = media_devices()
                && let Ok(list) = settled(devices.enumerate_devices()).await
            {
                report(Report::Listed(named(&list.unchecked_into())));
            }
        });
    }

    /// Remember this device, if it is there. A speaker is tried before: see [`Change::Speaker`]. Returns whether the
    /// microphone or camera is to be used now.
    pub(crate) fn choose(&mut self, kind: DeviceKind, id: &str) -> bool {
        self.menu.refused = None;
        let known = |device: &MediaDevice| device.kind == kind && device.id == id;
        if !self.menu.devices.iter().any(known) {
            self.menu.refused = Some((kind, CaptureError::Missing));
            return false;
        }
        match kind {
            DeviceKind::Microphone | DeviceKind::Camera => {
                self.remember(kind, Some(id.to_owned()));
                true
            }
            DeviceKind::Speaker => {
                let report = self.report.clone();
                let id = id.to_owned();
                spawn_local(async move {
                    let tried = try_speaker(&id).await;
                    report(Report::SpeakerTried(id, tried));
                });
                false
            }
        }
    }

    /// A chosen device could not be had: this one is in use in its place.
    pub(crate) fn refuse(&mut self, kind: DeviceKind, error: CaptureError, in_use: Option<String>) {
        self.remember(kind, in_use);
        self.menu.refused = Some((kind, error));
    }

    /// Remember what pictures to send.
    pub(crate) fn set_quality(&mut self, quality: VideoQuality) {
        self.menu.quality = quality;
        if let Some(name) = quality.name() {
            self.memory.set(QUALITY_KEY, Some(name));
        }
    }

    /// Take note of what happened.
    pub(crate) fn handle(&mut self, report: Report) -> Option<Change> {
        match report {
            Report::Changed => {
                self.list();
                None
            }
            Report::Listed(list) => {
                let before = core::mem::replace(&mut self.menu.devices, list);
                let found = self.menu.devices.iter().filter(|device| {
                    let known = |other: &MediaDevice| (other.kind, &other.id) == (device.kind, &device.id);
                    !before.iter().any(known)
                });
                Some(Change::Found(found.cloned().collect()))
            }
            Report::SpeakerTried(id, Ok(())) => {
                self.remember(DeviceKind::Speaker, Some(id.clone()));
                Some(Change::Speaker(id))
            }
            Report::SpeakerTried(_, Err(error)) => {
                self.menu.refused = Some((DeviceKind::Speaker, error));
                None
            }
        }
    }

    fn remember(&mut self, kind: DeviceKind, id: Option<String>) {
        self.memory.set(KEYS[kind as usize], id.as_deref());
        self.menu.chosen[kind as usize] = id;
    }
}

/// The devices of a kind, as the browser tells of them (`MediaDeviceInfo`); those without an id are kept: they say that there
/// is one, where there has been no permission to say more.
///
/// # Errors
///
/// What the browser says, if it has no devices to tell of: the page did not come over a secure connection.
pub async fn list_devices(kind: DeviceKind) -> Result<Array, JsValue> {
    let devices = media_devices()
        .ok_or_else(|| js_sys::Error::new("the page has no access to devices: it needs HTTPS"))?;
    let list: Array = settled(devices.enumerate_devices()).await?.unchecked_into();
    Ok(list
        .iter()
        .filter(|device| kind_of(device.unchecked_ref()) == kind)
        .collect())
}

/// Let this device be the chosen one of the phones that are switched on from now on.
pub fn remember_device(kind: DeviceKind, id: &str) {
    Remembered::of_this_browser().set(KEYS[kind as usize], Some(id));
}

fn kind_of(device: &MediaDeviceInfo) -> DeviceKind {
    match device.kind() {
        MediaDeviceKind::Videoinput => DeviceKind::Camera,
        MediaDeviceKind::Audiooutput => DeviceKind::Speaker,
        _ => DeviceKind::Microphone,
    }
}

/// Those that a person could choose. Without a permission, browsers name none.
fn named(list: &Array) -> Vec<MediaDevice> {
    let speakers = can_choose_speaker();
    list.iter()
        .map(|device| {
            let device: MediaDeviceInfo = device.unchecked_into();
            MediaDevice {
                kind: kind_of(&device),
                id: device.device_id(),
                label: device.label(),
            }
        })
        .filter(|device| !device.id.is_empty() && (speakers || device.kind != DeviceKind::Speaker))
        .collect()
}

/// Safari before 18.4 lists speakers and cannot switch to them.
fn can_choose_speaker() -> bool {
    HtmlAudioElement::new()
        .is_ok_and(|element| js_sys::Reflect::has(&element, &JsValue::from_str("setSinkId")).unwrap_or(false))
}

async fn try_speaker(id: &str) -> Result<(), CaptureError> {
    let sink = HtmlAudioElement::new()
        .map(JsCast::unchecked_into::<SinkElement>)
        .and_then(|element| element.set_sink(id));
    match settled(sink).await {
        Ok(_) => Ok(()),
        Err(rejection) => Err(capture_error(&rejection)),
    }
}
