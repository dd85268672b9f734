//! Tones and voices, and browsers that hold them back.

use call::handset::{CallTerms, Command, Sound, Stage};
use call::media::CallType;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;

use crate::page::{HeldBackSound, Page, call, hang_up, until, voices, window};

#[wasm_bindgen_test]
async fn a_ringtone_that_is_held_back_is_told_and_plays_at_the_first_touch() {
    let sound = HeldBackSound::new();
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    alice.ask(Command::Call {
        group: None,
        callees: vec![bob.me.clone()],
        call_type: CallType::Audio,
        terms: CallTerms::default(),
    });
    bob.until("sound is blocked", |view| view.sound == Sound::Blocked)
        .await;

    sound.allow();
    let document = window().document().unwrap();
    document.dispatch_event(&Event::new("keydown").unwrap()).unwrap();
    bob.until("sound is allowed", |view| view.sound == Sound::Allowed)
        .await;
    assert!(
        matches!(bob.view().stage, Stage::Ringing(_)),
        "it plays because it may, not because it is over"
    );
}

#[wasm_bindgen_test]
async fn a_voice_that_is_held_back_is_told_and_plays_when_asked_to() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let sound = HeldBackSound::new();
    call(&alice, &bob, CallType::Audio).await;
    for phone in [&alice, &bob] {
        phone
            .until("sound is blocked", |view| view.sound == Sound::Blocked)
            .await;
    }
    sound.allow();
    for phone in [&alice, &bob] {
        phone.ask(Command::AllowSound);
        phone
            .until("sound is allowed", |view| view.sound == Sound::Allowed)
            .await;
    }
    until("two voices", || voices() == 2).await;
}

#[wasm_bindgen_test]
async fn no_note_of_blocked_sound_flashes_up_where_sound_is_allowed() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Audio).await;
    hang_up(&alice, &bob).await;
    assert!(!alice.ever_saw(|view| view.sound == Sound::Blocked));
    assert!(!bob.ever_saw(|view| view.sound == Sound::Blocked));
}
