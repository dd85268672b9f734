//! Devices that are opened before there is a call, for pages that neither call nor answer without a microphone.

use call::agent;
use call::handset::Stage;
use call::media::{CaptureError, MediaKind};
use futures::channel::oneshot;

use super::Driver;
use crate::{Observer, media};

impl<O: Observer> Driver<O> {
    /// Open the devices of a call that is about to begin. What the agent orders then is open already.
    pub(super) fn prepare(&mut self, camera: bool, reply: oneshot::Sender<Result<bool, CaptureError>>) {
        // What a prompt before this one still brings was for something else, and must not be taken for what is wanted now.
        self.stop_preparing();
        self.preparing = Some(reply);
        self.capture.set_quality(self.devices.menu().quality);
        self.capture.open(true, camera);
    }

    /// Whether these changes are the answer to [`prepare`](Self::prepare), of which the agent need not know.
    pub(super) fn prepared(&mut self, changes: &[media::Change]) -> bool {
        let microphone = changes.iter().find_map(|change| match change {
            media::Change::Capture(MediaKind::Microphone, agent::CaptureChange::Opened) => {
                Some(Ok(self.capture.stream(MediaKind::Camera).is_some()))
            }
            media::Change::Capture(MediaKind::Microphone, agent::CaptureChange::Failed(error)) => {
                Some(Err(*error))
            }
            media::Change::Capture(..) | media::Change::Refused(..) => None,
        });
        match (microphone, self.preparing.take()) {
            (Some(microphone), Some(reply)) => {
                if reply.send(microphone).is_err() || microphone.is_err() {
                    self.stop_preparing();
                }
                true
            }
            (_, waiting) => {
                self.preparing = waiting;
                false
            }
        }
    }

    pub(super) fn stop_preparing(&mut self) {
        self.preparing = None;
        if matches!(self.published.stage, Stage::Idle | Stage::Ringing(_)) {
            self.capture.close(MediaKind::Microphone);
            self.capture.close(MediaKind::Camera);
        }
    }
}
