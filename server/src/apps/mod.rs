//! Apps: who may log people in without passwords, by signing a userSig for them.
//!
//! An app is an id (the SDKAppID of the seed API) and a secret. Whoever has the secret, which is the developer's own server
//! and this one, says by a [userSig](user_sig) who somebody is. The first app is the site's own: its people are the people
//! of the site. Every other one is a [realm](crate::realm) of its own.

pub mod issue;
pub mod print;
pub mod user_sig;

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use call::id::UserId;
use call::protocol::LoginRefusal;
use serde::Serialize;

use crate::clock::UnixMillis;

/// The id of an app: any whole number from 1 on that fits into 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[doc(alias = "SDKAppID")]
pub struct AppId(NonZeroU32);

impl AppId {
    /// The app with this number, unless it is 0.
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0.get()
    }
}

/// A text that is not the id of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an SDKAppID is a whole number from 1 to 4294967295")]
pub struct NotAnAppId;

impl FromStr for AppId {
    type Err = NotAnAppId;

    fn from_str(text: &str) -> Result<Self, NotAnAppId> {
        // Digits alone, without zeros in front: one app has one name.
        let canonical = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| canonical);
        number.map(Self).ok_or(NotAnAppId)
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an app signs with. Never shown, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The fewest characters that nobody finds by trying.
    const GOOD_LEN: usize = 16;

    /// The secret that is written so, unless nothing is written.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Whoever has a userSig can try secrets on it without asking anybody, so a short one is soon found.
    pub fn is_weak(&self) -> bool {
        self.0.len() < Self::GOOD_LEN
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An app and its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    id: AppId,
    /// Signs, and verifies.
    secret: Secret,
    /// Verify only: while a secret is being replaced, what either has signed is good.
    other_secrets: Vec<Secret>,
}

impl App {
    /// An app with one secret.
    pub const fn new(id: AppId, secret: Secret) -> Self {
        Self {
            id,
            secret,
            other_secrets: Vec::new(),
        }
    }

    /// Its id.
    pub const fn id(&self) -> AppId {
        self.id
    }

    /// Every secret; the first of them signs.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.secret).chain(&self.other_secrets)
    }

    /// Sign that somebody is `user`, for this many seconds from `now` on.
    pub fn sign(&self, user: &UserId, now: UnixMillis, seconds: u32) -> String {
        user_sig::sign(self.id, &self.secret, user, now, seconds)
    }

    /// Until when a userSig lets somebody in as `user`.
    ///
    /// # Errors
    ///
    /// If it does not, or no longer.
    pub fn verify(&self, user_sig: &str, user: &UserId, now: UnixMillis) -> Result<UnixMillis, LoginRefusal> {
        user_sig::verify(user_sig, self.id, self.secrets(), user, now)
    }
}

/// The apps of a server, in the order in which they were configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apps(Vec<App>);

impl Apps {
    /// One more. If there is one with this id already, it gets another secret.
    pub fn add(&mut self, id: AppId, secret: Secret) {
        match self.0.iter_mut().find(|app| app.id == id) {
            Some(app) => app.other_secrets.push(secret),
            None => self.0.push(App::new(id, secret)),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.iter()
    }

    /// The site's own.
    pub fn of_site(&self) -> Option<&App> {
        self.0.first()
    }

    /// Those that are not the site's own.
    pub fn of_others(&self) -> impl Iterator<Item = &App> {
        self.0.iter().skip(1)
    }

    /// The app with this id.
    pub fn get(&self, id: AppId) -> Option<&App> {
        self.iter().find(|app| app.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_app_has_one_name() {
        assert_eq!("1400000001".parse::<AppId>().unwrap().to_string(), "1400000001");
        for bad in [
            "",
            "0",
            "01",
            "+1",
            "-1",
            " 1",
            "1.0",
            "4294967296",
            "１",
            "alice",
        ] {
            assert_eq!(bad.parse::<AppId>(), Err(NotAnAppId), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let mut apps = Apps::default();
        apps.add(AppId::new(1).unwrap(), Secret::new("hidden word").unwrap());
        let shown = format!("{apps:?} {apps:#?}");
        assert!(!shown.contains("hidden"), "{shown}");
    }

    #[test]
    fn the_same_id_twice_is_one_app_whose_first_secret_signs() {
        let [old, new] = ["old secret", "new secret"].map(|text| Secret::new(text).unwrap());
        let id = AppId::new(1).unwrap();
        let mut apps = Apps::default();
        apps.add(id, new.clone());
        apps.add(id, old.clone());
        assert_eq!(apps.iter().count(), 1);
        assert_eq!(apps.of_others().count(), 0);

        let alice = "alice".parse().unwrap();
        let now = UnixMillis::from_millis(1_750_000_000_000);
        let app = apps.get(id).unwrap();
        let signed = app.sign(&alice, now, 60);
        assert!(App::new(id, new).verify(&signed, &alice, now).is_ok());
        let signed_before = App::new(id, old.clone()).sign(&alice, now, 60);
        assert!(app.verify(&signed_before, &alice, now).is_ok());
        assert_eq!(
            App::new(id, old).verify(&signed, &alice, now),
            Err(LoginRefusal::BadSignature)
        );
    }
}
