//! What is on its way to one socket: a queue that never makes its sender wait.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Message;
use call::protocol::CloseReason;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::form::{Form, payload_len};
use super::history::History;

/// The most messages that may wait for one socket.
const MESSAGES: usize = 512;
/// The most bytes that may wait for one socket.
const BYTES: usize = 512 * 1024;

/// The queue to one socket: the hub holds one end, the socket's task the other.
///
/// A client that does not read fills its own queue and nothing else: then the queue is thrown away and the socket closed
/// as [`TooSlow`](CloseReason::TooSlow). The client comes back, and a snapshot replaces what it missed.
#[derive(Clone, Debug)]
pub struct Outbox(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    form: Form,
    line: Mutex<Line>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Line {
    state: State,
    /// What has gone into it after the welcome, whether it came out or not.
    history: Option<History>,
}

#[derive(Debug)]
enum State {
    Open {
        messages: VecDeque<Message>,
        bytes: usize,
    },
    /// What is left to send, and then the reason.
    Closing {
        messages: VecDeque<Message>,
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

impl State {
    fn push(&mut self, message: Message) {
        if let Self::Open { messages, bytes } = self {
            *bytes = bytes.saturating_add(payload_len(&message));
            messages.push_back(message);
            if messages.len() > MESSAGES || *bytes > BYTES {
                *self = Self::Closing {
                    messages: VecDeque::new(),
                    reason: CloseReason::TooSlow,
                };
            }
        }
    }
}

/// What comes out at the socket's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Send this.
    Message(Message),
    /// Close the socket, and look no further.
    Close(CloseReason),
}

impl Outbox {
    /// An empty queue to a socket that speaks in this form.
    pub fn new(form: Form) -> Self {
        Self(Arc::new(Queue {
            form,
            line: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// The form that messages must have.
    pub fn form(&self) -> Form {
        self.0.form
    }

    /// Queue a message. After the socket was closed it is only remembered.
    pub fn send(&self, message: Message) {
        let mut line = self.line();
        if let Some(history) = &mut line.history {
            history.push(Instant::now(), message.clone());
        }
        line.state.push(message);
        drop(line);
        self.0.changed.notify_one();
    }

    /// Queue the welcome. What follows it is remembered.
    pub fn send_welcome(&self, message: Message) {
        let mut line = self.line();
        line.state.push(message);
        line.history = Some(History::default());
        drop(line);
        self.0.changed.notify_one();
    }

    /// What was queued after the first `received` messages that followed the welcome; `None` if that is not known any more.
    pub fn said_after(&self, received: u32) -> Option<Vec<Message>> {
        self.line().history.as_ref()?.after(received)
    }

    /// Remember no longer what has surely arrived.
    pub fn forget_old(&self) {
        if let Some(history) = &mut self.line().history {
            history.forget_old(Instant::now());
        }
    }

    /// Close the socket when everything queued before has been sent. The first reason counts.
    pub fn close(&self, reason: CloseReason) {
        let mut line = self.line();
        if let State::Open { messages, .. } = &mut line.state {
            line.state = State::Closing {
                messages: mem::take(messages),
                reason,
            };
        }
        drop(line);
        self.0.changed.notify_one();
    }

    /// There is no socket any more: nothing waits for it, and what comes is only remembered.
    pub fn abandon(&self) {
        self.line().state = State::Closing {
            messages: VecDeque::new(),
            reason: CloseReason::Superseded,
        };
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
            if let State::Closing { reason, .. } = &self.line().state {
                return *reason;
            }
            self.0.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Outgoing> {
        match &mut self.line().state {
            State::Open { messages, bytes } => {
                let message = messages.pop_front()?;
                *bytes = bytes.saturating_sub(payload_len(&message));
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

    fn line(&self) -> MutexGuard<'_, Line> {
        // Nothing panics while it holds the lock; and if it did, a queue is never left half changed.
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_come_out_in_order_and_then_the_reason() {
        let outbox = Outbox::new(Form::Json);
        outbox.send(Message::text("a"));
        outbox.send(Message::text("b"));
        outbox.close(CloseReason::SignedOut);
        outbox.close(CloseReason::Restarting);
        outbox.send(Message::text("c"));
        assert_eq!(outbox.next().await, Outgoing::Message(Message::text("a")));
        assert_eq!(outbox.next().await, Outgoing::Message(Message::text("b")));
        assert_eq!(outbox.next().await, Outgoing::Close(CloseReason::SignedOut));
        assert_eq!(outbox.next().await, Outgoing::Close(CloseReason::SignedOut));
    }

    #[tokio::test]
    async fn a_queue_that_nobody_empties_is_closed_and_holds_nothing() {
        let outbox = Outbox::new(Form::Json);
        for _ in 0..=MESSAGES {
            outbox.send(Message::text("x"));
        }
        assert_eq!(outbox.next().await, Outgoing::Close(CloseReason::TooSlow));
    }

    #[tokio::test]
    async fn what_followed_the_welcome_is_remembered_even_without_a_socket() {
        let outbox = Outbox::new(Form::Json);
        outbox.send(Message::text("repeated"));
        outbox.send_welcome(Message::text("welcome"));
        outbox.send(Message::text("a"));
        outbox.abandon();
        outbox.send(Message::text("b"));
        assert_eq!(outbox.said_after(1), Some(vec![Message::text("b")]));
        assert_eq!(outbox.next().await, Outgoing::Close(CloseReason::Superseded));
    }

    #[tokio::test]
    async fn few_but_large_messages_fill_it_too() {
        let outbox = Outbox::new(Form::Json);
        let large = "x".repeat(64 * 1024);
        for _ in 0..9 {
            outbox.send(Message::Text(large.clone().into()));
        }
        assert_eq!(outbox.closing().await, CloseReason::TooSlow);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let outbox = Outbox::new(Form::Json);
        let sender = outbox.clone();
        let (next, ()) = tokio::join!(outbox.next(), async move { sender.send(Message::text("late")) });
        assert_eq!(next, Outgoing::Message(Message::text("late")));
    }
}
