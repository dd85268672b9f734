//! The TOML file.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fs, io};

use serde::Deserialize;

use super::apps::AppTables;
use super::ice::{CheckedIceServer, TurnAddr};
use super::origin::{PageOrigin, PublicUrl};
use super::proxies::ProxyRange;
use super::values::{ListenAddr, LogFilter, RingSeconds};

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
        /// Where and what.
        source: Mistake,
    },
}

/// The keys that a mistake may name. Whatever else stands before a `=` could be the beginning of a password that spreads over
/// several lines.
const KEYS: [&str; 24] = [
    "addr",
    "metrics",
    "data",
    "ring-seconds",
    "public-url",
    "cert",
    "key",
    "lan",
    "ice-servers",
    "urls",
    "username",
    "credential",
    "secret",
    "turn",
    "turn-listen",
    "relay-only",
    "apps",
    "id",
    "secrets",
    "origins",
    "trusted-proxies",
    "connections-per-address",
    "sign-ups-per-hour",
    "log",
];

/// A mistake in the file. It does not show the line: there may be a password in it.
#[derive(Debug, thiserror::Error)]
#[error("in line {line}{}: {message}", key.as_ref().map(|key| format!(", {key}")).unwrap_or_default())]
pub struct Mistake {
    line: usize,
    key: Option<&'static str>,
    message: String,
}

impl Mistake {
    fn new(text: &str, error: &toml::de::Error) -> Self {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.lines().count().max(1) + usize::from(before.ends_with('\n'));
        let before_equals = text.lines().nth(line - 1).and_then(|line| line.split_once('='));
        let written = before_equals.map(|(key, _)| key.trim());
        Self {
            line,
            key: KEYS.into_iter().find(|key| Some(*key) == written),
            message: error.message().trim_end().to_owned(),
        }
    }
}

/// The options that a file gave.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) addr: Option<ListenAddr>,
    pub(super) metrics: Option<ListenAddr>,
    pub(super) data: Option<PathBuf>,
    pub(super) ring_seconds: Option<RingSeconds>,
    pub(super) public_url: Option<PublicUrl>,
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) lan: Option<bool>,
    pub(super) ice_servers: Option<Vec<CheckedIceServer>>,
    pub(super) turn: Option<TurnAddr>,
    pub(super) turn_listen: Option<ListenAddr>,
    pub(super) relay_only: Option<bool>,
    pub(super) apps: Option<AppTables>,
    pub(super) origins: Option<Vec<PageOrigin>>,
    pub(super) trusted_proxies: Option<Vec<ProxyRange>>,
    pub(super) connections_per_address: Option<NonZeroU32>,
    pub(super) sign_ups_per_hour: Option<NonZeroU32>,
    pub(super) log: Option<LogFilter>,
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
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        toml::from_str(text).map_err(|error| Mistake::new(text, &error))
    }
}
