//! Who is let in at `/sdk/ws`, and how everybody else is told.

use std::time::{Duration, Instant};

use call::protocol::{Command, Event, JSON_SUBPROTOCOL, compact};
use futures::{SinkExt as _, StreamExt as _};
use reqwest::Response;
use reqwest::header::{COOKIE, ORIGIN};
use server::apps::Apps;
use server::clock::UnixMillis;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::common::{PASSWORD, TestServer, User, app};
use crate::origin::foreign_origins;

const APP: &str = "1400000001:a secret of the site's own";
const OTHER_APP: &str = "1400000002:a secret of another app";

async fn with_apps(apps: &str) -> TestServer {
    let apps: Apps = apps.parse().unwrap();
    TestServer::start_with(|config| config.apps = apps).await
}

fn signed(entry: &str, user: &str) -> String {
    app(entry).sign(&user.parse().unwrap(), UnixMillis::now(), 60)
}

#[tokio::test]
async fn whoever_shows_a_user_sig_is_welcomed_as_its_user() {
    let server = with_apps(APP).await;
    let mut phone = server.log_in(1_400_000_001, "alice", &signed(APP, "alice")).await;
    phone.hello(1).await;
    assert_eq!(phone.welcomed().await.user.as_str(), "alice");
}

#[tokio::test]
async fn the_form_is_answered_and_never_the_user_sig() {
    let server = with_apps(APP).await;
    let login = format!("yodel.usersig.1400000001.alice.{}", signed(APP, "alice"));
    let origin = server.origin();
    for (asked, answered) in [
        (
            format!("{}, {login}", compact::SUBPROTOCOL),
            Some(compact::SUBPROTOCOL),
        ),
        (
            format!("{login}, {}", compact::SUBPROTOCOL),
            Some(compact::SUBPROTOCOL),
        ),
        (format!("{JSON_SUBPROTOCOL}, {login}"), Some(JSON_SUBPROTOCOL)),
    ] {
        let (_, chosen) = server.knock(Some(&origin), &asked).await;
        assert_eq!(chosen.as_deref(), answered, "{asked}");
    }
    let refused = format!("{JSON_SUBPROTOCOL}, yodel.usersig.1400000001.alice.eJ");
    let (mut phone, chosen) = server.knock(Some(&origin), &refused).await;
    assert_eq!(
        chosen.as_deref(),
        Some(JSON_SUBPROTOCOL),
        "or a browser would say nothing of why"
    );
    assert_eq!(phone.closed().await, 4422);
}

#[tokio::test]
async fn each_refusal_has_a_close_code_of_its_own() {
    let server = with_apps(&format!("{APP},{OTHER_APP}")).await;
    let alice = "alice".parse().unwrap();
    let expired = app(APP).sign(&alice, UnixMillis::from_millis(1_750_000_000_000), 60);
    let good = signed(APP, "alice");
    let guessed = signed("1400000001:guessed", "alice");
    let for_bob = signed(APP, "bob");
    let for_other_app = signed(OTHER_APP, "alice");
    for (id, user, user_sig, code) in [
        (7, "alice", &good, 4421),
        (1_400_000_001, "alice", &"eJwrSS0uAQAEXQHB".to_owned(), 4422),
        (1_400_000_001, "alice", &good[..good.len() - 8].to_owned(), 4422),
        (1_400_000_001, "alice", &"A".repeat(5000), 4422),
        (1_400_000_001, "alice", &guessed, 4423),
        (1_400_000_001, "alice", &for_bob, 4424),
        (1_400_000_001, "alice", &for_other_app, 4424),
        (1_400_000_002, "alice", &good, 4424),
        (1_400_000_001, "alice", &expired, 4425),
    ] {
        let mut phone = server.log_in(id, user, user_sig).await;
        assert_eq!(phone.closed().await, code, "{id} {user} {user_sig}");
    }
    let mut nothing = server.knock(Some(&server.origin()), JSON_SUBPROTOCOL).await.0;
    assert_eq!(nothing.closed().await, 4422);
    // None of them has left an account behind.
    let site = server.server.site();
    assert_eq!(site.storage().person(&alice).await.unwrap(), None);
}

