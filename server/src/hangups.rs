//! SIGHUP, by which operators ask services to read their files again.

/// Those to come. Where standard input is a terminal they say that this was closed, and end the program as ever.
#[derive(Debug)]
pub struct Hangups {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    /// Take it from now on.
    #[cfg(unix)]
    pub fn listen() -> Self {
        use std::io::{self, IsTerminal as _};

        use tokio::signal::unix::{SignalKind, signal};

        let signal = if io::stdin().is_terminal() {
            None
        } else {
            signal(SignalKind::hangup())
                .inspect_err(|error| tracing::warn!(%error, "cannot wait for SIGHUP"))
                .ok()
        };
        Self { signal }
    }

    /// There is no such signal here.
    #[cfg(not(unix))]
    pub const fn listen() -> Self {
        Self {}
    }

    /// Wait for it; for ever, if it cannot be heard. Safe to cancel.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}
