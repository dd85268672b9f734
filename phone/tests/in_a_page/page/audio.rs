//! A page that has never been touched: its browser holds sound back.
//!
//! The browser of these tests is told to let everything be heard, and a test cannot touch a page as a person does. So this
//! puts the rules themselves in place of the browser's.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

use super::window;

/// Holds sound back until it is dropped, or [`allow`](Self::allow)ed.
pub(crate) struct HeldBackSound {
    rules: JsValue,
}

impl HeldBackSound {
    pub(crate) fn new() -> Self {
        let rules = Function::new_no_args(
            "const rules = { allowed: false };
            const context = BaseAudioContext.prototype;
            const element = HTMLMediaElement.prototype;
            const state = Object.getOwnPropertyDescriptor(context, 'state');
            const { play } = element;
            Object.defineProperty(context, 'state', {
                configurable: true,
                get() { return rules.allowed ? state.get.call(this) : 'suspended'; },
            });
            element.play = function () {
                const may_play = rules.allowed || this.muted;
                return may_play ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
            };
            rules.lift = () => {
                Object.defineProperty(context, 'state', state);
                element.play = play;
            };
            return rules;",
        )
        .call0(&window())
        .unwrap();
        Self { rules }
    }

    /// From now on the browser would let everything be heard that asks again.
    pub(crate) fn allow(&self) {
        Reflect::set(&self.rules, &"allowed".into(), &true.into()).unwrap();
    }
}

impl Drop for HeldBackSound {
    fn drop(&mut self) {
        let lift: Function = Reflect::get(&self.rules, &"lift".into())
            .unwrap()
            .unchecked_into();
        lift.call0(&JsValue::NULL).unwrap();
    }
}
