//! Sessions: what is stored of them, and how they end.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::time::timeout;

use crate::common::{PASSWORD, Phone, TestServer, cookie_of};

async fn stored_tokens(server: &TestServer) -> Vec<String> {
    let options = SqliteConnectOptions::new()
        .filename(server.folder.path().join("data/yodel.db"))
        .read_only(true);
    let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    sqlx::query_scalar("SELECT token_hash FROM sessions")
        .fetch_all(&pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn tokens_are_hashed_at_rest() {
    let (server, alice) = TestServer::with_user("alice").await;
    let stored = stored_tokens(&server).await;
    assert_eq!(stored.len(), 1);
    assert_ne!(stored[0], alice.token());
    assert_eq!(stored[0].len(), 64);
    for file in ["yodel.db", "yodel.db-wal"] {
        let bytes = std::fs::read(server.folder.path().join("data").join(file)).unwrap();
        for secret in [alice.token(), PASSWORD] {
            assert!(
                !bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes()),
                "{file}"
            );
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_data() {
    use std::os::unix::fs::PermissionsExt as _;

    let (server, _) = TestServer::with_user("alice").await;
    let data = server.folder.path().join("data");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["yodel.db", "yodel.db-wal", "yodel.db-shm"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn each_sign_in_has_a_new_token_and_closes_the_session_before() {
    let (server, before) = TestServer::with_user("alice").await;
    let mut phone = server.phone(&before, 1).await;
    let fields = [("user_id", "alice"), ("password", PASSWORD)];
    let response = server.post("/api/sign_in", &fields, Some(&before)).await;
    assert_ne!(cookie_of(response.headers()), before.cookie);
    assert_eq!(phone.closed().await, 4401);
    assert_eq!(server.get("/", Some(&before)).await.status(), 303);
    assert_eq!(stored_tokens(&server).await.len(), 1);
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_that_session_alone() {
    let (server, laptop) = TestServer::with_user("alice").await;
    let tablet = server.sign_in("alice").await;
    let mut first_tab = server.phone(&laptop, 1).await;
    let mut second_tab = server.phone(&laptop, 2).await;
    let mut other: Phone = server.phone(&tablet, 3).await;

    assert_eq!(
        server.post("/api/sign_out", &[], Some(&laptop)).await.status(),
        200
    );
    assert_eq!(first_tab.closed().await, 4401);
    assert_eq!(second_tab.closed().await, 4401);
    assert_eq!(server.get("/", Some(&laptop)).await.status(), 303);
    assert_eq!(server.connect(&laptop).await.closed().await, 4401);

    // The other session is untouched: its socket still answers.
    let carol = "carol".parse().unwrap();
    let command = other.call_ids(vec![carol]).await;
    other.refused(command).await;
}

#[tokio::test]
async fn a_hello_after_the_session_was_closed_comes_too_late() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut late = server.connect(&alice).await;
    server.post("/api/sign_out", &[], Some(&alice)).await;
    late.hello(1).await;
    assert_eq!(late.closed().await, 4401);
}

#[tokio::test]
async fn a_made_up_token_opens_nothing() {
    let (server, mut alice) = TestServer::with_user("alice").await;
    alice.cookie = format!("yodel_session={}", "A".repeat(43));
    assert_eq!(server.get("/", Some(&alice)).await.status(), 303);
    assert_eq!(server.connect(&alice).await.closed().await, 4401);
}

#[tokio::test]
async fn signing_out_with_a_made_up_token_does_not_wait_for_the_one_who_may_write() {
    let (server, mut alice) = TestServer::with_user("alice").await;
    let options = SqliteConnectOptions::new().filename(server.folder.path().join("data/yodel.db"));
    let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    let writing = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    alice.cookie = format!("yodel_session={}", "A".repeat(43));
    let answer = timeout(
        Duration::from_secs(2),
        server.post("/api/sign_out", &[], Some(&alice)),
    );
    let answer = answer.await.expect("an answer while somebody else writes");
    assert_eq!(answer.status(), 200);
    assert_eq!(cookie_of(answer.headers()), "yodel_session=", "it is taken away");
    drop(writing);
}
