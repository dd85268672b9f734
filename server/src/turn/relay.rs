//! What a TURN server does with what it receives (RFC 8656, RFC 8489), as a machine: time and the network are inputs.
//!
//! ```text
//!   Allocate without a password ──▶ 401 and a nonce. Nothing is remembered.
//!   Allocate with one ────────────▶ an allocation: a relayed address for ten minutes, and ten more with each Refresh
//!   CreatePermission, ChannelBind ▶ for another relayed address of this server, and no other: 403
//!   Send, ChannelData ────────────▶ to the client who holds that address, if both have permitted it
//! ```
//!
//! A relayed address is one in name only: there is no socket behind it. What is sent to one is handed on to the client who
//! holds it, and there is nowhere else to send anything to. So a relay that anybody could reach from outside cannot be used to
//! reach the machine that it runs on, or the networks that this machine is in; and a firewall needs no more than one port.
//! Two browsers lose nothing by that: if one of them must be relayed, the other has a relayed address as well.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use call::time::Timestamp;
use turn_types::AddressFamily;
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedAddressFamily, RequestedTransport, XorPeerAddress,
    XorRelayedAddress,
};
use turn_types::channel::ChannelData;
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};
use turn_types::stun::attribute::{
    ErrorCode, MessageIntegrity, MessageIntegritySha256, Nonce, Realm, Username as UsernameAttribute,
    XorMappedAddress,
};
use turn_types::stun::message::{
    BINDING, IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageHeader,
    MessageIntegrityCredentials,
};
use turn_types::stun::prelude::{Attribute as _, AttributeStaticType as _};

use super::allocation::{Allocation, Allowance};
use super::credentials::{SharedSecret, Username};
use super::message::{Answer, Proof, channel_data, data_indication};
use super::nonce::Nonces;
use super::{REALM, limits};
use crate::clock::UnixMillis;
use crate::connections::limit::Subscriber;

/// Where somebody sends from: the first half of a 5-tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// By UDP, from this address.
    Datagram(SocketAddr),
    /// By TCP or TLS, on this connection.
    Stream(u64),
}

/// Now, by both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Goes forward only.
    pub clock: Timestamp,
    /// What passwords expire by.
    pub date: UnixMillis,
}

/// Bytes, and where they go.
#[derive(Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where.
    pub to: Client,
    /// A datagram, or a frame on a stream.
    pub bytes: Vec<u8>,
}

/// Where a request comes from, and when.
#[derive(Clone, Copy)]
struct Sender {
    now: Moment,
    client: Client,
    addr: SocketAddr,
}

/// Who has proved to have sent a request.
struct Caller {
    username: String,
    user: String,
    is_expired: bool,
    proof: Proof,
}

/// The machine. See the [module](self).
#[derive(Debug)]
pub struct Relay {
    /// The IP of every relayed address.
    public: IpAddr,
    secret: SharedSecret,
    nonces: Nonces,
    allocations: BTreeMap<Client, Allocation>,
    /// Who holds which port. As many as there are allocations.
    holders: BTreeMap<u16, Client>,
    sending: Allowance,
    next_port: u16,
}

impl Relay {
    /// The ports of relayed addresses.
    const FIRST_PORT: u16 = 49_152;

    /// One whose relayed addresses have this IP, for whoever has a password of this secret. Its nonces are made with this key.
    pub const fn new(public: IpAddr, secret: SharedSecret, nonce_key: [u8; 32]) -> Self {
        Self {
            public,
            secret,
            nonces: Nonces::new(nonce_key),
            allocations: BTreeMap::new(),
            holders: BTreeMap::new(),
            sending: Allowance::new(limits::TOTAL_BYTES_PER_SECOND, Timestamp::ZERO),
            next_port: Self::FIRST_PORT,
        }
    }

    /// A datagram or a frame has arrived. Whatever it is, no more than one goes out.
    pub fn receive(
        &mut self,
        now: Moment,
        client: Client,
        addr: SocketAddr,
        bytes: &[u8],
    ) -> Option<Outgoing> {
        let from = Sender { now, client, addr };
        if bytes.first().is_some_and(|first| first >> 6 == 1) {
            let frame = ChannelData::parse(bytes).ok()?;
            let peer = self.allocation(from)?.peer_of(now.clock, frame.id())?;
            return self.relay(from, peer, frame.data());
        }
        let message = Message::from_bytes(bytes).ok()?;
        let whole = MessageHeader::from_bytes(bytes).ok()?.data_length();
        if usize::from(whole) + MessageHeader::LENGTH != bytes.len() {
            return None;
        }
        match message.class() {
            MessageClass::Request => {
                let bytes = self.answer(from, &message)?;
                Some(Outgoing { to: client, bytes })
            }
            MessageClass::Indication if message.method() == SEND => self.send(from, &message),
            MessageClass::Indication | MessageClass::Success | MessageClass::Error => None,
        }
    }

