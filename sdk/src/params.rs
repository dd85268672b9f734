//! What a page passes to the methods.

use call::handset::CallTerms;
use call::id::{DisplayName, Person, UserId};
use call::media::{CallType, DeviceKind, VideoQuality};
use call::protocol::{CallNote, NoteText, limits};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::object::property;

/// The parameters of `call` or `groupCall`.
pub(crate) struct Dial {
    pub(crate) callees: Vec<Person>,
    pub(crate) call_type: CallType,
    pub(crate) group_id: Option<String>,
    pub(crate) terms: CallTerms,
}

impl Dial {
    /// `{userID, type, timeout?, offlinePushInfo?}`
    pub(crate) fn one(params: &JsValue, me: Option<&UserId>) -> Option<Self> {
        let callee = user(&property(params, "userID")?)?;
        Self::to(vec![callee], params, None, me)
    }

    /// `{userIDList, type, groupID?, timeout?, offlinePushInfo?}`
    pub(crate) fn many(params: &JsValue, me: Option<&UserId>) -> Option<Self> {
        let users = property(params, "userIDList")?.dyn_into::<Array>().ok()?;
        let users: Vec<UserId> = users.iter().map(|id| user(&id)).collect::<Option<_>>()?;
        let is_repeated = |at: usize, user: &UserId| users.iter().skip(at + 1).any(|other| other == user);
        let repeated = users.iter().enumerate().any(|(at, user)| is_repeated(at, user));
        if users.is_empty() || users.len() > limits::INVITEES || repeated {
            return None;
        }
        let group_id = match property(params, "groupID") {
            // What pages pass that have no group.
            Some(id) if id.as_string().is_some_and(|id| id.is_empty()) => None,
            Some(id) => Some(note_text(&id)?),
            None => None,
        };
        Self::to(users, params, group_id, me)
    }

    fn to(
        users: Vec<UserId>,
        params: &JsValue,
        group: Option<NoteText>,
        me: Option<&UserId>,
    ) -> Option<Self> {
        if users.iter().any(|user| Some(user) == me) {
            return None;
        }
        let call_type = crate::call_type_of(property(params, "type")?.as_f64()?)?;
        let ring_seconds = match property(params, "timeout") {
            Some(seconds) => Some(seconds.as_f64().filter(|seconds| *seconds >= 0.0)?.ceil() as u32),
            None => None,
        };
        let group_id = group.as_ref().map(|id| id.as_str().to_owned());
        let note = note(property(params, "offlinePushInfo").as_ref(), group)?;
        Some(Self {
            callees: users.into_iter().map(person).collect(),
            call_type,
            group_id,
            terms: CallTerms {
                ring_seconds,
                note: (note != CallNote::default()).then(|| Box::new(note)),
            },
        })
    }
}

/// What is said to those who are called. Texts that are no texts, or too long, are a mistake of the page's.
fn note(push: Option<&JsValue>, group: Option<NoteText>) -> Option<CallNote> {
    let said = |name: &str| match push.and_then(|push| property(push, name)) {
        Some(value) => note_text(&value).map(Some),
        None => Some(None),
    };
    if push.is_some_and(|push| !push.is_object()) {
        return None;
    }
    Some(CallNote {
        group,
        title: said("title")?,
        description: said("description")?,
        channel: said("androidOPPOChannelID")?,
    })
}

fn note_text(value: &JsValue) -> Option<NoteText> {
    value.as_string()?.parse().ok()
}

/// The id of a person.
pub(crate) fn user(value: &JsValue) -> Option<UserId> {
    value.as_string()?.parse().ok()
}

/// A person of whom nothing but the id is known here.
pub(crate) fn person(id: UserId) -> Person {
    Person {
        name: DisplayName::of(&id),
        id,
    }
}

/// Voice or video, as pages number them.
pub(crate) const fn number_of(call_type: CallType) -> u8 {
    match call_type {
        CallType::Audio => 1,
        CallType::Video => 2,
    }
}

/// A kind of device, as pages name it.
pub(crate) fn device_kind(value: &JsValue) -> Option<DeviceKind> {
    match value.as_string()?.as_str() {
        "audio" => Some(DeviceKind::Microphone),
        "video" => Some(DeviceKind::Camera),
        "speaker" => Some(DeviceKind::Speaker),
        _ => None,
    }
}

/// A quality: one that has a name, or `{width, height, frameRate?, bitrate?}` in pixels, pictures a second and kilobits a second.
pub(crate) fn quality(value: &JsValue) -> Option<VideoQuality> {
    if let Some(name) = value.as_string() {
        return VideoQuality::named(&name);
    }
    let whole =
        |name: &str, range: core::ops::RangeInclusive<u32>, default: Option<u32>| match property(value, name)
        {
            Some(number) => number
                .as_f64()
                .filter(|number| number.fract() == 0.0)
                .map(|number| number as u32)
                .filter(|number| range.contains(number)),
            None => default,
        };
    let usual = VideoQuality::default();
    Some(VideoQuality {
        width: whole("width", 16..=3840, None)? as u16,
        height: whole("height", 16..=2160, None)? as u16,
        frame_rate: whole("frameRate", 1..=60, Some(u32::from(usual.frame_rate)))? as u8,
        max_bitrate: whole("bitrate", 30..=20_000, Some(usual.max_bitrate / 1000))? * 1000,
    })
}

