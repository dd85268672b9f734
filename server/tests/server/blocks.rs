//! Blocks: made by forms, and to those who are blocked just like somebody offline.

use std::time::Duration;

use call::id::UserId;
use call::media::CallType;
use call::protocol::{Command, EndReason, Event, InviteOutcome, Presence, Refusal};
use reqwest::Response;
use serde_json::{Value, json};

use crate::common::{Phone, TestServer, User, location};

/// How long it rings in these tests.
const RING: Duration = Duration::from_secs(1);

async fn alice_and_bob() -> (TestServer, [User; 2]) {
    let server = TestServer::start_with(|config| config.ring = RING).await;
    let people = [server.sign_up("alice").await, server.sign_up("bob").await];
    (server, people)
}

async fn block(server: &TestServer, by: &User, whom: &str) {
    submit(server, "/api/block", by, whom).await;
}

async fn unblock(server: &TestServer, by: &User, whom: &str) {
    submit(server, "/api/unblock", by, whom).await;
}

async fn submit(server: &TestServer, path: &str, by: &User, whom: &str) {
    let answer = server.submit(path, &[("person", whom)], Some(by)).await;
    let page = format!("/people/{whom}");
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, page.as_str())
    );
}

async fn problem(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let error: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    (status, error["problem"].clone())
}

/// What the home page of somebody says of past calls.
async fn home(server: &TestServer, user: &User) -> String {
    let home = server.get("/", Some(user)).await.text().await.unwrap();
    home.split("class=\"recent").skip(1).collect()
}

fn watch(user: &User) -> Command {
    Command::Watch {
        people: vec![user.id.clone()],
        newcomers: false,
    }
}

impl Phone {
    async fn presence_of(&mut self, user: &UserId) -> Presence {
        self.wait_for(|event| match event {
            Event::PresenceChanged { people } => people.iter().find(|(id, _)| id == user).map(|(_, is)| *is),
            _ => None,
        })
        .await
    }

    /// Everything up to the answer to this command, as text without the ids that differ from call to call.
    pub(crate) async fn heard_until_done(&mut self, command: call::id::CommandId) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            let event = self.hear().await;
            let done = matches!(event, Event::Done { command: done } if done == command);
            heard.push(without_ids(&event));
            if done {
                return heard;
            }
        }
    }

    /// Everything up to the end of the call.
    pub(crate) async fn heard_until_ended(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            let event = self.hear().await;
            let ended = matches!(event, Event::Ended { .. });
            heard.push(without_ids(&event));
            if ended {
                return heard;
            }
        }
    }
}

/// An event as JSON, with every id of a call and every number of a room made the same.
fn without_ids(event: &Event) -> String {
    let mut json = serde_json::to_value(event).unwrap();
    fn clear(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields
                    .iter_mut()
                    .for_each(|(key, value)| match (key.as_str(), &value) {
                        ("call", Value::String(_)) | ("room", _) => *value = Value::Null,
                        _ => clear(value),
                    })
            }
            Value::Array(values) => values.iter_mut().for_each(clear),
            _ => {}
        }
    }
    clear(&mut json);
    json.to_string()
}

#[tokio::test]
async fn the_page_of_a_person_blocks_and_unblocks_without_scripts() {
    let (server, [alice, bob]) = alice_and_bob().await;
    let page = async || {
        let page = server.get("/people/alice", Some(&bob)).await;
        assert_eq!(page.status(), 200);
        page.text().await.unwrap()
    };
    assert!(page().await.contains("action=\"/api/block\""));
    block(&server, &bob, "alice").await;
    block(&server, &bob, "alice").await;
    let blocked = page().await;
    assert!(blocked.contains("action=\"/api/unblock\"") && blocked.contains("You have blocked Alice"));
    let hers = server
        .get("/people/bob", Some(&alice))
        .await
        .text()
        .await
        .unwrap();
    assert!(
        hers.contains("action=\"/api/block\""),
        "a block shows on one side alone"
    );
    unblock(&server, &bob, "alice").await;
    assert!(page().await.contains("action=\"/api/block\""));
}

