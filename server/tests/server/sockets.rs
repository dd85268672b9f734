//! Sockets that misbehave, and how they are closed.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::ws;
use call::id::{CallId, CommandId, DeviceId, DisplayName, Person};
use call::protocol::{Command, Event, Hello, Login, Refusal, VERSION, limits};
use futures::{Sink, Stream};
use server::signaling::form::Form;
use server::signaling::socket::Socket;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::common::{PATIENCE, TestServer};

#[tokio::test]
async fn a_hello_is_answered_with_a_welcome() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.connect(&alice).await;
    phone.hello(7).await;
    let welcome = phone.welcomed().await;
    assert_eq!(welcome.user, alice.id);
    assert_eq!(welcome.last_command, CommandId(0));
    assert_eq!(welcome.call, None);
}

#[tokio::test]
async fn another_message_than_a_hello_closes_the_socket() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.connect(&alice).await;
    phone
        .say(Command::Hangup {
            call: CallId::from_bits(1),
        })
        .await;
    assert_eq!(phone.closed().await, 4400);
}

#[tokio::test]
async fn another_version_of_the_protocol_closes_the_socket() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.connect(&alice).await;
    let hello = r#"{"id":1,"command":{"hello":{"version":2,"device":"0000000000000001"}}}"#;
    phone.send(Message::text(hello)).await;
    assert_eq!(phone.closed().await, 4400);
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut silent = server.connect(&alice).await;
    let opened = std::time::Instant::now();
    assert_eq!(silent.closed().await, 4400);
    assert!(opened.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_second_hello_is_refused_and_the_socket_stays() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.phone(&alice, 1).await;
    phone.hello(1).await;
    assert_eq!(phone.refused(CommandId(2)).await, Refusal::AlreadyGreeted);
}

#[tokio::test]
async fn what_is_not_a_message_closes_the_socket() {
    let (server, alice) = TestServer::with_user("alice").await;
    for text in [
        "",
        "{",
        "null",
        "[]",
        r#"{"id":2}"#,
        r#"{"id":2,"command":{"dance":{}}}"#,
        r#"{"id":-1,"command":{"hangup":{"call":"0000000000000001"}}}"#,
        r#"{"id":2,"command":{"hangup":{"call":"1"}}}"#,
        r#"{"id":2,"id":3,"command":{"hangup":{"call":"0000000000000001"}}}"#,
        r#"{"id":2,"command":{"hangup":{"call":"0000000000000001","call":"0000000000000002"}}}"#,
        r#"{"id":2,"command":{"hangup":{"call":"0000000000000001"},"reject":{"invite":"0000000000000001"}}}"#,
    ] {
        let mut phone = server.phone(&alice, 1).await;
        phone.send(Message::text(text)).await;
        assert_eq!(phone.closed().await, 1007, "{text}");
    }
}

#[tokio::test]
async fn binary_frames_close_the_socket() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.phone(&alice, 1).await;
    phone.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(phone.closed().await, 1007);
}

#[tokio::test]
async fn a_frame_that_is_too_long_closes_the_socket() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.phone(&alice, 1).await;
    let long = "x".repeat(limits::MESSAGE_BYTES + 1);
    // The server may close before it has taken all of it.
    let _ = phone.try_send(Message::text(long)).await;
    assert_eq!(phone.closed().await, 1009);
}

#[tokio::test]
async fn too_many_messages_close_the_socket() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.phone(&alice, 1).await;
    for n in 0..=limits::MESSAGE_BURST {
        let hangup = format!(
            r#"{{"id":{},"command":{{"hangup":{{"call":"0000000000000001"}}}}}}"#,
            n + 2
        );
        if phone.try_send(Message::text(hangup)).await.is_err() {
            break;
        }
    }
    assert_eq!(phone.closed().await, 1008);
}

#[tokio::test]
async fn a_newer_socket_of_the_same_device_supersedes_the_older() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut older = server.phone(&alice, 1).await;
    let mut newer = server.phone(&alice, 1).await;
    assert_eq!(older.closed().await, 4409);
    let mut other_tab = server.phone(&alice, 2).await;

    // The older one's end is not taken for the newer one's: calls still arrive there.
    let bob = server.sign_up("bob").await;
    let mut bobs = server.phone(&bob, 3).await;
    bobs.call(&[&alice]).await;
    newer.invited().await;
    other_tab.invited().await;
}

