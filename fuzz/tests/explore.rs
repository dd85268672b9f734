//! What is kept, changed at random: the same changes in every run, so that a failure is never a matter of luck.
//!
//! Without a view of what an input reaches, this finds what lies near. `cargo xtask fuzz` looks further.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use fuzz::Target;
use fuzz::corpus::Shelf;

/// xorshift64* (Vigna 2016).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// 0 to `bound - 1`.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound.max(1)
    }

    /// One change, of those that fuzzers make.
    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(input.len() + 1);
        let to = (at + 1 + self.below(16)).min(input.len());
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.next() as u8,
            2 => input.insert(at, self.next() as u8),
            3 => drop(input.drain(at..to)),
            4 => {
                let copied = input[at..to].to_vec();
                let place = self.below(input.len() + 1);
                input.splice(place..place, copied);
            }
            5 => {
                let from = self.below(other.len());
                let until = (from + 1 + self.below(64)).min(other.len());
                input.splice(at..to, other[from..until].iter().copied());
            }
            6 => input.truncate(at),
            _ => {
                let odd = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\\', b'\n', b'\r'];
                input.insert(at, odd[self.below(odd.len())]);
            }
        }
    }
}

fn explore(name: &str) {
    let target = Target::named(name).unwrap();
    let inputs = Shelf::Corpus.read(target).unwrap();
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for _ in 0..target.tries {
        let mut input = inputs[chance.below(inputs.len())].clone();
        let other = &inputs[chance.below(inputs.len())];
        for _ in 0..=chance.below(6) {
            chance.change(&mut input, other);
        }
        input.truncate(target.longest);
        // Named, so that it can be kept: see `findings`.
        if let Err(fault) = catch_unwind(AssertUnwindSafe(|| (target.run)(&input))) {
            println!(
                "a fault of {name}, to be kept in fuzz/findings/{name}.txt:\n{}",
                input.escape_ascii()
            );
            resume_unwind(fault);
        }
    }
}

/// A test each, so that they run side by side.
macro_rules! explore {
    ($($test:ident: $name:literal;)*) => {
        const EXPLORED: &[&str] = &[$($name),*];

        $(
            #[test]
            fn $test() {
                explore($name);
            }
        )*
    };
}

explore! {
    commands_changed_at_random_are_no_fault: "commands";
    events_changed_at_random_are_no_fault: "events";
    signals_changed_at_random_are_no_fault: "signals";
    user_sigs_changed_at_random_are_no_fault: "user_sig";
    headers_changed_at_random_are_no_fault: "headers";
    relays_in_any_order_are_sound: "relay";
    switchboards_in_any_order_are_sound: "switchboard";
    agents_in_any_order_are_sound: "agent";
    exchanges_in_any_order_come_to_rest: "exchange";
}

#[test]
fn every_target_is_explored() {
    assert_eq!(fuzz::TARGETS.map(|target| target.name), EXPLORED);
}
