//! One way along one line, and what happens to packets on it. Pure: time is a parameter, and chance has a seed.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Duration;

/// Time since the lab was started.
pub(crate) type Moment = Duration;

/// What a line does to the packets that are sent along it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Conditions {
    /// How long every packet takes.
    pub(crate) delay: Duration,
    /// It takes up to this much less or more, evenly spread. Packets stay in their order.
    pub(crate) jitter: Duration,
    /// The share of packets that are lost, 0 to 1, each by itself.
    pub(crate) loss: f64,
    /// The share of packets that are held back and overtaken by others, 0 to 1.
    pub(crate) reorder: f64,
    /// Bits per second; none is without limit.
    pub(crate) rate: Option<u64>,
    /// How long a packet may wait for those before it, where there is a rate. One that would wait longer is dropped.
    pub(crate) queue: Duration,
    /// Nothing gets through.
    pub(crate) cut: bool,
}

impl Conditions {
    /// How long a packet is held back so that others overtake it: three packets of sound.
    const HELD_BACK: Duration = Duration::from_millis(60);
}

impl Default for Conditions {
    /// A perfect line.
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0.0,
            reorder: 0.0,
            rate: None,
            queue: Duration::from_millis(200),
            cut: false,
        }
    }
}

/// One way along a line: packets go in at one end, and come out at the other when it is time.
///
/// ```text
/// push ─▶ cut? lost? ─▶ rate and its queue ─▶ delay ± jitter ─▶ pop
/// ```
#[derive(Debug)]
pub(crate) struct Line<T> {
    conditions: Conditions,
    chance: fastrand::Rng,
    /// When the last packet has been put on the line, at its rate.
    busy_until: Moment,
    /// When the last packet comes out that keeps its place in the order.
    last_due: Moment,
    under_way: BinaryHeap<Reverse<UnderWay<T>>>,
    pushed: u64,
}

impl<T> Line<T> {
    /// A perfect line. The same seed and the same packets give the same losses.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            conditions: Conditions::default(),
            chance: fastrand::Rng::with_seed(seed),
            busy_until: Moment::ZERO,
            last_due: Moment::ZERO,
            under_way: BinaryHeap::new(),
            pushed: 0,
        }
    }

    pub(crate) fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// From now on; what is under way goes on as it was, except along a line that is cut.
    pub(crate) fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
        if conditions.cut {
            self.under_way.clear();
        }
    }

    /// Send a packet of this many bytes.
    pub(crate) fn push(&mut self, now: Moment, bytes: usize, packet: T) {
        // Drawn for every packet, so that one condition does not change the chances of another.
        let (loss, reorder, jitter) = (self.chance.f64(), self.chance.f64(), self.chance.f64());
        let Conditions { cut, rate, .. } = self.conditions;
        if cut || loss < self.conditions.loss {
            return;
        }
        let sent = match rate {
            None => now,
            Some(rate) => {
                let start = now.max(self.busy_until);
                if start - now > self.conditions.queue {
                    return;
                }
                self.busy_until = start + Duration::from_secs_f64(bytes as f64 * 8.0 / rate as f64);
                self.busy_until
            }
        };
        let least = self.conditions.delay.saturating_sub(self.conditions.jitter);
        let due = sent + least + (self.conditions.jitter * 2).mul_f64(jitter);
        let due = if reorder < self.conditions.reorder {
            due + Conditions::HELD_BACK
        } else {
            self.last_due = due.max(self.last_due);
            self.last_due
        };
        self.under_way.push(Reverse(UnderWay {
            due,
            number: self.pushed,
            packet,
        }));
        self.pushed += 1;
    }

    /// When the next packet comes out.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.under_way.peek().map(|Reverse(next)| next.due)
    }

    /// The next packet that has come out by now, and when it did.
    pub(crate) fn pop(&mut self, now: Moment) -> Option<(Moment, T)> {
        if self.next_due()? > now {
            return None;
        }
        self.under_way
            .pop()
            .map(|Reverse(UnderWay { due, packet, .. })| (due, packet))
    }
}

#[derive(Debug)]
struct UnderWay<T> {
    due: Moment,
    number: u64,
    packet: T,
}

impl<T> UnderWay<T> {
    fn place(&self) -> (Moment, u64) {
        (self.due, self.number)
    }
}

impl<T> PartialEq for UnderWay<T> {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl<T> Eq for UnderWay<T> {}

impl<T> PartialOrd for UnderWay<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for UnderWay<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn line(conditions: Conditions) -> Line<u64> {
        let mut line = Line::new(7);
        line.set_conditions(conditions);
        line
    }

