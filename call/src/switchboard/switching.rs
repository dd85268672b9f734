//! From voice to video and back, in a call of two.
//!
//! To voice at once: nobody minds a camera that closes. To video the other side is asked, because its camera opens by its
//! own consent only:
//!
//! ```text
//!         SwitchToVideo                 AcceptVideo, or the other side asks too
//!  voice ───────────────▶ voice, asked ─────────────────────────────────────────▶ video
//!    ▲                        │ DeclineVideo, withdrawn, no answer in time          │
//!    ├────────────────────────┘                                                     │
//!    └──────────────────────────────────────────────────────────────────────────────┘
//!                                       SwitchToAudio
//! ```

use core::time::Duration;

use super::call::VideoRequest;
use super::{Address, Switchboard};
use crate::id::{CallId, UserId};
use crate::media::CallType;
use crate::protocol::{Event, Refusal, VideoAnswer, limits};
use crate::time::{Timestamp, millis};

impl Switchboard {
    const ANSWER_WITHIN: Duration = limits::DEFAULT_RING;

    pub(super) fn switch_to_video(
        &mut self,
        now: Timestamp,
        from: &Address,
        id: CallId,
    ) -> Result<(), Refusal> {
        self.check_switch(from, id)?;
        let call = self.calls.get_mut_unstored(id).ok_or(Refusal::NoSuchCall)?;
        if call.call_type == CallType::Video {
            return Err(Refusal::OfThatTypeAlready);
        }
        match &call.video_request {
            // Both want it: nobody has to be asked any more.
            Some(request) if request.by != from.user => {
                let by = request.by.clone();
                self.set_call_type(id, CallType::Video, &by);
            }
            Some(_) => {}
            None => {
                let deadline = now + Self::ANSWER_WITHIN;
                call.video_request = Some(VideoRequest {
                    by: from.user.clone(),
                    deadline,
                });
                self.timers.arm_video_request(deadline, id);
                let event = Event::VideoRequested {
                    call: id,
                    by: from.user.clone(),
                    open_for_ms: millis(Self::ANSWER_WITHIN),
                };
                self.deliver_to_members(id, None, &event);
            }
        }
        Ok(())
    }

    pub(super) fn answer_video(&mut self, from: &Address, id: CallId, agree: bool) -> Result<(), Refusal> {
        self.check_seat(from, id)?;
        let request = self.calls.get(id).and_then(|call| call.video_request.as_ref());
        let by = request.ok_or(Refusal::NothingAsked)?.by.clone();
        match (agree, by == from.user) {
            (true, false) => self.set_call_type(id, CallType::Video, &by),
            // Nobody answers oneself.
            (true, true) => return Err(Refusal::NothingAsked),
            (false, false) => self.close_video_request(id, VideoAnswer::Declined),
            (false, true) => self.close_video_request(id, VideoAnswer::Withdrawn),
        }
        Ok(())
    }

    pub(super) fn switch_to_audio(&mut self, from: &Address, id: CallId) -> Result<(), Refusal> {
        self.check_switch(from, id)?;
        let call = self.calls.get(id).ok_or(Refusal::NoSuchCall)?;
        match (call.call_type, &call.video_request) {
            (CallType::Video, _) => self.set_call_type(id, CallType::Audio, &from.user),
            (CallType::Audio, Some(_)) => return self.answer_video(from, id, false),
            (CallType::Audio, None) => return Err(Refusal::OfThatTypeAlready),
        }
        Ok(())
    }

    pub(super) fn video_request_timed_out(&mut self, id: CallId) {
        self.close_video_request(id, VideoAnswer::TimedOut);
    }

    /// The question is over without a yes. The call stays as it is.
    pub(super) fn close_video_request(&mut self, id: CallId, answer: VideoAnswer) {
        if self.take_video_request(id) {
            self.deliver_to_members(id, None, &Event::VideoRequestClosed { call: id, answer });
        }
    }

    /// Forget the question, if there is one. Nobody is told.
    pub(super) fn take_video_request(&mut self, id: CallId) -> bool {
        let call = self.calls.get_mut_unstored(id);
        let request = call.and_then(|call| call.video_request.take());
        if let Some(request) = &request {
            self.timers.disarm_video_request(request.deadline, id);
        }
        request.is_some()
    }

    fn set_call_type(&mut self, id: CallId, call_type: CallType, by: &UserId) {
        self.take_video_request(id);
        if let Some(call) = self.calls.get_mut(id) {
            call.call_type = call_type;
            let event = Event::CallTypeChanged {
                call: id,
                call_type,
                by: by.clone(),
            };
            self.deliver_to_members(id, None, &event);
        }
    }

    fn check_switch(&self, from: &Address, id: CallId) -> Result<(), Refusal> {
        self.check_seat(from, id)?;
        let call = self.calls.get(id).ok_or(Refusal::NoSuchCall)?;
        if call.group {
            return Err(Refusal::NoSwitchInGroup);
        }
        if call.members.len() < 2 {
            return Err(Refusal::NotAnswered);
        }
        Ok(())
    }
}
