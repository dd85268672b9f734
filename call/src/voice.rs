//! Whether somebody speaks, from how loud they are.

use core::time::Duration;

use crate::time::Timestamp;

/// From this level on somebody is taken to speak: -36 dB below the loudest, above the hiss of a quiet room.
const SPEECH: f64 = 0.016;

/// How long somebody is taken to speak after the last loud moment: longer than the gap between two words.
const BETWEEN_WORDS: Duration = Duration::from_millis(600);

/// How long a microphone may give no sound at all before something is wrong with it. Even a silent room makes a living
/// microphone hiss; only one that is switched off at its case or by the system gives nothing.
const DEAD: Duration = Duration::from_secs(4);

/// One voice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voice {
    last_loud: Option<Timestamp>,
    silent_since: Option<Timestamp>,
}

impl Voice {
    /// This is how loud it is now: from 0.0, no sound, to 1.0, the loudest.
    pub fn hear(&mut self, now: Timestamp, level: f64) {
        if level >= SPEECH {
            self.last_loud = Some(now);
        }
        if level > 0.0 {
            self.silent_since = None;
        } else {
            self.silent_since.get_or_insert(now);
        }
    }

    /// Whether somebody speaks.
    pub fn speaks(&self, now: Timestamp) -> bool {
        self.last_loud.is_some_and(|loud| now.since(loud) < BETWEEN_WORDS)
    }

    /// Whether there has been no sound at all for so long that the microphone must be off.
    pub fn is_dead(&self, now: Timestamp) -> bool {
        self.silent_since.is_some_and(|silent| now.since(silent) >= DEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn a_pause_between_words_is_not_the_end_of_a_sentence() {
        let mut voice = Voice::default();
        assert!(!voice.speaks(at(0)));
        voice.hear(at(100), 0.2);
        voice.hear(at(300), 0.001);
        assert!(voice.speaks(at(300)));
        voice.hear(at(600), 0.1);
        voice.hear(at(1100), 0.001);
        assert!(voice.speaks(at(1100)));
        assert!(!voice.speaks(at(1300)));
    }

    #[test]
    fn the_hiss_of_a_room_is_no_speech_and_no_dead_microphone() {
        let mut voice = Voice::default();
        for ms in (0..20_000).step_by(200) {
            voice.hear(at(ms), 0.0005);
            assert!(!voice.speaks(at(ms)));
            assert!(!voice.is_dead(at(ms)));
        }
    }

    #[test]
    fn a_microphone_that_gives_nothing_is_dead_until_it_gives_something() {
        let mut voice = Voice::default();
        voice.hear(at(0), 0.0);
        voice.hear(at(3_900), 0.0);
        assert!(!voice.is_dead(at(3_900)));
        voice.hear(at(4_000), 0.0);
        assert!(voice.is_dead(at(4_000)));
        voice.hear(at(4_200), 0.0005);
        assert!(!voice.is_dead(at(4_200)));
    }
}
