//! How often one may try.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use call::id::UserId;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Sign-ins of one address as one person: 8 at once and 2 more in a quarter of an hour, so never more than 10 in any
/// quarter of an hour.
const SIGN_INS_AS_ONE: (NonZeroU32, Duration) = (eight(), Duration::from_secs(450));
/// Sign-ins of one address as anybody. Looser: a whole office may share an address.
const SIGN_INS: (NonZeroU32, Duration) = (sixty(), Duration::from_secs(3));

/// Changes of groups, and of blocks, by one person: 20 at once and 20 more a minute. Each is told to others.
const CHANGES: (NonZeroU32, Duration) = (twenty(), Duration::from_secs(3));

const fn eight() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(7)
}

const fn twenty() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(19)
}

const fn sixty() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(59)
}

/// Counts tries (GCRA), in memory.
#[derive(Debug)]
pub(super) struct Tries {
    sign_ins_as_one: Limiter<(IpAddr, String)>,
    sign_ins: Limiter<IpAddr>,
    sign_ups: Limiter<IpAddr>,
    group_changes: Limiter<UserId>,
    block_changes: Limiter<UserId>,
}

/// One try too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    /// When the next one is allowed, rounded up.
    pub(super) retry_after_seconds: u32,
}

impl Tries {
    /// With this many sign-ups an hour from one address.
    pub(super) fn new(sign_ups_per_hour: NonZeroU32) -> Self {
        Self {
            sign_ins_as_one: Limiter::new(quota(SIGN_INS_AS_ONE)),
            sign_ins: Limiter::new(quota(SIGN_INS)),
            sign_ups: Limiter::new(Some(Quota::per_hour(sign_ups_per_hour))),
            group_changes: Limiter::new(quota(CHANGES)),
            block_changes: Limiter::new(quota(CHANGES)),
        }
    }

    /// Count a sign-in. The id is folded, so that the case of its letters gives no further tries.
    pub(super) fn sign_in(&self, address: IpAddr, user_id: &str) -> Result<(), TooMany> {
        let network = network(address);
        self.sign_ins.check(&network)?;
        self.sign_ins_as_one.check(&(network, user_id.to_lowercase()))
    }

    /// Count a sign-up.
    pub(super) fn sign_up(&self, address: IpAddr) -> Result<(), TooMany> {
        self.sign_ups.check(&network(address))
    }

    /// Count a change of a group.
    pub(super) fn group_change(&self, by: &UserId) -> Result<(), TooMany> {
        self.group_changes.check(by)
    }

    /// Count a block, or one that is taken back.
    pub(super) fn block_change(&self, by: &UserId) -> Result<(), TooMany> {
        self.block_changes.check(by)
    }

    /// Forget whoever has not tried for long enough that it makes no difference.
    pub(super) fn forget_the_idle(&self) {
        self.sign_ins_as_one.0.retain_recent();
        self.sign_ins.0.retain_recent();
        self.sign_ups.0.retain_recent();
        self.group_changes.0.retain_recent();
        self.block_changes.0.retain_recent();
    }
}

/// The address to count by: of IPv6 the first half, since every household has a whole half to choose from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

fn quota((burst, one_every): (NonZeroU32, Duration)) -> Option<Quota> {
    Quota::with_period(one_every).map(|quota| quota.allow_burst(burst))
}

#[derive(Debug)]
struct Limiter<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// `None` cannot come of the constants above; it would mean one an hour.
    fn new(quota: Option<Quota>) -> Self {
        Self(RateLimiter::keyed(
            quota.unwrap_or(Quota::per_hour(NonZeroU32::MIN)),
        ))
    }

    fn check(&self, key: &K) -> Result<(), TooMany> {
        self.0.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            TooMany {
                retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX).max(1),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn the_ninth_try_in_a_row_waits_and_says_how_long() {
        let tries = Tries::new(NonZeroU32::MIN);
        for _ in 0..8 {
            assert_eq!(tries.sign_in(HOME, "alice"), Ok(()));
        }
        let TooMany { retry_after_seconds } = tries.sign_in(HOME, "ALICE").unwrap_err();
        assert!((1..=450).contains(&retry_after_seconds), "{retry_after_seconds}");
        assert_eq!(tries.sign_in(HOME, "bob"), Ok(()));
        assert_eq!(tries.sign_in(IpAddr::from([192, 0, 2, 2]), "alice"), Ok(()));
    }

    #[test]
    fn one_household_of_ipv6_counts_as_one() {
        let tries = Tries::new(NonZeroU32::MIN);
        assert_eq!(tries.sign_up("2001:db8::1".parse().unwrap()), Ok(()));
        assert!(tries.sign_up("2001:db8::2".parse().unwrap()).is_err());
        assert_eq!(tries.sign_up("2001:db8:0:1::1".parse().unwrap()), Ok(()));
        assert_eq!(tries.sign_up("::ffff:192.0.2.1".parse().unwrap()), Ok(()));
        assert!(tries.sign_up(HOME).is_err());
    }

    #[test]
    fn the_twenty_first_change_of_groups_in_a_row_waits_for_nobody_else() {
        let tries = Tries::new(NonZeroU32::MIN);
        let [alice, bob] = ["alice", "bob"].map(|id| id.parse().unwrap());
        for _ in 0..20 {
            assert_eq!(tries.group_change(&alice), Ok(()));
        }
        assert!(tries.group_change(&alice).is_err());
        assert_eq!(tries.group_change(&bob), Ok(()));
    }
}
