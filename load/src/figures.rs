//! What is measured: times, and what the server's process takes.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Times of the same kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// One more.
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// These as well.
    pub(crate) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What this many percent of them do not exceed (nearest rank); zero if there are none.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    /// The longest.
    pub(crate) fn longest(&self) -> Duration {
        self.percentile(100)
    }
}

/// What a process takes at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Memory that it holds, in bytes.
    pub(crate) resident: u64,
    /// Processor time that it has used.
    pub(crate) cpu: Duration,
    /// Files and sockets that it has open.
    pub(crate) files: usize,
}

impl Usage {
    /// Of a process of this machine, as `/proc` tells it (proc(5)).
    ///
    /// # Errors
    ///
    /// If it does not run, or the system has no `/proc`.
    pub(crate) fn of(id: u32) -> Result<Self> {
        let folder = format!("/proc/{id}");
        let status =
            fs::read_to_string(format!("{folder}/status")).context("the server's process is not in /proc")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next());
        let resident = kibibytes.context("no VmRSS in /proc")?.parse::<u64>()? * 1024;
        let stat = fs::read_to_string(format!("{folder}/stat"))?;
        // The name of the program, in brackets, may hold spaces.
        let (_, fields) = stat.rsplit_once(") ").context("no name in /proc")?;
        let ticks = |n: usize| -> Result<u64> {
            let field = fields.split(' ').nth(n).context("no times in /proc")?;
            Ok(field.parse()?)
        };
        Ok(Self {
            resident,
            // The 14th and the 15th field, in hundredths of a second on every Linux that there is.
            cpu: Duration::from_millis(10 * (ticks(11)? + ticks(12)?)),
            files: fs::read_dir(format!("{folder}/fd"))?.count(),
        })
    }
}

/// Numbers that are drawn again the same from the same seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// With this seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentile(99), Duration::ZERO);
        for ms in (1..=200).rev() {
            latencies.add(Duration::from_millis(ms));
        }
        assert_eq!(latencies.percentile(50), Duration::from_millis(100));
        assert_eq!(latencies.percentile(99), Duration::from_millis(198));
        assert_eq!(latencies.longest(), Duration::from_millis(200));
    }

    #[test]
    fn the_same_seed_draws_the_same_numbers() {
        let draw = || {
            let mut dice = Dice::new(7);
            [(); 20].map(|()| dice.below(10))
        };
        assert_eq!(draw(), draw());
        assert!(draw().iter().any(|drawn| *drawn != draw()[0]));
    }
}
