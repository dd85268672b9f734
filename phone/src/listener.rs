//! A DOM event listener that ends with its owner.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

/// Hears one kind of event until it is dropped.
pub(crate) struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
}

impl Listener {
    /// Call `hear` for every `event` of `target`. `E` must be the class that the browser uses for this event.
    pub(crate) fn new<E: JsCast>(
        target: &EventTarget,
        event: &'static str,
        mut hear: impl FnMut(E) + 'static,
    ) -> Self {
        let closure = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| hear(event.unchecked_into()));
        // Throws for no function (DOM, section 2.7).
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        Self {
            target: target.clone(),
            event,
            closure,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self
            .target
            .remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::{Event, EventTarget};

    use super::Listener;

    #[wasm_bindgen_test]
    fn a_dropped_listener_hears_nothing() {
        let target = EventTarget::new().unwrap();
        let heard = Rc::new(Cell::new(0));
        let listener = Listener::new(&target, "ring", {
            let heard = heard.clone();
            move |_: Event| heard.set(heard.get() + 1)
        });
        target.dispatch_event(&Event::new("ring").unwrap()).unwrap();
        assert_eq!(heard.get(), 1);

        drop(listener);
        target.dispatch_event(&Event::new("ring").unwrap()).unwrap();
        assert_eq!(heard.get(), 1);
        assert_eq!(Rc::strong_count(&heard), 1, "the closure is gone too");
    }
}
