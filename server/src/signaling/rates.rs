//! How often one may call.

use std::num::NonZeroU32;

use call::id::UserId;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Invitations a minute of one person.
const OF_ONE_CALLER: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// Invitations a minute of one person to one other.
const OF_ONE_PAIR: NonZeroU32 = NonZeroU32::MIN.saturating_add(5);

/// How often one person may take their place in a call anew in a minute, and at once. Everybody in the call opens a connection
/// for it; a page that is loaded again does so once.
const REJOINS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
const REJOINS_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// Counts invitations (GCRA), so that nobody's phone can be made to ring without end, nor anybody's browser to connect.
#[derive(Debug)]
pub struct CallRates {
    callers: DefaultKeyedRateLimiter<UserId>,
    pairs: DefaultKeyedRateLimiter<(UserId, UserId)>,
    rejoins: DefaultKeyedRateLimiter<UserId>,
}

impl Default for CallRates {
    fn default() -> Self {
        Self {
            callers: RateLimiter::keyed(Quota::per_minute(OF_ONE_CALLER)),
            pairs: RateLimiter::keyed(Quota::per_minute(OF_ONE_PAIR)),
            rejoins: RateLimiter::keyed(Quota::per_minute(REJOINS).allow_burst(REJOINS_AT_ONCE)),
        }
    }
}

impl CallRates {
    /// Count an invitation to each of these people. Whether none of them is one too many.
    pub fn admit(&self, caller: &UserId, invitees: &[UserId]) -> bool {
        invitees.iter().all(|invitee| {
            self.pairs.check_key(&(caller.clone(), invitee.clone())).is_ok()
                && self.callers.check_key(caller).is_ok()
        })
    }

    /// Count a place in a call that is taken anew. Whether it is not one too many.
    pub fn admit_rejoin(&self, user: &UserId) -> bool {
        self.rejoins.check_key(user).is_ok()
    }

    /// Forget whoever has not called for long enough that it makes no difference.
    pub fn forget_the_idle(&self) {
        self.callers.retain_recent();
        self.pairs.retain_recent();
        self.rejoins.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> UserId {
        text.parse().unwrap()
    }

    #[test]
    fn the_seventh_call_to_the_same_person_within_a_minute_is_one_too_many() {
        let rates = CallRates::default();
        for _ in 0..6 {
            assert!(rates.admit(&id("alice"), &[id("bob")]));
        }
        assert!(!rates.admit(&id("alice"), &[id("bob")]));
        assert!(rates.admit(&id("alice"), &[id("carol")]));
        assert!(rates.admit(&id("carol"), &[id("bob")]));
    }

    #[test]
    fn the_eleventh_time_in_a_row_that_a_place_is_taken_anew_is_one_too_many() {
        let rates = CallRates::default();
        for _ in 0..10 {
            assert!(rates.admit_rejoin(&id("alice")));
        }
        assert!(!rates.admit_rejoin(&id("alice")));
        assert!(rates.admit_rejoin(&id("bob")));
    }

    #[test]
    fn the_thirty_first_call_within_a_minute_is_one_too_many() {
        let rates = CallRates::default();
        let people: Vec<UserId> = (0..30).map(|n| id(&format!("p{n}"))).collect();
        assert!(rates.admit(&id("alice"), &people));
        assert!(!rates.admit(&id("alice"), &[id("bob")]));
    }
}
