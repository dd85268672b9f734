//! Nonces that nobody has to remember: whoever asks without a password costs no memory.

use std::net::SocketAddr;
use std::time::Duration;

use call::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How long a nonce is good. A client that comes with an older one is given another and asks again (RFC 8489, section 9.2).
const VALIDITY: Duration = Duration::from_secs(60 * 60);

/// Makes nonces, each for one client address, and recognizes its own. An answer with one proves that the client receives
/// what is sent to the address that it sends from.
#[derive(Debug)]
pub(super) struct Nonces {
    key: [u8; 32],
}

impl Nonces {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    pub(super) fn make(&self, now: Timestamp, client: SocketAddr) -> String {
        self.of((now + VALIDITY).as_millis() / 1000, client)
    }

    pub(super) fn is_good(&self, now: Timestamp, client: SocketAddr, nonce: &str) -> bool {
        let expiry = nonce
            .get(..8)
            .and_then(|expiry| u64::from_str_radix(expiry, 16).ok());
        expiry.is_some_and(|expiry| expiry > now.as_millis() / 1000 && self.of(expiry, client) == nonce)
    }

    /// Eight hexadecimal digits for the expiry in seconds, and sixteen that nobody else can make for it.
    fn of(&self, expiry: u64, client: SocketAddr) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).map(|mac| {
            mac.chain_update(format!("{expiry} {client}"))
                .finalize()
                .into_bytes()
        });
        let mac: [u8; 8] = mac
            .ok()
            .and_then(|mac| mac.first_chunk().copied())
            .unwrap_or_default();
        format!("{expiry:08x}{:016x}", u64::from_be_bytes(mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_one_client_and_one_hour() {
        let nonces = Nonces::new([7; 32]);
        let now = Timestamp::from_millis(5_000);
        let (alice, bob) = (
            "192.0.2.1:1000".parse().unwrap(),
            "192.0.2.2:1000".parse().unwrap(),
        );
        let nonce = nonces.make(now, alice);
        assert!(nonces.is_good(now, alice, &nonce));
        assert!(!nonces.is_good(now, bob, &nonce));
        assert!(!nonces.is_good(now + VALIDITY, alice, &nonce));
        assert!(!Nonces::new([8; 32]).is_good(now, alice, &nonce));
        for bad in ["", "zzzzzzzz", "fffffffféé", &nonce[1..], &format!("{nonce}0")] {
            assert!(!nonces.is_good(now, alice, bad), "{bad}");
        }
    }
}