#[cfg(test)]
mod tests {
    use call::media::{CallType, VideoQuality};
    use js_sys::JSON;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{Dial, quality};
    use crate::object::text;

    fn json(text: &str) -> JsValue {
        JSON::parse(text).unwrap()
    }

    #[wasm_bindgen_test]
    fn a_call_is_to_one_other_person_and_of_a_type() {
        let me = "alice".parse().unwrap();
        let dial = Dial::one(&json(r#"{"userID":"bob","type":2,"timeout":2.5}"#), Some(&me)).unwrap();
        assert_eq!(dial.callees[0].id.as_str(), "bob");
        assert_eq!(dial.call_type, CallType::Video);
        assert_eq!(
            dial.terms.ring_seconds,
            Some(3),
            "no ring is shorter than was asked for"
        );
        assert_eq!(dial.terms.note, None);
        for wrong in [
            "{}",
            "null",
            "7",
            r#"{"userID":"bob"}"#,
            r#"{"userID":"alice","type":1}"#,
            r#"{"userID":"bob","type":3}"#,
            r#"{"userID":"bob","type":"video"}"#,
            r#"{"userID":"","type":1}"#,
            r#"{"userID":"b o b","type":1}"#,
            r#"{"userID":7,"type":1}"#,
            r#"{"userID":"bob","type":1,"timeout":-1}"#,
            r#"{"userID":"bob","type":1,"timeout":"soon"}"#,
            r#"{"userID":"bob","type":1,"offlinePushInfo":"hello"}"#,
            r#"{"userID":"bob","type":1,"offlinePushInfo":{"title":7}}"#,
        ] {
            assert!(Dial::one(&json(wrong), Some(&me)).is_none(), "{wrong}");
        }
    }

    #[wasm_bindgen_test]
    fn what_is_said_along_with_a_call_is_carried_and_bounded() {
        let push = r#"{"userID":"bob","type":1,"offlinePushInfo":{"title":"","description":"call me","androidOPPOChannelID":"c"}}"#;
        let note = Dial::one(&json(push), None).unwrap().terms.note.unwrap();
        assert_eq!(note.title.unwrap().as_str(), "");
        assert_eq!(note.description.unwrap().as_str(), "call me");
        assert_eq!(note.channel.unwrap().as_str(), "c");
        let long = format!(
            r#"{{"userID":"bob","type":1,"offlinePushInfo":{{"title":"{}"}}}}"#,
            "x".repeat(513)
        );
        assert!(Dial::one(&json(&long), None).is_none());
    }

    #[wasm_bindgen_test]
    fn a_group_call_is_to_a_list_without_repetition() {
        let list = r#"{"userIDList":["bob","carol"],"type":1,"groupID":"any words"}"#;
        let dial = Dial::many(&json(list), None).unwrap();
        assert_eq!(dial.group_id.as_deref(), Some("any words"));
        let no_group = r#"{"userIDList":["bob"],"type":1,"groupID":""}"#;
        assert_eq!(Dial::many(&json(no_group), None).unwrap().group_id, None);
        for wrong in [
            r#"{"userIDList":[],"type":1}"#,
            r#"{"userIDList":"bob","type":1}"#,
            r#"{"userIDList":["bob","bob"],"type":1}"#,
            r#"{"userIDList":["bob",null],"type":1}"#,
            r#"{"userIDList":["bob"],"type":1,"groupID":7}"#,
        ] {
            assert!(Dial::many(&json(wrong), None).is_none(), "{wrong}");
        }
    }

    #[wasm_bindgen_test]
    fn a_quality_has_a_name_or_a_size() {
        assert_eq!(quality(&text("720p")), VideoQuality::named("720p"));
        let own = quality(&json(
            r#"{"width":800,"height":600,"frameRate":15,"bitrate":700}"#,
        ))
        .unwrap();
        assert_eq!(
            (own.width, own.height, own.frame_rate, own.max_bitrate),
            (800, 600, 15, 700_000)
        );
        for wrong in [
            "null",
            "{}",
            r#""4k""#,
            r#"{"width":800}"#,
            r#"{"width":-1,"height":1}"#,
            r#"{"width":800.5,"height":600}"#,
            r#"{"width":800,"height":600,"frameRate":1000}"#,
        ] {
            assert_eq!(quality(&json(wrong)), None, "{wrong}");
        }
    }
}
