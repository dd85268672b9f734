//! A folder with an authority, and with the certificate that it has signed for this machine.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::authority::{Authority, AuthorityError};
use super::{CertificateFiles, CertificateName, Showcase, machine};
use crate::clock::UnixMillis;

/// How often it is looked whether the certificate is still good for this machine: its addresses change.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long before its end a certificate is renewed.
const BEFORE_THE_END: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Why there is no certificate for the local network. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum LanError {
    /// The folder, or a file in it, cannot be read.
    #[error("cannot read {}: {source}. Let the user that runs yodel read it, or choose another folder with --data", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The folder, or a file in it, cannot be written.
    #[error("cannot write {}: {source}. Let the user that runs yodel write there, or choose another folder with --data", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// An authority without its key.
    #[error(
        "in {} there is authority.crt without authority.key, and no certificate can be signed. Put the key back from a backup; or \
         delete the folder to begin anew, with an authority that every device has to be told to trust again",
        folder.display()
    )]
    HalfAnAuthority {
        /// The folder.
        folder: PathBuf,
    },
    /// Something else is in the files.
    #[error(
        "the authority in {} is broken. Put the folder back from a backup; or delete it to begin anew, with an authority that every \
         device has to be told to trust again",
        folder.display()
    )]
    BrokenAuthority {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        source: AuthorityError,
    },
    /// Ten years are over.
    #[error(
        "the authority in {} has expired. Delete the folder to begin anew, with an authority that every device has to be told to \
         trust",
        folder.display()
    )]
    ExpiredAuthority {
        /// The folder.
        folder: PathBuf,
    },
    /// It was made without this name.
    #[error(
        "the authority in {} was made without the name {name}, and may not vouch for it: so a stolen key does no harm elsewhere. \
         Delete the folder to begin anew with this name, with an authority that every device has to be told to trust again",
        folder.display()
    )]
    NotVouchedFor {
        /// What was asked for.
        name: CertificateName,
        /// The folder.
        folder: PathBuf,
    },
    /// A line of the list of names is none.
    #[error("in {} the line {line:?} is no name and no address; correct or delete it", path.display())]
    WrongName {
        /// The file.
        path: PathBuf,
        /// What stands there.
        line: String,
    },
    /// No certificate could be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Lan {
    folder: PathBuf,
}

/// What there is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// For what the certificate is.
    pub names: Vec<CertificateName>,
    /// Addresses of this machine that the authority may not vouch for, because they are public and were not this machine's when
    /// the authority was made.
    pub left_out: Vec<CertificateName>,
    /// The authority, as whoever is to trust it sees it.
    pub authority: KnownAuthority,
}

/// An authority, as whoever is to trust it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAuthority {
    /// Its certificate, in PEM.
    pub pem: String,
    /// The SHA-256 of its certificate.
    pub fingerprint: String,
}

/// When to make a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Now.
    Always,
    /// If there is none that will do for a while.
    IfDue,
}

