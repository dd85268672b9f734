//! What a promise is rejected with, and the event ERROR says.

use call::handset::Notice;
use call::media::CaptureError;
use call::narrator::CallFailure;
use call::protocol::LoginRefusal;
use call::text::joined;
use js_sys::{Error, JSON, Reflect};
use wasm_bindgen::JsValue;

use crate::object::{object, text};

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    message: String,
    code: Option<u32>,
    /// The name of the browser's exception.
    cause: Option<&'static str>,
    /// Whether the page has heard of it by the event ERROR, or need not.
    told: bool,
}

impl Failure {
    /// A method says this.
    pub(crate) fn new(method: &str, why: &str) -> Self {
        Self {
            message: joined(&["TRTCCalling.", method, " - ", why]),
            code: None,
            cause: None,
            told: true,
        }
    }

    /// The parameters are not as they have to be. They are shown as they came.
    pub(crate) fn params(method: &str, params: &JsValue) -> Self {
        // Fails for what contains itself, and gives nothing for `undefined`.
        let shown = JSON::stringify(params).ok().and_then(|shown| shown.as_string());
        Self::new(
            method,
            &joined(&["params error:", shown.as_deref().unwrap_or("undefined")]),
        )
    }

    /// Nobody is logged in.
    pub(crate) fn not_logged_in(method: &str) -> Self {
        // The seed API says it in this way, of this one method under another name.
        let method = if method == "call" { "calling" } else { method };
        Self::new(method, "not login，please use TRTCCalling.login")
    }

    /// It is not the time for this.
    pub(crate) fn status(method: &str, status: &str) -> Self {
        Self::new(method, &joined(&["CALL_STATUS: ", status]))
    }

    /// The login ended before it was done.
    pub(crate) fn logged_out() -> Self {
        Self::new("logout", "the login is over")
    }

    /// Nobody is let in as this user.
    pub(crate) fn login(user: &str, why: &str) -> Self {
        Self::new(
            "login",
            &joined(&["userId: ", user, " login failed, error: ", why]),
        )
    }

    /// The server does not let somebody in.
    pub(crate) fn login_refused(user: &str, refusal: LoginRefusal) -> Self {
        Self {
            code: Some(login_code(refusal)),
            ..Self::login(user, refusal.message())
        }
    }

    /// The login is over, because its userSig has expired.
    pub(crate) fn login_lost(refusal: LoginRefusal) -> Self {
        Self {
            code: Some(login_code(refusal)),
            ..Self::new("login", refusal.message())
        }
    }

    /// One of the failures that the seed API numbers.
    pub(crate) fn of(method: &str, failure: CallFailure) -> Self {
        let (why, cause) = match failure {
            CallFailure::SwitchToAudio => ("the call did not become a voice call", None),
            CallFailure::SwitchToVideo => ("the call did not become a video call", None),
            CallFailure::NoMicrophone(error) => ("there is no microphone that can be used", Some(error)),
            CallFailure::NoCamera(error) => ("there is no camera that can be used", Some(error)),
            CallFailure::DeviceRefused => (
                "the microphone or the camera is not allowed; the person can allow it in the browser's settings of this page",
                Some(CaptureError::Refused),
            ),
            CallFailure::Unsupported => (
                "this browser has no WebRTC, or hides it because the page did not come over HTTPS",
                Some(CaptureError::Unsupported),
            ),
        };
        Self {
            code: Some(failure.code()),
            cause: cause.map(exception),
            told: false,
            ..Self::new(method, why)
        }
    }

    /// A device cannot be had.
    pub(crate) fn device(
        method: &str,
        error: CaptureError,
        missing: fn(CaptureError) -> CallFailure,
    ) -> Self {
        Self::of(
            method,
            match error {
                CaptureError::Refused => CallFailure::DeviceRefused,
                CaptureError::Unsupported => CallFailure::Unsupported,
                CaptureError::Missing | CaptureError::Busy | CaptureError::Failed => missing(error),
            },
        )
    }

