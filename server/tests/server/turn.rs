//! The relay, over real sockets: who may use it, for what, and how much.

mod client;

use std::net::SocketAddr;
use std::time::Duration;

use call::protocol::IceServer;
use server::clock::UnixMillis;
use server::metrics::Metrics;
use server::tls::Keeper;
use server::turn::credentials::{Credentials, VALIDITY};
use server::turn::{StartTurnError, Turn, TurnConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::{sleep, timeout};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};
use turn_types::stun::attribute::{ErrorCode, XorMappedAddress};
use turn_types::stun::message::{BINDING, Message};

use client::{Client, SILENCE, code};

use crate::common::{PATIENCE, TestServer};
use crate::tls::Made;

const LOOPBACK: TurnConfig = TurnConfig {
    public: SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0),
    listen: None,
};

async fn relay() -> Turn {
    Turn::start(LOOPBACK, None, Metrics::new()).await.unwrap()
}

fn minted(turn: &Turn, user: &str) -> Credentials {
    turn.secret().mint(user, UnixMillis::now())
}

fn bare() -> Credentials {
    Credentials {
        username: String::new(),
        password: String::new(),
    }
}

#[tokio::test]
async fn anybody_can_ask_for_their_own_address_and_for_nothing_else() {
    let turn = relay().await;
    for mut client in [
        Client::udp(turn.addr(), bare()).await,
        Client::tcp(turn.addr(), bare()).await,
    ] {
        let answer = client.ask_anonymously(BINDING, &[]).await;
        assert!(answer.len() <= 32, "{} bytes", answer.len());
        let message = Message::from_bytes(&answer).unwrap();
        let mapped = message.attribute::<XorMappedAddress>().unwrap();
        assert_eq!(mapped.addr(message.transaction_id()), client.local_addr());
        for method in [ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND] {
            let answer = client.ask_anonymously(method, &[]).await;
            assert_eq!(code(&answer), Err(ErrorCode::UNAUTHORIZED));
            assert!(
                answer.len() <= 80,
                "an answer to anybody has {} bytes",
                answer.len()
            );
        }
    }
    turn.stop().await;
}

#[tokio::test]
async fn two_clients_reach_each_other_by_udp_and_by_tcp() {
    let turn = relay().await;
    let alice = minted(&turn, "alice");
    let bob = minted(&turn, "bob");
    let pairs = [
        (
            Client::udp(turn.addr(), alice.clone()).await,
            Client::udp(turn.addr(), bob.clone()).await,
        ),
        (
            Client::tcp(turn.addr(), alice.clone()).await,
            Client::udp(turn.addr(), bob.clone()).await,
        ),
        (
            Client::tcp(turn.addr(), alice).await,
            Client::tcp(turn.addr(), bob).await,
        ),
    ];
    for (mut alice, mut bob) in pairs {
        let to_alice = alice.allocate().await.unwrap();
        let to_bob = bob.allocate().await.unwrap();
        assert_eq!(to_alice.ip(), turn.addr().ip());
        alice.permit(to_bob).await.unwrap();
        bob.permit(to_alice).await.unwrap();
        alice.send(to_bob, b"hello").await;
        assert_eq!(bob.data().await, (to_alice, b"hello".to_vec()));
        bob.bind(0x4001, to_alice).await.unwrap();
        alice.send(to_bob, b"again").await;
        assert_eq!(bob.channel_data().await, (0x4001, b"again".to_vec()));
        bob.send_on(0x4001, b"and back").await;
        assert_eq!(alice.data().await, (to_bob, b"and back".to_vec()));
    }
    turn.stop().await;
}

