//! The package for other people's pages: `TRTCCalling` as an ES module and as a classic script, and the WASM that both load.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::house::{self, House};
use crate::shrink::Formatting;
use crate::{fingerprint, shrink};

/// All that it is made from.
const INPUTS: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "call",
    "phone",
    "sdk",
    "xtask/package-lock.json",
    "xtask/src/shrink.rs",
    "xtask/src/wasm.rs",
];

/// What is delivered as it is written.
const WRITTEN: [&str; 2] = ["sdk/package", "sdk/demo"];

/// What a classic script has instead of a module's `import` and `export`: where it came from, which is known only while it runs;
/// and how it hands the class out, to CommonJS, to AMD, or to the page as a global.
const CLASSIC: &str = "(() => { \
    const yodelHome = globalThis.document?.currentScript?.src ?? globalThis.location?.href; \
    const yodelExport = (TRTCCalling) => { \
    if (typeof module === 'object' && module.exports) module.exports = TRTCCalling.default = TRTCCalling; \
    else if (typeof define === 'function' && define.amd) define(() => TRTCCalling); \
    else globalThis.TRTCCalling = TRTCCalling; };";

/// Build the package in `sdk` of the target folder, unless its inputs and its outputs are those of the last time.
pub(crate) fn build(house: &House) -> Result<()> {
    let stamp = house.target().join("sdk.stamp");
    let present = || -> Result<String> {
        let inputs = fingerprint::of(&house.at(""), &INPUTS)?;
        let outputs = fingerprint::of(&house.target(), &["sdk"])?;
        Ok(format!("{inputs:016x} {outputs:016x}"))
    };
    if fs::read_to_string(&stamp).is_ok_and(|last| present().is_ok_and(|now| now == last)) {
        return Ok(());
    }
    println!("\n==> building the package for pages (about 2 minutes on two cores the first time)");
    let start = Instant::now();
    let package = house.target().join("sdk");
    if package.exists() {
        fs::remove_dir_all(&package).with_context(|| format!("cannot remove {}", package.display()))?;
    }
    fs::create_dir_all(&package).with_context(|| format!("cannot make {}", package.display()))?;
    bundle(house, &package)?;
    for folder in WRITTEN {
        copy_files(&house.at(folder), &package)?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&house.at(licence), &package.join(licence))?;
    }
    println!("    the package took {:.0} s", start.elapsed().as_secs_f64());
    fs::write(&stamp, present()?).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Compile, bind, shrink, and put the class and its glue together in both forms.
fn bundle(house: &House, package: &Path) -> Result<()> {
    house::run(
        &mut house.cargo("build --package sdk --profile wasm-release --target wasm32-unknown-unknown"),
    )?;
    let compiled = house
        .target()
        .join("wasm32-unknown-unknown/wasm-release/sdk.wasm");
    let bound = house.target().join("sdk-bound");
    let mut bind = house.command(
        "wasm-bindgen",
        [
            "--target",
            "web",
            "--no-typescript",
            "--omit-default-module-path",
            "--out-name",
            "glue",
        ],
    );
    house::run(bind.arg("--out-dir").arg(&bound).arg(&compiled))?;
    let (wasm, glue) = (bound.join("glue_bg.wasm"), bound.join("glue.js"));
    shrink::shrink(house, &wasm, &glue, Formatting::OfPanics)?;
    copy(&wasm, &package.join("trtc-calling.wasm"))?;
    copy_files(&house.at("sdk/js"), &bound)?;

    let bundle = |entry: &str, name: &str, options: &[&str]| -> Result<()> {
        let mut esbuild = house.command(
            "esbuild",
            ["--bundle", "--minify", "--target=es2022", "--log-level=warning"],
        );
        esbuild.args(options).arg(bound.join(entry));
        let file = package.join(name);
        house::run(esbuild.arg(format!("--outfile={}", file.display())))
    };
    bundle("trtc-calling.js", "trtc-calling.js", &["--format=esm"])?;
    bundle(
        "classic.js",
        "trtc-calling.umd.js",
        &[
            "--format=iife",
            "--define:import.meta.url=yodelHome",
            &format!("--banner:js={CLASSIC}"),
            "--footer:js=})();",
        ],
    )?;
    // Node.js and bundlers go by the name: beside a module, only this one is CommonJS.
    copy(
        &package.join("trtc-calling.umd.js"),
        &package.join("trtc-calling.umd.cjs"),
    )
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
