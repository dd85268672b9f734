//! Where certificates come from.

use std::path::PathBuf;

use super::ConfigError;
use crate::tls::CertificateFiles;

/// Where the certificate comes from that HTTPS and TURN over TLS show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// From files that somebody else keeps.
    Files(CertificateFiles),
    /// From this machine's own authority, in the data folder.
    Lan,
}

impl TlsSource {
    /// What the options ask for; nothing, if they do not.
    pub(super) fn choose(
        cert: Option<PathBuf>,
        key: Option<PathBuf>,
        lan: bool,
    ) -> Result<Option<Self>, ConfigError> {
        match (cert, key, lan) {
            (None, None, false) => Ok(None),
            (None, None, true) => Ok(Some(Self::Lan)),
            (Some(cert), Some(key), false) => Ok(Some(Self::Files(CertificateFiles { cert, key }))),
            (Some(_), Some(_), true) => Err(ConfigError::TwoCertificates),
            (Some(_), None, _) => Err(ConfigError::CertWithoutKey),
            (None, Some(_), _) => Err(ConfigError::KeyWithoutCert),
        }
    }
}
