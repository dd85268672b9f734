//! Why there is no configuration.

use super::{FileError, PublicUrl, ValueError};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A flag or a variable is wrong; or `--help` or `--version` was asked for.
    #[error(transparent)]
    Flags(#[from] clap::Error),
    /// One of the ICE servers of the command line or the environment is wrong.
    #[error("the value of --ice-servers (or YODEL_ICE_SERVERS) is wrong")]
    IceServers(#[source] ValueError),
    /// Where to listen, and not what to tell.
    #[error(
        "--turn-listen says where to listen for TURN; say with --turn as well under which address browsers reach it"
    )]
    TurnListenWithoutTurn,
    /// Two listeners at one place.
    #[error(
        "the site and TURN cannot both listen on port {port}: take another port for one of them, with --addr or with --turn (and \
         --turn-listen), where it usually is 3478"
    )]
    TurnOnThePortOfTheSite {
        /// The port of both.
        port: u16,
    },
    /// No call would ever connect.
    #[error(
        "with --relay-only every call goes through a TURN server: set --turn, or a turn: server in --ice-servers"
    )]
    RelayOnlyWithoutTurn,
    /// A certificate, and nothing to sign with.
    #[error("--cert names a certificate; name the file with its private key as well, with --key")]
    CertWithoutKey,
    /// A key, and nothing that it belongs to.
    #[error("--key names a private key; name the file with its certificate as well, with --cert")]
    KeyWithoutCert,
    /// Two answers to one question.
    #[error(
        "--lan takes the certificate of this machine's own authority, and --cert names another one: leave one of them out"
    )]
    TwoCertificates,
    /// Browsers would be sent away from where they are.
    #[error(
        "with --cert or --lan this server speaks HTTPS, but --public-url is {}: write it with https://, or leave it out",
        url.origin()
    )]
    PublicUrlWithoutTls {
        /// What is configured.
        url: PublicUrl,
    },
    /// One of the apps of the command line or the environment is wrong.
    #[error("the value of --apps (or YODEL_APPS) is wrong")]
    Apps(#[source] ValueError),
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] FileError),
}
