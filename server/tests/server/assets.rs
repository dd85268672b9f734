//! Static files: how the browser may keep them.

use crate::common::TestServer;

/// The paths in the sign-in page that lead to files of the site.
async fn files(server: &TestServer) -> Vec<String> {
    let page = server.get("/sign-in", None).await.text().await.unwrap();
    let mut files: Vec<String> = page
        .split('"')
        .filter(|text| text.starts_with("/pkg/"))
        .map(|text| text.split('?').next().unwrap_or(text).to_owned())
        .collect();
    files.sort();
    files.dedup();
    assert!(!files.is_empty(), "{page}");
    files
}

#[cfg(feature = "embed")]
#[tokio::test]
async fn embedded_files_are_compressed_hashed_and_kept_forever() {
    let server = TestServer::start().await;
    for file in files(&server).await {
        let request = server.http.get(server.url(&file)).header("accept-encoding", "br");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{file}");
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        assert!(header("cache-control").contains("immutable"), "{file}");
        assert_eq!(header("content-encoding"), "br", "{file}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{file}");
        if file.ends_with(".wasm") {
            assert_eq!(header("content-type"), "application/wasm");
        }
    }
}

#[cfg(feature = "embed")]
#[tokio::test]
async fn under_its_plain_name_an_embedded_file_is_asked_for_each_time() {
    let server = TestServer::start().await;
    let first = server.get("/pkg/yodel.css", None).await;
    assert_eq!(first.headers()["cache-control"], "no-cache");
    let tag = first.headers()["etag"].clone();
    let again = server
        .http
        .get(server.url("/pkg/yodel.css"))
        .header("if-none-match", tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);
}

#[cfg(not(feature = "embed"))]
#[tokio::test]
async fn files_in_a_folder_keep_their_names() {
    let server = TestServer::start().await;
    for file in files(&server).await {
        assert!(
            [
                "/pkg/yodel.js",
                "/pkg/yodel.wasm",
                "/pkg/yodel_bg.wasm",
                "/pkg/yodel.css"
            ]
            .contains(&file.as_str()),
            "{file}"
        );
    }
}

/// What a site with an SDK in a folder answers, and with which headers.
#[cfg(not(feature = "embed"))]
async fn of_sdk(
    server: &TestServer,
    folder: &std::path::Path,
    path: &str,
) -> axum::http::Response<axum::body::Body> {
    use tower::ServiceExt as _;

    let sdk = server::assets::folder::sdk(folder);
    let router = server::router::router(server.server.site().clone(), axum::Router::new(), sdk);
    let request = axum::http::Request::get(path).header("host", "yodel.localhost:3000");
    router
        .oneshot(request.body(axum::body::Body::empty()).unwrap())
        .await
        .unwrap()
}

#[cfg(not(feature = "embed"))]
#[tokio::test]
async fn pages_of_any_site_may_load_the_sdk() {
    let server = TestServer::start().await;
    let folder = tempfile::TempDir::new().unwrap();
    for (name, content_type) in [
        ("trtc-calling.js", "text/javascript; charset=utf-8"),
        ("trtc-calling.umd.js", "text/javascript; charset=utf-8"),
        ("trtc-calling.wasm", "application/wasm"),
        ("trtc-calling.d.ts", "text/plain; charset=utf-8"),
        ("package.json", "application/json"),
        ("README.md", "text/plain; charset=utf-8"),
    ] {
        std::fs::write(folder.path().join(name), "x").unwrap();
        let response = of_sdk(&server, folder.path(), &format!("/sdk/{name}")).await;
        assert_eq!(response.status(), 200, "{name}");
        let headers = response.headers();
        assert_eq!(headers["content-type"], content_type, "{name}");
        assert_eq!(headers["access-control-allow-origin"], "*", "{name}");
        assert_eq!(headers["cross-origin-resource-policy"], "cross-origin", "{name}");
        assert_eq!(headers["cache-control"], "no-cache", "{name}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{name}");
    }
    assert_eq!(
        of_sdk(&server, folder.path(), "/sdk/missing.js").await.status(),
        404
    );
}

#[cfg(not(feature = "embed"))]
#[tokio::test]
async fn the_demo_is_a_page_of_this_site_with_a_strict_policy() {
    let server = TestServer::start().await;
    let folder = tempfile::TempDir::new().unwrap();
    for name in ["demo.html", "demo.js", "demo.css"] {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    let page = of_sdk(&server, folder.path(), "/sdk/demo").await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(!page.headers().contains_key("access-control-allow-origin"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval';"),
        "{policy}"
    );
    assert!(policy.contains("ws://yodel.localhost:3000"), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    for (path, content_type) in [
        ("/sdk/demo.js", "text/javascript; charset=utf-8"),
        ("/sdk/demo.css", "text/css; charset=utf-8"),
    ] {
        let file = of_sdk(&server, folder.path(), path).await;
        assert_eq!(file.headers()["content-type"], content_type);
    }
}

#[cfg(feature = "embed")]
#[tokio::test]
async fn the_embedded_sdk_is_compressed_and_asked_for_each_time() {
    let server = TestServer::start().await;
    let get = async |path: &str| {
        let request = server.http.get(server.url(path)).header("accept-encoding", "br");
        request.send().await.unwrap()
    };
    for file in ["/sdk/trtc-calling.js", "/sdk/trtc-calling.wasm"] {
        let response = get(file).await;
        assert_eq!(response.status(), 200, "{file}");
        assert_eq!(response.headers()["content-encoding"], "br", "{file}");
        assert_eq!(response.headers()["cache-control"], "no-cache", "{file}");
        assert_eq!(response.headers()["access-control-allow-origin"], "*", "{file}");
        let again = server.http.get(server.url(file));
        let again = again.header("if-none-match", &response.headers()["etag"]);
        assert_eq!(again.send().await.unwrap().status(), 304, "{file}");
    }
    let declarations = get("/sdk/trtc-calling.d.ts").await;
    assert_eq!(
        declarations.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let demo = get("/sdk/demo").await;
    assert_eq!(demo.headers()["content-type"], "text/html; charset=utf-8");
    let policy = demo.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval';"),
        "{policy}"
    );
}
