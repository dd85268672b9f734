//! Origins: where pages come from (RFC 6454).

use std::str::FromStr;

use axum::http::Uri;
use serde::Deserialize;

use super::values::{ValueError, read_from_text};
use crate::tls::CertificateName;

read_from_text!(PublicUrl, PageOrigin);

/// The address that people type: an origin in the sense of RFC 6454.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl {
    origin: String,
    host: String,
    secure: bool,
    /// If it is not the scheme's own.
    port: Option<u16>,
}

impl PublicUrl {
    /// As a browser writes it into an `Origin` header: in lower case, without the scheme's own port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host alone: a name in lower case, or an address (one of IPv6 in brackets).
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host, as a certificate names it.
    pub fn certificate_name(&self) -> Option<CertificateName> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.parse().ok()
    }

    /// The port, if it is not the scheme's own.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether it is https.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }
}

impl FromStr for PublicUrl {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let url: Uri = text.parse().map_err(|_| ValueError::PublicUrl)?;
        let secure = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(ValueError::PublicUrl),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || text.contains('#') {
            return Err(ValueError::PublicUrl);
        }
        let host = url
            .host()
            .filter(|host| !host.is_empty() && !host.contains('*'))
            .ok_or(ValueError::PublicUrl)?;
        // Neither credentials nor a port that is none: what is left out here would admit pages of another port.
        let authority = url.authority().ok_or(ValueError::PublicUrl)?.as_str();
        let port = match authority.strip_prefix(host).ok_or(ValueError::PublicUrl)? {
            "" => None,
            port => Some(port_of(port).ok_or(ValueError::PublicUrl)?),
        };
        let host = host.to_ascii_lowercase();
        let (scheme, own_port) = if secure { ("https", 443) } else { ("http", 80) };
        let port = port.filter(|port| *port != own_port);
        let origin = match port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok(Self {
            origin,
            host,
            secure,
            port,
        })
    }
}

/// `:` and the digits of a port.
fn port_of(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(':')?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| is_number && *port != 0)
}

/// Where pages come from that may log people in with a userSig: an origin in the sense of RFC 6454.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PageOrigin(String);

impl PageOrigin {
    /// As a browser writes it into an `Origin` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PageOrigin {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let url: PublicUrl = text.trim().parse().map_err(|_| ValueError::PageOrigin)?;
        Ok(Self(url.origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_written_as_browsers_write_an_origin() {
        let origin = |text: &str| text.parse::<PublicUrl>().map(|url| url.origin().to_owned());
        assert_eq!(
            origin("https://Call.Example.org").unwrap(),
            "https://call.example.org"
        );
        assert_eq!(
            origin("https://call.example.org:443/").unwrap(),
            "https://call.example.org"
        );
        assert_eq!(origin("http://localhost:3000").unwrap(), "http://localhost:3000");
        for bad in [
            "",
            "call.example.org",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://u:p@a",
            "https://a:99999",
            "https://a:-1",
            "https://a:+443",
            "https://a:0",
            "https://a:",
            "https://a#b",
            "https://*.a",
        ] {
            assert_eq!(origin(bad), Err(ValueError::PublicUrl), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        let origin = |text: &str| text.parse::<PageOrigin>().map(|origin| origin.0);
        assert_eq!(
            origin("HTTPS://Shop.Example:443/").unwrap(),
            "https://shop.example"
        );
        assert_eq!(origin(" http://localhost:8080").unwrap(), "http://localhost:8080");
        for bad in [
            "",
            "*",
            "null",
            "shop.example",
            "https://*.example/x",
            "file://",
            "https://a/b",
        ] {
            assert_eq!(origin(bad), Err(ValueError::PageOrigin), "{bad}");
        }
    }
}
