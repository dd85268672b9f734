//! The two clocks of the server: one that only goes forward, for the machines, and one that tells the date.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use call::time::Timestamp;
use time::{Date, OffsetDateTime};
use tokio::time::Instant;

/// The clock of the switchboard: milliseconds since 1970 by the machine's date when the server started, and from then on by
/// a clock that only goes forward. So setting the date does not move it, and what was stored by a server before this one can be
/// read by it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
    date: UnixMillis,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self {
            origin: Instant::now(),
            date: UnixMillis::now(),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.started_at() + self.origin.elapsed()
    }

    /// When a timestamp of this clock will have come, to sleep until.
    pub fn instant(&self, at: Timestamp) -> Instant {
        self.origin + at.since(self.started_at())
    }

    /// The date of a moment of this clock in the past.
    pub fn date(&self, at: Timestamp) -> UnixMillis {
        UnixMillis::now().minus(self.now().since(at))
    }

    fn started_at(&self) -> Timestamp {
        Timestamp::from_millis(u64::try_from(self.date.as_millis()).unwrap_or(0))
    }
}

/// A date: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(i64);

impl UnixMillis {
    /// Now, by the machine's date.
    pub fn now() -> Self {
        Self(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, whole_millis),
        )
    }

    /// A date that was stored.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// As a number.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The day, in UTC; nothing, if it is thousands of years away.
    pub fn day(self) -> Option<Date> {
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .ok()
            .map(OffsetDateTime::date)
    }

    /// Later by `duration`.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// Earlier by `duration`.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(duration)))
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
