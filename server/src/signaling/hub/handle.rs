//! How everybody else speaks to the hub.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use call::id::{DisplayName, Person, Roster, UserId};
use call::protocol::{ClientMsg, Login, Resume};
use call::switchboard::{Address, Detachment, Known};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, mpsc, oneshot};
use tokio::time::{Instant, timeout};

use crate::clock::UnixMillis;
use crate::desk::Credential;
use crate::desk::token::SessionKey;
use crate::signaling::outbox::Outbox;
use crate::signaling::recorder::StorageHealth;
use crate::storage::{BlockError, ChangeGroupError, StorageError};

/// Messages that may wait for the hub. Beyond that the sockets wait with reading, and TCP with sending.
const INBOX: usize = 1024;
/// How long a socket waits while groups and blocks are being changed.
const ORDER_PATIENCE: Duration = Duration::from_secs(1);

/// One connection; several may follow one another on the same device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::signaling) struct SocketId(u64);

/// A socket that has said hello.
#[derive(Debug)]
pub(in crate::signaling) struct Greeted {
    pub(in crate::signaling) socket: SocketId,
    pub(in crate::signaling) address: Address,
    pub(in crate::signaling) name: DisplayName,
    pub(in crate::signaling) login: Login,
    pub(in crate::signaling) resume: Option<Resume>,
    pub(in crate::signaling) blocks: BTreeSet<UserId>,
    pub(in crate::signaling) session: SessionKey,
    pub(in crate::signaling) credential: Credential,
    pub(in crate::signaling) expires_at: UnixMillis,
    pub(in crate::signaling) outbox: Outbox,
}

/// How a session has ended. The storage must not have it any more, so that no new socket can be opened with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// It is over, and so is what was opened with it.
    Closed(SessionKey),
    /// Another one of the same browser has taken its place, under which its sockets go on.
    Replaced {
        /// Which has ended.
        old: SessionKey,
        /// Which goes on.
        new: SessionKey,
        /// Until when.
        expires_at: UnixMillis,
    },
}

#[derive(Debug)]
pub(super) enum Message {
    Attached(Box<Greeted>),
    Detached {
        socket: SocketId,
        address: Address,
        manner: Detachment,
    },
    Received {
        socket: SocketId,
        from: Address,
        msg: ClientMsg,
        known: Known,
        came_at: Instant,
    },
    GroupChanged {
        roster: Roster,
        left: Option<UserId>,
    },
    Blocked {
        by: UserId,
        whom: UserId,
    },
    Unblocked {
        by: UserId,
        whom: UserId,
    },
    PersonJoined(Person),
    SessionEnded(SessionEnd),
    Expired {
        socket: SocketId,
        address: Address,
    },
    /// Whether the hub is at work.
    Asked(oneshot::Sender<()>),
    Stop,
}

/// How everybody else speaks to the hub. Once the hub has stopped, what is said to it goes nowhere.
#[derive(Clone, Debug)]
pub struct HubHandle {
    inbox: mpsc::Sender<Message>,
    next_socket: Arc<AtomicU64>,
    /// Held to write while a group or a block is changed, and to read while one is looked up, each until the hub has been
    /// told: so it is told of them in the order in which they were stored.
    order: Arc<RwLock<()>>,
    storage_health: StorageHealth,
}

impl HubHandle {
    /// A way to speak to a hub, and where the hub finds what is said.
    pub(super) fn new() -> (Self, mpsc::Receiver<Message>) {
        let (sender, inbox) = mpsc::channel(INBOX);
        let handle = Self {
            inbox: sender,
            next_socket: Arc::default(),
            order: Arc::default(),
            storage_health: StorageHealth::default(),
        };
        (handle, inbox)
    }

    /// Whether calls can be stored at the moment.
    pub fn storage_health(&self) -> &StorageHealth {
        &self.storage_health
    }

    /// Somebody signed up.
    pub async fn person_joined(&self, person: Person) {
        self.tell(Message::PersonJoined(person)).await;
    }

    /// Change a group and tell the switchboard what has become of it, and who has `left` it by that.
    pub async fn change_group(
        &self,
        left: Option<UserId>,
        change: impl Future<Output = Result<Roster, ChangeGroupError>> + Send + 'static,
    ) -> Result<(), ChangeGroupError> {
        let told = |roster| Message::GroupChanged { roster, left };
        self.change(change, told).await
    }

    /// Block somebody, and tell the switchboard.
    pub async fn block(
        &self,
        by: UserId,
        whom: UserId,
        change: impl Future<Output = Result<(), BlockError>> + Send + 'static,
    ) -> Result<(), BlockError> {
        self.change(change, |()| Message::Blocked { by, whom }).await
    }

