//! The socket to the switchboard, and how it comes back.

use core::time::Duration;
use std::rc::Rc;

use call::agent;
use call::protocol::{ClientMsg, CloseReason, Event as ServerEvent, LoginRefusal, compact};
use call::time::Timestamp;
use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    BinaryType, CloseEvent, Event, EventTarget, MessageEvent, VisibilityState, WebSocket, console,
};

use crate::browser::{document, now, random_bits, window};
use crate::listener::Listener;
use crate::timer::Timer;

/// How long to wait before each try; the last one is for all that follow. The first try comes at once, because most
/// losses are a moment's.
const WAITS_MS: [u64; 6] = [0, 300, 1_200, 2_700, 4_800, 7_000];

/// A wait may be longer or shorter by up to a quarter, by lot: when a server comes back, not everybody calls at once.
const JITTER: u64 = 4;

/// The server says something every five seconds. If it does not for this long, the network is gone, whatever the browser
/// believes.
const SILENCE: Duration = Duration::from_millis(7_500);

/// How long a socket may take to open. Whoever answers after that has not got the question: browsers repeat it ever more
/// rarely, and would notice minutes later that there is a network again.
const OPEN_PATIENCE: Duration = Duration::from_secs(5);

/// A page that has stood still finds what came meanwhile in its queue. It has this long to look.
const QUEUE_PATIENCE: Duration = Duration::from_millis(250);

