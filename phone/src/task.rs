//! Asynchronous work, and the promises of the browser.

use futures::future::{AbortHandle, abortable};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Work that ends with its owner.
///
/// A promise of a closed peer connection is never settled (W3C WebRTC, section 4.4.1.2): whoever waits for one must be
/// a task, or waits, and holds what it holds, for ever.
pub(crate) struct Task(AbortHandle);

impl Task {
    /// Start this.
    pub(crate) fn spawn(work: impl Future<Output = ()> + 'static) -> Self {
        let (work, handle) = abortable(work);
        spawn_local(async move {
            // Either way it is over.
            let _ = work.await;
        });
        Self(handle)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The value of a promise, or what it was rejected with.
pub(crate) async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(promise?).await
}

/// Let a promise be settled in its own time. Its rejection is of no consequence, and must not turn into an
/// `unhandledrejection`.
pub(crate) fn disregard(promise: Result<Promise, JsValue>) {
    spawn_local(async move {
        let _ = settled(promise).await;
    });
}
