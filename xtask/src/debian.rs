//! What can be installed by Debian's package manager.

use std::process::Command;

use anyhow::{Result, bail};

use crate::house::{self, House};
use crate::tools::say;

/// Install a package of Debian, as root or with a sudo that asks no password.
pub(crate) fn install(house: &House, package: &str) -> Result<()> {
    if house.which("apt-get").is_none() {
        bail!("{package} was not found and cannot be installed here: install it with your package manager");
    }
    let Some(mut update) = as_root(house, "apt-get")? else {
        bail!("{package} was not found: install it (`sudo apt-get install {package}`) and try again");
    };
    say(&format!("Debian's package {package}"), "about a minute");
    house::run(update.arg("update"))?;
    if let Some(mut install) = as_root(house, "apt-get")? {
        install.env("DEBIAN_FRONTEND", "noninteractive");
        house::run(install.args(["install", "--yes", "--no-install-recommends", package]))?;
    }
    Ok(())
}

/// This program as root, if that can be had without a password.
pub(crate) fn as_root(house: &House, program: &str) -> Result<Option<Command>> {
    if house::output(&mut house.command("id", ["-u"]))? == "0" {
        return Ok(Some(house.command(program, [""; 0])));
    }
    let has_sudo = house::output(&mut house.command("sudo", ["-n", "true"])).is_ok();
    Ok(has_sudo.then(|| house.command("sudo", ["-n", program])))
}
