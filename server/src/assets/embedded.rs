//! Files in the binary.

use std::sync::OnceLock;

use app::assets::Assets;
use axum::Router;
use memory_serve::{CacheControl, Manifest, MemoryServe};

use super::StaticFiles;

/// The files that the build script has put into the binary.
///
/// They are unpacked once, whichever server of the process is the first to ask.
pub fn load() -> StaticFiles {
    static FILES: OnceLock<StaticFiles> = OnceLock::new();

    FILES.get_or_init(unpack).clone()
}

fn unpack() -> StaticFiles {
    let files = set("site").enable_hashed_routes(true);
    let manifest = files.manifest();
    let assets = Assets {
        script: hashed(&manifest, &["/pkg/yodel.js"]),
        wasm: hashed(&manifest, &["/pkg/yodel.wasm", "/pkg/yodel_bg.wasm"]),
        style: hashed(&manifest, &["/pkg/yodel.css"]),
    };
    StaticFiles {
        router: files.into_router(),
        sdk: if cfg!(with_sdk) {
            set("sdk").enable_clean_url(true).into_router()
        } else {
            Router::new()
        },
        assets,
    }
}

/// One of the folders that the build script has put into the binary.
fn set(name: &str) -> MemoryServe {
    memory_serve::load!(name)
        .index_file(None)
        // By default only in release builds; but whoever embeds means what is going to be delivered.
        .enable_brotli(true)
        .enable_gzip(true)
        // Under its plain name a file may change with the next version: the browser asks, and is answered by ETag.
        .cache_control(CacheControl::NoCache)
        .html_cache_control(CacheControl::NoCache)
}

/// The name under which the first of these files is served that there is. The build script has made sure of one.
fn hashed(manifest: &Manifest, names: &[&str]) -> String {
    names
        .iter()
        .find_map(|name| manifest.get(name))
        .unwrap_or_default()
        .to_owned()
}
