//! The socket, and how it comes back.

use call::handset::{Command, Connection, Stage};
use call::media::CallType;
use call::protocol::{self, compact};
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;

use crate::page::{Page, Screen, call, throughout, until, window};

#[wasm_bindgen_test]
async fn a_lost_socket_comes_back_and_the_pictures_never_stop() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let screen = Screen::new("from-bob");
    alice.show(&bob, "from-bob");
    call(&alice, &bob, CallType::Video).await;
    screen.until_moving().await;
    let stream = screen.0.src_object();

    page.exchange.cut("alice");
    until("another socket", || page.exchange.sockets_opened() == 3).await;
    alice
        .until("online again", |view| view.connection == Connection::Online)
        .await;
    screen.until_moving().await;
    assert_eq!(screen.0.src_object(), stream, "it is still the same link");
    assert!(matches!(alice.view().stage, Stage::InCall(_)));
}

/// The browser says nothing of a network that is gone; only the server's silence does.
#[wasm_bindgen_test]
async fn a_server_that_has_fallen_silent_is_connected_to_anew() {
    let page = Page::new();
    let alice = page.phone("alice").await;
    page.exchange
        .say("alice", &compact::encode(&protocol::Event::Alive));
    until("another socket", || page.exchange.sockets_opened() == 2).await;
    alice
        .until("online again", |view| view.connection == Connection::Online)
        .await;
}

#[wasm_bindgen_test]
async fn a_message_that_is_not_one_costs_the_socket_and_no_more() {
    let page = Page::new();
    let alice = page.phone("alice").await;
    page.exchange.say("alice", b"nonsense");
    until("another socket", || page.exchange.sockets_opened() == 2).await;
    alice
        .until("online again", |view| view.connection == Connection::Online)
        .await;
}

#[wasm_bindgen_test]
async fn a_phone_that_signs_out_opens_no_other_socket() {
    let page = Page::new();
    let alice = page.phone("alice").await;
    alice.ask(Command::SignOut);
    alice
        .until("signed out", |view| view.connection == Connection::SignedOut)
        .await;
    window().dispatch_event(&Event::new("online").unwrap()).unwrap();
    let bob = page.phone("bob").await;
    assert_eq!(
        page.exchange.sockets_opened(),
        2,
        "Alice's first and Bob's: {:?}",
        bob.view().connection
    );
}

#[wasm_bindgen_test]
async fn a_new_network_gets_a_new_socket_at_once() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    window().dispatch_event(&Event::new("online").unwrap()).unwrap();
    until("a socket each", || page.exchange.sockets_opened() == 4).await;
    for phone in [&alice, &bob] {
        phone
            .until("online", |view| view.connection == Connection::Online)
            .await;
        assert!(matches!(phone.view().stage, Stage::InCall(_)));
    }
}

/// What a phone tells that leaves a wireless network: the browser may never have been offline.
#[wasm_bindgen_test]
async fn a_network_of_another_kind_gets_a_new_socket_and_another_speed_of_the_same_does_not() {
    let page = Page::new();
    let network = Function::new_with_args(
        "kind",
        "Object.defineProperty(navigator.connection, 'type', { value: kind, configurable: true });
        navigator.connection.dispatchEvent(new Event('change'));",
    );
    let change_to = |kind: &str| {
        network.call1(&JsValue::NULL, &kind.into()).unwrap();
    };
    change_to("wifi");
    let alice = page.phone("alice").await;
    change_to("wifi");
    change_to("cellular");
    until("another socket", || page.exchange.sockets_opened() == 2).await;
    alice
        .until("online again", |view| view.connection == Connection::Online)
        .await;
    assert_eq!(page.exchange.sockets_opened(), 2);
}

/// Each time it was asked again at once, because it had said something.
#[wasm_bindgen_test]
async fn a_server_that_closes_every_socket_after_its_welcome_is_asked_ever_more_rarely() {
    let page = Page::new();
    let alice = page.phone("alice").await;
    for opened in 2..=4 {
        page.exchange.cut("alice");
        until("another socket", || page.exchange.sockets_opened() == opened).await;
        alice
            .until("online again", |view| view.connection == Connection::Online)
            .await;
    }
    page.exchange.cut("alice");
    // The wait after that: 4.8 seconds, or up to a quarter less.
    let opened = || page.exchange.sockets_opened();
    assert!(throughout(3_400.0, || opened() == 4).await);
    until("another socket", || opened() == 5).await;
}

#[wasm_bindgen_test]
async fn a_socket_that_is_closed_for_good_stays_closed() {
    let page = Page::new();
    for (code, connection) in [(4401, Connection::SignedOut), (4409, Connection::Stopped)] {
        let alice = page.phone("alice").await;
        let opened = page.exchange.sockets_opened();
        page.exchange.close("alice", code);
        alice
            .until("the end of the line", |view| view.connection == connection)
            .await;
        window().dispatch_event(&Event::new("pageshow").unwrap()).unwrap();
        let _bob = page.phone("bob").await;
        assert_eq!(
            page.exchange.sockets_opened(),
            opened + 1,
            "Bob's is the only new one"
        );
    }
}
