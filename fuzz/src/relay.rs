//! The relay: whatever comes from the internet, with a password and without, and in any order.

use std::net::SocketAddr;
use std::time::Duration;

use call::time::Timestamp;
use server::clock::UnixMillis;
use server::turn::relay::{Client, Moment, Outgoing, Relay};
use server::turn::{REALM, SharedSecret};
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::channel::ChannelData;
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};
use turn_types::stun::attribute::{Nonce, Realm, Username};
use turn_types::stun::message::{
    BINDING, IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageIntegrityCredentials,
    MessageType, MessageWrite as _, MessageWriteExt as _, MessageWriteVec, Method, TransactionId,
};
use turn_types::stun::prelude::AttributeWrite;

use crate::bytes::Bytes;

const PUBLIC: &str = "203.0.113.7";
/// The first relayed addresses, and others at which nothing is ever to arrive.
const PEERS: [&str; 7] = [
    "203.0.113.7:49152",
    "203.0.113.7:49153",
    "203.0.113.7:49154",
    "203.0.113.7:22",
    "127.0.0.1:49152",
    "169.254.169.254:80",
    "[2001:db8::1]:49152",
];
const METHODS: [Method; 6] = [ALLOCATE, CREATE_PERMISSION, CHANNEL_BIND, REFRESH, BINDING, SEND];
const PASSING: [u64; 6] = [1, 31, 121, 301, 601, 90_000];
/// What is answered to whoever has not shown a password is no use for flooding somebody else with it, in bytes.
const SHORT: usize = 160;
/// By how much what is handed on is longer than what was sent, at most, in bytes.
const WRAPPING: usize = 48;

struct Phone {
    user: &'static str,
    client: Client,
    addr: SocketAddr,
    username: String,
    password: String,
    nonce: String,
}

struct World {
    relay: Relay,
    secret: SharedSecret,
    passed: Duration,
    phones: Vec<Phone>,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let mut world = World::new();
    while !bytes.is_empty() {
        let which = bytes.below(world.phones.len());
        match bytes.below(8) {
            0 => world.show_anything(which, bytes.some()),
            1..=3 => world.ask(which, &mut bytes),
            4 => world.send(which, &mut bytes),
            5 => world.send_by_channel(which, &mut bytes),
            6 => world.pass(Duration::from_secs(bytes.of(&PASSING))),
            _ => {
                let client = world.phones[which].client;
                world.relay.closed(client);
                assert!(!world.relay.has_allocation(client));
            }
        }
        assert!(world.relay.allocation_count() <= world.phones.len());
    }
}

impl World {
    fn new() -> Self {
        let secret = SharedSecret::new("north").unwrap();
        let relay = Relay::new(PUBLIC.parse().unwrap(), secret.clone(), [7; 32]);
        let mut world = Self {
            relay,
            secret,
            passed: Duration::ZERO,
            phones: Vec::new(),
        };
        for (user, addr, stream) in [
            ("alice", "192.0.2.1:1000", None),
            ("bob", "192.0.2.2:2000", None),
            ("bob", "192.0.2.2:3000", Some(1)),
        ] {
            let addr = addr.parse().unwrap();
            let credentials = world.secret.mint(user, world.now().date);
            world.phones.push(Phone {
                user,
                client: stream.map_or(Client::Datagram(addr), Client::Stream),
                addr,
                username: credentials.username,
                password: credentials.password,
                nonce: String::new(),
            });
        }
        world
    }

    fn now(&self) -> Moment {
        Moment {
            clock: Timestamp::ZERO + self.passed,
            date: UnixMillis::from_millis(1_800_000_000_000).plus(self.passed),
        }
    }

    fn pass(&mut self, time: Duration) {
        self.passed += time;
        let now = self.now();
        self.relay.tidy(now.clock);
        // Browsers are told new passwords while they call.
        for phone in &mut self.phones {
            if !self.relay.has_allocation(phone.client) {
                let credentials = self.secret.mint(phone.user, now.date);
                phone.username = credentials.username;
                phone.password = credentials.password;
            }
        }
    }

    fn receive(&mut self, which: usize, bytes: &[u8]) -> Option<Outgoing> {
        let now = self.now();
        let Phone { client, addr, .. } = self.phones[which];
        let outgoing = self.relay.receive(now, client, addr, bytes);
        if let Some(outgoing) = outgoing.as_ref().filter(|outgoing| outgoing.to != client) {
            for one in [client, outgoing.to] {
                assert!(self.relay.has_allocation(one), "{one:?}: {outgoing:?}");
            }
        }
        outgoing
    }

    /// Without a password nothing is held, and little is answered.
    fn show_anything(&mut self, which: usize, bytes: &[u8]) {
        let before = self.relay.allocation_count();
        if let Some(outgoing) = self.receive(which, bytes) {
            let longest = SHORT.max(bytes.len() + WRAPPING);
            assert!(outgoing.bytes.len() <= longest, "{outgoing:?}");
        }
        assert!(self.relay.allocation_count() <= before);
    }

