//! What happened, under its name in the seed API and with its payload.

use call::id::UserId;
use call::media::CallType;
use call::narrator::CallEvent;
use call::protocol::EndReason;
use js_sys::{Array, Function};
use phone::Volumes;
use wasm_bindgen::JsValue;

use crate::failure::Failure;
use crate::object::{list, object, text};
use crate::params::number_of;
use crate::talk::Talk;

/// What the event says of an invitation's form: the seed's fourth.
const INVITE_VERSION: u32 = 4;

/// An event for the page's handlers.
pub(crate) type Told = (&'static str, JsValue);

/// Call the page's handlers. What they throw is their own affair, and the class has caught it already.
pub(crate) fn emit(emit: &Function, name: &str, payload: &JsValue) {
    let _ = emit.call2(&JsValue::UNDEFINED, &text(name), payload);
}

/// An event as pages know it; none before its time has come, as the narrator sees it, or for what pages learn otherwise.
pub(crate) fn told(me: &UserId, talk: Option<&Talk>, switched_by: &UserId, event: &CallEvent) -> Told {
    let user = |id: &UserId| ("userID", text(id.as_str()));
    let sponsor = || ("sponsor", text(talk.map_or("", |talk| talk.sponsor.as_str())));
    let invite = || ("inviteID", text(talk.map(Talk::invite_id).unwrap_or_default()));
    match event {
        CallEvent::Ready => ("sdkReady", object(&[("name", text("ts_im_ready"))])),
        CallEvent::Invited(ringing) => (
            "onInvited",
            object(&[
                sponsor(),
                ("userIDList", list(talk.map_or(&[], |talk| &talk.list)).into()),
                (
                    "isFromGroup",
                    talk.is_some_and(|talk| talk.group_id.is_some()).into(),
                ),
                (
                    "inviteData",
                    object(&[
                        ("version", INVITE_VERSION.into()),
                        ("callType", number_of(ringing.call_type).into()),
                        ("callEnd", 0.into()),
                        ("roomID", ringing.number.room.get().into()),
                    ]),
                ),
                invite(),
            ]),
        ),
        CallEvent::CallingCancelled => ("onCallingCancel", object(&[sponsor(), invite()])),
        CallEvent::CallingTimedOut => (
            "onCallingTimeout",
            object(&[sponsor(), ("userIDList", list(core::slice::from_ref(me)).into())]),
        ),
        CallEvent::UserAccepted(id) => ("onUserAccept", object(&[user(id)])),
        CallEvent::UserRejected(id) => ("onReject", object(&[user(id)])),
        CallEvent::UserBusy(id) => ("onLineBusy", object(&[sponsor(), user(id)])),
        CallEvent::UserDidNotRespond(id) => (
            "onNoResp",
            object(&[
                sponsor(),
                ("userIDList", list(core::slice::from_ref(id)).into()),
                user(id),
            ]),
        ),
        CallEvent::UserEntered(id) => ("onUserEnter", object(&[user(id)])),
        CallEvent::UserLeft(id) => ("onUserLeave", object(&[user(id)])),
        CallEvent::VideoAvailable(id, available) => (
            "onUserVideoAvailable",
            object(&[user(id), ("isVideoAvailable", (*available).into())]),
        ),
        CallEvent::AudioAvailable(id, available) => (
            "onUserAudioAvailable",
            object(&[user(id), ("isAudioAvailable", (*available).into())]),
        ),
        CallEvent::InviteesChanged(users) => (
            "onGroupCallInviteeListUpdate",
            object(&[("userIDList", list(users).into())]),
        ),
        CallEvent::CallTypeChanged(call_type) => ("onCallTypeChanged", switched(*call_type, switched_by)),
        CallEvent::CallEnded { reason, seconds } => (
            "onCallEnd",
            object(&[
                user(me),
                // Whole seconds, far below what a double holds.
                ("callEnd", (*seconds as f64).into()),
                ("reason", text(reason_name(*reason))),
            ]),
        ),
        CallEvent::KickedOut => ("onKickedOut", object(&[])),
        CallEvent::Reconnecting => ("onReconnecting", object(&[])),
        CallEvent::Reconnected => ("onReconnected", object(&[])),
        CallEvent::Failed(failure) => ("onError", Failure::of("onError", *failure).payload()),
    }
}

fn switched(call_type: CallType, by: &UserId) -> JsValue {
    object(&[
        ("callType", number_of(call_type).into()),
        ("userID", text(by.as_str())),
    ])
}

/// How loud everybody is: from 0 to 100.
pub(crate) fn volumes(me: &UserId, volumes: &Volumes) -> Told {
    let heard = |user: &UserId, level: f64| {
        object(&[
            ("userId", text(user.as_str())),
            (
                "audioVolume",
                (level.clamp(0.0, 1.0) * 100.0 + 0.5).floor().into(),
            ),
        ])
    };
    let map = Array::of1(&heard(me, volumes.oneself));
    for (user, level) in &volumes.others {
        map.push(&heard(user, *level));
    }
    ("onUserVoiceVolume", object(&[("volumeMap", map.into())]))
}

const fn reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::HungUp => "hungUp",
        EndReason::Cancelled => "cancelled",
        EndReason::OthersLeft => "othersLeft",
        EndReason::Rejected => "rejected",
        EndReason::Busy => "busy",
        EndReason::NoAnswer => "noAnswer",
        EndReason::ConnectionLost => "connectionLost",
        EndReason::MovedElsewhere => "movedElsewhere",
    }
}
