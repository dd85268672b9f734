//! Frames to messages, and messages to frames.

use std::fmt::Debug;

use axum::extract::ws::Message;
use call::protocol::{ClientMsg, Command, Event, compact};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server::signaling::form::Form;

/// What a client sends to a server, in both forms.
pub(crate) fn commands(bytes: &[u8]) {
    let text = str::from_utf8(bytes).ok();
    let frames = [
        text.and_then(|text| Form::Json.decode(&Message::Text(text.into())).ok()),
        Form::Compact.decode(&Message::Binary(bytes.to_vec().into())).ok(),
    ];
    for message in frames.into_iter().flatten() {
        survives::<ClientMsg>(&message);
        let named = message.command.invitees().len();
        assert!(named <= bytes.len(), "{named} people in {} bytes", bytes.len());
        if let Command::Signal { signal, .. } = &message.command {
            let _ = signal.check();
        }
    }
}

/// What a server sends to a client, in both forms.
pub(crate) fn events(bytes: &[u8]) {
    let frames = [serde_json::from_slice(bytes).ok(), compact::decode(bytes).ok()];
    for event in frames.into_iter().flatten() {
        survives::<Event>(&event);
        for form in [Form::Json, Form::Compact] {
            assert!(form.encode(&event).is_some());
        }
        if let Event::Refused { refusal, .. } = event {
            assert!(!refusal.message().is_empty());
        }
    }
}

/// A message that was read is written so that the same is read again, and in one way.
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) {
    let json = serde_json::to_string(message).expect("a message can be written");
    let read: T = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(read, *message);
    assert_eq!(
        serde_json::to_string(&read).expect("a message can be written"),
        json
    );
    let bytes = compact::encode(message);
    assert_eq!(compact::decode::<T>(&bytes).as_ref(), Ok(message));
    assert!(bytes.len() <= json.len() + 1, "{bytes:?} is longer than {json}");
}
