//! A server that is killed, and what goes on when it is started again.

use std::net::SocketAddr;

use call::id::CommandId;
use call::media::CallType;
use call::protocol::{Command, EndReason, Event, Seat};
use tempfile::TempDir;

use crate::common::{Front, Phone, User, VOICE};
use crate::process::{self, Running};

/// A server in a process of its own.
struct Process {
    running: Running,
    front: Front,
}

impl Process {
    async fn start(folder: &TempDir) -> Self {
        let path = folder.path().to_owned();
        let (running, said) = tokio::task::spawn_blocking(move || process::start(&path, &[]))
            .await
            .unwrap();
        let addr = SocketAddr::from(([127, 0, 0, 1], process::port(&said)));
        Self {
            running,
            front: Front::at(addr),
        }
    }

    async fn kill_and_start_again(self, folder: &TempDir) -> Self {
        self.running.kill();
        Self::start(folder).await
    }
}

async fn alice_and_bob(front: &Front) -> (User, User, Phone, Phone) {
    let alice = front.sign_up("alice").await;
    let bob = front.sign_up("bob").await;
    let alices = front.phone(&alice, 1).await;
    let bobs = front.phone(&bob, 2).await;
    (alice, bob, alices, bobs)
}

#[tokio::test]
async fn a_call_goes_on_after_the_server_was_killed() {
    let folder = TempDir::new().unwrap();
    let server = Process::start(&folder).await;
    let (alice, bob, mut alices, mut bobs) = alice_and_bob(&server.front).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;
    bobs.accept(invite).await;
    let alices_entry = bobs.entry_of(&alice.id).await;
    alices.entry_of(&bob.id).await;

    let server = server.kill_and_start_again(&folder).await;
    let mut alices = server.front.connect(&alice).await;
    alices.hello(1).await;
    let there = alices.welcomed().await.call.expect("the call goes on");
    assert_eq!((there.call, there.seat), (call, Seat::Here));
    assert!(
        there.connected_ms.is_some(),
        "the time is counted from its beginning"
    );
    let own = there.members.iter().find(|member| member.person.id == alice.id);
    assert!(
        own.is_some_and(|own| own.entry == alices_entry),
        "the media need not begin anew: {:?}",
        there.members
    );
    let bobs_place = there.members.iter().find(|member| member.person.id == bob.id);
    assert!(bobs_place.is_some_and(|place| place.away));

    let mut bobs = server.front.phone(&bob, 2).await;
    alices
        .wait_for(|event| matches!(event, Event::UserBack { .. }).then_some(()))
        .await;
    alices.say(Command::Hangup { call }).await;
    assert_eq!(bobs.ended().await, EndReason::OthersLeft);

    // It is stored that it is over, and nobody is held in it.
    let server = server.kill_and_start_again(&folder).await;
    let mut alices = server.front.connect(&alice).await;
    alices.hello(1).await;
    assert_eq!(alices.welcomed().await.call, None);
}

#[tokio::test]
async fn an_invitation_rings_on_after_the_server_was_killed_and_can_be_accepted() {
    let folder = TempDir::new().unwrap();
    let server = Process::start(&folder).await;
    let (alice, bob, mut alices, mut bobs) = alice_and_bob(&server.front).await;
    alices.call(&[&bob]).await;
    let (call, invite) = bobs.invited().await;

    let server = server.kill_and_start_again(&folder).await;
    let mut bobs = server.front.connect(&bob).await;
    bobs.hello(2).await;
    let rings = bobs.welcomed().await.invitations;
    assert_eq!(
        rings
            .iter()
            .map(|rings| (rings.call, rings.invite))
            .collect::<Vec<_>>(),
        [(call, invite)]
    );
    let mut alices = server.front.phone(&alice, 1).await;
    bobs.accept(invite).await;
    alices.entry_of(&bob.id).await;
    bobs.entry_of(&alice.id).await;
}

#[tokio::test]
async fn a_command_whose_answer_died_with_the_server_is_not_carried_out_twice() {
    let folder = TempDir::new().unwrap();
    let server = Process::start(&folder).await;
    let (alice, bob, mut alices, mut bobs) = alice_and_bob(&server.front).await;
    let command = Command::Call {
        group: None,
        invitees: vec![bob.id.clone()],
        call_type: CallType::Audio,
        ring_seconds: None,
        media: VOICE,
        note: None,
    };
    let id = alices.say(command.clone()).await;
    let (call, _) = bobs.invited().await;

    let server = server.kill_and_start_again(&folder).await;
    let mut alices = server.front.connect(&alice).await;
    alices.hello(1).await;
    let welcome = alices.welcomed().await;
    assert_eq!(welcome.last_command, id);
    assert_eq!(welcome.call.map(|there| there.call), Some(call));
    alices.repeat(id, command).await;
    alices
        .wait_for(|event| (*event == Event::Done { command: id }).then_some(()))
        .await;
    let mut bobs = server.front.connect(&bob).await;
    bobs.hello(2).await;
    assert_eq!(bobs.welcomed().await.invitations.len(), 1, "one call, not two");
    assert_eq!(id, CommandId(2));
}
