//! What the home page starts from, on its way from the server to the browser inside the document.

use core::fmt;
use core::str::FromStr;

use call::protocol::compact::{self, NotAMessage};
use serde::{Deserialize, Serialize};

use crate::i18n::Lang;
use crate::page::Home;

/// All that the home page starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) home: Home,
    pub(crate) lang: Lang,
    /// The server's clock when it drew the page, in milliseconds since 1970. How long ago something was is told by it:
    /// the browser's clock may be wrong, and must not make the two sides draw different texts.
    pub(crate) now_ms: u64,
}

/// A [`Start`] as a document carries it; none, where the document is of another version of the site.
///
/// As text it is its [`compact`] bytes, one character each ([`to_char`]): the browser reads the same form from the socket,
/// and no second reader has to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Carried(pub(crate) Option<Start>);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.as_ref().map(compact::encode).unwrap_or_default();
        bytes
            .into_iter()
            .try_for_each(|byte| fmt::Write::write_char(f, to_char(byte)))
    }
}

impl FromStr for Carried {
    type Err = NotAMessage;

    fn from_str(text: &str) -> Result<Self, NotAMessage> {
        let bytes: Option<Vec<u8>> = text.chars().map(to_byte).collect();
        compact::decode(&bytes.ok_or(NotAMessage)?).map(|start| Self(Some(start)))
    }
}

/// The character that stands for a byte: what prints in ASCII is itself, anything else is a letter from U+0100 on.
///
/// So nothing in the text has to be escaped on its way through the document.
fn to_char(byte: u8) -> char {
    match byte {
        b'"' | b'\\' | b'<' => shifted(byte),
        b' '..=b'~' => byte.into(),
        _ => shifted(byte),
    }
}

/// Every code point from U+0100 to U+01FF is a letter.
fn shifted(byte: u8) -> char {
    char::from_u32(0x100 + u32::from(byte)).unwrap_or_default()
}

/// The byte that a character stands for, if it stands for one.
fn to_byte(c: char) -> Option<u8> {
    let byte = u8::try_from(u32::from(c) & 0xFF).ok()?;
    (to_char(byte) == c).then_some(byte)
}

#[cfg(test)]
mod tests {
    use call::id::Person;

    use super::*;
    use crate::page::People;

    #[test]
    fn what_a_page_starts_from_arrives_as_it_was_sent() {
        let me = Person {
            id: "alice".parse().unwrap(),
            name: "</script> 🦀 \"é\" 会议室".parse().unwrap(),
        };
        let home = Home {
            me: me.clone(),
            query: "é".into(),
            people: People {
                found: vec![me],
                more: true,
            },
            groups: vec![],
            recent: vec![],
        };
        let start = Carried(Some(Start {
            home,
            lang: Lang::default(),
            now_ms: u64::MAX,
        }));
        assert_eq!(start.to_string().parse(), Ok(start));
    }

    /// The text goes into the document as a string of JavaScript, written by Rust's `Debug` after each `<` was escaped.
    /// Whatever those two change there, the browser does not change back.
    #[test]
    fn a_document_carries_every_byte_as_it_is() {
        let text: String = (0..=u8::MAX).map(to_char).collect();
        assert_eq!(
            format!("{:?}", text.replace('<', "\\u003c")),
            ["\"", &text, "\""].concat()
        );
        let bytes: Option<Vec<u8>> = text.chars().map(to_byte).collect();
        assert_eq!(bytes, Some((0..=u8::MAX).collect()));
    }

    #[test]
    fn a_document_of_another_version_is_not_read() {
        for text in ["", "{}", "\u{100}", "\u{105}ab", "\u{80}", "\u{200}", "<"] {
            assert_eq!(text.parse::<Carried>(), Err(NotAMessage), "{text:?}");
        }
    }
}
