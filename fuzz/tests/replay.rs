//! What is kept is passed to its target: what was a fault once is none, and what reaches far is none.

use fuzz::corpus::Shelf;
use fuzz::{TARGETS, Target};

#[test]
fn no_finding_is_a_fault_any_more() {
    for target in TARGETS {
        for finding in Shelf::Findings.read(target).unwrap() {
            (target.run)(&finding);
        }
    }
}

#[test]
fn the_corpus_of_every_target_is_taken() {
    for target in TARGETS {
        let inputs = Shelf::Corpus.read(target).unwrap();
        assert!(!inputs.is_empty(), "nothing is kept of {}", target.name);
        for input in inputs {
            (target.run)(&input);
        }
    }
}

#[test]
fn what_is_kept_stays_small() {
    let len = |target: Target| std::fs::metadata(Shelf::Corpus.file(target)).unwrap().len();
    let all: u64 = TARGETS.into_iter().map(len).sum();
    assert!(all <= 300 * 1024, "{all} bytes: run `cargo xtask fuzz --keep`");
}
