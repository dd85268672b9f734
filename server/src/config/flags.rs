//! Flags and variables.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;

use call::id::UserId;
use clap::builder::Resettable;
use clap::{CommandFactory as _, FromArgMatches as _, Id};

use super::ice::TurnAddr;
use super::origin::{PageOrigin, PublicUrl};
use super::proxies::ProxyRange;
use super::values::{Hidden, Lasting, ListenAddr, LogFilter, RingSeconds, at_least_one};
use crate::apps::AppId;
use crate::tls::CertificateName;

/// Yodel: self-hosted voice and video calling in one binary.
///
/// Started without options it serves the site on http://localhost:3000 and keeps its data in ./data.
#[derive(Debug, clap::Parser)]
#[command(
    name = "yodel",
    version,
    after_long_help = "Each option can also be a variable of the environment, or a key of the TOML file that --config \
        names, written as the flag is without its dashes in front (ring-seconds = 45). A flag wins over a variable, and \
        a variable over the file. A variable that is empty counts as none."
)]
pub struct Flags {
    /// What to do in place of serving.
    #[command(subcommand)]
    pub(super) task: Option<Task>,

    /// A TOML file with any of the options below.
    #[arg(
        long,
        value_name = "FILE",
        env = "YODEL_CONFIG",
        hide_env_values = true,
        global = true
    )]
    pub(super) config: Option<PathBuf>,

    /// Where to listen [default: 127.0.0.1:3000].
    ///
    /// 127.0.0.1 can be reached from this machine only, 0.0.0.0 from every network that the machine is on. Port 0 takes
    /// any free port and prints it. Browsers give a page the camera and the microphone only on localhost or over HTTPS:
    /// for other machines, set --lan, or --cert and --key, or put a reverse proxy in front and set --public-url. With
    /// --lan the default is 0.0.0.0:3000.
    #[arg(
        long,
        value_name = "IP:PORT",
        env = "YODEL_ADDR",
        hide_env_values = true,
        global = true
    )]
    pub(super) addr: Option<ListenAddr>,

    /// The folder for the database [default: ./data].
    ///
    /// It is made if it is missing, readable for this user only. A copy that is made while the server is
    /// stopped is a backup.
    #[arg(
        long,
        value_name = "FOLDER",
        env = "YODEL_DATA",
        hide_env_values = true,
        global = true
    )]
    pub(super) data: Option<PathBuf>,

    /// How long a call rings before it counts as missed: 1 to 120 seconds [default: 30].
    #[arg(
        long,
        value_name = "SECONDS",
        env = "YODEL_RING_SECONDS",
        hide_env_values = true
    )]
    pub(super) ring_seconds: Option<RingSeconds>,

    /// The address that people type into their browsers, such as `https://call.example.org`.
    ///
    /// Needed behind a reverse proxy. Forms and sockets are then taken only from pages of this address, and under https
    /// the session cookie is marked Secure and bound to the host.
    #[arg(
        long,
        value_name = "URL",
        env = "YODEL_PUBLIC_URL",
        hide_env_values = true,
        global = true
    )]
    pub(super) public_url: Option<PublicUrl>,

    /// Speak HTTPS, with the certificate in this file and the key of --key [default: speak HTTP].
    ///
    /// PEM, the certificate of this server first, and then those between it and the authority. TURN over TLS shows it too.
    /// When the files change, new connections are shown the new certificate within seconds; nothing has to be restarted.
    #[arg(long, value_name = "FILE", env = "YODEL_CERT", hide_env_values = true)]
    pub(super) cert: Option<PathBuf>,

    /// The private key of the certificate of --cert.
    ///
    /// PEM, not encrypted: PKCS#8, SEC1 or PKCS#1.
    #[arg(long, value_name = "FILE", env = "YODEL_KEY", hide_env_values = true)]
    pub(super) key: Option<PathBuf>,

    /// Speak HTTPS in a local network, with a certificate of this machine's own authority.
    ///
    /// It is made when it is missing, renewed by itself, and kept in the folder `tls` of the data folder; `yodel cert` makes it
    /// ahead, with further names. Each device has to be told once to trust the authority: the page /trust says how.
    #[arg(
        long,
        value_name = "BOOL",
        env = "YODEL_LAN",
        hide_env_values = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) lan: Option<bool>,

    /// STUN and TURN servers for the browsers, separated by spaces [default: none].
    ///
    /// In place of --turn or beside it: stun:stun.example.org:3478 turn:turn.example.org:3478,secret=SECRET. The secret is the
    /// static-auth-secret of coturn; each person gets passwords from it that are good for five minutes. With
    /// turn:turn.example.org:3478,USER,PASSWORD everybody who is signed in can read the password. In the file: a list of tables
    /// [[ice-servers]] with urls and secret, or with urls, username and credential.
    #[arg(
        long,
        value_name = "SERVERS",
        env = "YODEL_ICE_SERVERS",
        hide_env_values = true
    )]
    // Read later: clap would show a wrong value, and there may be a password in it.
    pub(super) ice_servers: Option<Hidden>,

    /// Relay calls that find no direct way, by TURN on this address [default: do not].
    ///
    /// Two browsers in one network find each other without. Across the internet, and behind some firewalls, they need STUN and
    /// TURN, and this is both. Write the IP under which browsers reach this machine, and a port, usually 3478: it has to be open
    /// for UDP and TCP, and no other port has to be.
    #[arg(long, value_name = "IP:PORT", env = "YODEL_TURN", hide_env_values = true)]
    pub(super) turn: Option<TurnAddr>,

    /// Where to listen for TURN, if that is not the address of --turn.
    ///
    /// Behind a NAT that passes a public address on to this machine: --turn 203.0.113.7:3478 --turn-listen 0.0.0.0:3478.
    #[arg(
        long,
        value_name = "IP:PORT",
        env = "YODEL_TURN_LISTEN",
        hide_env_values = true
    )]
    pub(super) turn_listen: Option<ListenAddr>,

    /// Let all calls go through a TURN server, so that people do not learn each other's addresses.
    ///
    /// It costs the TURN server the traffic of every call, and calls the way through it.
    #[arg(
        long,
        value_name = "BOOL",
        env = "YODEL_RELAY_ONLY",
        hide_env_values = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) relay_only: Option<bool>,

    /// Apps whose pages log people in with a userSig: SDKAppID:SECRET, separated by commas [default: none].
    ///
    /// A secret is any text without a comma, such as what `openssl rand -hex 32` prints. The first app is the site's own:
    /// its people are the people of the site. Every other one has people, calls and a database of its own. The same
    /// SDKAppID with two secrets takes userSigs of both, and signs with the first: so a secret can be replaced without a
    /// gap. On a command line other programs of the machine can read it: better use the variable or the file. In the
    /// file: a list of tables `[[apps]]` with id and secrets.
    #[arg(
        long,
        value_name = "APPS",
        env = "YODEL_APPS",
        hide_env_values = true,
        global = true
    )]
    // Read later, for the same reason.
    pub(super) apps: Option<Hidden>,

    /// Other sites whose pages may log people in with a userSig, separated by commas [default: none].
    ///
    /// Each as a browser writes it, such as `https://shop.example`. Pages of this site always may.
    #[arg(
        long,
        value_name = "ORIGINS",
        env = "YODEL_ORIGINS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub(super) origins: Option<Vec<PageOrigin>>,

    /// Addresses of reverse proxies whose X-Forwarded-For header is believed, separated by commas [default: none].
    ///
    /// Each an address, such as 10.0.0.1, or a range, such as 10.0.0.0/8. Tries to sign in are counted by address. Without this,
    /// everybody behind a proxy counts as one.
    #[arg(
        long,
        value_name = "IPS",
        env = "YODEL_TRUSTED_PROXIES",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub(super) trusted_proxies: Option<Vec<ProxyRange>>,

    /// How many connections one address may have open, trusted proxies excepted [default: 1024].
    ///
    /// What comes beyond that is closed at once. Each tab has one for as long as it is open, and some more while it loads; an
    /// office may have a single address for all of its people. Of IPv6, a whole /64 counts as one.
    #[arg(
        long,
        value_name = "NUMBER",
        env = "YODEL_CONNECTIONS_PER_ADDRESS",
        hide_env_values = true,
        value_parser = at_least_one
    )]
    pub(super) connections_per_address: Option<NonZeroU32>,

    /// How many people may sign up from one address in an hour [default: 200].
    #[arg(
        long,
        value_name = "NUMBER",
        env = "YODEL_SIGN_UPS_PER_HOUR",
        hide_env_values = true,
        value_parser = at_least_one
    )]
    pub(super) sign_ups_per_hour: Option<NonZeroU32>,

    /// Where Prometheus can read the figures of this server, such as 127.0.0.1:9464 [default: nowhere].
    ///
    /// They are at /metrics of this address, which must not be the public one. Whoever reaches it can read how much is going on,
    /// though not of whom: let it be an address that the public cannot reach.
    #[arg(long, value_name = "IP:PORT", env = "YODEL_METRICS", hide_env_values = true)]
    pub(super) metrics: Option<ListenAddr>,

    /// What to log: error, warn, info, debug or trace, also by part (info,server=debug) [default: info].
    #[arg(long, value_name = "FILTER", env = "YODEL_LOG", hide_env_values = true)]
    pub(super) log: Option<LogFilter>,
}

