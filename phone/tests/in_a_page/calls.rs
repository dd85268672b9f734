//! A call from beginning to end.

use call::media::CallType;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, Screen, call, hang_up, until, voices, window};

#[wasm_bindgen_test]
async fn two_people_see_and_hear_each_other() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let (own, from_bob, from_alice) = (
        Screen::new("own"),
        Screen::new("from-bob"),
        Screen::new("from-alice"),
    );
    alice.show_own("own");
    alice.show(&bob, "from-bob");
    bob.show(&alice, "from-alice");

    call(&alice, &bob, CallType::Video).await;
    for screen in [&own, &from_bob, &from_alice] {
        screen.until_moving().await;
    }
    until("two voices", || voices() == 2).await;

    hang_up(&alice, &bob).await;
    for screen in [&own, &from_bob, &from_alice] {
        assert!(screen.0.src_object().is_none());
    }
    assert_eq!(
        (page.media.live(), voices()),
        (0, 0),
        "every device and every voice has stopped"
    );
}

#[wasm_bindgen_test]
async fn a_second_call_works_like_the_first() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let screen = Screen::new("from-bob");
    alice.show(&bob, "from-bob");
    for _ in 0..2 {
        call(&alice, &bob, CallType::Video).await;
        screen.until_moving().await;
        hang_up(&alice, &bob).await;
    }
}

#[wasm_bindgen_test]
async fn a_phone_that_is_switched_off_leaves_nothing_behind() {
    let page = Page::new();
    let (mut alice, mut bob) = (page.phone("alice").await, page.phone("bob").await);
    let screen = Screen::new("from-bob");
    alice.show(&bob, "from-bob");
    call(&alice, &bob, CallType::Video).await;
    screen.until_moving().await;
    alice.switch_off();
    bob.switch_off();
    until("silence", || {
        voices() == 0 && page.media.live() == 0 && screen.0.src_object().is_none()
    })
    .await;
    let audio = window().document().unwrap().query_selector_all("audio").unwrap();
    assert_eq!(audio.length(), 0);
}

#[wasm_bindgen_test]
async fn a_reload_remembers_the_call_and_the_end_forgets_it() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let remembered = || {
        window()
            .session_storage()
            .unwrap()
            .unwrap()
            .get_item("yodel.call")
            .unwrap()
    };
    call(&alice, &bob, CallType::Audio).await;
    assert!(remembered().is_some());
    hang_up(&alice, &bob).await;
    assert!(remembered().is_none());
}
