//! Realms: people who can reach one another, and nobody else.
//!
//! A realm has storage, a hub and call rates of its own, so what belongs to one cannot get into another by any mistake in a
//! query. The site is one, together with the first app; every other app is one.

use std::path::Path;
use std::sync::Arc;

use call::switchboard;
use tokio::task::JoinHandle;

use crate::server::StartError;
use crate::signaling::{CallRates, Hub, HubHandle};
use crate::storage::Storage;
use crate::storage::sqlite::SqliteStorage;

/// A realm, as requests see it. A clone is the same realm.
#[derive(Clone)]
pub struct Realm {
    storage: Arc<dyn Storage>,
    hub: HubHandle,
    call_rates: Arc<CallRates>,
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
}

/// A realm, as the server sees it: what has to be ended. Dropping it ends nothing.
pub struct RunningRealm {
    realm: Realm,
    storage: Arc<SqliteStorage>,
    hub: JoinHandle<()>,
}

impl RunningRealm {
    /// Open the database in a folder, and let the hub run.
    pub async fn start(folder: &Path, rules: switchboard::Config) -> Result<Self, StartError> {
        let storage = Arc::new(SqliteStorage::open(folder).await?);
        let shared: Arc<dyn Storage> = Arc::<SqliteStorage>::clone(&storage);
        let (hub, handle) = Hub::new(rules, getrandom::u64()?, Arc::clone(&shared));
        Ok(Self {
            realm: Realm {
                storage: shared,
                hub: handle,
                call_rates: Arc::default(),
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
