//! The socket to the switchboard, and how it comes back.

use core::time::Duration;
use std::rc::Rc;

use call::agent;
use call::protocol::{ClientMsg, CloseReason, LoginRefusal, compact};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    BinaryType, CloseEvent, Event, EventTarget, MessageEvent, VisibilityState, WebSocket, console,
};

use crate::browser::{document, random_bits, window};
use crate::listener::Listener;
use crate::timer::Timer;

/// How long to wait before each try; the last one is for all that follow. The first try comes at once, because most
/// losses are a moment's.
const WAITS_MS: [u64; 6] = [0, 300, 1_200, 2_700, 4_800, 7_000];

/// Up to this much is added to every wait but the first, by lot: when a server comes back, not everybody calls at once.
const JITTER_MS: u64 = 1_000;

/// The close code for "there was none" (RFC 6455, section 7.4.1).
const ABNORMAL: u16 = 1006;

/// The close code for "what you have logged in with is good no longer".
const EXPIRED: u16 = LoginRefusal::Expired.code();

/// Keeps a socket open for as long as the server wants this phone to have one.
///
/// ```text
///              opened                  lost
/// Connecting ─────────▶ Connected ───────────────▶ Waiting
///     ▲  │                 │ closed for good          │
///     │  └─────────────────┼──▶ Stopped               │
///     └────────────────────┴──────────────────────────┘ the wait is over, or the page has come back to life
/// ```
pub(crate) struct Signaling {
    url: String,
    /// The subprotocol that says who somebody is.
    identity: Option<String>,
    /// Whether that was renewed after the present socket had been opened.
    renewed: bool,
    line: Line,
    /// The number of the newest socket. What older ones have said is of the past.
    socket: u32,
    /// How many tries there were since a server last spoke.
    tries: usize,
    report: Rc<dyn Fn(Report)>,
    _page: Vec<Listener>,
}

enum Line {
    Connecting(Socket),
    Connected(Socket),
    Waiting(#[expect(dead_code, reason = "the timer ends when it is dropped")] Timer),
    Stopped,
}

/// Something happened. To be passed to [`Signaling::handle`].
pub(crate) enum Report {
    /// On the socket with this number.
    Socket(u32, SocketReport),
    /// The wait for the next try is over, or the page has come back to life: it is shown again, or was taken out of the
    /// browser's cache.
    TryNow,
    /// The page is connected to a network again, which may be another one. The socket belongs to the old one, and it may
    /// take the browser minutes to notice.
    NetworkBack,
}

/// What a socket may say.
pub(crate) enum SocketReport {
    /// It is open.
    Opened,
    /// A binary frame has arrived.
    Bytes(Vec<u8>),
    /// Some other frame has arrived.
    Unreadable,
    /// It is closed.
    Closed(u16),
}

impl Signaling {
    /// Connect to this URL. `report` is told when something happens.
    pub(crate) fn new(url: String, identity: Option<String>, report: impl Fn(Report) + 'static) -> Self {
        let report: Rc<dyn Fn(Report)> = Rc::new(report);
        let page = page_listeners(&report);
        let mut signaling = Self {
            url,
            identity,
            renewed: false,
            line: Line::Stopped,
            socket: 0,
            tries: 0,
            report,
            _page: page,
        };
        signaling.connect();
        signaling
    }

    /// Say in this way who somebody is, from the next socket on.
    pub(crate) fn renew(&mut self, identity: String) {
        self.identity = Some(identity);
        self.renewed = true;
    }

    /// Send this, if the socket is open.
    pub(crate) fn send(&self, msg: &ClientMsg) {
        if let Line::Connected(socket) = &self.line {
            // Throws only while the socket connects.
            let _ = socket.raw.send_with_u8_array(&compact::encode(msg));
        }
    }

    /// Close the socket and open no other one.
    pub(crate) fn stop(&mut self) {
        self.line = Line::Stopped;
    }

    /// Take note of what happened. Returns what the agent should know of it.
    pub(crate) fn handle(&mut self, report: Report) -> Option<agent::Input> {
        match report {
            Report::Socket(number, report) if number == self.socket => self.handle_socket(report),
            Report::Socket(..) => None,
            Report::TryNow => {
                if let Line::Waiting(_) = self.line {
                    self.connect();
                }
                None
            }
            Report::NetworkBack => match self.line {
                Line::Stopped => None,
                Line::Connecting(_) | Line::Waiting(_) => {
                    self.connect();
                    None
                }
                Line::Connected(_) => {
                    self.connect();
                    Some(agent::Input::SocketLost { code: ABNORMAL })
                }
            },
        }
    }

