//! `GET /readyz`: whether the server can do what it is there for, for whoever sends people to it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::realm::Realm;
use crate::site::Site;
use crate::storage::StorageError;

/// How long the database and the hub may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer is good. Everybody may ask, and the database has better things to do.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// Why nobody should be sent here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// The server is about to stop.
    Stopping,
    /// A hub does not answer.
    Hub,
    /// A database cannot be read or written.
    Storage,
}

impl NotReady {
    const fn word(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Hub => "hub",
            Self::Storage => "storage",
        }
    }
}

/// Looks after the realms when somebody asks.
pub struct Readiness {
    realms: Vec<Realm>,
    /// Held while one looks, so that the others wait for what is found.
    found: Mutex<Option<(Instant, Result<(), NotReady>)>>,
}

impl Readiness {
    /// Of a server with these realms.
    pub fn new(realms: Vec<Realm>) -> Self {
        Self {
            realms,
            found: Mutex::default(),
        }
    }

    /// Whether all is well, or was a second ago.
    pub async fn look(&self) -> Result<(), NotReady> {
        // This is known at once, and no older answer holds against it.
        if self.realms.iter().any(|realm| realm.hub().has_stopped()) {
            return Err(NotReady::Stopping);
        }
        let mut found = self.found.lock().await;
        if let Some((at, result)) = &*found
            && at.elapsed() < GOOD_FOR
        {
            return *result;
        }
        let mut trouble = None;
        for realm in &self.realms {
            trouble = trouble.or(probe(realm).await.err());
        }
        let before = (*found).map_or(Ok(()), |(_, before)| before);
        let result = trouble.as_ref().map_or(Ok(()), |trouble| Err(trouble.why));
        match trouble {
            None if before.is_err() => tracing::info!("ready again"),
            Some(Trouble { why, error }) if before != result => {
                let error = error.map(tracing::field::display);
                tracing::error!(why = why.word(), error, "not ready: /readyz says 503");
            }
            None | Some(_) => {}
        }
        *found = Some((Instant::now(), result));
        result
    }
}

/// What a probe has found, and what the database has said to it.
struct Trouble {
    why: NotReady,
    error: Option<StorageError>,
}

impl From<NotReady> for Trouble {
    fn from(why: NotReady) -> Self {
        Self { why, error: None }
    }
}

async fn probe(realm: &Realm) -> Result<(), Trouble> {
    match timeout(PATIENCE, realm.hub().is_at_work()).await {
        Ok(true) => {}
        Ok(false) => return Err(NotReady::Stopping.into()),
        Err(_) => return Err(NotReady::Hub.into()),
    }
    // On a full disk everything can be read, and a transaction begun: what could not be stored says more.
    if !realm.hub().storage_health().is_good() {
        return Err(NotReady::Storage.into());
    }
    // In a task of its own: a transaction that has begun is taken back, even if nobody waits for it any more.
    let storage = Arc::clone(realm.storage());
    let probing = tokio::spawn(async move { storage.probe().await });
    match timeout(PATIENCE, probing).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(Trouble {
            why: NotReady::Storage,
            error: Some(error),
        }),
        Ok(Err(_)) | Err(_) => Err(NotReady::Storage.into()),
    }
}

/// 200 if all is well, or else 503; each with a word. More is nobody's business: it is in the log.
pub async fn answer(State(site): State<Site>) -> (StatusCode, &'static str) {
    match site.readiness().look().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why.word()),
    }
}
