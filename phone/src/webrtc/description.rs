//! Session descriptions, between the wire and the browser.

use call::protocol::{Description, DescriptionKind};
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::{RtcSdpType, RtcSessionDescription, RtcSessionDescriptionInit};

/// As the wire has it. `None` for the kinds that Yodel does not send.
pub(super) fn from_browser(description: &RtcSessionDescription) -> Option<Description> {
    let kind = match description.type_() {
        RtcSdpType::Offer => DescriptionKind::Offer,
        RtcSdpType::Answer => DescriptionKind::Answer,
        _ => return None,
    };
    Some(Description {
        kind,
        sdp: description.sdp(),
    })
}

/// An answer that the browser has created and not set.
pub(super) fn created(answer: &JsValue) -> Option<Description> {
    let sdp = Reflect::get(answer, &JsValue::from_str("sdp")).ok()?;
    Some(Description {
        kind: DescriptionKind::Answer,
        sdp: sdp.as_string()?,
    })
}

/// As the browser takes it.
pub(super) fn to_browser(description: &Description) -> RtcSessionDescriptionInit {
    let init = RtcSessionDescriptionInit::new(match description.kind {
        DescriptionKind::Offer => RtcSdpType::Offer,
        DescriptionKind::Answer => RtcSdpType::Answer,
    });
    init.set_sdp(&description.sdp);
    init
}
