//! A phone in the browser: the socket to the switchboard, WebRTC, microphone and camera, pictures and sound.
//!
//! Every JavaScript handle of Yodel lives in this crate, and each ends with its owner: a [`Listener`](listener) unhooks, a
//! [`Timer`](timer) is cleared, a local track stops its device and a peer connection closes when it is dropped. So dropping
//! the [`Phone`] leaves nothing behind. The crate knows nothing of Leptos; it is compiled for wasm32 alone.
//!
//! What a call *is*, and what happens next, is decided by `call::agent::Agent`, which knows no browser. This crate is the
//! shell around it:
//!
//! ```text
//!            commands                                 JSON
//!   page ──────────────▶ driver ◀──▶ signaling ◀───────────────▶ switchboard
//!     ▲                   │  ▲ ▲
//!     │    CallView       │  │ └──── media    microphone and camera
//!     └───────────────────┘  └────── links    one webrtc::PeerConnection and one Speaker for each of the others
//!                                    views    streams in the page's <video> elements
//!                                    sound    ringtone and ringback
//! ```
//!
//! * [`driver`] is the only run loop;
//! * [`signaling`] keeps the socket open;
//! * [`media`] asks for devices and stops them;
//! * [`links`] and [`webrtc`] carry sound and pictures between people;
//! * [`views`] and [`sound`] bring them before this person;
//! * [`browser`], [`listener`], [`timer`], [`task`] and [`bindings`] are the floor that the others stand on.

mod bindings;
mod browser;
mod driver;
mod links;
mod listener;
mod media;
mod signaling;
mod sound;
mod task;
mod timer;
mod views;
mod webrtc;

use std::rc::Rc;

use call::handset::{CallView, Command};
use call::id::UserId;
use call::media::CaptureError;
use call::protocol::Login;
use futures::channel::{mpsc, oneshot};
use wasm_bindgen::JsValue;

use crate::browser::window;
use crate::driver::Mailbox;
use crate::task::Task;

pub use crate::media::{list_devices, remember_device};
pub use crate::timer::sleep;

/// A phone that is switched on.
///
/// Dropping it hangs up nothing (the switchboard gives a lost phone some time to come back) but lets go of everything:
/// socket, devices, connections, pictures and tones.
#[must_use = "a phone is switched off when it is dropped"]
pub struct Phone {
    mailbox: Mailbox,
    _driver: Task,
}

/// Who is told what a phone does.
pub trait Observer: 'static {
    /// Whether [`hear`](Self::hear) is of interest.
    const HEARS_VOLUMES: bool = false;

    /// What the page shows should look different now.
    fn show(&self, view: Rc<CallView>);

    /// How loud everybody in the call was in the last second.
    fn hear(&self, _volumes: Volumes) {}
}

impl<F: Fn(Rc<CallView>) + 'static> Observer for F {
    fn show(&self, view: Rc<CallView>) {
        self(view);
    }
}

/// How loud people were at their loudest: from 0.0, no sound, to 1.0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Volumes {
    /// The person at this phone; nothing while the microphone is muted.
    pub oneself: f64,
    /// The others in the call.
    pub others: Vec<(UserId, f64)>,
}

/// Where a phone finds its switchboard.
#[derive(Clone, Debug)]
pub struct Options {
    /// The WebSocket URL of the switchboard.
    pub signaling_url: String,
    /// The WebSocket subprotocol that says who somebody is, where no cookie does.
    pub identity: Option<String>,
    /// Whether the person's other devices may stay.
    pub login: Login,
    /// Whether a call goes on when its page is loaded again.
    pub survives_reload: bool,
    /// Whether the ringtone and the ringback are played.
    pub plays_tones: bool,
}

impl Options {
    /// The switchboard of the server that this page came from: `/ws`, encrypted if the page was. Other devices may stay.
    pub fn of_this_page() -> Self {
        let location = window().location();
        let scheme = match location.protocol().as_deref() {
            Ok("http:") => "ws://",
            _ => "wss://",
        };
        Self {
            signaling_url: [scheme, &location.host().unwrap_or_default(), "/ws"].concat(),
            identity: None,
            login: Login::Shared,
            survives_reload: true,
            plays_tones: true,
        }
    }
}

/// Whether this browser can carry calls at all.
pub fn has_webrtc() -> bool {
    js_sys::Reflect::has(&window(), &JsValue::from_str("RTCPeerConnection")).unwrap_or_default()
}

impl Phone {
    /// Switch a phone on. It does what `commands` ask for, those that were sent before included, and tells the `observer`
    /// whenever what the page shows should look different.
    ///
    /// No device is opened, and no prompt appears, before a command places or accepts a call, or
    /// [`open_devices`](Self::open_devices) is called.
    pub fn start(
        options: Options,
        commands: mpsc::UnboundedReceiver<Command>,
        observer: impl Observer,
    ) -> Self {
        let (mailbox, inputs) = driver::mailbox();
        Self {
            _driver: Task::spawn(driver::run(options, commands, observer, mailbox.clone(), inputs)),
            mailbox,
        }
    }

    /// Open the microphone, and the camera if it is wanted and can be had, for a call that comes right after this; without
    /// one, [`close_devices`](Self::close_devices) has to follow. For pages that do not call, or answer, without a microphone.
    ///
    /// Returns whether the camera is open.
    ///
    /// # Errors
    ///
    /// Why the microphone cannot be had.
    pub fn open_devices(&self, camera: bool) -> impl Future<Output = Result<bool, CaptureError>> + use<> {
        let (reply, opened) = oneshot::channel();
        self.mailbox.open_devices(camera, reply);
        // Dropped without an answer when the devices are closed before they are open.
        async { opened.await.unwrap_or(Err(CaptureError::Failed)) }
    }

    /// Close the devices, unless they are in use in a call.
    pub fn close_devices(&self) {
        self.mailbox.close_devices();
    }

    /// Say in this way who somebody is, whenever the socket is opened anew.
    pub fn renew(&self, identity: String) {
        self.mailbox.renew(identity);
    }
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
