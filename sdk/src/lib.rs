//! `TRTCCalling` for other people's pages, over a [`phone`].
//!
//! ```text
//!   page ──▶ js/trtc-calling.js ──▶ Calling ──▶ Line ──▶ phone::Phone
//!     ▲       handlers of events     methods      │ one login
//!     └───────────────────────────────────────────┘ events, told by call::narrator
//! ```
//!
//! The class that pages construct is JavaScript: it exists, and takes handlers, before this module has been loaded. What it is
//! asked for is done here. Names, payloads, results and errors are those of the seed API, and this crate is the one table between
//! them and the words of the house:
//!
//! * [`params`] – what a page passes in;
//! * [`mod@line`] – a login: a phone, what it shows, and who waits for something;
//! * [`talk`] – the present call, as far as events and questions name it;
//! * [`events`] – what happened, under its name and with its payload;
//! * [`calls`], [`media`] – the methods;
//! * [`failure`] – what a promise is rejected with.

mod calls;
mod events;
mod failure;
mod line;
mod login;
mod media;
mod object;
mod params;
mod talk;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use call::media::{CallType, DeviceKind, VideoQuality};
use js_sys::Function;
use phone::list_devices;
use wasm_bindgen::prelude::*;

use crate::failure::Failure;
use crate::line::Line;
use crate::login::App;
use crate::object::{list, object, text};
use crate::params::number_of;
use crate::talk::Talk;

/// Two kilobytes less than the default allocator.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// What the class does once it is loaded. Each instance has one login at most.
#[wasm_bindgen]
pub struct Calling {
    app: App,
    /// Takes the name of an event and its payload.
    emit: Function,
    /// The present login.
    line: RefCell<Option<Rc<Line>>>,
    /// What the page has wished for, whether or not it was logged in.
    wishes: RefCell<Wishes>,
    /// What the page says that the next call is.
    call_type: Cell<u8>,
}

/// What outlives a login.
struct Wishes {
    quality: VideoQuality,
    /// As the page has written it.
    quality_param: JsValue,
}

#[wasm_bindgen]
impl Calling {
    /// For this app, by way of the socket with this URL. `emit` is called with the name of each event and its payload.
    #[wasm_bindgen(constructor)]
    pub fn new(app_id: String, socket: String, ringtone: bool, emit: Function) -> Self {
        Self {
            app: App {
                id: app_id,
                socket,
                ringtone,
            },
            emit,
            line: RefCell::default(),
            wishes: RefCell::new(Wishes {
                quality: VideoQuality::default(),
                quality_param: text("480p"),
            }),
            call_type: Cell::new(0),
        }
    }

    /// Do what the method of this name does, with what the page has passed to it. One export for all of them: what the browser
    /// needs for each is a kilobyte of everybody's first visit.
    ///
    /// # Errors
    ///
    /// Those of the method.
    pub async fn ask(&self, method: String, first: JsValue, second: JsValue) -> Result<JsValue, JsValue> {
        let done = JsValue::UNDEFINED;
        Ok(match method.as_str() {
            "login" => self.login(&first).await?,
            "logout" => self.logout().await,
            "call" => self.call(&first).await?,
            "groupCall" => self.group_call(&first).await?,
            "accept" => self.accept().await?,
            "reject" => self.reject().await?,
            "hangup" => self.hangup().await?,
            "startRemoteView" | "startLocalView" | "stopRemoteView" | "stopLocalView" => {
                self.view(&method, &first).map(|()| done)?
            }
            "openCamera" | "closeCamera" => self.set_camera(&method, method == "openCamera").await?,
            "setMicMute" => self.set_mic_mute(&first)?,
            "setVideoQuality" => self.set_video_quality(first)?,
            "switchToAudioCall" | "switchToVideoCall" => {
                let to = if method == "switchToAudioCall" {
                    CallType::Audio
                } else {
                    CallType::Video
                };
                self.switch(&method, to).await.map(|()| done)?
            }
            "getCameras" | "getMicrophones" | "getSpeakers" => {
                let kind = match method.as_str() {
                    "getCameras" => DeviceKind::Camera,
                    "getSpeakers" => DeviceKind::Speaker,
                    _ => DeviceKind::Microphone,
                };
                list_devices(kind).await?.into()
            }
            "switchDevice" => self.switch_device(&first, &second).await.map(|()| done)?,
            _ => return Err(Failure::new(&method, "there is no such method").into()),
        })
    }

    /// The answers to all questions that take no time, by the names of their methods.
    pub fn look(&self) -> JsValue {
        let line = self.logged_in();
        let line = line.as_deref();
        let talk = line.and_then(|line| line.talk(Talk::clone));
        let peers = line.map_or(0, |line| line.peers().len());
        let call_type = line.and_then(Line::call_type).map(number_of);
        let group = talk.as_ref().and_then(|talk| talk.group_id.as_deref());
        let invited = talk.as_ref().map_or(&[][..], |talk| &talk.list);
        object(&[
            ("getUserID", text(line.map_or("", |line| line.me().as_str()))),
            ("getCallStatus", text(line.map_or("idle", Line::status))),
            ("getCallType", call_type.unwrap_or(self.call_type.get()).into()),
            ("isInviter", talk.as_ref().is_some_and(|talk| talk.inviter).into()),
            ("isGroupCall", talk.as_ref().is_some_and(|talk| talk.group).into()),
            ("getGroupID", text(group.unwrap_or_default())),
            ("getInviteeList", list(invited).into()),
            (
                "getUnHandledInviteeList",
                list(&line.map(Line::rung).unwrap_or_default()).into(),
            ),
            ("getRemoteStreamCount", (peers as f64).into()),
            ("hasRemoteConnectedUsers", (peers > 0).into()),
            (
                "getSwitchCallModeStatus",
                line.is_some_and(Line::is_switching).into(),
            ),
            ("getVideoQuality", self.wishes.borrow().quality_param.clone()),
        ])
    }

    /// What `getCallType` says while there is no call.
    #[wasm_bindgen(js_name = setCallType)]
    pub fn set_call_type(&self, call_type: f64) {
        self.call_type.set(call_type as u8);
    }
}

impl Calling {
    /// The present login; also one that is under way.
    fn line(&self) -> Option<Rc<Line>> {
        self.line.borrow().clone()
    }

    /// The present login, if it was accepted.
    fn logged_in(&self) -> Option<Rc<Line>> {
        self.line().filter(|line| line.is_accepted())
    }

    /// The same, for a method that needs one.
    fn line_for(&self, method: &str) -> Result<Rc<Line>, Failure> {
        self.logged_in().ok_or_else(|| Failure::not_logged_in(method))
    }

    /// Tell the page that something did not work, in the event and in the promise.
    fn failed(&self, failure: Failure) -> Failure {
        if failure.is_news() {
            events::emit(&self.emit, "onError", &failure.payload());
        }
        failure
    }
}

/// Voice or video, as pages number them.
fn call_type_of(number: f64) -> Option<CallType> {
    [CallType::Audio, CallType::Video]
        .into_iter()
        .find(|call_type| f64::from(number_of(*call_type)) == number)
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
