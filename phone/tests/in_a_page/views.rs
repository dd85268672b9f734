//! Pictures in the elements of a page.

use call::handset::Command;
use call::media::CallType;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, Screen, call, turn, until, voices};

#[wasm_bindgen_test]
async fn a_view_finds_its_element_later() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    call(&alice, &bob, CallType::Video).await;
    alice.show(&bob, "late");
    alice.show_own("later");
    turn().await;
    let screens = ["late", "later"].map(Screen::new);
    for screen in &screens {
        screen.until_moving().await;
    }
}

#[wasm_bindgen_test]
async fn a_hidden_view_lets_go_of_its_element() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let screen = Screen::new("from-bob");
    alice.show(&bob, "from-bob");
    call(&alice, &bob, CallType::Video).await;
    screen.until_moving().await;
    alice.ask(Command::HideVideo {
        element: "from-bob".to_owned(),
    });
    until("an empty element", || screen.0.src_object().is_none()).await;
    until("the voice goes on", || voices() == 2).await;
}
