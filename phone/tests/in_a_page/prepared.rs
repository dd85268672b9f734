//! Devices that are opened before a call is placed: for pages that do not call without a microphone.

use call::handset::{Command, Stage};
use call::media::{CallType, CaptureError};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Behavior, Page, call, hang_up, until, voices};

#[wasm_bindgen_test]
async fn a_call_takes_the_devices_that_are_open_already() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    assert_eq!(alice.phone().open_devices(true).await, Ok(true));
    assert_eq!(page.media.live(), 2);
    assert!(matches!(alice.view().stage, Stage::Idle), "nobody rings yet");
    call(&alice, &bob, CallType::Video).await;
    until("two voices", || voices() == 2).await;
    assert_eq!(page.media.asked().len(), 2, "one prompt for each of them");
    alice.phone().close_devices();
    assert_eq!(page.media.live(), 4, "what is in use stays open");
    hang_up(&alice, &bob).await;
    until("every light is out", || page.media.live() == 0).await;
}

#[wasm_bindgen_test]
async fn a_microphone_that_cannot_be_had_is_known_before_anybody_rings() {
    let page = Page::new();
    let alice = page.phone("alice").await;
    page.media.behave(Behavior::Permissions {
        microphone: "denied",
        camera: "denied",
    });
    assert_eq!(alice.phone().open_devices(true).await, Err(CaptureError::Refused));
    assert!(matches!(alice.view().stage, Stage::Idle));
    page.media.behave(Behavior::Open);
    assert_eq!(alice.phone().open_devices(false).await, Ok(false), "the next try");
}

#[wasm_bindgen_test]
async fn without_a_camera_there_is_a_microphone_all_the_same() {
    let page = Page::new();
    let alice = page.phone("alice").await;
    page.media.behave(Behavior::NoCamera("NotFoundError"));
    assert_eq!(alice.phone().open_devices(true).await, Ok(false));
    assert_eq!(page.media.live(), 1);
}

#[wasm_bindgen_test]
async fn devices_that_no_call_follows_are_closed() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    assert_eq!(alice.phone().open_devices(true).await, Ok(true));
    bob.ask(Command::Call {
        callees: vec![alice.me.clone()],
        group: None,
        call_type: CallType::Audio,
        terms: Default::default(),
    });
    alice
        .until("the call", |view| matches!(view.stage, Stage::Ringing(_)))
        .await;
    alice.phone().close_devices();
    until("Bob's microphone alone", || page.media.live() == 1).await;
}
