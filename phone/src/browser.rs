//! The page around the phone: its window, its clock, its dice and its memory.

use call::id::CallId;
use call::time::Timestamp;
use web_sys::{Document, Storage, Window};

use crate::bindings::WINDOW;

/// The page's window.
pub(crate) fn window() -> Window {
    WINDOW.with(Clone::clone)
}

/// The page's document. Absent only while the window is torn down.
pub(crate) fn document() -> Option<Document> {
    window().document()
}

/// Milliseconds since 1970, by a clock that never goes back (W3C High Resolution Time, section 7). They do not begin with the
/// page: a call may be older than that.
pub(crate) fn now() -> Timestamp {
    let ms = window()
        .performance()
        .map_or(0.0, |performance| performance.time_origin() + performance.now());
    // The fraction is cut off, so that a timer never seems to have fired after a moment that is yet to come.
    Timestamp::from_millis(ms as u64)
}

/// 64 bits that nobody can guess.
pub(crate) fn random_bits() -> u64 {
    let mut bytes = [0; 8];
    if let Ok(crypto) = window().crypto() {
        // Fails only for more than 65,536 bytes (W3C Web Cryptography, section 10.1.1).
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    u64::from_le_bytes(bytes)
}

/// The call that this tab was in before it was reloaded.
///
/// `sessionStorage` lives as long as the tab does, and no other tab sees it. A browser that forbids it costs the person
/// no more than the way back into a call after a reload.
pub(crate) struct RememberedCall(Remembered);

impl RememberedCall {
    const KEY: &str = "yodel.call";

    /// Of this tab.
    pub(crate) fn of_this_tab() -> Self {
        Self(Remembered(window().session_storage().ok().flatten()))
    }

    /// Of nothing: a page that is loaded again begins anew.
    pub(crate) fn nowhere() -> Self {
        Self(Remembered(None))
    }

    /// The call, if there is one.
    pub(crate) fn get(&self) -> Option<CallId> {
        self.0.get(Self::KEY)?.parse().ok()
    }

    /// Remember this one, or none.
    pub(crate) fn set(&self, call: Option<CallId>) {
        self.0.set(Self::KEY, call.map(String::from).as_deref());
    }
}

/// Words that outlive the page, by name.
pub(crate) struct Remembered(Option<Storage>);

impl Remembered {
    /// For this site in this browser, until the person clears it (`localStorage`).
    pub(crate) fn of_this_browser() -> Self {
        Self(window().local_storage().ok().flatten())
    }

    /// What is remembered under this name.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.0.as_ref()?.get_item(key).ok()?
    }

    /// Remember this, or nothing. Where the browser forbids it, or is full, nothing is.
    pub(crate) fn set(&self, key: &str, word: Option<&str>) {
        if let Some(storage) = &self.0 {
            let _ = match word {
                Some(word) => storage.set_item(key, word),
                None => storage.remove_item(key),
            };
        }
    }
}
