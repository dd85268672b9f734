//! A disk that does not answer.

use std::time::Duration;

use call::media::MediaState;
use call::protocol::{Command, EndReason, Event, Refusal};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::time::{sleep, timeout};

use crate::common::{PASSWORD, PATIENCE, TestServer};

#[tokio::test]
async fn while_the_database_is_locked_calls_go_on_and_afterwards_all_is_well() {
    let server = TestServer::start().await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;

    let options = SqliteConnectOptions::new().filename(server.folder.path().join("data/yodel.db"));
    let mut other = options.connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();

    // A call from its beginning to its end, though its line in the history cannot be written.
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.say(Command::Accept {
        invite,
        media: MediaState::default(),
        signals: Vec::new(),
    })
    .await;
    alices
        .wait_for(|event| matches!(event, Event::UserEntered { .. }).then_some(()))
        .await;
    bobs.say(Command::Hangup { call }).await;
    let reason = alices.wait_for(|event| match event {
        Event::Ended { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(reason.await, EndReason::OthersLeft);

    // By now it is known that nothing can be stored: what begins would not outlive the server, and does not begin.
    let command = alices.call(&[&bob]).await;
    assert_eq!(alices.refused(command).await, Refusal::Unavailable);

    let fields = [("user_id", "carol"), ("name", "Carol"), ("password", PASSWORD)];
    let refused = server.post("/api/sign_up", &fields, None).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.text().await.unwrap().contains("Unavailable"));

    other.execute("ROLLBACK").await.unwrap();
    server.sign_up("carol").await;
    let storage = server.server.site().realm().storage();
    let stored = async || storage.recent_calls(&bob.id, 10).await.unwrap().len();
    timeout(PATIENCE, async {
        while stored().await == 0 {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("what could not be stored was kept, and is stored now");
    assert_eq!(storage.running_calls().await.unwrap(), [], "that call is over");
    alices.call(&[&bob]).await;
    bobs.invited().await;
}
