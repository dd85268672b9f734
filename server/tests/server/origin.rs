//! Forms and sockets are taken from the site's own pages only.

use reqwest::header::{HeaderMap, HeaderValue};

use crate::common::{TestServer, User};

/// Origins that are not the site's, by what is wrong with them.
pub(crate) fn foreign_origins(server: &TestServer) -> Vec<(&'static str, Option<String>)> {
    let addr = server.server.addr();
    let wrong_port = addr.port().wrapping_add(1).max(1);
    vec![
        ("absent", None),
        ("null", Some("null".into())),
        ("foreign", Some("https://evil.example".into())),
        ("suffix", Some(format!("http://{addr}.evil.example"))),
        ("prefix", Some(format!("http://evil{addr}"))),
        ("subdomain", Some(format!("http://sub.{addr}"))),
        ("port", Some(format!("http://{}:{wrong_port}", addr.ip()))),
        ("no port", Some(format!("http://{}", addr.ip()))),
        ("scheme", Some(format!("ftp://{addr}"))),
    ]
}

async fn post(server: &TestServer, origin: Option<&str>, user: &User) -> reqwest::Response {
    let mut request = server
        .http
        .post(server.url("/api/sign_out"))
        .header("cookie", &user.cookie);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    request.send().await.unwrap()
}

async fn upgrade(server: &TestServer, origin: Option<&str>, user: &User) -> reqwest::Response {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cookie", user.cookie.parse().unwrap());
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    server
        .http
        .get(server.url("/ws"))
        .headers(headers)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let (server, alice) = TestServer::with_user("alice").await;
    for (what, origin) in foreign_origins(&server) {
        let response = post(&server, origin.as_deref(), &alice).await;
        assert_eq!(response.status(), 403, "{what}");
        assert!(response.text().await.unwrap().contains("--public-url"), "{what}");
    }
    assert_eq!(server.get("/", Some(&alice)).await.status(), 200);
}

#[tokio::test]
async fn a_socket_of_another_site_is_refused_before_the_upgrade() {
    let (server, alice) = TestServer::with_user("alice").await;
    for (what, origin) in foreign_origins(&server) {
        assert_eq!(
            upgrade(&server, origin.as_deref(), &alice).await.status(),
            403,
            "{what}"
        );
    }
    assert_eq!(
        upgrade(&server, Some(&server.origin()), &alice).await.status(),
        101
    );
}

#[tokio::test]
async fn behind_a_proxy_the_public_address_counts() {
    let server = TestServer::start_with(|config| {
        config.public_url = Some("https://call.example.org".parse().unwrap());
    })
    .await;
    let nobody = User {
        id: "nobody".parse().unwrap(),
        cookie: "x=1".into(),
    };
    assert_eq!(
        upgrade(&server, Some("https://call.example.org"), &nobody)
            .await
            .status(),
        101
    );
    let own = server.origin();
    for origin in [
        Some(own.as_str()),
        Some("http://call.example.org"),
        Some("https://call.example.org:444"),
        None,
    ] {
        let response = post(&server, origin, &nobody).await;
        assert_eq!(response.status(), 403, "{origin:?}");
        assert!(
            response
                .text()
                .await
                .unwrap()
                .contains("https://call.example.org")
        );
    }
}
