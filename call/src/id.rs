//! Who and what: one id for one thing, and no way to build an invalid one.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A person's id: 1 to [`UserId::MAX_LEN`] of `A–Z a–z 0–9 - _`, as the seed API documents it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[doc(alias = "userID")]
pub struct UserId(Box<str>);

impl UserId {
    /// The longest user id, in characters (all of them ASCII, so also in bytes).
    pub const MAX_LEN: usize = 32;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a [`UserId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum UserIdError {
    /// Nothing was typed.
    #[error("a user id must not be empty")]
    Empty,
    /// More than [`UserId::MAX_LEN`] characters.
    #[error("a user id has at most 32 characters")]
    TooLong,
    /// A character outside `A–Z a–z 0–9 - _`.
    #[error("a user id is made of the letters a–z and A–Z, digits, '-' and '_' only")]
    ForbiddenCharacter,
}

impl FromStr for UserId {
    type Err = UserIdError;

    fn from_str(text: &str) -> Result<Self, UserIdError> {
        if text.is_empty() {
            return Err(UserIdError::Empty);
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(UserIdError::ForbiddenCharacter);
        }
        if text.len() > Self::MAX_LEN {
            return Err(UserIdError::TooLong);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for UserId {
    type Error = UserIdError;

    fn try_from(text: String) -> Result<Self, UserIdError> {
        text.parse()
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a person or a group, as others see it: 1 to [`DisplayName::MAX_CHARS`] characters without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(Box<str>);

impl DisplayName {
    /// The longest name, in Unicode scalar values.
    pub const MAX_CHARS: usize = 64;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of somebody who has given none: the id.
    pub fn of(id: &UserId) -> Self {
        Self(id.as_str().into())
    }
}

/// Why a text is not a [`DisplayName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum DisplayNameError {
    /// Nothing but white space.
    #[error("a name must not be empty")]
    Empty,
    /// More than [`DisplayName::MAX_CHARS`] characters.
    #[error("a name has at most 64 characters")]
    TooLong,
    /// A control character, or one that changes the direction of the text around it.
    #[error("a name must not contain control characters")]
    ForbiddenCharacter,
}

impl FromStr for DisplayName {
    type Err = DisplayNameError;

    fn from_str(text: &str) -> Result<Self, DisplayNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(DisplayNameError::Empty);
        }
        if text.chars().any(disturbs_the_text_around_it) || has_idle_joiner(text) {
            return Err(DisplayNameError::ForbiddenCharacter);
        }
        // `count()` is written for long texts: much code.
        if text.chars().fold(0, |count, _| count + 1) > Self::MAX_CHARS {
            return Err(DisplayNameError::TooLong);
        }
        Ok(Self(text.into()))
    }
}

/// Control characters, line separators, the bidirectional marks by which one name can dress up as another (Unicode
/// Technical Report 36, section 2.5), and characters that are not seen at all (`Default_Ignorable_Code_Point`, and the blank
/// of Braille), by which two names can look alike.
fn disturbs_the_text_around_it(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{17B4}'
                | '\u{17B5}'
                | '\u{180E}'
                | '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
        )
        || matches!(
            c,
            '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// A joiner shapes what is around it in Persian, in Indic scripts and in emoji. After a Latin letter, and at the end of a
/// name, it is only not seen.
fn has_idle_joiner(text: &str) -> bool {
    const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];
    let joins = |c: &char| !c.is_ascii() && !JOINERS.contains(c);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if JOINERS.contains(&c) && !(before.as_ref().is_some_and(joins) && chars.peek().is_some_and(joins)) {
            return true;
        }
        before = Some(c);
    }
    false
}

impl TryFrom<String> for DisplayName {
    type Error = DisplayNameError;

    fn try_from(text: String) -> Result<Self, DisplayNameError> {
        text.parse()
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person as others see them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// The name that others see.
    pub name: DisplayName,
}

/// A group as its members see it: people who call one another together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[doc(alias = "groupID")]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// The name that its members have given it.
    pub name: DisplayName,
}

/// A group and everybody in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Which group.
    pub group: Group,
    /// Who is in it; at most [`CALL_PEOPLE`](crate::protocol::limits::CALL_PEOPLE).
    pub members: Vec<Person>,
}

impl Roster {
    /// Whether somebody is in the group.
    pub fn has(&self, user: &UserId) -> bool {
        self.members.iter().any(|member| member.id == *user)
    }
}

/// Why a text is not one of the hexadecimal ids of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this id must be 16 hexadecimal digits")]
pub struct HexIdError;

/// Ids of 64 bits travel as 16 hexadecimal digits: a JavaScript number cannot hold them.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(u64);

        impl $name {
            /// The id with this value. Whoever owns the machine chooses it: randomness is an input.
            pub const fn from_bits(bits: u64) -> Self {
                Self(bits)
            }

            /// The value.
            pub const fn to_bits(self) -> u64 {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = HexIdError;

            fn from_str(text: &str) -> Result<Self, HexIdError> {
                parse_hex(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = HexIdError;

            fn try_from(text: String) -> Result<Self, HexIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                hex(id.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:x})", stringify!($name), self.0)
            }
        }
    };
}

/// 16 digits. By hand: the code that formats would be a kilobyte of what a first visit loads.
fn hex(bits: u64) -> String {
    let digit = |at: u32| char::from_digit((bits >> (4 * at)) as u32 & 0xf, 16);
    (0..16).rev().filter_map(digit).collect()
}

fn parse_hex(text: &str) -> Result<u64, HexIdError> {
    if text.len() != 16 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(HexIdError);
    }
    u64::from_str_radix(text, 16).map_err(|_| HexIdError)
}

