//! One other person's voice.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Error;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlAudioElement, MediaStream};

use crate::bindings::SinkElement;
use crate::browser::document;
use crate::task::{disregard, settled};

/// Plays a voice until it is dropped, whatever the page shows meanwhile.
///
/// An `<audio>` element of its own, because echo cancellation knows what such an element plays in every browser; sound
/// that goes through an audio context is not cancelled everywhere.
pub(crate) struct Speaker {
    element: HtmlAudioElement,
    held_back: Rc<Cell<bool>>,
    report: Rc<dyn Fn()>,
}

impl Speaker {
    /// Play this stream, on the speaker with this `deviceId`, or on the system's. `report` is told whenever [`is_held_back`](Self::is_held_back) may have changed.
    ///
    /// # Errors
    ///
    /// Only in a browser without `<audio>`.
    pub(crate) fn new(
        stream: &MediaStream,
        sink: Option<&str>,
        report: impl Fn() + 'static,
    ) -> Result<Self, JsValue> {
        let element = HtmlAudioElement::new()?;
        element.set_src_object(Some(stream));
        // Safari plays an element more reliably when it is in the document. It has no controls, so nothing is seen of it.
        if let Some(body) = document().and_then(|document| document.body()) {
            let _ = body.append_child(&element);
        }
        let speaker = Self {
            element,
            held_back: Rc::default(),
            report: Rc::new(report),
        };
        if let Some(sink) = sink {
            speaker.move_to(sink);
        }
        speaker.play();
        Ok(speaker)
    }

    /// Be heard on the speaker with this `deviceId`. If it is gone, the sound stays where it is.
    pub(crate) fn move_to(&self, sink: &str) {
        let element: &SinkElement = self.element.unchecked_ref();
        disregard(element.set_sink(sink));
    }

    /// Try to be heard.
    pub(crate) fn play(&self) {
        let attempt = self.element.play();
        let held_back = self.held_back.clone();
        let report = self.report.clone();
        spawn_local(async move {
            match settled(attempt).await {
                Ok(_) => held_back.set(false),
                Err(rejection) => {
                    // The other one, `AbortError`, says that the element was removed.
                    if rejection
                        .dyn_ref::<Error>()
                        .is_some_and(|error| error.name() == "NotAllowedError")
                    {
                        held_back.set(true);
                    }
                }
            }
            report();
        });
    }

    /// Whether the browser does not let it be heard.
    pub(crate) fn is_held_back(&self) -> bool {
        self.held_back.get()
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.element.set_src_object(None);
        self.element.remove();
    }
}
