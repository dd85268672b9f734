//! Storage, through its traits.

use std::time::Duration;

use app::page::PastOutcome;
use call::id::{CallId, DisplayName, GroupId, Person, UserId};
use call::media::CallType;
use call::protocol::{InviteOutcome, limits};
use server::clock::UnixMillis;
use server::desk::token::{SessionKey, Token};
use server::storage::sqlite::SqliteStorage;
use server::storage::{
    Account, Accounts, AdmitError, Admitted, BlockError, Blocks, CallChange, CallLog, ChangeGroupError,
    CreateAccountError, Groups, LoggedCall, NewSession, NewSessionError, Sessions, Storage,
};
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
        password_hash: Some("$hash".into()),
    }
}

fn at(ms: i64) -> UnixMillis {
    UnixMillis::from_millis(ms)
}

fn session(key: SessionKey, user: &UserId, verified: &str, (from, until): (i64, i64)) -> NewSession {
    NewSession {
        key,
        user: user.clone(),
        verified: verified.into(),
        now: at(from),
        expires_at: at(until),
    }
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
async fn a_verified_login_finds_its_person_or_makes_one_without_a_password() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    storage
        .create_account(&account("alice", "Alice A."), at(1))
        .await
        .unwrap();
    let [alice, in_capitals, bob] = ["alice", "ALICE", "bob"].map(|id| id.parse::<UserId>().unwrap());
    let Admitted::Known(known) = storage.admit(&alice, at(2)).await.unwrap() else {
        panic!("she was known")
    };
    assert_eq!(known.name.as_str(), "Alice A.");
    let refused = storage.admit(&in_capitals, at(2)).await;
    assert!(matches!(refused, Err(AdmitError::TakenInOtherCase)));

    // Many at once make one account, and one of them has made it.
    let logins = (0..8).map(|_| storage.admit(&bob, at(2)));
    let admitted = futures::future::try_join_all(logins).await.unwrap();
    let new = admitted.iter().filter(|it| matches!(it, Admitted::New(_)));
    assert_eq!(new.count(), 1);
    let stored = storage.account("bob").await.unwrap().unwrap();
    assert_eq!((stored.person.name.as_str(), stored.password_hash), ("bob", None));
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
    let opened = storage
        .open_session(&session(first, &alice, "$hash", (0, 100)), None)
        .await;
    assert!(!opened.unwrap(), "it is in no other's place");
    assert!(storage.session(&first, at(99)).await.unwrap().is_some());
    assert!(storage.session(&first, at(100)).await.unwrap().is_none());

    let opened = storage
        .open_session(&session(second, &alice, "$hash", (1, 200)), Some(&first))
        .await;
    assert!(opened.unwrap());
    assert!(storage.session(&first, at(2)).await.unwrap().is_none());
    assert_eq!(storage.sweep_sessions(at(200)).await.unwrap(), 1);
    assert!(
        !storage.close_session(&second).await.unwrap(),
        "there is none any more"
    );
}

#[tokio::test]
async fn a_password_that_was_changed_while_it_was_checked_opens_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    storage
        .create_account(&account("alice", "Alice"), at(0))
        .await
        .unwrap();
    let alice: UserId = "alice".parse().unwrap();
    let [mine, late, later]: [SessionKey; 3] = std::array::from_fn(|_| Token::random().unwrap().key());
    let changed = storage
        .renew_sessions(&session(mine, &alice, "$hash", (0, 100)), Some("$another"))
        .await;
    assert_eq!(changed.unwrap(), []);

    // These were checked against what was there before.
    let late = session(late, &alice, "$hash", (1, 100));
    let opened = storage.open_session(&late, Some(&mine)).await;
    assert!(
        matches!(opened, Err(NewSessionError::PasswordChanged)),
        "{opened:?}"
    );
    for password_hash in [None, Some("$third")] {
        let renewed = storage.renew_sessions(&late, password_hash).await;
        assert!(
            matches!(renewed, Err(NewSessionError::PasswordChanged)),
            "{renewed:?}"
        );
    }
    assert!(storage.session(&late.key, at(2)).await.unwrap().is_none());
    assert!(storage.session(&mine, at(2)).await.unwrap().is_some());
    let kept = storage.account("alice").await.unwrap().unwrap();
    assert_eq!(kept.password_hash.as_deref(), Some("$another"));

    let later = session(later, &alice, "$another", (2, 100));
    storage.open_session(&later, None).await.unwrap();
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
    let calls: Vec<CallChange> = outcomes
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
            kept_from_callee: false,
        })
        .map(CallChange::Logged)
        .collect();
    storage.store_calls(&calls).await.unwrap();
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

