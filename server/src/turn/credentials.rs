//! Passwords for TURN that are good for minutes, made from a secret that this server shares with the TURN server.
//!
//! The scheme is that of the "TURN REST API" (draft-uberti-behave-turn-rest-00), which coturn knows as `use-auth-secret`: the user
//! name is `expiry:user`, with the expiry in seconds since 1970, and the password is Base64 of HMAC-SHA1 under the secret over
//! the user name. Nothing has to be stored: whoever knows the secret can tell from a user name alone what its password is.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::clock::UnixMillis;

/// How long a password is good.
pub const VALIDITY: Duration = Duration::from_secs(300);

/// What this server shares with a TURN server. Never shown, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedSecret(Vec<u8>);

/// A user name and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `expiry:user`.
    pub username: String,
    /// Base64.
    pub password: String,
}

impl SharedSecret {
    /// The secret that is written so, unless nothing is written.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.as_bytes().to_vec()))
    }

    /// One that nobody else knows.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = vec![0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// For this user, from now on.
    pub fn mint(&self, user: &str, now: UnixMillis) -> Credentials {
        let expiry = now.plus(VALIDITY).as_millis() / 1000;
        let username = format!("{expiry}:{user}");
        let password = self.password(&username);
        Credentials { username, password }
    }

    /// The password that belongs to a user name.
    pub(super) fn password(&self, username: &str) -> String {
        // A key of any length is taken: without one this is a password that nobody has been given.
        let mac = Hmac::<Sha1>::new_from_slice(&self.0).map(|mac| mac.chain_update(username));
        mac.map_or_else(
            |_| String::new(),
            |mac| BASE64_STANDARD.encode(mac.finalize().into_bytes()),
        )
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(…)")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, …)", self.username)
    }
}

/// A user name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Username<'a> {
    pub(super) expires_at: UnixMillis,
    pub(super) user: &'a str,
}

impl<'a> Username<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (expiry, user) = text.split_once(':')?;
        let seconds: i64 = expiry.parse().ok()?;
        let expires_at = UnixMillis::from_millis(seconds.checked_mul(1000)?);
        (!user.is_empty()).then_some(Self { expires_at, user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> UnixMillis {
        UnixMillis::from_millis(1_800_000_000_000)
    }

    #[test]
    fn credentials_are_those_that_coturn_makes() {
        let secret = SharedSecret::new("north").unwrap();
        let Credentials { username, password } = secret.mint("alice", now());
        assert_eq!(username, "1800000300:alice");
        // printf %s 1800000300:alice | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(password, "MmtVz9lGAdr9Ijpws57dBPUNIkY=");
    }

    #[test]
    fn a_password_belongs_to_one_user_name_and_one_secret() {
        let secret = SharedSecret::random().unwrap();
        let of_alice = secret.mint("alice", now());
        assert_ne!(secret.mint("bob", now()).password, of_alice.password);
        assert_ne!(
            secret.mint("alice", now().plus(Duration::from_secs(1))).password,
            of_alice.password
        );
        assert_ne!(
            SharedSecret::random().unwrap().mint("alice", now()).password,
            of_alice.password
        );
    }

    #[test]
    fn a_user_name_says_when_it_expires_and_whose_it_is() {
        let name = Username::parse("1800000300:alice").unwrap();
        assert_eq!((name.expires_at.since(now()), name.user), (VALIDITY, "alice"));
        for bad in [
            "",
            "alice",
            ":alice",
            "1800000300:",
            "soon:alice",
            "99999999999999999999:alice",
        ] {
            assert_eq!(Username::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn nothing_shows_a_secret() {
        let secret = SharedSecret::new("north").unwrap();
        assert!(!format!("{secret:?} {:?}", secret.mint("alice", now())).contains("north"));
        assert_eq!(SharedSecret::new("  "), None);
    }
}
