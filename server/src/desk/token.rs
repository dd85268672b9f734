//! Session tokens: what the browser keeps, and what is kept of it here.

use std::fmt;
use std::str::{self, FromStr};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What a browser shows to prove that it has signed in: 256 random bits. Never stored, never logged.
pub struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    ///
    /// If the operating system has no randomness to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bits)))
    }

    /// The token as the cookie holds it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its key.
    pub fn key(&self) -> SessionKey {
        SessionKey::of(&self.0)
    }
}

/// The SHA-256 of a token: names the session here, and is of no use to whoever steals the database. (A token has so many
/// bits that nothing slower is needed to keep it from being guessed.)
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key of a token that a browser has shown.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl FromStr for SessionKey {
    type Err = NoSessionKey;

    /// As it is written by `Display`.
    fn from_str(text: &str) -> Result<Self, NoSessionKey> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() {
            return Err(NoSessionKey);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = str::from_utf8(digits).map_err(|_| NoSessionKey)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NoSessionKey)?;
        }
        Ok(Self(bytes))
    }
}

/// A text that is no [`SessionKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a session")]
pub struct NoSessionKey;

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}
