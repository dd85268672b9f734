//! The socket, and how it comes back.

use call::handset::{Command, Connection, Stage};
use call::media::CallType;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;

use crate::page::{Page, Screen, call, until, window};

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