    /// A stream was closed, and with it its allocation.
    pub fn closed(&mut self, client: Client) {
        if let Some(allocation) = self.allocations.remove(&client) {
            self.holders.remove(&allocation.port);
        }
    }

    /// Forget what is over.
    pub fn tidy(&mut self, now: Timestamp) {
        self.allocations.retain(|_, allocation| !allocation.is_over(now));
        let allocations = &self.allocations;
        self.holders.retain(|_, holder| allocations.contains_key(holder));
    }

    /// Whether this client holds a relayed address.
    pub fn has_allocation(&self, client: Client) -> bool {
        self.allocations.contains_key(&client)
    }

    /// How many are held.
    pub fn allocation_count(&self) -> usize {
        self.allocations.len()
    }

    fn allocation(&self, from: Sender) -> Option<&Allocation> {
        let allocation = self.allocations.get(&from.client)?;
        (!allocation.is_over(from.now.clock)).then_some(allocation)
    }

    fn answer(&mut self, from: Sender, request: &Message<'_>) -> Option<Vec<u8>> {
        let method = request.method();
        if method == BINDING {
            let mapped = XorMappedAddress::new(from.addr, request.transaction_id());
            let answer =
                Answer::not_understood(request).unwrap_or_else(|| Answer::success(request).with(&mapped));
            return Some(answer.unsigned());
        }
        if ![ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND].contains(&method) {
            return None;
        }
        let caller = match self.authenticate(from, request) {
            Ok(caller) => caller,
            Err(refusal) => return Some(refusal.unsigned()),
        };
        let answer = if let Some(refusal) = Answer::not_understood(request) {
            Ok(refusal)
        } else if method == ALLOCATE {
            self.allocate(from, request, &caller)
        } else {
            match self.allocation(from) {
                // Nobody takes over what somebody else has allocated (RFC 8656, section 5).
                Some(allocation) if allocation.username != caller.username => {
                    Err(ErrorCode::WRONG_CREDENTIALS)
                }
                None => Err(ErrorCode::ALLOCATION_MISMATCH),
                Some(_) if method == REFRESH => self.refresh(from, request),
                Some(_) if method == CREATE_PERMISSION => self.create_permission(from, request),
                Some(_) => self.bind_channel(from, request),
            }
        };
        let answer = answer.unwrap_or_else(|code| Answer::error(request, code));
        Some(answer.signed(&caller.proof))
    }

    /// Who sends this? The long-term credential mechanism (RFC 8489, section 9.2.4).
    fn authenticate(&self, from: Sender, request: &Message<'_>) -> Result<Caller, Answer> {
        let refuse = |code| {
            let answer = Answer::error(request, code);
            let nonce = self.nonces.make(from.now.clock, from.addr);
            match (Realm::new(REALM), Nonce::new(&nonce)) {
                (Ok(realm), Ok(nonce)) => answer.with(&realm).with(&nonce),
                (Err(_), _) | (_, Err(_)) => answer,
            }
        };
        if !request.has_attribute(MessageIntegrity::TYPE)
            && !request.has_attribute(MessageIntegritySha256::TYPE)
        {
            return Err(refuse(ErrorCode::UNAUTHORIZED));
        }
        let (Ok(username), Ok(_), Ok(nonce)) = (
            request.attribute::<UsernameAttribute>(),
            request.attribute::<Realm>(),
            request.attribute::<Nonce>(),
        ) else {
            return Err(Answer::error(request, ErrorCode::BAD_REQUEST));
        };
        if !self.nonces.is_good(from.now.clock, from.addr, nonce.nonce()) {
            return Err(refuse(ErrorCode::STALE_NONCE));
        }
        let username = username.username();
        let name = Username::parse(username).ok_or_else(|| refuse(ErrorCode::UNAUTHORIZED))?;
        let password = self.secret.password(username);
        let credentials = LongTermKeyCredentials::new(username.to_owned(), password, REALM.to_owned());
        let key = MessageIntegrityCredentials::LongTerm(credentials).make_key(IntegrityAlgorithm::Sha1);
        let algorithm = request
            .validate_integrity_with_key(&key)
            .map_err(|_| refuse(ErrorCode::UNAUTHORIZED))?;
        let is_expired = name.expires_at <= from.now.date;
        // Whoever was let in may stay: a call lasts longer than a password.
        if is_expired && self.allocation(from).is_none() {
            return Err(refuse(ErrorCode::UNAUTHORIZED));
        }
        Ok(Caller {
            username: username.to_owned(),
            user: name.user.to_owned(),
            is_expired,
            proof: Proof { key, algorithm },
        })
    }

