//! JavaScript objects and lists.

use call::id::UserId;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

/// An object with these properties.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // Fails only for an object that is frozen or a proxy.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// The ids of these people.
pub(crate) fn list(users: &[UserId]) -> Array {
    users
        .iter()
        .map(|user| JsValue::from_str(user.as_str()))
        .collect()
}

/// A text.
pub(crate) fn text(text: impl AsRef<str>) -> JsValue {
    JsValue::from_str(text.as_ref())
}

/// The property of a value, if it is an object that has it.
pub(crate) fn property(value: &JsValue, name: &str) -> Option<JsValue> {
    if !value.is_object() {
        return None;
    }
    // A getter of the page's may throw.
    let found = Reflect::get(value, &JsValue::from_str(name)).ok()?;
    (!found.is_undefined() && !found.is_null()).then_some(found)
}
