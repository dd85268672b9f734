//! The files of the SDK below `/sdk/`, which pages of any site may load, and its demo, which is a page of this one.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::security::headers::{page_policy, socket_origin};
use crate::site::Site;

/// Where the demo is among these files. It is written in `demo.html`.
const DEMO: &str = "/demo";

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The layer around these files: of what type they are, and who may load them.
pub async fn dress(State(site): State<Site>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let sockets = socket_origin(site.allowed_origin(), request.headers());
    let mut response = next.run(request).await;
    let is_there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    if is_there && let Some(content_type) = content_type(&path) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    if path.ends_with(DEMO) {
        // Also when it has not changed: a browser takes the headers of that answer over.
        let policy = page_policy(None, sockets.as_deref());
        headers.extend(policy.map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    } else {
        open_to_all(headers);
    }
    response
}

/// Pages of other sites load modules, and fetch the WASM, under the rules of CORS (Fetch Standard, section 3.2); those that
/// are isolated (`Cross-Origin-Embedder-Policy`) want to be told of scripts, too. There is no secret in these files.
fn open_to_all(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("cross-origin"),
    );
}

/// The type of a file by its name. (The usual tables take TypeScript for a film, and say nothing of the charset, for which
/// a classic script would then be at the mercy of the page that loads it.)
fn content_type(path: &str) -> Option<HeaderValue> {
    if path.ends_with(DEMO) {
        return Some(HeaderValue::from_static("text/html; charset=utf-8"));
    }
    let (_, extension) = path.rsplit_once('.')?;
    let content_type = match extension {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "ts" | "md" => "text/plain; charset=utf-8",
        _ => return None,
    };
    Some(HeaderValue::from_static(content_type))
}
