//! Puts the built site and the built SDK into the binary, if they are to be embedded.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(with_sdk)");
    #[cfg(feature = "embed")]
    embed::files();
}

#[cfg(feature = "embed")]
mod embed {
    use std::path::Path;
    use std::process::exit;

    /// Where cargo-leptos writes the site, seen from this crate. `YODEL_SITE` names another folder.
    const SITE: &str = "../target/site";
    /// Where `cargo xtask sdk` writes the SDK. `YODEL_SDK` names another folder.
    const SDK: &str = "../target/sdk";

    pub(crate) fn files() {
        let site = site();
        let sdk = folder("YODEL_SDK", SDK);
        // Without it there are no paths below /sdk/ but that of the socket.
        if Path::new(&sdk).join("trtc-calling.js").is_file() {
            println!("cargo::rustc-cfg=with_sdk");
            memory_serve::load_names_directories([("site", site), ("sdk", sdk)], true);
        } else {
            println!("cargo::warning=there is no built SDK in {sdk}. Build it first: cargo xtask sdk");
            println!("cargo::rerun-if-changed={sdk}");
            memory_serve::load_names_directories([("site", site)], true);
        }
    }

    fn folder(variable: &str, usual: &str) -> String {
        println!("cargo::rerun-if-env-changed={variable}");
        std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
    }

    fn site() -> String {
        let site = folder("YODEL_SITE", SITE);
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
        site
    }
}
