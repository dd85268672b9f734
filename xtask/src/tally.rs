//! Counting tests.

use std::fmt;
use std::ops::AddAssign;

use anyhow::{Context, Result};
use serde_json::Value;

/// How many tests and checks passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// One check that passed.
    pub(crate) const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One check that failed.
    pub(crate) const FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };

    /// Something that cannot be done here.
    pub(crate) const SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
    };

    /// What a line of a Rust test runner says, if it is the line that counts.
    pub(crate) fn of_result_line(line: &str) -> Option<Self> {
        let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let count = |what: &str| {
            counts
                .split(';')
                .find_map(|part| part.trim().strip_suffix(what)?.trim().parse::<u64>().ok())
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
            skipped: count("ignored").unwrap_or(0),
        })
    }

    /// What Playwright's JSON report says. A test that passed at a second try only has failed.
    pub(crate) fn of_playwright_report(report: &str) -> Result<Self> {
        let report: Value = serde_json::from_str(report).context("Playwright's report is not JSON")?;
        let count = |what: &str| {
            report["stats"][what]
                .as_u64()
                .with_context(|| format!("Playwright's report has no count of {what} tests"))
        };
        Ok(Self {
            passed: count("expected")?,
            failed: count("unexpected")? + count("flaky")?,
            skipped: count("skipped")?,
        })
    }

    /// The tally of a test runner that ended like this: if it failed without a failed test (it did not compile, say), or
    /// ran no test at all, that is a failure of its own.
    pub(crate) fn with_exit(mut self, success: bool) -> Self {
        let ran_nothing = self.passed == 0 && self.failed == 0;
        if (!success && self.failed == 0) || ran_nothing {
            self.failed += 1;
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn reads_the_result_lines_of_both_runners() {
        let cargo =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_result_line(cargo), Some(tally(12, 0, 1)));
        let failed = "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(Tally::of_result_line(failed), Some(tally(2, 1, 0)));
        let wasm = "test result: ok. 4 passed; 0 failed; 0 ignored; 0 filtered out; finished in 1.20s";
        assert_eq!(Tally::of_result_line(wasm), Some(tally(4, 0, 0)));
        for other in [
            "",
            "running 12 tests",
            "test result_is_kept ... ok",
            "test result: soon",
        ] {
            assert_eq!(Tally::of_result_line(other), None, "{other}");
        }
    }

    #[test]
    fn reads_playwrights_report_and_takes_flaky_for_failed() {
        let report = r#"{"stats":{"expected":20,"skipped":1,"unexpected":2,"flaky":1}}"#;
        assert_eq!(Tally::of_playwright_report(report).unwrap(), tally(20, 3, 1));
        assert!(Tally::of_playwright_report("{}").is_err());
        assert!(Tally::of_playwright_report("").is_err());
    }

    #[test]
    fn a_runner_that_fails_or_runs_nothing_is_a_failure() {
        assert_eq!(tally(3, 0, 0).with_exit(true), tally(3, 0, 0));
        assert_eq!(tally(3, 0, 0).with_exit(false), tally(3, 1, 0));
        assert_eq!(tally(3, 2, 0).with_exit(false), tally(3, 2, 0));
        assert_eq!(tally(0, 0, 0).with_exit(true), tally(0, 1, 0));
        assert_eq!(tally(0, 0, 2).with_exit(true), tally(0, 1, 2));
        assert_eq!(tally(0, 0, 0).with_exit(false), tally(0, 1, 0));
    }

    #[test]
    fn the_summary_names_what_was_skipped_only_if_anything_was() {
        assert_eq!(tally(3, 1, 0).to_string(), "3 passed, 1 failed");
        assert_eq!(tally(3, 0, 2).to_string(), "3 passed, 0 failed, 2 skipped");
    }
}
