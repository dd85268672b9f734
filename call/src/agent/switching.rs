//! From voice to video and back, in a call of two.
//!
//! One's own camera opens by one's own click only: by asking for video, or by agreeing to it. It closes again when nothing
//! came of the question, and when either side goes back to voice.

use super::Agent;
use super::phase::{Active, Phase};
use crate::handset::{Notice, VideoQuestion};
use crate::id::{CallId, UserId};
use crate::media::CallType;
use crate::protocol::{CallSnapshot, Command, VideoAnswer};

impl Agent {
    pub(super) fn switch_to_video(&mut self) {
        let Some(active) = self.phase.pair_mut() else {
            return;
        };
        match (active.call_type, active.video) {
            (CallType::Audio, VideoQuestion::Nobody) => {
                active.video = VideoQuestion::Asking;
                let call = active.call;
                self.switching = Some(self.send(Command::SwitchToVideo { call }));
                self.set_camera(true);
            }
            (CallType::Audio, VideoQuestion::Asked) => self.answer_video(true, true),
            // It is asked for, or it is so.
            (CallType::Audio, VideoQuestion::Asking) | (CallType::Video, _) => {}
        }
    }

    pub(super) fn answer_video(&mut self, agree: bool, camera: bool) {
        let Some(active) = self.phase.pair_mut() else {
            return;
        };
        let call = active.call;
        match (active.video, agree) {
            (VideoQuestion::Asked, _) => {
                active.video = VideoQuestion::Nobody;
                let command = self.send(Command::AnswerVideo { call, agree });
                if agree {
                    self.switching = Some(command);
                }
                if agree && camera {
                    self.set_camera(true);
                }
            }
            // One's own question is taken back.
            (VideoQuestion::Asking, false) => self.give_up_video(call),
            (VideoQuestion::Asking, true) | (VideoQuestion::Nobody, _) => {}
        }
    }

    pub(super) fn switch_to_audio(&mut self) {
        let Some(active) = self.phase.pair_mut() else {
            return;
        };
        let call = active.call;
        match (active.call_type, active.video) {
            (CallType::Video, _) => {
                self.switching = Some(self.send(Command::SwitchToAudio { call }));
                self.set_camera(false);
            }
            (CallType::Audio, VideoQuestion::Asking) => self.give_up_video(call),
            (CallType::Audio, VideoQuestion::Asked | VideoQuestion::Nobody) => {}
        }
    }

    /// One's camera could not be opened: there is nothing to ask for.
    pub(super) fn give_up_video_without_camera(&mut self) {
        if let Some(active) = self.phase.pair_mut()
            && active.video == VideoQuestion::Asking
        {
            let call = active.call;
            self.give_up_video(call);
        }
    }

    fn give_up_video(&mut self, call: CallId) {
        self.set_question(call, VideoQuestion::Nobody);
        self.send(Command::AnswerVideo { call, agree: false });
        self.set_camera(false);
    }

    pub(super) fn video_requested(&mut self, call: CallId, by: &UserId) {
        let question = self.question_by(by);
        self.set_question(call, question);
        self.put_away_no_video();
    }

    /// That nobody wanted video is no news any more.
    pub(super) fn put_away_no_video(&mut self) {
        self.notice
            .take_if(|notice| matches!(notice, Notice::NoVideo { .. }));
    }

    pub(super) fn video_request_closed(&mut self, call: CallId, answer: VideoAnswer) {
        let Some(active) = self.phase.active_mut(call) else {
            return;
        };
        let before = core::mem::replace(&mut active.video, VideoQuestion::Nobody);
        if before == VideoQuestion::Asking {
            let with = active.with.clone();
            self.set_camera(false);
            match answer {
                VideoAnswer::Declined | VideoAnswer::TimedOut => self.notice = Some(Notice::NoVideo { with }),
                VideoAnswer::Withdrawn => {}
            }
        }
    }

    pub(super) fn call_type_changed(&mut self, call: CallId, call_type: CallType) {
        let Some(active) = self.phase.active_mut(call) else {
            return;
        };
        active.call_type = call_type;
        active.video = VideoQuestion::Nobody;
        self.put_away_no_video();
        match call_type {
            CallType::Audio => self.set_camera(false),
            // Whoever asked or agreed has opened the camera by that.
            CallType::Video => {}
        }
    }

    /// The switchboard did not carry a switch out: the call is as it was.
    pub(super) fn switch_refused(&mut self) {
        let Phase::Connected(active) = &mut self.phase else {
            return;
        };
        // Somebody may have been added meanwhile: then it is a group call, and nobody is asked for video in it. A camera that
        // was opened for one other person is not to be seen by a third.
        let asking = active.video == VideoQuestion::Asking;
        if asking {
            active.video = VideoQuestion::Nobody;
        }
        if asking || active.call_type == CallType::Audio {
            self.set_camera(false);
        }
    }

    /// What the switchboard says after a reconnect; but a switch that it has not heard of yet is still to come.
    pub(super) fn mirror_switch(&mut self, snapshot: &CallSnapshot) {
        let on_its_way = self.switching.is_some();
        let question = snapshot
            .video_request
            .as_ref()
            .map_or(VideoQuestion::Nobody, |request| self.question_by(&request.by));
        let Some(active) = self.phase.active_mut(snapshot.call) else {
            return;
        };
        let back_to_voice = active.call_type == CallType::Video;
        active.call_type = snapshot.call_type;
        if on_its_way && question == VideoQuestion::Nobody && active.call_type == CallType::Audio {
            return;
        }
        let given_up = active.video == VideoQuestion::Asking && question != VideoQuestion::Asking;
        active.video = question;
        if active.call_type == CallType::Audio && (given_up || (back_to_voice && !active.group)) {
            self.set_camera(false);
        }
    }

    fn question_by(&self, by: &UserId) -> VideoQuestion {
        if self.user.as_ref() == Some(by) {
            VideoQuestion::Asking
        } else {
            VideoQuestion::Asked
        }
    }

    fn set_question(&mut self, call: CallId, question: VideoQuestion) {
        if let Some(active) = self.phase.active_mut(call) {
            active.video = question;
        }
    }

    pub(super) fn set_camera(&mut self, on: bool) {
        let order = self
            .phase
            .devices_mut()
            .and_then(|devices| devices.set_camera(on));
        if let Some(order) = order {
            self.order_device(order);
        }
    }
}

impl Phase {
    /// A call of two that somebody has answered.
    fn pair_mut(&mut self) -> Option<&mut Active> {
        match self {
            Self::Connected(active) if !active.group => Some(active),
            Self::Idle | Self::Cancelling(_) | Self::Calling(_) | Self::Ringing(_) | Self::Connected(_) => {
                None
            }
        }
    }
}