    fn allocate(&mut self, from: Sender, request: &Message<'_>, caller: &Caller) -> Result<Answer, u16> {
        let now = from.now.clock;
        let id = request.transaction_id();
        match self.allocation(from) {
            // The answer was lost, and it asks once more.
            Some(allocation) if allocation.made_by == id => {
                return Ok(self.allocated(from, request, allocation));
            }
            Some(_) => return Err(ErrorCode::ALLOCATION_MISMATCH),
            None if caller.is_expired => return Err(ErrorCode::UNAUTHORIZED),
            None => {}
        }
        let transport = request.attribute::<RequestedTransport>();
        let transport = transport.map_err(|_| ErrorCode::BAD_REQUEST)?;
        if transport.protocol() != RequestedTransport::UDP {
            return Err(ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL);
        }
        let family = request.attribute::<RequestedAddressFamily>();
        let family = family.map_or(AddressFamily::IPV4, |family| family.family());
        if (family == AddressFamily::IPV4) != self.public.is_ipv4()
            && request.has_attribute(RequestedAddressFamily::TYPE)
        {
            return Err(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED);
        }
        self.tidy(now);
        let network = Subscriber::from(from.addr.ip());
        self.make_room(now, &caller.user, network)?;
        let port = self.free_port().ok_or(ErrorCode::INSUFFICIENT_CAPACITY)?;
        let allocation = Allocation::new(
            now,
            caller.username.clone(),
            caller.user.clone(),
            network,
            port,
            id,
        );
        let answer = self.allocated(from, request, &allocation);
        self.holders.insert(port, from.client);
        self.allocations.insert(from.client, allocation);
        Ok(answer)
    }

    fn allocated(&self, from: Sender, request: &Message<'_>, allocation: &Allocation) -> Answer {
        let id = request.transaction_id();
        let relayed = SocketAddr::new(self.public, allocation.port);
        Answer::success(request)
            .with(&XorRelayedAddress::new(relayed, id))
            .with(&XorMappedAddress::new(from.addr, id))
            .with(&lifetime(allocation, from.now.clock))
    }

    fn make_room(&mut self, now: Timestamp, user: &str, network: Subscriber) -> Result<(), u16> {
        let own = self
            .allocations
            .iter()
            .filter(|(_, allocation)| allocation.user == user);
        if own.clone().count() >= limits::ALLOCATIONS_PER_USER {
            let idle = own.filter(|(_, allocation)| now.since(allocation.used_at) >= limits::IDLE);
            let left_behind = idle.min_by_key(|(_, allocation)| allocation.used_at);
            let left_behind = left_behind.map(|(client, _)| *client);
            self.closed(left_behind.ok_or(ErrorCode::ALLOCATION_QUOTA_REACHED)?);
        }
        let of_network = self
            .allocations
            .values()
            .filter(|allocation| allocation.network == network);
        if of_network.count() >= limits::ALLOCATIONS_PER_NETWORK {
            return Err(ErrorCode::ALLOCATION_QUOTA_REACHED);
        }
        if self.allocations.len() >= limits::ALLOCATIONS {
            return Err(ErrorCode::INSUFFICIENT_CAPACITY);
        }
        Ok(())
    }

    /// One that nobody has held for as long as possible: whoever sends to a port of the past is not to reach somebody else.
    fn free_port(&mut self) -> Option<u16> {
        for _ in Self::FIRST_PORT..=u16::MAX {
            let port = self.next_port;
            self.next_port = port.checked_add(1).unwrap_or(Self::FIRST_PORT);
            if !self.holders.contains_key(&port) {
                return Some(port);
            }
        }
        None
    }

