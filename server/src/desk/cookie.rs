//! The session cookie.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use super::token::Token;

/// How the session cookie is called and guarded.
///
/// `HttpOnly`: no script reads it. `SameSite=Lax`: another site's forms and sockets do not carry it. Under HTTPS it is
/// also `Secure`, and by its `__Host-` prefix no other host of the domain can set it (RFC 6265bis, section 4.1.3.2).
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie {
    secure: bool,
}

impl SessionCookie {
    /// The cookie of a site that people reach over HTTPS (`secure`), or that they do not.
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        if self.secure {
            "__Host-yodel_session"
        } else {
            "yodel_session"
        }
    }

    /// The token that a request shows.
    pub fn read(self, headers: &HeaderMap) -> Option<String> {
        read_cookie(headers, self.name())
            .filter(|token| !token.is_empty())
            .map(str::to_owned)
    }

    /// The header that gives the browser a token.
    pub(super) fn set(self, token: &Token, max_age: Duration) -> Option<HeaderValue> {
        self.write(token.reveal(), max_age.as_secs())
    }

    /// The header that takes the token away.
    pub(super) fn clear(self) -> HeaderValue {
        self.write("", 0).unwrap_or(HeaderValue::from_static(""))
    }

    fn write(self, value: &str, max_age: u64) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.name();
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
        HeaderValue::try_from(text).ok()
    }
}

/// The value of a cookie that a request carries (RFC 6265, section 5.4).
pub fn read_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("lang=zh; yodel_session=abc"),
        );
        headers.append(header::COOKIE, HeaderValue::from_static("x=1"));
        assert_eq!(SessionCookie::new(false).read(&headers).as_deref(), Some("abc"));
        assert_eq!(SessionCookie::new(true).read(&headers), None);
        assert_eq!(read_cookie(&headers, "x"), Some("1"));
    }

    #[test]
    fn under_https_the_cookie_is_bound_to_the_host() {
        let cookie = SessionCookie::new(true).clear();
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("__Host-yodel_session=;"), "{text}");
        assert!(
            text.contains("Secure") && text.contains("Path=/") && !text.contains("Domain"),
            "{text}"
        );
    }
}
