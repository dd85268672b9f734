//! Coming back after a lost socket: what was missed is repeated, once, to the device that missed it.

use std::time::{Duration, Instant};

use call::id::{CallId, Entry, ResumeToken};
use call::protocol::{Candidate, CloseReason, Command, EndReason, Event, Resume, Signal, Welcome};
use tokio::time::timeout;

use crate::common::{PASSWORD, Phone, TestServer, User, cookie_of};

/// Alice and Bob in a call, and how Bob was welcomed.
struct Talk {
    server: TestServer,
    bob: User,
    alices: Phone,
    bobs: Phone,
    welcome: Welcome,
    call: CallId,
    bobs_entry: Entry,
}

impl Talk {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let alice = server.sign_up("alice").await;
        let bob = server.sign_up("bob").await;
        let mut alices = server.phone(&alice, 1).await;
        let mut bobs = server.connect(&bob).await;
        bobs.hello(2).await;
        let welcome = bobs.welcomed().await;
        alices.call(&[&bob]).await;
        let (call, invite) = bobs.invited().await;
        bobs.accept(invite).await;
        bobs.entry_of(&alice.id).await;
        let bobs_entry = alices.entry_of(&bob.id).await;
        Self {
            server,
            bob,
            alices,
            bobs,
            welcome,
            call,
            bobs_entry,
        }
    }

    /// Bob's socket is lost, and Alice knows it. How far he had heard.
    async fn cut(&mut self) -> Resume {
        let resume = self.bobs.heard_since(&self.welcome).expect("a token");
        let next = self.server.connect(&self.bob).await;
        core::mem::replace(&mut self.bobs, next).cut();
        self.alices
            .wait_for(|event| matches!(event, Event::UserAway { .. }).then_some(()))
            .await;
        resume
    }

    async fn come_back(&mut self, resume: Resume) {
        self.bobs = self.server.connect(&self.bob).await;
        self.bobs.hello_again(2, Some(resume)).await;
    }

    async fn signal(&mut self, port: u16) {
        let command = Command::Signal {
            call: self.call,
            to: self.bob.id.clone(),
            entry: self.bobs_entry,
            signal: candidate(port),
        };
        self.alices.say(command).await;
    }

    /// The next message from Alice's peer connection; `None` if there is none before the welcome, which is kept then.
    async fn signaled(&mut self) -> Option<Signal> {
        loop {
            match self.bobs.hear().await {
                Event::Signaled { signal, .. } => return Some(signal),
                Event::Welcomed(welcome) => {
                    self.welcome = *welcome;
                    return None;
                }
                _ => {}
            }
        }
    }
}

fn candidate(port: u16) -> Signal {
    Signal::Candidate(Candidate {
        candidate: format!("candidate:1 1 udp 1 192.0.2.1 {port} typ host"),
        mid: None,
        m_line_index: Some(0),
    })
}

#[tokio::test]
async fn what_was_said_to_a_lost_socket_and_after_it_is_repeated_before_the_welcome() {
    let mut talk = Talk::begin().await;
    talk.signal(1).await;
    // It is on its way, and Bob has not read it.
    let resume = talk.cut().await;
    talk.signal(2).await;
    talk.come_back(resume).await;
    assert_eq!(talk.signaled().await, Some(candidate(1)));
    assert_eq!(talk.signaled().await, Some(candidate(2)));
    assert_eq!(talk.signaled().await, None);
    assert!(talk.welcome.gap_free);
    assert_ne!(talk.welcome.resume, Some(resume.token));
}

#[tokio::test]
async fn how_the_call_ended_meanwhile_is_told() {
    let mut talk = Talk::begin().await;
    let resume = talk.cut().await;
    let call = talk.call;
    talk.alices.say(Command::Hangup { call }).await;
    talk.alices.ended().await;
    talk.come_back(resume).await;
    assert_eq!(talk.bobs.ended().await, EndReason::OthersLeft);
    assert_eq!(talk.bobs.welcomed().await.call, None);
}