#[tokio::test]
async fn figures_tell_of_the_relay() {
    let metrics = Metrics::new();
    let turn = Turn::start(LOOPBACK, None, metrics.clone()).await.unwrap();
    let mut alice = Client::tcp(turn.addr(), minted(&turn, "alice")).await;
    let mut bob = Client::udp(turn.addr(), minted(&turn, "bob")).await;
    let to_alice = alice.allocate().await.unwrap();
    let to_bob = bob.allocate().await.unwrap();
    alice.permit(to_bob).await.unwrap();
    bob.permit(to_alice).await.unwrap();
    let figure = |name: &str| -> u64 {
        let text = metrics.text();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert_eq!(figure("yodel_relay_allocations"), 2);
    assert_eq!(
        figure("yodel_relayed_bytes_total"),
        0,
        "what is asked is not relayed"
    );
    alice.send(to_bob, b"hello").await;
    bob.data().await;
    assert!(figure("yodel_relayed_bytes_total") >= 5);
    drop(alice);
    let given_back = async {
        while figure("yodel_relay_allocations") != 1 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, given_back)
        .await
        .expect("an address that is given back");
    turn.stop().await;
}

#[tokio::test]
async fn a_password_is_good_for_one_user_and_for_five_minutes() {
    let turn = relay().await;
    let now = UnixMillis::now();
    let alice = turn.secret().mint("alice", now);
    let refused = [
        (
            "of somebody else",
            Credentials {
                username: alice.username.replace("alice", "bob"),
                ..alice.clone()
            },
        ),
        (
            "of a later time",
            Credentials {
                username: format!("9{}", alice.username),
                ..alice.clone()
            },
        ),
        (
            "with another letter",
            Credentials {
                password: alice.password.replace('=', "A"),
                ..alice.clone()
            },
        ),
        ("expired", turn.secret().mint("alice", now.minus(VALIDITY))),
        ("of another relay", relay().await.secret().mint("alice", now)),
        (
            "without an expiry",
            Credentials {
                username: "alice".to_owned(),
                ..alice.clone()
            },
        ),
    ];
    for (how, credentials) in refused {
        let allocated = Client::udp(turn.addr(), credentials).await.allocate().await;
        assert_eq!(allocated, Err(ErrorCode::UNAUTHORIZED), "{how}");
    }
    assert!(
        Client::udp(turn.addr(), alice.clone())
            .await
            .allocate()
            .await
            .is_ok()
    );

    let mut replayed = Client::udp(turn.addr(), alice.clone()).await;
    let mut heard = Client::udp(turn.addr(), alice).await;
    heard.allocate().await.unwrap();
    replayed.nonce.clone_from(&heard.nonce);
    replayed.realm.clone_from(&heard.realm);
    assert_eq!(
        replayed.allocate().await,
        Err(ErrorCode::STALE_NONCE),
        "a nonce is for one address"
    );
    turn.stop().await;
}

#[tokio::test]
async fn one_person_has_twelve_allocations_at_most() {
    let turn = relay().await;
    let mut clients = Vec::new();
    for _ in 0..12 {
        let mut client = Client::udp(turn.addr(), minted(&turn, "alice")).await;
        client.allocate().await.unwrap();
        clients.push(client);
    }
    for mut client in [
        Client::udp(turn.addr(), minted(&turn, "alice")).await,
        Client::tcp(turn.addr(), minted(&turn, "alice")).await,
    ] {
        assert_eq!(client.allocate().await, Err(ErrorCode::ALLOCATION_QUOTA_REACHED));
    }
    assert!(
        Client::udp(turn.addr(), minted(&turn, "bob"))
            .await
            .allocate()
            .await
            .is_ok()
    );
    turn.stop().await;
}

#[tokio::test]
async fn a_stream_that_is_closed_gives_its_allocation_back() {
    let turn = relay().await;
    let mut alice = Client::udp(turn.addr(), minted(&turn, "alice")).await;
    let to_alice = alice.allocate().await.unwrap();
    let mut bob = Client::tcp(turn.addr(), minted(&turn, "bob")).await;
    let to_bob = bob.allocate().await.unwrap();
    assert_eq!(alice.bind(0x4000, to_bob).await, Ok(()));
    bob.permit(to_alice).await.unwrap();
    drop(bob);
    let gone = async { while alice.bind(0x4000, to_bob).await == Ok(()) {} };
    timeout(PATIENCE, gone).await.expect("the allocation is gone");
    turn.stop().await;
}

/// Where nobody who has a password for the relay may get: <https://www.iana.org/assignments/iana-ipv4-special-registry>, its
/// like for IPv6, and addresses that lead to these in another form.
const SPECIAL: [&str; 46] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.17.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.1.254",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
];

