//! Small texts out of numbers, names and ids. Pure, so that the components need not be tested for them.

use call::id::{Person, UserId};

/// A duration as a clock shows it: `0:07`, `12:34`, `1:02:03`.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::with_capacity(8);
    if hours > 0 {
        text.push_str(&hours.to_string());
        text.push(':');
        if minutes < 10 {
            text.push('0');
        }
    }
    text.push_str(&minutes.to_string());
    text.push(':');
    if seconds < 10 {
        text.push('0');
    }
    text.push_str(&seconds.to_string());
    text
}

/// One or two letters to stand for a name: the first ones of its first and its last word, or the last two characters of
/// a name that is written without spaces in Chinese, Japanese or Korean, where the given name comes last.
///
/// As they are written: `style/parts.css` makes capitals of them, and knows the language's own.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let Some(first) = words.next() else {
        return String::new();
    };
    let Some(last) = words.next_back() else {
        if first.chars().all(is_east_asian) {
            let from = first.char_indices().nth_back(1).map_or(0, |(at, _)| at);
            return first[from..].into();
        }
        return first.chars().take(1).collect();
    };
    [first, last]
        .iter()
        .filter_map(|word| {
            word.chars()
                .find(|&c| !is_mark(c))
                .or_else(|| word.chars().next())
        })
        .collect()
}

/// The punctuation that a word of a name may begin with.
const fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{A1}' | '\u{AB}' | '\u{BF}' | '\u{2010}'..='\u{205E}' | '\u{3001}'..='\u{301F}')
}

/// Kana, the unified ideographs and Hangul: one character is a syllable or a word.
const fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// How many colors avatars have. `style/parts.css` names them `hue-0` to `hue-7`.
const HUES: usize = 8;

/// The class that colors somebody's avatar: always the same for the same person.
pub fn hue(id: &UserId) -> &'static str {
    const CLASSES: [&str; HUES] = [
        "hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7",
    ];
    // FNV-1a: spreads short, similar ids well enough over a few colors.
    let hash = id.as_str().bytes().fold(0x811C_9DC5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    CLASSES[(hash >> 13) as usize % HUES]
}

/// People by name: `Alice`, `Alice, Bob`, and `Alice, Bob, Carol +3` where there are many.
pub fn names(people: &[Person]) -> String {
    const SHOWN: usize = 3;
    // Counting the fourth would take as much room as naming them.
    let shown = if people.len() <= SHOWN + 1 {
        people.len()
    } else {
        SHOWN
    };
    let (named, counted) = people.split_at(shown);
    let mut names = named
        .iter()
        .map(|person| person.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    if !counted.is_empty() {
        names.push_str(" +");
        names.push_str(&counted.len().to_string());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_a_clock() {
        assert_eq!(duration(0), "0:00");
        assert_eq!(duration(7_999), "0:07");
        assert_eq!(duration(754_000), "12:34");
        assert_eq!(duration(3_723_000), "1:02:03");
        assert_eq!(duration(36_000_000), "10:00:00");
    }

    #[test]
    fn initials_follow_the_script_of_the_name() {
        assert_eq!(initials("Alice"), "A");
        assert_eq!(initials("alice at the desk"), "ad");
        assert_eq!(initials("大厅"), "大厅");
        assert_eq!(initials("三楼会议"), "会议");
        assert_eq!(initials("厅"), "厅");
        assert_eq!(initials("🦀 crab"), "🦀c");
        assert_eq!(initials("Class of ’93"), "C9");
        assert_eq!(initials("ßeta"), "ß");
        assert_eq!(initials("  "), "");
    }

    #[test]
    fn a_few_people_do_not_all_look_alike() {
        let hues: std::collections::HashSet<_> = ["alice", "bob", "carol", "kitchen", "library", "workshop"]
            .iter()
            .map(|id| hue(&id.parse().unwrap()))
            .collect();
        assert!(hues.len() >= 4, "{hues:?}");
    }
}
