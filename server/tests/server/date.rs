//! The date of the server's machine is set: nothing ends by that, and nobody is signed out.
//!
//! The date of a client cannot matter: no message says one ([`no_message_says_a_date`]).

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::time::Duration;

use call::id::{CallId, UserId};
use call::media::{CallType, MediaState};
use call::protocol::{Command, Event};
use tempfile::TempDir;

use crate::common::{Front, Phone, User, VOICE, app};
use crate::process::{self, Running};

const APP: &str = "1400000001:a secret that only two servers know";
const HOUR: i64 = 60 * 60;

/// A server whose date can be set.
struct Process {
    _running: Running,
    front: Front,
    steps: PathBuf,
}

impl Process {
    async fn start(folder: &Path) -> Self {
        let steps = folder.join("steps");
        fs::write(&steps, 0_i64.to_ne_bytes()).unwrap();
        let library = folder.join("step.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/step.c");
        // The C compiler that SQLite has been compiled with.
        let compiled = Program::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl")
            .status();
        assert!(compiled.unwrap().success());
        let mut command = process::yodel(folder, &["--addr", "127.0.0.1:0", "--apps", APP]);
        command.env("LD_PRELOAD", &library).env("STEP_FILE", &steps);
        let (running, said) = tokio::task::spawn_blocking(|| process::start_as(command))
            .await
            .unwrap();
        Self {
            _running: running,
            front: Front::at(SocketAddr::from(([127, 0, 0, 1], process::port(&said)))),
            steps,
        }
    }

    /// The machine's date is as many seconds off as this, from now on.
    fn set_date(&self, seconds: i64) {
        use std::io::Write as _;

        let mut file = fs::OpenOptions::new().write(true).open(&self.steps).unwrap();
        file.write_all(&seconds.to_ne_bytes()).unwrap();
    }

    /// The server has noticed: it takes a userSig for one whose time is over, or for one whose time is not over yet.
    async fn assert_date_is_off(&self, seconds: i64) {
        let (front, app) = (&self.front, app(APP));
        let now = server::clock::UnixMillis::now();
        let frank: UserId = "frank".parse().unwrap();
        if seconds > 0 {
            let user_sig = app.sign(&frank, now, 60);
            let mut refused = front.log_in(app.id().number(), "frank", &user_sig).await;
            assert_eq!(refused.closed().await, 4425);
        } else if seconds < 0 {
            let user_sig = app.sign(&frank, now.minus(Duration::from_secs(100)), 60);
            let mut taken = front.log_in(app.id().number(), "frank", &user_sig).await;
            taken.hello(9).await;
            taken.welcomed().await;
        }
    }
}

/// Two signs of life: every login has been looked at meanwhile, and every timer that was due has rung.
async fn hear_two_signs_of_life(phone: &mut Phone) {
    for _ in 0..2 {
        while phone.hear_anything().await != Event::Alive {}
    }
}

async fn assert_talk(alices: &mut Phone, bobs: &mut Phone, call: CallId, camera: bool) {
    let media = MediaState { camera, ..VOICE };
    alices.say(Command::Announce { call, media }).await;
    bobs.wait_for(|event| match event {
        Event::MediaAnnounced { media, .. } => (media.camera == camera).then_some(()),
        Event::Ended { .. } => panic!("the call has ended"),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_date_that_is_set_back_or_forward_ends_no_call_and_signs_nobody_out() {
    let folder = TempDir::new().unwrap();
    let server = Process::start(folder.path()).await;
    let front = &server.front;
    let [alice, bob, dave] = [
        front.sign_up("alice").await,
        front.sign_up("bob").await,
        front.sign_up("dave").await,
    ];
    let mut alices = front.phone(&alice, 1).await;
    let mut bobs = front.phone(&bob, 2).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.accept(invite).await;
    bobs.entry_of(&alice.id).await;

    // Erin is let in by a userSig that is good for a day, and rings Dave, who is not there.
    let day = 24 * HOUR as u32;
    let erin: UserId = "erin".parse().unwrap();
    let user_sig = app(APP).sign(&erin, server::clock::UnixMillis::now(), day);
    let mut erins = front.log_in(1_400_000_001, "erin", &user_sig).await;
    erins.hello(3).await;
    erins.welcomed().await;
    erins.say(ring_long(&dave)).await;
    let ringing = erins.placed().await;

    for (number, seconds) in [-HOUR, HOUR].into_iter().enumerate() {
        server.set_date(seconds);
        server.assert_date_is_off(seconds).await;
        tokio::join!(
            hear_two_signs_of_life(&mut alices),
            hear_two_signs_of_life(&mut bobs),
            hear_two_signs_of_life(&mut erins)
        );
        assert_talk(&mut alices, &mut bobs, call, number % 2 == 0).await;
        for user in [&alice, &bob, &dave] {
            assert_eq!(
                front.get("/", Some(user)).await.status(),
                200,
                "{} is signed in",
                user.id
            );
        }
        let mut another_tab = front.phone(&bob, 20 + number as u64).await;
        another_tab
            .say(Command::Watch {
                people: vec![alice.id.clone()],
                newcomers: false,
            })
            .await;
        another_tab.close().await;
    }
    // It rings for two minutes, whatever the date says.
    let mut daves = front.connect(&dave).await;
    daves.hello(4).await;
    let welcome = daves.welcomed().await;
    assert_eq!(welcome.invitations[0].call, ringing);
    daves.accept(welcome.invitations[0].invite).await;
    erins.entry_of(&dave.id).await;
}

fn ring_long(user: &User) -> Command {
    Command::Call {
        invitees: vec![user.id.clone()],
        group: None,
        call_type: CallType::Audio,
        ring_seconds: Some(120),
        media: VOICE,
        note: None,
    }
}

/// All that a client says is in this file. Spans of time there are, such as how long it is to ring; a moment there is none.
#[test]
fn no_message_says_a_date() {
    let source = include_str!("../../../call/src/protocol/command.rs");
    for word in ["Timestamp", "SystemTime", " date", "_at:", "time:"] {
        assert!(!source.contains(word), "{word}");
    }
    assert!(source.contains("ring_seconds"));
}
