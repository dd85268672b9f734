//! Flags and variables.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use call::id::UserId;

use super::origin::{PageOrigin, PublicUrl};
use super::values::{Hidden, Lasting, ListenAddr, LogFilter, RingSeconds, sign_ups_per_hour, trusted_proxy};
use crate::apps::AppId;

/// Yodel: self-hosted voice and video calling in one binary.
///
/// Started without options it serves the site on http://localhost:3000 and keeps its data in ./data.
#[derive(Debug, clap::Parser)]
#[command(
    name = "yodel",
    version,
    after_long_help = "Each option can also be a variable of the environment, or a key of the TOML file that --config \
        names, written as the flag is without its dashes in front (ring-seconds = 45). A flag wins over a variable, and \
        a variable over the file."
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
    /// for other machines, put a reverse proxy with a certificate in front and set --public-url.
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
    #[arg(long, value_name = "FOLDER", env = "YODEL_DATA", hide_env_values = true)]
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

    /// STUN and TURN servers for the browsers, separated by spaces [default: none].
    ///
    /// Two browsers in one network find each other without. Between networks they need a STUN server, and behind some
    /// firewalls a TURN server: stun:stun.example.org:3478 turn:turn.example.org:3478,USER,PASSWORD. Every person who is
    /// signed in can read these passwords. In the file: a list of tables [[ice-servers]] with urls, username, credential.
    #[arg(
        long,
        value_name = "SERVERS",
        env = "YODEL_ICE_SERVERS",
        hide_env_values = true
    )]
    // Read later: clap would show a wrong value, and there may be a password in it.
    pub(super) ice_servers: Option<Hidden>,

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
    /// Tries to sign in are counted by address. Without this, everybody behind a proxy counts as one.
    #[arg(
        long,
        value_name = "IPS",
        env = "YODEL_TRUSTED_PROXIES",
        hide_env_values = true,
        value_delimiter = ',',
        value_parser = trusted_proxy
    )]
    pub(super) trusted_proxies: Option<Vec<IpAddr>>,

    /// How many people may sign up from one address in an hour [default: 200].
    #[arg(
        long,
        value_name = "NUMBER",
        env = "YODEL_SIGN_UPS_PER_HOUR",
        hide_env_values = true,
        value_parser = sign_ups_per_hour
    )]
    pub(super) sign_ups_per_hour: Option<NonZeroU32>,

    /// What to log: error, warn, info, debug or trace, also by part (info,server=debug) [default: info].
    #[arg(long, value_name = "FILTER", env = "YODEL_LOG", hide_env_values = true)]
    pub(super) log: Option<LogFilter>,
}

/// What the program can do besides serving.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Task {
    /// Print a userSig: what a page passes to `login()`, in place of a password.
    ///
    /// For trying things out. In production the developer's own server makes them, with the same secret.
    #[command(name = "usersig")]
    UserSig(UserSigRequest),
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
