//! Browsers for the tests: those that are there, else those that can be installed.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::debian;
use crate::house::{self, House};
use crate::tools::say;

/// The names under which systems know Chromium.
const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// Chromium without a window and all that belongs to one: the same pages, at half the cost. It is what Playwright has, too.
const SHELL: &str = "chromium-headless-shell";

/// The names under which systems know Firefox.
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// Chromium for pages that nobody looks at: the one that `YODEL_CHROMIUM` names, or its headless shell, which is Playwright's own,
/// the system's or Debian's; or else what [`chromium`] finds.
pub(crate) fn headless(house: &House) -> Result<PathBuf> {
    let known = std::env::var_os("YODEL_CHROMIUM").is_some();
    if known || playwrights(house).is_some() {
        return chromium(house);
    }
    let shell = || systems(house, &[SHELL]);
    if let Some(path) = shell() {
        return Ok(path);
    }
    match debian::install(house, SHELL) {
        Ok(()) => shell().map_or_else(|| chromium(house), Ok),
        Err(_) => chromium(house),
    }
}

/// Chromium as people have it: the one that `YODEL_CHROMIUM` names, Playwright's own, the system's, or Debian's package.
pub(crate) fn chromium(house: &House) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("YODEL_CHROMIUM") {
        return Ok(path.into());
    }
    if let Some(path) = playwrights(house).or_else(|| systems(house, &CHROMIUM)) {
        return Ok(path);
    }
    say("Chromium by Playwright", "1 to 3 minutes");
    let mut download = house.command("npx", ["playwright", "install", "chromium"]);
    if house::run(download.current_dir(house.at("end2end"))).is_ok()
        && let Some(path) = playwrights(house)
    {
        return Ok(path);
    }
    debian::install(house, "chromium")?;
    match systems(house, &CHROMIUM) {
        Some(path) => Ok(path),
        None => bail!("no Chromium was found: install it, or set YODEL_CHROMIUM to its path"),
    }
}

/// Firefox as people have it: the one that `YODEL_FIREFOX` names, the system's, or Debian's package. Playwright's own is a
/// patched one.
pub(crate) fn firefox(house: &House) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("YODEL_FIREFOX") {
        return Ok(path.into());
    }
    if let Some(path) = systems(house, &FIREFOX) {
        return Ok(path);
    }
    debian::install(house, "firefox-esr")?;
    match systems(house, &FIREFOX) {
        Some(path) => Ok(path),
        None => bail!("no Firefox was found: install it, or set YODEL_FIREFOX to its path"),
    }
}

/// chromedriver, through which wasm-bindgen's runner drives Chromium.
pub(crate) fn chromedriver(house: &House) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMEDRIVER") {
        return Ok(path.into());
    }
    if let Some(path) = house.which("chromedriver") {
        return Ok(path);
    }
    debian::install(house, "chromium-driver")?;
    match house.which("chromedriver") {
        Some(path) => Ok(path),
        None => bail!(
            "no chromedriver was found: install the one of your Chromium, or set CHROMEDRIVER to its path"
        ),
    }
}

/// The browser that Playwright has downloaded before.
fn playwrights(house: &House) -> Option<PathBuf> {
    let script = "console.log(require('@playwright/test').chromium.executablePath())";
    let mut node = house.command("node", ["-e", script]);
    let path = PathBuf::from(house::output(node.current_dir(house.at("end2end"))).ok()?);
    path.is_file().then_some(path)
}

/// The system's browser of one of these names, if it starts: some systems have a placeholder of that name.
fn systems(house: &House, names: &[&str]) -> Option<PathBuf> {
    let found = names.iter().filter_map(|name| house.which(name));
    found
        .into_iter()
        .find(|path| house::output(&mut house.command(&path.to_string_lossy(), ["--version"])).is_ok())
}
