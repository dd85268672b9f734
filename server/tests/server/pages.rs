//! The pages, and what the browser is told about them.

use reqwest::header::HeaderMap;

use crate::common::{TestServer, location};

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn strangers_are_sent_to_the_sign_in_page_and_residents_away_from_it() {
    let (server, alice) = TestServer::with_user("alice").await;
    let home = server.get("/", None).await;
    assert_eq!((home.status().as_u16(), location(&home)), (303, "/sign-in"));
    for path in ["/sign-in", "/sign-up"] {
        assert_eq!(server.get(path, None).await.status(), 200, "{path}");
        let away = server.get(path, Some(&alice)).await;
        assert_eq!((away.status().as_u16(), location(&away)), (303, "/"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_page_with_status_404() {
    let server = TestServer::start().await;
    let response = server.get("/nowhere", None).await;
    assert_eq!(response.status(), 404);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
}

#[tokio::test]
async fn pages_come_in_the_language_of_the_browser() {
    let server = TestServer::start().await;
    let page = async |language: &str| {
        let request = server
            .http
            .get(server.url("/sign-in"))
            .header("accept-language", language);
        request.send().await.unwrap().text().await.unwrap()
    };
    assert!(page("zh-CN,zh;q=0.9").await.contains(r#"lang="zh-Hans""#));
    assert!(page("en-US").await.contains(r#"lang="en""#));
}

#[tokio::test]
async fn a_page_says_what_the_browser_may_do() {
    let server = TestServer::start().await;
    let response = server.get("/sign-in", None).await;
    let headers = response.headers().clone();
    let policy = header(&headers, "content-security-policy");
    for directive in [
        "default-src 'self'",
        "style-src 'self';",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "'wasm-unsafe-eval'",
    ] {
        assert!(policy.contains(directive), "{directive}: {policy}");
    }
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{policy}"
    );
    assert_eq!(header(&headers, "x-content-type-options"), "nosniff");
    assert_eq!(header(&headers, "referrer-policy"), "same-origin");
    assert_eq!(header(&headers, "cross-origin-opener-policy"), "same-origin");
    assert_eq!(header(&headers, "cross-origin-resource-policy"), "same-origin");
    assert_eq!(header(&headers, "cache-control"), "no-store");
    assert!(header(&headers, "permissions-policy").contains("camera=(self), microphone=(self)"));

    // The scripts written into the page carry the nonce of its own policy, and every page has another.
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap()
        .to_owned();
    let page = response.text().await.unwrap();
    let inline = page.matches("<script").count();
    assert!(inline > 0);
    assert_eq!(
        page.matches("<script").count(),
        page.matches(&format!("nonce=\"{nonce}\"")).count(),
        "{page}"
    );
    let again = server.get("/sign-in", None).await;
    assert!(!header(again.headers(), "content-security-policy").contains(&nonce));
}

#[tokio::test]
async fn what_is_no_page_may_load_nothing() {
    let server = TestServer::start().await;
    let response = server.get("/healthz", None).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        header(response.headers(), "content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'"
    );
    assert_eq!(response.text().await.unwrap(), "ok");
}

#[tokio::test]
async fn a_hostile_name_is_drawn_as_text() {
    let server = TestServer::start().await;
    let name = r#"<img src=x onerror=alert(1)></script>"#;
    let fields = [
        ("user_id", "carol"),
        ("name", name),
        ("password", crate::common::PASSWORD),
    ];
    assert_eq!(server.post("/api/sign_up", &fields, None).await.status(), 200);
    let alice = server.sign_up("alice").await;
    let page = server.get("/", Some(&alice)).await.text().await.unwrap();
    assert!(page.contains("carol"));
    assert!(!page.contains("<img src=x"), "{page}");
    assert!(!page.contains("alert(1)></script>"), "{page}");
}

/// It was answered by a sentence of the framework's.
#[tokio::test]
async fn an_id_that_is_no_text_is_an_unknown_path() {
    let (server, alice) = TestServer::with_user("alice").await;
    for path in [
        "/groups/%FF",
        "/people/%FF%FE",
        "/groups/%00",
        "/people/..%2F",
        "/groups/new%20",
    ] {
        let page = server.get(path, Some(&alice)).await;
        assert_eq!(page.status(), 404, "{path}");
        assert!(
            page.text().await.unwrap().contains("There is no such page"),
            "{path}"
        );
    }
}
