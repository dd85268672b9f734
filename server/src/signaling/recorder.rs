//! The recorder: stores what outlives the server of calls, many changes in one commit when they come fast.
//!
//! While the storage cannot be written to, what is to be stored waits, the newest state of each call in place of those before
//! it, and is tried again and again. Calls that go on do not wait meanwhile; that no new ones begin is the sockets' business
//! ([`StorageHealth`]).

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::id::CallId;
use call::switchboard::StoredCall;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::metrics::Metrics;
use crate::storage::{CallChange, LoggedCall, Storage, StorageError};

/// How long deliveries are held back for a commit. A disk that is slower than this costs calls the guarantee that they outlive
/// the server, not the people their calls.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long after a failure the storage is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(250);
/// Lines of the history that are kept while the storage cannot be written to.
const WAITING_LINES: usize = 100_000;
/// How long a stop waits for the last commit.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// Whether calls can be stored at the moment.
#[derive(Clone, Debug)]
pub struct StorageHealth(Arc<AtomicBool>);

impl Default for StorageHealth {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl StorageHealth {
    /// Whether the last attempt succeeded, and in time.
    pub fn is_good(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, good: bool) {
        if self.0.swap(good, Ordering::Relaxed) != good {
            if good {
                tracing::info!("calls can be stored again");
            } else {
                tracing::error!("calls cannot be stored; those that go on do so, and no new ones begin");
            }
        }
    }
}

/// The hub's end.
#[derive(Debug)]
pub(super) struct Recorder {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Notify,
    health: StorageHealth,
}

/// What is to be stored. At every moment it is all that some inputs of the switchboard have changed, and nothing of others.
#[derive(Debug, Default)]
struct Waiting {
    /// The newest state of each call that has changed; `None` if it is over.
    calls: BTreeMap<CallId, Option<Box<StoredCall>>>,
    lines: Vec<LoggedCall>,
    /// Dropped when it has been stored, or could not be.
    commits: Vec<oneshot::Sender<()>>,
    /// Nothing more will come.
    last: bool,
}

/// Something that is being stored.
#[derive(Debug)]
pub(super) struct Commit {
    pending: oneshot::Receiver<()>,
    deadline: Instant,
    shared: Arc<Shared>,
}

impl Recorder {
    /// Start to write into this storage.
    pub(super) fn spawn(storage: Arc<dyn Storage>, health: StorageHealth, metrics: Metrics) -> Self {
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            changed: Notify::new(),
            health,
        });
        Self {
            task: tokio::spawn(store_all(storage, Arc::clone(&shared), metrics)),
            shared,
        }
    }

    /// Store what one input of the switchboard has changed. Never waits; the commit tells when it is done.
    pub(super) fn record(&self, changes: impl IntoIterator<Item = CallChange>) -> Commit {
        let (done, pending) = oneshot::channel();
        let mut waiting = self.shared.waiting();
        for change in changes {
            waiting.take(change);
        }
        waiting.commits.push(done);
        drop(waiting);
        self.shared.changed.notify_one();
        let shared = Arc::clone(&self.shared);
        let patience = if shared.health.is_good() {
            PATIENCE
        } else {
            Duration::ZERO
        };
        Commit {
            pending,
            deadline: Instant::now() + patience,
            shared,
        }
    }

    /// Come back when everything is stored.
    pub(super) async fn finish(self) {
        self.shared.waiting().last = true;
        self.shared.changed.notify_one();
        if timeout(LAST_PATIENCE, self.task).await.is_err() {
            tracing::error!("the last changes of calls may not be stored: the disk took too long");
        }
    }
}

impl Commit {
    /// Wait until it is stored, could not be, or has taken too long. Safe to cancel.
    pub(super) async fn settled(&mut self) {
        if timeout_at(self.deadline, &mut self.pending).await.is_err() {
            self.shared.health.set(false);
            // It may have been stored in this very moment: then nothing else would ever say that all is well.
            self.shared.changed.notify_one();
        }
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it holds the lock; and if it did, each change is whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self, change: CallChange) {
        match change {
            CallChange::Running(call) => {
                self.calls.insert(call.id(), Some(call));
            }
            CallChange::Over(call) => {
                self.calls.insert(call, None);
            }
            CallChange::Logged(line) if self.lines.len() < WAITING_LINES => self.lines.push(line),
            CallChange::Logged(_) => {
                tracing::error!("a call is missing from the history: too many wait to be stored");
            }
        }
    }

    /// What could not be stored goes back; of a call that has changed meanwhile, the newer state counts.
    fn put_back(&mut self, changes: Vec<CallChange>) {
        let newer = mem::take(&mut self.calls);
        let newer_lines = mem::take(&mut self.lines);
        for change in changes {
            self.take(change);
        }
        self.calls.extend(newer);
        self.lines.extend(newer_lines);
    }

    fn changes(&mut self) -> Vec<CallChange> {
        let calls = mem::take(&mut self.calls).into_iter();
        let calls = calls.map(|(id, call)| call.map_or(CallChange::Over(id), CallChange::Running));
        let lines = mem::take(&mut self.lines).into_iter().map(CallChange::Logged);
        calls.chain(lines).collect()
    }
}

async fn store_all(storage: Arc<dyn Storage>, shared: Arc<Shared>, metrics: Metrics) {
    loop {
        let (changes, commits, last) = {
            let mut waiting = shared.waiting();
            (waiting.changes(), mem::take(&mut waiting.commits), waiting.last)
        };
        if changes.is_empty() {
            drop(commits);
            if last {
                return;
            }
            shared.health.set(true);
            shared.changed.notified().await;
            continue;
        }
        let began = Instant::now();
        let stored = storage.store_calls(&changes).await;
        metrics.committed(began.elapsed());
        match stored {
            Ok(()) => shared.health.set(true),
            Err(StorageError::Unavailable(error)) => {
                tracing::debug!(%error, "calls cannot be stored");
                shared.health.set(false);
                shared.waiting().put_back(changes);
                drop(commits);
                sleep(TRY_AGAIN).await;
            }
            Err(StorageError::Refused(_) | StorageError::Unreadable { .. } | StorageError::Moved { .. }) => {
                store_each(&*storage, &shared, changes).await;
            }
        }
    }
}

/// One of these is refused for good, and must not keep the others from being stored.
async fn store_each(storage: &dyn Storage, shared: &Shared, changes: Vec<CallChange>) {
    for change in changes {
        match storage.store_calls(core::slice::from_ref(&change)).await {
            Ok(()) => {}
            Err(StorageError::Unavailable(_)) => shared.waiting().put_back(vec![change]),
            Err(
                error @ (StorageError::Refused(_)
                | StorageError::Unreadable { .. }
                | StorageError::Moved { .. }),
            ) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a change of a call is not stored");
            }
        }
    }
}
