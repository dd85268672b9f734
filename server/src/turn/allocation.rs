//! A relayed address that somebody holds, and what they may send.

use std::collections::BTreeMap;
use std::time::Duration;

use call::time::{Timestamp, millis};
use turn_types::stun::message::TransactionId;

use super::limits;
use crate::connections::limit::Subscriber;

/// A relayed address and everything that belongs to it (RFC 8656, section 3.2).
///
/// All relayed addresses have the same IP and differ in the port alone. So a peer is a port here; and permissions, which are for
/// IPs, are one.
#[derive(Debug)]
pub(super) struct Allocation {
    /// As it stands in the credentials with which it was made.
    pub(super) username: String,
    pub(super) user: String,
    /// Whose network it was made from.
    pub(super) network: Subscriber,
    pub(super) port: u16,
    /// The request that it was made by: the same one again gets the same answer.
    pub(super) made_by: TransactionId,
    made_at: Timestamp,
    expires_at: Timestamp,
    permitted_until: Timestamp,
    channels: BTreeMap<u16, Channel>,
    /// When anything was last relayed from here or to here.
    pub(super) used_at: Timestamp,
    pub(super) sending: Allowance,
}

#[derive(Debug)]
struct Channel {
    peer: u16,
    expires_at: Timestamp,
}

/// Why a channel cannot be bound: the number or the peer is bound otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChannelTaken;

impl Allocation {
    pub(super) fn new(
        now: Timestamp,
        username: String,
        user: String,
        network: Subscriber,
        port: u16,
        made_by: TransactionId,
    ) -> Self {
        Self {
            username,
            user,
            network,
            port,
            made_by,
            made_at: now,
            expires_at: now + limits::LIFETIME,
            permitted_until: now,
            channels: BTreeMap::new(),
            used_at: now,
            sending: Allowance::new(limits::BYTES_PER_SECOND, now),
        }
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// It lasts longer, but not for ever: a client that lives on after its call does not keep it.
    pub(super) fn refresh(&mut self, now: Timestamp) {
        self.expires_at = (now + limits::LIFETIME).min(self.made_at + limits::LONGEST);
    }

    /// How long it lasts.
    pub(super) fn lifetime(&self, now: Timestamp) -> Duration {
        self.expires_at.since(now)
    }

    /// Whether anything may be exchanged with other relayed addresses.
    pub(super) fn is_permitted(&self, now: Timestamp) -> bool {
        now < self.permitted_until
    }

    pub(super) fn permit(&mut self, now: Timestamp) {
        self.permitted_until = now + limits::PERMISSION;
    }

    /// Bind a channel to a peer, or keep it bound.
    pub(super) fn bind(&mut self, now: Timestamp, number: u16, peer: u16) -> Result<(), ChannelTaken> {
        self.channels.retain(|_, channel| now < channel.expires_at);
        let is_other = |(other, channel): (&u16, &Channel)| (*other == number) != (channel.peer == peer);
        if self.channels.iter().any(is_other) {
            return Err(ChannelTaken);
        }
        let expires_at = now + limits::CHANNEL;
        self.channels.insert(number, Channel { peer, expires_at });
        self.permit(now);
        Ok(())
    }

    /// The peer that a channel is bound to.
    pub(super) fn peer_of(&self, now: Timestamp, number: u16) -> Option<u16> {
        let channel = self.channels.get(&number)?;
        (now < channel.expires_at).then_some(channel.peer)
    }

    /// The channel that is bound to a peer.
    pub(super) fn channel_to(&self, now: Timestamp, peer: u16) -> Option<u16> {
        let mut bound = self.channels.iter();
        bound
            .find(|(_, channel)| channel.peer == peer && now < channel.expires_at)
            .map(|(number, _)| *number)
    }
}

/// Bytes that may be sent: so many a second in the long run, and those of one second at once.
#[derive(Debug)]
pub(super) struct Allowance {
    per_second: u64,
    left: u64,
    counted_at: Timestamp,
}

impl Allowance {
    pub(super) const fn new(per_second: u64, now: Timestamp) -> Self {
        Self {
            per_second,
            left: per_second,
            counted_at: now,
        }
    }

    /// Whether this many may be sent now, and if so they are counted.
    pub(super) fn take(&mut self, now: Timestamp, bytes: usize) -> bool {
        let earned = millis(now.since(self.counted_at)).saturating_mul(self.per_second) / 1000;
        if earned > 0 {
            self.left = self.left.saturating_add(earned).min(self.per_second);
            self.counted_at = now;
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn allocation() -> Allocation {
        let user = || "alice".to_owned();
        let network = Subscriber::from(IpAddr::from([192, 0, 2, 1]));
        Allocation::new(
            Timestamp::ZERO,
            user(),
            user(),
            network,
            50_000,
            TransactionId::generate(),
        )
    }

    #[test]
    fn a_channel_and_its_peer_belong_to_each_other() {
        let now = Timestamp::ZERO;
        let mut allocation = allocation();
        assert_eq!(allocation.bind(now, 0x4000, 50_001), Ok(()));
        assert_eq!(
            allocation.bind(now, 0x4000, 50_001),
            Ok(()),
            "again is to keep it"
        );
        assert_eq!(allocation.bind(now, 0x4000, 50_002), Err(ChannelTaken));
        assert_eq!(allocation.bind(now, 0x4001, 50_001), Err(ChannelTaken));
        assert_eq!(allocation.bind(now, 0x4001, 50_002), Ok(()));
        assert_eq!(allocation.peer_of(now, 0x4000), Some(50_001));
        assert_eq!(allocation.channel_to(now, 50_002), Some(0x4001));
        let later = now + limits::CHANNEL;
        assert_eq!(allocation.peer_of(later, 0x4000), None);
        assert_eq!(allocation.bind(later, 0x4000, 50_002), Ok(()));
    }

    #[test]
    fn an_allocation_that_is_refreshed_for_ever_ends_all_the_same() {
        let mut allocation = allocation();
        let mut now = Timestamp::ZERO;
        while !allocation.is_over(now) {
            allocation.refresh(now);
            now = now + limits::LIFETIME / 2;
        }
        let age = now.since(Timestamp::ZERO);
        assert!(
            age >= limits::LONGEST && age <= limits::LONGEST + limits::LIFETIME,
            "{age:?}"
        );
    }

    #[test]
    fn an_allowance_is_used_up_and_comes_back() {
        let mut allowance = Allowance::new(1_000, Timestamp::ZERO);
        assert!(allowance.take(Timestamp::ZERO, 1_000));
        assert!(!allowance.take(Timestamp::ZERO, 1));
        assert!(!allowance.take(Timestamp::from_millis(99), 100));
        assert!(allowance.take(Timestamp::from_millis(100), 100));
        assert!(
            !allowance.take(Timestamp::from_millis(100_000), 1_001),
            "no more than a second's at once"
        );
    }
}
