//! Which of this person's devices are open.

use std::rc::Rc;

use call::agent::CaptureChange;
use call::media::MediaKind;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MediaStream, MediaStreamTrack};

use super::LocalTrack;
use super::prompt::{self, Answer, Taken};

/// The devices of this person.
pub(crate) struct Capture {
    devices: [Device; MediaKind::ALL.len()],
    /// The number of the last order.
    order: u32,
    report: Rc<dyn Fn(Report)>,
}

/// One microphone or camera.
enum Device {
    Closed,
    /// The browser was asked, under this order. It cannot be told that the device is not wanted any more; whatever it
    /// brings for an order that no longer stands here is stopped at once.
    Opening(u32),
    Open {
        order: u32,
        track: LocalTrack,
        /// The track as something to look at.
        stream: Option<MediaStream>,
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
    /// The track that was opened under this order ended by itself.
    Ended {
        /// Which device.
        kind: MediaKind,
        /// Which order.
        order: u32,
    },
}

impl Capture {
    /// Nothing is open, and nothing is asked for. `report` is told when something happens.
    pub(crate) fn new(report: impl Fn(Report) + 'static) -> Self {
        Self {
            devices: [const { Device::Closed }; MediaKind::ALL.len()],
            order: 0,
            report: Rc::new(report),
        }
    }

    /// Ask for these devices. The answer comes as a [`Report`].
    pub(crate) fn open(&mut self, microphone: bool, camera: bool) {
        self.order = self.order.wrapping_add(1);
        let order = self.order;
        for (kind, wanted) in [(MediaKind::Microphone, microphone), (MediaKind::Camera, camera)] {
            if wanted {
                self.devices[kind as usize] = Device::Opening(order);
            }
        }
        let report = self.report.clone();
        // Not a `Task`: if the phone went away while the person thinks about the prompt, the device that then opens would
        // never be stopped. This way the answer reaches a phone that is not there, is dropped, and stops it.
        spawn_local(async move {
            let answer = prompt::ask(microphone, camera).await;
            report(Report::Answered { order, answer });
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
    pub(crate) fn handle(&mut self, report: Report) -> Vec<(MediaKind, CaptureChange)> {
        match report {
            Report::Answered { order, answer } => {
                let taken = [
                    (MediaKind::Microphone, answer.microphone),
                    (MediaKind::Camera, answer.camera),
                ];
                taken
                    .into_iter()
                    .filter_map(|(kind, taken)| Some((kind, self.take(kind, order, taken?)?)))
                    .collect()
            }
            Report::Ended { kind, order } => match self.devices[kind as usize] {
                Device::Open { order: of_this, .. } if of_this == order => {
                    self.close(kind);
                    vec![(kind, CaptureChange::Ended)]
                }
                // Closed or opened anew meanwhile.
                Device::Open { .. } | Device::Opening(_) | Device::Closed => Vec::new(),
            },
        }
    }

    fn take(&mut self, kind: MediaKind, order: u32, taken: Taken) -> Option<CaptureChange> {
        let device = &mut self.devices[kind as usize];
        match device {
            Device::Opening(awaited) if *awaited == order => match taken {
                Ok(mut track) => {
                    let report = self.report.clone();
                    track.when_ended(move || report(Report::Ended { kind, order }));
                    let stream = track.to_stream();
                    *device = Device::Open { order, track, stream };
                    Some(CaptureChange::Opened)
                }
                Err(error) => {
                    *device = Device::Closed;
                    Some(CaptureChange::Failed(error))
                }
            },
            // No longer wanted: `taken` is dropped here, and its device stops.
            Device::Opening(_) | Device::Open { .. } | Device::Closed => None,
        }
    }

    /// The track to send.
    pub(crate) fn track(&self, kind: MediaKind) -> Option<&MediaStreamTrack> {
        match &self.devices[kind as usize] {
            Device::Open { track, .. } => Some(track.raw()),
            Device::Opening(_) | Device::Closed => None,
        }
    }

    /// The picture of the open camera.
    pub(crate) fn camera_stream(&self) -> Option<&MediaStream> {
        match &self.devices[MediaKind::Camera as usize] {
            Device::Open { stream, .. } => stream.as_ref(),
            Device::Opening(_) | Device::Closed => None,
        }
    }
}
