//! What an operator may set, and where from.
//!
//! Each option can be given as a flag, as a `YODEL_…` variable, or in a TOML file; the first of these that has it wins,
//! and what nobody gave has a default. A key of the file that is not an option is an error: a misspelled option that is
//! silently ignored is found too late.

mod apps;
mod error;
mod file;
mod flags;
mod ice;
mod origin;
mod proxies;
mod tls;
mod values;

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use call::protocol::limits;

pub use error::ConfigError;
pub use file::FileError;
pub use file::Mistake;
pub use flags::{CertRequest, Flags, Task, UserSigRequest};
pub use ice::{CheckedIceServer, TurnAddr};
pub use origin::{PageOrigin, PublicUrl};
pub use proxies::ProxyRange;
pub use tls::TlsSource;
pub use values::{Hidden, Lasting, ListenAddr, LogFilter, RingSeconds, ValueError};

use crate::apps::Apps;
use crate::signaling::OfferedIceServer;
use crate::turn::TurnConfig;

use file::File;

/// The options, each with its value.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Port 0 takes any free one.
    pub addr: SocketAddr,
    /// Where to show the figures of the server to Prometheus, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// Where the database is.
    pub data: PathBuf,
    /// How long an invitation rings.
    pub ring: Duration,
    /// The address that people type into the browser, if it is not the one listened on.
    pub public_url: Option<PublicUrl>,
    /// The certificate, if this server speaks HTTPS itself.
    pub tls: Option<TlsSource>,
    /// STUN and TURN servers for the browsers.
    pub ice_servers: Vec<OfferedIceServer>,
    /// Where to relay for browsers that find no direct way.
    pub turn: Option<TurnConfig>,
    /// Whether media may take no other way than through a TURN server.
    pub relay_only: bool,
    /// Who may log people in with a userSig. The first is the site's own.
    pub apps: Apps,
    /// Other sites whose pages may do so.
    pub origins: Vec<PageOrigin>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ProxyRange>,
    /// How many connections one address may have open. Those of trusted proxies are not counted.
    pub connections_per_address: NonZeroU32,
    /// How many accounts one address may create in an hour.
    pub sign_ups_per_hour: NonZeroU32,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// Variables of options that were set and empty, and count as none.
    pub empty_variables: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
            metrics: None,
            data: PathBuf::from("data"),
            ring: limits::DEFAULT_RING,
            public_url: None,
            tls: None,
            ice_servers: Vec::new(),
            turn: None,
            relay_only: false,
            apps: Apps::default(),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            sign_ups_per_hour: SIGN_UPS_PER_HOUR,
            log: String::from("info"),
            empty_variables: Vec::new(),
        }
    }
}

const SIGN_UPS_PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
/// An office may have a single address, and each of its people a socket or two beside what loads a page.
const CONNECTIONS_PER_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(1023);

impl Config {
    /// The configuration from a command line and the environment, and from the file that they name; and what to do with it,
    /// if not to serve.
    pub fn load(args: impl IntoIterator<Item = OsString>) -> Result<(Self, Option<Task>), ConfigError> {
        let (mut flags, empty_variables) = Flags::read(args)?;
        let task = flags.task.take();
        let file = flags
            .config
            .as_deref()
            .map(File::read)
            .transpose()?
            .unwrap_or_default();
        let config = Self {
            empty_variables,
            ..Self::merge(flags, file)?
        };
        Ok((config, task))
    }

