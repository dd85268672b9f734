//! The workspace, and how a command is run in it.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, anyhow, bail};

/// The workspace and the environment in which its commands run.
pub(crate) struct House {
    root: PathBuf,
    /// Folders of tools that go before the user's PATH, the latest first.
    tool_folders: Vec<PathBuf>,
}

impl House {
    /// The workspace that this program was compiled in.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest
            .parent()
            .context("xtask has no parent folder")?
            .to_owned();
        Ok(Self {
            root,
            tool_folders: Vec::new(),
        })
    }

    /// A path in the workspace.
    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// Cargo's target folder.
    pub(crate) fn target(&self) -> PathBuf {
        self.root
            .join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
    }

    /// Let the commands that follow find the programs in this folder first.
    pub(crate) fn add_tools(&mut self, folder: PathBuf) {
        self.tool_folders.insert(0, folder);
    }

    /// A command that is going to run in the root of the workspace, with the tools on its PATH.
    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(self.which(program).unwrap_or_else(|| program.into()));
        command
            .args(args)
            .current_dir(&self.root)
            .env("PATH", self.search_path());
        // `cargo run` describes xtask to xtask. A build below it must not take that for its own description.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_PKG_")
                || name == "CARGO_MANIFEST_DIR"
                || name == "CARGO"
            {
                command.env_remove(name);
            }
        }
        command
    }

    /// `cargo` with the arguments in this line, separated by spaces.
    pub(crate) fn cargo(&self, line: &str) -> Command {
        self.command("cargo", line.split_whitespace())
    }

    /// Where a program is, by PATH.
    pub(crate) fn which(&self, program: &str) -> Option<PathBuf> {
        env::split_paths(&self.search_path())
            .flat_map(|folder| {
                let name = folder.join(program);
                ["", "exe", "cmd"].map(|end| {
                    if end.is_empty() {
                        name.clone()
                    } else {
                        name.with_extension(end)
                    }
                })
            })
            .find(|path| is_executable(path))
    }

    fn search_path(&self) -> OsString {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = self.tool_folders.iter().cloned().chain(env::split_paths(&path));
        // Only a folder with the separator in its name cannot be joined; then the user's own PATH has to do.
        env::join_paths(folders).unwrap_or(path)
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_file())
}

/// Print the command line, run it, and fail if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().map_err(|error| cannot_start(command, error))?;
    succeeded(command, status)
}

/// Print the command line, run it, hand on every line of its standard output, and say whether it succeeded.
pub(crate) fn run_reading(command: &mut Command, mut read: impl FnMut(&str)) -> Result<bool> {
    announce(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(command, error))?;
    let stdout = child
        .stdout
        .take()
        .context("the command has no standard output")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        read(&line);
    }
    Ok(child.wait()?.success())
}

/// Run a command quietly; its standard output, trimmed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| cannot_start(command, error))?;
    if !output.status.success() {
        bail!(
            "`{}` failed: {}",
            line_of(command),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn announce(command: &Command) {
    println!("$ {}", line_of(command));
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        Ok(())
    } else {
        Err(anyhow!("`{}` failed ({status})", line_of(command)))
    }
}

fn line_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    [name]
        .into_iter()
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A program that could not be started, with what to do about it.
fn cannot_start(command: &Command, error: std::io::Error) -> anyhow::Error {
    let program = Path::new(command.get_program())
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    if error.kind() != ErrorKind::NotFound {
        return anyhow!("`{program}` could not be started: {error}");
    }
    match &*program {
        "node" | "npm" | "npx" => {
            anyhow!(
                "`{program}` was not found: install Node.js 20 or later (https://nodejs.org) and try again"
            )
        }
        "cargo" | "rustup" | "rustc" => {
            anyhow!("`{program}` was not found: install Rust with rustup (https://rustup.rs) and try again")
        }
        _ => anyhow!("`{program}` was not found: put it on PATH and try again"),
    }
}
