//! What an operator may set, and where from.
//!
//! Each option can be given as a flag, as a `YODEL_…` variable, or in a TOML file; the first of these that has it wins,
//! and what nobody gave has a default. A key of the file that is not an option is an error: a misspelled option that is
//! silently ignored is found too late.

mod file;
mod flags;
mod values;

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use call::protocol::{IceServer, limits};
use clap::Parser as _;

pub use file::FileError;
pub use file::Mistake;
pub use flags::Flags;
pub use values::{CheckedIceServer, ListenAddr, LogFilter, PublicUrl, RingSeconds, ValueError};

use file::File;

/// The options, each with its value.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Port 0 takes any free one.
    pub addr: SocketAddr,
    /// Where the database is.
    pub data: PathBuf,
    /// How long an invitation rings.
    pub ring: Duration,
    /// The address that people type into the browser, if it is not the one listened on.
    pub public_url: Option<PublicUrl>,
    /// STUN and TURN servers for the browsers.
    pub ice_servers: Vec<IceServer>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How many accounts one address may create in an hour.
    pub sign_ups_per_hour: NonZeroU32,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
            data: PathBuf::from("data"),
            ring: limits::DEFAULT_RING,
            public_url: None,
            ice_servers: Vec::new(),
            trusted_proxies: Vec::new(),
            sign_ups_per_hour: SIGN_UPS_PER_HOUR,
            log: String::from("info"),
        }
    }
}

const SIGN_UPS_PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A flag or a variable is wrong; or `--help` or `--version` was asked for.
    #[error(transparent)]
    Flags(#[from] clap::Error),
    /// One of the ICE servers of the command line or the environment is wrong.
    #[error("the value of --ice-servers (or YODEL_ICE_SERVERS) is wrong")]
    IceServers(#[from] ValueError),
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Config {
    /// The configuration from a command line and the environment, and from the file that they name.
    pub fn load(args: impl IntoIterator<Item = OsString>) -> Result<Self, ConfigError> {
        let flags = Flags::try_parse_from(args)?;
        let file = flags
            .config
            .as_deref()
            .map(File::read)
            .transpose()?
            .unwrap_or_default();
        Self::merge(flags, file)
    }

    fn merge(flags: Flags, file: File) -> Result<Self, ConfigError> {
        let default = Self::default();
        let ring = flags.ring_seconds.or(file.ring_seconds);
        let flagged_servers = flags
            .ice_servers
            .map(|all| all.split_whitespace().map(str::parse).collect())
            .transpose()?;
        let servers: Option<Vec<CheckedIceServer>> = flagged_servers.or(file.ice_servers);
        Ok(Self {
            addr: flags.addr.or(file.addr).map_or(default.addr, SocketAddr::from),
            data: flags.data.or(file.data).unwrap_or(default.data),
            ring: ring.map_or(default.ring, Duration::from),
            public_url: flags.public_url.or(file.public_url),
            ice_servers: servers.map_or(default.ice_servers, |servers| {
                servers.into_iter().map(IceServer::from).collect()
            }),
            trusted_proxies: flags
                .trusted_proxies
                .or(file.trusted_proxies)
                .unwrap_or(default.trusted_proxies),
            sign_ups_per_hour: flags
                .sign_ups_per_hour
                .or(file.sign_ups_per_hour)
                .unwrap_or(default.sign_ups_per_hour),
            log: flags.log.or(file.log).map_or(default.log, String::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(args: &[&str]) -> Result<Flags, clap::Error> {
        Flags::try_parse_from(std::iter::once(&"yodel").chain(args))
    }

    fn file(text: &str) -> File {
        text.parse().expect("a good file")
    }

    #[test]
    fn what_nobody_gave_has_a_default() {
        let config = Config::merge(flags(&[]).unwrap(), File::default()).unwrap();
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.ring, Duration::from_secs(30));
        assert_eq!(config.ice_servers, []);
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let file = file("addr = '127.0.0.1:4000'\nring-seconds = 10");
        let config = Config::merge(flags(&["--addr", "127.0.0.1:5000"]).unwrap(), file).unwrap();
        assert_eq!(config.addr.port(), 5000);
        assert_eq!(config.ring, Duration::from_secs(10));
    }

    #[test]
    fn a_file_can_hold_every_option() {
        let file = file(
            "addr = '[::]:443'\ndata = '/var/lib/yodel'\nring-seconds = 45\npublic-url = 'https://call.example.org'\n\
             trusted-proxies = ['10.0.0.1']\nsign-ups-per-hour = 5\nlog = 'debug'\n\
             [[ice-servers]]\nurls = ['turn:turn.example.org']\nusername = 'u'\ncredential = 'c'\n",
        );
        let config = Config::merge(flags(&[]).unwrap(), file).unwrap();
        assert_eq!(config.ring, Duration::from_secs(45));
        assert_eq!(config.public_url.unwrap().origin(), "https://call.example.org");
        assert_eq!(config.ice_servers[0].credential.as_deref(), Some("c"));
        assert_eq!(config.trusted_proxies, [IpAddr::from([10, 0, 0, 1])]);
        assert_eq!(config.sign_ups_per_hour.get(), 5);
    }

    #[test]
    fn a_bad_flag_names_itself_and_what_is_allowed() {
        let error = flags(&["--ring-seconds", "500"]).unwrap_err().to_string();
        assert!(error.contains("--ring-seconds"), "{error}");
        assert!(error.contains("1 to 120"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = "addr = '127.0.0.1:1'\nrign-seconds = 3\n"
            .parse::<File>()
            .unwrap_err()
            .to_string();
        assert!(error.contains("rign-seconds"), "{error}");
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_bad_value_in_the_file_is_named_with_its_line() {
        let error = "\nring-seconds = 0\n".parse::<File>().unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(error.contains("ring-seconds"), "{error}");
        assert!(error.contains("1 to 120"), "{error}");
    }

    #[test]
    fn ice_servers_on_the_command_line_may_carry_a_password() {
        let flags = flags(&["--ice-servers", "stun:a.example:3478 turn:b.example,user,secret"]).unwrap();
        let config = Config::merge(flags, File::default()).unwrap();
        assert_eq!(config.ice_servers.len(), 2);
        assert_eq!(config.ice_servers[0].username, None);
        assert_eq!(config.ice_servers[1].username.as_deref(), Some("user"));
    }

    #[test]
    fn a_mistake_shows_no_password() {
        for text in [
            "[[ice-servers]]\nurls = ['turn:a']\nusername = 'u'\ncredential = \"hidden word\n",
            "[[ice-servers]]\nurls = ['turn:a']\nusername = ''\ncredential = 'hidden word'\n",
        ] {
            let error = text.parse::<File>().unwrap_err().to_string();
            assert!(!error.contains("hidden"), "{error}");
            assert!(error.contains("line"), "{error}");
        }
        let flags = flags(&["--ice-servers", "turn:a,u,hidden word"]).unwrap();
        let error = Config::merge(flags, File::default()).unwrap_err().to_string();
        assert!(!error.contains("hidden") && !error.contains("word"), "{error}");
    }
}
