//! `GET /metrics`, on a port of its own: what it says is nobody's business on the public one.

use std::future;
use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use axum_server::Handle;
use tokio::task::JoinHandle;

use super::Metrics;
use crate::connections::Acceptor;
use crate::server::{StartError, serve};

/// The media type of OpenMetrics 1.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A listener that does nothing but show the figures. It ends when it is dropped.
#[derive(Debug)]
pub struct MetricsListener {
    addr: SocketAddr,
    task: JoinHandle<io::Result<()>>,
}

impl MetricsListener {
    /// Listen.
    ///
    /// # Errors
    ///
    /// If the address is taken, by the public port among others, or is not one of this machine.
    pub fn start(addr: SocketAddr, metrics: Metrics) -> Result<Self, StartError> {
        let failed = |source| StartError::ListenForMetrics { addr, source };
        let listener = std::net::TcpListener::bind(addr).map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let show = move || future::ready(([(header::CONTENT_TYPE, OPEN_METRICS)], metrics.text()));
        let router = Router::new().route("/metrics", get(show));
        let task = tokio::spawn(serve(listener, Handle::new(), router, Acceptor::default()).map_err(failed)?);
        tracing::info!(%addr, "metrics can be read at /metrics");
        Ok(Self { addr, task })
    }

    /// Where: the real port, if any was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for MetricsListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}
