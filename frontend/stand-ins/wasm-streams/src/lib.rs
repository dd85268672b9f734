//! What `server_fn` needs of `wasm-streams` in order to compile, and no more.
//!
//! Leptos brings `server_fn` with its client for browsers, and that brings `wasm-streams` for server functions that stream.
//! Those of the site are sent by plain forms: no code in the browser calls them. But the three JavaScript classes that the
//! real crate exports cannot be left out by any linker, because JavaScript might use them; they were 6 KB of the first visit.
//!
//! A server function that streams would need the real crate: it is the entry below `[patch.crates-io]` in the workspace's
//! `Cargo.toml` that has to go then.

use futures::stream::{self, Stream};
use wasm_bindgen::JsValue;
use web_sys::ReadableStream as RawStream;

/// A stream that nobody streams.
pub struct ReadableStream(RawStream);

impl ReadableStream {
    /// Panics: see the crate.
    pub fn from_stream<S: Stream<Item = Result<JsValue, JsValue>> + 'static>(_: S) -> Self {
        unimplemented!("server functions that stream need the real wasm-streams")
    }

    /// Take a stream of the browser.
    pub fn from_raw(raw: RawStream) -> Self {
        Self(raw)
    }

    /// Give the stream of the browser back.
    pub fn into_raw(self) -> RawStream {
        self.0
    }

    /// Panics: see the crate.
    pub fn into_stream(self) -> stream::Pending<Result<JsValue, JsValue>> {
        unimplemented!("server functions that stream need the real wasm-streams")
    }
}
