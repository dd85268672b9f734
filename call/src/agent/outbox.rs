//! Commands on their way to the switchboard.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::id::{CallId, CommandId, InviteId};
use crate::protocol::{ClientMsg, Command};

/// Numbers commands, and keeps those that have not been acknowledged so that they can be repeated on the next socket. The
/// switchboard carries out each number once, so repeating never does anything twice.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    last: CommandId,
    unacknowledged: VecDeque<Arc<ClientMsg>>,
}

impl Outbox {
    /// A hello is not a numbered command: it opens the socket.
    pub(super) fn hello(command: Command) -> Arc<ClientMsg> {
        let id = CommandId(0);
        Arc::new(ClientMsg { id, command })
    }

    pub(super) fn number(&mut self, command: Command) -> Arc<ClientMsg> {
        self.last = self.last.next();
        let id = self.last;
        Arc::new(ClientMsg { id, command })
    }

    pub(super) fn push(&mut self, command: Command) -> Arc<ClientMsg> {
        let msg = self.number(command);
        self.unacknowledged.push_back(msg.clone());
        msg
    }

    pub(super) fn acknowledge(&mut self, up_to: CommandId) {
        while self.unacknowledged.front().is_some_and(|msg| msg.id <= up_to) {
            self.unacknowledged.pop_front();
        }
    }

    pub(super) fn unacknowledged(&self) -> impl Iterator<Item = &Arc<ClientMsg>> {
        self.unacknowledged.iter()
    }

    /// Whether this device has asked to leave the call and has no answer yet.
    pub(super) fn is_hanging_up(&self, call: CallId) -> bool {
        self.unacknowledged
            .iter()
            .any(|msg| msg.command == Command::Hangup { call })
    }

    /// Whether this device has accepted or declined an invitation and has no answer yet.
    pub(super) fn is_answering(&self, invitation: InviteId) -> bool {
        self.unacknowledged.iter().any(|msg| match msg.command {
            Command::Accept { invite, .. } | Command::Reject { invite } => invite == invitation,
            _ => false,
        })
    }

    pub(super) fn clear(&mut self) {
        self.unacknowledged.clear();
    }
}
