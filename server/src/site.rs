//! What every request can reach.

use std::sync::Arc;

use app::assets::Assets;
use call::protocol::Refusal;
use tokio::sync::watch;

use crate::apps::{App, AppId};
use crate::config::{Config, PageOrigin, ProxyRange, PublicUrl};
use crate::desk::Desk;
use crate::metrics::{ClosedBy, Metrics};
use crate::readiness::Readiness;
use crate::realm::Realm;
use crate::security::host::KnownHosts;
use crate::security::https::Insists;
use crate::security::origin::AllowedOrigin;
use crate::signaling::HubHandle;
use crate::storage::Storage;
use crate::tls::lan::KnownAuthority;

/// The site: the state of the router. A clone is the same site.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    desk: Desk,
    realm: Realm,
    /// Each with the realm of its people. The first shares the site's.
    apps: Vec<(App, Realm)>,
    origins: Vec<PageOrigin>,
    assets: Assets,
    public_url: Option<PublicUrl>,
    allowed_origin: AllowedOrigin,
    known_hosts: KnownHosts,
    insists: Insists,
    authority: Option<watch::Receiver<KnownAuthority>>,
    trusted_proxies: Vec<ProxyRange>,
    open_sockets: watch::Sender<usize>,
    metrics: Metrics,
    readiness: Readiness,
}

impl Site {
    /// A site over these parts. `realm` is its own and the first app's; the other apps have `others`, in their order.
    pub fn new(
        config: &Config,
        desk: Desk,
        realm: Realm,
        others: &[Realm],
        assets: Assets,
        metrics: Metrics,
        authority: Option<watch::Receiver<KnownAuthority>>,
    ) -> Self {
        let realms: Vec<Realm> = std::iter::once(&realm).chain(others).cloned().collect();
        Self(Arc::new(Inner {
            desk,
            readiness: Readiness::new(realms.clone()),
            metrics,
            apps: config.apps.iter().cloned().zip(realms).collect(),
            realm,
            origins: config.origins.clone(),
            assets,
            public_url: config.public_url.clone(),
            allowed_origin: AllowedOrigin::new(config),
            known_hosts: KnownHosts::new(config),
            insists: Insists::new(config),
            authority,
            trusted_proxies: config.trusted_proxies.clone(),
            open_sockets: watch::Sender::new(0),
        }))
    }

    /// Accounts and sessions.
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// The realm of the people who sign up here.
    pub fn realm(&self) -> &Realm {
        &self.0.realm
    }

    /// The database of that realm.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        self.0.realm.storage()
    }

    /// The switchboard's task of that realm.
    pub fn hub(&self) -> &HubHandle {
        self.0.realm.hub()
    }

    /// The site's own app.
    pub fn own_app(&self) -> Option<&App> {
        self.0.apps.first().map(|(app, _)| app)
    }

    /// The app with this id, and the realm of its people.
    pub fn app(&self, id: AppId) -> Option<(&App, &Realm)> {
        let found = self.0.apps.iter().find(|(app, _)| app.id() == id);
        found.map(|(app, realm)| (app, realm))
    }

    /// Other sites whose pages may log people in with a userSig.
    pub fn origins(&self) -> &[PageOrigin] {
        &self.0.origins
    }

    /// Where the files are that a page needs.
    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }

    /// The address that people type, if an operator has said.
    pub fn public_url(&self) -> Option<&PublicUrl> {
        self.0.public_url.as_ref()
    }

    /// Which pages may send forms and open sockets.
    pub fn allowed_origin(&self) -> &AllowedOrigin {
        &self.0.allowed_origin
    }

    /// What browsers are told to insist on.
    pub fn insists(&self) -> Insists {
        self.0.insists
    }

    /// The authority of this machine, if it has signed the certificate of this server.
    pub fn authority(&self) -> Option<KnownAuthority> {
        self.0.authority.as_ref().map(|known| known.borrow().clone())
    }

    /// Which names the server answers to.
    pub fn known_hosts(&self) -> &KnownHosts {
        &self.0.known_hosts
    }

    /// Which proxies are believed.
    pub fn trusted_proxies(&self) -> &[ProxyRange] {
        &self.0.trusted_proxies
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Whether the server can do what it is there for.
    pub fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// Count a socket as open until the guard is dropped.
    pub fn open_socket(&self) -> OpenSocket {
        self.0.open_sockets.send_modify(|count| *count += 1);
        self.0.metrics.socket_opened();
        OpenSocket {
            count: self.0.open_sockets.clone(),
            metrics: self.0.metrics.clone(),
        }
    }

    /// Wait until no socket is open.
    pub async fn all_sockets_closed(&self) {
        // An error would say that nobody counts any more; but the counter is here.
        let _ = self
            .0
            .open_sockets
            .subscribe()
            .wait_for(|count| *count == 0)
            .await;
    }
}

/// A socket that is open.
#[derive(Debug)]
pub struct OpenSocket {
    count: watch::Sender<usize>,
    metrics: Metrics,
}

impl OpenSocket {
    /// A command that came over it was refused before the switchboard saw it.
    pub fn refused(&self, refusal: &Refusal) {
        self.metrics.command_refused(refusal);
    }

    /// Say why it is being closed.
    pub fn closed_by(&self, by: ClosedBy) {
        self.metrics.socket_closed(by);
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.count.send_modify(|count| *count = count.saturating_sub(1));
        self.metrics.socket_gone();
    }
}
