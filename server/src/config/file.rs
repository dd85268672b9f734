//! The TOML file.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fs, io};

use call::protocol::IceServer;
use serde::Deserialize;

use super::values::{ListenAddr, PublicUrl, RingSeconds};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read the configuration file {} (check the path given with --config)", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// What is in it is no TOML, has a key that is not an option, or a value that is not allowed.
    #[error("the configuration file {} has a mistake", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where and what; with the line.
        source: toml::de::Error,
    },
}

/// The options that a file gave.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) addr: Option<ListenAddr>,
    pub(super) data: Option<PathBuf>,
    pub(super) ring_seconds: Option<RingSeconds>,
    pub(super) public_url: Option<PublicUrl>,
    pub(super) ice_servers: Option<Vec<IceServerTable>>,
    pub(super) trusted_proxies: Option<Vec<IpAddr>>,
    pub(super) sign_ups_per_hour: Option<NonZeroU32>,
    pub(super) log: Option<String>,
}

/// One `[[ice-servers]]`. (The wire's own type would let unknown keys pass.)
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IceServerTable {
    urls: Vec<String>,
    username: Option<String>,
    credential: Option<String>,
}

impl From<IceServerTable> for IceServer {
    fn from(table: IceServerTable) -> Self {
        Self {
            urls: table.urls,
            username: table.username,
            credential: table.credential,
        }
    }
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, FileError> {
        let text = fs::read_to_string(path).map_err(|source| FileError::Unreadable {
            path: path.into(),
            source,
        })?;
        text.parse().map_err(|source| FileError::Wrong {
            path: path.into(),
            source,
        })
    }
}

impl FromStr for File {
    type Err = toml::de::Error;

    fn from_str(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
