//! The examples in `docs/protocol.md` are messages of the protocol, written as the server and the site write them.

use std::collections::BTreeSet;
use std::fmt::Debug;

use call::protocol::{ClientMsg, CloseReason, Event};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// The blocks that begin with "```json command" or "```json event".
fn examples(kind: &str) -> Vec<&'static str> {
    let opening = format!("```json {kind}\n");
    DOCUMENT
        .match_indices(&opening)
        .map(|(at, _)| {
            let rest = &DOCUMENT[at + opening.len()..];
            &rest[..rest.find("```").expect("the block ends")]
        })
        .collect()
}

/// Every example, read as a message and written again, is the same.
fn check<T: DeserializeOwned + Serialize + Debug>(examples: &[&str]) -> Vec<T> {
    let read = |text: &&str| {
        let message: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        let written = serde_json::to_value(&message).unwrap();
        assert_eq!(
            written,
            serde_json::from_str::<Value>(text).unwrap(),
            "not as it is written on the wire"
        );
        message
    };
    examples.iter().map(read).collect()
}

/// The kinds that are shown: the one key of each message.
fn kinds<T: Serialize>(messages: &[T]) -> BTreeSet<String> {
    let key = |message: &T| match serde_json::to_value(message).unwrap() {
        Value::Object(fields) => fields.into_iter().next().expect("a message has a kind").0,
        other => other.as_str().expect("a message has a kind").to_owned(),
    };
    messages.iter().map(key).collect()
}

/// The kinds of a message in the source of its type: variants stand alone at the first level of the `enum`.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let start = source
        .find(&format!("pub enum {name} {{"))
        .expect("the type is there");
    let lines = source[start..].lines().skip(1).take_while(|line| *line != "}");
    let variants = lines.filter_map(|line| {
        let line = line
            .strip_prefix("    ")
            .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))?;
        let variant: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
        Some(variant[..1].to_lowercase() + &variant[1..])
    });
    variants.collect()
}

#[test]
fn every_command_is_shown_as_it_is_sent() {
    let messages: Vec<ClientMsg> = check(&examples("command"));
    let commands: Vec<_> = messages.into_iter().map(|message| message.command).collect();
    let source = include_str!("../../call/src/protocol/command.rs");
    assert_eq!(kinds(&commands), variants(source, "Command"));
}

#[test]
fn every_event_is_shown_as_it_is_sent() {
    let events: Vec<Event> = check(&examples("event"));
    let source = include_str!("../../call/src/protocol/event.rs");
    assert_eq!(kinds(&events), variants(source, "Event"));
}

#[test]
fn every_close_code_refusal_and_reason_is_named() {
    let errors = include_str!("../../call/src/protocol/error.rs");
    let events = include_str!("../../call/src/protocol/event.rs");
    for name in variants(errors, "Refusal")
        .into_iter()
        .chain(variants(events, "EndReason"))
    {
        assert!(DOCUMENT.contains(&format!("`{name}")), "{name}");
    }
    let closing = [
        CloseReason::Restarting,
        CloseReason::Malformed,
        CloseReason::TooLarge,
        CloseReason::TooFast,
        CloseReason::TooSlow,
        CloseReason::NoHello,
        CloseReason::SignedOut,
        CloseReason::Superseded,
    ];
    for reason in closing {
        assert!(DOCUMENT.contains(&format!("| {} |", reason.code())), "{reason:?}");
    }
}
