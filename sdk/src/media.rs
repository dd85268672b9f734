//! Pictures, devices, and the switch between voice and video.

use std::rc::Rc;

use call::handset::{CallView, Command, Feed, Notice};
use call::media::{CallType, CaptureError, DeviceKind};
use call::narrator::CallFailure;
use js_sys::Array;
use phone::list_devices;
use wasm_bindgen::prelude::*;

use crate::Calling;
use crate::failure::Failure;
use crate::line::{Line, in_call};
use crate::object::property;
use crate::params;

#[wasm_bindgen]
impl Calling {
    /// `startRemoteView({userID, videoViewDomID})`: show somebody's picture in this element, once there are both.
    ///
    /// # Errors
    ///
    /// The parameters; nobody is logged in.
    #[wasm_bindgen(js_name = startRemoteView)]
    pub async fn start_remote_view(&self, params: JsValue) -> Result<(), JsValue> {
        const METHOD: &str = "startRemoteView";
        let (user, element) = params::view(&params).ok_or_else(|| Failure::params(METHOD, &params))?;
        let line = self.line_for(METHOD)?;
        // Nobody has an id that is none.
        if let Ok(user) = user.parse() {
            line.show_video(Feed::Remote(user), element);
        }
        Ok(())
    }

    /// `startLocalView({userID, videoViewDomID})`: show one's own picture in this element.
    ///
    /// # Errors
    ///
    /// The parameters; nobody is logged in.
    #[wasm_bindgen(js_name = startLocalView)]
    pub async fn start_local_view(&self, params: JsValue) -> Result<(), JsValue> {
        const METHOD: &str = "startLocalView";
        let (_, element) = params::view(&params).ok_or_else(|| Failure::params(METHOD, &params))?;
        self.line_for(METHOD)?.show_video(Feed::Local, element);
        Ok(())
    }

    /// `stopRemoteView({userID})`: show somebody's picture no longer.
    ///
    /// # Errors
    ///
    /// The parameters; nobody is logged in.
    #[wasm_bindgen(js_name = stopRemoteView)]
    pub async fn stop_remote_view(&self, params: JsValue) -> Result<(), JsValue> {
        const METHOD: &str = "stopRemoteView";
        let user = property(&params, "userID").and_then(|id| id.as_string());
        let user = user.ok_or_else(|| Failure::params(METHOD, &params))?;
        let line = self.line_for(METHOD)?;
        if let Ok(user) = user.parse() {
            line.hide_video(Some(&Feed::Remote(user)));
        }
        Ok(())
    }

    /// `stopLocalView({userID})`: show one's own picture no longer.
    ///
    /// # Errors
    ///
    /// The parameters; nobody is logged in.
    #[wasm_bindgen(js_name = stopLocalView)]
    pub async fn stop_local_view(&self, params: JsValue) -> Result<(), JsValue> {
        const METHOD: &str = "stopLocalView";
        if property(&params, "userID")
            .and_then(|id| id.as_string())
            .is_none()
        {
            return Err(Failure::params(METHOD, &params).into());
        }
        self.line_for(METHOD)?.hide_video(Some(&Feed::Local));
        Ok(())
    }

    /// `openCamera()`
    ///
    /// # Errors
    ///
    /// Nobody is logged in; the camera cannot be had.
    #[wasm_bindgen(js_name = openCamera)]
    pub async fn open_camera(&self) -> Result<bool, JsValue> {
        let line = self.line_for("openCamera")?;
        Ok(set_camera(&line, "openCamera", true).await?)
    }

    /// `closeCamera()`
    ///
    /// # Errors
    ///
    /// Nobody is logged in.
    #[wasm_bindgen(js_name = closeCamera)]
    pub async fn close_camera(&self) -> Result<bool, JsValue> {
        let line = self.line_for("closeCamera")?;
        Ok(set_camera(&line, "closeCamera", false).await?)
    }

    /// `setMicMute(isMute)`
    ///
    /// # Errors
    ///
    /// The parameter is neither true nor false; nobody is logged in.
    #[wasm_bindgen(js_name = setMicMute)]
    pub async fn set_mic_mute(&self, mute: JsValue) -> Result<bool, JsValue> {
        let muted = mute
            .as_bool()
            .ok_or_else(|| Failure::params("setMicMute", &mute))?;
        self.line_for("setMicMute")?.ask(Command::SetMicrophone(!muted));
        Ok(true)
    }

