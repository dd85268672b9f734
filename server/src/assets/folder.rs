//! Files in folders, for development and tests.

use std::fs;
use std::path::{Path, PathBuf};

use app::assets::Assets;
use axum::Router;
use axum::http::{HeaderValue, header};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use super::StaticFiles;
use crate::site::Site;

/// Where `cargo xtask sdk` puts the SDK.
const SDK: &str = "target/sdk";

/// The files in the folder that cargo-leptos names, or that it writes if it is not asked otherwise; and those of the SDK, if
/// it has been built.
pub fn load() -> StaticFiles {
    let folder =
        std::env::var_os("LEPTOS_SITE_ROOT").map_or_else(|| PathBuf::from("target/site"), PathBuf::from);
    let wasm = if folder.join("pkg/yodel_bg.wasm").exists() {
        "/pkg/yodel_bg.wasm"
    } else {
        "/pkg/yodel.wasm"
    };
    StaticFiles {
        router: routes(&folder, "cargo leptos build"),
        sdk: sdk(Path::new(SDK)),
        assets: Assets {
            script: "/pkg/yodel.js".to_owned(),
            wasm: wasm.to_owned(),
            style: "/pkg/yodel.css".to_owned(),
        },
    }
}

/// The SDK in a folder. Pages (`demo.html`) have no extension in their path.
pub fn sdk(folder: &Path) -> Router<Site> {
    routes(folder, "cargo xtask sdk")
}

/// A route for everything that lies in the folder at this moment. `made_by` is the command that puts it there.
fn routes(folder: &Path, made_by: &str) -> Router<Site> {
    let entries = fs::read_dir(folder)
        .inspect_err(|error| {
            let folder = folder.display();
            tracing::warn!(%error, "there are no files in {folder}; make them with `{made_by}`");
        })
        .into_iter()
        .flatten()
        .flatten();
    let mut router = Router::new();
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = entry.path();
        router = if path.is_dir() {
            router.nest_service(&format!("/{name}"), ServeDir::new(path))
        } else {
            let name = name.strip_suffix(".html").unwrap_or(&name);
            router.route_service(&format!("/{name}"), ServeFile::new(path))
        };
    }
    router.layer(SetResponseHeaderLayer::overriding(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache"),
    ))
}