    fn handle_socket(&mut self, report: SocketReport) -> Option<agent::Input> {
        match (report, core::mem::replace(&mut self.line, Line::Stopped)) {
            (SocketReport::Opened, Line::Connecting(socket)) => {
                self.line = Line::Connected(socket);
                Some(agent::Input::SocketOpened)
            }
            (SocketReport::Bytes(bytes), Line::Connected(socket)) => match compact::decode(&bytes) {
                Ok(event) => {
                    self.line = Line::Connected(socket);
                    self.tries = 0;
                    Some(agent::Input::Received(event))
                }
                Err(_) => Some(self.give_up_on_malformed()),
            },
            (SocketReport::Unreadable, Line::Connected(_)) => Some(self.give_up_on_malformed()),
            // What has expired is what the socket was opened with.
            (SocketReport::Closed(EXPIRED), Line::Connected(_)) if self.renewed => {
                self.connect();
                Some(agent::Input::SocketLost { code: ABNORMAL })
            }
            (SocketReport::Closed(code), Line::Connecting(_) | Line::Connected(_)) => {
                self.line = if CloseReason::may_reconnect(code) {
                    self.wait()
                } else {
                    Line::Stopped
                };
                Some(agent::Input::SocketLost { code })
            }
            // A socket opens once, speaks only while it is open, and after its end nothing is heard of it.
            (_, line) => {
                self.line = line;
                None
            }
        }
    }

    /// A server that speaks another language may speak this one after a restart, so it is tried again.
    fn give_up_on_malformed(&mut self) -> agent::Input {
        console::warn_1(&JsValue::from_str(
            "the server sent a message that this page does not understand",
        ));
        self.line = self.wait();
        agent::Input::SocketLost {
            code: CloseReason::Malformed.code(),
        }
    }

    fn connect(&mut self) {
        self.tries = self.tries.saturating_add(1);
        self.socket = self.socket.wrapping_add(1);
        self.renewed = false;
        self.line = match Socket::open(&self.url, self.identity.as_deref(), self.socket, &self.report) {
            Ok(socket) => Line::Connecting(socket),
            Err(_) => self.wait(),
        };
    }

    fn wait(&self) -> Line {
        let report = self.report.clone();
        Line::Waiting(Timer::new(wait_before(self.tries, random_bits()), move || {
            report(Report::TryNow)
        }))
    }
}

/// How long to wait after so many tries. `dice` are any bits.
fn wait_before(tries: usize, dice: u64) -> Duration {
    let wait = WAITS_MS
        .get(tries)
        .or(WAITS_MS.last())
        .copied()
        .unwrap_or_default();
    let jitter = if wait == 0 { 0 } else { dice % JITTER_MS };
    Duration::from_millis(wait + jitter)
}

/// A WebSocket that is closed when dropped, and not heard of any more.
struct Socket {
    raw: WebSocket,
    _listeners: [Listener; 3],
}

impl Socket {
    fn open(
        url: &str,
        identity: Option<&str>,
        number: u32,
        report: &Rc<dyn Fn(Report)>,
    ) -> Result<Self, JsValue> {
        let protocols = [Some(compact::SUBPROTOCOL), identity].into_iter().flatten();
        let protocols: Array = protocols.map(JsValue::from_str).collect();
        let raw = WebSocket::new_with_str_sequence(url, &protocols)?;
        raw.set_binary_type(BinaryType::Arraybuffer);
        let tell = {
            let report = report.clone();
            move |what| report(Report::Socket(number, what))
        };
        let opened = {
            let tell = tell.clone();
            Listener::new(&raw, "open", move |_: Event| tell(SocketReport::Opened))
        };
        let message = {
            let tell = tell.clone();
            Listener::new(&raw, "message", move |event: MessageEvent| {
                tell(match event.data().dyn_into::<ArrayBuffer>() {
                    Ok(buffer) => SocketReport::Bytes(Uint8Array::new(&buffer).to_vec()),
                    Err(_) => SocketReport::Unreadable,
                });
            })
        };
        let closed = Listener::new(&raw, "close", move |event: CloseEvent| {
            tell(SocketReport::Closed(event.code()))
        });
        Ok(Self {
            raw,
            _listeners: [opened, message, closed],
        })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Throws only for a close code, and none is given.
        let _ = self.raw.close();
    }
}

fn page_listeners(report: &Rc<dyn Fn(Report)>) -> Vec<Listener> {
    let window = window();
    let hear = |target: &EventTarget, event: &'static str, what: fn() -> Option<Report>| {
        let report = report.clone();
        Listener::new(target, event, move |_: Event| {
            if let Some(what) = what() {
                report(what);
            }
        })
    };
    let mut listeners = vec![
        hear(&window, "online", || Some(Report::NetworkBack)),
        hear(&window, "pageshow", || Some(Report::TryNow)),
    ];
    if let Some(document) = document() {
        listeners.push(hear(document.unchecked_ref(), "visibilitychange", || {
            is_page_shown().then_some(Report::TryNow)
        }));
    }
    listeners
}

fn is_page_shown() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::wait_before;

    #[wasm_bindgen_test]
    fn waits_grow_to_seven_seconds_and_are_spread_by_lot() {
        let without_luck = |tries| wait_before(tries, 0).as_millis();
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 6, 1000].map(without_luck),
            [0, 300, 1200, 2700, 4800, 7000, 7000, 7000]
        );
        assert_eq!(wait_before(0, 999).as_millis(), 0, "the first try comes at once");
        assert_eq!(wait_before(5, 999).as_millis(), 7999);
    }
}
