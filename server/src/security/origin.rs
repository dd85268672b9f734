//! The Origin check: forms and sockets are taken from pages of this very site only; sockets that are opened with a userSig
//! also from pages of sites that the operator has listed.
//!
//! A browser sends a form of any site anywhere, and lets any site open a WebSocket anywhere, with the visitor's cookies
//! as far as `SameSite` lets them through. But it also says truthfully where the page came from (RFC 6454, section 7),
//! and a page cannot change that. So a request that changes something must say that it comes from here. One that does
//! not say where it comes from is turned away too: every browser that Yodel supports says it for these requests.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::only;
use crate::config::{Config, PublicUrl};
use crate::site::Site;

/// Which pages may send forms and open sockets.
#[derive(Clone, Debug)]
pub enum AllowedOrigin {
    /// Those of the host that the request itself names.
    SameHost,
    /// Those of the host that the request itself names, under https: this server speaks nothing else.
    SameHostOverTls,
    /// Those of the public address, whatever the reverse proxy makes of the `Host` header.
    Public(PublicUrl),
}

impl AllowedOrigin {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        match &config.public_url {
            Some(url) => Self::Public(url.clone()),
            None if config.tls.is_some() => Self::SameHostOverTls,
            None => Self::SameHost,
        }
    }

    /// Whether a request with these headers comes from such a page.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = page_origin(headers) else {
            return false;
        };
        match self {
            Self::Public(url) => origin == url.origin(),
            Self::SameHost => {
                let page = origin.strip_prefix("http://");
                is_host(headers, page.or_else(|| origin.strip_prefix("https://")))
            }
            Self::SameHostOverTls => is_host(headers, origin.strip_prefix("https://")),
        }
    }
}

/// Whether this is the host that the request itself names.
fn is_host(headers: &HeaderMap, page: Option<&str>) -> bool {
    let host = only(headers, header::HOST).and_then(|value| value.to_str().ok());
    page.is_some_and(|page| !page.is_empty() && host.is_some_and(|host| host.eq_ignore_ascii_case(page)))
}

/// Whether a request comes from a page that may log people in with a userSig: one of this site, or of a site that the
/// operator has listed.
pub fn may_log_in(site: &Site, headers: &HeaderMap) -> bool {
    let is_listed = |page| site.origins().iter().any(|listed| listed.as_str() == page);
    site.allowed_origin().admits(headers) || page_origin(headers).is_some_and(is_listed)
}

/// Where the page comes from that a request is sent by.
fn page_origin(headers: &HeaderMap) -> Option<&str> {
    only(headers, header::ORIGIN)?.to_str().ok()
}

/// The layer around forms and sockets.
pub async fn require_own_origin(State(site): State<Site>, request: Request, next: Next) -> Response {
    if site.allowed_origin().admits(request.headers()) {
        return next.run(request).await;
    }
    tracing::debug!(
        path = request.uri().path(),
        "turned away: not from a page of this site"
    );
    (StatusCode::FORBIDDEN, explanation(site.allowed_origin())).into_response()
}

fn explanation(allowed: &AllowedOrigin) -> String {
    let hint = match allowed {
        AllowedOrigin::SameHost | AllowedOrigin::SameHostOverTls => {
            "If the site is behind a reverse proxy, its operator has to start yodel with --public-url and the address \
             that people see."
                .to_owned()
        }
        AllowedOrigin::Public(url) => format!("Open {} and try again from there.", url.origin()),
    };
    format!(
        "This request was turned away because its Origin header does not name this site: forms and calls are taken \
         from the site's own pages only. {hint}\n"
    )
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn admits(allowed: &AllowedOrigin, host: &str, origin: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        allowed.admits(&headers)
    }

    #[test]
    fn only_the_pages_of_the_same_host_and_port_are_admitted() {
        let same = AllowedOrigin::SameHost;
        assert!(admits(&same, "yodel.example:3000", "http://yodel.example:3000"));
        assert!(admits(&same, "yodel.example", "https://yodel.example"));
        for origin in [
            "http://evil.example:3000",
            "null",
            "",
            "http://",
            "http://yodel.example",
            "http://yodel.example:3001",
            "http://sub.yodel.example:3000",
            "http://notyodel.example:3000",
            "http://yodel.example:3000.evil.example",
            "http://yodel.example:3000/path",
            "file://yodel.example:3000",
        ] {
            assert!(!admits(&same, "yodel.example:3000", origin), "{origin}");
        }
    }

    #[test]
    fn where_tls_is_spoken_only_pages_under_https_are_admitted() {
        let over_tls = AllowedOrigin::SameHostOverTls;
        assert!(admits(&over_tls, "nas.local:3000", "https://nas.local:3000"));
        for origin in [
            "http://nas.local:3000",
            "https://nas.local",
            "https://evil.local:3000",
            "https://",
        ] {
            assert!(!admits(&over_tls, "nas.local:3000", origin), "{origin}");
        }
    }

    #[test]
    fn behind_a_proxy_only_the_public_address_is_admitted() {
        let public = AllowedOrigin::Public("https://call.example.org".parse().unwrap());
        assert!(admits(&public, "10.0.0.2:3000", "https://call.example.org"));
        assert!(!admits(&public, "call.example.org", "http://call.example.org"));
        assert!(!admits(&public, "10.0.0.2:3000", "http://10.0.0.2:3000"));
    }

    #[test]
    fn two_origins_are_no_origin() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("a"));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://a"));
        assert!(AllowedOrigin::SameHost.admits(&headers));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://b"));
        assert!(!AllowedOrigin::SameHost.admits(&headers));
    }
}
