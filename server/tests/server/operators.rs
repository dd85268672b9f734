//! What an operator sees: whether the server is ready, and its figures.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use call::protocol::{Command, Event};
use server::apps::Apps;
use server::config::Config;
use server::server::{Server, StartError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::common::{PASSWORD, PATIENCE, TestServer, app};

const APP: &str = "1400000001:a secret of the site's own";
const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

async fn with_metrics() -> TestServer {
    TestServer::start_with(|config| {
        config.metrics = Some(ANYWHERE);
        config.apps = APP.parse::<Apps>().unwrap();
    })
    .await
}

async fn figures(server: &TestServer) -> String {
    let addr = server.server.metrics_addr().unwrap();
    let response = reqwest::get(format!("http://{addr}/metrics")).await.unwrap();
    assert_eq!(response.status(), 200);
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    response.text().await.unwrap()
}

/// Sockets are counted by their tasks, which end a moment after the client knows of it.
async fn wait_for_line(server: &TestServer, line: &str) {
    let seen = async {
        while !figures(server).await.lines().any(|it| it == line) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    if timeout(PATIENCE, seen).await.is_err() {
        panic!("no {line} in {}", figures(server).await);
    }
}

#[tokio::test]
async fn figures_follow_a_call_and_its_sockets() {
    let server = with_metrics().await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.say(Command::ConfirmRinging { invite }).await;
    bobs.accept(invite).await;
    alices
        .wait_for(|event| matches!(event, Event::UserEntered { .. }).then_some(()))
        .await;
    for line in [
        "yodel_sockets_open 2",
        "yodel_calls_active 1",
        "yodel_calls_placed_total 1",
        "yodel_rings_total 1",
        "yodel_ring_seconds_count 1",
        "yodel_command_seconds_count 3",
    ] {
        wait_for_line(&server, line).await;
    }
    bobs.say(Command::Hangup { call }).await;
    alices.ended().await;
    bobs.close().await;
    alices.send(Message::text("no message")).await;
    assert_eq!(alices.closed().await, 1007);
    for line in [
        "yodel_sockets_open 0",
        "yodel_calls_active 0",
        r#"yodel_invitations_ended_total{outcome="accepted"} 1"#,
        r#"yodel_sockets_closed_total{reason="client"} 1"#,
        r#"yodel_sockets_closed_total{reason="malformed"} 1"#,
    ] {
        wait_for_line(&server, line).await;
    }
    // What comes at the same moment is stored at once, so there may be fewer than there were changes.
    let text = figures(&server).await;
    assert!(!text.contains("yodel_commit_seconds_count 0"), "{text}");
}

#[tokio::test]
async fn what_is_refused_is_counted_by_its_reason() {
    let server = with_metrics().await;
    let [alice, bob, carol] = [
        server.sign_up("alice").await,
        server.sign_up("bob").await,
        server.sign_up("carol").await,
    ];
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;
    let mut carols = server.phone(&carol, 3).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    // Somebody else's call, twice; somebody else's invitation; nobody; and messages that are none.
    for command in [Command::Hangup { call }, Command::SwitchToVideo { call }] {
        let command = carols.say(command).await;
        carols.refused(command).await;
    }
    let command = carols.say(Command::Reject { invite }).await;
    carols.refused(command).await;
    let command = carols.call_ids(vec!["nobody".parse().unwrap()]).await;
    carols.refused(command).await;
    for line in [
        r#"yodel_commands_refused_total{refusal="no-such-call"} 2"#,
        r#"yodel_commands_refused_total{refusal="no-such-invite"} 1"#,
        r#"yodel_commands_refused_total{refusal="unknown-user"} 1"#,
    ] {
        wait_for_line(&server, line).await;
    }
    for text in [
        r#"{"id":9,"command":{"dance":{}}}"#,
        r#"{"id":9,"id":9,"command":{"hangup":{"call":"0000000000000001"}}}"#,
    ] {
        let mut phone = server.phone(&carol, 4).await;
        phone.send(Message::text(text)).await;
        assert_eq!(phone.closed().await, 1007);
    }
    wait_for_line(&server, r#"yodel_sockets_closed_total{reason="malformed"} 2"#).await;
}

#[tokio::test]
async fn figures_tell_nothing_of_people() {
    let server = with_metrics().await;
    let alice = server.sign_up("alice-of-the-library").await;
    let bob = server.sign_up("bob-of-the-kitchen").await;
    let wrong = [("user_id", "alice-of-the-library"), ("password", "a wrong word")];
    assert_eq!(server.post("/api/sign_in", &wrong, None).await.status(), 401);
    let mut carols = server.sdk_phone(&app(APP), "carol-of-the-workshop", 3).await;
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.say(Command::ConfirmRinging { invite }).await;
    bobs.say(Command::Reject { invite }).await;
    alices.ended().await;
    carols.call(&[&alice]).await;
    alices.invited().await;
    let forged = server
        .log_in(1_400_000_001, "carol-of-the-workshop", "eJ-forged")
        .await;
    forged.cut();

    let text = figures(&server).await;
    assert!(text.contains("outcome=\"rejected\""), "{text}");
    for secret in [
        "alice",
        "bob",
        "carol",
        PASSWORD,
        "a wrong word",
        alice.token(),
        bob.token(),
        "eJ-forged",
        "a secret of",
        "1400000001",
        "127.0.0.1",
        &call.to_string(),
        &invite.to_string(),
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn figures_are_never_on_the_public_port() {
    let server = with_metrics().await;
    assert_eq!(server.get("/metrics", None).await.status(), 404);
    let addr = server.server.metrics_addr().unwrap();
    let page = reqwest::get(format!("http://{addr}/")).await.unwrap();
    assert_eq!(page.status(), 404, "and nothing else is where they are");

    assert_eq!(TestServer::start().await.server.metrics_addr(), None);
}

#[tokio::test]
async fn a_listener_for_figures_that_cannot_be_had_is_named() {
    let taken = std::net::TcpListener::bind(ANYWHERE).unwrap();
    let folder = TempDir::new().unwrap();
    let mut config = Config::default();
    config.addr.set_port(0);
    config.data = folder.path().join("data");
    config.metrics = Some(taken.local_addr().unwrap());
    let Err(error) = Server::start(&config).await else {
        panic!("it has started")
    };
    assert!(matches!(error, StartError::ListenForMetrics { .. }), "{error}");
    assert!(error.to_string().contains("--metrics"), "{error}");
}

async fn readiness(server: &TestServer) -> (u16, String) {
    let response = server.get("/readyz", None).await;
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_server_is_ready_while_its_database_can_be_written() {
    let server = TestServer::start().await;
    let options = SqliteConnectOptions::new().filename(server.folder.path().join("data/yodel.db"));
    let mut other = options.connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(readiness(&server).await, (503, "storage".to_owned()));

    other.execute("ROLLBACK").await.unwrap();
    wait_for_readiness(&server, (200, "ready")).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_whose_database_was_moved_away_is_not_ready() {
    let server = TestServer::start().await;
    assert_eq!(readiness(&server).await, (200, "ready".to_owned()));
    let file = server.folder.path().join("data/yodel.db");
    let elsewhere = file.with_extension("moved");
    std::fs::rename(&file, &elsewhere).unwrap();
    wait_for_readiness(&server, (503, "storage")).await;
    std::fs::write(&file, "something else").unwrap();
    // Longer than an answer is good for.
    sleep(Duration::from_millis(1_100)).await;
    assert_eq!(readiness(&server).await, (503, "storage".to_owned()));

    std::fs::rename(&elsewhere, &file).unwrap();
    wait_for_readiness(&server, (200, "ready")).await;
}

async fn wait_for_readiness(server: &TestServer, (status, word): (u16, &str)) {
    let seen = async {
        while readiness(server).await != (status, word.to_owned()) {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, seen).await.expect(word);
}

#[tokio::test]
async fn a_server_that_stops_is_not_ready() {
    let server = TestServer::start().await;
    assert_eq!(readiness(&server).await, (200, "ready".to_owned()));
    server.server.site().hub().stop().await;
    let stopping = async {
        while readiness(&server).await != (503, "stopping".to_owned()) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, stopping).await.expect("not ready any more");
}
