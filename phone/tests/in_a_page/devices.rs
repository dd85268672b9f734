//! Microphone and camera: when they are asked for, what happens without them, and that they stop.

use call::handset::{CallTerms, Command, DevicesView, Stage};
use call::media::{CallType, CaptureError, DeviceKind, VideoQuality};
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
        group: None,
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
        terms: CallTerms::default(),
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
        group: None,
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
        terms: CallTerms::default(),
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
        group: None,
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
        terms: CallTerms::default(),
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
        group: None,
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
        terms: CallTerms::default(),
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
        group: None,
        callees: vec![bob.me.clone()],
        call_type: CallType::Video,
        terms: CallTerms::default(),
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

/// The devices of this kind that this phone's page offers, the one in use first.
///
/// Of Chrome's fake cameras the second one sees depth, not colors, and cannot be sent; the third can.
async fn offered(phone: &TestPhone, kind: DeviceKind) -> Vec<String> {
    phone
        .until("the names of the devices", |view| {
            view.menu.devices.iter().any(|device| device.kind == kind)
                && view.menu.chosen[kind as usize].is_some()
        })
        .await;
    let menu = phone.view().menu;
    let of_kind = menu.devices.into_iter().filter(|device| device.kind == kind);
    let mut ids: Vec<String> = of_kind.map(|device| device.id).collect();
    ids.sort_by_key(|id| Some(id) != menu.chosen[kind as usize].as_ref());
    ids
}

async fn choose(phone: &TestPhone, kind: DeviceKind, id: &str) {
    phone.ask(Command::ChooseDevice {
        kind,
        id: id.to_owned(),
    });
    phone
        .until("the chosen device", |view| {
            view.menu.chosen[kind as usize].as_deref() == Some(id)
        })
        .await;
}

#[wasm_bindgen_test]
async fn a_camera_is_exchanged_in_a_call() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let (seen, own) = (Screen::new("from-alice"), Screen::new("own"));
    bob.show(&alice, "from-alice");
    alice.show_own("own");
    call(&alice, &bob, CallType::Video).await;
    seen.until_moving().await;
    let cameras = offered(&alice, DeviceKind::Camera).await;
    assert_eq!(cameras.len(), 3);

    choose(&alice, DeviceKind::Camera, &cameras[2]).await;
    until("the former camera is out", || page.media.live() == 4).await;
    assert_eq!(page.media.opened(), 5);
    assert_eq!(page.media.devices_of("video").last(), Some(&cameras[2]));
    seen.until_moving().await;
    own.until_moving().await;

    // Off and on again, it is the chosen one, and in the next call as well.
    alice.ask(Command::SetCamera(false));
    until("the light of the camera is out", || page.media.live() == 3).await;
    alice.ask(Command::SetCamera(true));
    until("the camera is on", || page.media.live() == 4).await;
    assert_eq!(page.media.devices_of("video").last(), Some(&cameras[2]));
}

#[wasm_bindgen_test]
async fn a_choice_is_remembered() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    let microphones = offered(&alice, DeviceKind::Microphone).await;
    choose(&alice, DeviceKind::Microphone, &microphones[1]).await;
    hang_up(&alice, &bob).await;
    drop((alice, bob));

    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    assert_eq!(offered(&alice, DeviceKind::Microphone).await[0], microphones[1]);
}

#[wasm_bindgen_test]
async fn a_remembered_device_that_is_gone_does_not_keep_another_one_from_opening() {
    let page = Page::new();
    let storage = crate::page::window().local_storage().unwrap().unwrap();
    storage.set_item("yodel.camera", "nonsense").unwrap();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Video).await;
    until("every device is open", || page.media.live() == 4).await;
    assert_eq!(devices(&alice).camera_error, None);
}

#[wasm_bindgen_test]
async fn a_muted_microphone_is_exchanged_for_a_muted_one() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    let microphones = offered(&alice, DeviceKind::Microphone).await;
    alice.ask(Command::SetMicrophone(false));
    until("silence", || page.media.heard() == 1).await;
    choose(&alice, DeviceKind::Microphone, &microphones[1]).await;
    until("the former microphone is out", || page.media.live() == 2).await;
    assert_eq!(page.media.heard(), 1, "Alice is still muted");
    alice.ask(Command::SetMicrophone(true));
    until("Alice is heard", || page.media.heard() == 2).await;
}