#[tokio::test]
async fn without_apps_nobody_is_let_in() {
    let server = TestServer::start().await;
    let mut phone = server.log_in(1_400_000_001, "alice", &signed(APP, "alice")).await;
    assert_eq!(phone.closed().await, 4420);
}

#[tokio::test]
async fn pages_of_other_sites_are_let_in_only_if_they_are_listed() {
    let apps: Apps = APP.parse().unwrap();
    let server = TestServer::start_with(|config| {
        config.apps = apps;
        config.origins = vec!["https://shop.example".parse().unwrap()];
    })
    .await;
    let login = format!(
        "{JSON_SUBPROTOCOL}, yodel.usersig.1400000001.alice.{}",
        signed(APP, "alice")
    );
    for (what, origin) in foreign_origins(&server) {
        let (mut phone, _) = server.knock(origin.as_deref(), &login).await;
        assert_eq!(phone.closed().await, 4427, "{what}");
    }
    for origin in [
        "http://shop.example",
        "https://shop.example:444",
        "https://shop.example.evil.example",
    ] {
        let (mut phone, _) = server.knock(Some(origin), &login).await;
        assert_eq!(phone.closed().await, 4427, "{origin}");
    }
    for origin in [server.origin().as_str(), "https://shop.example"] {
        let (mut phone, _) = server.knock(Some(origin), &login).await;
        phone.hello(1).await;
        phone.welcomed().await;
    }
}