    fn refresh(&mut self, from: Sender, request: &Message<'_>) -> Result<Answer, u16> {
        let now = from.now.clock;
        let wanted = request.attribute::<Lifetime>();
        if wanted.is_ok_and(|wanted| wanted.seconds() == 0) {
            self.closed(from.client);
            return Ok(Answer::success(request).with(&Lifetime::new(0)));
        }
        let allocation = self.allocation_mut(from)?;
        allocation.refresh(now);
        Ok(Answer::success(request).with(&lifetime(allocation, now)))
    }

    fn create_permission(&mut self, from: Sender, request: &Message<'_>) -> Result<Answer, u16> {
        let id = request.transaction_id();
        let mut peers = 0;
        for (_, attribute) in request.iter_attributes() {
            if attribute.get_type() == XorPeerAddress::TYPE {
                let peer = XorPeerAddress::try_from(&attribute).map_err(|_| ErrorCode::BAD_REQUEST)?;
                self.check_peer(peer.addr(id))?;
                peers += 1;
            }
        }
        if peers == 0 {
            return Err(ErrorCode::BAD_REQUEST);
        }
        self.allocation_mut(from)?.permit(from.now.clock);
        Ok(Answer::success(request))
    }

    fn bind_channel(&mut self, from: Sender, request: &Message<'_>) -> Result<Answer, u16> {
        let (Ok(number), Ok(peer)) = (
            request.attribute::<ChannelNumber>(),
            request.attribute::<XorPeerAddress>(),
        ) else {
            return Err(ErrorCode::BAD_REQUEST);
        };
        let number = number.channel();
        let peer = peer.addr(request.transaction_id());
        self.check_peer(peer)?;
        if !self.holders.contains_key(&peer.port()) {
            return Err(ErrorCode::FORBIDDEN);
        }
        if !(0x4000..=0x7fff).contains(&number) {
            return Err(ErrorCode::BAD_REQUEST);
        }
        let bound = self
            .allocation_mut(from)?
            .bind(from.now.clock, number, peer.port());
        bound.map_err(|_| ErrorCode::BAD_REQUEST)?;
        Ok(Answer::success(request))
    }

    /// A peer is a relayed address of this server. Any other address is that of a machine to which nothing is ever sent.
    fn check_peer(&self, peer: SocketAddr) -> Result<(), u16> {
        if peer.is_ipv4() != self.public.is_ipv4() {
            Err(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH)
        } else if peer.ip() != self.public {
            Err(ErrorCode::FORBIDDEN)
        } else {
            Ok(())
        }
    }

    fn allocation_mut(&mut self, from: Sender) -> Result<&mut Allocation, u16> {
        let allocation = self.allocations.get_mut(&from.client);
        allocation.ok_or(ErrorCode::ALLOCATION_MISMATCH)
    }

    fn send(&mut self, from: Sender, indication: &Message<'_>) -> Option<Outgoing> {
        let peer = indication.attribute::<XorPeerAddress>().ok()?;
        let peer = peer.addr(indication.transaction_id());
        let data = indication.attribute::<Data>().ok()?;
        self.check_peer(peer).ok()?;
        self.relay(from, peer.port(), data.data())
    }

    /// Hand on what is sent to a relayed address, to whoever holds it.
    fn relay(&mut self, from: Sender, to: u16, data: &[u8]) -> Option<Outgoing> {
        let now = from.now.clock;
        let holder = *self.holders.get(&to)?;
        let sender = self.allocations.get_mut(&from.client)?;
        if sender.is_over(now) || !sender.is_permitted(now) || !sender.sending.take(now, data.len()) {
            return None;
        }
        sender.used_at = now;
        let sent_from = sender.port;
        let receiver = self.allocations.get_mut(&holder)?;
        if receiver.is_over(now) || !receiver.is_permitted(now) || !self.sending.take(now, data.len()) {
            return None;
        }
        receiver.used_at = now;
        let bytes = match receiver.channel_to(now, sent_from) {
            Some(channel) => channel_data(channel, data),
            None => data_indication(SocketAddr::new(self.public, sent_from), data),
        };
        Some(Outgoing { to: holder, bytes })
    }
}

fn lifetime(allocation: &Allocation, now: Timestamp) -> Lifetime {
    Lifetime::new(u32::try_from(allocation.lifetime(now).as_secs()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
