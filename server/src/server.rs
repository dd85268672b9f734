//! Starting and stopping.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

use crate::apps::{App, AppId, Secret};
use crate::clock::UnixMillis;
use crate::config::{Config, PublicUrl, TlsSource};
use crate::connections::limit::ConnectionLimit;
use crate::connections::{Acceptor, listen};
use crate::desk::{Desk, NoDesk};
use crate::hangups::Hangups;
use crate::metrics::{Metrics, MetricsListener};
use crate::realm::{Realm, RunningRealm};
use crate::signaling::{IceServers, OfferedIceServer};
use crate::site::Site;
use crate::storage::StorageError;
use crate::storage::sqlite::OpenStorageError;
use crate::tls::lan::{KnownAuthority, Lan, LanError, When};
use crate::tls::{Keeper, OpenTlsError, Showcase};
use crate::turn::{StartTurnError, Turn};
use crate::{assets, router};

/// How long a client may take over the head of a request, or stay connected without a further one: it is closed within ten
/// seconds, one of which a busy machine may need for it.
const HEAD_PATIENCE: Duration = Duration::from_secs(9);
/// How long a stop waits for requests and sockets before it cuts them off.
const STOP_PATIENCE: Duration = Duration::from_secs(4);
/// How often what makes no difference any more is forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(10 * 60);
/// How often those are forgotten who have not called for so long that they may call as if they never had. That one person has
/// called another counts for ten seconds.
const FORGET_CALLS_EVERY: Duration = Duration::from_secs(10);

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
    /// As the one before, for the figures.
    #[error(
        "cannot show metrics on {addr}: {source}. Choose another address of this machine with --metrics; it must not be the \
         public one"
    )]
    ListenForMetrics {
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
    /// What is stored cannot be read.
    #[error(transparent)]
    Unread(#[from] StorageError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] OpenTlsError),
    /// The certificate of the local network.
    #[error(transparent)]
    Lan(#[from] LanError),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Desk(#[from] NoDesk),
    /// The relay.
    #[error(transparent)]
    Turn(#[from] StartTurnError),
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
    turn: Option<Turn>,
    listening: Handle<SocketAddr>,
    http: JoinHandle<io::Result<()>>,
    tidying: JoinHandle<()>,
    tls: Option<Tls>,
    /// Where there is nothing to read again.
    hangups: Option<JoinHandle<()>>,
    metrics: Option<MetricsListener>,
}

impl Server {
    /// Start a server. When this comes back, it answers.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let listener = listen(config.addr).and_then(tokio::net::TcpListener::into_std);
        let listener = listener.map_err(|source| cannot_listen(config.addr, source))?;
        let addr = listener
            .local_addr()
            .map_err(|source| cannot_listen(config.addr, source))?;
        warn_of_weak_secrets(config);
        warn_of_missing_turn(config);
        let rules = call::switchboard::Config {
            ring: config.ring,
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
        let metrics = Metrics::new();
        let metrics_listener = config
            .metrics
            .map(|addr| MetricsListener::start(addr, metrics.clone()))
            .transpose()?;
        let tls = config
            .tls
            .as_ref()
            .map(|source| Tls::start(source, config))
            .transpose()?;
        let showcase = tls.as_ref().map(|tls| &tls.showcase);
        let turn = match config.turn {
            Some(turn) => {
                let tls = showcase.map(Showcase::for_turn);
                Some(Turn::start(turn, tls, metrics.clone()).await?)
            }
            None => None,
        };
        let certificate = showcase.map(Showcase::certificate);
        let ice = IceServers::new(config, turn.as_ref(), certificate.as_deref());
        let of_site = RunningRealm::start(&config.data, rules.clone(), ice.clone(), &metrics).await?;
        let own = of_site.realm().clone();
        let mut others = Vec::new();
        for app in config.apps.of_others() {
            let ice = ice.clone().of_app(app.id());
            others.push(RunningRealm::start(&realm_folder(config, app), rules.clone(), ice, &metrics).await?);
        }
        let of_others: Vec<Realm> = others.iter().map(|it| it.realm().clone()).collect();
        let desk = Desk::new(config, Arc::clone(own.storage()), own.hub().clone())?;
        let files = assets::load();
        let authority = tls.as_ref().and_then(|tls| tls.authority.clone());
        let site = Site::new(config, desk, own, &of_others, files.assets, metrics, authority);
        let limit = ConnectionLimit::new(config.connections_per_address, config.trusted_proxies.clone());
        let acceptor = Acceptor::new(limit, showcase.map(Showcase::for_http));

        app::forms::ssr::register_explicitly();
        // An error says that it has been set before, by another server in this process.
        let _ = any_spawner::Executor::init_tokio();
        let listening = Handle::new();
        let serving = serve(
            listener,
            listening.clone(),
            router::router(site.clone(), files.router, files.sdk),
            acceptor,
        )
        .map_err(|source| cannot_listen(addr, source))?;
        Ok(Self {
            addr,
            tidying: tokio::spawn(tidy_up(site.clone(), of_others)),
            realms: std::iter::once(of_site).chain(others).collect(),
            turn,
            listening,
            http: tokio::spawn(serving),
            hangups: tls
                .is_none()
                .then(|| tokio::spawn(take_no_notice(Hangups::listen()))),
            tls,
            metrics: metrics_listener,
            site,
        })
    }

    /// Where it listens: the real port, if any was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where it relays calls, if it does.
    pub fn turn_addr(&self) -> Option<SocketAddr> {
        self.turn.as_ref().map(Turn::addr)
    }

    /// Where Prometheus can read its figures, if anywhere.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(MetricsListener::addr)
    }

    /// What it shows to whoever connects by TLS, if it speaks that.
    pub fn showcase(&self) -> Option<&Showcase> {
        self.tls.as_ref().map(|tls| &tls.showcase)
    }

    /// What its requests can reach.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Stop: take no more connections, tell every socket to come back later, let requests finish, store what is to be
    /// stored. Takes a few seconds at most.
    pub async fn stop(self) {
        self.tidying.abort();
        self.hangups.iter().for_each(JoinHandle::abort);
        if let Some(tls) = self.tls {
            tls.tasks.iter().for_each(JoinHandle::abort);
        }
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
        if let Some(turn) = self.turn {
            turn.stop().await;
        }
    }
}

/// Where an app has its people, if it is not the site's own.
fn realm_folder(config: &Config, app: &App) -> PathBuf {
    config.data.join("apps").join(app.id().to_string())
}

fn cannot_listen(addr: SocketAddr, source: io::Error) -> StartError {
    match source.kind() {
        io::ErrorKind::AddrInUse => StartError::AddrInUse { addr },
        _ => StartError::Listen { addr, source },
    }
}

/// The certificate of a running server, and who looks after it.
struct Tls {
    showcase: Showcase,
    /// Who has signed it, if that is this machine's own.
    authority: Option<watch::Receiver<KnownAuthority>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Tls {
    fn start(source: &TlsSource, config: &Config) -> Result<Self, StartError> {
        let site = config.public_url.as_ref().and_then(PublicUrl::certificate_name);
        match source {
            TlsSource::Files(files) => {
                let keeper = Keeper::open(files.clone(), site)?;
                Ok(Self {
                    showcase: keeper.showcase().clone(),
                    authority: None,
                    tasks: vec![tokio::spawn(keeper.run())],
                })
            }
            TlsSource::Lan => {
                let lan = Lan::of(&config.data);
                let further: Vec<_> = site.iter().cloned().collect();
                let kept = lan.keep(When::IfDue, &further, UnixMillis::now())?;
                let keeper = Keeper::open(lan.files(), site)?;
                let showcase = keeper.showcase().clone();
                let (known, authority) = watch::channel(kept.authority);
                let keeping_on = lan.keep_on(further, showcase.clone(), known);
                Ok(Self {
                    showcase,
                    authority: Some(authority),
                    tasks: vec![tokio::spawn(keeper.run()), tokio::spawn(keeping_on)],
                })
            }
        }
    }
}

/// Answer requests, with a bound on how long a client may take over them.
pub(crate) fn serve(
    listener: TcpListener,
    handle: Handle<SocketAddr>,
    router: Router,
    acceptor: Acceptor,
) -> io::Result<impl Future<Output = io::Result<()>>> {
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(acceptor)
        .handle(handle)
        .first_request_timeout(HEAD_PATIENCE);
    // Browsers speak HTTP/2 only where TLS offers it, and it is not offered: here it would only be one more way in.
    let builder = server.http_builder();
    *builder = builder.clone().http1_only();
    builder.http1().header_read_timeout(HEAD_PATIENCE);
    Ok(server.serve(router.into_make_service_with_connect_info::<SocketAddr>()))
}

/// Whoever asks for files to be read again means well, and is not to end the server by it.
async fn take_no_notice(mut hangups: Hangups) {
    loop {
        hangups.next().await;
        tracing::info!(
            "SIGHUP: there is no certificate to read again, and options are read when the server starts"
        );
    }
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

/// People come from everywhere, and some of them will find no way to one another.
fn warn_of_missing_turn(config: &Config) {
    let relays = config.turn.is_some() || config.ice_servers.iter().any(OfferedIceServer::relays);
    if config.public_url.is_some() && !relays {
        tracing::warn!(
            "there is no TURN server: people behind some firewalls will not see and hear each other. Set --turn to this \
             machine's public IP and a port, such as 203.0.113.7:3478, and open that port for UDP and TCP"
        );
    }
}

async fn tidy_up(site: Site, others: Vec<Realm>) {
    let mut tidying = interval(TIDY_EVERY);
    let mut forgetting = interval(FORGET_CALLS_EVERY);
    loop {
        tokio::select! {
            _ = tidying.tick() => site.desk().tidy().await,
            _ = forgetting.tick() => {
                for realm in std::iter::once(site.realm()).chain(&others) {
                    realm.call_rates().forget_the_idle();
                }
            }
        }
    }
}
