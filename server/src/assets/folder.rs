//! Files in a folder, for development and tests.

use std::fs;
use std::path::{Path, PathBuf};

use app::assets::Assets;
use axum::Router;
use axum::http::{HeaderValue, header};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use super::StaticFiles;
use crate::site::Site;

/// The files in the folder that cargo-leptos names, or that it writes if it is not asked otherwise.
pub fn load() -> StaticFiles {
    let folder =
        std::env::var_os("LEPTOS_SITE_ROOT").map_or_else(|| PathBuf::from("target/site"), PathBuf::from);
    let wasm = if folder.join("pkg/yodel_bg.wasm").exists() {
        "/pkg/yodel_bg.wasm"
    } else {
        "/pkg/yodel.wasm"
    };
    StaticFiles {
        router: routes(&folder),
        assets: Assets {
            script: "/pkg/yodel.js".to_owned(),
            wasm: wasm.to_owned(),
            style: "/pkg/yodel.css".to_owned(),
        },
    }
}

/// A route for everything that lies in the folder at this moment.
fn routes(folder: &Path) -> Router<Site> {
    let entries = fs::read_dir(folder)
        .inspect_err(|error| {
            let folder = folder.display();
            tracing::warn!(%error, %folder, "no site files; make them with `cargo leptos build`");
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
            router.route_service(&format!("/{name}"), ServeFile::new(path))
        };
    }
    router.layer(SetResponseHeaderLayer::overriding(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache"),
    ))
}
