//! What an operator may set, and where from.
//!
//! Each option can be given as a flag, as a `YODEL_…` variable, or in a TOML file; the first of these that has it wins,
//! and what nobody gave has a default. A key of the file that is not an option is an error: a misspelled option that is
//! silently ignored is found too late.

mod apps;
mod file;
mod flags;
mod origin;
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
pub use flags::{Flags, Task, UserSigRequest};
pub use origin::{PageOrigin, PublicUrl};
pub use values::{CheckedIceServer, Hidden, Lasting, ListenAddr, LogFilter, RingSeconds, ValueError};

use crate::apps::Apps;

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
    /// Who may log people in with a userSig. The first is the site's own.
    pub apps: Apps,
    /// Other sites whose pages may do so.
    pub origins: Vec<PageOrigin>,
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
            apps: Apps::default(),
            origins: Vec::new(),
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
    IceServers(#[source] ValueError),
    /// One of the apps of the command line or the environment is wrong.
    #[error("the value of --apps (or YODEL_APPS) is wrong")]
    Apps(#[source] ValueError),
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Config {
    /// The configuration from a command line and the environment, and from the file that they name; and what to do with it,
    /// if not to serve.
    pub fn load(args: impl IntoIterator<Item = OsString>) -> Result<(Self, Option<Task>), ConfigError> {
        let mut flags = Flags::try_parse_from(args)?;
        let task = flags.task.take();
        let file = flags
            .config
            .as_deref()
            .map(File::read)
            .transpose()?
            .unwrap_or_default();
        Ok((Self::merge(flags, file)?, task))
    }

    fn merge(flags: Flags, file: File) -> Result<Self, ConfigError> {
        let default = Self::default();
        let ring = flags.ring_seconds.or(file.ring_seconds);
        let flagged_servers = flags
            .ice_servers
            .map(|all| all.reveal().split_whitespace().map(str::parse).collect())
            .transpose()
            .map_err(ConfigError::IceServers)?;
        let servers: Option<Vec<CheckedIceServer>> = flagged_servers.or(file.ice_servers);
        let flagged_apps = flags.apps.map(|all| all.reveal().parse());
        let apps = flagged_apps.transpose().map_err(ConfigError::Apps)?;
        Ok(Self {
            addr: flags.addr.or(file.addr).map_or(default.addr, SocketAddr::from),
            data: flags.data.or(file.data).unwrap_or(default.data),
            ring: ring.map_or(default.ring, Duration::from),
            public_url: flags.public_url.or(file.public_url),
            ice_servers: servers.map_or(default.ice_servers, |servers| {
                servers.into_iter().map(IceServer::from).collect()
            }),
            apps: apps.or(file.apps.map(Apps::from)).unwrap_or(default.apps),
            origins: flags.origins.or(file.origins).unwrap_or(default.origins),
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

    fn flags_of(args: &[&str]) -> Result<Flags, clap::Error> {
        Flags::try_parse_from(std::iter::once(&"yodel").chain(args))
    }

    fn file(text: &str) -> File {
        text.parse().expect("a good file")
    }

    #[test]
    fn what_nobody_gave_has_a_default() {
        let config = Config::merge(flags_of(&[]).unwrap(), File::default()).unwrap();
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.ring, Duration::from_secs(30));
        assert_eq!(config.ice_servers, []);
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let file = file("addr = '127.0.0.1:4000'\nring-seconds = 10");
        let config = Config::merge(flags_of(&["--addr", "127.0.0.1:5000"]).unwrap(), file).unwrap();
        assert_eq!(config.addr.port(), 5000);
        assert_eq!(config.ring, Duration::from_secs(10));
    }

    #[test]
    fn a_file_can_hold_every_option() {
        let file = file(
            "addr = '[::]:443'\ndata = '/var/lib/yodel'\nring-seconds = 45\npublic-url = 'https://call.example.org'\n\
             trusted-proxies = ['10.0.0.1']\nsign-ups-per-hour = 5\nlog = 'debug'\n\
             origins = ['https://shop.example']\n\
             [[ice-servers]]\nurls = ['turn:turn.example.org']\nusername = 'u'\ncredential = 'c'\n\
             [[apps]]\nid = 1400000001\nsecrets = ['new', 'old']\n",
        );
        let config = Config::merge(flags_of(&[]).unwrap(), file).unwrap();
        assert_eq!(config.ring, Duration::from_secs(45));
        assert_eq!(config.public_url.unwrap().origin(), "https://call.example.org");
        assert_eq!(config.ice_servers[0].credential.as_deref(), Some("c"));
        assert_eq!(config.trusted_proxies, [IpAddr::from([10, 0, 0, 1])]);
        assert_eq!(config.sign_ups_per_hour.get(), 5);
        assert_eq!(config.apps, "1400000001:new,1400000001:old".parse().unwrap());
        assert_eq!(config.origins[0].as_str(), "https://shop.example");
    }

    #[test]
    fn a_bad_flag_names_itself_and_what_is_allowed() {
        let error = flags_of(&["--ring-seconds", "500"]).unwrap_err().to_string();
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
        let flags = flags_of(&["--ice-servers", "stun:a.example:3478 turn:b.example,user,secret"]).unwrap();
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
            "[[apps]]\nid = 1\nsecrets = 'hidden word'\n",
            "[[apps]]\nid = 1\nsecrets = [\n  hidden==,\n]\n",
            "[[apps]]\nid = 1\nsecrets = [\n  \"hidden==,\n]\n",
        ] {
            let error = text.parse::<File>().unwrap_err().to_string();
            assert!(!error.contains("hidden"), "{error}");
            assert!(error.contains("line"), "{error}");
        }
        let flags = flags_of(&["--ice-servers", "turn:a,u,hidden word"]).unwrap();
        let error = Config::merge(flags, File::default()).unwrap_err().to_string();
        assert!(!error.contains("hidden") && !error.contains("word"), "{error}");
        let flags = flags_of(&["--apps", "1400000001=hidden word"]).unwrap();
        assert!(!format!("{flags:?}").contains("hidden"));
        let error = Config::merge(flags, File::default()).unwrap_err();
        assert!(matches!(error, ConfigError::Apps(_)));
        assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
    }

    #[test]
    fn an_option_may_stand_before_or_after_the_task() {
        for args in [
            ["--apps", "1:secret", "usersig", "--user", "alice"],
            ["usersig", "--user", "alice", "--apps", "1:secret"],
        ] {
            let flags = flags_of(&args).unwrap();
            assert!(matches!(&flags.task, Some(Task::UserSig(wanted)) if wanted.user.as_str() == "alice"));
            let config = Config::merge(flags, File::default()).unwrap();
            assert_eq!(config.apps, "1:secret".parse().unwrap());
        }
    }
}