#[tokio::test]
async fn who_is_nobody_has_no_page_and_strangers_sign_in_first() {
    let (server, [alice, _]) = alice_and_bob().await;
    let nowhere = server.get("/nowhere", Some(&alice)).await.text().await.unwrap();
    let heading = "There is no such page";
    assert!(nowhere.contains(heading));
    for path in ["/people/nobody", "/people/no%20id", "/people/ALICE"] {
        let page = server.get(path, Some(&alice)).await;
        assert_eq!(page.status(), 404, "{path}");
        assert!(page.text().await.unwrap().contains(heading), "{path}");
    }
    let stranger = server.get("/people/alice", None).await;
    assert_eq!(
        (stranger.status().as_u16(), location(&stranger)),
        (303, "/sign-in")
    );
}

#[tokio::test]
async fn what_cannot_be_blocked_is_refused_by_name() {
    let (server, [alice, _]) = alice_and_bob().await;
    for (whom, expected) in [
        ("alice", (422, json!("Oneself"))),
        ("nobody", (404, json!("UnknownPerson"))),
        ("no id", (404, json!("UnknownPerson"))),
    ] {
        let answer = server.post("/api/block", &[("person", whom)], Some(&alice)).await;
        assert_eq!(problem(answer).await, expected, "{whom}");
    }
    for path in ["/api/block", "/api/unblock"] {
        let answer = server.post(path, &[("person", "bob")], None).await;
        assert_eq!(problem(answer).await, (401, json!("SignedOut")));
        let answer = server.post(path, &[("person", "no id")], Some(&alice)).await;
        assert_eq!(problem(answer).await, (404, json!("UnknownPerson")));
        let answer = server.submit(path, &[("person", "bob")], None).await;
        assert!(
            location(&answer).starts_with("/sign-in?"),
            "{}",
            location(&answer)
        );
        let answer = server
            .submit(path, &[("person", "//evil.example")], Some(&alice))
            .await;
        assert!(location(&answer).starts_with("/?"), "{}", location(&answer));
    }
    let back = server
        .submit("/api/block", &[("person", "alice")], Some(&alice))
        .await;
    assert!(
        location(&back).starts_with("/people/alice?"),
        "{}",
        location(&back)
    );
    let page = server
        .get(location(&back), Some(&alice))
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("You cannot block yourself."));
}

#[tokio::test]
async fn one_person_does_not_change_blocks_without_end() {
    let (server, [alice, _]) = alice_and_bob().await;
    let fields = [("person", "bob")];
    for _ in 0..20 {
        assert_eq!(
            server.post("/api/block", &fields, Some(&alice)).await.status(),
            200
        );
    }
    let answer = server.post("/api/unblock", &fields, Some(&alice)).await;
    assert_eq!(problem(answer).await, (429, json!("TooManyChanges")));
}

#[tokio::test]
async fn a_caller_hears_the_same_of_somebody_who_has_blocked_them_as_of_somebody_offline() {
    let (server, [alice, bob]) = alice_and_bob().await;
    let mut alices = server.phone(&alice, 1).await;
    let mut stories = Vec::new();
    // First he is offline, then here and out of her reach, at last both.
    for (here, blocked) in [(false, false), (true, true), (false, true)] {
        if blocked {
            block(&server, &bob, "alice").await;
        }
        let bobs = match here {
            true => Some(server.phone(&bob, 2).await),
            false => None,
        };
        let watching = alices.say(watch(&bob)).await;
        let mut story = alices.heard_until_done(watching).await;
        story.pop();
        let at = std::time::Instant::now();
        let calling = alices.call(&[&bob]).await;
        let mut placed = alices.heard_until_done(calling).await;
        placed.pop();
        story.extend(placed);
        story.extend(alices.heard_until_ended().await);
        let took = at.elapsed();
        assert!(
            took >= RING && took < RING + Duration::from_millis(900),
            "{took:?}"
        );
        stories.push(story);

        if let Some(mut bobs) = bobs {
            // Nothing has come before the answer to what he asks now.
            let asked = bobs.say(watch(&alice)).await;
            let heard = bobs.heard_until_done(asked).await;
            assert_eq!(heard.len(), 2, "{heard:?}");
            assert!(heard[0].contains("blocked"), "her presence: {heard:?}");
            bobs.close().await;
        }
    }
    assert_eq!(stories[0].len(), 3, "placed, gone, ended: {:?}", stories[0]);
    assert_eq!(stories[1], stories[0]);
    assert_eq!(stories[2], stories[0]);

    let hers = home(&server, &alice).await;
    assert_eq!(hers.matches("Not answered").count(), 3);
    let his = home(&server, &bob).await;
    assert_eq!(his.matches("Missed").count(), 1, "the one before the block");
}