impl Flags {
    /// The flags of a command line, the program's name first, and for those that it lacks the variables of the environment. One
    /// that is empty counts as none: whoever starts services from a list of variables cannot leave one out. The names of those as well.
    pub(super) fn read(args: impl IntoIterator<Item = OsString>) -> Result<(Self, Vec<String>), clap::Error> {
        let mut command = Self::command();
        let empty: Vec<(Id, String)> = command
            .get_arguments()
            .filter_map(|arg| {
                let name = arg.get_env()?;
                let is_empty = std::env::var_os(name)?.is_empty();
                is_empty.then(|| (arg.get_id().clone(), name.to_string_lossy().into_owned()))
            })
            .collect();
        let (ids, names): (Vec<Id>, Vec<String>) = empty.into_iter().unzip();
        for id in ids {
            command = command.mut_arg(id, |arg| arg.env(Resettable::Reset));
        }
        let flags = Self::from_arg_matches(&command.try_get_matches_from(args)?)?;
        Ok((flags, names))
    }
}

/// What the program can do besides serving.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Task {
    /// Print a userSig: what a page passes to `login()`, in place of a password.
    ///
    /// For trying things out. In production the developer's own server makes them, with the same secret.
    #[command(name = "usersig")]
    UserSig(UserSigRequest),
    /// Make or renew a certificate for HTTPS in a local network.
    ///
    /// It is for the names and addresses of this machine, and signed by an authority that is made with the first one and stays
    /// the same, so that devices which trust it go on doing so. `yodel --lan` uses it, and does this by itself; do it by hand to
    /// add names.
    Cert(CertRequest),
}

/// For what a certificate is wanted, beside the names and addresses of this machine.
#[derive(Clone, Debug, clap::Args)]
pub struct CertRequest {
    /// A further name or address under which people reach this machine, such as call.lan; any number of times.
    #[arg(long = "name", value_name = "NAME")]
    pub names: Vec<CertificateName>,
}

/// For whom a userSig is wanted.
#[derive(Clone, Debug, clap::Args)]
pub struct UserSigRequest {
    /// Whom it is to let in, 1 to 32 of A-Z a-z 0-9 - _.
    #[arg(long, value_name = "USERID")]
    pub user: UserId,

    /// Into which app [default: the first].
    #[arg(long, value_name = "SDKAPPID")]
    pub app: Option<AppId>,

    /// How long it is good, like 90s, 30m, 1h or 7d.
    #[arg(long, value_name = "TIME", default_value = "1h")]
    pub expire: Lasting,

    /// Print a link to the demo with it instead.
    #[arg(long)]
    pub link: bool,
}
