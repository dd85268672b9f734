//! What a page says along with a call.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the page of a caller says along with a call: carried to the devices of those who are called, and understood by nobody
/// on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CallNote {
    /// What the page calls the group of those who are called. It need not be known here.
    #[doc(alias = "groupID")]
    pub group: Option<NoteText>,
    /// The title under which somebody whose site is closed is told of the call.
    #[doc(alias = "offlinePushInfo")]
    pub title: Option<NoteText>,
    /// What is told there.
    pub description: Option<NoteText>,
    /// The notification channel of a native client.
    #[doc(alias = "androidOPPOChannelID")]
    pub channel: Option<NoteText>,
}

/// A short text: at most [`NoteText::MAX_BYTES`] of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NoteText(Box<str>);

impl NoteText {
    /// The longest, in bytes.
    pub const MAX_BYTES: usize = 512;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is too long for a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at most 512 bytes of text can be said along with a call")]
pub struct NoteTooLong;

impl FromStr for NoteText {
    type Err = NoteTooLong;

    fn from_str(text: &str) -> Result<Self, NoteTooLong> {
        if text.len() > Self::MAX_BYTES {
            return Err(NoteTooLong);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for NoteText {
    type Error = NoteTooLong;

    fn try_from(text: String) -> Result<Self, NoteTooLong> {
        text.parse()
    }
}

impl From<NoteText> for String {
    fn from(text: NoteText) -> Self {
        text.0.into()
    }
}

impl fmt::Display for NoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