#[tokio::test]
async fn a_cookie_opens_nothing_there_and_a_user_sig_nothing_here() {
    let server = with_apps(APP).await;
    let alice = server.sign_up("alice").await;
    let login = format!(
        "{JSON_SUBPROTOCOL}, yodel.usersig.1400000001.alice.{}",
        signed(APP, "alice")
    );
    for (path, cookie, subprotocols, code) in [
        ("/sdk/ws", alice.cookie.as_str(), JSON_SUBPROTOCOL, 4422),
        ("/ws", "x=1", login.as_str(), 4401),
    ] {
        let url = format!("ws://{}{path}", server.server.addr());
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", server.origin().parse().unwrap());
        headers.insert("cookie", cookie.parse().unwrap());
        headers.insert("sec-websocket-protocol", subprotocols.parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let Some(Ok(Message::Close(Some(frame)))) = socket.next().await else {
            panic!("not closed")
        };
        assert_eq!(u16::from(frame.code), code, "{path}");
        let _ = socket.close(None).await;
    }
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_let_people_in() {
    let server = with_apps("1400000001:the new secret,1400000001:the old secret").await;
    for entry in ["1400000001:the new secret", "1400000001:the old secret"] {
        server.sdk_phone(&app(entry), "alice", 1).await;
    }
    let forgotten = signed("1400000001:the oldest secret", "alice");
    let mut phone = server.log_in(1_400_000_001, "alice", &forgotten).await;
    assert_eq!(phone.closed().await, 4423);
}

#[tokio::test]
async fn who_comes_for_the_first_time_gets_an_account_that_no_password_opens() {
    let server = with_apps(APP).await;
    let bob = server.sign_up("bob").await;
    let mut bobs = server.phone(&bob, 2).await;
    bobs.watch_newcomers().await;

    let first = server.sdk_phone(&app(APP), "alice", 1).await;
    let newcomer = bobs.wait_for(|event| match event {
        Event::PersonJoined { person } => Some(person.clone()),
        _ => None,
    });
    let newcomer = newcomer.await;
    assert_eq!((newcomer.id.as_str(), newcomer.name.as_str()), ("alice", "alice"));
    first.close().await;
    server.sdk_phone(&app(APP), "alice", 1).await;

    for password in ["", PASSWORD, "nobody has this password"] {
        let fields = [("user_id", "alice"), ("password", password)];
        assert_eq!(server.post("/api/sign_in", &fields, None).await.status(), 401);
    }
    let fields = [("user_id", "alice"), ("name", "Alice"), ("password", PASSWORD)];
    assert_eq!(server.post("/api/sign_up", &fields, None).await.status(), 409);
}

/// How long the quickest of some refused sign-ins takes.
async fn refusal_takes(server: &TestServer, user_id: &str) -> Duration {
    let mut quickest = Duration::MAX;
    for _ in 0..4 {
        let fields = [("user_id", user_id), ("password", PASSWORD)];
        let asked = Instant::now();
        assert_eq!(server.post("/api/sign_in", &fields, None).await.status(), 401);
        quickest = quickest.min(asked.elapsed());
    }
    quickest
}

#[tokio::test]
async fn the_time_of_a_sign_in_does_not_tell_who_has_no_password() {
    let server = with_apps(APP).await;
    server.sdk_phone(&app(APP), "alice", 1).await;
    let without_password = refusal_takes(&server, "alice").await;
    let without_account = refusal_takes(&server, "nobody").await;
    // Both are the time of one argon2id; anything else takes a small part of it.
    assert!(
        without_password > without_account / 3,
        "{without_password:?} {without_account:?}"
    );
}

#[tokio::test]
async fn somebody_elses_id_in_other_capitals_is_refused() {
    let server = with_apps(APP).await;
    server.sign_up("alice").await;
    let mut phone = server.log_in(1_400_000_001, "Alice", &signed(APP, "Alice")).await;
    assert_eq!(phone.closed().await, 4426);
}

async fn ask_for_user_sig(server: &TestServer, origin: &str, user: Option<&User>) -> Response {
    let mut request = server
        .http
        .post(server.url("/api/user-sig"))
        .header(ORIGIN, origin);
    if let Some(user) = user {
        request = request.header(COOKIE, &user.cookie);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn whoever_is_signed_in_to_the_site_is_given_a_user_sig() {
    let server = with_apps(&format!("{APP},{OTHER_APP}")).await;
    let alice = server.sign_up("alice").await;
    let response = ask_for_user_sig(&server, &server.origin(), Some(&alice)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let issued: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(issued["SDKAppID"], 1_400_000_001);
    assert_eq!(issued["userID"], "alice");
    let user_sig = issued["userSig"].as_str().unwrap();
    let ends_at = app(APP).verify(user_sig, &alice.id, UnixMillis::now()).unwrap();
    assert!((3590..=3600).contains(&ends_at.since(UnixMillis::now()).as_secs()));
    let mut phone = server.log_in(1_400_000_001, "alice", user_sig).await;
    phone.hello(1).await;
    phone.welcomed().await;
}

#[tokio::test]
async fn nobody_else_is_given_one_and_the_answer_says_why() {
    let server = with_apps(APP).await;
    let alice = server.sign_up("alice").await;
    let stranger = ask_for_user_sig(&server, &server.origin(), None).await;
    assert_eq!(stranger.status(), 401);
    assert_eq!(
        stranger.text().await.unwrap(),
        r#"{"problem":"signedOut","message":"sign in first"}"#
    );
    let foreign = ask_for_user_sig(&server, "https://evil.example", Some(&alice)).await;
    assert_eq!(foreign.status(), 403);

    let (server, alice) = TestServer::with_user("alice").await;
    let response = ask_for_user_sig(&server, &server.origin(), Some(&alice)).await;
    assert_eq!(response.status(), 404);
    let text = response.text().await.unwrap();
    assert!(
        text.contains(r#""problem":"noApps""#) && text.contains("YODEL_APPS"),
        "{text}"
    );
}

#[tokio::test]
async fn compact_bytes_are_spoken_there_too() {
    let server = with_apps(APP).await;
    let url = format!("ws://{}/sdk/ws", server.server.addr());
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    let login = format!(
        "{}, yodel.usersig.1400000001.alice.{}",
        compact::SUBPROTOCOL,
        signed(APP, "alice")
    );
    headers.insert("origin", server.origin().parse().unwrap());
    headers.insert("sec-websocket-protocol", login.parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let hello = call::protocol::ClientMsg {
        id: call::id::CommandId(1),
        command: Command::Hello(call::protocol::Hello {
            version: call::protocol::VERSION,
            device: call::id::DeviceId::from_bits(1),
            login: call::protocol::Login::Exclusive,
            resume: None,
        }),
    };
    socket
        .send(Message::binary(compact::encode(&hello)))
        .await
        .unwrap();
    let Some(Ok(Message::Binary(bytes))) = socket.next().await else {
        panic!("not a compact event")
    };
    assert!(matches!(compact::decode(&bytes), Ok(Event::Welcomed(_))));
}
