//! How many connections one address may have open.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::ProxyRange;

/// Counts connections by address. A clone counts the same ones.
#[derive(Clone, Debug)]
pub struct ConnectionLimit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: NonZeroU32,
    /// Behind these are many people, and who they are is seen only when they ask for something.
    uncounted: Vec<ProxyRange>,
    open: Mutex<HashMap<Subscriber, Open>>,
}

/// What one subscriber is given by a network: an address of IPv4, or 64 bits of one of IPv6, below which it takes any
/// (RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subscriber(IpAddr);

impl From<IpAddr> for Subscriber {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

#[derive(Debug, Default)]
struct Open {
    connections: u32,
    /// Whether the operator has been told that these are all that it may have.
    told: bool,
}

/// A connection that is counted, until this is dropped.
#[derive(Debug)]
pub struct Place(Option<(ConnectionLimit, Subscriber)>);

impl ConnectionLimit {
    /// At most so many, but any number from these addresses.
    pub fn new(most: NonZeroU32, uncounted: Vec<ProxyRange>) -> Self {
        Self(Arc::new(Inner {
            most,
            uncounted,
            open: Mutex::default(),
        }))
    }

    /// Count a connection from this address, unless there are too many.
    pub fn admit(&self, address: IpAddr) -> Option<Place> {
        if self.0.uncounted.iter().any(|range| range.contains(address)) {
            return Some(Place(None));
        }
        let subscriber = Subscriber::from(address);
        let mut all = self.lock();
        let open = all.entry(subscriber).or_default();
        if open.connections < self.0.most.get() {
            open.connections += 1;
            return Some(Place(Some((self.clone(), subscriber))));
        }
        if !open.told {
            open.told = true;
            tracing::warn!(
                most = self.0.most,
                "an address has as many connections open as it may, and gets no more. If it is that of a reverse proxy, name it \
                 in --trusted-proxies; if many people share it, raise --connections-per-address"
            );
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subscriber, Open>> {
        // Nothing in here panics halfway.
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((limit, subscriber)) = self.0.take() else {
            return;
        };
        if let Entry::Occupied(mut open) = limit.lock().entry(subscriber) {
            open.get_mut().connections = open.get().connections.saturating_sub(1);
            if open.get().connections == 0 {
                open.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(most: u32, proxies: &[&str]) -> ConnectionLimit {
        let proxies = proxies.iter().map(|range| range.parse().unwrap()).collect();
        ConnectionLimit::new(NonZeroU32::new(most).unwrap(), proxies)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_and_gets_another_when_one_is_closed() {
        let limit = limit(2, &[]);
        let first = limit.admit(ip("192.0.2.1")).unwrap();
        let _second = limit.admit(ip("::ffff:192.0.2.1")).unwrap();
        assert!(limit.admit(ip("192.0.2.1")).is_none());
        assert!(limit.admit(ip("192.0.2.2")).is_some(), "somebody else");
        drop(first);
        assert!(limit.admit(ip("192.0.2.1")).is_some());
    }

    #[test]
    fn whoever_has_a_whole_network_of_ipv6_has_one_address() {
        let limit = limit(1, &[]);
        let _only = limit.admit(ip("2001:db8:0:1::1")).unwrap();
        assert!(limit.admit(ip("2001:db8:0:1:ffff::2")).is_none());
        assert!(limit.admit(ip("2001:db8:0:2::1")).is_some());
    }

    #[test]
    fn a_trusted_proxy_has_any_number() {
        let limit = limit(1, &["10.0.0.0/8"]);
        let places: Vec<_> = (0..100).map(|_| limit.admit(ip("10.1.2.3"))).collect();
        assert!(places.iter().all(Option::is_some));
    }

    #[test]
    fn nothing_is_remembered_of_an_address_that_has_none() {
        let limit = limit(9, &[]);
        let places: Vec<_> = (0..=255)
            .map(|last| limit.admit([192, 0, 2, last].into()))
            .collect();
        assert_eq!(limit.lock().len(), 256);
        drop(places);
        assert!(limit.lock().is_empty());
    }
}
