//! A server that has no name of its own answers to no strange one: DNS rebinding.

use reqwest::header::{HOST, ORIGIN};

use crate::common::{PASSWORD, TestServer};

/// What a page does whose name was made to point at this machine: to its browser all of this is one origin.
async fn as_rebound(server: &TestServer, method: &str, path: &str, host: &str) -> reqwest::Response {
    server
        .http
        .request(method.parse().unwrap(), server.url(path))
        .header(HOST, host)
        .header(ORIGIN, format!("http://{host}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("user_id=mallory&name=Mallory&password={PASSWORD}"))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_name_that_points_here_opens_nothing() {
    let server = TestServer::start().await;
    let port = server.server.addr().port();
    for host in [format!("evil.example:{port}"), "evil.example".to_owned()] {
        for (method, path) in [
            ("POST", "/api/sign_up"),
            ("POST", "/api/sign_in"),
            ("GET", "/"),
            ("GET", "/sign-in"),
            ("GET", "/ws"),
            ("GET", "/sdk/ws"),
            ("GET", "/sdk/demo"),
            ("GET", "/nowhere"),
        ] {
            let response = as_rebound(&server, method, path, &host).await;
            assert_eq!(response.status(), 421, "{method} {path} for {host}");
            assert!(!response.headers().contains_key("set-cookie"));
            let text = response.text().await.unwrap();
            assert!(text.contains("--public-url"), "{text}");
        }
        // Whether it lives and works is no secret, and orchestrators ask by names of their own.
        for path in ["/healthz", "/readyz"] {
            assert_eq!(
                as_rebound(&server, "GET", path, &host).await.status(),
                200,
                "{path}"
            );
        }
    }
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}")] {
        let response = as_rebound(&server, "GET", "/sign-in", &host).await;
        assert_eq!(response.status(), 200, "{host}");
    }
    let response = as_rebound(&server, "POST", "/api/sign_up", &format!("localhost:{port}")).await;
    assert!(response.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn behind_a_proxy_any_name_is_answered_and_the_origin_decides() {
    let server = TestServer::start_with(|config| {
        config.public_url = Some("https://call.example.org".parse().unwrap());
    })
    .await;
    let page = as_rebound(&server, "GET", "/sign-in", "backend:3000").await;
    assert_eq!(page.status(), 200);
    let form = as_rebound(&server, "POST", "/api/sign_up", "evil.example").await;
    assert_eq!(form.status(), 403);
}