#[wasm_bindgen_test]
async fn a_device_that_is_not_there_is_refused_and_the_call_goes_on() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Video).await;
    for kind in [DeviceKind::Microphone, DeviceKind::Camera] {
        let before = offered(&alice, kind).await;
        alice.ask(Command::ChooseDevice {
            kind,
            id: "nonsense".to_owned(),
        });
        alice
            .until("the refusal", |view| {
                view.menu.refused == Some((kind, CaptureError::Missing))
            })
            .await;
        assert_eq!(offered(&alice, kind).await, before);
    }
    assert_eq!(page.media.live(), 4);
    assert_eq!(page.media.opened(), 4, "the browser was not even asked");
}

#[wasm_bindgen_test]
async fn a_camera_that_another_program_holds_leaves_the_one_in_use() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let seen = Screen::new("from-alice");
    bob.show(&alice, "from-alice");
    call(&alice, &bob, CallType::Video).await;
    let cameras = offered(&alice, DeviceKind::Camera).await;
    page.media.behave(Behavior::Held(cameras[1].clone()));
    alice.ask(Command::ChooseDevice {
        kind: DeviceKind::Camera,
        id: cameras[1].clone(),
    });
    alice
        .until("the refusal", |view| {
            view.menu.refused == Some((DeviceKind::Camera, CaptureError::Busy))
        })
        .await;
    assert_eq!(offered(&alice, DeviceKind::Camera).await[0], cameras[0]);
    assert_eq!(page.media.live(), 4);
    seen.until_moving().await;
}

#[wasm_bindgen_test]
async fn another_microphone_stands_in_for_one_that_is_pulled_out() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    until("two microphones", || page.media.live() == 2).await;
    page.media.unplug("audio");
    until("two microphones again", || page.media.live() == 2).await;
    for phone in [&alice, &bob] {
        assert_eq!(devices(phone).microphone_error, None);
    }
}

#[wasm_bindgen_test]
async fn a_speaker_is_chosen() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    alice
        .until("the speakers", |view| {
            view.menu
                .devices
                .iter()
                .any(|device| device.kind == DeviceKind::Speaker)
        })
        .await;
    let menu = alice.view().menu;
    let speakers = menu
        .devices
        .iter()
        .filter(|device| device.kind == DeviceKind::Speaker);
    let last = speakers.max_by_key(|device| &device.id).unwrap();
    choose(&alice, DeviceKind::Speaker, &last.id).await;
    until("two voices", || voices() == 2).await;
}

/// What the camera is asked for. How much of it arrives is for the browser to decide, by the network and by how busy it is.
#[wasm_bindgen_test]
async fn the_quality_of_the_picture_is_that_of_the_next_call() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Video).await;
    assert_eq!(page.media.sizes(), [(640, 480); 2]);
    alice.ask(Command::SetVideoQuality(VideoQuality::named("720p").unwrap()));
    alice.ask(Command::SetCamera(false));
    until("the camera is off", || page.media.live() == 3).await;
    alice.ask(Command::SetCamera(true));
    until("the camera is on", || page.media.live() == 4).await;
    assert_eq!(page.media.sizes().last(), Some(&(640, 480)), "not in this call");
    hang_up(&alice, &bob).await;

    call(&alice, &bob, CallType::Video).await;
    until("the larger picture", || page.media.sizes().contains(&(1280, 720))).await;
}

#[wasm_bindgen_test]
async fn whoever_speaks_is_told() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    // The browser's fake microphones beep once a second.
    alice
        .until("Bob speaks", |view| view.speaking.others == [bob.me.id.clone()])
        .await;
    bob.ask(Command::SetMicrophone(false));
    alice
        .until("Bob is silent", |view| view.speaking.others.is_empty())
        .await;
    for _ in 0..200 {
        assert!(alice.view().speaking.others.is_empty());
        crate::page::turn().await;
    }
}