/// Alice, Bob and Carol have accounts.
async fn three() -> (TempDir, SqliteStorage, [UserId; 3]) {
    let folder = TempDir::new().unwrap();
    let storage = open(&folder).await;
    let ids = ["alice", "bob", "carol"];
    for id in ids {
        storage.create_account(&account(id, id), at(0)).await.unwrap();
    }
    (folder, storage, ids.map(|id| id.parse().unwrap()))
}

#[tokio::test]
async fn a_block_outlives_a_restart_and_is_taken_back() {
    let (folder, storage, [alice, bob, carol]) = three().await;
    for _ in 0..2 {
        storage.block(&bob, &alice, at(1)).await.unwrap();
    }
    storage.close().await;
    drop(storage);

    let storage = open(&folder).await;
    assert_eq!(storage.blocked_by(&bob).await.unwrap(), [alice.clone()].into());
    assert_eq!(storage.blocked_by(&alice).await.unwrap(), [].into());
    let among = [bob.clone(), carol.clone()];
    let blockers = storage.blockers_of(&alice, &among).await.unwrap();
    assert_eq!(blockers, &among[..1], "Carol has not");
    assert_eq!(storage.blockers_of(&bob, &among[1..]).await.unwrap(), []);

    for _ in 0..2 {
        storage.unblock(&bob, &alice).await.unwrap();
    }
    assert_eq!(storage.blocked_by(&bob).await.unwrap(), [].into());
}

#[tokio::test]
async fn oneself_nobody_and_one_too_many_are_not_blocked() {
    let (_folder, storage, [alice, ..]) = three().await;
    let oneself = storage.block(&alice, &alice, at(1)).await;
    assert!(matches!(oneself, Err(BlockError::Oneself)));
    let nobody: UserId = "nobody".parse().unwrap();
    let unknown = storage.block(&alice, &nobody, at(1)).await;
    assert!(matches!(unknown, Err(BlockError::UnknownPerson { user }) if user == nobody));

    for n in 0..=limits::BLOCKS {
        let id = format!("p{n}");
        storage.create_account(&account(&id, &id), at(0)).await.unwrap();
        let blocked = storage.block(&alice, &id.parse().unwrap(), at(1)).await;
        if n < limits::BLOCKS {
            blocked.unwrap();
        } else {
            assert!(matches!(blocked, Err(BlockError::TooMany)));
        }
    }
    assert_eq!(storage.blocked_by(&alice).await.unwrap().len(), limits::BLOCKS);
}

#[tokio::test]
async fn a_call_that_was_kept_from_the_callee_is_in_the_callers_history_alone() {
    let (_folder, storage, [alice, bob, _]) = three().await;
    let call = LoggedCall {
        call: CallId::from_bits(1),
        caller: alice.clone(),
        callee: bob.clone(),
        call_type: CallType::Audio,
        outcome: InviteOutcome::TimedOut,
        connected: Duration::ZERO,
        placed_at: at(1),
        kept_from_callee: true,
    };
    storage.store_calls(&[CallChange::Logged(call)]).await.unwrap();
    let seen = async |who| storage.recent_calls(who, 20).await.unwrap().len();
    assert_eq!([seen(&alice).await, seen(&bob).await], [1, 0]);
}

#[tokio::test]
async fn nobody_is_put_into_a_group_by_somebody_whom_they_have_blocked() {
    let (_folder, storage, [alice, bob, carol]) = three().await;
    let group = |n| call::id::Group {
        id: GroupId::from_bits(n),
        name: "Kitchen".parse().unwrap(),
    };
    let kitchen = group(1);
    let both = [bob.clone()];
    storage
        .create_group(&alice, &kitchen, &both, at(1))
        .await
        .unwrap();
    storage.block(&bob, &alice, at(2)).await.unwrap();

    let of_both = [carol.clone(), bob.clone()];
    let made = storage.create_group(&alice, &group(2), &of_both, at(3)).await;
    assert!(matches!(made, Err(ChangeGroupError::CannotBeAdded { user }) if user == bob));
    assert_eq!(
        storage.groups_of(&carol).await.unwrap(),
        [],
        "all of them, or none"
    );

    // Who is in a group is in it, whatever has become of the two since.
    storage
        .add_members(&alice, kitchen.id, &both, at(4))
        .await
        .unwrap();
    storage.leave_group(&bob, kitchen.id).await.unwrap();
    let added = storage.add_members(&alice, kitchen.id, &both, at(5)).await;
    assert!(matches!(added, Err(ChangeGroupError::CannotBeAdded { user }) if user == bob));

    // Others put the two together, and the one who has blocked may, too.
    storage
        .create_group(&carol, &group(3), &[alice.clone(), bob.clone()], at(6))
        .await
        .unwrap();
    storage
        .create_group(&bob, &group(4), &[alice], at(7))
        .await
        .unwrap();
}
