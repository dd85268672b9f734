//! The forms of the protocol, above all the compact one, which the site's own phone asks for.

use call::id::{CommandId, DeviceId};
use call::protocol::{ClientMsg, Command, Event, Hello, JSON_SUBPROTOCOL, Login, VERSION, compact};
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::common::{TestServer, User};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(server: &TestServer, user: &User, form: &'static str) -> (Stream, Option<String>) {
    let mut request = format!("ws://{}/ws", server.server.addr())
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", server.origin().parse().unwrap());
    headers.insert("cookie", user.cookie.parse().unwrap());
    headers.insert("sec-websocket-protocol", form.parse().unwrap());
    let (stream, response) = connect_async(request).await.unwrap();
    let chosen = response.headers().get("sec-websocket-protocol");
    (stream, chosen.map(|form| form.to_str().unwrap().to_owned()))
}

#[tokio::test]
async fn who_asks_for_compact_bytes_is_answered_in_them() {
    let (server, alice) = TestServer::with_user("alice").await;
    let (mut stream, chosen) = connect(&server, &alice, compact::SUBPROTOCOL).await;
    assert_eq!(chosen.as_deref(), Some(compact::SUBPROTOCOL));
    let device = DeviceId::from_bits(1);
    let command = Command::Hello(Hello {
        version: VERSION,
        device,
        login: Login::Shared,
        resume: None,
    });
    let hello = ClientMsg {
        id: CommandId(1),
        command,
    };
    stream
        .send(Message::binary(compact::encode(&hello)))
        .await
        .unwrap();
    let Some(Ok(Message::Binary(bytes))) = stream.next().await else {
        panic!("not a compact event")
    };
    let Ok(Event::Welcomed(welcome)) = compact::decode(&bytes) else {
        panic!("not a welcome")
    };
    assert_eq!(welcome.user, alice.id);

    // A text is not a message in this form; nor are bytes that are none.
    stream.send(Message::text("{}")).await.unwrap();
    let Some(Ok(Message::Close(Some(frame)))) = stream.next().await else {
        panic!("not closed")
    };
    assert_eq!(u16::from(frame.code), 1007);
}

#[tokio::test]
async fn who_asks_for_json_is_answered_in_it() {
    let (server, alice) = TestServer::with_user("alice").await;
    let (mut stream, chosen) = connect(&server, &alice, JSON_SUBPROTOCOL).await;
    assert_eq!(chosen.as_deref(), Some(JSON_SUBPROTOCOL));
    let hello = r#"{"id":1,"command":{"hello":{"version":1,"device":"0000000000000001"}}}"#;
    stream.send(Message::text(hello)).await.unwrap();
    let Some(Ok(Message::Text(text))) = stream.next().await else {
        panic!("not text")
    };
    assert!(text.contains("welcomed"), "{text}");
}

#[tokio::test]
async fn broken_compact_bytes_close_the_socket() {
    let (server, alice) = TestServer::with_user("alice").await;
    for bytes in [vec![], vec![0xff; 3], vec![0; 40_000]] {
        let (mut stream, _) = connect(&server, &alice, compact::SUBPROTOCOL).await;
        stream.send(Message::binary(bytes)).await.unwrap();
        let Some(Ok(Message::Close(Some(frame)))) = stream.next().await else {
            panic!("not closed")
        };
        assert!([1007, 4400].contains(&u16::from(frame.code)), "{frame:?}");
    }
}
