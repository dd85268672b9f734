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

use call::handset::{CallView, Command};
use call::protocol::Login;
use futures::channel::mpsc;

use crate::browser::window;
use crate::task::Task;

/// A phone that is switched on.
///
/// Dropping it hangs up nothing (the switchboard gives a lost phone some time to come back) but lets go of everything:
/// socket, devices, connections, pictures and tones.
#[must_use = "a phone is switched off when it is dropped"]
pub struct Phone {
    _driver: Task,
}

/// Where a phone finds its switchboard.
#[derive(Clone, Debug)]
pub struct Options {
    /// The WebSocket URL of the switchboard.
    pub signaling_url: String,
    /// Whether the person's other devices may stay.
    pub login: Login,
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
            login: Login::Shared,
        }
    }
}

impl Phone {
    /// Switch a phone on. It does what `commands` ask for, those that were sent before included, and calls `on_view`
    /// whenever what the page shows should look different.
    ///
    /// No device is opened, and no prompt appears, before a command places or accepts a call.
    pub fn start(
        options: Options,
        commands: mpsc::UnboundedReceiver<Command>,
        on_view: impl Fn(CallView) + 'static,
    ) -> Self {
        Self {
            _driver: Task::spawn(driver::run(options, commands, on_view)),
        }
    }
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