#[tokio::test]
async fn nothing_is_relayed_to_a_special_address_nor_to_the_server_itself() {
    let turn = relay().await;
    let victim = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = victim.local_addr().unwrap().port();
    let mut alice = Client::udp(turn.addr(), minted(&turn, "alice")).await;
    let to_alice = alice.allocate().await.unwrap();
    let mut bob = Client::udp(turn.addr(), minted(&turn, "bob")).await;
    let to_bob = bob.allocate().await.unwrap();
    alice.permit(to_bob).await.unwrap();
    bob.permit(to_alice).await.unwrap();

    let mut channel = 0x4000;
    for ip in SPECIAL.into_iter().chain(["ff02::1", "ff0e::1"]) {
        for port in [port, turn.addr().port(), to_bob.port(), 80] {
            let peer = SocketAddr::new(ip.parse().unwrap(), port);
            let refusal = Err(if peer.is_ipv4() {
                ErrorCode::FORBIDDEN
            } else {
                ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH
            });
            assert_eq!(alice.permit(peer).await, refusal, "permission for {peer}");
            assert_eq!(alice.bind(channel, peer).await, refusal, "channel to {peer}");
            alice.send(peer, b"attack").await;
            alice.send_on(channel, b"attack").await;
            channel += 1;
        }
    }
    // The relay's own IP: what is no relayed address is nobody.
    for port in [port, turn.addr().port(), 22, 80, 3000] {
        let peer = SocketAddr::new(turn.addr().ip(), port);
        assert_eq!(
            alice.bind(channel, peer).await,
            Err(ErrorCode::FORBIDDEN),
            "channel to {peer}"
        );
        alice.permit(peer).await.unwrap();
        alice.send(peer, b"attack").await;
        alice.send_on(channel, b"attack").await;
    }
    let mut buffer = [0; 64];
    assert!(
        timeout(SILENCE, victim.recv(&mut buffer)).await.is_err(),
        "the server has sent something to another socket"
    );
    assert!(
        bob.hears_nothing().await,
        "what was sent elsewhere has come to somebody"
    );
    alice.send(to_bob, b"hello").await;
    assert_eq!(
        bob.data().await,
        (to_alice, b"hello".to_vec()),
        "the relay relays"
    );
    turn.stop().await;
}

#[tokio::test]
async fn a_stream_that_wants_nothing_or_speaks_something_else_is_closed() {
    let turn = relay().await;
    let mut silent = TcpStream::connect(turn.addr()).await.unwrap();
    let mut wrong = TcpStream::connect(turn.addr()).await.unwrap();
    wrong.write_all(b"\x80GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut buffer = [0; 16];
    let closed = timeout(PATIENCE, wrong.read(&mut buffer)).await.expect("an end");
    assert!(matches!(closed, Ok(0) | Err(_)));
    let closed = timeout(PATIENCE, silent.read(&mut buffer)).await.expect("an end");
    assert!(matches!(closed, Ok(0) | Err(_)));
    turn.stop().await;
}

#[tokio::test]
async fn nobody_holds_all_streams() {
    let turn = relay().await;
    let mut streams = Vec::new();
    for _ in 0..256 {
        let mut client = Client::tcp(turn.addr(), bare()).await;
        client.ask_anonymously(BINDING, &[]).await;
        streams.push(client);
    }
    let mut one_more = TcpStream::connect(turn.addr()).await.unwrap();
    let closed = timeout(Duration::from_secs(2), one_more.read(&mut [0; 16])).await;
    assert!(matches!(closed.expect("an end at once"), Ok(0) | Err(_)));
    turn.stop().await;
}

#[tokio::test]
async fn it_says_why_it_cannot_start() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let start = |public: SocketAddr| Turn::start(TurnConfig { public, listen: None }, None, Metrics::new());
    let error = start(taken.local_addr().unwrap()).await.unwrap_err();
    assert!(matches!(error, StartTurnError::AddrInUse { .. }), "{error}");
    let error = start("203.0.113.7:0".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, StartTurnError::NotHere { .. }), "{error}");
    assert!(error.to_string().contains("--turn-listen"), "{error}");

    let behind_nat = TurnConfig {
        public: "203.0.113.7:3478".parse().unwrap(),
        listen: Some("127.0.0.1:0".parse().unwrap()),
    };
    let turn = Turn::start(behind_nat, None, Metrics::new()).await.unwrap();
    assert_eq!(
        turn.urls(None),
        [
            "stun:203.0.113.7:3478",
            "turn:203.0.113.7:3478?transport=udp",
            "turn:203.0.113.7:3478?transport=tcp"
        ]
    );
    turn.stop().await;
}

