//! What is shown to whoever connects by TLS.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;

use super::Certificate;

/// TLS cannot be spoken at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot speak TLS")]
pub struct NoTls(#[from] rustls::Error);

/// The certificate that new connections are shown. A clone is the same showcase.
#[derive(Clone, Debug)]
pub struct Showcase {
    shown: watch::Sender<Arc<Certificate>>,
    http: Arc<ServerConfig>,
    turn: Arc<ServerConfig>,
}

impl Showcase {
    /// With this certificate in it.
    pub fn new(certificate: Certificate) -> Result<Self, NoTls> {
        let shown = watch::Sender::new(Arc::new(certificate));
        // Browsers choose HTTP/2 where it is offered, and over that no WebSocket can be opened here.
        let http = settings(&shown, &[b"http/1.1"])?;
        // Those that say nothing of a protocol are served as well as those that say `stun.turn` (RFC 7443).
        let turn = settings(&shown, &[b"stun.turn"])?;
        Ok(Self { shown, http, turn })
    }

    /// What is in it.
    pub fn certificate(&self) -> Arc<Certificate> {
        Arc::clone(&self.shown.borrow())
    }

    /// Show another one from now on. Connections that are open go on.
    pub fn replace(&self, certificate: Certificate) {
        self.shown.send_replace(Arc::new(certificate));
    }

    /// Each time from now on that another one is shown.
    pub(super) fn changes(&self) -> Changes {
        Changes(self.shown.subscribe())
    }

    /// How to speak TLS with browsers.
    pub fn for_http(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.http)
    }

    /// How to speak TLS with clients of the relay.
    pub fn for_turn(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.turn)
    }
}

/// See [`Showcase::changes`].
pub(super) struct Changes(watch::Receiver<Arc<Certificate>>);

impl Changes {
    /// Wait for one. Safe to cancel.
    pub(super) async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

fn settings(
    shown: &watch::Sender<Arc<Certificate>>,
    protocols: &[&[u8]],
) -> Result<Arc<ServerConfig>, NoTls> {
    let mut settings = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Shown(shown.clone())));
    settings.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(settings))
}

/// Whatever name a client asks for, it is shown the one certificate, and judges itself.
#[derive(Debug)]
struct Shown(watch::Sender<Arc<Certificate>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.borrow().certified())
    }
}
