//! Values that are checked the same wherever they come from.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use call::protocol::{IceServer, limits};
use serde::Deserialize;

/// Why a value is not allowed, and what is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Of `addr`.
    #[error("an address to listen on is written IP:PORT, like 127.0.0.1:3000, 0.0.0.0:3000 or [::1]:3000")]
    ListenAddr,
    /// Of `ring-seconds`.
    #[error("a call rings for 1 to 120 whole seconds")]
    RingSeconds,
    /// Of `public-url`.
    #[error(
        "a public URL is http:// or https://, a host and perhaps a port, and nothing after it, like https://call.example.org"
    )]
    PublicUrl,
    /// Of `ice-servers`.
    #[error(
        "an ICE server is written stun:HOST[:PORT] or turn:HOST[:PORT],USER,PASSWORD, with stuns: and turns: for TLS"
    )]
    IceServer,
}

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenAddr(SocketAddr);

impl FromStr for ListenAddr {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse().map(Self).map_err(|_| ValueError::ListenAddr)
    }
}

impl TryFrom<String> for ListenAddr {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}

impl From<ListenAddr> for SocketAddr {
    fn from(addr: ListenAddr) -> Self {
        addr.0
    }
}

/// How long a call rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct RingSeconds(u64);

impl TryFrom<i64> for RingSeconds {
    type Error = ValueError;

    fn try_from(seconds: i64) -> Result<Self, ValueError> {
        match u64::try_from(seconds) {
            Ok(seconds) if (1..=limits::MAX_RING.as_secs()).contains(&seconds) => Ok(Self(seconds)),
            Ok(_) | Err(_) => Err(ValueError::RingSeconds),
        }
    }
}

impl FromStr for RingSeconds {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<i64>()
            .map_err(|_| ValueError::RingSeconds)?
            .try_into()
    }
}

impl From<RingSeconds> for Duration {
    fn from(ring: RingSeconds) -> Self {
        Self::from_secs(ring.0)
    }
}

/// The address that people type: an origin in the sense of RFC 6454.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl {
    origin: String,
    secure: bool,
}

impl PublicUrl {
    /// As a browser writes it into an `Origin` header: in lower case, without the scheme's own port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether it is https.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }
}

impl FromStr for PublicUrl {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let url: Uri = text.parse().map_err(|_| ValueError::PublicUrl)?;
        let secure = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(ValueError::PublicUrl),
        };
        let has_credentials = url
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        if has_credentials || !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(ValueError::PublicUrl);
        }
        let host = url
            .host()
            .filter(|host| !host.is_empty())
            .ok_or(ValueError::PublicUrl)?
            .to_ascii_lowercase();
        let (scheme, own_port) = if secure { ("https", 443) } else { ("http", 80) };
        let origin = match url.port_u16() {
            Some(port) if port != own_port => format!("{scheme}://{host}:{port}"),
            Some(_) | None => format!("{scheme}://{host}"),
        };
        Ok(Self { origin, secure })
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}

/// A STUN or TURN server as it is written on a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceServerFlag(IceServer);

impl FromStr for IceServerFlag {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let mut parts = text.splitn(3, ',');
        let url = parts.next().unwrap_or_default();
        let known = ["stun:", "stuns:", "turn:", "turns:"];
        if !known
            .iter()
            .any(|scheme| url.strip_prefix(scheme).is_some_and(|host| !host.is_empty()))
        {
            return Err(ValueError::IceServer);
        }
        let (username, credential) = match (parts.next(), parts.next()) {
            (None, None) => (None, None),
            (Some(user), Some(password)) if !user.is_empty() => (Some(user.into()), Some(password.into())),
            (Some(_), _) | (None, Some(_)) => return Err(ValueError::IceServer),
        };
        Ok(Self(IceServer {
            urls: vec![url.into()],
            username,
            credential,
        }))
    }
}

impl From<IceServerFlag> for IceServer {
    fn from(flag: IceServerFlag) -> Self {
        flag.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_written_as_browsers_write_an_origin() {
        let origin = |text: &str| text.parse::<PublicUrl>().map(|url| url.origin().to_owned());
        assert_eq!(
            origin("https://Call.Example.org").unwrap(),
            "https://call.example.org"
        );
        assert_eq!(
            origin("https://call.example.org:443/").unwrap(),
            "https://call.example.org"
        );
        assert_eq!(origin("http://localhost:3000").unwrap(), "http://localhost:3000");
        for bad in [
            "",
            "call.example.org",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://u:p@a",
        ] {
            assert_eq!(origin(bad), Err(ValueError::PublicUrl), "{bad}");
        }
    }

    #[test]
    fn an_ice_server_has_a_known_scheme_and_both_or_no_credentials() {
        for bad in ["", "stun:", "http://a", "turn:a,user", "turn:a,,pass"] {
            assert_eq!(bad.parse::<IceServerFlag>(), Err(ValueError::IceServer), "{bad}");
        }
    }
}
