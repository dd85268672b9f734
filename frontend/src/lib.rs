//! What the browser runs: it hydrates the page that the server drew, and plugs a phone into it.
//!
//! The page (`app`) knows nothing of the phone (`phone`), and the phone nothing of the page; here the two ends of one line
//! meet. Only the home page has a line, so nobody who signs in opens a socket.

use std::cell::RefCell;
use std::rc::Rc;

use app::handset::Line;
use phone::{Options, Phone};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// The phone of this page. It stays switched on until the browser unloads the page.
    static PHONE: RefCell<Option<Phone>> = const { RefCell::new(None) };
}

/// Called once by the document, when this module has been loaded.
#[wasm_bindgen]
pub fn hydrate() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    app::hydrate(plug);
}

fn plug(line: Line) {
    let Line { screen, commands, .. } = line;
    let phone = Phone::start(Options::of_this_page(), commands, move |view| {
        screen.show(Rc::unwrap_or_clone(view))
    });
    PHONE.set(Some(phone));
}
