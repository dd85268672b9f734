//! Values that are checked the same wherever they come from.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use call::protocol::limits;
use serde::Deserialize;

/// Why a value is not allowed, and what is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Of `addr`.
    #[error("an address to listen on is written IP:PORT, like 127.0.0.1:3000, 0.0.0.0:3000 or [::1]:3000")]
    ListenAddr,
    /// Of `ring-seconds`.
    #[error("a call rings for 1 to 120 whole seconds")]
    RingSeconds,
    /// Of `public-url`.
    #[error(
        "a public URL is http:// or https://, a host and perhaps a port, and nothing after it, like https://call.example.org"
    )]
    PublicUrl,
    /// Of `ice-servers`.
    #[error(
        "an ICE server is written stun:HOST[:PORT], turn:HOST[:PORT],secret=SECRET or turn:HOST[:PORT],USER,PASSWORD, with \
         stuns: and turns: for TLS"
    )]
    IceServer,
    /// Of `ice-servers`, where it is turn: or turns:.
    #[error(
        "a TURN server needs a secret, or a user name and a password: without them browsers open no connection at all"
    )]
    TurnWithoutCredentials,
    /// Of `ice-servers` in the file, where there is too much.
    #[error(
        "an ICE server has a secret, which must not be empty, or a username and a credential, but not both"
    )]
    TwoCredentials,
    /// Of `turn`.
    #[error(
        "the address of TURN is written IP:PORT, like 203.0.113.7:3478, with the one IP under which browsers reach this machine; \
         0.0.0.0 is where to listen, and goes into --turn-listen"
    )]
    TurnAddr,
    /// Of `apps`, on a command line.
    #[error(
        "an app is written SDKAppID:SECRET, like 1400000001:5bd2850fff3e…, with a number from 1 to 4294967295, and several \
         are separated by commas"
    )]
    Apps,
    /// Of `apps`, in the file.
    #[error(
        "an app is a table [[apps]] with id = a number from 1 to 4294967295, and secrets = [\"…\"], a list of one or more \
         texts, and nothing else"
    )]
    AppTables,
    /// Of `origins`.
    #[error(
        "an origin is http:// or https://, a host and perhaps a port, and nothing after it, like https://shop.example"
    )]
    PageOrigin,
    /// Of `--expire`.
    #[error("a time is a whole number with a unit: 90s, 30m, 1h or 7d, and at least one second")]
    Lasting,
    /// Of `trusted-proxies`.
    #[error(
        "a trusted proxy is an IP address, like 10.0.0.1, or a range of them, like 10.0.0.0/8, with a number from 1 to 32, or to 128 \
         for IPv6"
    )]
    TrustedProxy,
    /// Of `trusted-proxies`.
    #[error(
        "a range with /0 is everybody, and everybody could say to come from any address: name the addresses of the proxies alone"
    )]
    TrustedEverybody,
    /// Of `sign-ups-per-hour` and `connections-per-address`.
    #[error("write a whole number from 1 on")]
    AtLeastOne,
    /// Of `yodel cert --name`.
    #[error(
        "a name in a certificate is a host name, like call.lan or *.call.lan, or an IP address; without https:// and without \
         a port"
    )]
    CertificateName,
    /// Of `log`.
    #[error("a log filter is error, warn, info, debug, trace or off, also by part, like info,server=debug")]
    LogFilter,
}

/// In the file these values are texts that are read as on a command line.
macro_rules! read_from_text {
    ($($value:ident),+) => {
        $(impl TryFrom<String> for $value {
            type Error = $crate::config::ValueError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        })+
    };
}

pub(super) use read_from_text;

read_from_text!(ListenAddr, LogFilter);

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenAddr(SocketAddr);

impl FromStr for ListenAddr {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse().map(Self).map_err(|_| ValueError::ListenAddr)
    }
}

impl From<ListenAddr> for SocketAddr {
    fn from(addr: ListenAddr) -> Self {
        addr.0
    }
}

/// How long a call rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct RingSeconds(u64);

impl TryFrom<i64> for RingSeconds {
    type Error = ValueError;

    fn try_from(seconds: i64) -> Result<Self, ValueError> {
        match u64::try_from(seconds) {
            Ok(seconds) if (1..=limits::MAX_RING.as_secs()).contains(&seconds) => Ok(Self(seconds)),
            Ok(_) | Err(_) => Err(ValueError::RingSeconds),
        }
    }
}

impl FromStr for RingSeconds {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<i64>()
            .map_err(|_| ValueError::RingSeconds)?
            .try_into()
    }
}

impl From<RingSeconds> for Duration {
    fn from(ring: RingSeconds) -> Self {
        Self::from_secs(ring.0)
    }
}

/// How long a userSig is good, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting(u32);

impl Lasting {
    /// In seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl FromStr for Lasting {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let unit_at = text.len().saturating_sub(1);
        let (count, unit) = text.split_at_checked(unit_at).ok_or(ValueError::Lasting)?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            "d" => 24 * 60 * 60,
            _ => return Err(ValueError::Lasting),
        };
        let count: u32 = count.parse().map_err(|_| ValueError::Lasting)?;
        let seconds = count.checked_mul(unit).filter(|seconds| *seconds > 0);
        seconds.map(Self).ok_or(ValueError::Lasting)
    }
}

/// What was written on a command line and may hold a password. It is read later, because what a mistake shows is the value.
#[derive(Clone)]
pub struct Hidden(String);

impl Hidden {
    /// What was written.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Hidden {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// What to log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LogFilter(String);

impl FromStr for LogFilter {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        // The library takes a lone word for the name of a part, so that a mistyped level would silence everything.
        let is_level = |word: &str| {
            ["error", "warn", "info", "debug", "trace", "off"]
                .iter()
                .any(|level| level.eq_ignore_ascii_case(word))
        };
        let is_directive = |directive: &str| match directive.rsplit_once('=') {
            Some((part, level)) => !part.trim().is_empty() && is_level(level.trim()),
            None => is_level(directive.trim()),
        };
        if text.split(',').all(is_directive) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ValueError::LogFilter)
        }
    }
}

impl From<LogFilter> for String {
    fn from(filter: LogFilter) -> Self {
        filter.0
    }
}

/// A number of at least one, as it is written on a command line.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroU32, ValueError> {
    text.trim().parse().map_err(|_| ValueError::AtLeastOne)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_people_write_it() {
        let seconds = |text: &str| text.parse::<Lasting>().map(Lasting::seconds);
        for (text, expected) in [("90s", 90), ("30m", 1800), ("1h", 3600), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for bad in [
            "",
            "h",
            "1",
            "0s",
            "-1h",
            "1.5h",
            "1 h",
            "1w",
            "50000d",
            "99999999999s",
            "1é",
        ] {
            assert_eq!(seconds(bad), Err(ValueError::Lasting), "{bad}");
        }
    }

    #[test]
    fn a_mistyped_level_is_no_log_filter() {
        for good in ["info", "DEBUG", "info,server=debug", "off,server::desk=trace"] {
            assert!(good.parse::<LogFilter>().is_ok(), "{good}");
        }
        for bad in ["", "inof", "verbose", "info,server=loud", "info,", "=info"] {
            assert_eq!(bad.parse::<LogFilter>(), Err(ValueError::LogFilter), "{bad}");
        }
    }
}
