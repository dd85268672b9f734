//! Whose request it is, for counting tries.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use crate::config::ProxyRange;
use crate::site::Site;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the visitor: the other end of the connection, or what a trusted proxy says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl FromRequestParts<Site> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        Ok(Self::of(peer, &parts.headers, site.trusted_proxies()))
    }
}

impl ClientIp {
    /// Whose request it is that comes from `peer` with these headers.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[ProxyRange]) -> Self {
        Self(client(peer, headers, trusted))
    }
}

/// Every proxy writes the address that it was called from at the end of the list. So the list is read from its end, and
/// the first address that is not a trusted proxy's is the visitor's; whatever stands before it may be made up.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[ProxyRange]) -> IpAddr {
    let mut client = peer.to_canonical();
    let listed: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    for address in listed.into_iter().rev() {
        if !trusted.iter().any(|range| range.contains(client)) {
            break;
        }
        let Ok(address) = address.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted: Vec<ProxyRange> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client(ip(peer), &headers, &trusted)
    }

    #[test]
    fn nobody_is_believed_without_being_trusted() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.9"], &[]), ip("192.0.2.1"));
        assert_eq!(
            seen("192.0.2.1", &["198.51.100.9"], &["10.0.0.1"]),
            ip("192.0.2.1")
        );
    }

    #[test]
    fn a_trusted_proxy_is_believed_but_not_what_the_visitor_told_it() {
        assert_eq!(
            seen("10.0.0.1", &["198.51.100.9"], &["10.0.0.1"]),
            ip("198.51.100.9")
        );
        assert_eq!(
            seen("10.0.0.1", &["1.2.3.4, 198.51.100.9"], &["10.0.0.1"]),
            ip("198.51.100.9")
        );
        assert_eq!(
            seen("10.0.0.1", &["1.2.3.4", "198.51.100.9"], &["10.0.0.1"]),
            ip("198.51.100.9")
        );
        assert_eq!(
            seen("10.0.0.1", &["198.51.100.9, 10.0.0.2"], &["10.0.0.1", "10.0.0.2"]),
            ip("198.51.100.9")
        );
        assert_eq!(seen("10.0.0.1", &["garbage"], &["10.0.0.1"]), ip("10.0.0.1"));
        assert_eq!(
            seen("::ffff:10.0.0.1", &["198.51.100.9"], &["10.0.0.1"]),
            ip("198.51.100.9")
        );
        assert_eq!(
            seen("::ffff:10.0.0.1", &["::ffff:198.51.100.9"], &["::ffff:10.0.0.1"]),
            ip("198.51.100.9")
        );
    }

    #[test]
    fn a_range_of_proxies_is_believed_and_nobody_outside_of_it() {
        let trusted = &["10.0.0.0/8", "fd00::/8"];
        assert_eq!(seen("10.9.8.7", &["198.51.100.9"], trusted), ip("198.51.100.9"));
        assert_eq!(
            seen("::ffff:10.9.8.7", &["198.51.100.9"], trusted),
            ip("198.51.100.9")
        );
        assert_eq!(
            seen("fd00::1", &["2001:db8::1, 10.1.1.1"], trusted),
            ip("2001:db8::1")
        );
        assert_eq!(seen("11.0.0.1", &["198.51.100.9"], trusted), ip("11.0.0.1"));
        assert_eq!(
            seen("10.0.0.1", &["1.2.3.4, 198.51.100.9"], trusted),
            ip("198.51.100.9"),
            "what the visitor told the proxy"
        );
    }
}