#[tokio::test]
async fn whoever_is_welcomed_can_use_the_relay_as_themselves() {
    let server = TestServer::start_with(|config| {
        config.turn = Some(LOOPBACK);
        config.relay_only = true;
    })
    .await;
    let turn = server.server.turn_addr().unwrap();
    for id in ["alice", "bob"] {
        let user = server.sign_up(id).await;
        let mut phone = server.connect(&user).await;
        phone.hello(1).await;
        let welcome = phone.welcomed().await;
        assert!(welcome.relay_only);
        let [
            IceServer {
                urls,
                username,
                credential,
            },
        ] = &welcome.ice_servers[..]
        else {
            panic!("{:?}", welcome.ice_servers);
        };
        assert!(urls.contains(&format!("turn:{turn}?transport=tcp")), "{urls:?}");
        let username = username.clone().unwrap();
        let (expiry, of) = username.split_once(':').unwrap();
        assert_eq!(of, id);
        let left = expiry.parse::<i64>().unwrap() - UnixMillis::now().as_millis() / 1000;
        assert!((290..=300).contains(&left), "{left} s");
        let credentials = Credentials {
            username,
            password: credential.clone().unwrap(),
        };
        Client::udp(turn, credentials).await.allocate().await.unwrap();
    }
    server.server.stop().await;
}

#[tokio::test]
async fn it_relays_between_a_client_by_tls_and_one_by_tcp_on_the_same_port() {
    let made = Made::new();
    made.write(&made.sign(&["localhost"]));
    let keeper = Keeper::open(made.files(), None).unwrap();
    let turn = Turn::start(LOOPBACK, Some(keeper.showcase().for_turn()), Metrics::new())
        .await
        .unwrap();
    let mut alice = Client::tls(turn.addr(), &made, minted(&turn, "alice")).await;
    let mut bob = Client::tcp(turn.addr(), minted(&turn, "bob")).await;
    let (at_alice, at_bob) = (alice.allocate().await.unwrap(), bob.allocate().await.unwrap());
    alice.permit(at_bob).await.unwrap();
    bob.permit(at_alice).await.unwrap();
    alice.bind(0x4001, at_bob).await.unwrap();
    bob.bind(0x4002, at_alice).await.unwrap();
    for data in [&b"a"[..], b"five!", &[7; 1200]] {
        alice.send_on(0x4001, data).await;
        let heard = timeout(PATIENCE, bob.receive_bytes()).await.unwrap();
        assert_eq!(&heard[4..4 + data.len()], data);
        bob.send_on(0x4002, data).await;
        let heard = timeout(PATIENCE, alice.receive_bytes()).await.unwrap();
        assert_eq!(&heard[4..4 + data.len()], data);
    }
    turn.stop().await;
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_not_waited_for() {
    let made = Made::new();
    made.write(&made.sign(&["localhost"]));
    let keeper = Keeper::open(made.files(), None).unwrap();
    let turn = Turn::start(LOOPBACK, Some(keeper.showcase().for_turn()), Metrics::new())
        .await
        .unwrap();
    for begin in [&[0x16, 3, 1, 2, 0, 1][..], &[]] {
        let mut stream = TcpStream::connect(turn.addr()).await.unwrap();
        stream.write_all(begin).await.unwrap();
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, stream.read_to_end(&mut rest))
            .await
            .expect("closed in time");
        assert!(end.is_err() || rest.is_empty(), "{rest:?}");
    }
    turn.stop().await;
}
