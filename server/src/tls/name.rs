//! What a certificate is for.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::config::ValueError;

/// A name or an address that a certificate is for, or is to be for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertificateName {
    /// A host name, in lower case; perhaps with `*` as its first label.
    Host(String),
    /// An address.
    Address(IpAddr),
}

impl CertificateName {
    /// As it stands in a URL (RFC 3986, section 3.2.2).
    pub fn in_url(&self) -> String {
        match self {
            Self::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Self::Address(_) | Self::Host(_) => self.to_string(),
        }
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl FromStr for CertificateName {
    type Err = ValueError;

    /// Host names are those of RFC 1123, section 2.1, which browsers look up.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address.to_canonical()));
        }
        let name = text.to_ascii_lowercase();
        let labels = name.strip_prefix("*.").unwrap_or(&name);
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // What ends in a number is taken for an address that is mistyped.
        let last = labels.rsplit('.').next().unwrap_or_default();
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        if name.len() > 253 || is_number || !labels.split('.').all(is_label) {
            return Err(ValueError::CertificateName);
        }
        Ok(Self::Host(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_host_or_an_address_and_nothing_else() {
        let read = |text: &str| text.parse::<CertificateName>().map(|name| name.in_url());
        for (text, expected) in [
            ("Call.LAN", "call.lan"),
            ("*.call.lan", "*.call.lan"),
            ("nas", "nas"),
            ("192.168.1.5", "192.168.1.5"),
            ("::ffff:192.168.1.5", "192.168.1.5"),
            ("fd00::1", "[fd00::1]"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for bad in [
            "",
            "https://a",
            "a:3000",
            "a/b",
            "-a",
            "a-",
            "a..b",
            "*",
            "a.*",
            "ä.lan",
            "192.168.1",
            "1.2.3.4.5",
            "a b",
        ] {
            assert_eq!(read(bad), Err(ValueError::CertificateName), "{bad}");
        }
    }
}
