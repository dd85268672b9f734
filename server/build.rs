//! Puts the built site into the binary, if it is to be embedded.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "embed")]
    embed::site();
}

#[cfg(feature = "embed")]
mod embed {
    use std::path::Path;
    use std::process::exit;

    /// Where cargo-leptos writes it, seen from this crate. `YODEL_SITE` names another folder.
    const SITE: &str = "../target/site";

    pub(crate) fn site() {
        println!("cargo::rerun-if-env-changed=YODEL_SITE");
        let site = std::env::var("YODEL_SITE").unwrap_or_else(|_| SITE.to_owned());
        let pkg = Path::new(&site).join("pkg");
        let has = |name: &str| pkg.join(name).is_file();
        let is_whole = has("yodel.js") && has("yodel.css") && (has("yodel.wasm") || has("yodel_bg.wasm"));
        if !is_whole {
            println!(
                "cargo::error=there is no built site in {}. Build it first: cargo leptos build --release --frontend-only",
                Path::new(&site).display()
            );
            exit(1);
        }
        memory_serve::load_directory_with_embed(site, true);
    }
}
