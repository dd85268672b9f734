//! What is on its way to one socket: a queue that never makes its sender wait.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use call::protocol::CloseReason;
use tokio::sync::Notify;

/// The most messages that may wait for one socket.
const MESSAGES: usize = 512;
/// The most bytes that may wait for one socket.
const BYTES: usize = 512 * 1024;

/// The queue to one socket: the hub holds one end, the socket's task the other.
///
/// A client that does not read fills its own queue and nothing else: then the queue is thrown away and the socket closed
/// as [`TooSlow`](CloseReason::TooSlow). The client comes back, and a snapshot replaces what it missed.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
enum State {
    Open {
        messages: VecDeque<Utf8Bytes>,
        bytes: usize,
    },
    /// What is left to send, and then the reason.
    Closing {
        messages: VecDeque<Utf8Bytes>,
        reason: CloseReason,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Open {
            messages: VecDeque::new(),
            bytes: 0,
        }
    }
}

/// What comes out at the socket's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Send this.
    Message(Utf8Bytes),
    /// Close the socket, and look no further.
    Close(CloseReason),
}

impl Outbox {
    /// Queue a message. After the socket was closed it goes nowhere.
    pub fn send(&self, message: Utf8Bytes) {
        let mut state = self.state();
        if let State::Open { messages, bytes } = &mut *state {
            *bytes = bytes.saturating_add(message.len());
            messages.push_back(message);
            if messages.len() > MESSAGES || *bytes > BYTES {
                *state = State::Closing {
                    messages: VecDeque::new(),
                    reason: CloseReason::TooSlow,
                };
            }
        }
        drop(state);
        self.0.changed.notify_one();
    }

    /// Close the socket when everything queued before has been sent. The first reason counts.
    pub fn close(&self, reason: CloseReason) {
        let mut state = self.state();
        if let State::Open { messages, .. } = &mut *state {
            *state = State::Closing {
                messages: mem::take(messages),
                reason,
            };
        }
        drop(state);
        self.0.changed.notify_one();
    }

    /// The next thing to do. Safe to cancel. Only one task may wait at a time.
    pub async fn next(&self) -> Outgoing {
        loop {
            if let Some(outgoing) = self.take() {
                return outgoing;
            }
            self.0.changed.notified().await;
        }
    }

    /// Why the socket is to be closed, as soon as it is: to give up on a message that nobody takes.
    pub async fn closing(&self) -> CloseReason {
        loop {
            if let State::Closing { reason, .. } = &*self.state() {
                return *reason;
            }
            self.0.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Outgoing> {
        match &mut *self.state() {
            State::Open { messages, bytes } => {
                let message = messages.pop_front()?;
                *bytes = bytes.saturating_sub(message.len());
                if messages.is_empty() {
                    // Most sockets are idle most of the time: give the memory of the last burst back.
                    *messages = VecDeque::new();
                }
                Some(Outgoing::Message(message))
            }
            State::Closing { messages, reason } => Some(
                messages
                    .pop_front()
                    .map_or(Outgoing::Close(*reason), Outgoing::Message),
            ),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; and if it did, a queue is never left half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_come_out_in_order_and_then_the_reason() {
        let outbox = Outbox::default();
        outbox.send("a".into());
        outbox.send("b".into());
        outbox.close(CloseReason::SignedOut);
        outbox.close(CloseReason::Restarting);
        outbox.send("c".into());
        assert_eq!(outbox.next().await, Outgoing::Message("a".into()));
        assert_eq!(outbox.next().await, Outgoing::Message("b".into()));
        assert_eq!(outbox.next().await, Outgoing::Close(CloseReason::SignedOut));
        assert_eq!(outbox.next().await, Outgoing::Close(CloseReason::SignedOut));
    }

    #[tokio::test]
    async fn a_queue_that_nobody_empties_is_closed_and_holds_nothing() {
        let outbox = Outbox::default();
        for _ in 0..=MESSAGES {
            outbox.send("x".into());
        }
        assert_eq!(outbox.next().await, Outgoing::Close(CloseReason::TooSlow));
    }

    #[tokio::test]
    async fn few_but_large_messages_fill_it_too() {
        let outbox = Outbox::default();
        let large = "x".repeat(64 * 1024);
        for _ in 0..9 {
            outbox.send(large.clone().into());
        }
        assert_eq!(outbox.closing().await, CloseReason::TooSlow);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let outbox = Outbox::default();
        let sender = outbox.clone();
        let (next, ()) = tokio::join!(outbox.next(), async move { sender.send("late".into()) });
        assert_eq!(next, Outgoing::Message("late".into()));
    }
}
