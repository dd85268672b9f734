//! Storage, through its traits.

use std::time::Duration;

use app::page::PastOutcome;
use call::id::{CallId, DisplayName, Person, UserId};
use call::media::CallType;
use call::protocol::InviteOutcome;
use server::clock::UnixMillis;
use server::desk::token::{SessionKey, Token};
use server::storage::sqlite::SqliteStorage;
use server::storage::{Account, Accounts, CreateAccountError, LoggedCall, Sessions, Storage};
use tempfile::TempDir;

async fn open(folder: &TempDir) -> SqliteStorage {
    SqliteStorage::open(&folder.path().join("data")).await.unwrap()
}

fn account(id: &str, name: &str) -> Account {
    let person = Person {
        id: id.parse().unwrap(),
        name: name.parse().unwrap(),
    };
    Account {
        person,
        password_hash: "$hash".into(),
    }
}

fn at(ms: i64) -> UnixMillis {
    UnixMillis::from_millis(ms)
}

#[tokio::test]
async fn people_outlive_a_restart() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    storage
        .create_account(&account("alice", "爱丽丝"), at(1))
        .await
        .unwrap();
    storage.close().await;
    drop(storage);

    let storage = open(&folder).await;
    let alice = storage.person(&"alice".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(alice.name.as_str(), "爱丽丝");
    let again = storage.create_account(&account("Alice", "Other"), at(2)).await;
    assert!(matches!(again, Err(CreateAccountError::Taken)));
    assert_eq!(storage.account("ALICE").await.unwrap().unwrap().person, alice);
    assert_eq!(storage.person(&"ALICE".parse().unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn a_search_folds_case_in_any_script_and_takes_wildcards_for_letters() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    for (id, name) in [("a_b", "Ärger"), ("axb", "Zoë"), ("me", "Ärgerlich")] {
        storage.create_account(&account(id, name), at(1)).await.unwrap();
    }
    let me: UserId = "me".parse().unwrap();
    let find = async |query: &str| {
        let people = storage.find_people(&me, query).await.unwrap();
        people
            .found
            .into_iter()
            .map(|person| person.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(find("ÄRG").await, ["a_b"]);
    assert_eq!(find("a_b").await, ["a_b"]);
    assert_eq!(find("").await, ["axb", "a_b"]);
}

#[tokio::test]
async fn a_session_ends_by_its_age_and_by_being_replaced() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    storage
        .create_account(&account("alice", "Alice"), at(0))
        .await
        .unwrap();
    let alice: UserId = "alice".parse().unwrap();
    let [first, second]: [SessionKey; 2] = std::array::from_fn(|_| Token::random().unwrap().key());
    storage
        .open_session(&first, &alice, None, at(0), at(100))
        .await
        .unwrap();
    assert!(storage.session(&first, at(99)).await.unwrap().is_some());
    assert!(storage.session(&first, at(100)).await.unwrap().is_none());

    storage
        .open_session(&second, &alice, Some(&first), at(1), at(200))
        .await
        .unwrap();
    assert!(storage.session(&first, at(2)).await.unwrap().is_none());
    assert_eq!(storage.sweep_sessions(at(200)).await.unwrap(), 1);
    storage.close_session(&second).await.unwrap();
}

#[tokio::test]
async fn the_history_shows_each_side_its_own_view_newest_first() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    let storage: &dyn Storage = &storage;
    for id in ["alice", "bob"] {
        storage.create_account(&account(id, id), at(0)).await.unwrap();
    }
    let [alice, bob]: [UserId; 2] = ["alice", "bob"].map(|id| id.parse().unwrap());
    let outcomes = [
        InviteOutcome::Accepted,
        InviteOutcome::Rejected,
        InviteOutcome::Cancelled,
        InviteOutcome::TimedOut,
        InviteOutcome::Busy,
    ];
    let calls: Vec<LoggedCall> = outcomes
        .iter()
        .zip(1..)
        .map(|(outcome, n)| LoggedCall {
            call: CallId::from_bits(n),
            caller: alice.clone(),
            callee: bob.clone(),
            call_type: CallType::Video,
            outcome: *outcome,
            connected: Duration::from_secs(n),
            placed_at: at(i64::try_from(n).unwrap()),
        })
        .collect();
    storage.log_calls(&calls).await.unwrap();
    let seen = async |who: &UserId| {
        let recent = storage.recent_calls(who, 20).await.unwrap();
        recent.into_iter().map(|call| call.outcome).collect::<Vec<_>>()
    };
    use PastOutcome::{Declined, Incoming, Missed, Outgoing, Unanswered};
    assert_eq!(
        seen(&alice).await,
        [Unanswered, Unanswered, Unanswered, Unanswered, Outgoing]
    );
    assert_eq!(seen(&bob).await, [Missed, Missed, Missed, Declined, Incoming]);
    let newest = &storage.recent_calls(&bob, 1).await.unwrap()[0];
    assert_eq!((newest.placed_at_ms, newest.connected_ms), (5, 5000));
    assert_eq!(newest.with.name, DisplayName::of(&alice));
}