    /// Take a block back, and tell the switchboard.
    pub async fn unblock(
        &self,
        by: UserId,
        whom: UserId,
        change: impl Future<Output = Result<(), StorageError>> + Send + 'static,
    ) -> Result<(), StorageError> {
        self.change(change, |()| Message::Unblocked { by, whom }).await
    }

    /// Change which sessions there are, and tell the hub which of them have ended by that.
    pub async fn change_sessions<E: From<StorageError> + Send + 'static>(
        &self,
        change: impl Future<Output = Result<Vec<SessionEnd>, E>> + Send + 'static,
    ) -> Result<(), E> {
        let hub = self.clone();
        finish(async move {
            for end in change.await? {
                hub.tell(Message::SessionEnded(end)).await;
            }
            Ok(())
        })
        .await
    }

    /// Change a group or a block, and tell the hub what has become of it.
    async fn change<T, E>(
        &self,
        change: impl Future<Output = Result<T, E>> + Send + 'static,
        told: impl FnOnce(T) -> Message + Send + 'static,
    ) -> Result<(), E>
    where
        T: Send,
        E: From<StorageError> + Send + 'static,
    {
        let hub = self.clone();
        finish(async move {
            let _order = hub.order.write().await;
            let changed = change.await?;
            hub.tell(told(changed)).await;
            Ok(())
        })
        .await
    }

    /// No group and no block changes until this is dropped: what is looked up of them meanwhile and told to the hub is true
    /// there. `None` if the storage is too slow: a socket must not stand still for the changes of others.
    pub(in crate::signaling) async fn keep_order(&self) -> Option<OwnedRwLockReadGuard<()>> {
        timeout(ORDER_PATIENCE, Arc::clone(&self.order).read_owned())
            .await
            .ok()
    }

    /// What has let a socket in is good no longer. The hub knows whether the socket may stay for the rest of a call.
    pub(in crate::signaling) async fn expired(&self, socket: SocketId, address: Address) {
        self.tell(Message::Expired { socket, address }).await;
    }

    /// Whether the hub has stopped.
    pub fn has_stopped(&self) -> bool {
        self.inbox.is_closed()
    }

    /// Comes back as soon as the hub has done what it was told before: whether it is at work.
    pub async fn is_at_work(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        self.tell(Message::Asked(answer)).await;
        answered.await.is_ok()
    }

    /// Close every socket and stop.
    pub async fn stop(&self) {
        self.tell(Message::Stop).await;
    }

    pub(in crate::signaling) fn new_socket(&self) -> SocketId {
        SocketId(self.next_socket.fetch_add(1, Ordering::Relaxed))
    }

    pub(in crate::signaling) async fn attached(&self, greeted: Greeted) {
        self.tell(Message::Attached(Box::new(greeted))).await;
    }

    pub(in crate::signaling) async fn detached(
        &self,
        socket: SocketId,
        address: Address,
        manner: Detachment,
    ) {
        self.tell(Message::Detached {
            socket,
            address,
            manner,
        })
        .await;
    }

    /// A message arrived, at `came_at`; `known` is what the storage knows of those whom it names.
    pub(in crate::signaling) async fn received(
        &self,
        socket: SocketId,
        from: Address,
        msg: ClientMsg,
        known: Known,
        came_at: Instant,
    ) {
        self.tell(Message::Received {
            socket,
            from,
            msg,
            known,
            came_at,
        })
        .await;
    }

    /// Comes back when the hub has stopped.
    pub(in crate::signaling) async fn stopped(&self) {
        self.inbox.closed().await;
    }

    async fn tell(&self, message: Message) {
        // An error says that the hub has stopped, and with it everything that this could be about.
        let _ = self.inbox.send(message).await;
    }
}

/// Do this to its end even if nobody waits for it any more: what is stored must not be kept from the hub by a visitor who goes
/// away.
async fn finish<T, E>(change: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    tokio::spawn(change).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a task that changes what is stored, and tells the hub, failed");
        Err(StorageError::Unavailable(sqlx::Error::WorkerCrashed).into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::token::Token;

    #[tokio::test]
    async fn the_hub_hears_of_a_session_that_has_ended_although_whoever_asked_has_gone() {
        let (hub, mut inbox) = HubHandle::new();
        let end = SessionEnd::Closed(Token::random().unwrap().key());
        let (commit, committed) = oneshot::channel::<()>();
        let asked = hub.change_sessions(async move {
            committed.await.unwrap();
            Ok::<_, StorageError>(vec![end])
        });
        assert!(
            timeout(Duration::from_millis(20), asked).await.is_err(),
            "not yet"
        );
        commit.send(()).unwrap();
        let heard = timeout(Duration::from_secs(10), inbox.recv()).await.unwrap();
        assert!(
            matches!(heard, Some(Message::SessionEnded(heard)) if heard == end),
            "{heard:?}"
        );
    }
}
