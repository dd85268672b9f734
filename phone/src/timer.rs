//! A timeout that ends with its owner.

use core::time::Duration;

use call::time::millis;
use futures::channel::oneshot;
use wasm_bindgen::prelude::*;

use crate::browser::window;

/// Fires once, unless it is dropped before.
pub(crate) struct Timer {
    handle: Option<i32>,
    _closure: Closure<dyn FnMut()>,
}

impl Timer {
    /// Call `fire` in `delay`. A page in the background may be made to wait longer.
    pub(crate) fn new(delay: Duration, fire: impl FnMut() + 'static) -> Self {
        let closure = Closure::<dyn FnMut()>::new(fire);
        // A longer delay than the browser can count would fire at once (HTML, section 8.7).
        let ms = i32::try_from(millis(delay)).unwrap_or(i32::MAX);
        let handle = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), ms)
            .ok();
        Self {
            handle,
            _closure: closure,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(handle) = self.handle {
            window().clear_timeout_with_handle(handle);
        }
    }
}

/// Wait for some time. Not for less, even if it is none: whatever was to be done at once comes first.
pub async fn sleep(duration: Duration) {
    let (fire, fired) = oneshot::channel::<()>();
    let mut fire = Some(fire);
    let _timer = Timer::new(duration, move || drop(fire.take()));
    // Dropped when the time has come.
    let _ = fired.await;
}
