//! A login that ends while its person is in a call.

use std::time::Duration;

use call::id::{CallId, UserId};
use call::media::MediaState;
use call::protocol::{Command, EndReason, Event};
use server::apps::Apps;
use server::clock::UnixMillis;
use server::desk::token::Token;
use server::storage::NewSession;
use tokio::time::sleep;

use crate::common::{Phone, TestServer, User, app};

const APP: &str = "1400000001:a secret of the site's own";
/// How long the logins of these tests last.
const LASTING: Duration = Duration::from_secs(2);
/// Longer than a login lasts and than the server takes to look at it.
const LATER: Duration = Duration::from_secs(8);

const MUTED: MediaState = MediaState {
    microphone: false,
    camera: false,
};

async fn with_app() -> TestServer {
    let apps: Apps = APP.parse().unwrap();
    TestServer::start_with(|config| config.apps = apps).await
}

fn alice() -> UserId {
    "alice".parse().unwrap()
}

/// Alice's phone, with a userSig that expires soon.
async fn by_user_sig(server: &TestServer) -> Phone {
    let seconds = u32::try_from(LASTING.as_secs()).unwrap();
    let user_sig = app(APP).sign(&alice(), UnixMillis::now(), seconds);
    let mut phone = server.log_in(1_400_000_001, "alice", &user_sig).await;
    phone.hello(1).await;
    phone.welcomed().await;
    phone
}

/// Alice's phone, with a session that expires soon.
async fn by_cookie(server: &TestServer) -> Phone {
    let mut alice = server.sign_up("alice").await;
    let token = Token::random().unwrap();
    let now = UnixMillis::now();
    let storage = server.server.site().storage();
    let account = storage.account("alice").await.unwrap().unwrap();
    let session = NewSession {
        key: token.key(),
        user: alice.id.clone(),
        verified: account.password_hash.unwrap(),
        now,
        expires_at: now.plus(LASTING),
    };
    storage.open_session(&session, None).await.unwrap();
    alice.cookie = format!("yodel_session={}", token.reveal());
    server.phone(&alice, 1).await
}

/// Bob has answered Alice's call, and her login has ended meanwhile.
async fn in_an_overlong_call(server: &TestServer, alices: &mut Phone) -> (User, Phone, CallId) {
    let bob = server.sign_up("bob").await;
    let mut bobs = server.phone(&bob, 2).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.accept(invite).await;
    alices.entry_of(&bob.id).await;
    sleep(LATER).await;
    // She is still heard.
    alices.say(Command::Announce { call, media: MUTED }).await;
    bobs.wait_for(|event| {
        matches!(event, Event::MediaAnnounced { media, .. } if *media == MUTED).then_some(())
    })
    .await;
    (bob, bobs, call)
}

#[tokio::test]
async fn a_call_outlives_the_user_sig_and_then_the_socket_is_closed() {
    let server = with_app().await;
    let mut alices = by_user_sig(&server).await;
    let (_, mut bobs, call) = in_an_overlong_call(&server, &mut alices).await;
    bobs.say(Command::Hangup { call }).await;
    assert_eq!(alices.ended().await, EndReason::OthersLeft);
    assert_eq!(alices.closed().await, 4425);
}

#[tokio::test]
async fn a_call_outlives_the_session_and_then_the_socket_is_closed() {
    let server = with_app().await;
    let mut alices = by_cookie(&server).await;
    let (_, mut bobs, call) = in_an_overlong_call(&server, &mut alices).await;
    alices.say(Command::Hangup { call }).await;
    assert_eq!(alices.ended().await, EndReason::HungUp);
    assert_eq!(alices.closed().await, 4401);
    assert_eq!(bobs.ended().await, EndReason::OthersLeft);
}

#[tokio::test]
async fn whoever_rings_somebody_stays_until_that_is_over() {
    let server = with_app().await;
    let bob = server.sign_up("bob").await;
    let mut alices = by_user_sig(&server).await;
    alices.call(&[&bob]).await;
    let call = alices.placed().await;
    sleep(LATER).await;
    alices.say(Command::Hangup { call }).await;
    assert_eq!(alices.ended().await, EndReason::Cancelled);
    assert_eq!(alices.closed().await, 4425);
}

#[tokio::test]
async fn an_expired_login_brings_nobody_else_into_the_call() {
    let server = with_app().await;
    let carol = server.sign_up("carol").await;
    let mut alices = by_user_sig(&server).await;
    let (_, mut bobs, call) = in_an_overlong_call(&server, &mut alices).await;
    alices
        .say(Command::Invite {
            call,
            invitees: vec![carol.id.clone()],
            ring_seconds: None,
        })
        .await;
    assert_eq!(alices.closed().await, 4425);
    // With a new userSig there would be time to come back.
    bobs.wait_for(|event| matches!(event, Event::UserAway { user, .. } if *user == alice()).then_some(()))
        .await;
}

#[tokio::test]
async fn an_expired_login_calls_nobody() {
    let server = with_app().await;
    let bob = server.sign_up("bob").await;
    let mut alices = by_user_sig(&server).await;
    sleep(LASTING).await;
    alices.call(&[&bob]).await;
    assert_eq!(alices.closed().await, 4425);
}

#[tokio::test]
async fn who_is_in_no_call_is_closed_when_the_user_sig_ends() {
    let server = with_app().await;
    let mut phone = by_user_sig(&server).await;
    assert_eq!(phone.closed().await, 4425);
}

#[tokio::test]
async fn who_is_in_no_call_is_closed_when_the_session_ends() {
    let server = with_app().await;
    let mut phone = by_cookie(&server).await;
    assert_eq!(phone.closed().await, 4401);
}
