//! Looking after a certificate while the server runs.

use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use super::files::Contents;
use super::{CertificateError, CertificateFiles, CertificateName, NoTls, Showcase};
use crate::hangups::Hangups;

/// How often the operator is told again of what browsers have against the certificate.
const WARN_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Why there is no certificate to begin with.
#[derive(Debug, thiserror::Error)]
pub enum OpenTlsError {
    /// The files.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// TLS itself.
    #[error(transparent)]
    Tls(#[from] NoTls),
}

/// Whoever shows what two files hold, and goes on doing so when that changes.
///
/// What cannot be shown is logged, and what was shown goes on. Two files cannot be replaced at one moment: so a pair that does not
/// match is a mistake only if it is the same the next time.
#[derive(Debug)]
pub struct Keeper {
    files: CertificateFiles,
    /// Where browsers come to, if that is known.
    site: Option<CertificateName>,
    showcase: Showcase,
    shown: Contents,
    trouble: Trouble,
}

/// What there was in the files the last time, if that could not be shown; nothing, if it could not even be read.
#[derive(Debug)]
enum Trouble {
    None,
    Seen(Option<Contents>),
    Told(Option<Contents>),
}

/// Why the files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    InPassing,
    AskedFor,
}

impl Keeper {
    /// Read the files, and show what they hold to browsers that come to `site`, if that is known.
    pub fn open(files: CertificateFiles, site: Option<CertificateName>) -> Result<Self, OpenTlsError> {
        let shown = files.contents()?;
        let certificate = files.certificate_of(&shown)?;
        certificate.warn(&files.cert, site.as_ref());
        Ok(Self {
            showcase: Showcase::new(certificate)?,
            files,
            site,
            shown,
            trouble: Trouble::None,
        })
    }

    /// Where it is shown.
    pub const fn showcase(&self) -> &Showcase {
        &self.showcase
    }

    /// Look for changes until this is dropped: every few seconds, and upon SIGHUP at once, which is taken from now on.
    pub fn run(mut self) -> impl Future<Output = ()> + Send {
        let mut hangups = Hangups::listen();
        async move {
            let mut looking = interval(LOOK_EVERY);
            looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut warning = interval_at(Instant::now() + WARN_EVERY, WARN_EVERY);
            loop {
                let look = tokio::select! {
                    _ = looking.tick() => Look::InPassing,
                    () = hangups.next() => Look::AskedFor,
                    _ = warning.tick() => {
                        self.showcase.certificate().warn(&self.files.cert, self.site.as_ref());
                        continue;
                    }
                };
                self.look(look).await;
            }
        }
    }

    async fn look(&mut self, look: Look) {
        let files = self.files.clone();
        let Ok(read) = spawn_blocking(move || files.contents()).await else {
            return;
        };
        match read {
            Ok(contents) if contents == self.shown => self.trouble = Trouble::None,
            Ok(contents) => match self.files.certificate_of(&contents) {
                Ok(certificate) => {
                    certificate.warn(&self.files.cert, self.site.as_ref());
                    self.showcase.replace(certificate);
                    self.shown = contents;
                    self.trouble = Trouble::None;
                    tracing::info!("the certificate has changed; new connections are shown the new one");
                }
                Err(error) => self.tell(&error, Some(contents), look),
            },
            Err(error) => self.tell(&error, None, look),
        }
    }

    fn tell(&mut self, error: &CertificateError, contents: Option<Contents>, look: Look) {
        let now = match &self.trouble {
            Trouble::Told(before) if *before == contents && look == Look::InPassing => return,
            Trouble::Seen(before) | Trouble::Told(before) if *before == contents => Trouble::Told(contents),
            Trouble::None | Trouble::Seen(_) | Trouble::Told(_) if look == Look::AskedFor => {
                Trouble::Told(contents)
            }
            Trouble::None | Trouble::Seen(_) | Trouble::Told(_) => Trouble::Seen(contents),
        };
        if matches!(now, Trouble::Told(_)) {
            tracing::error!(%error, "the certificate was not replaced; the one of before is shown on");
        }
        self.trouble = now;
    }
}
