//! The Host check: a server that nobody has given a name answers to no strange one.
//!
//! Whoever owns a domain can let its name point at an address inside of a visitor's network ("DNS rebinding"). To the browser a
//! page of that name and what is at that address are one origin then, so the Origin check, which compares with the `Host` of the
//! request, would let the page sign up, look around and call. But the request says the strange name truthfully. So without
//! `--public-url` only those names are answered that nobody else can own: `localhost`, addresses, and what this machine is
//! called. With `--public-url` the Origin has to be that one, and no name of anybody else's matters.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::only;
use crate::config::Config;
use crate::site::Site;

/// Which names a server answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownHosts {
    /// Every name. Either the operator has said where people come, and forms and sockets are taken from there alone; or TLS is
    /// spoken here, and no browser takes the certificate for a name that is not in it.
    Any,
    /// `localhost`, every address, and the name of this machine.
    OfThisMachine(String),
}

impl KnownHosts {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        if config.public_url.is_some() || config.tls.is_some() {
            Self::Any
        } else {
            Self::OfThisMachine(machine_name().to_ascii_lowercase())
        }
    }

    /// Whether a request with these headers is for this server.
    pub fn have(&self, headers: &HeaderMap) -> bool {
        let Self::OfThisMachine(machine) = self else {
            return true;
        };
        let host = only(headers, header::HOST).and_then(|host| host.to_str().ok());
        host.map(without_port)
            .is_some_and(|host| is_address(host) || is_local(host, machine))
    }
}

/// The layer around everything but what operators ask.
pub async fn require_known_host(State(site): State<Site>, request: Request, next: Next) -> Response {
    if site.known_hosts().have(request.headers()) {
        return next.run(request).await;
    }
    tracing::debug!(
        path = request.uri().path(),
        "turned away: for a host of another name"
    );
    let text = "This request was turned away because it is for a name that this server does not know as its own. If it is, its \
                operator has to start yodel with --public-url and the address that people type, such as \
                http://calls.example:3000. Without that it answers to localhost, to IP addresses, and to the name of its \
                machine.\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Nobody can let an address point elsewhere.
fn is_address(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    v6.is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok())
        || host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// `localhost` and what is below it are this machine's to every browser (RFC 6761, section 6.3). Its own name is answered as it
/// is, as its first part alone, and as that part below `.local` (RFC 6762) and `.lan`, which no public name is.
fn is_local(host: &str, machine: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    let short = machine.split('.').next().unwrap_or_default();
    let below = host.strip_prefix(short).filter(|_| !short.is_empty());
    host == machine && !machine.is_empty() || below.is_some_and(|rest| matches!(rest, "" | ".local" | ".lan"))
}

#[cfg(unix)]
fn machine_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn machine_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn knows(machine: &str, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        KnownHosts::OfThisMachine(machine.to_owned()).have(&headers)
    }

    #[test]
    fn a_server_without_a_name_answers_to_what_nobody_else_can_own() {
        for host in [
            "localhost",
            "LOCALHOST:3000",
            "localhost.:3000",
            "yodel.localhost:3000",
            "127.0.0.1:3000",
            "192.168.1.7",
            "[::1]:3000",
            "[fe80::1]",
            "kitchen:3000",
            "Kitchen.home.example",
            "kitchen.local:3000",
            "kitchen.lan",
        ] {
            assert!(knows("kitchen.home.example", host), "{host}");
        }
        for host in [
            "",
            ":3000",
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "evillocalhost",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "2130706433.evil.example",
            "kitchen.evil.example",
            "kitchenette",
            "evil.kitchen.home.example",
            "[::1].evil.example",
            "[::1",
        ] {
            assert!(!knows("kitchen.home.example", host), "{host}");
        }
        assert!(!knows("", ".local"), "a machine without a name has none");
        assert!(!knows("", ""));
    }

    #[test]
    fn no_host_and_two_hosts_are_strange_ones() {
        let hosts = KnownHosts::OfThisMachine("kitchen".to_owned());
        let mut headers = HeaderMap::new();
        assert!(!hosts.have(&headers));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        assert!(hosts.have(&headers));
        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(!hosts.have(&headers));
        assert!(KnownHosts::Any.have(&headers));
    }
}
