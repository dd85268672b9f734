//! From a connection that the system has accepted to one that requests come out of.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::Layer as _;

use super::limit::ConnectionLimit;
use super::stream::{Bytes, Connection};

/// How long a client may take over the handshake of TLS, or over its first byte. As with the head of a request, the tenth second is
/// for a machine that is busy.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(9);
/// The first byte of a client that speaks TLS: a record of a handshake (RFC 8446, section 5.1). No request begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// How a request has come: an extension of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// As it was expected: over TLS, if that is spoken here.
    AsExpected,
    /// In the clear, to a server that speaks TLS.
    InTheClear,
}

/// Takes connections in. A clone counts the same ones.
#[derive(Clone, Default)]
pub struct Acceptor {
    limit: Option<ConnectionLimit>,
    tls: Option<TlsAcceptor>,
}

impl Acceptor {
    /// With a limit of connections, and TLS if there are settings for it.
    pub fn new(limit: ConnectionLimit, tls: Option<Arc<ServerConfig>>) -> Self {
        Self {
            limit: Some(limit),
            tls: tls.map(TlsAcceptor::from),
        }
    }

    /// One too many is closed by returning an error, at the cost of a look into a map.
    async fn take_in(self, stream: TcpStream) -> io::Result<(Connection, Arrived)> {
        let place = match &self.limit {
            Some(limit) => {
                let admitted = limit.admit(stream.peer_addr()?.ip());
                Some(admitted.ok_or(io::ErrorKind::ConnectionRefused)?)
            }
            None => None,
        };
        send_promptly(&stream)?;
        let (bytes, arrived) = match self.tls {
            None => (Bytes::Plain(stream), Arrived::AsExpected),
            Some(tls) => timeout(HANDSHAKE_PATIENCE, secure(stream, &tls)).await??,
        };
        Ok((Connection::new(bytes, place), arrived))
    }
}

/// Let no bytes wait for others, nor longer than they must for a network that loses them.
///
/// What a command causes is several small frames to the same socket. Nagle's algorithm would hold the second one back until the
/// first is acknowledged, which other systems put off by 40 ms.
///
/// And who is called waits for a single packet. If both it and its repetition are lost, Linux would double the wait each time. With
/// `TCP_THIN_LINEAR_TIMEOUTS` the next six waits stay as they are, while fewer than four packets are under way; not with BBR.
pub(crate) fn send_promptly(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // What only looks like Linux may not know it, and is as good without.
    #[cfg(target_os = "linux")]
    let _ = rustix::net::sockopt::set_tcp_thin_linear_timeouts(stream, true);
    Ok(())
}

/// Speak TLS with whoever does. Who does not is not left without an answer: the first byte tells, and is left where it is.
pub(crate) async fn secure(stream: TcpStream, tls: &TlsAcceptor) -> io::Result<(Bytes, Arrived)> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first == [TLS_HANDSHAKE] {
        let stream = tls.accept(stream).await?;
        Ok((Bytes::Tls(Box::new(stream)), Arrived::AsExpected))
    } else {
        Ok((Bytes::Plain(stream), Arrived::InTheClear))
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Acceptor {
    type Stream = Connection;
    type Service = AddExtension<S, Arrived>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let acceptor = self.clone();
        Box::pin(async move {
            let (connection, arrived) = acceptor.take_in(stream).await?;
            Ok((connection, Extension(arrived).layer(service)))
        })
    }
}
