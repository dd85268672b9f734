//! Who takes time and connections from others, and how soon they have them back (S8).

use std::num::NonZeroU32;
use std::time::Duration;

use call::protocol::limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{interval, sleep, timeout};

use crate::common::{PATIENCE, TestServer};

/// How long a test waits before it looks again.
const AGAIN: Duration = Duration::from_millis(50);
/// How many do so at once.
#[cfg(unix)]
const CROWD: usize = 1000;

async fn open(server: &TestServer, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.server.addr()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Wait until the other side closes it. What it says until then.
async fn end(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    // A reset ends it as well.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut said))
        .await
        .expect("closed in time");
    String::from_utf8(said).unwrap()
}

/// Send a byte each second until the other side has had enough. What it says.
async fn drip(mut stream: TcpStream) -> String {
    let mut seconds = interval(Duration::from_secs(1));
    let mut said = Vec::new();
    let dripping = async {
        let mut buffer = [0; 1024];
        loop {
            tokio::select! {
                _ = seconds.tick() => if stream.write_all(b"x").await.is_err() { break },
                read = stream.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => break,
                    Ok(length) => said.extend_from_slice(&buffer[..length]),
                },
            }
        }
    };
    timeout(PATIENCE, dripping).await.expect("closed in time");
    String::from_utf8(said).unwrap()
}

#[cfg(unix)]
async fn later<T>(asked: impl Future<Output = T>) -> T {
    sleep(AGAIN).await;
    asked.await
}

/// Both ends of a thousand connections are in this process.
#[cfg(unix)]
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_thousand_half_heads_are_not_waited_for_and_others_are_answered_meanwhile() {
    allow_many_files();
    let server = TestServer::start().await;
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let half: &[u8] = if number % 2 == 0 {
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
        } else {
            b""
        };
        crowd.push(open(&server, half).await);
    }
    let mut ends = futures::future::join_all(crowd.into_iter().map(end));
    let mut answered = 0;
    let said = loop {
        tokio::select! {
            said = &mut ends => break said,
            response = later(server.get("/sign-in", None)) => {
                assert_eq!(response.status(), 200);
                answered += 1;
            }
        }
    };
    assert!(answered > 0);
    assert!(said.iter().all(|said| !said.contains(" 200 ")), "{said:?}");
}

#[tokio::test]
async fn a_head_of_one_byte_a_second_is_not_waited_for() {
    let server = TestServer::start().await;
    let said = drip(open(&server, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await).await;
    assert!(!said.contains(" 200 "), "{said}");
}

#[tokio::test]
async fn a_body_of_one_byte_a_second_is_not_waited_for() {
    let server = TestServer::start().await;
    let head = "POST /api/sign_in HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Length: 1000\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\n";
    let said = drip(open(&server, head.as_bytes()).await).await;
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    let said = drip(
        open(
            &server,
            head.replace("Content-Length: 1000", "Transfer-Encoding: chunked")
                .as_bytes(),
        )
        .await,
    )
    .await;
    assert!(!said.contains(" 200 "), "{said}");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_turned_away() {
    let server = TestServer::start().await;
    let long = "x".repeat(64 * 1024);
    let response = server.post("/api/sign_in", &[("user_id", &long)], None).await;
    assert_eq!(response.status(), 413);
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_another_one_let_in_when_one_is_gone() {
    let server = TestServer::start_with(|config| {
        config.connections_per_address = NonZeroU32::new(3).unwrap();
    })
    .await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..3 {
        // Answered, and so counted.
        let mut stream = open(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        stream.read_exact(&mut [0; 16]).await.unwrap();
        held.push(stream);
    }
    assert_eq!(end(open(&server, request).await).await, "");
    held.pop();
    let let_in = async {
        while !end(open(&server, request).await)
            .await
            .starts_with("HTTP/1.1 200")
        {
            sleep(AGAIN).await;
        }
    };
    timeout(PATIENCE, let_in)
        .await
        .expect("let in when there is a place");
}

#[tokio::test]
async fn a_trusted_proxy_has_as_many_connections_as_it_likes() {
    let server = TestServer::start_with(|config| {
        config.connections_per_address = NonZeroU32::MIN;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..10 {
        let mut stream = open(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        stream.read_exact(&mut [0; 16]).await.unwrap();
        held.push(stream);
    }
}

#[tokio::test]
async fn a_person_has_so_many_sockets_and_the_next_one_is_told_why() {
    let (server, alice) = TestServer::with_user("alice").await;
    let bob = server.sign_up("bob").await;
    let mut open = Vec::new();
    for device in 0..u64::from(limits::SOCKETS_PER_USER) {
        open.push(server.phone(&alice, device + 1).await);
    }
    assert_eq!(server.connect(&alice).await.closed().await, 4408);
    server.phone(&bob, 1).await;
    open.pop().unwrap().close().await;
    let let_in = async {
        loop {
            let mut phone = server.connect(&alice).await;
            if phone.try_send(hello()).await.is_ok() && phone.is_welcomed().await {
                break;
            }
            sleep(AGAIN).await;
        }
    };
    timeout(PATIENCE, let_in)
        .await
        .expect("let in when there is a place");
}

fn hello() -> tokio_tungstenite::tungstenite::Message {
    let hello = r#"{"id":1,"command":{"hello":{"version":1,"device":"0000000000000099"}}}"#;
    tokio_tungstenite::tungstenite::Message::text(hello)
}