    /// A request with a signature; most often a good one.
    fn ask(&mut self, which: usize, bytes: &mut Bytes<'_>) {
        let method = bytes.of(&METHODS);
        let id = TransactionId::from(u128::from(bytes.next()));
        let with = bytes.next();
        let peers: Vec<XorPeerAddress> = (0..with & 3).map(|_| peer(bytes, id)).collect();
        let lifetime = Lifetime::new(if with & 4 == 0 { 600 } else { bytes.number() });
        let channel = ChannelNumber::new(
            0x4000_u16.wrapping_add(u16::from(bytes.next()) * if with & 8 == 0 { 1 } else { 256 }),
        );
        let transport = RequestedTransport::new(if with & 16 == 0 {
            RequestedTransport::UDP
        } else {
            bytes.next()
        });
        let mut attributes: Vec<&dyn AttributeWrite> = vec![&lifetime, &channel, &transport];
        attributes.extend(peers.iter().map(|peer| peer as &dyn AttributeWrite));
        if with & 32 != 0 {
            attributes.rotate_left(2);
            attributes.pop();
        }
        let of = if with & 64 == 0 {
            which
        } else {
            bytes.below(self.phones.len())
        };
        let request = self.signed(which, of, id, method, &attributes);
        let Some(answer) = self.receive(which, &request) else {
            return;
        };
        assert_eq!(
            answer.to, self.phones[which].client,
            "an answer goes to whoever has asked"
        );
        let answer = Message::from_bytes(&answer.bytes).unwrap();
        assert!(
            matches!(answer.class(), MessageClass::Success | MessageClass::Error),
            "{answer:?}"
        );
        if let Ok(nonce) = answer.attribute::<Nonce>() {
            nonce.nonce().clone_into(&mut self.phones[which].nonce);
        }
        if let Ok(relayed) = answer.attribute::<XorRelayedAddress>() {
            let relayed = relayed.addr(id);
            assert_eq!(relayed.ip().to_string(), PUBLIC);
            assert!(relayed.port() >= 49_152 && self.relay.has_allocation(self.phones[which].client));
        }
        if method == CREATE_PERMISSION || method == CHANNEL_BIND {
            let all_here = peers.iter().all(|peer| peer.addr(id).ip().to_string() == PUBLIC);
            assert!(
                all_here
                    || answer.class() == MessageClass::Error
                    || (method == CHANNEL_BIND && peers.len() > 1),
                "{answer:?}"
            );
        }
    }

    /// With the name and the password of one phone, and the nonce of another.
    fn signed(
        &self,
        which: usize,
        of: usize,
        id: TransactionId,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> Vec<u8> {
        let (
            nonce,
            Phone {
                username, password, ..
            },
        ) = (&self.phones[which].nonce, &self.phones[of]);
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut request = Message::builder(kind, id, MessageWriteVec::new());
        for attribute in attributes {
            request.add_attribute(*attribute).unwrap();
        }
        request.add_attribute(&Username::new(username).unwrap()).unwrap();
        request.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
        request.add_attribute(&Nonce::new(nonce).unwrap()).unwrap();
        let key = LongTermKeyCredentials::new(username.clone(), password.clone(), REALM.into());
        let key = MessageIntegrityCredentials::LongTerm(key).make_key(IntegrityAlgorithm::Sha1);
        request
            .add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1)
            .unwrap();
        request.finish()
    }

    fn send(&mut self, which: usize, bytes: &mut Bytes<'_>) {
        let mut send = Message::builder_indication(SEND, MessageWriteVec::new());
        let peer = peer(bytes, send.transaction_id());
        let data = bytes.some();
        send.add_attribute(&peer).unwrap();
        send.add_attribute(&Data::new(data)).unwrap();
        let handed_on = self.receive(which, &send.finish());
        expect_handed_on(handed_on, data);
    }

    fn send_by_channel(&mut self, which: usize, bytes: &mut Bytes<'_>) {
        let channel = 0x4000 + u16::from(bytes.next());
        let data = bytes.some();
        let mut frame = vec![0; 4 + data.len()];
        ChannelData::new(channel, data).write_into_unchecked(&mut frame);
        let handed_on = self.receive(which, &frame);
        expect_handed_on(handed_on, data);
    }
}

fn peer(bytes: &mut Bytes<'_>, id: TransactionId) -> XorPeerAddress {
    XorPeerAddress::new(bytes.of(&PEERS).parse().unwrap(), id)
}

/// What was sent arrives as it is, if it arrives.
fn expect_handed_on(outgoing: Option<Outgoing>, data: &[u8]) {
    if let Some(Outgoing { bytes, .. }) = outgoing {
        assert!(bytes.len() <= data.len() + WRAPPING, "{bytes:?}");
        assert!(
            data.is_empty() || bytes.windows(data.len()).any(|part| part == data),
            "{bytes:?}"
        );
    }
}
