//! What was said to a device lately, so that it can be repeated on its next socket.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ws::Message;
use tokio::time::Instant;

use super::form::payload_len;

/// The most messages that are kept for one device.
const MESSAGES: usize = 256;
/// The most bytes that are kept for one device.
const BYTES: usize = 64 * 1024;
/// How long a message is kept for a device whose socket is open: longer than it takes to notice that it is not.
const KEEP_FOR: Duration = Duration::from_secs(30);

/// The messages after a welcome: how many there were, and the last of them.
#[derive(Debug, Default)]
pub(super) struct History {
    said: u32,
    kept: VecDeque<(Instant, Message)>,
    bytes: usize,
}

impl History {
    /// This is said now.
    pub(super) fn push(&mut self, now: Instant, message: Message) {
        self.said = self.said.wrapping_add(1);
        self.bytes = self.bytes.saturating_add(payload_len(&message));
        self.kept.push_back((now, message));
        while self.kept.len() > MESSAGES || self.bytes > BYTES {
            self.forget_first();
        }
    }

    /// Forget what has arrived by now, if the device is there at all.
    pub(super) fn forget_old(&mut self, now: Instant) {
        while self
            .kept
            .front()
            .is_some_and(|(at, _)| now.duration_since(*at) > KEEP_FOR)
        {
            self.forget_first();
        }
        if self.kept.is_empty() {
            self.kept = VecDeque::new();
        }
    }

    /// What was said after the first `received` messages; `None` if that is not known any more, or never was.
    pub(super) fn after(&self, received: u32) -> Option<Vec<Message>> {
        let missed = usize::try_from(self.said.checked_sub(received)?).ok()?;
        let known = self.kept.len().checked_sub(missed)?;
        let missed = self.kept.range(known..);
        Some(missed.map(|(_, message)| message.clone()).collect())
    }

    fn forget_first(&mut self) {
        if let Some((_, message)) = self.kept.pop_front() {
            self.bytes = self.bytes.saturating_sub(payload_len(&message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(messages: Option<Vec<Message>>) -> Option<Vec<String>> {
        let text = |message: Message| message.into_text().unwrap().to_string();
        messages.map(|messages| messages.into_iter().map(text).collect())
    }

    #[test]
    fn what_was_missed_is_known_and_nothing_else() {
        let mut history = History::default();
        for text in ["a", "b", "c"] {
            history.push(Instant::now(), Message::text(text));
        }
        assert_eq!(texts(history.after(1)), Some(vec!["b".into(), "c".into()]));
        assert_eq!(texts(history.after(3)), Some(vec![]));
        assert_eq!(texts(history.after(4)), None, "more than was ever said");
    }

    #[test]
    fn what_was_said_long_before_is_forgotten() {
        let mut history = History::default();
        for number in 0..=MESSAGES {
            history.push(Instant::now(), Message::text(number.to_string()));
        }
        assert_eq!(texts(history.after(0)), None);
        assert_eq!(history.after(1).map(|missed| missed.len()), Some(MESSAGES));
        let large = "x".repeat(BYTES / 2 + 1);
        history.push(Instant::now(), Message::text(large.clone()));
        history.push(Instant::now(), Message::text(large));
        assert_eq!(history.kept.len(), 1);
        assert_eq!(history.bytes, BYTES / 2 + 1);
    }

    #[test]
    fn of_a_device_that_is_there_little_is_kept() {
        let mut history = History::default();
        let then = Instant::now();
        let now = then + KEEP_FOR + Duration::from_millis(1);
        history.push(then, Message::text("a"));
        history.push(now, Message::text("b"));
        history.forget_old(now);
        assert_eq!(texts(history.after(1)), Some(vec!["b".into()]));
        assert_eq!(texts(history.after(0)), None);
    }
}