    /// Whether browsers reach this server over HTTPS: by its own certificate, or by that of a proxy.
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(PublicUrl::is_secure)
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
        let ice_servers: Vec<_> = servers
            .into_iter()
            .flatten()
            .map(OfferedIceServer::from)
            .collect();
        let public = flags.turn.or(file.turn).map(SocketAddr::from);
        let listen = flags.turn_listen.or(file.turn_listen).map(SocketAddr::from);
        if public.is_none() && listen.is_some() {
            return Err(ConfigError::TurnListenWithoutTurn);
        }
        let turn = public.map(|public| TurnConfig { public, listen });
        let relay_only = flags.relay_only.or(file.relay_only).unwrap_or(default.relay_only);
        if relay_only && turn.is_none() && !ice_servers.iter().any(OfferedIceServer::relays) {
            return Err(ConfigError::RelayOnlyWithoutTurn);
        }
        let lan = flags.lan.or(file.lan).unwrap_or_default();
        let tls = TlsSource::choose(flags.cert.or(file.cert), flags.key.or(file.key), lan)?;
        let public_url = flags.public_url.or(file.public_url);
        if let Some(url) = public_url
            .as_ref()
            .filter(|url| tls.is_some() && !url.is_secure())
        {
            return Err(ConfigError::PublicUrlWithoutTls { url: url.clone() });
        }
        // Whoever asks for a certificate of the local network wants to be reached in it.
        let addr = match tls {
            Some(TlsSource::Lan) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, default.addr.port())),
            Some(TlsSource::Files(_)) | None => default.addr,
        };
        let addr = flags.addr.or(file.addr).map_or(addr, SocketAddr::from);
        if turn.is_some_and(|turn| are_one_place(addr, turn.listen.unwrap_or(turn.public))) {
            return Err(ConfigError::TurnOnThePortOfTheSite { port: addr.port() });
        }
        let flagged_apps = flags.apps.map(|all| all.reveal().parse());
        let apps = flagged_apps.transpose().map_err(ConfigError::Apps)?;
        Ok(Self {
            addr,
            metrics: flags.metrics.or(file.metrics).map(SocketAddr::from),
            data: flags.data.or(file.data).unwrap_or(default.data),
            ring: ring.map_or(default.ring, Duration::from),
            public_url,
            tls,
            ice_servers,
            turn,
            relay_only,
            apps: apps.or(file.apps.map(Apps::from)).unwrap_or(default.apps),
            origins: flags.origins.or(file.origins).unwrap_or(default.origins),
            trusted_proxies: flags
                .trusted_proxies
                .or(file.trusted_proxies)
                .unwrap_or(default.trusted_proxies),
            connections_per_address: flags
                .connections_per_address
                .or(file.connections_per_address)
                .unwrap_or(default.connections_per_address),
            sign_ups_per_hour: flags
                .sign_ups_per_hour
                .or(file.sign_ups_per_hour)
                .unwrap_or(default.sign_ups_per_hour),
            log: flags.log.or(file.log).map_or(default.log, String::from),
            empty_variables: default.empty_variables,
        })
    }
}

