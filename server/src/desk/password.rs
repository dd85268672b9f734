//! Passwords: argon2id, in other threads, and never more of it than the machine can bear.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use call::id::Person;
use tokio::sync::Semaphore;

/// 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's setting for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many may wait for each core. At some 20 ms a password the last of them waits about a second.
const WAITING_PER_CORE: usize = 32;

/// Hashes and checks passwords.
///
/// Each keeps a core busy, so as many at once as there are cores but one; the others wait in line. When the line is full,
/// the answer is [`Busy`] at once: a flood of sign-ins must not take the calls' time or the machine's memory.
#[derive(Debug)]
pub(super) struct Passwords {
    free_cores: Arc<Semaphore>,
    inside: AtomicUsize,
    capacity: usize,
    /// What the password of somebody unknown is checked against, so that the answer takes as long as for anybody else.
    nobody: String,
}

/// A password that is found within so many guesses is one that everybody tries: of the 30,000 most common ones, a pattern on the
/// keyboard, or a date; or the name of whoever has it with little beside it (OWASP ASVS 5.0, 6.2.4 and 6.2.11).
const EASY: u64 = 100_000;
/// What is in nobody's password alone, beside their id and name.
const OWN_WORD: &str = "yodel";

/// Why a new password has no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotHashed {
    /// There are too many passwords to check at the moment.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// It is easy to guess.
    #[error("this password is easy to guess")]
    Easy,
}

/// There are too many passwords to check at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords to check at the moment")]
pub(super) struct Busy;

impl Passwords {
    /// For a machine with this many cores.
    pub(super) fn new(cores: usize) -> Result<Self, argon2::password_hash::Error> {
        let at_once = cores.saturating_sub(1).max(1);
        Ok(Self {
            free_cores: Arc::new(Semaphore::new(at_once)),
            inside: AtomicUsize::new(0),
            capacity: at_once.saturating_mul(WAITING_PER_CORE + 1),
            nobody: hash("nobody has this password")?,
        })
    }

    /// A place in the line. To be taken before anything else is done for a visitor: where the line is full, nothing more is
    /// worth its while.
    pub(super) fn enter(&self) -> Result<Place<'_>, Busy> {
        let place = Place(self);
        let before = self.inside.fetch_add(1, Ordering::Relaxed);
        if before < self.capacity {
            Ok(place)
        } else {
            Err(Busy)
        }
    }
}

/// A place in the line, given back on drop.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Passwords);

impl Place<'_> {
    /// The PHC string of a new password of this person, with a salt of its own; unless it is easy to guess.
    pub(super) async fn hash(self, password: &str, person: &Person) -> Result<String, NotHashed> {
        let password = password.to_owned();
        let person = person.clone();
        let hashed = self.run(move || (!is_easy(&password, &person)).then(|| hash(&password)));
        let hash = hashed.await?.ok_or(NotHashed::Easy)?;
        Ok(hash.map_err(|_| Busy)?)
    }

    /// Whether the password is the one of `expected`; `None` is nobody's, and takes as long.
    pub(super) async fn verify(self, password: &str, expected: Option<&str>) -> Result<bool, Busy> {
        let password = password.to_owned();
        let stored = expected.unwrap_or(&self.0.nobody).to_owned();
        let matches = self.run(move || verify(&password, &stored)).await?;
        Ok(matches && expected.is_some())
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let free_core = Arc::clone(&self.0.free_cores).acquire_owned();
        let permit = free_core.await.map_err(|_| Busy)?;
        // The permit goes along: whoever asked may give up waiting, but the core stays taken until the work is done.
        let work = move || {
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

fn argon2id() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(argon2id()?.hash_password(password.as_bytes())?.to_string())
}

fn is_easy(password: &str, person: &Person) -> bool {
    let words = [person.id.as_str(), person.name.as_str(), OWN_WORD];
    zxcvbn::zxcvbn(password, &words).guesses() < EASY
}

fn verify(password: &str, stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &stored)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Person {
        Person {
            id: "alice-liddell".parse().unwrap(),
            name: "Alice in Wonderland".parse().unwrap(),
        }
    }

    #[test]
    fn what_everybody_tries_first_is_easy_and_a_few_words_are_not() {
        for easy in [
            "password",
            "12345678",
            "Password1",
            "p4ssw0rd",
            "qwertyuiop",
            "iloveyou",
            "trustno1",
            "aaaaaaaaaaaa",
            "abcdefgh",
            "19840101",
            "alice-liddell",
            "Alice in Wonderland",
            "yodelyodel",
            "1qaz2wsx",
        ] {
            assert!(is_easy(easy, &alice()), "{easy}");
        }
        for good in [
            "correct horse",
            "battery horse staple",
            "mVq7#tLk",
            "四个好记的词语吧",
            "alice-liddell likes tea",
        ] {
            assert!(!is_easy(good, &alice()), "{good}");
        }
        // However long it is, it is looked at in no time.
        assert!(!is_easy(&"qwertz-Password1 ".repeat(7), &alice()));
    }

    #[tokio::test]
    async fn the_right_password_opens_and_no_other_does() {
        let passwords = Passwords::new(2).unwrap();
        let easy = passwords.enter().unwrap().hash("password", &alice()).await;
        assert_eq!(easy, Err(NotHashed::Easy));
        let hashed = passwords.enter().unwrap().hash("correct horse", &alice()).await;
        let stored = hashed.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let verify = async |typed| passwords.enter()?.verify(typed, Some(&stored)).await;
        assert_eq!(verify("correct horse").await, Ok(true));
        assert_eq!(verify("wrong horse").await, Ok(false));
    }

    #[tokio::test]
    async fn nobody_has_a_password_that_opens() {
        let passwords = Passwords::new(1).unwrap();
        let place = passwords.enter().unwrap();
        assert_eq!(place.verify("nobody has this password", None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_full_line_is_refused_at_once_and_empties_again() {
        let mut passwords = Passwords::new(1).unwrap();
        passwords.capacity = 2;
        let verify = async |typed| passwords.enter()?.verify(typed, None).await;
        let (first, second, third) = tokio::join!(verify("a"), verify("b"), verify("c"));
        assert_eq!([first, second, third], [Ok(false), Ok(false), Err(Busy)]);
        assert_eq!(verify("d").await, Ok(false));
    }
}
