//! Files that hold a certificate and its key.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use super::{Certificate, CertificateError};

/// Where a certificate is, and where its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, in PEM: the certificate of the server first.
    pub cert: PathBuf,
    /// The private key of the first one, in PEM.
    pub key: PathBuf,
}

/// What is in the files, whatever it is.
#[derive(PartialEq, Eq)]
pub(super) struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contents(…)")
    }
}

impl CertificateFiles {
    /// Read both.
    ///
    /// # Errors
    ///
    /// If one of them cannot be read, or they do not hold a pair.
    pub fn load(&self) -> Result<Certificate, CertificateError> {
        self.certificate_of(&self.contents()?)
    }

    pub(super) fn contents(&self) -> Result<Contents, CertificateError> {
        Ok(Contents {
            cert: read(&self.cert)?,
            key: read(&self.key)?,
        })
    }

    pub(super) fn certificate_of(&self, contents: &Contents) -> Result<Certificate, CertificateError> {
        Certificate::read(self, &contents.cert, &contents.key)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|source| CertificateError::Unreadable {
        path: path.into(),
        source,
    })
}
