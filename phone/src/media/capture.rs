//! Which of this person's devices are open.

use std::rc::Rc;

use call::agent::CaptureChange;
use call::media::{CaptureError, DeviceKind, MediaKind, VideoQuality};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MediaStream, MediaStreamTrack};

use super::LocalTrack;
use super::prompt::{self, Answer, Device as Asked, Replacement, Taken, Wishes};

/// The devices of this person.
pub(crate) struct Capture {
    devices: [Device; MediaKind::ALL.len()],
    wishes: Wishes,
    /// The number of the last order.
    order: u32,
    report: Rc<dyn Fn(Report)>,
}

/// One microphone or camera.
enum Device {
    Closed,
    /// The browser was asked. It cannot be told that the device is not wanted any more; whatever it brings for an order
    /// that no longer stands here is stopped at once.
    Opening {
        order: u32,
        /// The `deviceId` that was wished for.
        wish: Option<String>,
    },
    Open {
        order: u32,
        track: LocalTrack,
        /// The track as something to look at, or to listen to.
        stream: Option<MediaStream>,
        /// The order under which another device was asked for in its place.
        replacement: Option<u32>,
    },
}

/// Something happened to a device. To be passed to [`Capture::handle`].
pub(crate) enum Report {
    /// The browser has answered an order.
    Answered {
        /// Which order.
        order: u32,
        /// What it said.
        answer: Answer,
    },
    /// The browser has answered an order for a device in place of an open one.
    Replaced {
        /// Which device.
        kind: MediaKind,
        /// Which order.
        order: u32,
        /// What it said.
        replacement: Replacement,
    },
    /// A device that was asked for is open already.
    Open(MediaKind),
    /// The track that was opened under this order ended by itself.
    Ended {
        /// Which device.
        kind: MediaKind,
        /// Which order.
        order: u32,
    },
}

/// What is different now.
pub(crate) enum Change {
    /// A device opened, closed or failed.
    Capture(MediaKind, CaptureChange),
    /// A device that was chosen could not be had.
    Refused(DeviceKind, CaptureError),
}

impl Capture {
    /// Nothing is open, and nothing is asked for. `report` is told when something happens.
    pub(crate) fn new(report: impl Fn(Report) + 'static) -> Self {
        Self {
            devices: [const { Device::Closed }; MediaKind::ALL.len()],
            wishes: Wishes::default(),
            order: 0,
            report: Rc::new(report),
        }
    }

    /// The `deviceId`s of the devices to open, where those are there.
    pub(crate) fn wish_for(&mut self, microphone: Option<String>, camera: Option<String>) {
        self.wishes.microphone = microphone;
        self.wishes.camera = camera;
    }

    /// What the next call's pictures are to be like. Within a call they stay as they are.
    pub(crate) fn set_quality(&mut self, quality: VideoQuality) {
        self.wishes.quality = quality;
    }

    /// What pictures are to be like.
    pub(crate) fn quality(&self) -> VideoQuality {
        self.wishes.quality
    }

    /// Ask for these devices, as far as they are not open. The answer comes as a [`Report`].
    pub(crate) fn open(&mut self, microphone: bool, camera: bool) {
        let order = self.next_order();
        let report = self.report.clone();
        let [microphone, camera] =
            [(MediaKind::Microphone, microphone), (MediaKind::Camera, camera)].map(|(kind, wanted)| {
                if wanted && let Device::Open { .. } = self.devices[kind as usize] {
                    report(Report::Open(kind));
                    return false;
                }
                if wanted {
                    let wish = self.wish(kind).clone();
                    self.devices[kind as usize] = Device::Opening { order, wish };
                }
                wanted
            });
        if !microphone && !camera {
            return;
        }
        let wishes = self.wishes.clone();
        // Not a `Task`: if the phone went away while the person thinks about the prompt, the device that then opens would
        // never be stopped. This way the answer reaches a phone that is not there, is dropped, and stops it.
        spawn_local(async move {
            let answer = prompt::ask(microphone, camera, wishes).await;
            report(Report::Answered { order, answer });
        });
    }

    /// Use the device with this `deviceId` from now on: in place of an open one, or when the next one is opened. The answer
    /// comes as a [`Report`].
    pub(crate) fn choose(&mut self, kind: MediaKind, id: String) {
        *self.wish(kind) = Some(id.clone());
        let order = self.next_order();
        // One that is being opened is exchanged once it is open.
        let Device::Open {
            track, replacement, ..
        } = &mut self.devices[kind as usize]
        else {
            return;
        };
        if track.device().as_ref() == Some(&id) {
            *replacement = None;
            return;
        }
        *replacement = Some(order);
        let asked = match kind {
            MediaKind::Microphone => Asked::Microphone,
            MediaKind::Camera | MediaKind::Screen => Asked::Camera,
        };
        let Some(former) = Some(track.raw()).cloned() else {
            return;
        };
        let report = self.report.clone();
        let wishes = self.wishes.clone();
        spawn_local(async move {
            let replacement = prompt::ask_instead(asked, wishes, former).await;
            report(Report::Replaced {
                kind,
                order,
                replacement,
            });
        });
    }

    /// Stop the device, or what the prompt may still bring.
    pub(crate) fn close(&mut self, kind: MediaKind) {
        self.devices[kind as usize] = Device::Closed;
    }

    /// Let the open microphone be heard or not.
    pub(crate) fn set_microphone_heard(&self, heard: bool) {
        if let Device::Open { track, .. } = &self.devices[MediaKind::Microphone as usize] {
            track.set_heard(heard);
        }
    }

