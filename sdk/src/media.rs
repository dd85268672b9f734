//! Pictures, devices, and the switch between voice and video.

use call::handset::{Command, Feed, Notice, VideoQuestion};
use call::media::{CallType, CaptureError, DeviceKind, MediaDevice};
use call::narrator::CallFailure;
use js_sys::Array;
use phone::remember_device;
use wasm_bindgen::JsValue;

use crate::Calling;
use crate::failure::Failure;
use crate::line::{Ended, in_call};
use crate::object::property;
use crate::params;

impl Calling {
    /// `startRemoteView` and `startLocalView({userID, videoViewDomID})`: show a picture in this element, once there are both.
    /// `stopRemoteView` and `stopLocalView({userID})`: show it no longer.
    ///
    /// # Errors
    ///
    /// The parameters; nobody is logged in.
    pub(crate) fn view(&self, method: &str, params: &JsValue) -> Ended {
        let text = |name: &str| {
            property(params, name)?
                .as_string()
                .filter(|text| !text.is_empty())
        };
        let starts = method.starts_with("start");
        let (user, element) = (text("userID"), text("videoViewDomID"));
        let Some(user) = user.filter(|_| !starts || element.is_some()) else {
            return Err(Failure::params(method, params));
        };
        let line = self.line_for(method)?;
        let feed = if method.ends_with("LocalView") {
            Some(Feed::Local)
        } else {
            // Nobody has an id that is none.
            user.parse().ok().map(Feed::Remote)
        };
        match (feed, element.filter(|_| starts)) {
            (Some(feed), Some(element)) => line.show_video(feed, element),
            (Some(feed), None) => line.hide_video(Some(&feed)),
            (None, _) => {}
        }
        Ok(())
    }

    /// `openCamera()`, `closeCamera()`: and wait until it is so. Without a call there is none to open.
    ///
    /// # Errors
    ///
    /// Nobody is logged in; the camera cannot be had.
    pub(crate) async fn set_camera(&self, method: &str, on: bool) -> Result<JsValue, Failure> {
        let line = self.line_for(method)?;
        if line
            .in_call()
            .is_some_and(|call| call.devices.camera.intent() != on)
        {
            line.ask(Command::SetCamera(on));
            let method = method.to_owned();
            line.next(Box::new(move |view| {
                match in_call(view).map(|call| call.devices) {
                    None => Some(Ok(())),
                    Some(devices) if devices.camera.is_changing() => None,
                    Some(devices) if devices.camera.actual() == on => Some(Ok(())),
                    // It was told with the view.
                    Some(devices) => devices
                        .camera_error
                        .map(|error| Err(Failure::device(&method, error, CallFailure::NoCamera).told())),
                }
            }))
            .await?;
        }
        Ok(true.into())
    }

    /// `setMicMute(isMute)`
    ///
    /// # Errors
    ///
    /// The parameter is neither true nor false; nobody is logged in.
    pub(crate) fn set_mic_mute(&self, mute: &JsValue) -> Result<JsValue, Failure> {
        let muted = mute
            .as_bool()
            .ok_or_else(|| Failure::params("setMicMute", mute))?;
        self.line_for("setMicMute")?.ask(Command::SetMicrophone(!muted));
        Ok(true.into())
    }

    /// `setVideoQuality(profile)`, of what the next call sends.
    ///
    /// # Errors
    ///
    /// There is no such quality.
    pub(crate) fn set_video_quality(&self, quality: JsValue) -> Result<JsValue, Failure> {
        let wanted = params::quality(&quality)
            .ok_or_else(|| Failure::new("setVideoQuality", "params validate failed"))?;
        {
            let mut wishes = self.wishes.borrow_mut();
            wishes.quality = wanted;
            wishes.quality_param = quality.clone();
        }
        if let Some(line) = self.line() {
            line.ask(Command::SetVideoQuality(wanted));
        }
        Ok(quality)
    }

    /// `switchDevice(deviceType, deviceID)`: use this device from now on; before a login, from the login on.
    ///
    /// # Errors
    ///
    /// The parameters; the device cannot be had, and then the one in use stays.
    pub(crate) async fn switch_device(&self, kind: &JsValue, id: &JsValue) -> Ended {
        const METHOD: &str = "switchDevice";
        let wished = params::device_kind(kind).zip(id.as_string().filter(|id| !id.is_empty()));
        let (kind, id) = wished.ok_or_else(|| Failure::params(METHOD, &Array::of2(kind, id)))?;
        let Some(line) = self.logged_in() else {
            remember_device(kind, &id);
            return Ok(());
        };
        let view = line.view();
        let is_it = |device: &MediaDevice| device.kind == kind && device.id == id;
        if !view.menu.devices.iter().any(is_it) {
            return Err(self.failed(no_device(kind, CaptureError::Missing)));
        }
        if view.menu.chosen[kind as usize].as_ref() == Some(&id) {
            return Ok(());
        }
        line.ask(Command::ChooseDevice { kind, id: id.clone() });
        let mut refused_before = view.menu.refused.is_some();
        let chosen = line.next(Box::new(move |view| {
            let menu = &view.menu;
            if menu.chosen[kind as usize].as_ref() == Some(&id) {
                return Some(Ok(()));
            }
            match menu.refused {
                Some((other, error)) if other == kind && !refused_before => Some(Err(no_device(kind, error))),
                refused => {
                    refused_before &= refused.is_some();
                    None
                }
            }
        }));
        chosen.await.map_err(|failure| self.failed(failure))
    }

    /// `switchToAudioCall()`; or `switchToVideoCall()`: one's own camera opens, and where the other side is a person who can
    /// answer, they are asked.
    ///
    /// # Errors
    ///
    /// 60001 or 60002: this is not a call of two of the other type, or the other side did not agree.
    pub(crate) async fn switch(&self, method: &str, to: CallType) -> Ended {
        let (failure, command) = match to {
            CallType::Audio => (CallFailure::SwitchToAudio, Command::SwitchToAudio),
            CallType::Video => (CallFailure::SwitchToVideo, Command::SwitchToVideo),
        };
        let failed = {
            let method = method.to_owned();
            move || Failure::of(&method, failure)
        };
        let line = self.line_for(method)?;
        let may = line
            .in_call()
            .is_some_and(|call| !call.group && call.call_type != to);
        if !may || line.is_switching() {
            return Err(self.failed(failed()));
        }
        line.set_switching(true);
        line.ask(Command::DismissNotice);
        line.ask(command);
        let mut asked = false;
        let switched = line.next(Box::new(move |view| {
            let Some(call) = in_call(view) else {
                return Some(Err(failed()));
            };
            if call.call_type == to {
                return Some(Ok(()));
            }
            let asks = call.video == VideoQuestion::Asking;
            asked |= asks;
            match view.notice {
                // It was told with the view.
                Some(Notice::NoVideo { .. } | Notice::Refused(_)) => Some(Err(failed().told())),
                _ if asked && !asks && call.devices.camera_error.is_some() => Some(Err(failed())),
                _ => None,
            }
        }));
        let switched = switched.await;
        line.set_switching(false);
        switched.map_err(|failure| self.failed(failure))
    }
}

/// A device of this kind cannot be had.
fn no_device(kind: DeviceKind, error: CaptureError) -> Failure {
    let missing = match kind {
        DeviceKind::Microphone | DeviceKind::Speaker => CallFailure::NoMicrophone,
        DeviceKind::Camera => CallFailure::NoCamera,
    };
    Failure::device("switchDevice", error, missing)
}
