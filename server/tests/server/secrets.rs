//! A whole evening at the most talkative log level: nothing of it that is a secret is in the log or among the figures.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Stdio;

use call::id::Entry;
use call::protocol::{Candidate, Command, Description, DescriptionKind, Event, Resume, Signal};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;

use crate::common::{Front, PASSWORD, Phone, User, app, cookie_of};
use crate::process;

const APP: &str = "1400000001:a secret that only two servers know";
/// Where the visitors come from: another address than the one that the server listens on.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 77));
const SDP: &str = "v=0\r\no=- 1 2 IN IP4 198.51.100.23\r\ns=-\r\nt=0 0\r\na=ice-ufrag:UfRagOfAlice\r\n\
                   a=ice-pwd:PasswordOfIceOfAlice\r\na=fingerprint:sha-256 AB:CD:EF:FE:DC:BA\r\n";
const CANDIDATE: &str = "candidate:1 1 udp 2113937151 198.51.100.24 50000 typ host";

/// What must not be read by anybody who reads logs.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(
            secret.len() >= 8,
            "{what} is so short that it may be anywhere: {secret}"
        );
        self.0.push((what, secret.to_owned()));
    }

    fn assert_none_in(&self, text: &str, whose: &str) {
        for (what, secret) in &self.0 {
            let line = text.lines().find(|line| line.contains(secret.as_str()));
            assert_eq!(line, None, "{whose}: {what}");
        }
    }
}

async fn welcomed(phone: &mut Phone, device: u64, secrets: &mut Secrets) -> Option<Resume> {
    phone.hello(device).await;
    let welcome = phone.welcomed().await;
    for server in &welcome.ice_servers {
        secrets.add("a password for TURN", server.credential.as_deref().unwrap());
    }
    phone.heard_since(&welcome)
}