#[tokio::test]
async fn whom_one_has_blocked_one_is_told_to_unblock_first_and_then_it_rings() {
    let (server, [alice, bob]) = alice_and_bob().await;
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;
    block(&server, &alice, "bob").await;
    let command = alices.call(&[&bob]).await;
    let user = bob.id.clone();
    assert_eq!(alices.refused(command).await, Refusal::Blocked { user });
    unblock(&server, &alice, "bob").await;
    alices.call(&[&bob]).await;
    let (_, invite) = bobs.invited().await;
    bobs.say(Command::Reject { invite }).await;
}

#[tokio::test]
async fn a_block_holds_at_once_and_is_lifted_at_once() {
    let (server, [alice, bob]) = alice_and_bob().await;
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;
    alices.say(watch(&bob)).await;
    bobs.say(watch(&alice)).await;
    assert_eq!(alices.presence_of(&bob.id).await, Presence::Online);
    assert_eq!(bobs.presence_of(&alice.id).await, Presence::Online);

    let ring_long = Command::Call {
        invitees: vec![bob.id.clone()],
        group: None,
        call_type: CallType::Audio,
        ring_seconds: Some(60),
        media: call::media::MediaState::default(),
        note: None,
    };
    alices.say(ring_long).await;
    bobs.invited().await;
    block(&server, &bob, "alice").await;
    let closed = bobs
        .wait_for(|event| match event {
            Event::InviteClosed { outcome, .. } => Some(*outcome),
            _ => None,
        })
        .await;
    assert_eq!(closed, InviteOutcome::Rejected);
    assert_eq!(alices.presence_of(&bob.id).await, Presence::Offline);

    unblock(&server, &bob, "alice").await;
    assert_eq!(alices.presence_of(&bob.id).await, Presence::Online);
    let (call, _) = bobs.invited().await;
    alices.say(Command::Hangup { call }).await;
    let reason = alices
        .wait_for(|event| match event {
            Event::Ended { reason, .. } => Some(*reason),
            _ => None,
        })
        .await;
    assert_eq!(reason, EndReason::Cancelled);
}

#[tokio::test]
async fn who_has_blocked_somebody_is_not_told_apart_from_who_is_in_as_many_groups_as_there_may_be() {
    let (server, [alice, bob]) = alice_and_bob().await;
    block(&server, &bob, "alice").await;
    let fields = [("name", "Kitchen"), ("people[]", "bob")];
    let answer = server.post("/api/create_group", &fields, Some(&alice)).await;
    let cannot = |id: &str| (422, json!({"CannotBeAdded": {"user": id}}));
    assert_eq!(problem(answer).await, cannot("bob"));

    let carol = server.sign_up("carol").await;
    let storage = server.server.site().storage();
    for n in 0..call::protocol::limits::GROUPS as u64 {
        let group = call::id::Group {
            id: call::id::GroupId::from_bits(n),
            name: "Workshop".parse().unwrap(),
        };
        let now = server::clock::UnixMillis::now();
        storage.create_group(&carol.id, &group, &[], now).await.unwrap();
    }
    let fields = [("name", "Kitchen"), ("people[]", "carol")];
    let answer = server.post("/api/create_group", &fields, Some(&alice)).await;
    assert_eq!(problem(answer).await, cannot("carol"));
}
