//! Starting and stopping.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

use crate::apps::{App, AppId, Secret};
use crate::config::Config;
use crate::desk::{Desk, NoDesk};
use crate::realm::{Realm, RunningRealm};
use crate::site::Site;
use crate::storage::sqlite::OpenStorageError;
use crate::{assets, router};

/// How long a client may take over the head of a request, or stay connected without a further one.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a stop waits for requests and sockets before it cuts them off.
const STOP_PATIENCE: Duration = Duration::from_secs(4);
/// How often what makes no difference any more is forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(10 * 60);

/// Why the server did not start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else listens there.
    #[error(
        "the port {} is taken: another program (another yodel, perhaps) is listening on {addr}. Stop it, or choose \
         another port with --addr",
        addr.port()
    )]
    AddrInUse {
        /// Where.
        addr: SocketAddr,
    },
    /// The operating system does not let the program listen there.
    #[error(
        "cannot listen on {addr}: {source}. Choose an address of this machine and a port above 1023 with --addr"
    )]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The first app is the site's own, and this one has had people of its own. With its secret they would be let in as those of
    /// the site.
    #[error(
        "app {app} has people of its own in {}, and the first app of the list is the one of the site's people. Put the app that \
         was the first there again, or move that folder away",
        folder.display()
    )]
    AppMoved {
        /// Which.
        app: AppId,
        /// Where its people are.
        folder: PathBuf,
    },
    /// The data folder or the database.
    #[error(transparent)]
    Storage(#[from] OpenStorageError),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Desk(#[from] NoDesk),
    /// No randomness.
    #[error("the operating system has no randomness to give, and without it no session is safe")]
    Randomness(#[from] getrandom::Error),
}

/// A server that is running. Dropping it does not stop it.
pub struct Server {
    addr: SocketAddr,
    site: Site,
    /// The site's own first, and then one for each app but the first.
    realms: Vec<RunningRealm>,
    listening: Handle<SocketAddr>,
    http: JoinHandle<io::Result<()>>,
    tidying: JoinHandle<()>,
}

impl Server {
    /// Start a server. When this comes back, it answers.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let listener = listen(config.addr)?;
        let addr = listener
            .local_addr()
            .map_err(|source| cannot_listen(config.addr, source))?;
        warn_of_weak_secrets(config);
        let rules = call::switchboard::Config {
            ring: config.ring,
            ice_servers: config.ice_servers.clone(),
            ..Default::default()
        };
        if let Some(app) = config.apps.of_site() {
            let folder = realm_folder(config, app);
            if folder.exists() {
                return Err(StartError::AppMoved {
                    app: app.id(),
                    folder,
                });
            }
        }
        let of_site = RunningRealm::start(&config.data, rules.clone()).await?;
        let own = of_site.realm().clone();
        let mut others = Vec::new();
        for app in config.apps.of_others() {
            others.push(RunningRealm::start(&realm_folder(config, app), rules.clone()).await?);
        }
        let of_others: Vec<Realm> = others.iter().map(|it| it.realm().clone()).collect();
        let desk = Desk::new(config, Arc::clone(own.storage()), own.hub().clone())?;
        let files = assets::load();
        let site = Site::new(config, desk, own, &of_others, files.assets);

        app::forms::ssr::register_explicitly();
        // An error says that it has been set before, by another server in this process.
        let _ = any_spawner::Executor::init_tokio();
        let listening = Handle::new();
        let serving = serve(
            listener,
            listening.clone(),
            router::router(site.clone(), files.router, files.sdk),
        )
        .map_err(|source| cannot_listen(addr, source))?;
        Ok(Self {
            addr,
            tidying: tokio::spawn(tidy_up(site.clone(), of_others)),
            realms: std::iter::once(of_site).chain(others).collect(),
            listening,
            http: tokio::spawn(serving),
            site,
        })
    }

    /// Where it listens: the real port, if any was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What its requests can reach.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Stop: take no more connections, tell every socket to come back later, let requests finish, store what is to be
    /// stored. Takes a few seconds at most.
    pub async fn stop(self) {
        self.tidying.abort();
        self.listening.graceful_shutdown(Some(STOP_PATIENCE));
        for running in &self.realms {
            running.realm().hub().stop().await;
        }
        if timeout(STOP_PATIENCE, self.site.all_sockets_closed())
            .await
            .is_err()
        {
            tracing::warn!("some sockets did not close in time and are cut off");
        }
        match self.http.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the listener ended with an error"),
            Err(error) => tracing::error!(%error, "the listener's task failed"),
        }
        for running in self.realms {
            running.finish().await;
        }
    }
}

/// Where an app has its people, if it is not the site's own.
fn realm_folder(config: &Config, app: &App) -> PathBuf {
    config.data.join("apps").join(app.id().to_string())
}

fn listen(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).map_err(|source| cannot_listen(addr, source))
}

fn cannot_listen(addr: SocketAddr, source: io::Error) -> StartError {
    match source.kind() {
        io::ErrorKind::AddrInUse => StartError::AddrInUse { addr },
        _ => StartError::Listen { addr, source },
    }
}

fn serve(
    listener: TcpListener,
    handle: Handle<SocketAddr>,
    router: Router,
) -> io::Result<impl Future<Output = io::Result<()>>> {
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .first_request_timeout(HEAD_PATIENCE);
    // Browsers speak HTTP/2 over TLS only, which a proxy in front answers: here it would only be one more way in.
    let builder = server.http_builder();
    *builder = builder.clone().http1_only();
    builder.http1().header_read_timeout(HEAD_PATIENCE);
    Ok(server.serve(router.into_make_service_with_connect_info::<SocketAddr>()))
}

/// Whoever has a userSig can try secrets on it without asking anybody.
fn warn_of_weak_secrets(config: &Config) {
    for app in config.apps.iter() {
        if app.secrets().any(Secret::is_weak) {
            tracing::warn!(
                app = %app.id(),
                "the secret of this app is so short that it can be guessed; take what `openssl rand -hex 32` prints"
            );
        }
    }
}

async fn tidy_up(site: Site, others: Vec<Realm>) {
    let mut interval = interval(TIDY_EVERY);
    loop {
        interval.tick().await;
        site.desk().tidy().await;
        for realm in std::iter::once(site.realm()).chain(&others) {
            realm.call_rates().forget_the_idle();
        }
    }
}
