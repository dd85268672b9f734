//! What web-sys lacks, or declares as if every browser had it.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{
    HtmlAudioElement, MediaStream, RtcConfiguration, RtcPeerConnection, RtcRtpParameters, RtcRtpSender,
    Window,
};

#[wasm_bindgen]
extern "C" {
    /// The global object. A phone runs in a page, never in a worker, so it is always there.
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    pub(crate) static WINDOW: Window;

    /// An `RTCPeerConnection` with the two methods that perfect negotiation needs (W3C WebRTC, section 4.4.2).
    #[wasm_bindgen(extends = RtcPeerConnection)]
    #[derive(Clone)]
    pub(crate) type NegotiatingConnection;

    /// `setLocalDescription()` without an argument: the browser makes the description that its state calls for.
    #[wasm_bindgen(method, js_name = setLocalDescription)]
    pub(crate) fn set_fitting_local_description(this: &NegotiatingConnection) -> Promise;

    /// `restartIce()`.
    #[wasm_bindgen(method, js_name = restartIce)]
    pub(crate) fn restart_ice(this: &NegotiatingConnection);

    /// `setConfiguration()`. Absent from Firefox before 119: then it throws.
    #[wasm_bindgen(method, catch, js_name = setConfiguration)]
    pub(crate) fn configure(this: &NegotiatingConnection, to: &RtcConfiguration) -> Result<(), JsValue>;

    /// An `RTCRtpSender` with what not every browser has.
    #[wasm_bindgen(extends = RtcRtpSender)]
    pub(crate) type ModernSender;

    /// `setStreams()` (W3C WebRTC, section 5.2). Absent from Firefox before 113: then it throws.
    #[wasm_bindgen(method, catch, js_name = setStreams)]
    pub(crate) fn set_stream(this: &ModernSender, stream: &MediaStream) -> Result<(), JsValue>;

    /// `setParameters()`, with an `RTCSetParameterOptions` (WebRTC Extensions). Browsers other than Chrome pass it over.
    #[wasm_bindgen(method, js_name = setParameters)]
    pub(crate) fn set_parameters(
        this: &ModernSender,
        parameters: &RtcRtpParameters,
        options: &JsValue,
    ) -> Promise;

    /// An `<audio>` that can be told where to be heard (Audio Output Devices API, section 3).
    #[wasm_bindgen(extends = HtmlAudioElement)]
    #[derive(Clone)]
    pub(crate) type SinkElement;

    /// `setSinkId()`. Absent from Safari before 18.4: then it throws.
    #[wasm_bindgen(method, catch, js_name = setSinkId)]
    pub(crate) fn set_sink(this: &SinkElement, id: &str) -> Result<Promise, JsValue>;

    /// A `Navigator` that may be able to vibrate (Vibration API).
    pub(crate) type Vibrator;

    /// `vibrate()`. Absent from Safari and Firefox: then it throws.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn vibrate(this: &Vibrator, pattern: &[u32]) -> Result<bool, JsValue>;
}