/// Whether who listens at one of these is in the way of who listens at the other.
fn are_one_place(one: SocketAddr, other: SocketAddr) -> bool {
    let covers = |one: IpAddr, other: IpAddr| {
        // Systems take `::` for the addresses of IPv4 as well.
        one == other || (one.is_unspecified() && (one.is_ipv6() || other.is_ipv4()))
    };
    one.port() != 0
        && one.port() == other.port()
        && (covers(one.ip(), other.ip()) || covers(other.ip(), one.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::CertificateFiles;

    fn flags_of(args: &[&str]) -> Result<Flags, clap::Error> {
        Flags::read(std::iter::once(&"yodel").chain(args).map(OsString::from)).map(|(flags, _)| flags)
    }

    fn offered(text: &str) -> OfferedIceServer {
        text.parse::<CheckedIceServer>().expect("a good server").into()
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
            "addr = '[::]:443'\nmetrics = '127.0.0.1:9464'\ndata = '/var/lib/yodel'\nring-seconds = 45\npublic-url = 'https://call.example.org'\n\
             trusted-proxies = ['10.0.0.1', '192.168.0.0/16']\nconnections-per-address = 50\ncert = 'chain.pem'\nkey = 'key.pem'\nlan = false\nsign-ups-per-hour = 5\nlog = 'debug'\n\
             origins = ['https://shop.example']\n\
             turn = '203.0.113.7:3478'\nturn-listen = '0.0.0.0:3478'\nrelay-only = true\n\
             [[ice-servers]]\nurls = ['turn:turn.example.org']\nusername = 'u'\ncredential = 'c'\n\
             [[ice-servers]]\nurls = ['turn:turn.example.org']\nsecret = 's'\n\
             [[apps]]\nid = 1400000001\nsecrets = ['new', 'old']\n",
        );
        let config = Config::merge(flags_of(&[]).unwrap(), file).unwrap();
        assert_eq!(config.metrics.unwrap().port(), 9464);
        assert_eq!(config.ring, Duration::from_secs(45));
        assert_eq!(config.public_url.unwrap().origin(), "https://call.example.org");
        assert_eq!(
            config.ice_servers,
            [
                offered("turn:turn.example.org,u,c"),
                offered("turn:turn.example.org,secret=s")
            ]
        );
        assert_eq!(
            config.turn,
            Some(TurnConfig {
                public: "203.0.113.7:3478".parse().unwrap(),
                listen: Some("0.0.0.0:3478".parse().unwrap()),
            })
        );
        assert!(config.relay_only);
        assert_eq!(
            config.trusted_proxies,
            ["10.0.0.1".parse().unwrap(), "192.168.0.0/16".parse().unwrap()]
        );
        assert_eq!(config.connections_per_address.get(), 50);
        let files = CertificateFiles {
            cert: "chain.pem".into(),
            key: "key.pem".into(),
        };
        assert_eq!(config.tls, Some(TlsSource::Files(files)));
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
        assert_eq!(
            config.ice_servers,
            [
                offered("stun:a.example:3478"),
                offered("turn:b.example,user,secret")
            ]
        );
    }

    #[test]
    fn what_would_let_no_call_connect_is_refused() {
        let merged = |args: &[&str]| Config::merge(flags_of(args).unwrap(), File::default());
        for bad in [
            &["--relay-only"][..],
            &["--relay-only", "--ice-servers", "stun:a"],
        ] {
            let error = merged(bad).unwrap_err();
            assert!(matches!(error, ConfigError::RelayOnlyWithoutTurn), "{error}");
        }
        for good in [
            &["--relay-only", "--turn", "203.0.113.7:3478"][..],
            &["--relay-only", "--ice-servers", "turn:a,secret=north"],
            &["--relay-only=false"],
        ] {
            assert!(merged(good).is_ok(), "{good:?}");
        }
        let error = merged(&["--turn-listen", "0.0.0.0:3478"]).unwrap_err();
        assert!(matches!(error, ConfigError::TurnListenWithoutTurn), "{error}");
    }

    #[test]
    fn the_site_and_the_relay_listen_at_two_places() {
        let merged = |args: &[&str]| Config::merge(flags_of(args).unwrap(), File::default());
        for bad in [
            &["--addr", "0.0.0.0:3478", "--turn", "203.0.113.7:3478"][..],
            &["--addr", "127.0.0.1:4000", "--turn", "127.0.0.1:4000"],
            &["--turn", "203.0.113.7:3478", "--turn-listen", "0.0.0.0:3000"],
        ] {
            let error = merged(bad).unwrap_err();
            assert!(
                matches!(error, ConfigError::TurnOnThePortOfTheSite { .. }),
                "{error}"
            );
        }
        for good in [
            &["--addr", "127.0.0.1:3478", "--turn", "203.0.113.7:3478"][..],
            &["--addr", "127.0.0.1:0", "--turn", "127.0.0.1:0"],
            &["--addr", "0.0.0.0:443", "--turn", "[2001:db8::7]:443"],
        ] {
            assert!(merged(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_certificate_and_its_key_go_together_and_with_https_alone() {
        let merged = |args: &[&str]| Config::merge(flags_of(args).unwrap(), File::default());
        let files = ["--cert", "a", "--key", "b"];
        assert!(matches!(
            merged(&["--cert", "a"]),
            Err(ConfigError::CertWithoutKey)
        ));
        assert!(matches!(
            merged(&["--key", "a"]),
            Err(ConfigError::KeyWithoutCert)
        ));
        let both = [&files[..], &["--lan"]].concat();
        assert!(matches!(merged(&both), Err(ConfigError::TwoCertificates)));
        for tls in [&files[..], &["--lan"]] {
            let plain = [tls, &["--public-url", "http://a"]].concat();
            assert!(matches!(
                merged(&plain),
                Err(ConfigError::PublicUrlWithoutTls { .. })
            ));
            let secure = [tls, &["--public-url", "https://a"]].concat();
            assert!(merged(&secure).unwrap().is_https());
        }
        assert!(!merged(&["--lan=false"]).unwrap().is_https());
    }

    #[test]
    fn a_server_of_the_local_network_listens_there_unless_it_is_told_where() {
        let addr = |args: &[&str]| {
            Config::merge(flags_of(args).unwrap(), File::default())
                .unwrap()
                .addr
        };
        assert_eq!(addr(&["--lan"]).to_string(), "0.0.0.0:3000");
        assert_eq!(
            addr(&["--lan", "--addr", "127.0.0.1:4000"]).to_string(),
            "127.0.0.1:4000"
        );
        assert_eq!(addr(&["--cert", "a", "--key", "b"]).to_string(), "127.0.0.1:3000");
    }

    #[test]
    fn a_mistake_shows_no_password() {
        for text in [
            "[[ice-servers]]\nurls = ['turn:a']\nusername = 'u'\ncredential = \"hidden word\n",
            "[[ice-servers]]\nurls = ['turn:a']\nusername = ''\ncredential = 'hidden word'\n",
            "[[ice-servers]]\nurls = ['turn:a']\nusername = 'u'\nsecret = 'hidden word'\n",
            "[[apps]]\nid = 1\nsecrets = 'hidden word'\n",
            "[[apps]]\nid = 1\nsecrets = [\n  hidden==,\n]\n",
            "[[apps]]\nid = 1\nsecrets = [\n  \"hidden==,\n]\n",
        ] {
            let error = text.parse::<File>().unwrap_err().to_string();
            assert!(!error.contains("hidden"), "{error}");
            assert!(error.contains("line"), "{error}");
        }
        for text in ["turn:a,u,hidden word", "turn:a,secret=hidden word"] {
            let flags = flags_of(&["--ice-servers", text]).unwrap();
            let error = Config::merge(flags, File::default()).unwrap_err().to_string();
            assert!(!error.contains("hidden") && !error.contains("word"), "{error}");
        }
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
