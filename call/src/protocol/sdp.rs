//! What peer connections say to one another, looked at before a server passes it on.
//!
//! Limits and form alone, and nothing is ever rewritten: what a description means is for the browser that gets it. But no
//! browser is fed what no browser writes.

use super::{Candidate, Refusal, Signal, limits};
use crate::id::Attempt;

impl Signal {
    /// Whether it is what a browser says: a session description (RFC 8866, section 5), or a candidate (RFC 8839, section 5.1).
    ///
    /// # Errors
    ///
    /// [`Refusal::SignalTooLarge`] if it is too long or has too many parts, [`Refusal::MalformedSignal`] if it is none.
    pub fn check(&self) -> Result<(), Refusal> {
        if !self.is_within_limits() {
            return Err(Refusal::SignalTooLarge);
        }
        match self {
            Self::Description(description) => check_description(&description.sdp),
            Self::Candidate(candidate) if is_candidate(candidate) => Ok(()),
            // What every link begins with is not begun anew.
            Self::Afresh(attempt) if *attempt > Attempt::FIRST => Ok(()),
            Self::Candidate(_) | Self::Afresh(_) => Err(Refusal::MalformedSignal),
        }
    }
}

/// Lines of one letter, `=` and a text; the first says the version; not more of anything than a call has.
fn check_description(sdp: &str) -> Result<(), Refusal> {
    let lines = || {
        // With its end, if it has one: without a line feed, a carriage return is none.
        let lines = sdp.split_inclusive('\n');
        lines.map(|line| {
            let bare = line.strip_suffix("\r\n").or_else(|| line.strip_suffix('\n'));
            bare.unwrap_or(line)
        })
    };
    let sections = lines().filter(|line| line.starts_with("m=")).count();
    let is_too_large = sections > limits::MEDIA_SECTIONS
        || lines().count() > limits::DESCRIPTION_LINES
        || lines().any(|line| line.len() > limits::DESCRIPTION_LINE_BYTES);
    if is_too_large {
        return Err(Refusal::SignalTooLarge);
    }
    // Several pictures of one camera, of which each costs the other side as much as one, and no call here asks for.
    let is_simulcast = |line: &str| line.starts_with("a=simulcast:");
    if lines().next() == Some("v=0") && lines().all(|line| is_line(line) && !is_simulcast(line)) {
        Ok(())
    } else {
        Err(Refusal::MalformedSignal)
    }
}

fn is_line(line: &str) -> bool {
    let mut chars = line.chars();
    chars.next().is_some_and(|kind| kind.is_ascii_lowercase())
        && chars.next() == Some('=')
        && !chars.any(char::is_control)
}

/// One line, as far as its parts are everybody's; or none, which ends the list.
fn is_candidate(candidate: &Candidate) -> bool {
    let Candidate {
        candidate: line,
        mid,
        m_line_index,
    } = candidate;
    let belongs = mid
        .as_ref()
        .is_none_or(|mid| mid.len() <= limits::MID_BYTES && is_word(mid))
        && m_line_index.is_none_or(|index| usize::from(index) < limits::MEDIA_SECTIONS);
    belongs && (line.is_empty() || is_candidate_line(line))
}

