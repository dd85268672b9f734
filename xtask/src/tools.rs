//! Tools that the build needs: what is missing is installed, after saying so. Nothing of the user's is replaced: a tool
//! in another version than ours stays where it is, and ours goes into a folder of its own, which all clones share.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::house::{self, House};
use crate::{fingerprint, lockfile};

/// The newest cargo-leptos that this workspace's `rust-version` compiles.
const CARGO_LEPTOS: &str = "0.3.10";
const CARGO_DENY: &str = "0.20.2";
const WASM: &str = "wasm32-unknown-unknown";
const NODE_MAJOR: u32 = 20;

/// Whatever compiles, binds, optimizes and bundles the front.
pub(crate) fn for_site(house: &mut House) -> Result<()> {
    wasm_target(house)?;
    CargoTool {
        krate: "cargo-leptos",
        program: "cargo-leptos",
        version: CARGO_LEPTOS,
        is_locked: true,
        opt_level: 0,
        duration: "about 7 minutes on two cores",
    }
    .provide(house)?;
    wasm_bindgen(house)?;
    node(house)?;
    npm_packages(house, "xtask", "wasm-opt and esbuild", "half a minute")?;
    house.add_tools(house.at("xtask/node_modules/.bin"));
    Ok(())
}

/// Whatever the checks and tests need on top of [`for_site`]; browsers are found when they are used.
pub(crate) fn for_tests(house: &mut House) -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let program = if component == "clippy" {
            "cargo-clippy"
        } else {
            "cargo-fmt"
        };
        if house::output(&mut house.command(program, ["--version"])).is_err() {
            say(&format!("the Rust component {component}"), "half a minute");
            house::run(&mut house.command("rustup", ["component", "add", component]))?;
        }
    }
    for_site(house)?;
    npm_packages(house, "end2end", "Playwright", "half a minute")
}

/// What judges the packages of others.
pub(crate) fn for_supply(house: &mut House) -> Result<()> {
    CargoTool {
        krate: "cargo-deny",
        program: "cargo-deny",
        version: CARGO_DENY,
        is_locked: true,
        opt_level: 0,
        duration: "about 3 minutes on two cores",
    }
    .provide(house)
}

fn wasm_target(house: &House) -> Result<()> {
    let sysroot = house::output(&mut house.command("rustc", ["--print", "sysroot"]))?;
    if !Path::new(&sysroot).join("lib/rustlib").join(WASM).is_dir() {
        say("the compilation target wasm32-unknown-unknown", "half a minute");
        house::run(&mut house.command("rustup", ["target", "add", WASM]))?;
    }
    Ok(())
}

/// The command-line half of wasm-bindgen must equal the library half to the letter.
fn wasm_bindgen(house: &mut House) -> Result<()> {
    let lock = fs::read_to_string(house.at("Cargo.lock")).context("cannot read Cargo.lock")?;
    let version =
        lockfile::version_of(&lock, "wasm-bindgen").context("Cargo.lock does not name wasm-bindgen")?;
    CargoTool {
        krate: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version,
        // The lock file that 0.2.130 was published with names a package that is not served any more.
        is_locked: false,
        // It reads and writes megabytes in each build.
        opt_level: 1,
        duration: "about 3 minutes on two cores",
    }
    .provide(house)
}

/// A program that cargo installs.
struct CargoTool<'a> {
    krate: &'a str,
    program: &'a str,
    version: &'a str,
    /// Whether its dependencies are those that it was published with.
    is_locked: bool,
    opt_level: u8,
    duration: &'a str,
}

impl CargoTool<'_> {
    /// Put it on PATH in exactly this version.
    fn provide(&self, house: &mut House) -> Result<()> {
        let &Self {
            krate,
            program,
            version,
            ..
        } = self;
        if has_version(house, program, version) {
            return Ok(());
        }
        let folder = cache()?.join(format!("{krate}-{version}"));
        house.add_tools(folder.join("bin"));
        if has_version(house, program, version) {
            return Ok(());
        }
        say(
            &format!("{krate} {version} into {}", folder.display()),
            self.duration,
        );
        let mut install = house.cargo("install");
        install
            .args([krate, "--version", version, "--root"])
            .arg(&folder)
            .args(self.is_locked.then_some("--locked"))
            // Their authors optimize each as a whole, for those who download it: for cargo-leptos, two cores take 16 minutes in
            // place of 7. What it does by itself to a style sheet and a script is over in seconds all the same.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level.to_string())
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        house::run(&mut install)?;
        if !has_version(house, program, version) {
            bail!("{krate} was installed, but `{program} --version` does not say {version}");
        }
        Ok(())
    }
}

fn has_version(house: &House, program: &str, version: &str) -> bool {
    house.which(program).is_some()
        && house::output(&mut house.command(program, ["--version"]))
            .is_ok_and(|line| line.split_whitespace().nth(1) == Some(version))
}

/// Where our own versions of tools are: outside the clone, so that neither `cargo clean` nor another clone costs them.
fn cache() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("YODEL_TOOLS") {
        return std::path::absolute(folder).context("YODEL_TOOLS does not name a folder");
    }
    let caches = env::var_os("XDG_CACHE_HOME")
        .or_else(|| env::var_os("LOCALAPPDATA"))
        .map(PathBuf::from);
    caches
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .map(|folder| folder.join("yodel-tools"))
        .context("there is no home folder to install tools in: set YODEL_TOOLS to a folder for them")
}

fn node(house: &House) -> Result<()> {
    let version = house::output(&mut house.command("node", ["--version"]))?;
    if node_major(&version).is_none_or(|major| major < NODE_MAJOR) {
        bail!(
            "Node.js {version} is too old: install {NODE_MAJOR} or later (https://nodejs.org) and try again"
        );
    }
    Ok(())
}

fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// `npm ci` in a folder of the workspace, unless its packages are those of its lock file already.
fn npm_packages(house: &House, folder: &str, what: &str, duration: &str) -> Result<()> {
    let folder = house.at(folder);
    let stamp = folder.join("node_modules/.yodel-stamp");
    let wanted = fingerprint::of(&folder, &["package.json", "package-lock.json"])?.to_string();
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    say(&format!("{what} by npm, below {}", folder.display()), duration);
    house::run(
        house
            .command("npm", ["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Announce an installation and how long it takes.
pub(crate) fn say(what: &str, duration: &str) {
    println!("\n==> installing {what} (once; {duration})");
}

#[cfg(test)]
mod tests {
    use super::node_major;

    #[test]
    fn reads_what_node_says_of_itself() {
        assert_eq!(node_major("v20.20.2"), Some(20));
        assert_eq!(node_major("v9.0.0"), Some(9));
        assert_eq!(node_major("20"), None);
        assert_eq!(node_major(""), None);
    }
}