hex_id! {
    /// One call, from the first ring to the last goodbye.
    CallId
}

hex_id! {
    /// One person's invitation into one call.
    #[doc(alias = "inviteID")]
    InviteId
}

hex_id! {
    /// A group that is stored on the server. Chosen at random; to know it is no right to anything.
    GroupId
}

hex_id! {
    /// One tab of one person: chosen by the page when it loads, and only meaningful together with that person's id.
    DeviceId
}

hex_id! {
    /// What a device shows to be told what it has missed. Good once: each [`Welcome`](crate::protocol::Welcome) brings a new one.
    ResumeToken
}

/// The number of a call as the seed API shows it: 1 to 4,294,967,295.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[doc(alias = "roomID")]
pub struct RoomId(core::num::NonZeroU32);

impl RoomId {
    /// The room with this number, if it is not 0.
    pub const fn new(number: u32) -> Option<Self> {
        match core::num::NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

/// The place of a command in the row of commands that one device sends: 1, 2, 3 …
///
/// The switchboard carries out each number of a device once. A repeated one is acknowledged again and has no second
/// effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CommandId(pub u32);

impl CommandId {
    /// The number after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// How often somebody has entered a call, counted over the whole call: 1 for the first person, and a new, higher number
/// for whoever comes later or comes back with a fresh page.
///
/// Two entries name one link between two people, so a message for a link that is gone is recognized and dropped. On a
/// link, the side with the lower entry makes the first offer and is the impolite one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entry(pub u32);

/// Which of the peer connections that there ever are between two entries: 0 for the first one, and a higher number for each
/// that takes the place of one that broke.
///
/// The side that offers takes the next odd number, the other side the next even one. So a number is always the choice of one
/// of them, and when the other repeats it, it has heard all that was said under the numbers before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attempt(pub u32);

impl Attempt {
    /// The one that nobody says.
    pub const FIRST: Self = Self(0);
}

/// Mints ids from a seed. The seed is an input: the server takes it from the operating system, a test from a number.
///
/// The sequence is SplitMix64 (Steele, Lea, Flood 2014): it visits every 64-bit value once before it repeats.
#[derive(Clone, Debug)]
pub struct Mint(u64);

impl Mint {
    /// A mint whose ids follow from `seed` alone.
    pub const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A fresh call id.
    pub fn call(&mut self) -> CallId {
        CallId(self.next())
    }

    /// A fresh invite id.
    pub fn invite(&mut self) -> InviteId {
        InviteId(self.next())
    }

    /// A fresh room number.
    pub fn room(&mut self) -> RoomId {
        // The upper half of the value; 0 is no room, so it becomes 1.
        RoomId::new((self.next() >> 32) as u32).unwrap_or(RoomId(core::num::NonZeroU32::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_what_the_document_allows() {
        assert!("alice".parse::<UserId>().is_ok());
        assert!("A-1_z".parse::<UserId>().is_ok());
        assert_eq!("".parse::<UserId>(), Err(UserIdError::Empty));
        assert_eq!("a b".parse::<UserId>(), Err(UserIdError::ForbiddenCharacter));
        assert_eq!("ålice".parse::<UserId>(), Err(UserIdError::ForbiddenCharacter));
        assert_eq!("a".repeat(33).parse::<UserId>(), Err(UserIdError::TooLong));
        assert!("a".repeat(32).parse::<UserId>().is_ok());
    }

    #[test]
    fn names_are_trimmed_and_cannot_dress_up_as_others() {
        assert_eq!("  Alice  ".parse::<DisplayName>().unwrap().as_str(), "Alice");
        assert!("爱丽丝 🦀".parse::<DisplayName>().is_ok());
        assert_eq!(" \t ".parse::<DisplayName>(), Err(DisplayNameError::Empty));
        assert_eq!(
            "a\u{202E}b".parse::<DisplayName>(),
            Err(DisplayNameError::ForbiddenCharacter)
        );
        for unseen in [
            "a\nb",
            "\u{2060}",
            "Ali\u{2060}ce",
            "\u{3164}",
            "\u{2800}",
            "\u{61C}a",
            "Al\u{200C}ice",
            "爱\u{200D}",
            "\u{200D}爱",
            "a\u{E0041}",
        ] {
            assert_eq!(
                unseen.parse::<DisplayName>(),
                Err(DisplayNameError::ForbiddenCharacter),
                "{unseen:?}"
            );
        }
        for joined in ["👩\u{200D}🚀", "❤\u{FE0F}\u{200D}🔥", "می\u{200C}خواهم"] {
            assert!(joined.parse::<DisplayName>().is_ok(), "{joined}");
        }
        assert_eq!(
            "é".repeat(65).parse::<DisplayName>(),
            Err(DisplayNameError::TooLong)
        );
        assert!("é".repeat(64).parse::<DisplayName>().is_ok());
    }

    #[test]
    fn hex_ids_survive_the_wire_and_nothing_else_does() {
        let id = CallId::from_bits(0xFFFF_FFFF_FFFF_FFFE);
        let text = serde_json::to_string(&id).unwrap();
        assert_eq!(text, "\"fffffffffffffffe\"");
        assert_eq!(serde_json::from_str::<CallId>(&text).unwrap(), id);
        for bad in [
            "\"\"",
            "\"fff\"",
            "\"+00000000000000f\"",
            "\"FFFFFFFFFFFFFFFE\"",
            "7",
        ] {
            assert!(serde_json::from_str::<CallId>(bad).is_err(), "{bad}");
        }
    }
}
