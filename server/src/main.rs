//! The program `yodel`: read the options, start the server, wait for a signal, stop it. Or print a userSig, or make a
//! certificate.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use server::announce::{Announcement, Https};
use server::apps::print;
use server::clock::UnixMillis;
use server::config::{Config, ConfigError, Task};
use server::server::Server;
use server::tls;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody left to tell if this fails.
            let _ = writeln!(io::stderr(), "yodel: {}", in_full(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes. Many a one has its cause within what it says, and then that is not said again.
fn in_full(error: &anyhow::Error) -> String {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            said += ": ";
            said += &cause;
        }
    }
    said
}

fn run() -> anyhow::Result<()> {
    let (mut config, task) = match Config::load(std::env::args_os()) {
        Ok(loaded) => loaded,
        // Help, the version, and wrong flags: clap knows how to say it, and with which exit code.
        Err(ConfigError::Flags(error)) => error.exit(),
        Err(error) => return Err(error.into()),
    };
    // Whatever is said about the data folder says where it is.
    config.data = std::path::absolute(&config.data).context("cannot tell the current folder")?;
    let now = UnixMillis::now();
    let printed = match task {
        Some(Task::UserSig(request)) => Some(print::line(&config, &request, now)?),
        Some(Task::Cert(request)) => Some(tls::print::report(&config, &request, now)?),
        None => None,
    };
    if let Some(printed) = printed {
        return writeln!(io::stdout(), "{printed}").context("cannot print it");
    }
    start_logging(&config.log)?;
    if !config.empty_variables.is_empty() {
        tracing::warn!(
            variables = config.empty_variables.join(", "),
            "these variables are empty, and count as none"
        );
    }
    #[cfg(unix)]
    raise_file_limit();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?
        .block_on(serve(config))
}

fn start_logging(filter: &str) -> anyhow::Result<()> {
    // The listing of the embedded files is of no interest, and nor is each message that is no STUN, unless the operator asks by
    // name. And the WebSocket library shows every frame at its most talkative, with all the secrets in it.
    let with_ours = format!("memory_serve=warn,stun_types=off,tungstenite=info,{filter}");
    let filter = EnvFilter::try_new(with_ours).with_context(|| {
        format!("cannot understand the log filter {filter:?}; write a level like info, or server=debug,info, in --log")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    Ok(())
}

/// Every socket is an open file. Systems allow a program few of them until it asks for more (`getrlimit(2)`).
#[cfg(unix)]
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files; many sockets may be refused");
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    // From now on: whoever has read the announcement may ask to stop at once.
    let asked_to_stop = stop_signal()?;
    let server = Server::start(&config).await?;
    let https = server.showcase().map(|showcase| Https {
        names: showcase.certificate().names().to_vec(),
        authority: server.site().authority().map(|authority| authority.fingerprint),
    });
    let announcement = Announcement::new(
        server.addr(),
        server.turn_addr(),
        https,
        config.public_url,
        config.data,
    );
    // Whoever has closed the output does not want to read it; that is no reason to stop.
    let _ = writeln!(io::stdout(), "{announcement}");
    asked_to_stop.await;
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

/// Take SIGTERM and Ctrl-C from now on. What is returned waits for either.
#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for Ctrl-C")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Take Ctrl-C from now on. What is returned waits for it.
#[cfg(windows)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c().context("cannot wait for Ctrl-C")?;
    Ok(async move {
        interrupt.recv().await;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let taken = || anyhow::Error::new(io::Error::other("the port is taken"));
        let within = taken().context("cannot listen: the port is taken. Choose another one");
        assert_eq!(
            in_full(&within),
            "cannot listen: the port is taken. Choose another one"
        );
        assert_eq!(
            in_full(&taken().context("cannot listen")),
            "cannot listen: the port is taken"
        );
    }
}
