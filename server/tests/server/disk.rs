//! A disk that is full.
//!
//! A real one: a small file system of memory, in a mount namespace that the server has to itself. Where there can be none, the
//! files of the server may not grow: what it writes fails then as well, if with another error.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::time::Duration;

use call::media::MediaState;
use call::protocol::{Command, Event, Refusal};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::common::{Front, PASSWORD, PATIENCE, VOICE, location};
use crate::process::{self, Running};

/// The size of the disk.
const BYTES: usize = 2 * 1024 * 1024;
/// Mount it at $1, and go on with the program after that.
const MOUNT: &str = r#"mount -t tmpfs -o size=2m tmpfs "$1" && shift && exec "$@""#;
/// A file that may not grow is an error to write to, and not the end.
const IGNORE: &str = r#"trap '' XFSZ; shift; exec "$@""#;

/// How the disk is made full, and empty again.
enum Disk {
    /// By this file, on the server's own disk.
    Real(PathBuf),
    /// By a limit of the process with this number.
    Limited(u32),
}

impl Disk {
    fn fill(&self, data: &Path) {
        match self {
            Self::Real(ballast) => {
                let mut file = fs::File::create(ballast).unwrap();
                let zeros = vec![0; 4096];
                let mut written = 0;
                while file.write_all(&zeros).is_ok() {
                    written += zeros.len();
                    assert!(written <= BYTES, "that disk has no end");
                }
            }
            Self::Limited(pid) => {
                let size = fs::metadata(data.join("yodel.db-wal")).unwrap().len();
                limit(*pid, &size.to_string());
            }
        }
    }

    fn empty(&self) {
        match self {
            Self::Real(ballast) => fs::remove_file(ballast).unwrap(),
            Self::Limited(pid) => limit(*pid, "unlimited"),
        }
    }
}

fn limit(pid: u32, bytes: &str) {
    let pid = pid.to_string();
    let limited = Program::new("prlimit")
        .args(["--pid", &pid, &format!("--fsize={bytes}:")])
        .status();
    assert!(limited.unwrap().success());
}

/// The options of `unshare(1)` by which a namespace of mounts can be had here, if one can.
fn namespace(folder: &Path) -> Option<&'static str> {
    ["-m", "-Urm"].into_iter().find(|options| {
        let mut mount = Program::new("unshare");
        mount
            .args([options, "sh", "-c", MOUNT, "sh"])
            .arg(folder)
            .arg("true");
        mount
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

async fn start(folder: &Path) -> (Running, Front, Disk) {
    let data = folder.join("data");
    fs::create_dir(&data).unwrap();
    let options = namespace(&data);
    let yodel = process::yodel(folder, &["--addr", "127.0.0.1:0"]);
    // The same, but by way of a shell.
    let mut command = process::yodel(folder, &[]);
    let mut wrapped = match options {
        Some(options) => {
            let mut wrapped = Program::new("unshare");
            wrapped.args([options, "sh", "-c", MOUNT, "sh"]);
            wrapped
        }
        None => {
            let mut wrapped = Program::new("sh");
            wrapped.args(["-c", IGNORE, "sh"]);
            wrapped
        }
    };
    wrapped.arg(&data).arg(yodel.get_program()).args(yodel.get_args());
    wrapped
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    for (name, _) in command.get_envs() {
        wrapped.env_remove(name);
    }
    command = wrapped;
    let (running, said) = tokio::task::spawn_blocking(|| process::start_as(command))
        .await
        .unwrap();
    let disk = match options {
        Some(_) => {
            let root = PathBuf::from(format!("/proc/{}/root", running.pid()));
            Disk::Real(root.join(data.strip_prefix("/").unwrap()).join("ballast"))
        }
        None => Disk::Limited(running.pid()),
    };
    let front = Front::at(SocketAddr::from(([127, 0, 0, 1], process::port(&said))));
    (running, front, disk)
}

#[tokio::test]
async fn while_the_disk_is_full_calls_go_on_and_no_new_ones_begin_and_afterwards_all_is_well() {
    let folder = TempDir::new().unwrap();
    let (_running, front, disk) = start(folder.path()).await;
    let [alice, bob, carol, dave] = [
        front.sign_up("alice").await,
        front.sign_up("bob").await,
        front.sign_up("carol").await,
        front.sign_up("dave").await,
    ];
    let mut alices = front.phone(&alice, 1).await;
    let mut bobs = front.phone(&bob, 2).await;
    let mut carols = front.phone(&carol, 3).await;
    let mut daves = front.phone(&dave, 4).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.accept(invite).await;
    alices.entry_of(&bob.id).await;

    disk.fill(&folder.path().join("data"));
    // The call goes on, and what is to be stored of it waits.
    for camera in [true, false, true] {
        let media = MediaState { camera, ..VOICE };
        alices.say(Command::Announce { call, media }).await;
        bobs.wait_for(|event| match event {
            Event::MediaAnnounced { media, .. } => (media.camera == camera).then_some(()),
            _ => None,
        })
        .await;
    }
    // It is known by now. A new one does not begin, and is said not to.
    let command = carols.call(&[&dave]).await;
    assert_eq!(carols.refused(command).await, Refusal::Unavailable);
    let fields = [("user_id", "erin"), ("name", "Erin"), ("password", PASSWORD)];
    let refused = front.post("/api/sign_up", &fields, None).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.text().await.unwrap().contains("Unavailable"));
    let back = front.submit("/api/sign_up", &fields, None).await;
    let page = front.get(location(&back), None).await.text().await.unwrap();
    assert!(
        page.contains("cannot do this right now. Try again in a moment."),
        "{page}"
    );
    assert_eq!(front.get("/readyz", None).await.status(), 503);
    // What can be read is shown.
    assert_eq!(front.get("/", Some(&alice)).await.status(), 200);
    // The call can be ended as well.
    bobs.say(Command::Hangup { call }).await;
    alices.ended().await;

    disk.empty();
    timeout(PATIENCE, async {
        while front.get("/readyz", None).await.status() != 200 {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("it is well again by itself");
    carols.call(&[&dave]).await;
    daves.invited().await;
    front.sign_up("erin").await;
    let home = front.get("/", Some(&bob)).await.text().await.unwrap();
    assert!(
        home.contains("Incoming"),
        "the call that could not be stored is in the history: {home}"
    );
}