async fn call_with_signals(alices: &mut Phone, bobs: &mut Phone, bob: &User) {
    alices.call(&[bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.say(Command::ConfirmRinging { invite }).await;
    let offer = Signal::Description(Description {
        kind: DescriptionKind::Offer,
        sdp: SDP.to_owned(),
    });
    let candidate = Signal::Candidate(Candidate {
        candidate: CANDIDATE.to_owned(),
        mid: None,
        m_line_index: None,
    });
    let to_bob = |signal| Command::Signal {
        call,
        to: bob.id.clone(),
        entry: Entry(2),
        signal,
    };
    alices.say(to_bob(offer)).await;
    alices.say(to_bob(candidate.clone())).await;
    bobs.accept(invite).await;
    alices
        .wait_for(|event| matches!(event, Event::UserEntered { .. }).then_some(()))
        .await;
    alices.say(to_bob(candidate)).await;
    // And one that is none, with something in it.
    let broken = Signal::Candidate(Candidate {
        candidate: "no-candidate-but-198.51.100.25".to_owned(),
        mid: None,
        m_line_index: None,
    });
    let refused = alices.say(to_bob(broken)).await;
    alices.refused(refused).await;
    bobs.say(Command::Hangup { call }).await;
    alices.ended().await;
}

#[tokio::test]
async fn a_whole_evening_leaves_no_secret_in_the_log_or_among_the_figures() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut command = process::yodel(
        folder.path(),
        &[
            "--addr",
            "127.0.0.1:0",
            "--log",
            "trace",
            "--apps",
            APP,
            "--turn",
            "127.0.0.1:0",
            "--metrics",
            "127.0.0.1:0",
        ],
    );
    command.stderr(Stdio::from(File::create(&log).unwrap()));
    let (running, said) = tokio::task::spawn_blocking(|| process::start_as(command))
        .await
        .unwrap();
    let front = Front::visited_from(SocketAddr::from(([127, 0, 0, 1], process::port(&said))), HOME);
    let mut secrets = Secrets::default();
    secrets.add("the secret of an app", APP.split_once(':').unwrap().1);

    // Accounts, and what goes wrong with them.
    secrets.add("a password", PASSWORD);
    let alice = front.sign_up("alice").await;
    let bob = front.sign_up("bob").await;
    let again = front.sign_in("alice").await;
    for (user, what) in [(&alice, "a cookie"), (&bob, "a cookie"), (&again, "a cookie")] {
        secrets.add(what, user.token());
    }
    for wrong in ["wrong-password-of-alice", "wrong-password-of-nobody"] {
        secrets.add("a wrong password, which is often nearly the right one", wrong);
    }
    for (id, wrong) in [
        ("alice", "wrong-password-of-alice"),
        ("nobody", "wrong-password-of-nobody"),
    ] {
        front
            .post("/api/sign_in", &[("user_id", id), ("password", wrong)], None)
            .await;
    }
    secrets.add("a field of a broken form", "an-unfinished-password");
    front
        .post("/api/sign_in", &[("password", "an-unfinished-password")], None)
        .await;
    secrets.add("a new password", "another-password-of-alice");
    let fields = [("current", PASSWORD), ("new", "another-password-of-alice")];
    let changed = front.post("/api/change_password", &fields, Some(&again)).await;
    let alice = User {
        cookie: cookie_of(changed.headers()),
        ..alice
    };
    secrets.add("a cookie", alice.token());
    secrets.add("a made-up cookie", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let nobody = User {
        cookie: "yodel_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        ..alice.clone()
    };
    front.get("/", Some(&nobody)).await;
    front.get("/", Some(&alice)).await;

    // A login with a userSig, and one that is refused.
    let user_sig = app(APP).sign(&"carol".parse().unwrap(), server::clock::UnixMillis::now(), 60);
    secrets.add("a userSig", &user_sig);
    let mut carols = front.log_in(1_400_000_001, "carol", &user_sig).await;
    welcomed(&mut carols, 3, &mut secrets).await;
    front
        .log_in(1_400_000_001, "mallory", &user_sig)
        .await
        .closed()
        .await;
    secrets.add("a forged userSig", "eJ-a-forged-user-sig");
    front
        .log_in(1_400_000_001, "alice", "eJ-a-forged-user-sig")
        .await
        .closed()
        .await;

    // A call, a lost socket, a socket of nobody's, and messages that are none.
    let mut alices = front.connect(&alice).await;
    let resume = welcomed(&mut alices, 1, &mut secrets).await.unwrap();
    secrets.add("a token to resume with", &resume.token.to_string());
    let mut bobs = front.connect(&bob).await;
    welcomed(&mut bobs, 2, &mut secrets).await;
    for part in [
        "198.51.100.2",
        "PasswordOfIceOfAlice",
        "AB:CD:EF:FE:DC:BA",
        "UfRagOfAlice",
    ] {
        secrets.add("a part of a description or a candidate", part);
    }
    call_with_signals(&mut alices, &mut bobs, &bob).await;
    alices.cut();
    let mut alices = front.connect(&alice).await;
    alices.hello_again(1, Some(resume)).await;
    alices
        .wait_for(|event| matches!(event, Event::Welcomed(_)).then_some(()))
        .await;
    secrets.add("a message that is none", "a-message-that-is-none");
    alices
        .send(Message::text(r#"{"id":9,"a-message-that-is-none":"#))
        .await;
    alices.closed().await;
    front.connect(&nobody).await.closed().await;

    // A database that cannot be written.
    let options = SqliteConnectOptions::new().filename(folder.path().join("data/yodel.db"));
    let mut other = options.connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = front
        .post(
            "/api/sign_in",
            &[("user_id", "bob"), ("password", PASSWORD)],
            None,
        )
        .await;
    assert_eq!(refused.status(), 503);
    other.execute("ROLLBACK").await.unwrap();

    let logged = std::fs::read_to_string(&log).unwrap();
    let of_metrics = logged
        .lines()
        .find(|line| line.contains("metrics can be read"))
        .unwrap();
    let addr = of_metrics.split("addr=").nth(1).unwrap().trim();
    let figures = reqwest::get(format!("http://{addr}/metrics")).await.unwrap();
    let figures = figures.text().await.unwrap();
    process_stops(running).await;

    let log = std::fs::read_to_string(&log).unwrap();
    for expected in [
        "signed up",
        "has another password",
        "cannot open a session",
        "was refused",
        "socket ended",
    ] {
        assert!(
            log.contains(expected),
            "the log is not of this evening: {expected}"
        );
    }
    assert!(log.contains("TRACE"), "it says all that it can say");
    secrets.assert_none_in(&log, "the log");
    secrets.assert_none_in(&figures, "the figures");
    // Who comes from where is said to whoever debugs, and to nobody else.
    let home = HOME.to_string();
    let by_default = log
        .lines()
        .filter(|line| !line.contains("DEBUG") && !line.contains("TRACE"));
    assert_eq!(by_default.into_iter().find(|line| line.contains(&home)), None);
    assert!(!figures.contains(&home));
}

async fn process_stops(running: process::Running) {
    tokio::task::spawn_blocking(|| running.stop()).await.unwrap();
}
