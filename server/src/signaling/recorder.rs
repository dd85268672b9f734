//! The recorder: writes the call history, many calls in one commit when they come fast.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::storage::{LoggedCall, Storage};

/// Calls that may wait to be written.
const WAITING: usize = 1024;
/// Calls written in one commit.
const BATCH: usize = 64;
/// How long deliveries are held back for a commit. A disk that is slower than this costs the history its guarantee, not
/// the people their calls.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a stop waits for the last commit.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// The hub's end.
#[derive(Debug)]
pub(super) struct Recorder {
    queue: mpsc::Sender<Entry>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Entry {
    call: LoggedCall,
    /// Dropped when the call has been written, or could not be.
    pending: oneshot::Sender<()>,
}

/// Something that is being written.
#[derive(Debug)]
pub(super) struct Commit {
    pending: oneshot::Receiver<()>,
    deadline: Instant,
}

impl Recorder {
    /// Start to write into this storage.
    pub(super) fn spawn(storage: Arc<dyn Storage>) -> Self {
        let (queue, entries) = mpsc::channel(WAITING);
        Self {
            queue,
            task: tokio::spawn(write_all(storage, entries)),
        }
    }

    /// Write a call. Never waits; the commit tells when it is done.
    pub(super) fn record(&self, call: LoggedCall) -> Commit {
        let (pending, done) = oneshot::channel();
        if self.queue.try_send(Entry { call, pending }).is_err() {
            tracing::error!("a call is missing from the history: too many wait to be written");
        }
        Commit {
            pending: done,
            deadline: Instant::now() + PATIENCE,
        }
    }

    /// Come back when everything is written.
    pub(super) async fn finish(self) {
        drop(self.queue);
        if timeout(LAST_PATIENCE, self.task).await.is_err() {
            tracing::error!("the last calls may be missing from the history: the disk took too long");
        }
    }
}

impl Commit {
    /// Wait until it is written, could not be, or has taken too long. Safe to cancel.
    pub(super) async fn settled(&mut self) {
        if timeout_at(self.deadline, &mut self.pending).await.is_err() {
            tracing::warn!("the call history takes long to be written; going on meanwhile");
        }
    }
}

async fn write_all(storage: Arc<dyn Storage>, mut entries: mpsc::Receiver<Entry>) {
    let mut batch = Vec::new();
    while entries.recv_many(&mut batch, BATCH).await > 0 {
        let (calls, _pending): (Vec<LoggedCall>, Vec<oneshot::Sender<()>>) = mem::take(&mut batch)
            .into_iter()
            .map(|entry| (entry.call, entry.pending))
            .unzip();
        if let Err(error) = storage.log_calls(&calls).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, missing = calls.len(), "calls are missing from the history");
        }
    }
}
