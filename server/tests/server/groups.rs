//! Groups: kept by forms, called over sockets, and nobody else's business.

use call::id::GroupId;
use call::media::CallType;
use call::protocol::{Command, Event, GroupCall, Refusal, limits};
use reqwest::Response;
use serde_json::{Value, json};

use crate::common::{Phone, TestServer, User, VOICE, location};

/// Alice, Bob and Carol have signed up; Alice and Bob are in the group Kitchen.
async fn kitchen() -> (TestServer, [User; 3], GroupId) {
    let server = TestServer::start().await;
    let people = [
        server.sign_up("alice").await,
        server.sign_up("bob").await,
        server.sign_up("carol").await,
    ];
    let fields = [("name", " Kitchen "), ("people[]", "bob")];
    let made = server
        .submit("/api/create_group", &fields, Some(&people[0]))
        .await;
    assert_eq!((made.status().as_u16(), location(&made)), (303, "/"));
    let group = only_group(&server, &people[0]).await;
    (server, people, group)
}

async fn only_group(server: &TestServer, user: &User) -> GroupId {
    let groups = server.server.site().storage().groups_of(&user.id).await.unwrap();
    assert_eq!(groups.len(), 1);
    groups[0].group.id
}

async fn problem(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let error: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    (status, error["problem"].clone())
}

fn of_group(group: GroupId) -> Command {
    Command::Call {
        invitees: vec![],
        group: Some(group),
        call_type: CallType::Audio,
        ring_seconds: None,
        media: VOICE,
        note: None,
    }
}

impl Phone {
    async fn group_call(&mut self) -> GroupCall {
        self.wait_for(|event| match event {
            Event::GroupCallStarted { group_call } => Some(group_call.clone()),
            _ => None,
        })
        .await
    }

    async fn entered(&mut self) -> String {
        self.wait_for(|event| match event {
            Event::UserEntered { member, .. } => Some(member.person.id.to_string()),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn a_group_is_on_the_pages_of_those_who_are_in_it_and_of_nobody_else() {
    let (server, [alice, bob, carol], group) = kitchen().await;
    let path = format!("/groups/{group}");
    for member in [&alice, &bob] {
        let home = server.get("/", Some(member)).await.text().await.unwrap();
        assert!(home.contains("Kitchen") && home.contains(&path));
        assert_eq!(server.get(&path, Some(member)).await.status(), 200);
    }
    let home = server.get("/", Some(&carol)).await.text().await.unwrap();
    assert!(!home.contains("Kitchen"));
    let hers = server.get(&path, Some(&carol)).await;
    assert_eq!(hers.status(), 404);
    assert!(!hers.text().await.unwrap().contains("Kitchen"));
    let stranger = server.get(&path, None).await;
    assert_eq!(
        (stranger.status().as_u16(), location(&stranger)),
        (303, "/sign-in")
    );
}

#[tokio::test]
async fn a_group_is_renamed_enlarged_and_left_and_gone_with_the_last() {
    let (server, [alice, bob, carol], group) = kitchen().await;
    let id = group.to_string();
    let own_page = format!("/groups/{id}");
    let renamed = [("group", id.as_str()), ("name", "Library")];
    let answer = server.submit("/api/rename_group", &renamed, Some(&bob)).await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, own_page.as_str())
    );
    let added = [("group", id.as_str()), ("people[]", "carol")];
    let answer = server.submit("/api/add_members", &added, Some(&bob)).await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, own_page.as_str())
    );
    let page = server.get(&own_page, Some(&carol)).await.text().await.unwrap();
    assert!(page.contains("Library") && page.contains("Alice"));

    for user in [&alice, &bob, &carol] {
        let left = [("group", id.as_str())];
        let answer = server.submit("/api/leave_group", &left, Some(user)).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/"));
        assert_eq!(server.get(&own_page, Some(user)).await.status(), 404);
    }
    assert_eq!(server.server.site().storage().roster(group).await.unwrap(), None);
}

#[tokio::test]
async fn who_is_not_in_a_group_can_do_nothing_to_it_and_learns_nothing() {
    let (server, [_, bob, carol], group) = kitchen().await;
    let kitchens = group.to_string();
    let unknown = GroupId::from_bits(group.to_bits() ^ 1).to_string();
    for id in [kitchens.as_str(), unknown.as_str(), "not an id"] {
        let acts = [
            ("/api/rename_group", vec![("group", id), ("name", "Mine")]),
            ("/api/add_members", vec![("group", id), ("people[]", "carol")]),
            ("/api/leave_group", vec![("group", id)]),
        ];
        for (path, fields) in acts {
            let answer = server.post(path, &fields, Some(&carol)).await;
            assert_eq!(problem(answer).await, (404, json!("NoSuchGroup")), "{path} {id}");
            let answer = server.post(path, &fields, None).await;
            assert_eq!(problem(answer).await, (401, json!("SignedOut")), "{path} {id}");
        }
    }
    let roster = server
        .server
        .site()
        .storage()
        .roster(group)
        .await
        .unwrap()
        .unwrap();
    assert!(roster.has(&bob.id) && !roster.has(&carol.id));
    assert_eq!(roster.group.name.as_str(), "Kitchen");
}

