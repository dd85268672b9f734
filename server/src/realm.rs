//! Realms: people who can reach one another, and nobody else.
//!
//! A realm has storage, a hub and call rates of its own, so what belongs to one cannot get into another by any mistake in a
//! query. The site is one, together with the first app; every other app is one.

use std::path::Path;
use std::sync::Arc;

use call::switchboard::{self, Stored};
use tokio::task::JoinHandle;

use crate::metrics::Metrics;
use crate::server::StartError;
use crate::signaling::{CallRates, Hub, HubHandle, IceServers, SocketsOfPeople};
use crate::storage::sqlite::SqliteStorage;
use crate::storage::{Blocks as _, CallLog as _, Groups as _, Storage, StorageError};

/// A realm, as requests see it. A clone is the same realm.
#[derive(Clone)]
pub struct Realm {
    storage: Arc<dyn Storage>,
    hub: HubHandle,
    call_rates: Arc<CallRates>,
    sockets: SocketsOfPeople,
}

impl Realm {
    /// The database.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// The switchboard's task.
    pub fn hub(&self) -> &HubHandle {
        &self.hub
    }

    /// How often people may call.
    pub fn call_rates(&self) -> &Arc<CallRates> {
        &self.call_rates
    }

    /// How many sockets people have.
    pub fn sockets(&self) -> &SocketsOfPeople {
        &self.sockets
    }
}

/// A realm, as the server sees it: what has to be ended. Dropping it ends nothing.
pub struct RunningRealm {
    realm: Realm,
    storage: Arc<SqliteStorage>,
    hub: JoinHandle<()>,
}

impl RunningRealm {
    /// Open the database in a folder, and let the hub run.
    pub async fn start(
        folder: &Path,
        rules: switchboard::Config,
        ice_servers: IceServers,
        metrics: &Metrics,
    ) -> Result<Self, StartError> {
        let storage = Arc::new(SqliteStorage::open(folder).await?);
        let shared: Arc<dyn Storage> = Arc::<SqliteStorage>::clone(&storage);
        let (mut hub, handle) = Hub::new(
            rules,
            ice_servers,
            getrandom::u64()?,
            Arc::clone(&shared),
            metrics,
        );
        hub.restore(what_was_going_on(&storage).await?);
        Ok(Self {
            realm: Realm {
                storage: shared,
                hub: handle,
                call_rates: Arc::default(),
                sockets: SocketsOfPeople::default(),
            },
            storage,
            hub: tokio::spawn(hub.run()),
        })
    }

    /// For requests.
    pub fn realm(&self) -> &Realm {
        &self.realm
    }

    /// Wait until the hub, which has been told to stop, has stored all that is to be stored; and close the database.
    pub async fn finish(self) {
        if let Err(error) = self.hub.await {
            tracing::error!(%error, "the hub's task failed");
        }
        self.storage.close().await;
    }
}

/// The calls of a server before this one, and what else has to be known to go on with them.
async fn what_was_going_on(storage: &SqliteStorage) -> Result<Stored, StorageError> {
    let mut stored = Stored {
        calls: storage.running_calls().await?,
        ..Stored::default()
    };
    for call in &stored.calls {
        if let Some(group) = call.of_group() {
            stored.groups.extend(storage.roster(group).await?);
        }
        for user in call.people() {
            stored
                .blocks
                .insert(user.clone(), storage.blocked_by(user).await?);
        }
    }
    if !stored.calls.is_empty() {
        tracing::info!(calls = stored.calls.len(), "going on with the calls of before");
    }
    Ok(stored)
}
