//! Apps are realms: the first is the site's, and every other one is a world of its own.

use call::id::UserId;
use call::protocol::{Command, EndReason, Event, Presence};
use server::apps::Apps;
use server::config::Config;
use server::server::Server;

use crate::common::{Phone, TestServer, app};

const APPS: &str = "1400000001:a secret of the site's own,1400000002:a secret of another app";

async fn with_two_apps() -> TestServer {
    let apps: Apps = APPS.parse().unwrap();
    TestServer::start_with(|config| config.apps = apps).await
}

fn of_site() -> server::apps::App {
    app(APPS)
}

fn of_other() -> server::apps::App {
    app(APPS.split_once(',').unwrap().1)
}

fn id(text: &str) -> UserId {
    text.parse().unwrap()
}

async fn accept(phone: &mut Phone) {
    let (_, invite) = phone.invited().await;
    phone.accept(invite).await;
}

/// Whom a phone sees online among these.
async fn seen(phone: &mut Phone, people: &[&str]) -> Vec<UserId> {
    let mut online = Vec::new();
    let people = people.iter().copied().map(id).collect();
    let watch = phone
        .say(Command::Watch {
            people,
            newcomers: false,
        })
        .await;
    phone
        .wait_for(|event| match event {
            Event::PresenceChanged { people } => {
                let present = people
                    .iter()
                    .filter(|(_, presence)| *presence == Presence::Online);
                online.extend(present.map(|(user, _)| user.clone()));
                None
            }
            Event::Done { command } if *command == watch => Some(()),
            _ => None,
        })
        .await;
    online
}

#[tokio::test]
async fn the_first_apps_people_and_the_sites_people_call_each_other() {
    let server = with_two_apps().await;
    let bob = server.sign_up("bob").await;
    let mut bobs = server.phone(&bob, 2).await;
    let mut alices = server.sdk_phone(&of_site(), "alice", 1).await;

    alices.call_ids(vec![bob.id.clone()]).await;
    let call = alices.placed().await;
    accept(&mut bobs).await;
    alices.entry_of(&bob.id).await;
    alices.say(Command::Hangup { call }).await;
    assert_eq!(bobs.ended().await, EndReason::OthersLeft);

    bobs.call_ids(vec![id("alice")]).await;
    accept(&mut alices).await;
    bobs.entry_of(&id("alice")).await;
}

#[tokio::test]
async fn an_sdk_login_is_the_account_of_the_same_id() {
    let server = with_two_apps().await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let mut at_the_site = server.phone(&alice, 1).await;
    let mut in_the_shop = server.sdk_phone(&of_site(), "alice", 2).await;
    let mut bobs = server.phone(&bob, 3).await;
    bobs.call(&[&alice]).await;
    at_the_site.invited().await;
    in_the_shop.invited().await;
}

#[tokio::test]
async fn people_of_two_apps_neither_see_nor_reach_one_another() {
    let server = with_two_apps().await;
    let mut bob_of_site = server.sdk_phone(&of_site(), "bob", 2).await;
    let mut alice_of_other = server.sdk_phone(&of_other(), "alice", 1).await;
    assert_eq!(seen(&mut alice_of_other, &["alice", "bob"]).await, [id("alice")]);

    // There is no bob in this app, until there is another one.
    alice_of_other.call_ids(vec![id("bob")]).await;
    let call = alice_of_other.placed().await;
    alice_of_other.say(Command::Hangup { call }).await;
    alice_of_other.ended().await;
    let mut bob_of_other = server.sdk_phone(&of_other(), "bob", 2).await;
    alice_of_other.call_ids(vec![id("bob")]).await;
    accept(&mut bob_of_other).await;
    alice_of_other.entry_of(&id("bob")).await;

    // The one of the site has heard nothing, is free, and has the device of the same number still.
    let mut alice_of_site = server.sdk_phone(&of_site(), "alice", 1).await;
    assert_eq!(
        seen(&mut alice_of_site, &["alice", "bob"]).await,
        [id("alice"), id("bob")]
    );
    alice_of_site.call_ids(vec![id("bob")]).await;
    let call = alice_of_site.placed().await;
    assert_eq!(bob_of_site.invited().await.0, call);
}

#[tokio::test]
async fn every_app_but_the_first_has_a_database_of_its_own() {
    let server = with_two_apps().await;
    server.sdk_phone(&of_other(), "alice", 1).await;
    let data = server.folder.path().join("data");
    assert!(data.join("apps/1400000002/yodel.db").is_file());
    assert!(!data.join("apps/1400000001").exists());
    let person = server.server.site().storage().person(&id("alice")).await;
    assert_eq!(person.unwrap(), None);
}

#[tokio::test]
async fn a_stop_tells_the_people_of_every_app_to_come_back() {
    let server = with_two_apps().await;
    let mut of_site = server.sdk_phone(&of_site(), "alice", 1).await;
    let mut of_other = server.sdk_phone(&of_other(), "alice", 1).await;
    server.server.stop().await;
    assert_eq!(of_site.closed().await, 1012);
    assert_eq!(of_other.closed().await, 1012);
}

#[tokio::test]
async fn an_app_with_people_of_its_own_does_not_become_that_of_the_site() {
    let folder = tempfile::TempDir::new().unwrap();
    let start = async |apps: &str| {
        let mut config = Config::default();
        config.addr.set_port(0);
        config.data = folder.path().join("data");
        config.apps = apps.parse().unwrap();
        Server::start(&config).await
    };
    start(APPS).await.unwrap().stop().await;
    let (_, second) = APPS.split_once(',').unwrap();
    let Err(error) = start(second).await else {
        panic!("the site's people would be let in by another secret");
    };
    let said = error.to_string();
    assert!(
        said.contains("1400000002") && !said.contains("secret of another"),
        "{said}"
    );
    start(APPS).await.unwrap().stop().await;
}