#[tokio::test]
async fn what_is_no_group_is_refused_by_name() {
    let (server, [alice, ..], group) = kitchen().await;
    let long = "é".repeat(65);
    let many: Vec<String> = (0..limits::CALL_PEOPLE).map(|n| format!("p{n}")).collect();
    for id in &many {
        let person = call::id::Person {
            id: id.parse().unwrap(),
            name: id.parse().unwrap(),
        };
        let account = server::storage::Account {
            person,
            password_hash: Some("$hash".into()),
        };
        let now = server::clock::UnixMillis::now();
        let storage = server.server.site().storage();
        storage.create_account(&account, now).await.unwrap();
    }
    let sixteen: Vec<_> = many.iter().map(|id| ("people[]", id.as_str())).collect();
    let attempts = [
        (
            vec![("name", "  "), ("people[]", "bob")],
            json!({"Name": "empty"}),
        ),
        (
            vec![("name", &long), ("people[]", "bob")],
            json!({"Name": "tooLong"}),
        ),
        (
            vec![("name", "Kit\u{200B}chen"), ("people[]", "bob")],
            json!({"Name": "forbiddenCharacter"}),
        ),
        (vec![("name", "Alone")], json!("NobodyChosen")),
        (
            vec![("name", "Ghosts"), ("people[]", "nobody")],
            json!("UnknownPerson"),
        ),
        (
            vec![("name", "Ghosts"), ("people[]", "not an id")],
            json!("UnknownPerson"),
        ),
        (
            [vec![("name", "Crowd")], sixteen.clone()].concat(),
            json!("TooManyMembers"),
        ),
    ];
    for (fields, expected) in attempts {
        let answer = server.post("/api/create_group", &fields, Some(&alice)).await;
        assert_eq!(problem(answer).await, (422, expected), "{fields:?}");
    }
    let id = group.to_string();
    let fifteen = [vec![("group", id.as_str())], sixteen[1..].to_vec()].concat();
    let answer = server.post("/api/add_members", &fifteen, Some(&alice)).await;
    assert_eq!(problem(answer).await, (422, json!("TooManyMembers")));
    let groups = server.server.site().storage().groups_of(&alice.id).await.unwrap();
    assert_eq!(groups.len(), 1, "nothing was stored");
    assert_eq!(groups[0].members.len(), 2);
}

#[tokio::test]
async fn without_scripts_an_error_comes_back_with_what_was_typed_and_chosen() {
    let (server, [alice, ..], _) = kitchen().await;
    let fields = [("name", "   "), ("people[]", "carol")];
    let answer = server.submit("/api/create_group", &fields, Some(&alice)).await;
    assert_eq!(answer.status(), 303);
    let back = location(&answer).to_owned();
    assert!(back.starts_with("/groups/new?"), "{back}");
    let page = server.get(&back, Some(&alice)).await.text().await.unwrap();
    assert!(page.contains("Give the group a name."));
    let ticked: Vec<_> = page
        .split("<input")
        .filter(|input| input.contains(" checked"))
        .collect();
    assert_eq!(ticked.len(), 1);
    assert!(ticked[0].contains("value=\"carol\""));
}

#[tokio::test]
async fn a_group_rings_and_a_member_who_comes_later_joins() {
    let (server, [alice, bob, carol], group) = kitchen().await;
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;
    alices.say(of_group(group)).await;
    let invitation = bobs
        .wait_for(|event| match event {
            Event::Invited { invitation } => Some(invitation.clone()),
            _ => None,
        })
        .await;
    assert_eq!(invitation.of_group.unwrap().name.as_str(), "Kitchen");
    let invite = invitation.invite;
    bobs.accept(invite).await;
    assert_eq!(alices.entered().await, "bob");

    // Carol is not in it: she is told nothing, and cannot join.
    let mut carols = server.connect(&carol).await;
    carols.hello(3).await;
    assert_eq!(carols.welcomed().await.group_calls, []);
    let call = invitation.call;
    let command = carols.say(Command::Join { call, media: VOICE }).await;
    assert_eq!(carols.refused(command).await, Refusal::GroupCallEnded);
    let command = carols.say(of_group(group)).await;
    assert_eq!(carols.refused(command).await, Refusal::NoSuchGroup);

    // Once she is in it, she is told of the call and joins.
    let id = group.to_string();
    let fields = [("group", id.as_str()), ("people[]", "carol")];
    server.submit("/api/add_members", &fields, Some(&alice)).await;
    let running = carols.group_call().await;
    assert_eq!(running.call, call);
    carols.say(Command::Join { call, media: VOICE }).await;
    assert_eq!(alices.entered().await, "carol");
    assert_eq!(bobs.entered().await, "carol");

    // Whoever leaves the group stays in its call, but does not come back.
    server
        .submit("/api/leave_group", &[("group", id.as_str())], Some(&bob))
        .await;
    bobs.wait_for(|event| matches!(event, Event::GroupCallEnded { .. }).then_some(()))
        .await;
    bobs.say(Command::Hangup { call }).await;
    let command = bobs.say(Command::Join { call, media: VOICE }).await;
    assert_eq!(bobs.refused(command).await, Refusal::GroupCallEnded);
    let command = bobs.say(of_group(group)).await;
    assert_eq!(bobs.refused(command).await, Refusal::NoSuchGroup);
}

#[tokio::test]
async fn nobody_is_in_more_groups_than_there_may_be() {
    let (server, [alice, bob, _], _) = kitchen().await;
    let storage = server.server.site().storage();
    for n in 1..limits::GROUPS as u64 {
        let group = call::id::Group {
            id: GroupId::from_bits(n),
            name: "Workshop".parse().unwrap(),
        };
        let now = server::clock::UnixMillis::now();
        let others = [bob.id.clone()];
        storage
            .create_group(&alice.id, &group, &others, now)
            .await
            .unwrap();
    }
    let fields = [("name", "One more"), ("people[]", "bob")];
    let answer = server.post("/api/create_group", &fields, Some(&alice)).await;
    assert_eq!(problem(answer).await, (422, json!("InTooManyGroups")));
}
