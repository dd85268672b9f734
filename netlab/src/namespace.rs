//! Where a lab lives: process, mount and, without root, user namespaces of its own, so that nothing is left of it.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::{env, io};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Gid, Pid, Uid, getgid, getuid};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

/// Start this program again with these arguments as the first process of a process namespace, and wait for it. When it ends, the
/// kernel kills every process in there; and when this process ends, however it does, the kernel kills that one.
pub(crate) fn start_inside(arguments: &[String]) -> Result<ExitCode> {
    let (uid, gid) = (getuid(), getgid());
    let own = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS;
    match unshare(own) {
        Err(Errno::EPERM) => become_root(uid, gid, own)?,
        other => other.context("process and mount namespaces are refused")?,
    }
    let status = Command::new(env::current_exe().context("where this program is")?)
        .arg(INSIDE)
        .args(arguments)
        .status()
        .context("the lab cannot be started")?;
    Ok(exit_code(status))
}

/// The first argument of the program that [`start_inside`] starts.
pub(crate) const INSIDE: &str = "inside";

/// Without root: in a user namespace everybody may make the other kinds (user_namespaces(7)).
fn become_root(uid: Uid, gid: Gid, own: CloneFlags) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER | own)
        .context("namespaces are refused: be root, or let users have user namespaces")?;
    fs::write("/proc/self/setgroups", "deny").context("/proc/self/setgroups")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1")).context("/proc/self/uid_map")?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1")).context("/proc/self/gid_map")
}

/// What the first process in there does first. Returns its id outside.
pub(crate) fn settle() -> Result<String> {
    prctl::set_pdeathsig(Signal::SIGKILL).context("the lab would outlive its parent")?;
    // This is still the /proc of outside.
    let own_id = fs::read_link("/proc/self").context("/proc is missing")?;
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )
    .context("mounts would be seen outside")?;
    // Programs look themselves up by the ids that they have in here.
    mount(
        Some("proc"),
        "/proc",
        Some("proc"),
        MsFlags::empty(),
        None::<&str>,
    )
    .context("/proc cannot be mounted")?;
    Ok(own_id.display().to_string())
}

/// Run a program on a host of the lab with this process id, with everything that is open here, and end as it does.
pub(crate) fn enter(lab: &str, host: &str, command: &[String]) -> Result<ExitCode> {
    let Some((program, arguments)) = command.split_first() else {
        bail!("no program is named: netlab enter PID HOST -- PROGRAM…");
    };
    let lab = Path::new("/proc").join(lab);
    let thread = thread_named(&lab, host)?;
    // Those of the lab, then that of the host. All are opened before the first is entered.
    let mut namespaces = vec![
        (lab.join("ns/pid"), CloneFlags::CLONE_NEWPID),
        (lab.join("ns/mnt"), CloneFlags::CLONE_NEWNS),
        (thread.join("ns/net"), CloneFlags::CLONE_NEWNET),
    ];
    let user = lab.join("ns/user");
    if fs::read_link(&user).ok() != fs::read_link("/proc/self/ns/user").ok() {
        namespaces.insert(0, (user, CloneFlags::CLONE_NEWUSER));
    }
    let folder = env::current_dir().context("the current folder")?;
    let opened = namespaces
        .into_iter()
        .map(|(path, kind)| {
            Ok((
                File::open(&path).with_context(|| path.display().to_string())?,
                kind,
            ))
        })
        .collect::<Result<Vec<_>>>()?;

    // From here on, so that none is missed.
    let signals =
        Signals::new([SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM]).context("signals cannot be taken")?;
    for (namespace, kind) in &opened {
        setns(namespace, *kind).context("a namespace cannot be entered")?;
    }
    // Another mount namespace has led to its root.
    env::set_current_dir(&folder).with_context(|| format!("{} is not there any more", folder.display()))?;
    let child = Command::new(program)
        .args(arguments)
        .spawn()
        .with_context(|| format!("{program} cannot be started"))?;
    accompany(child, signals)
}

/// Hand every signal on to the program, until it ends.
fn accompany(mut child: Child, mut signals: Signals) -> Result<ExitCode> {
    let id = Pid::from_raw(child.id().try_into().context("a process id")?);
    for signal in signals.forever() {
        if signal == SIGCHLD {
            if let Some(status) = child.try_wait()? {
                return Ok(exit_code(status));
            }
            continue;
        }
        // It may have ended at this very moment.
        match kill(id, Signal::try_from(signal)?) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => return Err(error).context("a signal cannot be handed on"),
        }
    }
    Ok(exit_code(child.wait()?))
}

/// The thread of a process that has this name, as a folder below /proc.
fn thread_named(process: &Path, name: &str) -> Result<std::path::PathBuf> {
    let threads = fs::read_dir(process.join("task")).with_context(|| {
        format!(
            "there is no lab at {}: take the id that it has printed",
            process.display()
        )
    })?;
    let paths: io::Result<Vec<_>> = threads.map(|thread| Ok(thread?.path())).collect();
    let of_this_name =
        |path: &Path| fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim_end() == name);
    paths?
        .into_iter()
        .find(|path| of_this_name(path))
        .with_context(|| format!("that lab has no host {name}"))
}

/// As a shell has it: 128 and the signal, if it was one.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}
