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
//! * [`line`] – a login: a phone, what it shows, and who waits for something;
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

use call::handset::Stage;
use call::media::{CallType, DeviceKind, VideoQuality};
use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use crate::failure::Failure;
use crate::line::Line;
use crate::login::App;
use crate::params::number_of;

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
    devices: Vec<(DeviceKind, String)>,
}

#[wasm_bindgen]
impl Calling {
    /// For this app, by way of the socket with this URL. `emit` is called with the name of each event and its payload.
    #[wasm_bindgen(constructor)]
    pub fn new(app_id: f64, socket: String, ringtone: bool, emit: Function) -> Self {
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
                quality_param: JsValue::from_str("480p"),
                devices: Vec::new(),
            }),
            call_type: Cell::new(0),
        }
    }

    /// Who is logged in; nobody is the empty text.
    #[wasm_bindgen(js_name = getUserID)]
    pub fn user_id(&self) -> String {
        self.logged_in()
            .map(|line| line.me().to_string())
            .unwrap_or_default()
    }

    /// `idle`, `calling` (or being called) or `connected`.
    #[wasm_bindgen(js_name = getCallStatus)]
    pub fn call_status(&self) -> String {
        self.logged_in().map_or("idle", |line| line.status()).to_owned()
    }

    /// 1 is voice, 2 video, and 0 nothing yet.
    #[wasm_bindgen(js_name = getCallType)]
    pub fn call_type(&self) -> u8 {
        let present = self
            .logged_in()
            .and_then(|line| match line.view().stage {
                Stage::Idle => None,
                Stage::Calling(calling) => Some(calling.call_type),
                Stage::Ringing(ringing) => Some(ringing.call_type),
                Stage::InCall(call) => Some(call.call_type),
            })
            .map(number_of);
        present.unwrap_or(self.call_type.get())
    }

    /// What [`getCallType`](Self::call_type) says while there is no call.
    #[wasm_bindgen(js_name = setCallType)]
    pub fn set_call_type(&self, call_type: f64) {
        self.call_type.set(call_type as u8);
    }

    /// Whether the present call was placed here.
    #[wasm_bindgen(js_name = isInviter)]
    pub fn is_inviter(&self) -> bool {
        self.logged_in()
            .is_some_and(|line| line.talk(|talk| talk.inviter).unwrap_or_default())
    }

    /// Whether the present call is one of several people.
    #[wasm_bindgen(js_name = isGroupCall)]
    pub fn is_group_call(&self) -> bool {
        self.logged_in().is_some_and(|line| line.is_group())
    }

    /// The caller's name for the group that is called.
    #[wasm_bindgen(js_name = getGroupID)]
    pub fn group_id(&self) -> String {
        let group = self
            .logged_in()
            .and_then(|line| line.talk(|talk| talk.group_id.clone()).flatten());
        group.unwrap_or_default()
    }

    /// Everybody who was invited into the present call.
    #[wasm_bindgen(js_name = getInviteeList)]
    pub fn invitee_list(&self) -> Array {
        let list = self
            .logged_in()
            .and_then(|line| line.talk(|talk| talk.list.clone()));
        object::list(&list.unwrap_or_default())
    }

    /// Those of them who have not answered.
    #[wasm_bindgen(js_name = getUnHandledInviteeList)]
    pub fn unhandled_invitee_list(&self) -> Array {
        let list = self.logged_in().map(|line| line.rung());
        object::list(&list.unwrap_or_default())
    }

    /// How many others are in the call.
    #[wasm_bindgen(js_name = getRemoteStreamCount)]
    pub fn remote_stream_count(&self) -> u32 {
        let count = self.logged_in().map_or(0, |line| line.peers().len());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Whether there is anybody else in the call.
    #[wasm_bindgen(js_name = hasRemoteConnectedUsers)]
    pub fn has_remote_connected_users(&self) -> bool {
        self.remote_stream_count() > 0
    }

    /// Whether a switch between voice and video can be asked for: none is under way.
    #[wasm_bindgen(js_name = getSwitchCallModeStatus)]
    pub fn switch_call_mode_status(&self) -> bool {
        self.logged_in().is_none_or(|line| !line.is_switching())
    }

    /// What was last given to `setVideoQuality`.
    #[wasm_bindgen(js_name = getVideoQuality)]
    pub fn video_quality(&self) -> JsValue {
        self.wishes.borrow().quality_param.clone()
    }

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

    /// Tell the page.
    fn emit(&self, name: &str, payload: &JsValue) {
        events::emit(&self.emit, name, payload);
    }

    /// Tell the page that something did not work, in the event and in the promise.
    fn failed(&self, failure: Failure) -> Failure {
        self.emit("onError", &failure.payload());
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
