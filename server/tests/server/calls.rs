//! Calls over real sockets.

use std::time::Duration;

use call::id::{Entry, UserId};
use call::protocol::{Command, EndReason, Event, InviteOutcome, Presence, Refusal, Signal};

use crate::common::{Phone, TestServer, User, VOICE};

async fn alice_and_bob() -> (TestServer, [User; 2], Phone, Phone) {
    let server = TestServer::start().await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let alices = server.phone(&alice, 1).await;
    let bobs = server.phone(&bob, 2).await;
    (server, [alice, bob], alices, bobs)
}

impl Phone {
    pub(crate) async fn ended(&mut self) -> EndReason {
        self.wait_for(|event| match event {
            Event::Ended { reason, .. } => Some(*reason),
            _ => None,
        })
        .await
    }

    pub(crate) async fn invite_closed(&mut self) -> InviteOutcome {
        self.wait_for(|event| match event {
            Event::InviteClosed { outcome, .. } => Some(*outcome),
            _ => None,
        })
        .await
    }

    pub(crate) async fn entry_of(&mut self, user: &UserId) -> Entry {
        self.wait_for(|event| match event {
            Event::UserEntered { member, .. } if member.person.id == *user => Some(member.entry),
            Event::Joined { call } => call
                .members
                .iter()
                .find(|m| m.person.id == *user)
                .map(|m| m.entry),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn a_call_rings_is_answered_connects_and_ends() {
    let (server, [alice, bob], mut alices, mut bobs) = alice_and_bob().await;
    alices.call(&[&bob]).await;
    let call = alices.placed().await;
    let (invited_to, invite) = bobs.invited().await;
    assert_eq!(invited_to, call);

    bobs.say(Command::ConfirmRinging { invite }).await;
    alices
        .wait_for(|event| matches!(event, Event::RingingStarted { .. }).then_some(()))
        .await;

    bobs.accept(invite).await;
    let alices_entry = bobs.entry_of(&alice.id).await;
    let bobs_entry = alices.entry_of(&bob.id).await;
    assert_ne!(alices_entry, bobs_entry);

    let candidate = call::protocol::Candidate {
        candidate: "candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host".into(),
        mid: None,
        m_line_index: None,
    };
    let signal = Signal::Candidate(candidate);
    alices
        .say(Command::Signal {
            call,
            to: bob.id.clone(),
            entry: bobs_entry,
            signal: signal.clone(),
        })
        .await;
    let (from, heard) = bobs
        .wait_for(|event| match event {
            Event::Signaled { from, signal, .. } => Some((from.clone(), signal.clone())),
            _ => None,
        })
        .await;
    assert_eq!((from, heard), (alice.id.clone(), signal));

    alices.say(Command::Hangup { call }).await;
    assert_eq!(alices.ended().await, EndReason::HungUp);
    assert_eq!(bobs.ended().await, EndReason::OthersLeft);

    // Both find it in their history.
    let recent = server
        .server
        .site()
        .storage()
        .recent_calls(&bob.id, 20)
        .await
        .unwrap();
    assert_eq!(recent.len(), 1);
    assert_eq!(recent[0].with.id, alice.id);
    assert_eq!(recent[0].outcome, app::page::PastOutcome::Incoming);
}

#[tokio::test]
async fn a_rejected_call_ends_for_the_caller() {
    let (_server, [_, bob], mut alices, mut bobs) = alice_and_bob().await;
    alices.call(&[&bob]).await;
    let (_, invite) = bobs.invited().await;
    bobs.say(Command::Reject { invite }).await;
    assert_eq!(alices.ended().await, EndReason::Rejected);
    assert_eq!(bobs.invite_closed().await, InviteOutcome::Rejected);
}

#[tokio::test]
async fn a_cancelled_call_stops_ringing() {
    let (_server, [_, bob], mut alices, mut bobs) = alice_and_bob().await;
    alices.call(&[&bob]).await;
    let call = alices.placed().await;
    bobs.invited().await;
    alices.say(Command::Hangup { call }).await;
    assert_eq!(bobs.invite_closed().await, InviteOutcome::Cancelled);
    assert_eq!(alices.ended().await, EndReason::Cancelled);
}

#[tokio::test]
async fn who_is_in_a_call_is_busy_for_others() {
    let (server, [alice, bob], mut alices, mut bobs) = alice_and_bob().await;
    alices.call(&[&bob]).await;
    let (_, invite) = bobs.invited().await;
    bobs.accept(invite).await;
    alices.entry_of(&bob.id).await;

    let carol = server.sign_up("carol").await;
    let mut carols = server.phone(&carol, 3).await;
    carols.call(&[&alice]).await;
    assert_eq!(carols.ended().await, EndReason::Busy);
}

#[tokio::test]
async fn an_unanswered_call_ends_and_is_a_missed_one_afterwards() {
    let server = TestServer::start_with(|config| config.ring = Duration::from_secs(1)).await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 2).await;
    alices.call(&[&bob]).await;
    bobs.invited().await;
    assert_eq!(bobs.invite_closed().await, InviteOutcome::TimedOut);
    assert_eq!(alices.ended().await, EndReason::NoAnswer);
    // What is told has been stored before.
    let recent = server
        .server
        .site()
        .storage()
        .recent_calls(&bob.id, 20)
        .await
        .unwrap();
    assert_eq!(recent[0].outcome, app::page::PastOutcome::Missed);
}

#[tokio::test]
async fn who_comes_online_while_it_rings_is_rung() {
    let server = TestServer::start().await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let mut alices = server.phone(&alice, 1).await;
    alices.call(&[&bob]).await;
    let call = alices.placed().await;

    let mut bobs = server.connect(&bob).await;
    bobs.hello(2).await;
    let welcome = bobs.welcomed().await;
    assert_eq!(welcome.invitations.len(), 1);
    assert_eq!(welcome.invitations[0].call, call);
    bobs.say(Command::Accept {
        invite: welcome.invitations[0].invite,
        media: VOICE,
        signals: Vec::new(),
    })
    .await;
    alices.entry_of(&bob.id).await;
}

#[tokio::test]
async fn nobody_can_be_called_who_does_not_exist() {
    let (_server, _, mut alices, _bobs) = alice_and_bob().await;
    let nobody: UserId = "nobody".parse().unwrap();
    let command = alices.call_ids(vec![nobody.clone()]).await;
    assert_eq!(
        alices.refused(command).await,
        Refusal::UnknownUser { user: nobody }
    );
}

#[tokio::test]
async fn nobody_can_be_made_to_ring_without_end() {
    let (_server, [_, bob], mut alices, mut bobs) = alice_and_bob().await;
    for _ in 0..6 {
        alices.call(&[&bob]).await;
        let call = alices.placed().await;
        bobs.invited().await;
        alices.say(Command::Hangup { call }).await;
        alices.ended().await;
    }
    let command = alices.call(&[&bob]).await;
    assert_eq!(alices.refused(command).await, Refusal::TooManyCalls);
}

#[tokio::test]
async fn nobody_rings_the_same_person_twice_at_once_or_many_people_without_end() {
    let (server, [alice, bob], mut alices, mut bobs) = alice_and_bob().await;
    let mut on_her_tablet = server.phone(&alice, 2).await;
    alices.call(&[&bob]).await;
    let call = alices.placed().await;
    bobs.invited().await;
    for phone in [&mut alices, &mut on_her_tablet] {
        let command = phone.call(&[&bob]).await;
        assert_eq!(phone.refused(command).await, Refusal::AlreadyInCall);
    }
    let again = alices
        .say(Command::Invite {
            call,
            invitees: vec![bob.id.clone()],
            ring_seconds: None,
        })
        .await;
    let refusal = Refusal::InvitedAlready { user: bob.id.clone() };
    assert_eq!(alices.refused(again).await, refusal);
    alices.say(Command::Hangup { call }).await;
    alices.ended().await;

    // What is refused counts as well: four for Bob by now. Each of the others can be rung five times.
    let mut others = Vec::new();
    for id in ["carol", "dave", "erin", "frank", "grace", "heidi"] {
        others.push(server.sign_up(id).await);
    }
    let mut rung = 4;
    'all: for _ in 0..6 {
        for other in &others {
            let command = alices.call(&[other]).await;
            let placed = alices
                .wait_for(|event| match event {
                    Event::Placed { call } => Some(Some(call.call)),
                    Event::Refused { command: refused, .. } if *refused == command => Some(None),
                    _ => None,
                })
                .await;
            let Some(call) = placed else { break 'all };
            rung += 1;
            alices.say(Command::Hangup { call }).await;
            alices.ended().await;
        }
    }
    // A new one is let through every two seconds meanwhile.
    assert!((30..=34).contains(&rung), "{rung}");
}

#[tokio::test]
async fn whoever_watches_sees_people_come_and_go() {
    let (server, [_, bob], mut alices, bobs) = alice_and_bob().await;
    let presence_of_bob = |event: &Event| match event {
        Event::PresenceChanged { people } => people
            .iter()
            .find(|(id, _)| id.as_str() == "bob")
            .map(|(_, p)| *p),
        _ => None,
    };
    alices
        .say(Command::Watch {
            people: vec![bob.id.clone()],
            newcomers: false,
        })
        .await;
    assert_eq!(alices.wait_for(presence_of_bob).await, Presence::Online);
    bobs.close().await;
    assert_eq!(alices.wait_for(presence_of_bob).await, Presence::Offline);
    let cut = server.phone(&bob, 2).await;
    assert_eq!(alices.wait_for(presence_of_bob).await, Presence::Online);
    cut.cut();
    assert_eq!(alices.wait_for(presence_of_bob).await, Presence::Offline);
}

#[tokio::test]
async fn a_lost_socket_does_not_end_the_call() {
    let (server, [alice, bob], mut alices, mut bobs) = alice_and_bob().await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.accept(invite).await;
    alices.entry_of(&bob.id).await;
    bobs.cut();
    alices
        .wait_for(|event| matches!(event, Event::UserAway { .. }).then_some(()))
        .await;
    let mut again = server.connect(&bob).await;
    again.hello(2).await;
    assert_eq!(
        again.welcomed().await.call.map(|snapshot| snapshot.call),
        Some(call)
    );
    let back = alices.wait_for(|event| match event {
        Event::UserBack { user, .. } => Some(user.clone()),
        _ => None,
    });
    assert_eq!(back.await, bob.id);
    drop(alice);
}
