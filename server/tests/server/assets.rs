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
