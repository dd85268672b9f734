//! A certificate with its key.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::verify_server_name;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Version};

use super::{CertificateFiles, CertificateName};
use crate::clock::UnixMillis;

/// How long before a certificate expires its operator is told so; but no more than the last sixth of its life, for some live no
/// longer than a week.
const SOON: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Why files hold no certificate that can be shown. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The certificate, or the key, is not there, or not for this user.
    #[error(
        "cannot read {}: {source}. The certificate and its key have to be there, where --cert and --key say if they are given, and \
         the user that runs yodel has to be allowed to read both",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Something else is in the file.
    #[error(
        "there is no certificate in {}: --cert takes a PEM file, in which certificates begin with -----BEGIN CERTIFICATE-----",
        path.display()
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// It looks like one, and is not.
    #[error("the certificate in {} is broken; copy it again from where it comes from", path.display())]
    BrokenCertificate {
        /// The file.
        path: PathBuf,
    },
    /// It is of the form of 1988, or of 1993 (RFC 5280, section 4.1.2.1): it cannot say for which host it is.
    #[error(
        "the certificate in {} is of an old version of X.509, which no browser takes. Make one of version 3 that names its hosts: \
         openssl req -x509 -addext subjectAltName=DNS:call.example.org and so on; or take --lan, which makes one",
        path.display()
    )]
    OldCertificate {
        /// The file.
        path: PathBuf,
    },
    /// Something else is in the file.
    #[error(
        "there is no private key in {}: --key takes a PEM file with PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY in it. One \
         that is encrypted has to be decrypted first: openssl pkey -in FILE -out NEWFILE",
        path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// It looks like one, and is not; or it is of a kind that nobody uses for this.
    #[error(
        "the private key in {} cannot be used; take an ECDSA key (P-256 or P-384), an Ed25519 key, or an RSA key of at least 2048 \
         bits",
        path.display()
    )]
    BrokenKey {
        /// The file.
        path: PathBuf,
    },
    /// Both are good, but not for each other.
    #[error(
        "the key in {} is not that of the first certificate in {}: --cert and --key have to be of one pair, and the certificate of \
         the server has to come first in its file",
        key.display(),
        cert.display()
    )]
    Mismatch {
        /// The file with the certificate.
        cert: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
}

/// A certificate with what is between it and its authority, and with its key.
#[derive(Debug)]
pub struct Certificate {
    certified: Arc<CertifiedKey>,
    names: Vec<CertificateName>,
    begins_at: UnixMillis,
    expires_at: UnixMillis,
}

impl Certificate {
    /// The certificate in what these files hold.
    pub(super) fn read(files: &CertificateFiles, cert: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let broken = || CertificateError::BrokenCertificate {
            path: files.cert.clone(),
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(cert)
            .collect::<Result<_, _>>()
            .map_err(|_| broken())?;
        let first = chain.first().ok_or_else(|| CertificateError::NoCertificate {
            path: files.cert.clone(),
        })?;
        let (_, read) = X509Certificate::from_der(first).map_err(|_| broken())?;
        if read.version() != X509Version::V3 {
            return Err(CertificateError::OldCertificate {
                path: files.cert.clone(),
            });
        }
        let names = names_in(&read);
        let [begins_at, expires_at] = [read.validity().not_before, read.validity().not_after]
            .map(|at| UnixMillis::from_millis(at.timestamp().saturating_mul(1000)));
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| CertificateError::NoKey {
            path: files.key.clone(),
        })?;
        let key = any_supported_type(&key).map_err(|_| CertificateError::BrokenKey {
            path: files.key.clone(),
        })?;
        let certified = CertifiedKey::new(chain, key);
        certified.keys_match().map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => CertificateError::Mismatch {
                cert: files.cert.clone(),
                key: files.key.clone(),
            },
            _ => broken(),
        })?;
        Ok(Self {
            certified: Arc::new(certified),
            names,
            begins_at,
            expires_at,
        })
    }

    /// What is shown to whoever connects.
    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }

    /// Itself, without what is between it and its authority.
    pub(super) fn der(&self) -> Option<&CertificateDer<'static>> {
        self.certified.cert.first()
    }

    /// The names and addresses that it is for, in its order.
    pub fn names(&self) -> &[CertificateName] {
        &self.names
    }

    /// Whether a browser that was told this host name or address takes it, as far as that goes.
    pub fn covers(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let Ok(host) = ServerName::try_from(host) else {
            return false;
        };
        self.certified
            .end_entity_cert()
            .and_then(ParsedCertificate::try_from)
            .and_then(|parsed| verify_server_name(&parsed, &host))
            .is_ok()
    }

    /// When it is good no more.
    pub const fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }

    fn life(&self) -> Duration {
        let millis = self
            .expires_at
            .as_millis()
            .saturating_sub(self.begins_at.as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }

    /// Tell the operator if browsers will refuse it, or will soon: for its dates, or as they come to `site`.
    pub(super) fn warn(&self, file: &Path, site: Option<&CertificateName>) {
        let file = file.display();
        let day = |at: UnixMillis| at.day().map(|day| day.to_string()).unwrap_or_default();
        let (now, begins, expires) = (UnixMillis::now(), day(self.begins_at), day(self.expires_at));
        if now >= self.expires_at {
            tracing::warn!(
                %file,
                expires,
                "the certificate has expired, and browsers refuse it. Renew it: the new one is shown without a restart"
            );
        } else if now < self.begins_at {
            tracing::warn!(
                %file,
                begins,
                "the certificate is not valid yet, and browsers refuse it. Check the clock of this machine"
            );
        } else if now.plus(SOON.min(self.life() / 6)) >= self.expires_at {
            tracing::warn!(
                %file,
                expires,
                "the certificate expires soon. Renew it: the new one is shown without a restart"
            );
        }
        if self.names.is_empty() {
            tracing::warn!(
                %file,
                "the certificate names no host as a subjectAltName, and browsers look nowhere else: they refuse it"
            );
        } else if let Some(site) = site.filter(|site| !self.covers(&site.to_string())) {
            let names: Vec<String> = self.names.iter().map(ToString::to_string).collect();
            tracing::warn!(
                %file,
                names = names.join(", "),
                "the certificate is not for {site}, the host of --public-url, and browsers that go there refuse it"
            );
        }
    }
}

fn names_in(certificate: &X509Certificate<'_>) -> Vec<CertificateName> {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names);
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(CertificateName::Host(name.to_ascii_lowercase())),
            GeneralName::IPAddress(octets) => {
                let v4 = <[u8; 4]>::try_from(*octets).map(|octets| octets.into());
                let v6 = <[u8; 16]>::try_from(*octets).map(|octets| octets.into());
                v4.or(v6).ok().map(CertificateName::Address)
            }
            _ => None,
        })
        .collect()
}
