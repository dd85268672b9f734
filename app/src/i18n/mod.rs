//! The languages of the site: an enum, and for every text a `match` over it.
//!
//! There is no catalogue to load and nothing to be missing in it: a text that lacks a language does not compile.
//! `texts` holds the fixed ones, `sentences` those that are put together from something, `problems` what went wrong, `trust` how systems
//! are told to trust an authority.

mod problems;
mod sentences;
mod texts;
#[cfg(feature = "ssr")]
mod trust;

pub use problems::Devices;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
pub use trust::System;

/// A language of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh")]
    Chinese,
}

impl Lang {
    /// Every language, in the order in which the switch offers them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The name of the cookie that remembers a choice.
    pub const COOKIE: &str = "lang";

    /// What the cookie and the form say.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language tag of the document (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// What people who speak it call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The language to answer in: the one chosen before, or else the one that the browser likes best.
    ///
    /// `cookie` is the value of the cookie [`Lang::COOKIE`], `accept_language` the request header (RFC 9110, section
    /// 12.5.4). Both come from outside, and what makes no sense in them is passed over.
    pub fn negotiate(cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        cookie
            .and_then(Self::from_code)
            .or_else(|| Self::preferred(accept_language?))
            .unwrap_or_default()
    }

    /// The language with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    fn preferred(accept_language: &str) -> Option<Self> {
        let mut best = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
            // Of two ranges that are liked as much, the first one wins.
            if let Some(lang) = Self::from_code(&primary)
                && weight > best.map_or(0.0, |(_, best)| best)
            {
                best = Some((lang, weight));
            }
        }
        best.map(|(lang, _)| lang)
    }
}

/// The language of the page that is being drawn.
///
/// English where nobody has said: a component that is drawn outside `App` has no other.
pub fn lang() -> Lang {
    leptos::prelude::use_context().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn a_choice_wins_over_the_browser() {
        assert_eq!(Lang::negotiate(Some("zh"), Some("en-US,en;q=0.9")), Lang::Chinese);
        assert_eq!(Lang::negotiate(Some("en"), Some("zh-CN")), Lang::English);
    }

    #[test]
    fn the_browser_is_asked_by_weight_and_then_by_order() {
        assert_eq!(
            Lang::negotiate(None, Some("zh-CN,zh;q=0.9,en;q=0.8")),
            Lang::Chinese
        );
        assert_eq!(
            Lang::negotiate(None, Some("en;q=0.4, zh-Hans;q=0.7")),
            Lang::Chinese
        );
        assert_eq!(
            Lang::negotiate(None, Some("fr, de;q=0.8, zh;q=0.1")),
            Lang::Chinese
        );
        assert_eq!(Lang::negotiate(None, Some("en,zh")), Lang::English);
    }

    #[test]
    fn nonsense_means_english() {
        for header in ["", ",,;q=1", "zh;q=0", "zh;q=x", "*", "zhx", "\u{0}"] {
            assert_eq!(
                Lang::negotiate(Some("../etc"), Some(header)),
                Lang::English,
                "{header:?}"
            );
        }
        assert_eq!(Lang::negotiate(None, None), Lang::English);
    }
}