    /// Take note of what happened. Returns what is different now; nothing if it belongs to an order of the past.
    pub(crate) fn handle(&mut self, report: Report) -> Vec<Change> {
        match report {
            Report::Answered { order, answer } => {
                let taken = [
                    (MediaKind::Microphone, answer.microphone),
                    (MediaKind::Camera, answer.camera),
                ];
                taken
                    .into_iter()
                    .filter_map(|(kind, taken)| Some(Change::Capture(kind, self.take(kind, order, taken?)?)))
                    .collect()
            }
            Report::Replaced {
                kind,
                order,
                replacement,
            } => self.replace(kind, order, replacement),
            Report::Open(kind) => match self.devices[kind as usize] {
                Device::Open { .. } => vec![Change::Capture(kind, CaptureChange::Opened)],
                // It has ended meanwhile, which was told.
                Device::Opening { .. } | Device::Closed => Vec::new(),
            },
            Report::Ended { kind, order } => match self.devices[kind as usize] {
                Device::Open { order: of_this, .. } if of_this == order => {
                    self.close(kind);
                    vec![Change::Capture(kind, CaptureChange::Ended)]
                }
                // Closed or opened anew meanwhile.
                Device::Open { .. } | Device::Opening { .. } | Device::Closed => Vec::new(),
            },
        }
    }

    fn take(&mut self, kind: MediaKind, order: u32, taken: Taken) -> Option<CaptureChange> {
        let wish = match &self.devices[kind as usize] {
            Device::Opening { order: awaited, wish } if *awaited == order => wish.clone(),
            // No longer wanted: `taken` is dropped here, and its device stops.
            Device::Opening { .. } | Device::Open { .. } | Device::Closed => return None,
        };
        Some(match taken {
            Ok(track) => {
                self.put(kind, order, track);
                // The person has chosen another one meanwhile.
                if let Some(id) = self.wish(kind).take_if(|now| Some(&*now) != wish.as_ref()) {
                    self.choose(kind, id);
                }
                CaptureChange::Opened
            }
            Err(error) => {
                self.close(kind);
                CaptureChange::Failed(error)
            }
        })
    }

    fn replace(&mut self, kind: MediaKind, order: u32, replacement: Replacement) -> Vec<Change> {
        let heard = match &self.devices[kind as usize] {
            Device::Open {
                track,
                replacement: Some(awaited),
                ..
            } if *awaited == order => track.is_heard(),
            // Closed meanwhile, or yet another one was chosen: what the browser has brought stops here.
            Device::Open { .. } | Device::Opening { .. } | Device::Closed => return Vec::new(),
        };
        let device = match kind {
            MediaKind::Microphone => DeviceKind::Microphone,
            MediaKind::Camera | MediaKind::Screen => DeviceKind::Camera,
        };
        let refused = replacement.refused;
        if refused.is_some() {
            *self.wish(kind) = self.device(kind);
        }
        let mut changes: Vec<Change> = refused
            .map(|error| Change::Refused(device, error))
            .into_iter()
            .collect();
        match (replacement.taken, refused) {
            (Some(track), _) => {
                track.set_heard(heard);
                self.put(kind, order, track);
                changes.push(Change::Capture(kind, CaptureChange::Opened));
            }
            (None, Some(error)) if replacement.former_stopped => {
                self.close(kind);
                changes.push(Change::Capture(kind, CaptureChange::Failed(error)));
            }
            // The former one goes on.
            (None, _) => {}
        }
        changes
    }

    fn put(&mut self, kind: MediaKind, order: u32, mut track: LocalTrack) {
        let report = self.report.clone();
        track.when_ended(move || report(Report::Ended { kind, order }));
        let stream = track.to_stream();
        self.devices[kind as usize] = Device::Open {
            order,
            track,
            stream,
            replacement: None,
        };
    }

    fn wish(&mut self, kind: MediaKind) -> &mut Option<String> {
        match kind {
            MediaKind::Microphone => &mut self.wishes.microphone,
            MediaKind::Camera | MediaKind::Screen => &mut self.wishes.camera,
        }
    }

    fn next_order(&mut self) -> u32 {
        self.order = self.order.wrapping_add(1);
        self.order
    }

    /// The open device.
    fn open_track(&self, kind: MediaKind) -> Option<(&LocalTrack, Option<&MediaStream>)> {
        match &self.devices[kind as usize] {
            Device::Open { track, stream, .. } => Some((track, stream.as_ref())),
            Device::Opening { .. } | Device::Closed => None,
        }
    }

    /// Whether anything is open or being opened.
    pub(crate) fn is_in_use(&self) -> bool {
        !self.devices.iter().all(|device| matches!(device, Device::Closed))
    }

    /// The track to send.
    pub(crate) fn track(&self, kind: MediaKind) -> Option<&MediaStreamTrack> {
        Some(self.open_track(kind)?.0.raw())
    }

    /// The `deviceId` of the open device.
    pub(crate) fn device(&self, kind: MediaKind) -> Option<String> {
        self.open_track(kind)?.0.device()
    }

    /// The picture of the open camera, or the sound of the open microphone.
    pub(crate) fn stream(&self, kind: MediaKind) -> Option<&MediaStream> {
        self.open_track(kind)?.1
    }

    /// Whether the microphone is open and not muted.
    pub(crate) fn is_microphone_heard(&self) -> bool {
        self.open_track(MediaKind::Microphone)
            .is_some_and(|(track, _)| track.is_heard())
    }
}
