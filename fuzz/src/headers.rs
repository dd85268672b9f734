//! Headers that a request carries: cookies, Origin, whose address it is, and the userSig among the subprotocols.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use server::desk::cookie::{SessionCookie, read_cookie};
use server::security::client_ip::ClientIp;
use server::security::origin::AllowedOrigin;
use server::signaling::user_sig::Shown;

use crate::bytes::Bytes;

const NAMES: [HeaderName; 5] = [
    header::COOKIE,
    header::ORIGIN,
    header::HOST,
    header::SEC_WEBSOCKET_PROTOCOL,
    HeaderName::from_static("x-forwarded-for"),
];

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let mut headers = HeaderMap::new();
    while !bytes.is_empty() {
        let name = NAMES[bytes.below(NAMES.len())].clone();
        // What is no header never gets through the HTTP layer.
        if let Ok(value) = HeaderValue::from_bytes(bytes.some()) {
            headers.append(name, value);
        }
    }
    cookies(&headers);
    origin(&headers);
    address(&headers);
    subprotocols(&headers);
}

fn lines(headers: &HeaderMap, name: HeaderName) -> Vec<&[u8]> {
    headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
}

/// Whether a line has this text in it.
fn has(lines: &[&[u8]], text: &str) -> bool {
    lines
        .iter()
        .any(|line| text.is_empty() || line.windows(text.len()).any(|part| part == text.as_bytes()))
}

fn cookies(headers: &HeaderMap) {
    let shown = lines(headers, header::COOKIE);
    for secure in [false, true] {
        let cookie = SessionCookie::new(secure);
        if let Some(token) = cookie.read(headers) {
            assert!(has(&shown, &format!("{}={token}", cookie.name())), "{token}");
            assert!(!token.contains(';') && !token.is_empty());
        }
    }
    let _ = read_cookie(headers, "lang");
}

/// Only one Origin, which is the host's to the letter, or the public address.
fn origin(headers: &HeaderMap) {
    let [origins, hosts] = [header::ORIGIN, header::HOST].map(|name| lines(headers, name));
    if AllowedOrigin::SameHost.admits(headers) {
        let [origin] = origins[..] else {
            panic!("{origins:?}")
        };
        let [host] = hosts[..] else { panic!("{hosts:?}") };
        let page = [&b"http://"[..], b"https://"].map(|scheme| origin.strip_prefix(scheme));
        let page = page.into_iter().flatten().next().expect("a page of the web");
        assert!(page.eq_ignore_ascii_case(host) && !page.is_empty());
    }
    let public = AllowedOrigin::Public("https://call.example.org".parse().unwrap());
    assert_eq!(public.admits(headers), origins == [b"https://call.example.org"]);
}

/// Nobody is somebody else whom no trusted proxy has named.
fn address(headers: &HeaderMap) {
    let [peer, proxy]: [IpAddr; 2] = ["192.0.2.1", "10.0.0.1"].map(|ip| ip.parse().unwrap());
    assert_eq!(ClientIp::of(peer, headers, &[]), ClientIp(peer));
    assert_eq!(ClientIp::of(peer, headers, &[proxy.into()]), ClientIp(peer));
    let ClientIp(client) = ClientIp::of(proxy, headers, &[proxy.into()]);
    if client != proxy {
        let listed = headers.get_all("x-forwarded-for").iter();
        let last = listed.filter_map(|line| line.to_str().ok()).next_back();
        let nearest = last.and_then(|line| line.rsplit(',').find(|ip| ip.trim() != "10.0.0.1"));
        assert!(
            nearest.is_some_and(|ip| ip
                .trim()
                .parse::<IpAddr>()
                .is_ok_and(|ip| ip.to_canonical() == client))
                || has(&lines(headers, NAMES[4].clone()), "10.0.0.1"),
            "{client}: {headers:?}"
        );
    }
}

/// What is read out of the subprotocols stands there to the letter, once.
fn subprotocols(headers: &HeaderMap) {
    if let Ok(Shown { app, user, user_sig }) = Shown::read(headers) {
        let shown = format!("yodel.usersig.{}.{user}.{user_sig}", app.number());
        let lines = lines(headers, header::SEC_WEBSOCKET_PROTOCOL);
        assert!(has(&lines, &shown), "{shown}");
        assert!(!user_sig.contains(','));
    }
}
