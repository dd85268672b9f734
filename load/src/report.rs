//! What a scenario has found, as text and as JSON.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::figures::Latencies;
use crate::scenario::Scale;

/// What was found, line by line.
#[derive(Debug)]
pub(crate) struct Report {
    scale: Scale,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    what: String,
    measured: f64,
    unit: &'static str,
    /// The goal in words, and whether it is met.
    goal: Option<(String, bool)>,
}

impl Report {
    /// Nothing found yet.
    pub(crate) const fn new(scale: Scale) -> Self {
        Self {
            scale,
            lines: Vec::new(),
        }
    }

    /// Something worth knowing.
    pub(crate) fn note(&mut self, what: impl Into<String>, measured: f64, unit: &'static str) {
        self.add(what.into(), measured, unit, None);
    }

    /// Times, for information.
    pub(crate) fn note_times(&mut self, what: &str, latencies: &Latencies) {
        for percent in [50, 99] {
            let took = latencies.percentile(percent);
            self.note(format!("{what}, p{percent}"), ms(took), "ms");
        }
    }

    /// Something that counts, and has to be so on every machine.
    pub(crate) fn exactly(&mut self, what: impl Into<String>, measured: f64, wanted: f64) {
        let met = measured == wanted;
        self.add(what.into(), measured, "", Some((format!("= {wanted}"), met)));
    }

    /// Something that is to be at most this on a machine that does nothing else. Where a quick run finds more, that says
    /// nothing.
    pub(crate) fn at_most(&mut self, what: impl Into<String>, measured: f64, most: f64, unit: &'static str) {
        let goal = match self.scale {
            Scale::Full => Some((format!("≤ {}", Number(most, unit)), measured <= most)),
            Scale::Quick => None,
        };
        self.add(what.into(), measured, unit, goal);
    }

    /// A time that is to be at most this long.
    pub(crate) fn within(&mut self, what: impl Into<String>, measured: Duration, most: Duration) {
        self.at_most(what, ms(measured), ms(most), "ms");
    }

    /// Whether every goal is met.
    pub(crate) fn is_met(&self) -> bool {
        self.lines
            .iter()
            .all(|line| line.goal.as_ref().is_none_or(|(_, met)| *met))
    }

    /// Write it to `<name>.json` in a folder.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn write(&self, folder: &Path, name: &str) -> Result<()> {
        let lines: Vec<Value> = self.lines.iter().map(Line::json).collect();
        let report = json!({
            "scenario": name,
            "quick": self.scale == Scale::Quick,
            "met": self.is_met(),
            "found": lines,
        });
        let file = folder.join(format!("{name}.json"));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, format!("{report:#}\n")))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    fn add(&mut self, what: String, measured: f64, unit: &'static str, goal: Option<(String, bool)>) {
        self.lines.push(Line {
            what,
            measured,
            unit,
            goal,
        });
    }
}

impl Line {
    fn json(&self) -> Value {
        json!({
            "what": self.what,
            "measured": self.measured,
            "unit": self.unit,
            "goal": self.goal.as_ref().map(|(goal, _)| goal),
            "met": self.goal.as_ref().map(|(_, met)| met),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            let measured = Number(line.measured, line.unit).to_string();
            let (verdict, goal) = match &line.goal {
                Some((goal, true)) => ("pass", goal.as_str()),
                Some((goal, false)) => ("SHORT", goal.as_str()),
                None => ("", ""),
            };
            let what = &line.what;
            writeln!(
                f,
                "{}",
                format!("  {verdict:<5} {what:<58} {measured:>14}   {goal}").trim_end()
            )?;
        }
        Ok(())
    }
}

/// As people read it.
struct Number(f64, &'static str);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, unit) = self;
        let space = if unit.is_empty() { "" } else { " " };
        if number.fract() == 0.0 {
            write!(f, "{number}{space}{unit}")
        } else {
            write!(f, "{number:.2}{space}{unit}")
        }
    }
}

/// In milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// In KiB.
pub(crate) fn kib(bytes: f64) -> f64 {
    bytes / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_judges_counts_and_no_times() {
        let mut report = Report::new(Scale::Quick);
        report.at_most("too slow", 90.0, 50.0, "ms");
        report.exactly("calls", 3.0, 3.0);
        assert!(report.is_met());
        report.exactly("lost", 1.0, 0.0);
        assert!(!report.is_met());
    }

    #[test]
    fn what_falls_short_is_seen_beside_its_goal() {
        let mut report = Report::new(Scale::Full);
        report.within(
            "invite to ring, p99",
            Duration::from_micros(71_500),
            Duration::from_millis(50),
        );
        let text = report.to_string();
        assert!(
            text.contains("SHORT") && text.contains("71.50 ms") && text.contains("≤ 50 ms"),
            "{text}"
        );
        assert!(!report.is_met());
    }
}