impl Lan {
    /// The folder in this data folder. Nothing is read or made yet.
    pub fn of(data: &Path) -> Self {
        Self {
            folder: data.join("tls"),
        }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the certificate of the server is.
    pub fn files(&self) -> CertificateFiles {
        CertificateFiles {
            cert: self.folder.join("server.crt"),
            key: self.folder.join("server.key"),
        }
    }

    /// See to it that there is a certificate for this machine and for `further` names, which are remembered; and that there is an
    /// authority, which is made once.
    pub fn keep(&self, when: When, further: &[CertificateName], now: UnixMillis) -> Result<Kept, LanError> {
        self.make_folder()?;
        let mut further = further.to_vec();
        for name in self.remembered()? {
            if !further.contains(&name) {
                further.push(name);
            }
        }
        let machine = machine::names();
        let authority = self.authority(&[&further[..], &machine].concat(), now)?;
        if now >= authority.expires_at() {
            return Err(LanError::ExpiredAuthority {
                folder: self.folder.clone(),
            });
        }
        for name in &further {
            if !authority.vouches_for(name, now)? {
                return Err(LanError::NotVouchedFor {
                    name: name.clone(),
                    folder: self.folder.clone(),
                });
            }
        }
        let (mut names, mut left_out) = (further.clone(), Vec::new());
        for name in machine {
            if names.contains(&name) {
                continue;
            }
            if authority.vouches_for(&name, now)? {
                names.push(name);
            } else {
                left_out.push(name);
            }
        }
        let lines: String = further.iter().map(|name| format!("{name}\n")).collect();
        if further != self.remembered()? {
            self.write("names", lines.as_bytes())?;
        }
        if when == When::Always || self.is_due(&names, &authority, now) {
            let signed = authority.sign(&names, now)?;
            self.write("server.key", signed.key.as_bytes())?;
            self.write("server.crt", signed.cert.as_bytes())?;
        }
        Ok(Kept {
            names,
            left_out,
            authority: KnownAuthority {
                pem: authority.pem().to_owned(),
                fingerprint: authority.fingerprint(),
            },
        })
    }

    /// Do so again and again while the server runs, and whenever it shows another certificate. Whoever watches the files sees what
    /// has changed, and whoever is to trust the authority is told which one it is.
    pub async fn keep_on(
        self,
        further: Vec<CertificateName>,
        showcase: Showcase,
        known: watch::Sender<KnownAuthority>,
    ) {
        let mut looking = interval(LOOK_EVERY);
        looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = String::new();
        let mut shown = showcase.changes();
        loop {
            tokio::select! {
                _ = looking.tick() => {}
                () = shown.next() => {}
            }
            let (lan, further) = (self.clone(), further.clone());
            let kept = spawn_blocking(move || lan.keep(When::IfDue, &further, UnixMillis::now()));
            match kept.await {
                Ok(Ok(kept)) => {
                    told.clear();
                    let is_another = known.send_if_modified(|before| {
                        let is_another = *before != kept.authority;
                        *before = kept.authority;
                        is_another
                    });
                    if is_another {
                        tracing::warn!(
                            "the authority is another one now: each device has to be told to trust it, at /trust"
                        );
                    }
                }
                Ok(Err(error)) if error.to_string() != told => {
                    tracing::error!(%error, "the certificate of the local network cannot be renewed");
                    told = error.to_string();
                }
                // It has been told. Or the server is stopping.
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }

    /// Whether there is a better certificate to be had than the one that there is.
    fn is_due(&self, names: &[CertificateName], authority: &Authority, now: UnixMillis) -> bool {
        self.files().load().map_or(true, |certificate| {
            let covers = |name: &CertificateName| certificate.names().contains(name);
            // None is good for longer than the authority.
            let ends = certificate.expires_at() < authority.expires_at();
            (ends && now.plus(BEFORE_THE_END) >= certificate.expires_at())
                || !names.iter().all(covers)
                || !authority.has_signed(&certificate, now)
        })
    }

    /// The authority in the folder. Where there is none, it is made, and may vouch for these names.
    fn authority(&self, names: &[CertificateName], now: UnixMillis) -> Result<Authority, LanError> {
        match (self.read("authority.crt")?, self.read("authority.key")?) {
            (Some(pem), Some(key)) => {
                Authority::read(&pem, &key).map_err(|source| LanError::BrokenAuthority {
                    folder: self.folder.clone(),
                    source,
                })
            }
            // A key alone was left by a crash: the certificate is written after it, and nothing is signed before both are there. So
            // no device trusts it.
            (None, None | Some(_)) => {
                let machine = machine::hostname().unwrap_or_else(|| "this machine".to_owned());
                let authority = Authority::new(&machine, names, now)?;
                self.write("authority.key", authority.key_pem().as_bytes())?;
                self.write("authority.crt", authority.pem().as_bytes())?;
                Ok(authority)
            }
            (Some(_), None) => Err(LanError::HalfAnAuthority {
                folder: self.folder.clone(),
            }),
        }
    }

    fn remembered(&self) -> Result<Vec<CertificateName>, LanError> {
        let lines = self.read("names")?.unwrap_or_default();
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                line.parse().map_err(|_| LanError::WrongName {
                    path: self.folder.join("names"),
                    line: line.to_owned(),
                })
            })
            .collect()
    }

    fn make_folder(&self) -> Result<(), LanError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.folder)
            .map_err(|source| unwritable(&self.folder, source))
    }

    fn read(&self, name: &str) -> Result<Option<String>, LanError> {
        let path = self.folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LanError::Unreadable { path, source }),
        }
    }

    /// Write a file that only this user may read, and put it in its place when it is whole.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), LanError> {
        let path = self.folder.join(name);
        let half = self.folder.join(format!("{name}.new"));
        let write = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&half)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&half, &path)
        };
        write().map_err(|source| unwritable(&path, source))
    }
}

fn unwritable(path: &Path, source: io::Error) -> LanError {
    LanError::Unwritable {
        path: path.into(),
        source,
    }
}
