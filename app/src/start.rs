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
/// As text it is its [`compact`] bytes, one character of U+0000 to U+00FF each: the browser reads the same form from the
/// socket, and no second reader has to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Carried(pub(crate) Option<Start>);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.as_ref().map(compact::encode).unwrap_or_default();
        bytes
            .into_iter()
            .try_for_each(|byte| fmt::Write::write_char(f, char::from(byte)))
    }
}

impl FromStr for Carried {
    type Err = NotAMessage;

    fn from_str(text: &str) -> Result<Self, NotAMessage> {
        let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        compact::decode(&bytes.map_err(|_| NotAMessage)?).map(|start| Self(Some(start)))
    }
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
            recent: vec![],
        };
        let start = Carried(Some(Start {
            home,
            lang: Lang::default(),
            now_ms: u64::MAX,
        }));
        assert_eq!(start.to_string().parse(), Ok(start));
    }

    #[test]
    fn a_document_of_another_version_is_not_read() {
        for text in ["", "{}", "\u{100}", "\u{5}ab"] {
            assert_eq!(text.parse::<Carried>(), Err(NotAMessage), "{text:?}");
        }
    }
}
