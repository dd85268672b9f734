//! What the browser is told about every answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

use super::origin::AllowedOrigin;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Headers that are the same for everything.
///
/// The referrer stays with pages of this site, but there it is sent: a form without JavaScript finds its way back by it.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        PERMISSIONS_POLICY,
        HeaderValue::from_static(
            "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
        ),
    ),
    (
        CROSS_ORIGIN_OPENER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
];

/// For answers that are no pages: nothing may be loaded or run in their name.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// For all but the files of the SDK: no page of another site may load it as a picture, a script or the like.
const OWN_PAGES: HeaderValue = HeaderValue::from_static("same-origin");

/// The layer around everything.
pub async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NO_PAGE);
    headers.entry(CROSS_ORIGIN_RESOURCE_POLICY).or_insert(OWN_PAGES);
    response
}

/// The policy of a page (Content Security Policy Level 3): scripts and styles of this site alone, and of those written
/// into the page only what carries the page's nonce, if it has one.
///
/// `'wasm-unsafe-eval'` lets WebAssembly be compiled, and nothing else.
pub fn page_policy(nonce: Option<&str>, sockets: Option<&str>) -> Option<HeaderValue> {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    let sockets = sockets.map(|origin| format!(" {origin}")).unwrap_or_default();
    HeaderValue::try_from(format!(
        "default-src 'self'; \
         script-src 'self'{nonce} 'wasm-unsafe-eval'; \
         style-src 'self'; \
         img-src 'self' data: blob:; \
         media-src 'self' blob: mediastream:; \
         connect-src 'self'{sockets}; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ))
    .ok()
}

/// The origin of the page's WebSocket. Older Safari does not count it among `'self'`.
///
/// While `cargo leptos watch` runs, also that of the socket that reloads the page; it has another port.
pub fn socket_origin(allowed: &AllowedOrigin, headers: &HeaderMap) -> Option<String> {
    if cfg!(debug_assertions) && std::env::var_os("LEPTOS_WATCH").is_some() {
        return Some("ws:".to_owned());
    }
    if let AllowedOrigin::Public(url) = allowed {
        return url.origin().strip_prefix("http").map(|rest| format!("ws{rest}"));
    }
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    (!host.is_empty() && host.bytes().all(is_plain)).then(|| match allowed {
        AllowedOrigin::SameHostOverTls => format!("wss://{host}"),
        AllowedOrigin::SameHost | AllowedOrigin::Public(_) => format!("ws://{host} wss://{host}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_never_allows_inline_code() {
        let policy = page_policy(Some("abc"), Some("ws://a:3000")).unwrap();
        let policy = policy.to_str().unwrap();
        assert!(
            policy.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';"),
            "{policy}"
        );
        assert!(policy.contains("connect-src 'self' ws://a:3000;"), "{policy}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        let without_nonce = page_policy(None, None).unwrap();
        let without_nonce = without_nonce.to_str().unwrap();
        assert!(
            without_nonce.contains("script-src 'self' 'wasm-unsafe-eval';"),
            "{without_nonce}"
        );
    }

    #[test]
    fn a_host_that_could_end_the_directive_is_left_out() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("a; script-src *"));
        assert_eq!(socket_origin(&AllowedOrigin::SameHost, &headers), None);
        headers.insert(header::HOST, HeaderValue::from_static("[::1]:3000"));
        assert_eq!(
            socket_origin(&AllowedOrigin::SameHost, &headers).as_deref(),
            Some("ws://[::1]:3000 wss://[::1]:3000")
        );
        assert_eq!(
            socket_origin(&AllowedOrigin::SameHostOverTls, &headers).as_deref(),
            Some("wss://[::1]:3000")
        );
        let public = AllowedOrigin::Public("https://call.example.org".parse().unwrap());
        assert_eq!(
            socket_origin(&public, &headers).as_deref(),
            Some("wss://call.example.org")
        );
    }
}
