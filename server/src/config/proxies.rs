//! Reverse proxies that are believed.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use serde::Deserialize;

use super::values::{ValueError, read_from_text};

read_from_text!(ProxyRange);

/// The address of a reverse proxy, or a range in which all addresses are of such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ProxyRange(IpNet);

impl ProxyRange {
    /// Whether an address is in it. An IPv4 address is one, however it is written.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl From<IpAddr> for ProxyRange {
    fn from(address: IpAddr) -> Self {
        Self(IpNet::from(address.to_canonical()))
    }
}

impl FromStr for ProxyRange {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(address.into());
        }
        let range: IpNet = text.parse().map_err(|_| ValueError::TrustedProxy)?;
        let range = canonical(range.trunc());
        match range.prefix_len() {
            0 => Err(ValueError::TrustedEverybody),
            _ => Ok(Self(range)),
        }
    }
}

/// A range of IPv4 addresses as such, if it is written as one of IPv6 (RFC 4291, section 2.5.5.2).
fn canonical(range: IpNet) -> IpNet {
    let IpAddr::V4(address) = range.addr().to_canonical() else {
        return range;
    };
    let v4 = match range {
        IpNet::V4(range) => Some(range),
        IpNet::V6(range) => {
            let prefix = range.prefix_len().checked_sub(96);
            prefix.and_then(|prefix| Ipv4Net::new(address, prefix).ok())
        }
    };
    v4.map_or(range, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(range: &str, address: &str) -> bool {
        let range: ProxyRange = range.parse().unwrap();
        range.contains(address.parse().unwrap())
    }

    #[test]
    fn an_address_is_itself_alone_and_a_range_all_that_is_in_it() {
        assert!(contains("10.0.0.1", "10.0.0.1"));
        assert!(!contains("10.0.0.1", "10.0.0.2"));
        assert!(contains("10.0.0.0/8", "10.255.255.255"));
        assert!(!contains("10.0.0.0/8", "11.0.0.0"));
        assert!(
            contains(" 192.168.7.9/24 ", "192.168.7.1"),
            "what is behind the range is cut off"
        );
        assert!(contains("fd00::/8", "fd12:3456::1"));
        assert!(!contains("fd00::/8", "fe80::1"));
        assert!(!contains("8000::/1", "10.0.0.1"), "IPv6 is nothing of IPv4");
    }

    #[test]
    fn an_ipv4_address_is_one_however_it_is_written() {
        assert!(contains("10.0.0.1", "::ffff:10.0.0.1"));
        assert!(contains("::ffff:10.0.0.1", "10.0.0.1"));
        assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
        assert!(!contains("::ffff:10.0.0.0/104", "11.1.2.3"));
    }

    #[test]
    fn not_everybody_can_be_a_proxy() {
        for all in ["0.0.0.0/0", "10.0.0.1/0", "::/0", "::ffff:0.0.0.0/96"] {
            assert_eq!(
                all.parse::<ProxyRange>(),
                Err(ValueError::TrustedEverybody),
                "{all}"
            );
        }
    }

    #[test]
    fn what_is_no_address_and_no_range_is_refused() {
        for bad in [
            "",
            "10.0.0",
            "10.0.0.0/33",
            "proxy.example",
            "10.0.0.0/",
            "10.0.0.1-10.0.0.9",
            "*",
        ] {
            assert_eq!(bad.parse::<ProxyRange>(), Err(ValueError::TrustedProxy), "{bad}");
        }
    }
}
