//! What the browser says when a device cannot be had.

use call::media::CaptureError;
use js_sys::Error;
use wasm_bindgen::{JsCast, JsValue};

/// The reason behind a rejection of `getUserMedia()` (Media Capture and Streams, section 10.2).
pub(super) fn capture_error(rejection: &JsValue) -> CaptureError {
    // A `DOMException` is an `Error` to JavaScript, and `name` is what tells one from another.
    let Some(error) = rejection.dyn_ref::<Error>() else {
        return CaptureError::Failed;
    };
    match String::from(error.name()).as_str() {
        // `SecurityError` is what older browsers say when the page as a whole may not.
        "NotAllowedError" | "SecurityError" => CaptureError::Refused,
        // The other one, if the very device that was asked for is not there.
        "NotFoundError" | "OverconstrainedError" => CaptureError::Missing,
        "NotReadableError" => CaptureError::Busy,
        _ => CaptureError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use call::media::CaptureError;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::DomException;

    use super::capture_error;

    #[wasm_bindgen_test]
    fn every_exception_of_the_standard_has_its_error() {
        let named = |name| capture_error(&DomException::new_with_message_and_name("", name).unwrap());
        assert_eq!(named("NotAllowedError"), CaptureError::Refused);
        assert_eq!(named("SecurityError"), CaptureError::Refused);
        assert_eq!(named("NotFoundError"), CaptureError::Missing);
        assert_eq!(named("OverconstrainedError"), CaptureError::Missing);
        assert_eq!(named("NotReadableError"), CaptureError::Busy);
        assert_eq!(named("AbortError"), CaptureError::Failed);
        assert_eq!(capture_error(&JsValue::from_str("what?")), CaptureError::Failed);
    }
}
