//! STUN and TURN servers, as an operator writes them down. No mistake in them shows a password.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use call::protocol::IceServer;
use serde::Deserialize;

use super::values::{ValueError, read_from_text};
use crate::signaling::OfferedIceServer;
use crate::turn::SharedSecret;

/// A STUN or TURN server that browsers take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "IceServerTable")]
pub struct CheckedIceServer(OfferedIceServer);

/// One `[[ice-servers]]` of the file. (The wire's own type would let unknown keys pass.)
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IceServerTable {
    urls: Vec<String>,
    username: Option<String>,
    credential: Option<String>,
    secret: Option<String>,
}

impl TryFrom<IceServerTable> for CheckedIceServer {
    type Error = ValueError;

    fn try_from(table: IceServerTable) -> Result<Self, ValueError> {
        let IceServerTable {
            urls,
            username,
            credential,
            secret,
        } = table;
        let has_scheme = |url: &String, schemes: [&str; 2]| {
            schemes.iter().any(|scheme| {
                url.strip_prefix(scheme)
                    .is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
            })
        };
        let is_turn = |url: &String| has_scheme(url, ["turn:", "turns:"]);
        if urls.is_empty()
            || !urls
                .iter()
                .all(|url| is_turn(url) || has_scheme(url, ["stun:", "stuns:"]))
        {
            return Err(ValueError::IceServer);
        }
        if let Some(secret) = secret {
            let secret = SharedSecret::new(&secret).filter(|_| username.is_none() && credential.is_none());
            let secret = secret.ok_or(ValueError::TwoCredentials)?;
            return Ok(Self(OfferedIceServer::SharedSecret { urls, secret }));
        }
        let named = username.as_ref().is_some_and(|name| !name.is_empty());
        if named != credential.is_some() || (username.is_some() && !named) {
            return Err(ValueError::IceServer);
        }
        if !named && urls.iter().any(is_turn) {
            return Err(ValueError::TurnWithoutCredentials);
        }
        Ok(Self(OfferedIceServer::Static(IceServer {
            urls,
            username,
            credential,
        })))
    }
}

/// As it is written on a command line.
impl FromStr for CheckedIceServer {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (url, rest) = text
            .split_once(',')
            .map_or((text, None), |(url, rest)| (url, Some(rest)));
        let secret = rest.and_then(|rest| rest.strip_prefix("secret="));
        let mut named = rest
            .filter(|_| secret.is_none())
            .into_iter()
            .flat_map(|rest| rest.splitn(2, ','));
        IceServerTable {
            urls: vec![url.to_owned()],
            username: named.next().map(str::to_owned),
            credential: named.next().map(str::to_owned),
            secret: secret.map(str::to_owned),
        }
        .try_into()
    }
}

impl From<CheckedIceServer> for OfferedIceServer {
    fn from(server: CheckedIceServer) -> Self {
        server.0
    }
}

/// Where browsers reach the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TurnAddr(SocketAddr);

impl FromStr for TurnAddr {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let addr: SocketAddr = text.trim().parse().map_err(|_| ValueError::TurnAddr)?;
        let of_one_machine = match addr.ip() {
            IpAddr::V4(ip) => !ip.is_unspecified() && !ip.is_multicast() && !ip.is_broadcast(),
            // A mapped one is IPv4 in disguise, and browsers would be told another address than they reach.
            IpAddr::V6(ip) => !ip.is_unspecified() && !ip.is_multicast() && ip.to_ipv4_mapped().is_none(),
        };
        of_one_machine.then_some(Self(addr)).ok_or(ValueError::TurnAddr)
    }
}

impl From<TurnAddr> for SocketAddr {
    fn from(addr: TurnAddr) -> Self {
        addr.0
    }
}

read_from_text!(TurnAddr);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ice_server_is_one_that_browsers_take() {
        for good in [
            "stun:a",
            "stuns:a:3478",
            "stun:a,user,pass",
            "turn:a,user,pass,word",
            "turn:a:3478?transport=tcp,secret=north,south",
        ] {
            assert!(good.parse::<CheckedIceServer>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "stun:",
            "http://a",
            "a.example.org",
            "turn:a,user",
            "turn:a,,pass",
        ] {
            assert_eq!(
                bad.parse::<CheckedIceServer>(),
                Err(ValueError::IceServer),
                "{bad}"
            );
        }
        assert_eq!(
            "turn:a:3478".parse::<CheckedIceServer>(),
            Err(ValueError::TurnWithoutCredentials)
        );
        assert_eq!(
            "turn:a,secret= ".parse::<CheckedIceServer>(),
            Err(ValueError::TwoCredentials)
        );
    }

    #[test]
    fn the_address_of_turn_is_that_of_one_machine() {
        for good in ["203.0.113.7:3478", "127.0.0.1:0", "[2001:db8::7]:3478"] {
            assert!(good.parse::<TurnAddr>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "203.0.113.7",
            "turn.example.org:3478",
            "0.0.0.0:3478",
            "[::]:3478",
            "224.0.0.1:3478",
            "[ff02::1]:3478",
            "255.255.255.255:3478",
            "[::ffff:203.0.113.7]:3478",
        ] {
            assert_eq!(bad.parse::<TurnAddr>(), Err(ValueError::TurnAddr), "{bad}");
        }
    }
}
