//! What `server_fn` needs of `wasm-streams` in order to compile, and no more.
//!
//! Leptos brings `server_fn` with its client for browsers, and that brings `wasm-streams` for server functions that stream.
//! Those of the site are sent by plain forms: no code in the browser calls them. But the three JavaScript classes that the
//! real crate exports cannot be left out by any linker, because JavaScript might use them; they were 6 KB of the first visit.
//!
//! A server function that streams would need the real crate: it is the entry below `[patch.crates-io]` in the workspace's
//! `Cargo.toml` that has to go then.

use futures::future::{Ready, ready};
use futures::stream::{self, Once, Stream};
use wasm_bindgen::JsValue;
use web_sys::ReadableStream as RawStream;

const NEEDS_THE_REAL_CRATE: &str = "server functions that stream need the real wasm-streams";

/// A stream that nobody streams.
pub struct ReadableStream(RawStream);

impl ReadableStream {
    /// Throws an `Error` of JavaScript that says what is missing: there is no stream of the browser to give.
    pub fn from_stream<S: Stream<Item = Result<JsValue, JsValue>> + 'static>(_: S) -> Self {
        wasm_bindgen::throw_str(NEEDS_THE_REAL_CRATE)
    }

    /// Take a stream of the browser.
    pub fn from_raw(raw: RawStream) -> Self {
        Self(raw)
    }

    /// Give the stream of the browser back.
    pub fn into_raw(self) -> RawStream {
        self.0
    }

    /// A stream of one error, which says what is missing.
    pub fn into_stream(self) -> Once<Ready<Result<JsValue, JsValue>>> {
        stream::once(ready(Err(NEEDS_THE_REAL_CRATE.into())))
    }
}