/// `candidate:` foundation, component, transport, priority, address, port, `typ`, type; and whatever else, in words.
fn is_candidate_line(line: &str) -> bool {
    let Some(words) = line.strip_prefix("candidate:") else {
        return false;
    };
    let words: Vec<&str> = words.split(' ').collect();
    let [_, component, _, priority, _, port, typ, _, ..] = words[..] else {
        return false;
    };
    words.iter().all(|word| is_word(word))
        && is_number::<u16>(component)
        && is_number::<u32>(priority)
        && is_number::<u16>(port)
        && typ == "typ"
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Digits alone: Rust would take a sign as well.
fn is_number<T: core::str::FromStr>(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<T>().is_ok()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::super::{Description, DescriptionKind};
    use super::*;

    const OF_BROWSERS: [&str; 2] = [
        include_str!("../../tests/data/chromium.sdp"),
        include_str!("../../tests/data/firefox.sdp"),
    ];

    fn description(sdp: &str) -> Result<(), Refusal> {
        let (kind, sdp) = (DescriptionKind::Offer, sdp.to_owned());
        Signal::Description(Description { kind, sdp }).check()
    }

    fn candidate(line: &str) -> Result<(), Refusal> {
        placed(line, None, None)
    }

    fn placed(line: &str, mid: Option<&str>, m_line_index: Option<u16>) -> Result<(), Refusal> {
        let (candidate, mid) = (line.to_owned(), mid.map(str::to_owned));
        let candidate = Candidate {
            candidate,
            mid,
            m_line_index,
        };
        Signal::Candidate(candidate).check()
    }

    #[test]
    fn what_browsers_describe_is_taken() {
        for sdp in OF_BROWSERS {
            assert_eq!(description(sdp), Ok(()), "{sdp}");
            assert_eq!(sdp.matches("\nm=").count(), limits::MEDIA_SECTIONS, "{sdp}");
            // RFC 8866 asks readers to take a bare line feed as well.
            assert_eq!(description(&sdp.replace('\r', "")), Ok(()));
        }
        assert_eq!(description("v=0\r\ns=Überall\r\n"), Ok(()));
    }

    #[test]
    fn what_is_no_description_is_refused() {
        for sdp in [
            "",
            "\r\n",
            "v=1\r\n",
            "v=0\r",
            "s=-\r\nv=0\r\n",
            "v=0\r\n\r\n",
            "v=0\r\na=simulcast:recv h;l\r\n",
            "v=0\r\nm\r\n",
            "v=0\r\n=\r\n",
            "v=0\r\nA=1\r\n",
            "v=0\r\n a=1\r\n",
            "v=0\r\na=1\0\r\n",
            "v=0\r\na=1\rm=2\r\n",
            "v=0\r\na=1\u{85}m=2\r\n",
            "v=0\r\na=\t1\r\n",
            "{\"v\":0}",
        ] {
            assert_eq!(description(sdp), Err(Refusal::MalformedSignal), "{sdp:?}");
        }
    }

    #[test]
    fn a_description_of_too_many_or_too_long_parts_is_refused() {
        let section = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
        let described = |parts: &str| description(&format!("v=0\r\n{parts}"));
        assert_eq!(described(&section.repeat(limits::MEDIA_SECTIONS)), Ok(()));
        let line = |len| format!("a={}\r\n", "x".repeat(len - 2));
        assert_eq!(described(&line(limits::DESCRIPTION_LINE_BYTES)), Ok(()));
        assert_eq!(described(&"a=\r\n".repeat(limits::DESCRIPTION_LINES - 1)), Ok(()));
        for parts in [
            section.repeat(limits::MEDIA_SECTIONS + 1),
            line(limits::DESCRIPTION_LINE_BYTES + 1),
            "a=\r\n".repeat(limits::DESCRIPTION_LINES),
            line(900).repeat(40),
        ] {
            assert_eq!(described(&parts), Err(Refusal::SignalTooLarge));
        }
    }

    #[test]
    fn what_browsers_call_a_candidate_is_taken() {
        for line in [
            "candidate:2427927204 1 udp 2113937151 7a34c7ab-0f1c-4bd4-8f5f-f9cba9b3d2ac.local 54321 typ host generation 0 \
             ufrag EsAw network-cost 999",
            "candidate:842163049 1 udp 1677729535 198.51.100.7 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag a+/B",
            "candidate:1 1 UDP 2122252543 2001:db8::1 57354 typ host",
            "candidate:3 1 TCP 2105524479 192.0.2.1 9 typ host tcptype active",
            "",
        ] {
            assert_eq!(placed(line, Some("0"), Some(0)), Ok(()), "{line}");
            assert_eq!(candidate(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn what_is_no_candidate_is_refused() {
        let good = "candidate:1 1 udp 1 192.0.2.1 9 typ host";
        assert_eq!(candidate(good), Ok(()));
        for line in [
            "candidate:",
            "candidate:1",
            "a=candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "candidate: 1 udp 1 192.0.2.1 9 typ host",
            "candidate:1 x udp 1 192.0.2.1 9 typ host",
            "candidate:1 1 udp +1 192.0.2.1 9 typ host",
            "candidate:1 1 udp 4294967296 192.0.2.1 9 typ host",
            "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
            "candidate:1 1 udp 1 192.0.2.1 9 type host",
            "candidate:1 1 udp 1 192.0.2.1 9 typ",
            "candidate:1  1 udp 1 192.0.2.1 9 typ host",
            "candidate:1 1 udp 1 192.0.2.1 9 typ host ",
            "candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n",
            "candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=x",
            "candidate:1 1 udp 1 192.0.2.1 9 typ host x\0",
            "candidate:1 1 udp 1 192.0.2.ä 9 typ host",
        ] {
            assert_eq!(candidate(line), Err(Refusal::MalformedSignal), "{line:?}");
        }
        let long = "x".repeat(limits::MID_BYTES + 1);
        for (mid, index) in [
            (Some(""), None),
            (Some("a b"), None),
            (Some("0\r\n"), None),
            (Some(&*long), None),
            (None, Some(3)),
        ] {
            assert_eq!(
                placed(good, mid, index),
                Err(Refusal::MalformedSignal),
                "{mid:?} {index:?}"
            );
        }
        let long = format!("{good} {}", "x".repeat(limits::CANDIDATE_BYTES));
        assert_eq!(candidate(&long), Err(Refusal::SignalTooLarge));
    }
}
