//! Connections that break, and come back.

use call::handset::{LinkState, Stage};
use call::media::CallType;
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{RtcPeerConnection, RtcPeerConnectionState};

use crate::page::{Behavior, Page, Screen, TestPhone, call, hang_up, throughout, until, window};

/// Notes every `RTCPeerConnection` that the page opens, until it is dropped.
struct Connections {
    opened: Array,
    before: JsValue,
}

impl Connections {
    fn noted() -> Self {
        let opened = Array::new();
        let before = Reflect::get(&window(), &"RTCPeerConnection".into()).unwrap();
        let class = Function::new_with_args(
            "opened, before",
            "return class extends before {
                constructor(...how) { super(...how); opened.push(this); }
            }",
        )
        .call2(&JsValue::NULL, &opened, &before)
        .unwrap();
        Reflect::set(&window(), &"RTCPeerConnection".into(), &class).unwrap();
        Self { opened, before }
    }

    fn nth(&self, n: u32) -> RtcPeerConnection {
        self.opened.get(n).unchecked_into()
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        Reflect::set(&window(), &"RTCPeerConnection".into(), &self.before).unwrap();
    }
}

/// Lets a connection look as if it had been interrupted for a moment.
fn interrupt(connection: &RtcPeerConnection) {
    Function::new_with_args(
        "connection",
        "for (const value of ['disconnected', 'connected']) {
            Object.defineProperty(connection, 'connectionState', { value, configurable: true });
            connection.dispatchEvent(new Event('connectionstatechange'));
        }
        delete connection.connectionState;",
    )
    .call1(&JsValue::NULL, connection)
    .unwrap();
}

/// How many pictures that need none before them a connection has sent (W3C WebRTC statistics, `keyFramesEncoded`).
async fn whole_pictures(connection: &RtcPeerConnection) -> f64 {
    let stats = JsFuture::from(connection.get_stats()).await.unwrap();
    Array::from(&stats)
        .iter()
        .filter_map(|entry| {
            let report = entry.unchecked_into::<Array>().get(1);
            Reflect::get(&report, &"keyFramesEncoded".into())
                .unwrap()
                .as_f64()
        })
        .sum()
}

fn is_linked_as(phone: &TestPhone, is_so: fn(LinkState) -> bool) -> bool {
    match phone.view().stage {
        Stage::InCall(call) => call.peers.iter().all(|peer| is_so(peer.link)),
        Stage::Idle | Stage::Calling(_) | Stage::Ringing(_) => false,
    }
}

/// A connection that is closed underneath reports nothing, and no restart of ICE brings it back.
#[wasm_bindgen_test]
async fn in_place_of_a_connection_that_is_dead_both_open_a_fresh_one() {
    let page = Page::new();
    let connections = Connections::noted();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let screens = [Screen::new("from-bob"), Screen::new("from-alice")];
    alice.show(&bob, "from-bob");
    bob.show(&alice, "from-alice");
    call(&alice, &bob, CallType::Video).await;
    for screen in &screens {
        screen.until_moving().await;
    }
    assert_eq!(connections.opened.length(), 2);

    connections.nth(0).close();
    for phone in [&alice, &bob] {
        phone
            .until_at_last("that nothing arrives", |_| {
                is_linked_as(phone, |link| matches!(link, LinkState::Interrupted(_)))
            })
            .await;
    }
    for phone in [&alice, &bob] {
        phone
            .until_at_last("the fresh connection", |_| {
                is_linked_as(phone, |link| link == LinkState::Connected)
            })
            .await;
    }
    for screen in &screens {
        screen.until_moving().await;
    }
    assert_eq!(connections.opened.length(), 4);
    for (n, state) in [
        (1, RtcPeerConnectionState::Closed),
        (2, RtcPeerConnectionState::Connected),
        (3, RtcPeerConnectionState::Connected),
    ] {
        assert_eq!(connections.nth(n).connection_state(), state);
    }
    hang_up(&alice, &bob).await;
}

/// What was lost meanwhile is not asked for again and again before a picture can be shown.
#[wasm_bindgen_test]
async fn whoever_was_interrupted_sends_a_whole_picture_next() {
    let page = Page::new();
    let connections = Connections::noted();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let screen = Screen::new("from-alice");
    bob.show(&alice, "from-alice");
    call(&alice, &bob, CallType::Video).await;
    screen.until_moving().await;

    let of_alice = connections.nth(0);
    // A call begins with some, until its size fits the network. After that, it sends one in minutes unless it is asked.
    let mut before = 0.0;
    while before != whole_pictures(&of_alice).await {
        before = whole_pictures(&of_alice).await;
        throughout(1_000.0, || true).await;
    }
    interrupt(&of_alice);
    let shown = screen.frames();
    until("a few pictures more", || screen.frames() > shown + 10).await;
    assert!(whole_pictures(&of_alice).await > before);
    hang_up(&alice, &bob).await;
}

/// Browsers check every now and then whether the other one is there, and that counts as well as sound does.
#[wasm_bindgen_test]
async fn a_connection_over_which_nobody_sends_anything_stays_connected() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    page.media.behave(Behavior::Permissions {
        microphone: "denied",
        camera: "denied",
    });
    page.media.unplug("audio");
    for phone in [&alice, &bob] {
        phone
            .until("that there is no microphone", |view| match &view.stage {
                Stage::InCall(call) => !call.devices.microphone.intent(),
                Stage::Idle | Stage::Calling(_) | Stage::Ringing(_) => false,
            })
            .await;
    }
    let connected = || {
        [&alice, &bob]
            .into_iter()
            .all(|phone| is_linked_as(phone, |link| link == LinkState::Connected))
    };
    // Longer than may pass without a sign of life.
    assert!(throughout(12_000.0, connected).await);
    hang_up(&alice, &bob).await;
}
