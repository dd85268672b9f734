//! Packages of others: no known vulnerability, licences that can be kept, one source.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::house::{self, House};
use crate::tally::Tally;
use crate::tools;

/// Where the advisories of `deny.toml` are, and what cargo-deny calls the database of RustSec there.
const DATABASES: &str = "target/advisories";
const RUSTSEC: &str = "advisory-db-3157b0e258782691";
/// The database as it was on this day, for machines without a network. Its licences are in it.
const SNAPSHOT: &str = "xtask/data/advisory-db-2026-08-20.tar.gz";
const SNAPSHOT_DAY: &str = "2026-08-20T00:00:00Z";

/// Every check of `deny.toml`, each of which counts.
pub(crate) fn check(house: &mut House) -> Result<Tally> {
    tools::for_supply(house)?;
    // What is looked at are the packages of every system, and a build has fetched those of this one alone.
    if let Err(error) = house::run(&mut house.cargo("fetch --locked")) {
        println!("{error:#}; without a network it has to do with what has been fetched before");
    }
    let database = house.at(DATABASES).join(RUSTSEC);
    if !is_live(house) {
        println!("the live database of advisories cannot be had: that of {SNAPSHOT_DAY} is used");
        unpack_snapshot(house, &database)?;
    }
    let mut tally = Tally::default();
    for which in ["advisories", "licenses", "bans", "sources"] {
        let checked = house::run(&mut house.command("cargo-deny", ["--offline", "check", which]));
        tally += match checked {
            Ok(()) => Tally::PASSED,
            Err(error) => {
                println!("{error:#}");
                Tally::FAILED
            }
        };
    }
    Ok(tally)
}

/// Fetch the database, if that can be done.
fn is_live(house: &House) -> bool {
    let mut fetch = house.command("cargo-deny", ["fetch", "db"]);
    // A network that answers nothing is none.
    fetch
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
        .env("GIT_HTTP_LOW_SPEED_TIME", "20");
    house::output(&mut fetch).is_ok()
}

/// cargo-deny reads a git repository only, and takes the date of its commit for the database's.
fn unpack_snapshot(house: &House, database: &Path) -> Result<()> {
    if database.exists() {
        fs::remove_dir_all(database).with_context(|| format!("cannot remove {}", database.display()))?;
    }
    fs::create_dir_all(database).with_context(|| format!("cannot make {}", database.display()))?;
    let mut tar = house.command("tar", ["--strip-components=1", "-xzf"]);
    tar.arg(house.at(SNAPSHOT)).arg("-C").arg(database);
    house::output(&mut tar)?;
    for line in [
        "init --quiet",
        "add --all",
        "-c user.name=yodel -c user.email=yodel@localhost -c commit.gpgsign=false commit --quiet --message=snapshot",
    ] {
        let mut git = house.command("git", line.split(' '));
        git.current_dir(database)
            .env("GIT_AUTHOR_DATE", SNAPSHOT_DAY)
            .env("GIT_COMMITTER_DATE", SNAPSHOT_DAY);
        house::output(&mut git)?;
    }
    // What marks a database as fetched.
    if !database.join(".git/HEAD").is_file() {
        bail!("git made no repository of {}", database.display());
    }
    Ok(())
}
