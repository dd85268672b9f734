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

/// Every path that a form or a script may be sent to: what Leptos has registered, and what the router names beside it.
fn every_form() -> Vec<String> {
    let registered = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    let mut paths: Vec<String> = registered.collect();
    paths.push("/api/user-sig".to_owned());
    paths.push("/api/there-is-none".to_owned());
    assert!(paths.len() >= 14, "{paths:?}");
    paths
}

/// A number that is another one as soon as somebody else has written to the database.
async fn version(database: &mut sqlx::SqliteConnection) -> i64 {
    let version = sqlx::query_scalar("PRAGMA data_version");
    version.fetch_one(database).await.unwrap()
}

async fn database(server: &TestServer) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions as _;

    let file = server.folder.path().join("data/yodel.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(file)
        .read_only(true);
    options.connect().await.unwrap()
}

#[tokio::test]
async fn no_form_at_all_is_taken_from_another_site() {
    let (server, alice) = TestServer::with_user("alice").await;
    server.sign_up("bob").await;
    let mut database = database(&server).await;
    let before = version(&mut database).await;
    let fields = "user_id=bob&name=Bob&password=correct+horse+battery&current=correct+horse+battery&new=battery+horse&\
                  person=bob&people[]=bob&group=0000000000000001&lang=zh&back=/";
    for path in every_form() {
        for (what, origin) in foreign_origins(&server) {
            let mut request = server
                .http
                .post(server.url(&path))
                .header("cookie", &alice.cookie)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(fields);
            if let Some(origin) = &origin {
                request = request.header("origin", origin);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 403, "{path}, {what}");
            assert!(!response.headers().contains_key("set-cookie"), "{path}, {what}");
        }
    }
    assert_eq!(version(&mut database).await, before);
    assert_eq!(server.get("/", Some(&alice)).await.status(), 200);
}

/// The paths of the router, out of its source: one that is added is tried as well.
fn every_route(ids: [(&str, &str); 2]) -> Vec<String> {
    let source = include_str!("../../src/router.rs");
    let mut paths: Vec<String> = source
        .split(".route(\"")
        .skip(1)
        .map(|rest| rest[..rest.find('"').unwrap()].to_owned())
        .collect();
    assert!(paths.len() >= 12, "{paths:?}");
    for path in &mut paths {
        for (noun, id) in ids {
            *path = path.replace(&format!("/{noun}/{{id}}"), &format!("/{noun}/{id}"));
        }
    }
    paths.retain(|path| path != "/api/{*function}");
    paths.extend(every_form());
    assert!(paths.iter().all(|path| !path.contains('{')), "{paths:?}");
    paths
}

#[tokio::test]
async fn nothing_changes_by_being_looked_at() {
    let (server, alice) = TestServer::with_user("alice").await;
    server.sign_up("bob").await;
    let fields = [("name", "Kitchen"), ("people[]", "bob")];
    server.post("/api/create_group", &fields, Some(&alice)).await;
    let groups = server.server.site().storage().groups_of(&alice.id).await.unwrap();
    let group = groups[0].group.id.to_string();
    let mut database = database(&server).await;
    let before = version(&mut database).await;
    for path in every_route([("groups", &group), ("people", "bob")]) {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let query = "?person=bob&group=0&current=correct+horse+battery&new=battery+horse+staple&lang=zh";
            let request = server
                .http
                .request(method.parse().unwrap(), server.url(&format!("{path}{query}")))
                .header("cookie", &alice.cookie)
                .header("origin", server.origin());
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            assert!(status < 500 || path == "/readyz", "{method} {path}: {status}");
            assert!(!response.headers().contains_key("set-cookie"), "{method} {path}");
        }
    }
    assert_eq!(version(&mut database).await, before);
    assert_eq!(server.get("/", Some(&alice)).await.status(), 200);
    assert_eq!(
        server.sign_in("alice").await.id,
        alice.id,
        "the password is what it was"
    );
}