#[tokio::test]
async fn a_token_is_good_once() {
    let mut talk = Talk::begin().await;
    let resume = talk.cut().await;
    talk.signal(1).await;
    talk.come_back(resume).await;
    assert!(talk.signaled().await.is_some());
    assert_eq!(talk.signaled().await, None);
    talk.come_back(resume).await;
    assert_eq!(
        talk.signaled().await,
        None,
        "nothing is repeated for a token that was used"
    );
    assert!(!talk.welcome.gap_free);
}

#[tokio::test]
async fn a_foreign_token_or_a_wrong_number_brings_a_snapshot() {
    let mut talk = Talk::begin().await;
    let resume = talk.cut().await;
    talk.signal(1).await;
    talk.come_back(Resume {
        token: ResumeToken::from_bits(7),
        ..resume
    })
    .await;
    assert_eq!(talk.signaled().await, None);
    assert!(!talk.welcome.gap_free);
    assert_eq!(
        talk.welcome.call.as_ref().map(|there| there.call),
        Some(talk.call)
    );

    let resume = Resume {
        token: talk.welcome.resume.expect("a new token"),
        received: 1_000,
    };
    talk.come_back(resume).await;
    assert_eq!(talk.signaled().await, None);
    assert!(!talk.welcome.gap_free);
}

#[tokio::test]
async fn a_quiet_socket_is_told_that_the_server_is_there() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut alices = server.phone(&alice, 1).await;
    let alive = async { while alices.hear_anything().await != Event::Alive {} };
    timeout(Duration::from_secs(10), alive)
        .await
        .expect("within ten seconds");
}

#[tokio::test]
async fn whoever_is_sent_away_is_told_when_to_come_back_and_those_in_calls_first() {
    let Talk {
        server,
        mut alices,
        mut bobs,
        ..
    } = Talk::begin().await;
    let carol = server.sign_up("carol").await;
    let mut carols = server.phone(&carol, 3).await;
    let stopping = tokio::spawn(server.server.stop());
    let mut told = Vec::new();
    for phone in [&mut alices, &mut bobs, &mut carols] {
        let ms = loop {
            if let Event::Restarting { come_back_in_ms } = phone.hear_anything().await {
                break come_back_in_ms;
            }
        };
        told.push(ms);
        assert_eq!(phone.closed().await, CloseReason::Restarting.code());
    }
    stopping.await.unwrap();
    let last = told.pop();
    assert!(told.iter().all(|ms| Some(*ms) < last), "{told:?} {last:?}");
    assert!(told.iter().all(|ms| (1_000..5_000).contains(ms)), "{told:?}");
}

#[tokio::test]
async fn whoever_is_signed_out_while_their_socket_is_lost_is_out_of_the_call_at_once() {
    let mut talk = Talk::begin().await;
    let here = talk.server.sign_in("bob").await;
    talk.cut().await;
    let asked = Instant::now();
    let fields = [("current", PASSWORD)];
    let done = talk
        .server
        .post("/api/sign_out_elsewhere", &fields, Some(&here))
        .await;
    assert_eq!(done.status(), 200);
    assert_eq!(talk.alices.ended().await, EndReason::OthersLeft, "and not lost");
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn the_place_of_whoever_signs_others_out_is_kept_and_goes_with_the_session_that_they_have_then() {
    let mut talk = Talk::begin().await;
    talk.cut().await;
    let fields = [("current", PASSWORD)];
    let done = talk
        .server
        .post("/api/sign_out_elsewhere", &fields, Some(&talk.bob))
        .await;
    let early = timeout(Duration::from_millis(500), talk.alices.ended()).await;
    assert!(early.is_err(), "{early:?}");
    let here = User {
        id: talk.bob.id.clone(),
        cookie: cookie_of(done.headers()),
    };
    talk.server.post("/api/sign_out", &[], Some(&here)).await;
    assert_eq!(talk.alices.ended().await, EndReason::OthersLeft);
}
