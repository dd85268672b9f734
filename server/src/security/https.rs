//! Over what a request comes: where TLS is spoken, nothing is answered in the clear but where to go.

use axum::extract::{Request, State};
use axum::http::header::{HOST, LOCATION, STRICT_TRANSPORT_SECURITY};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::config::{Config, PublicUrl, TlsSource};
use crate::connections::Arrived;
use crate::site::Site;

/// For 30 days browsers go to this host by https alone (RFC 6797).
const BY_HTTPS_ALONE: HeaderValue = HeaderValue::from_static("max-age=2592000");

/// Endings of names that no public authority has a certificate for (RFC 2606; RFC 6762, appendix G; RFC 8375; `internal` is set
/// aside by ICANN). Whoever has one for them has made it, and may lose it.
const LOCAL_ENDINGS: [&str; 13] = [
    "local",
    "localhost",
    "localdomain",
    "lan",
    "home",
    "arpa",
    "internal",
    "intranet",
    "private",
    "corp",
    "test",
    "example",
    "invalid",
];

/// The layer around what is for https only. Whoever comes in the clear has typed `http:` or nothing at all, and is sent on.
pub async fn require(State(site): State<Site>, request: Request, next: Next) -> Response {
    if request.extensions().get() != Some(&Arrived::InTheClear) {
        return next.run(request).await;
    }
    let origin = match site.public_url() {
        Some(url) => Some(url.origin().to_owned()),
        None => host(request.headers()).map(|host| format!("https://{host}")),
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let there = origin.and_then(|origin| HeaderValue::try_from(format!("{origin}{path}")).ok());
    match there.filter(|_| reads) {
        Some(there) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, there)]).into_response(),
        None => (
            StatusCode::BAD_REQUEST,
            "This server speaks HTTPS: write https:// in place of http://.\n",
        )
            .into_response(),
    }
}

/// The host and port that a request names, if they are nothing else.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let host = headers.get(HOST)?.to_str().ok()?;
    host.parse().ok().filter(|_| !host.contains('@'))
}

/// The layer around everything: over TLS it tells browsers to come back by https alone, where that is safe to say.
pub async fn insist(State(site): State<Site>, request: Request, next: Next) -> Response {
    let in_the_clear = request.extensions().get() == Some(&Arrived::InTheClear);
    let mut response = next.run(request).await;
    if let Insists::ByHttpsAlone = site.insists()
        && !in_the_clear
    {
        let headers = response.headers_mut();
        headers.insert(STRICT_TRANSPORT_SECURITY, BY_HTTPS_ALONE);
    }
    response
}

/// What browsers are told to insist on (RFC 6797).
///
/// Whoever has been told so cannot get past a certificate that is wrong, nor come back by http, for weeks. On a name of a local
/// network that would lock people out as soon as they have a device without the authority, or the authority is made anew. And it
/// holds for all ports of a host: so it is said only by a site that has the host's own one. What a proxy speaks is the proxy's to
/// tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insists {
    /// On nothing.
    OnNothing,
    /// On https.
    ByHttpsAlone,
}

impl Insists {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        let is_kept = matches!(config.tls, Some(TlsSource::Files(_)));
        match &config.public_url {
            Some(url) if is_kept && url.is_secure() && url.port().is_none() && is_public(url) => {
                Self::ByHttpsAlone
            }
            Some(_) | None => Self::OnNothing,
        }
    }
}

/// Whether the host is a name of the internet.
fn is_public(url: &PublicUrl) -> bool {
    let Some((_, ending)) = url.host().trim_end_matches('.').rsplit_once('.') else {
        return false;
    };
    let is_word = ending.starts_with(|first: char| first.is_ascii_alphabetic());
    is_word && !LOCAL_ENDINGS.contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::CertificateFiles;

    fn files() -> TlsSource {
        TlsSource::Files(CertificateFiles {
            cert: "a".into(),
            key: "b".into(),
        })
    }

    fn insists(tls: Option<TlsSource>, url: &str) -> Insists {
        Insists::new(&Config {
            tls,
            public_url: Some(url.parse().unwrap()),
            ..Config::default()
        })
    }

    #[test]
    fn only_a_public_name_on_its_own_port_is_insisted_on() {
        assert_eq!(
            insists(Some(files()), "https://call.example.org"),
            Insists::ByHttpsAlone
        );
        for url in [
            "https://call.example.org:8443",
            "https://nas",
            "https://nas.local",
            "https://nas.LAN",
            "https://call.home.arpa",
            "https://192.168.1.5",
            "https://203.0.113.7",
            "https://[2001:db8::1]",
            "https://localhost",
        ] {
            assert_eq!(insists(Some(files()), url), Insists::OnNothing, "{url}");
        }
        assert_eq!(
            insists(Some(TlsSource::Lan), "https://call.example.org"),
            Insists::OnNothing
        );
        assert_eq!(
            insists(None, "https://call.example.org"),
            Insists::OnNothing,
            "behind a proxy"
        );
        let without_url = Config {
            tls: Some(files()),
            ..Config::default()
        };
        assert_eq!(Insists::new(&without_url), Insists::OnNothing);
    }
}
