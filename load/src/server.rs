//! A server: a process of its own, with its data in a temporary folder.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::figures::Usage;
use crate::login;

/// How long a process may take to end by itself.
const END_PATIENCE: Duration = Duration::from_secs(60);

/// Where a server is and what it keeps. It can be started, ended and started again.
pub(crate) struct Server {
    binary: PathBuf,
    folder: TempDir,
    addr: SocketAddr,
    metrics: SocketAddr,
    process: Option<Child>,
}

impl Server {
    /// Start one on ports of its own.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub(crate) async fn start(binary: &Path) -> Result<Self> {
        let mut server = Self {
            binary: binary.to_owned(),
            folder: TempDir::new()?,
            addr: free_port()?,
            metrics: free_port()?,
            process: None,
        };
        server.start_again().await?;
        Ok(server)
    }

    /// Start it on the same ports and the same data. When this comes back, it answers.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub(crate) async fn start_again(&mut self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))?;
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("YODEL_")) {
            command.env_remove(name);
        }
        let mut process = command
            .args(["--addr", &self.addr.to_string()])
            .args(["--metrics", &self.metrics.to_string()])
            .args(["--log", "warn", "--data"])
            .arg(self.data())
            .env("YODEL_APPS", format!("{}:{}", login::APP_ID, login::SECRET))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let output = process.stdout.take().context("the server has no output")?;
        self.process = Some(process);
        let said = spawn_blocking(move || BufReader::new(output).lines().next()).await?;
        if said.is_none() {
            bail!("the server has not started: {}", self.log()?.trim());
        }
        Ok(())
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All that it has logged.
    ///
    /// # Errors
    ///
    /// If the log cannot be read.
    pub(crate) fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join("log"))?)
    }

    /// What the process takes at this moment.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub(crate) fn usage(&self) -> Result<Usage> {
        Usage::of(self.running()?.id())
    }

    /// One of its figures, or the sum of those that begin so; 0 if there is none.
    ///
    /// # Errors
    ///
    /// If it does not tell them.
    pub(crate) async fn figure(&self, name: &str) -> Result<f64> {
        let text = reqwest::get(format!("http://{}/metrics", self.metrics))
            .await?
            .error_for_status()?
            .text()
            .await?;
        let lines = text.lines().filter(|line| line.starts_with(name));
        let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(values.sum())
    }

    /// The least that one of its figures is within a second: what comes and goes meanwhile is left out.
    ///
    /// # Errors
    ///
    /// If it does not tell them.
    pub(crate) async fn least_figure(&self, name: &str) -> Result<f64> {
        let began = Instant::now();
        let mut least = self.figure(name).await?;
        while began.elapsed() < Duration::from_secs(1) {
            sleep(Duration::from_millis(50)).await;
            least = least.min(self.figure(name).await?);
        }
        Ok(least)
    }

    /// Wait until one of its figures has a value, for as long as a minute; the value that it has then.
    ///
    /// # Errors
    ///
    /// If it does not tell them.
    pub(crate) async fn wait_for_figure(&self, name: &str, wanted: f64) -> Result<f64> {
        let began = Instant::now();
        loop {
            let value = self.figure(name).await?;
            if value == wanted || began.elapsed() > END_PATIENCE {
                return Ok(value);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// End it as a power cut does.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the server does not run")?;
        process.kill()?;
        process.wait()?;
        Ok(())
    }

    /// End it as an operator does; how it ended.
    ///
    /// # Errors
    ///
    /// If it does not run, or does not end within a minute.
    pub(crate) async fn terminate(&mut self) -> Result<ExitStatus> {
        terminate(self.running()?.id())?;
        let began = Instant::now();
        while began.elapsed() < END_PATIENCE {
            if let Some(status) = self.process.as_mut().and_then(|it| it.try_wait().transpose()) {
                self.process = None;
                return Ok(status?);
            }
            sleep(Duration::from_millis(5)).await;
        }
        bail!("the server does not stop")
    }

    fn running(&self) -> Result<&Child> {
        self.process.as_ref().context("the server does not run")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it does not run any more, there is nothing to be ended.
        drop(self.kill());
    }
}

/// A port that nobody had a moment ago.
fn free_port() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

#[cfg(unix)]
fn terminate(id: u32) -> Result<()> {
    use rustix::process::{Pid, Signal, kill_process};

    let pid = Pid::from_raw(i32::try_from(id)?).context("no such process")?;
    Ok(kill_process(pid, Signal::TERM)?)
}

#[cfg(not(unix))]
fn terminate(_: u32) -> Result<()> {
    bail!("only Unix has SIGTERM")
}

/// Every robot has an open file.
#[cfg(unix)]
pub(crate) fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it stays as it is, the robots that are too many say so.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(not(unix))]
pub(crate) fn raise_file_limit() {}