    /// `setVideoQuality(profile)`, of what the next call sends.
    ///
    /// # Errors
    ///
    /// There is no such quality.
    #[wasm_bindgen(js_name = setVideoQuality)]
    pub async fn set_video_quality(&self, quality: JsValue) -> Result<JsValue, JsValue> {
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

    /// `switchToAudioCall()`
    ///
    /// # Errors
    ///
    /// 60001: this is not a video call of two.
    #[wasm_bindgen(js_name = switchToAudioCall)]
    pub async fn switch_to_audio_call(&self) -> Result<(), JsValue> {
        self.switch("switchToAudioCall", CallType::Audio).await
    }

    /// `switchToVideoCall()`: one's own camera opens, and the other side is asked where it is a person who can answer.
    ///
    /// # Errors
    ///
    /// 60002: this is not a voice call of two, or the other side did not agree.
    #[wasm_bindgen(js_name = switchToVideoCall)]
    pub async fn switch_to_video_call(&self) -> Result<(), JsValue> {
        self.switch("switchToVideoCall", CallType::Video).await
    }

    /// `getCameras()`
    ///
    /// # Errors
    ///
    /// The browser gives the page no access to devices.
    #[wasm_bindgen(js_name = getCameras)]
    pub async fn cameras(&self) -> Result<Array, JsValue> {
        list_devices(DeviceKind::Camera).await
    }

    /// `getMicrophones()`
    ///
    /// # Errors
    ///
    /// The browser gives the page no access to devices.
    #[wasm_bindgen(js_name = getMicrophones)]
    pub async fn microphones(&self) -> Result<Array, JsValue> {
        list_devices(DeviceKind::Microphone).await
    }

    /// `getSpeakers()`
    ///
    /// # Errors
    ///
    /// The browser gives the page no access to devices.
    #[wasm_bindgen(js_name = getSpeakers)]
    pub async fn speakers(&self) -> Result<Array, JsValue> {
        list_devices(DeviceKind::Speaker).await
    }

    /// `switchDevice(deviceType, deviceID)`: use this device from now on; before a login, from the login on.
    ///
    /// # Errors
    ///
    /// The parameters; the device cannot be had, and then the one in use stays.
    #[wasm_bindgen(js_name = switchDevice)]
    pub async fn switch_device(&self, kind: JsValue, id: JsValue) -> Result<(), JsValue> {
        const METHOD: &str = "switchDevice";
        let wished = params::device_kind(&kind).zip(id.as_string().filter(|id| !id.is_empty()));
        let (kind, id) = wished.ok_or_else(|| Failure::params(METHOD, &Array::of2(&kind, &id)))?;
        let Some(line) = self.logged_in() else {
            let mut wishes = self.wishes.borrow_mut();
            wishes.devices.retain(|(other, _)| *other != kind);
            wishes.devices.push((kind, id));
            return Ok(());
        };
        match choose(&line, kind, id).await? {
            Ok(()) => Ok(()),
            Err(error) => {
                let missing = match kind {
                    DeviceKind::Microphone | DeviceKind::Speaker => CallFailure::NoMicrophone,
                    DeviceKind::Camera => CallFailure::NoCamera,
                };
                Err(self.failed(Failure::device(METHOD, error, missing)).into())
            }
        }
    }

    async fn switch(&self, method: &'static str, to: CallType) -> Result<(), JsValue> {
        let failure = match to {
            CallType::Audio => CallFailure::SwitchToAudio,
            CallType::Video => CallFailure::SwitchToVideo,
        };
        let line = self.line_for(method)?;
        let may = line
            .in_call()
            .is_some_and(|call| !call.group && call.call_type != to)
            && !line.is_switching();
        if !may {
            return Err(self.failed(Failure::of(method, failure)).into());
        }
        line.set_switching(true);
        line.ask(Command::DismissNotice);
        line.ask(match to {
            CallType::Audio => Command::SwitchToAudio,
            CallType::Video => Command::SwitchToVideo,
        });
        let outcome = line.next(switched(to)).await;
        line.set_switching(false);
        match outcome? {
            Switched::Done => Ok(()),
            // The event was told with the view.
            Switched::Refused => Err(Failure::of(method, failure).into()),
            Switched::NoCamera | Switched::Over => Err(self.failed(Failure::of(method, failure)).into()),
        }
    }
}

/// What became of a switch.
enum Switched {
    Done,
    /// By the other side, or by the server.
    Refused,
    NoCamera,
    /// The call has ended.
    Over,
}

/// Looks for the end of a switch.
fn switched(to: CallType) -> impl FnMut(&CallView) -> Option<Switched> + 'static {
    let mut asked = false;
    move |view| {
        let Some(call) = in_call(view) else {
            return Some(Switched::Over);
        };
        if call.call_type == to {
            return Some(Switched::Done);
        }
        let asks = call.video == call::handset::VideoQuestion::Asking;
        asked |= asks;
        match view.notice {
            Some(Notice::NoVideo { .. } | Notice::Refused(_)) => Some(Switched::Refused),
            _ if asked && !asks && call.devices.camera_error.is_some() => Some(Switched::NoCamera),
            _ => None,
        }
    }
}

/// Open or close the camera of the call, and wait until it is so. Without a call there is none to open.
async fn set_camera(line: &Rc<Line>, method: &'static str, on: bool) -> Result<bool, Failure> {
    let is_settled = move |view: &CallView| match in_call(view).map(|call| call.devices) {
        None => Some(Ok(())),
        Some(devices) if devices.camera.is_changing() => None,
        Some(devices) if devices.camera.actual() == on => Some(Ok(())),
        Some(devices) => devices.camera_error.map(Err),
    };
    if line
        .in_call()
        .is_some_and(|call| call.devices.camera.intent() != on)
    {
        line.ask(Command::SetCamera(on));
        // Why it could not be had was told with the view.
        let outcome: Result<(), CaptureError> = line.next(is_settled).await?;
        outcome.map_err(|error| Failure::device(method, error, CallFailure::NoCamera))?;
    }
    Ok(true)
}

/// Use another device, and wait until it is so.
async fn choose(line: &Rc<Line>, kind: DeviceKind, id: String) -> Result<Result<(), CaptureError>, Failure> {
    let view = line.view();
    if !view
        .menu
        .devices
        .iter()
        .any(|device| device.kind == kind && device.id == id)
    {
        return Ok(Err(CaptureError::Missing));
    }
    if view.menu.chosen[kind as usize].as_ref() == Some(&id) {
        return Ok(Ok(()));
    }
    line.ask(Command::ChooseDevice { kind, id: id.clone() });
    let mut refused_before = view.menu.refused.is_some();
    line.next(move |view| {
        let menu = &view.menu;
        if menu.chosen[kind as usize].as_ref() == Some(&id) {
            return Some(Ok(()));
        }
        match menu.refused {
            Some((other, error)) if other == kind && !refused_before => Some(Err(error)),
            refused => {
                refused_before &= refused.is_some();
                None
            }
        }
    })
    .await
}
