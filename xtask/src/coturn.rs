//! coturn, a TURN server of others, for the tests of calls through one.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::debian;
use crate::house::{self, House};

/// The one that `YODEL_TURNSERVER` names, the system's, or Debian's package.
pub(crate) fn find(house: &House) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("YODEL_TURNSERVER") {
        return Ok(path.into());
    }
    if let Some(path) = house.which("turnserver") {
        return Ok(path);
    }
    debian::install(house, "coturn")?;
    // Debian starts what it installs. Nobody has asked for a TURN server that runs by itself.
    if Path::new("/run/systemd/system").exists()
        && let Some(mut systemctl) = debian::as_root(house, "systemctl")?
    {
        house::run(systemctl.args(["disable", "--now", "coturn"]))?;
    }
    match house.which("turnserver") {
        Some(path) => Ok(path),
        None => bail!("no coturn was found: install it, or set YODEL_TURNSERVER to its path"),
    }
}
