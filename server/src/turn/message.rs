//! Answers and indications, as bytes. The format itself, with its checks and its codes, is the business of `turn_types`.

use std::net::SocketAddr;

use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedAddressFamily, RequestedTransport, XorPeerAddress,
};
use turn_types::channel::ChannelData;
use turn_types::message::DATA;
use turn_types::stun::attribute::{
    AttributeType, ErrorCode, Fingerprint, MessageIntegrity, MessageIntegritySha256, Nonce, Realm, Username,
};
use turn_types::stun::message::{
    IntegrityAlgorithm, IntegrityKey, Message, MessageWrite as _, MessageWriteExt as _, MessageWriteVec,
};
use turn_types::stun::prelude::{AttributeStaticType as _, AttributeWrite};

/// The attributes that must be understood and are. `EVEN-PORT` and `RESERVATION-TOKEN` are not: no browser asks for them.
pub(super) const UNDERSTOOD: [AttributeType; 12] = [
    Username::TYPE,
    Realm::TYPE,
    Nonce::TYPE,
    MessageIntegrity::TYPE,
    MessageIntegritySha256::TYPE,
    Fingerprint::TYPE,
    Lifetime::TYPE,
    RequestedTransport::TYPE,
    RequestedAddressFamily::TYPE,
    XorPeerAddress::TYPE,
    ChannelNumber::TYPE,
    Data::TYPE,
];

/// Who has proved to have sent a request, and how: the answer is signed in the same way.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) key: IntegrityKey,
    pub(super) algorithm: IntegrityAlgorithm,
}

/// An answer that is being written.
pub(super) struct Answer(MessageWriteVec);

impl Answer {
    pub(super) fn success(request: &Message<'_>) -> Self {
        Self(Message::builder_success(request, MessageWriteVec::new()))
    }

    /// The number alone: no client shows the words, and what is sent to anybody who asks had better be short.
    pub(super) fn error(request: &Message<'_>, code: u16) -> Self {
        let answer = Self(Message::builder_error(request, MessageWriteVec::new()));
        match ErrorCode::new(code, "") {
            Ok(code) => answer.with(&code),
            Err(_) => answer,
        }
    }

    /// If there is an attribute in it that must be understood and is not: the answer that says so.
    pub(super) fn not_understood(request: &Message<'_>) -> Option<Self> {
        Message::check_attribute_types(request, &UNDERSTOOD, &[], MessageWriteVec::new()).map(Self)
    }

    pub(super) fn with(mut self, attribute: &dyn AttributeWrite) -> Self {
        // Refused is what comes after the signature, which is put last, and what is too long for any message.
        let _ = self.0.add_attribute(attribute);
        self
    }

    pub(super) fn unsigned(self) -> Vec<u8> {
        self.0.finish()
    }

    pub(super) fn signed(mut self, proof: &Proof) -> Vec<u8> {
        // Refused only if there is a signature already.
        let _ = self.0.add_message_integrity_with_key(&proof.key, proof.algorithm);
        self.0.finish()
    }
}

/// What has come from a peer, for a client that has bound no channel to it.
pub(super) fn data_indication(peer: SocketAddr, data: &[u8]) -> Vec<u8> {
    let indication = Answer(Message::builder_indication(
        DATA,
        MessageWriteVec::with_capacity(data.len() + 48),
    ));
    let peer = XorPeerAddress::new(peer, indication.0.transaction_id());
    indication.with(&peer).with(&Data::new(data)).unsigned()
}

/// What has come from a peer, for a client that has bound a channel to it.
pub(super) fn channel_data(channel: u16, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; 4 + data.len()];
    ChannelData::new(channel, data).write_into_unchecked(&mut frame);
    frame
}
