//! Pictures in the elements of a page.

use call::handset::Command;
use call::media::CallType;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlVideoElement;

use crate::page::{Page, Screen, call, turn, until, voices, window};

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

#[wasm_bindgen_test]
async fn an_element_that_is_no_video_gets_one_for_as_long_as_it_is_asked_for() {
    let page = Page::new();
    let (alice, bob) = (page.phone("alice").await, page.phone("bob").await);
    let document = window().document().unwrap();
    let place = document.create_element("div").unwrap();
    place.set_id("place");
    document.body().unwrap().append_child(&place).unwrap();
    alice.show(&bob, "place");
    call(&alice, &bob, CallType::Video).await;
    let video = || {
        place
            .first_element_child()
            .map(JsCast::unchecked_into::<HtmlVideoElement>)
    };
    until("a picture in the element", || {
        video().is_some_and(|screen| screen.ready_state() > 1)
    })
    .await;
    alice.ask(Command::HideVideo {
        element: "place".to_owned(),
    });
    until("an empty element", || video().is_none()).await;
    place.remove();
}
