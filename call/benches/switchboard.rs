//! How many commands a switchboard carries out in a second on one core, and how that changes with the number of calls
//! that it knows. It should not: a call concerns the people in it and those who watch them, and nobody else.
//!
//! Every round takes another of the calls to its end and places it anew: hang up, call, ring, accept, signal. So there
//! are as many calls at the end of a round as at its beginning.
//!
//! Once all calls are taken in turn, and once the same ten of them. If only the former slows down, it is the processor's
//! caches that do not hold everybody; if both do, the switchboard searches for something.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on has nothing to measure"
)]

use std::collections::BTreeSet;
use std::hint::black_box;

use call::id::{CallId, CommandId, DeviceId, DisplayName, Entry, InviteId, Person, UserId};
use call::media::{CallType, MediaState};
use call::protocol::{Candidate, ClientMsg, Command, Event, Login, Signal};
use call::switchboard::{Address, Config, Input, Known, Output, Switchboard};
use call::time::Timestamp;
use criterion::{BenchmarkId, Criterion, Throughput};

const CONCURRENT_CALLS: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
const COMMANDS_IN_A_ROUND: u64 = 5;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("switchboard");
    group.throughput(Throughput::Elements(COMMANDS_IN_A_ROUND));
    for calls in CONCURRENT_CALLS {
        let mut exchange = Exchange::with_calls(calls);
        for (name, among) in [("each of the calls", calls), ("ten of the calls", 10)] {
            group.bench_function(BenchmarkId::new(name, calls), |bencher| {
                bencher.iter(|| exchange.round(among));
            });
        }
    }
    group.finish();
    criterion.final_summary();
}

/// A switchboard that is busy.
struct Exchange {
    switchboard: Switchboard,
    now: u64,
    pairs: Vec<Pair>,
    turn: usize,
}

/// Two people who call one another again and again.
struct Pair {
    caller: Party,
    callee: Party,
    call: Option<CallId>,
}

struct Party {
    person: Person,
    address: Address,
    last_command: CommandId,
}

impl Exchange {
    fn with_calls(calls: usize) -> Self {
        let pairs = (0..calls).map(|number| Pair {
            caller: Party::new("alice", number),
            callee: Party::new("bob", number),
            call: None,
        });
        let mut exchange = Self {
            switchboard: Switchboard::new(Config::default(), 1),
            now: 0,
            pairs: pairs.collect(),
            turn: 0,
        };
        for at in 0..calls {
            exchange.attach(at);
        }
        for _ in 0..calls {
            exchange.round(calls);
        }
        assert_eq!(exchange.switchboard.calls().count(), calls);
        exchange
    }

    /// Both come online, and each sees whether the other one is.
    fn attach(&mut self, at: usize) {
        let Pair { caller, callee, .. } = &self.pairs[at];
        let both = [caller, callee].map(|party| (party.address.clone(), party.person.name.clone()));
        let watched = [callee.person.id.clone(), caller.person.id.clone()];
        for (address, name) in both {
            let login = Login::Shared;
            self.handle(Input::Attached {
                address,
                name,
                login,
                blocks: BTreeSet::new(),
            });
        }
        for (which, user) in [Which::Caller, Which::Callee].into_iter().zip(watched) {
            let people = vec![user];
            self.say(
                at,
                which,
                Command::Watch {
                    people,
                    newcomers: false,
                },
            );
        }
    }

    /// The next one among the first calls ends and is placed anew.
    fn round(&mut self, among: usize) {
        // A step that has no divisor in common with the number of calls leads to each of them, and to no neighbor.
        self.turn = (self.turn + 61_803) % among;
        let at = self.turn;
        if let Some(call) = self.pairs[at].call {
            self.say(at, Which::Caller, Command::Hangup { call });
        }
        let place = Command::Call {
            invitees: vec![self.pairs[at].callee.person.id.clone()],
            group: None,
            call_type: CallType::Video,
            ring_seconds: None,
            media: MediaState::default(),
            note: None,
        };
        let (call, invite) = self.say(at, Which::Caller, place).expect("the callee is free");
        self.pairs[at].call = Some(call);
        self.say(at, Which::Callee, Command::ConfirmRinging { invite });
        let media = MediaState::default();
        self.say(
            at,
            Which::Callee,
            Command::Accept {
                invite,
                media,
                signals: Vec::new(),
            },
        );
        let signal = Command::Signal {
            call,
            to: self.pairs[at].caller.person.id.clone(),
            // The caller's: nobody entered before.
            entry: Entry(1),
            signal: Signal::Candidate(Candidate {
                candidate: "candidate:1 1 udp 2122260223 192.0.2.1 49203 typ host generation 0 ufrag EsAw"
                    .into(),
                mid: Some("0".into()),
                m_line_index: Some(0),
            }),
        };
        self.say(at, Which::Callee, signal);
    }

    /// Returns the invitation that comes of it.
    fn say(&mut self, at: usize, which: Which, command: Command) -> Option<(CallId, InviteId)> {
        let Pair { caller, callee, .. } = &mut self.pairs[at];
        let known = Known {
            people: vec![callee.person.clone()],
            ..Known::default()
        };
        let from = match which {
            Which::Caller => caller,
            Which::Callee => callee,
        };
        from.last_command = from.last_command.next();
        let msg = ClientMsg {
            id: from.last_command,
            command,
        };
        let from = from.address.clone();
        self.handle(Input::Received { from, msg, known })
    }

    /// Drives the switchboard as its owner does.
    fn handle(&mut self, input: Input) -> Option<(CallId, InviteId)> {
        self.now += 1;
        self.switchboard.handle(Timestamp::from_millis(self.now), input);
        let mut invited = None;
        while let Some(output) = self.switchboard.poll_output() {
            if let Output::Deliver {
                event: Event::Invited { invitation },
                ..
            } = &output
            {
                invited = Some((invitation.call, invitation.invite));
            }
            black_box(output);
        }
        black_box(self.switchboard.poll_timeout());
        invited
    }
}

/// One of a pair.
#[derive(Clone, Copy)]
enum Which {
    Caller,
    Callee,
}

impl Party {
    fn new(name: &str, number: usize) -> Self {
        let id: UserId = format!("{name}-{number}").parse().expect("a short id");
        let address = Address {
            user: id.clone(),
            device: DeviceId::from_bits(1),
        };
        let name = DisplayName::of(&id);
        Self {
            person: Person { id, name },
            address,
            last_command: CommandId::default(),
        }
    }
}
