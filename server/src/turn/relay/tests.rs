//! The machine in virtual time. `server/tests/server/turn.rs` speaks to it over real sockets.

use std::time::Duration;

use proptest::prelude::{Strategy, any, prop, proptest};
use turn_types::stun::message::{
    MessageType, MessageWrite as _, MessageWriteExt as _, MessageWriteVec, Method, TransactionId,
};
use turn_types::stun::prelude::AttributeWrite;

use super::*;

const ALICE: &str = "192.0.2.1:1000";
const BOB: &str = "192.0.2.2:2000";

fn secret() -> SharedSecret {
    SharedSecret::new("north").unwrap()
}

fn relay() -> Relay {
    Relay::new("203.0.113.7".parse().unwrap(), secret(), [7; 32])
}

fn at(seconds: u64) -> Moment {
    let passed = Duration::from_secs(seconds);
    Moment {
        clock: Timestamp::ZERO + passed,
        date: UnixMillis::from_millis(1_800_000_000_000).plus(passed),
    }
}

/// Somebody with a password.
struct Phone {
    addr: SocketAddr,
    username: String,
    password: String,
    nonce: String,
}

impl Phone {
    fn new(user: &str, addr: &str, now: Moment) -> Self {
        let credentials = secret().mint(user, now.date);
        Self {
            addr: addr.parse().unwrap(),
            username: credentials.username,
            password: credentials.password,
            nonce: String::new(),
        }
    }

    fn client(&self) -> Client {
        Client::Datagram(self.addr)
    }

    fn say(&self, relay: &mut Relay, now: Moment, bytes: &[u8]) -> Option<Outgoing> {
        relay.receive(now, self.client(), self.addr, bytes)
    }

    fn request(&self, id: TransactionId, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut request = Message::builder(kind, id, MessageWriteVec::new());
        for attribute in attributes {
            request.add_attribute(*attribute).unwrap();
        }
        request
            .add_attribute(&UsernameAttribute::new(&self.username).unwrap())
            .unwrap();
        request.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
        request.add_attribute(&Nonce::new(&self.nonce).unwrap()).unwrap();
        let key = LongTermKeyCredentials::new(self.username.clone(), self.password.clone(), REALM.into());
        let key = MessageIntegrityCredentials::LongTerm(key).make_key(IntegrityAlgorithm::Sha1);
        request
            .add_message_integrity_with_key(&key, IntegrityAlgorithm::Sha1)
            .unwrap();
        request.finish()
    }