    /// What comes out of a line that is given this many packets of 125 bytes (1,000 bits), one every 20 ms.
    fn sound(line: &mut Line<u64>, packets: u64) -> Vec<(Moment, u64)> {
        for number in 0..packets {
            line.push(ms(20) * number as u32, 125, number);
        }
        std::iter::from_fn(|| line.pop(Duration::MAX)).collect()
    }

    #[test]
    fn a_perfect_line_hands_on_at_once() {
        let mut line = Line::new(1);
        line.push(ms(5), 1_200, "packet");
        assert_eq!(line.next_due(), Some(ms(5)));
        assert_eq!(line.pop(ms(5)), Some((ms(5), "packet")));
        assert_eq!(line.pop(ms(5)), None);
    }

    #[test]
    fn a_packet_comes_out_after_the_delay_and_not_before() {
        let mut line = line(Conditions {
            delay: ms(90),
            ..Conditions::default()
        });
        line.push(ms(10), 1_200, 0);
        assert_eq!(line.pop(ms(99)), None);
        assert_eq!(line.pop(ms(100)), Some((ms(100), 0)));
    }

    #[test]
    fn jitter_is_spread_around_the_delay_and_keeps_the_order() {
        let mut line = line(Conditions {
            delay: ms(90),
            jitter: ms(20),
            ..Conditions::default()
        });
        let out = sound(&mut line, 1_000);
        assert!(out.is_sorted_by_key(|(_, number)| *number));
        let took: Vec<_> = out
            .iter()
            .map(|(due, number)| *due - ms(20) * *number as u32)
            .collect();
        assert!(took.iter().all(|took| (ms(70)..=ms(110)).contains(took)));
        assert!(took.iter().any(|took| *took < ms(75)) && took.iter().any(|took| *took > ms(105)));
    }

    #[test]
    fn the_wanted_share_is_lost_and_the_same_packets_by_the_same_seed() {
        let lossy = Conditions {
            loss: 0.05,
            ..Conditions::default()
        };
        let out = sound(&mut line(lossy), 10_000);
        assert!((9_400..9_600).contains(&out.len()), "{} came out", out.len());
        assert_eq!(out, sound(&mut line(lossy), 10_000));
        // Another condition does not change which ones.
        let slow = Conditions {
            delay: ms(90),
            ..lossy
        };
        let numbers = |out: Vec<(Moment, u64)>| out.into_iter().map(|(_, number)| number).collect::<Vec<_>>();
        assert_eq!(numbers(out), numbers(sound(&mut line(slow), 10_000)));
    }

    #[test]
    fn packets_that_are_held_back_are_overtaken() {
        let mut line = line(Conditions {
            reorder: 0.1,
            ..Conditions::default()
        });
        let out = sound(&mut line, 1_000);
        assert_eq!(out.len(), 1_000);
        let late = out.windows(2).filter(|pair| pair[0].1 > pair[1].1).count();
        assert!((60..140).contains(&late), "{late} were overtaken");
    }

    #[test]
    fn a_rate_spaces_packets_and_drops_what_would_wait_too_long() {
        let mut line = line(Conditions {
            rate: Some(100_000),
            queue: ms(50),
            ..Conditions::default()
        });
        for number in 0..10 {
            line.push(ms(0), 125, number);
        }
        let out: Vec<_> = std::iter::from_fn(|| line.pop(Duration::MAX)).collect();
        // Each takes 10 ms, and the seventh would have waited for 60.
        assert_eq!(
            out,
            [0, 1, 2, 3, 4, 5].map(|number| (ms(10) * (number as u32 + 1), number))
        );
        // What was not used before is not saved up.
        line.push(ms(1_000), 125, 10);
        assert_eq!(line.pop(Duration::MAX), Some((ms(1_010), 10)));
    }

    #[test]
    fn a_cut_line_loses_what_is_under_way_and_what_is_sent() {
        let slow = Conditions {
            delay: ms(90),
            ..Conditions::default()
        };
        let mut line = line(slow);
        line.push(ms(0), 125, 0);
        line.set_conditions(Conditions { cut: true, ..slow });
        line.push(ms(10), 125, 1);
        assert_eq!(line.next_due(), None);
        line.set_conditions(slow);
        line.push(ms(20), 125, 2);
        assert_eq!(line.pop(Duration::MAX), Some((ms(110), 2)));
    }
}
