//! How everybody else speaks to the hub.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use call::id::{DisplayName, Person, Roster, UserId};
use call::protocol::{ClientMsg, Login};
use call::switchboard::{Address, Detachment, Known};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, mpsc};
use tokio::time::timeout;

use crate::clock::UnixMillis;
use crate::desk::Credential;
use crate::desk::token::SessionKey;
use crate::signaling::outbox::Outbox;
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
    pub(in crate::signaling) blocks: BTreeSet<UserId>,
    pub(in crate::signaling) session: SessionKey,
    pub(in crate::signaling) credential: Credential,
    pub(in crate::signaling) expires_at: UnixMillis,
    pub(in crate::signaling) outbox: Outbox,
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
    SessionClosed(SessionKey),
    Expired {
        socket: SocketId,
        address: Address,
    },
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
}

impl HubHandle {
    /// A way to speak to a hub, and where the hub finds what is said.
    pub(super) fn new() -> (Self, mpsc::Receiver<Message>) {
        let (sender, inbox) = mpsc::channel(INBOX);
        let handle = Self {
            inbox: sender,
            next_socket: Arc::default(),
            order: Arc::default(),
        };
        (handle, inbox)
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

    /// Change what is stored, and tell the hub what has become of it.
    ///
    /// Once begun, this is finished even if nobody waits for it any more: what is stored must not be kept from the
    /// switchboard by a visitor who goes away.
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
        let changing = tokio::spawn(async move {
            let _order = hub.order.write().await;
            let changed = change.await?;
            hub.tell(told(changed)).await;
            Ok(())
        });
        changing.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the task that changes a group or a block failed");
            Err(StorageError::Unavailable(sqlx::Error::WorkerCrashed).into())
        })
    }

    /// No group and no block changes until this is dropped: what is looked up of them meanwhile and told to the hub is true
    /// there. `None` if the storage is too slow: a socket must not stand still for the changes of others.
    pub(in crate::signaling) async fn keep_order(&self) -> Option<OwnedRwLockReadGuard<()>> {
        timeout(ORDER_PATIENCE, Arc::clone(&self.order).read_owned())
            .await
            .ok()
    }

    /// A session is over. It must no longer be in the storage, so that no new socket can be opened with it.
    pub async fn session_closed(&self, key: SessionKey) {
        self.tell(Message::SessionClosed(key)).await;
    }

    /// What has let a socket in is good no longer. The hub knows whether the socket may stay for the rest of a call.
    pub(in crate::signaling) async fn expired(&self, socket: SocketId, address: Address) {
        self.tell(Message::Expired { socket, address }).await;
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

    /// A message arrived; `known` is what the storage knows of those whom it names.
    pub(in crate::signaling) async fn received(
        &self,
        socket: SocketId,
        from: Address,
        msg: ClientMsg,
        known: Known,
    ) {
        self.tell(Message::Received {
            socket,
            from,
            msg,
            known,
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