    /// Ask, with a fresh nonce if the one at hand is not taken. Returns the error code of the answer, or 0.
    fn ask(
        &mut self,
        relay: &mut Relay,
        now: Moment,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> u16 {
        for _ in 0..2 {
            let request = self.request(TransactionId::generate(), method, attributes);
            let answer = self.say(relay, now, &request).unwrap();
            assert_eq!(answer.to, self.client());
            let answer = Message::from_bytes(&answer.bytes).unwrap();
            let code = answer.attribute::<ErrorCode>().map_or(0, |error| error.code());
            match answer.attribute::<Nonce>() {
                Ok(nonce) if code == ErrorCode::STALE_NONCE => self.nonce = nonce.nonce().to_owned(),
                Ok(_) | Err(_) => return code,
            }
        }
        panic!("a fresh nonce is stale");
    }

    fn allocate(&mut self, relay: &mut Relay, now: Moment) -> u16 {
        self.ask(
            relay,
            now,
            ALLOCATE,
            &[&RequestedTransport::new(RequestedTransport::UDP)],
        )
    }

    fn relayed(&self, relay: &Relay) -> SocketAddr {
        SocketAddr::new(relay.public, relay.allocations[&self.client()].port)
    }

    fn permit(&mut self, relay: &mut Relay, now: Moment, peer: &Self) -> u16 {
        if !relay.nonces.is_good(now.clock, self.addr, &self.nonce) {
            self.nonce = relay.nonces.make(now.clock, self.addr);
        }
        let id = TransactionId::generate();
        let peer = XorPeerAddress::new(peer.relayed(relay), id);
        let request = self.request(id, CREATE_PERMISSION, &[&peer]);
        let answer = self.say(relay, now, &request).unwrap();
        let answer = Message::from_bytes(&answer.bytes).unwrap();
        answer.attribute::<ErrorCode>().map_or(0, |error| error.code())
    }

    fn send(&self, relay: &mut Relay, now: Moment, peer: &Self, data: &[u8]) -> Option<Outgoing> {
        let mut send = Message::builder_indication(SEND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer.relayed(relay), send.transaction_id());
        send.add_attribute(&peer).unwrap();
        send.add_attribute(&Data::new(data)).unwrap();
        self.say(relay, now, &send.finish())
    }
}

/// Two people who may send to each other.
fn linked() -> (Relay, Phone, Phone) {
    let mut relay = relay();
    let mut phones = [Phone::new("alice", ALICE, at(0)), Phone::new("bob", BOB, at(0))];
    for phone in &mut phones {
        assert_eq!(phone.allocate(&mut relay, at(0)), 0);
    }
    let [mut alice, mut bob] = phones;
    assert_eq!(alice.permit(&mut relay, at(0), &bob), 0);
    assert_eq!(bob.permit(&mut relay, at(0), &alice), 0);
    (relay, alice, bob)
}

#[test]
fn whoever_was_let_in_stays_longer_than_the_password_is_good() {
    let (mut relay, mut alice, bob) = linked();
    for minutes in (5..60).step_by(4) {
        let now = at(minutes * 60);
        assert_eq!(alice.ask(&mut relay, now, REFRESH, &[]), 0);
        assert_eq!(alice.permit(&mut relay, now, &bob), 0);
    }
    let mut again = Phone::new("alice", "192.0.2.1:1001", at(0));
    assert_eq!(again.allocate(&mut relay, at(301)), ErrorCode::UNAUTHORIZED);
    let now = at(56 * 60);
    assert_eq!(alice.ask(&mut relay, now, REFRESH, &[&Lifetime::new(0)]), 0);
    assert_eq!(
        alice.allocate(&mut relay, now),
        ErrorCode::UNAUTHORIZED,
        "a new one needs a new password"
    );
}

#[test]
fn an_allocation_that_is_not_refreshed_ends() {
    let (mut relay, mut alice, bob) = linked();
    assert!(alice.send(&mut relay, at(299), &bob, b"hello").is_some());
    let over = at(limits::LIFETIME.as_secs());
    assert_eq!(alice.send(&mut relay, over, &bob, b"hello"), None);
    assert_eq!(alice.ask(&mut relay, over, REFRESH, &[]), ErrorCode::UNAUTHORIZED);
    relay.tidy(over.clock);
    assert!(relay.allocations.is_empty() && relay.holders.is_empty());
}

#[test]
fn nothing_passes_unless_both_have_permitted_it() {
    let mut relay = relay();
    let mut alice = Phone::new("alice", ALICE, at(0));
    let mut bob = Phone::new("bob", BOB, at(0));
    alice.allocate(&mut relay, at(0));
    bob.allocate(&mut relay, at(0));
    assert_eq!(alice.send(&mut relay, at(0), &bob, b"hello"), None);
    alice.permit(&mut relay, at(0), &bob);
    assert_eq!(alice.send(&mut relay, at(0), &bob, b"hello"), None);
    bob.permit(&mut relay, at(0), &alice);
    let arrived = alice.send(&mut relay, at(0), &bob, b"hello").unwrap();
    assert_eq!(arrived.to, bob.client());
    let permitted_until = limits::PERMISSION.as_secs();
    assert_eq!(alice.send(&mut relay, at(permitted_until), &bob, b"hello"), None);
}

#[test]
fn nobody_speaks_for_an_allocation_of_somebody_else() {
    let (mut relay, _, _) = linked();
    let mut mallory = Phone::new("mallory", ALICE, at(0));
    assert_eq!(
        mallory.ask(&mut relay, at(0), REFRESH, &[]),
        ErrorCode::WRONG_CREDENTIALS
    );
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_a_second_one_none() {
    let mut relay = relay();
    let mut alice = Phone::new("alice", ALICE, at(0));
    alice.nonce = relay.nonces.make(at(0).clock, alice.addr);
    let transport = RequestedTransport::new(RequestedTransport::UDP);
    let request = alice.request(TransactionId::generate(), ALLOCATE, &[&transport]);
    let answer = alice.say(&mut relay, at(0), &request);
    assert_eq!(alice.say(&mut relay, at(0), &request), answer);
    assert_eq!(alice.allocate(&mut relay, at(0)), ErrorCode::ALLOCATION_MISMATCH);
    assert_eq!(relay.allocations.len(), 1);
}

#[test]
fn what_a_reloaded_page_has_left_behind_makes_room_and_what_is_used_does_not() {
    let (mut relay, alice, bob) = linked();
    let mut pages: Vec<Phone> = (1..=u16::try_from(limits::ALLOCATIONS_PER_USER).unwrap())
        .map(|port| Phone::new("alice", &format!("192.0.2.3:{port}"), at(0)))
        .collect();
    let last = pages.pop().map(|mut last| {
        for page in &mut pages {
            assert_eq!(page.allocate(&mut relay, at(0)), 0);
        }
        assert_eq!(
            last.allocate(&mut relay, at(29)),
            ErrorCode::ALLOCATION_QUOTA_REACHED
        );
        assert!(alice.send(&mut relay, at(29), &bob, b"still here").is_some());
        for _ in 0..limits::ALLOCATIONS_PER_USER - 1 {
            last.addr.set_port(last.addr.port() + 100);
            assert_eq!(last.allocate(&mut relay, at(31)), 0);
        }
        last.addr.set_port(9);
        last.allocate(&mut relay, at(32))
    });
    assert_eq!(last, Some(ErrorCode::ALLOCATION_QUOTA_REACHED));
    assert!(relay.has_allocation(alice.client()), "it is used");
    let of_alice = |allocation: &&Allocation| allocation.user == "alice";
    assert_eq!(
        relay.allocations.values().filter(of_alice).count(),
        limits::ALLOCATIONS_PER_USER
    );
}

#[test]
fn nobody_sends_more_than_is_allowed() {
    let (mut relay, alice, bob) = linked();
    let datagram = [7; 1000];
    let passed = |relay: &mut Relay, now| {
        let sent = (0..5_000).map(|_| alice.send(relay, now, &bob, &datagram));
        sent.filter(Option::is_some).count()
    };
    let a_second = usize::try_from(limits::BYTES_PER_SECOND).unwrap() / datagram.len();
    assert_eq!(passed(&mut relay, at(1)), a_second);
    assert_eq!(passed(&mut relay, at(1)), 0);
    assert!(passed(&mut relay, at(2)) >= a_second);
}

#[test]
fn there_is_an_end_to_all_allocations_together() {
    let mut relay = relay();
    for number in 0..=limits::ALLOCATIONS {
        let network = number / limits::ALLOCATIONS_PER_NETWORK;
        let addr = format!("192.0.2.{network}:{}", number + 1);
        let mut phone = Phone::new(&format!("user{number}"), &addr, at(0));
        let expected = if number < limits::ALLOCATIONS {
            0
        } else {
            ErrorCode::INSUFFICIENT_CAPACITY
        };
        assert_eq!(phone.allocate(&mut relay, at(0)), expected, "{number}");
    }
}

#[test]
fn many_accounts_of_one_network_do_not_take_every_allocation() {
    let mut relay = relay();
    let mut allocate = |number: usize, addr: String| {
        Phone::new(&format!("user{number}"), &addr, at(0)).allocate(&mut relay, at(0))
    };
    for number in 0..limits::ALLOCATIONS_PER_NETWORK {
        let addr = format!("[2001:db8:0:1::{number:x}]:1000");
        assert_eq!(allocate(number, addr), 0, "{number}");
    }
    assert_eq!(
        allocate(1_000, "[2001:db8:0:1:ffff::]:1000".to_owned()),
        ErrorCode::ALLOCATION_QUOTA_REACHED
    );
    assert_eq!(allocate(1_001, "[2001:db8:0:2::1]:1000".to_owned()), 0);
    assert_eq!(allocate(1_002, ALICE.to_owned()), 0);
}

/// Bytes that begin like something.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec![
        vec![],
        vec![0, 1, 0, 0],
        vec![0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42],
        vec![0, 0x16, 0, 16, 0x21, 0x12, 0xa4, 0x42],
        vec![0x40, 0, 0, 4],
    ]);
    (start, prop::collection::vec(any::<u8>(), 0..80)).prop_map(|(start, rest)| [start, rest].concat())
}

proptest! {
    #[test]
    fn nothing_that_anybody_sends_stops_the_relay(
        noise in prop::collection::vec(noise(), 1..8),
        changes in prop::collection::vec((0_usize..400, any::<u8>()), 0..6),
        cut in 0_usize..200,
    ) {
        let (mut relay, mut alice, bob) = linked();
        for bytes in &noise {
            let _ = alice.say(&mut relay, at(1), bytes);
        }
        alice.nonce = relay.nonces.make(at(1).clock, alice.addr);
        let id = TransactionId::generate();
        let peer = XorPeerAddress::new(bob.relayed(&relay), id);
        for method in [BINDING, ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND] {
            let mut request = alice.request(id, method, &[&peer, &ChannelNumber::new(0x4000)]);
            for (place, byte) in &changes {
                if let Some(changed) = request.get_mut(*place) {
                    *changed = *byte;
                }
            }
            let _ = alice.say(&mut relay, at(1), &request);
            request.truncate(request.len().saturating_sub(cut));
            let _ = alice.say(&mut relay, at(1), &request);
        }
        assert!(alice.send(&mut relay, at(2), &bob, b"still here").is_some());
    }
}
