//! Frames that are no messages, and messages that say what they may not: they reach nobody, and harm nobody else.

use std::time::{Duration, Instant};

use call::id::{CallId, CommandId, Entry};
use call::media::MediaState;
use call::protocol::{Candidate, Command, Event, Signal};
use tokio_tungstenite::tungstenite::Message;

use crate::common::{Phone, TestServer, VOICE};

/// How many frames, and from how many clients at a time.
const FRAMES: usize = 10_000;
const CLIENTS: usize = 10;

/// xorshift64* (Vigna 2016).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}

/// Something that no client sends, as it goes over the wire, and the codes with which a socket may be closed for it.
fn malformed(chance: &mut Chance) -> (Vec<u8>, &'static [u16]) {
    let good = r#"{"id":2,"command":{"hangup":{"call":"0000000000000001"}}}"#;
    match chance.below(10) {
        // A message that ends too soon.
        0..=2 => {
            let end = chance.below(good.len());
            (frame(0x81, &good.as_bytes()[..end]), &[1007])
        }
        // One with something foreign in it.
        3 | 4 => {
            let mut text = good.as_bytes().to_vec();
            let at = chance.below(text.len());
            text.insert(at, b"{}[]\"\\\0,:\n"[chance.below(10)]);
            text.push(b'!');
            (frame(0x81, &text), &[1007])
        }
        // Text that is none.
        5 => {
            let mut text = chance.bytes(40);
            text.push(0xff);
            (frame(0x81, &text), &[1007])
        }
        // Bytes, where text was agreed on.
        6 => {
            let len = chance.below(200);
            (frame(0x82, &chance.bytes(len)), &[1007])
        }
        // Frames that RFC 6455 knows nothing of: opcodes and bits that are reserved.
        7 => (frame(0x83, b"x"), &[1007]),
        8 => (frame(0xf1, b"x"), &[1007]),
        // A length beyond everything.
        _ => {
            let mut header = vec![0x81, 0xff];
            header.extend((1_u64 << 40).to_be_bytes());
            header.extend([0; 4]);
            (header, &[1009])
        }
    }
}

/// A masked frame (RFC 6455, section 5.2), with a mask of zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match u8::try_from(payload.len()) {
        Ok(len @ ..126) => frame.push(0x80 | len),
        _ => {
            frame.push(0x80 | 126);
            frame.extend((payload.len() as u16).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// Alice and Bob, who talk; and the call.
async fn talking(server: &TestServer) -> (Phone, Phone, CallId) {
    let [alice, bob] = [server.sign_up("alice").await, server.sign_up("bob").await];
    let mut alices = server.phone(&alice, 1).await;
    let mut bobs = server.phone(&bob, 1).await;
    alices.call(&[&bob]).await;
    let call = alices.placed().await;
    let (_, invite) = bobs.invited().await;
    bobs.accept(invite).await;
    let entered = |event: &Event| matches!(event, Event::UserEntered { .. }).then_some(());
    alices.wait_for(entered).await;
    (alices, bobs, call)
}

/// Alice turns her camera on or off, and Bob is told. Returns how long that takes.
async fn a_word(alices: &mut Phone, bobs: &mut Phone, call: CallId, camera: bool) -> Duration {
    let start = Instant::now();
    let media = MediaState { camera, ..VOICE };
    alices.say(Command::Announce { call, media }).await;
    bobs.wait_for(|event| match event {
        Event::MediaAnnounced { media, .. } => (media.camera == camera).then_some(()),
        _ => None,
    })
    .await;
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_malformed_frames_harm_nobody_else() {
    let server = std::sync::Arc::new(TestServer::start().await);
    let (mut alices, mut bobs, call) = talking(&server).await;
    let carol = server.sign_up("carol").await;

    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (server, carol) = (std::sync::Arc::clone(&server), carol.clone());
            tokio::spawn(async move {
                let mut chance = Chance(client as u64 + 1);
                for number in 0..FRAMES / CLIENTS {
                    let (bytes, codes) = malformed(&mut chance);
                    let mut phone = server.connect(&carol).await;
                    if number % 2 == 0 {
                        phone.hello(client as u64).await;
                    }
                    phone.send_raw(&bytes).await;
                    let code = phone.closed().await;
                    assert!(codes.contains(&code), "{code}: {}", bytes.escape_ascii());
                }
            })
        })
        .collect();
    let mut longest = Duration::ZERO;
    let mut camera = false;
    while clients.iter().any(|client| !client.is_finished()) {
        camera = !camera;
        longest = longest.max(a_word(&mut alices, &mut bobs, call, camera).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for client in clients {
        client.await.unwrap();
    }
    println!("the longest that a word took meanwhile: {longest:?}");
    assert!(longest < Duration::from_secs(3));
    // Their call is what it was.
    alices.say(Command::Hangup { call }).await;
    bobs.wait_for(|event| matches!(event, Event::Ended { .. }).then_some(()))
        .await;
}

#[tokio::test]
async fn what_is_passed_on_is_what_was_understood_and_says_who_the_socket_is() {
    let server = TestServer::start().await;
    let (mut alices, mut bobs, call) = talking(&server).await;
    // Whoever sends this says that it is from Bob, and more that nobody has asked for.
    let line = "candidate:1 1 udp 1 192.0.2.1 9 typ host";
    let forged = format!(
        r#"{{ "from": "bob", "id": 9, "user": "bob", "command": {{"signal": {{"call": "{call}", "from": "bob",
        "to": "bob", "entry": 2, "smuggled": "{{}}",
        "signal": {{"candidate": {{"candidate": "{line}", "mid": null, "from": "bob", "smuggled": 1}}}}}}}}}}"#
    );
    alices.send(Message::text(forged)).await;
    let told = loop {
        let text = bobs.hear_text().await;
        if text.contains("signaled") {
            break text;
        }
    };
    let candidate = Candidate {
        candidate: line.to_owned(),
        mid: None,
        m_line_index: None,
    };
    let understood = Event::Signaled {
        call,
        from: "alice".parse().unwrap(),
        entry: Entry(1),
        signal: Signal::Candidate(candidate),
    };
    assert_eq!(told, serde_json::to_string(&understood).unwrap());
}

#[tokio::test]
async fn a_stranger_is_refused_and_the_call_hears_nothing_of_it() {
    let server = TestServer::start().await;
    let (mut alices, mut bobs, call) = talking(&server).await;
    let carol = server.sign_up("carol").await;
    let mut carols = server.phone(&carol, 1).await;
    for command in [
        Command::Hangup { call },
        Command::Announce { call, media: VOICE },
        Command::Rejoin { call, media: VOICE },
        Command::Hangup {
            call: CallId::from_bits(1),
        },
    ] {
        let id: CommandId = carols.say(command).await;
        assert_eq!(carols.refused(id).await, call::protocol::Refusal::NoSuchCall);
    }
    // The next that Bob hears is Alice's own.
    a_word(&mut alices, &mut bobs, call, true).await;
}
