//! Microphone and camera: when they are asked for, what happens without them, and that they stop.

use call::handset::{Command, DevicesView, Stage};
use call::media::{CallType, CaptureError};
use call::toggle::Toggle;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Behavior, Page, Screen, TestPhone, call, hang_up, until, voices};

/// What this phone's page shows of its devices.
fn devices(phone: &TestPhone) -> DevicesView {
    match phone.view().stage {
        Stage::Calling(calling) => calling.devices,
        Stage::InCall(call) => call.devices,
        Stage::Idle | Stage::Ringing(_) => panic!("{} is in no call", phone.me.id),
    }
}

/// Whether the microphone is open, and the camera is not, for this reason.
fn has_microphone_alone(phone: &TestPhone, error: CaptureError) -> bool {
    let devices = devices(phone);
    (devices.microphone, devices.microphone_error) == (Toggle::Stable(true), None)
        && (devices.camera, devices.camera_error) == (Toggle::Stable(false), Some(error))
}

#[wasm_bindgen_test]
async fn a_ring_opens_no_device_on_the_side_that_rings() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    alice.ask(Command::Call {
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
    });
    bob.until("the call", |view| matches!(view.stage, Stage::Ringing(_)))
        .await;
    until("Alice's devices", || page.media.opened() == 2).await;
    bob.ask(Command::Reject);
    alice
        .until("the refusal", |view| matches!(view.stage, Stage::Idle))
        .await;
    assert_eq!(
        page.media.asked().len(),
        1,
        "Alice's phone asked, and Bob's did not"
    );
    assert_eq!(page.media.live(), 0);
}

#[wasm_bindgen_test]
async fn a_camera_goes_off_and_on_without_a_new_negotiation() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let screen = Screen::new("from-alice");
    bob.show(&alice, "from-alice");
    call(&alice, &bob, CallType::Video).await;
    screen.until_moving().await;

    let camera_of_alice = |on: bool| {
        let bob = &bob;
        async move {
            bob.until("Alice's camera", |view| match &view.stage {
                Stage::InCall(call) => call.peers.iter().all(|peer| peer.media.camera == on),
                _ => false,
            })
            .await;
        }
    };
    alice.ask(Command::SetCamera(false));
    camera_of_alice(false).await;
    until("the light of the camera is out", || page.media.live() == 3).await;
    alice.ask(Command::SetCamera(true));
    camera_of_alice(true).await;
    screen.until_moving().await;
}

#[wasm_bindgen_test]
async fn a_camera_that_cannot_be_had_does_not_take_the_microphone_with_it() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    for (name, error) in [
        ("NotFoundError", CaptureError::Missing),
        ("NotReadableError", CaptureError::Busy),
    ] {
        page.media.behave(Behavior::NoCamera(name));
        call(&alice, &bob, CallType::Video).await;
        for phone in [&alice, &bob] {
            until("the microphone alone", || has_microphone_alone(phone, error)).await;
        }
        until("two voices", || voices() == 2).await;
        hang_up(&alice, &bob).await;
    }
}

#[wasm_bindgen_test]
async fn an_unplugged_camera_is_told() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Video).await;
    until("every device is open", || page.media.live() == 4).await;
    page.media.unplug("video");
    alice
        .until("the camera is gone", |view| match &view.stage {
            Stage::InCall(call) => call.devices.camera == Toggle::Stable(false),
            _ => false,
        })
        .await;
    assert!(devices(&alice).camera_error.is_some());
}

#[wasm_bindgen_test]
async fn devices_that_open_after_the_call_stop_at_once() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    page.media.behave(Behavior::Prompt);
    alice.ask(Command::Call {
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
    });
    until("the prompt", || page.media.prompts()).await;
    alice.ask(Command::Hangup);
    alice
        .until("the end", |view| matches!(view.stage, Stage::Idle))
        .await;
    page.media.answer_prompt();
    until("the devices opened and stopped", || {
        page.media.opened() == 2 && page.media.live() == 0
    })
    .await;
}

#[wasm_bindgen_test]
async fn devices_that_open_after_the_phone_was_switched_off_stop_at_once() {
    let page = Page::new();
    let (mut alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    page.media.behave(Behavior::Prompt);
    alice.ask(Command::Call {
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
    });
    until("the prompt", || page.media.prompts()).await;
    alice.switch_off();
    page.media.answer_prompt();
    until("the devices opened and stopped", || {
        page.media.opened() == 2 && page.media.live() == 0
    })
    .await;
}

#[wasm_bindgen_test]
async fn whoever_refuses_is_asked_once_and_still_sees_and_hears() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    page.media.behave(Behavior::Permissions {
        microphone: "denied",
        camera: "denied",
    });
    alice.ask(Command::Call {
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
    });
    bob.until("the call", |view| matches!(view.stage, Stage::Ringing(_)))
        .await;
    until("the refusal", || {
        devices(&alice).camera_error == Some(CaptureError::Refused)
    })
    .await;
    assert_eq!(devices(&alice).microphone_error, Some(CaptureError::Refused));
    assert_eq!(page.media.asked(), [["audio", "video"]]);

    page.media.behave(Behavior::Open);
    bob.ask(Command::Accept { camera: true });
    let screen = Screen::new("from-bob");
    alice.show(&bob, "from-bob");
    screen.until_moving().await;
    until("a voice", || voices() > 0).await;
}

#[wasm_bindgen_test]
async fn whoever_puts_the_prompt_away_does_not_get_another_one() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    page.media.behave(Behavior::Permissions {
        microphone: "prompt",
        camera: "prompt",
    });
    alice.ask(Command::Call {
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
    });
    alice
        .until("the call", |view| matches!(view.stage, Stage::Calling(_)))
        .await;
    until("the refusal", || devices(&alice).camera_error.is_some()).await;
    assert_eq!(page.media.asked(), [["audio", "video"]]);
}

#[wasm_bindgen_test]
async fn a_forbidden_camera_does_not_take_the_microphone_with_it() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    page.media.behave(Behavior::Permissions {
        microphone: "granted",
        camera: "denied",
    });
    call(&alice, &bob, CallType::Video).await;
    for phone in [&alice, &bob] {
        until("the microphone alone", || {
            has_microphone_alone(phone, CaptureError::Refused)
        })
        .await;
    }
    until("two voices", || voices() == 2).await;
}