    /// What the phone says of something that was asked for in vain.
    pub(crate) fn noticed(method: &str, notice: Option<&Notice>) -> Self {
        match notice {
            Some(Notice::Refused(refusal)) => Self::new(method, &refusal.message()),
            Some(Notice::NotConnected) => Self::new(
                method,
                "the server cannot be reached at the moment; onReconnected says when it can",
            ),
            Some(
                Notice::Ended { .. }
                | Notice::Missed { .. }
                | Notice::HandledElsewhere { .. }
                | Notice::NoVideo { .. },
            )
            | None => Self::new(method, "the call is over"),
        }
    }

    /// The same, but the page has heard of it with the view.
    pub(crate) fn told(self) -> Self {
        Self { told: true, ..self }
    }

    /// Whether the page has still to hear of it.
    pub(crate) fn is_news(&self) -> bool {
        !self.told
    }

    /// The payload of the event ERROR.
    pub(crate) fn payload(&self) -> JsValue {
        object(&[
            ("code", self.code.into()),
            ("msg", text(&self.message)),
            ("message", text(&self.message)),
            ("cause", self.cause.into()),
        ])
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let error = Error::new(&failure.message);
        for (name, value) in [
            ("code", failure.code.into()),
            ("msg", text(&failure.message)),
            ("cause", failure.cause.into()),
        ] {
            // An error is an object like any other.
            let _ = Reflect::set(&error, &text(name), &value);
        }
        error.into()
    }
}

/// The number under which the seed's messaging service says it.
const fn login_code(refusal: LoginRefusal) -> u32 {
    match refusal {
        LoginRefusal::Expired => 70001,
        LoginRefusal::Malformed => 70003,
        LoginRefusal::BadSignature => 70009,
        LoginRefusal::NotForThisUser | LoginRefusal::TakenInOtherCase => 70013,
        LoginRefusal::NoApps => 70016,
        LoginRefusal::UnknownApp => 70020,
        LoginRefusal::ForeignOrigin => 70402,
    }
}

/// The `DOMException` behind an error (Media Capture and Streams, section 10.2).
const fn exception(error: CaptureError) -> &'static str {
    match error {
        CaptureError::Refused => "NotAllowedError",
        CaptureError::Missing => "NotFoundError",
        CaptureError::Busy => "NotReadableError",
        CaptureError::Unsupported => "NotSupportedError",
        CaptureError::Failed => "AbortError",
    }
}

#[cfg(test)]
mod tests {
    use call::media::CaptureError;
    use call::narrator::CallFailure;
    use js_sys::{Error, JSON, Object};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::Failure;
    use crate::object::property;

    #[wasm_bindgen_test]
    fn the_promise_and_the_event_say_the_same() {
        let failure = Failure::device("call", CaptureError::Refused, CallFailure::NoMicrophone);
        let event = failure.payload();
        let rejection = JsValue::from(failure);
        assert!(rejection.is_instance_of::<Error>());
        for name in ["code", "msg", "message", "cause"] {
            assert_eq!(property(&event, name), property(&rejection, name), "{name}");
            assert!(property(&event, name).is_some(), "{name}");
        }
        assert_eq!(property(&event, "code").unwrap().as_f64(), Some(60005.0));
        assert_eq!(
            property(&event, "cause").unwrap().as_string().as_deref(),
            Some("NotAllowedError")
        );
    }

    #[wasm_bindgen_test]
    fn parameters_are_shown_as_they_came() {
        let params = JSON::parse(r#"{"userID":7}"#).unwrap();
        let shown = |params: &JsValue| {
            let rejection = JsValue::from(Failure::params("call", params));
            property(&rejection, "message").unwrap().as_string().unwrap()
        };
        assert_eq!(shown(&params), r#"TRTCCalling.call - params error:{"userID":7}"#);
        assert_eq!(
            shown(&JsValue::UNDEFINED),
            "TRTCCalling.call - params error:undefined"
        );
        let circle = Object::new();
        js_sys::Reflect::set(&circle, &"self".into(), &circle).unwrap();
        assert!(shown(&circle).starts_with("TRTCCalling.call - params error:"));
    }
}