/// A socket that was good for this long has ended the tries before it.
const GOOD: Duration = Duration::from_secs(5);

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
    /// How many tries there were since a socket was last good for a while.
    tries: usize,
    /// When the present socket was opened, and when it last said something.
    opened_at: Timestamp,
    heard_at: Timestamp,
    /// Whether nothing has been heard for too long, and the queue is being looked into.
    doubts: bool,
    /// When it is to be seen whether the server is there.
    watch: Option<Timer>,
    /// When the server, about to stop, wants this phone back.
    come_back_in: Option<Duration>,
    kind_of_network: Option<String>,
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
    /// It is time to see whether the server has been heard.
    SilenceDue,
    /// The page is connected to a network again, which may be another one. The socket belongs to the old one, and it may
    /// take the browser minutes to notice.
    NetworkBack,
    /// Something about the network has changed: perhaps its kind, perhaps only what the browser guesses of its speed.
    NetworkChanged,
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
            opened_at: Timestamp::ZERO,
            heard_at: Timestamp::ZERO,
            doubts: false,
            watch: None,
            come_back_in: None,
            kind_of_network: kind_of_network(),
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
            Report::SilenceDue => self.doubt(),
            // Another kind is another network.
            Report::NetworkChanged => {
                let kind = kind_of_network();
                let before = core::mem::replace(&mut self.kind_of_network, kind);
                if before == self.kind_of_network {
                    None
                } else {
                    self.handle(Report::NetworkBack)
                }
            }
            Report::NetworkBack => match self.line {
                Line::Stopped => None,
                Line::Connecting(_) | Line::Waiting(_) => {
                    self.connect();
                    None
                }
                Line::Connected(_) => Some(self.replace()),
            },
        }
    }

    fn handle_socket(&mut self, report: SocketReport) -> Option<agent::Input> {
        match (report, core::mem::replace(&mut self.line, Line::Stopped)) {
            (SocketReport::Opened, Line::Connecting(socket)) => {
                self.line = Line::Connected(socket);
                self.opened_at = now();
                self.hear();
                // A network may be cut before the server has said for the first time that it is there.
                self.watch_in(SILENCE);
                Some(agent::Input::SocketOpened)
            }
            (SocketReport::Bytes(bytes), Line::Connected(socket)) => match compact::decode(&bytes) {
                Ok(event) => {
                    self.line = Line::Connected(socket);
                    self.hear();
                    match event {
                        ServerEvent::Alive => None,
                        ServerEvent::Restarting { come_back_in_ms } => {
                            self.come_back_in = Some(Duration::from_millis(come_back_in_ms.into()));
                            None
                        }
                        event => Some(agent::Input::Received(event)),
                    }
                }
                Err(_) => Some(self.give_up_on_malformed()),
            },
            (SocketReport::Unreadable, Line::Connected(_)) => Some(self.give_up_on_malformed()),
            // What has expired is what the socket was opened with.
            (SocketReport::Closed(EXPIRED), Line::Connected(_)) if self.renewed => Some(self.replace()),
            (SocketReport::Closed(code), line @ (Line::Connecting(_) | Line::Connected(_))) => {
                if let Line::Connected(_) = line {
                    self.end_tries();
                }
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

    /// The server has said something.
    fn hear(&mut self) {
        self.heard_at = now();
        self.doubts = false;
    }

    /// After some time it is seen whether the server is there.
    fn watch_in(&mut self, time: Duration) {
        let report = self.report.clone();
        self.watch = Some(Timer::new(time, move || report(Report::SilenceDue)));
    }

    fn doubt(&mut self) -> Option<agent::Input> {
        let left = SILENCE.saturating_sub(now().since(self.heard_at));
        match self.line {
            Line::Waiting(_) | Line::Stopped => None,
            Line::Connecting(_) => {
                self.connect();
                None
            }
            Line::Connected(_) if !left.is_zero() => {
                self.watch_in(left);
                None
            }
            Line::Connected(_) if !core::mem::replace(&mut self.doubts, true) => {
                self.watch_in(QUEUE_PATIENCE);
                None
            }
            Line::Connected(_) => Some(self.replace()),
        }
    }

    /// The socket leads nowhere, whatever the browser believes: another one at once.
    fn replace(&mut self) -> agent::Input {
        self.end_tries();
        self.connect();
        agent::Input::SocketLost { code: ABNORMAL }
    }

    fn connect(&mut self) {
        self.watch_in(OPEN_PATIENCE);
        self.tries = self.tries.saturating_add(1);
        self.socket = self.socket.wrapping_add(1);
        self.renewed = false;
        self.line = match Socket::open(&self.url, self.identity.as_deref(), self.socket, &self.report) {
            Ok(socket) => Line::Connecting(socket),
            Err(_) => self.wait(),
        };
    }

    fn wait(&mut self) -> Line {
        let report = self.report.clone();
        let wait = self.come_back_in.take();
        let wait = wait.unwrap_or_else(|| wait_before(self.tries, random_bits()));
        Line::Waiting(Timer::new(wait, move || report(Report::TryNow)))
    }

    /// A socket is over that was open.
    fn end_tries(&mut self) {
        if now().since(self.opened_at) > GOOD {
            self.tries = 0;
        }
    }
}

/// How long to wait after so many tries. `dice` are any bits.
fn wait_before(tries: usize, dice: u64) -> Duration {
    let wait = WAITS_MS
        .get(tries)
        .or(WAITS_MS.last())
        .copied()
        .unwrap_or_default();
    let most = wait / JITTER;
    Duration::from_millis(wait - most + dice % (2 * most + 1))
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
        // Where there is none, nothing is heard of it.
        hear(network().unchecked_ref(), "change", || {
            Some(Report::NetworkChanged)
        }),
    ];
    if let Some(document) = document() {
        listeners.push(hear(document.unchecked_ref(), "visibilitychange", || {
            is_page_shown().then_some(Report::TryNow)
        }));
    }
    listeners
}

/// What the browser tells of the network, if anything (Network Information API).
fn network() -> JsValue {
    Reflect::get(&window().navigator(), &JsValue::from_str("connection")).unwrap_or_default()
}

/// Of what kind the network is, where the browser tells that: on Android above all.
fn kind_of_network() -> Option<String> {
    Reflect::get(&network(), &JsValue::from_str("type"))
        .ok()?
        .as_string()
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
        let shortest = |tries| wait_before(tries, 0).as_millis();
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 6, 1000].map(shortest),
            [0, 225, 900, 2025, 3600, 5250, 5250, 5250]
        );
        assert_eq!(wait_before(0, 999).as_millis(), 0, "the first try comes at once");
        assert_eq!(wait_before(1, 150).as_millis(), 375);
        assert_eq!(wait_before(5, 1750).as_millis(), 7000);
    }
}
