//! One's own devices: what is wrong with them, and what there is to choose from.

use call::handset::{CallView, DevicesView};
use call::media::{DeviceKind, VideoQuality};

use super::devices;
use crate::i18n::{Devices, Lang};

/// What is wrong with one's own devices, microphone first. One sentence, if it is the same with both.
pub fn device_problems(view: &CallView, lang: Lang) -> Vec<&'static str> {
    let Some(DevicesView {
        microphone_error,
        microphone_dead,
        camera_error,
        ..
    }) = devices(view)
    else {
        return Vec::new();
    };
    let dead = microphone_dead.then(|| lang.microphone_dead());
    match (microphone_error, camera_error) {
        (Some(microphone), Some(camera)) if microphone == camera => {
            vec![lang.capture_error(Devices::Both, camera)]
        }
        (microphone, camera) => {
            let microphone = microphone.map(|error| lang.capture_error(Devices::Microphone, error));
            let camera = camera.map(|error| lang.capture_error(Devices::Camera, error));
            microphone.into_iter().chain(dead).chain(camera).collect()
        }
    }
}

/// One of the things that a person chooses in the menu of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceChoice {
    /// What is chosen.
    pub name: &'static str,
    /// From what.
    pub options: Vec<DeviceOption>,
    /// What went wrong with the last choice.
    pub problem: Option<&'static str>,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceOption {
    /// Its id.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Whether it is in use.
    pub chosen: bool,
}

/// What there is to choose from. `None` where the browser lets nobody choose.
pub fn device_choice(view: &CallView, kind: DeviceKind, lang: Lang) -> Option<DeviceChoice> {
    let (name, devices) = match kind {
        DeviceKind::Microphone => (lang.microphone(), Some(Devices::Microphone)),
        DeviceKind::Camera => (lang.camera(), Some(Devices::Camera)),
        DeviceKind::Speaker => (lang.speaker(), None),
    };
    let chosen = view.menu.chosen[kind as usize].as_deref();
    let there = view.menu.devices.iter().filter(|device| device.kind == kind);
    let mut options: Vec<DeviceOption> = there
        .map(|device| DeviceOption {
            value: device.id.clone(),
            label: device.label.clone(),
            chosen: Some(device.id.as_str()) == chosen,
        })
        .collect();
    if options.is_empty() && devices.is_none() {
        return None;
    }
    if options.iter().all(|option| !option.chosen) {
        let label = if options.is_empty() {
            lang.none_found()
        } else {
            lang.chosen_by_the_system()
        };
        let system = DeviceOption {
            value: String::new(),
            label: label.to_owned(),
            chosen: true,
        };
        options.insert(0, system);
    }
    let refused = view.menu.refused.filter(|(refused, _)| *refused == kind);
    Some(DeviceChoice {
        name,
        options,
        problem: refused.map(|(_, error)| match devices {
            Some(devices) => lang.capture_error(devices, error),
            None => lang.speaker_refused(),
        }),
    })
}

/// The qualities that a person chooses from: those that everybody's network and camera may try.
pub fn quality_choice(view: &CallView) -> Vec<DeviceOption> {
    let named = VideoQuality::NAMED.iter().rev();
    named
        .map(|&(name, quality)| DeviceOption {
            value: name.to_owned(),
            label: name.to_owned(),
            chosen: quality == view.menu.quality,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use call::media::{CaptureError, MediaDevice};

    use super::*;

    #[test]
    fn a_choice_of_devices_names_what_is_in_use_and_what_went_wrong() {
        let camera = |id: &str| MediaDevice {
            kind: DeviceKind::Camera,
            id: id.to_owned(),
            label: id.to_uppercase(),
        };
        let mut view = CallView::default();
        let choice = |view: &CallView, kind| device_choice(view, kind, Lang::English);
        let labels = |choice: DeviceChoice| {
            let options = choice.options.into_iter();
            options.map(|option| option.label).collect::<Vec<_>>()
        };
        assert_eq!(
            choice(&view, DeviceKind::Speaker),
            None,
            "a browser that lets nobody choose"
        );
        let none = choice(&view, DeviceKind::Camera).unwrap();
        assert_eq!(labels(none), ["None found"]);

        view.menu.devices = vec![camera("front"), camera("back")];
        let open = choice(&view, DeviceKind::Camera).unwrap();
        assert_eq!(labels(open), ["Chosen by the system", "FRONT", "BACK"]);

        view.menu.chosen[DeviceKind::Camera as usize] = Some("back".to_owned());
        view.menu.refused = Some((DeviceKind::Camera, CaptureError::Busy));
        let chosen = choice(&view, DeviceKind::Camera).unwrap();
        assert!(chosen.problem.is_some());
        let chosen: Vec<bool> = chosen.options.iter().map(|option| option.chosen).collect();
        assert_eq!(chosen, [false, true]);
        assert_eq!(choice(&view, DeviceKind::Microphone).unwrap().problem, None);
    }
}