#[tokio::test]
async fn an_exclusive_login_closes_every_other_socket_of_the_person_and_of_nobody_else() {
    let (server, alice) = TestServer::with_user("alice").await;
    let bob = server.sign_up("bob").await;
    let mut site = server.phone(&alice, 1).await;
    let mut of_bob = server.phone(&bob, 1).await;
    let mut exclusive = server.connect(&alice).await;
    exclusive
        .say(Command::Hello(Hello {
            version: VERSION,
            device: DeviceId::from_bits(2),
            login: Login::Exclusive,
            resume: None,
        }))
        .await;
    exclusive.welcomed().await;
    assert_eq!(site.closed().await, 4403);

    // A shared login may come beside it, and both ring.
    let mut beside = server.phone(&alice, 3).await;
    of_bob.call(&[&alice]).await;
    exclusive.invited().await;
    beside.invited().await;
}

#[tokio::test]
async fn a_stop_tells_every_socket_to_come_back() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut greeted = server.phone(&alice, 1).await;
    let mut not_greeted = server.connect(&alice).await;
    let stopping = tokio::spawn(server.server.stop());
    assert_eq!(greeted.closed().await, 1012);
    assert_eq!(not_greeted.closed().await, 1012);
    tokio::time::timeout(PATIENCE, stopping).await.unwrap().unwrap();
}

#[tokio::test]
async fn newcomers_are_announced_to_whoever_watches_for_them() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut phone = server.phone(&alice, 1).await;
    let command = phone
        .say(Command::Watch {
            people: Vec::new(),
            newcomers: true,
        })
        .await;
    phone
        .wait_for(|event| (*event == Event::Done { command }).then_some(()))
        .await;
    server.sign_up("bob").await;
    let newcomer = phone.wait_for(|event| match event {
        Event::PersonJoined { person } => Some(person.clone()),
        _ => None,
    });
    assert_eq!(newcomer.await.name.as_str(), "Bob");
}

/// The WebSocket of somebody who says a few things and then neither says nor takes anything.
struct Stuck(std::vec::IntoIter<String>);

impl Stream for Stuck {
    type Item = Result<ws::Message, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.next().map_or(Poll::Pending, |text| {
            Poll::Ready(Some(Ok(ws::Message::Text(text.into()))))
        })
    }
}

impl Sink<ws::Message> for Stuck {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, _: ws::Message) -> Result<(), axum::Error> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Pending
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn who_stops_reading_is_closed_and_nobody_else_waits() {
    let (server, alice) = TestServer::with_user("alice").await;
    let bob = server.sign_up("bob").await;
    let site = server.server.site().clone();
    let mut cookies = axum::http::HeaderMap::new();
    cookies.insert("cookie", alice.cookie.parse().unwrap());
    let signed_in = site.desk().session(&cookies).await.unwrap().unwrap();
    let said = vec![
        r#"{"id":1,"command":{"hello":{"version":1,"device":"0000000000000001"}}}"#.to_owned(),
        r#"{"id":2,"command":{"watch":{"people":[],"newcomers":true}}}"#.to_owned(),
    ];
    let stuck = tokio::spawn(
        Socket::new(signed_in, Form::Json, site.realm(), site.open_socket()).run(Stuck(said.into_iter())),
    );

    let mut bobs = server.phone(&bob, 2).await;
    bobs.watch_newcomers().await;
    for n in 0..700 {
        let id = format!("newcomer{n}").parse().unwrap();
        let name = DisplayName::of(&id);
        site.hub().person_joined(Person { id, name }).await;
    }
    let last = bobs.wait_for(|event| match event {
        Event::PersonJoined { person } if person.id.as_str() == "newcomer699" => Some(()),
        _ => None,
    });
    last.await;
    // Well before the silence would have been noticed.
    tokio::time::timeout(Duration::from_secs(10), stuck)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn who_is_not_heard_for_fifteen_seconds_is_given_up_no_later() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut silent = server.phone(&alice, 1).await;
    // Heard a little after one of the moments at which the server looks, it is not to be taken for present until the next but two.
    tokio::time::sleep(Duration::from_millis(300)).await;
    silent.watch_newcomers().await;
    // It reads nothing, and so it answers no ping.
    tokio::time::sleep(Duration::from_millis(15_500)).await;
    tokio::time::timeout(Duration::from_secs(2), silent.given_up())
        .await
        .expect("given up by now");
}

#[tokio::test]
async fn who_never_ends_a_request_is_not_waited_for() {
    let server = TestServer::start().await;
    let mut slow = TcpStream::connect(server.server.addr()).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await
        .unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, slow.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 2"));
}
