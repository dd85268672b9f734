//! Calls, one after the other: placed, rung, answered, connected on both sides, hung up, ended on both sides.

use std::collections::VecDeque;
use std::mem;
use std::time::{Duration, Instant};

use anyhow::Result;
use call::id::CallId;
use call::media::{CallType, MediaState};
use call::protocol::{Command, Event};
use tokio::time::{MissedTickBehavior, interval};

use crate::crowd::Crowd;
use crate::figures::{Dice, Latencies};
use crate::robot::{News, Note};

/// How long the last calls may take to end.
const LAST_PATIENCE: Duration = Duration::from_secs(30);

/// What has come of some calls.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// From the command to the invitation at the other side.
    pub(crate) ring: Latencies,
    /// From the answer until both sides are told that they are connected.
    pub(crate) connected: Latencies,
    /// How many were placed.
    pub(crate) placed: usize,
    /// How many went all the way.
    pub(crate) completed: usize,
    /// How many the server has refused.
    pub(crate) refused: usize,
    /// How many sockets were lost meanwhile.
    pub(crate) dropped: usize,
}

/// Robots that call one another: those of the first half those of the second.
pub(crate) struct Traffic {
    callers: VecDeque<usize>,
    callees: VecDeque<usize>,
    /// The call that a robot is in.
    engaged: Vec<Option<usize>>,
    calls: Vec<Ongoing>,
    under_way: usize,
    dice: Dice,
    found: Found,
}

#[derive(Debug)]
struct Ongoing {
    caller: usize,
    callee: usize,
    asked: Instant,
    call: Option<CallId>,
    rung: Option<Instant>,
    joined: Option<Instant>,
    entered: Option<Instant>,
    ends: u8,
}

impl Traffic {
    /// Among this many robots, all of them free.
    pub(crate) fn among(robots: usize) -> Self {
        let half = robots / 2;
        Self {
            callers: (0..half).collect(),
            callees: (half..2 * half).collect(),
            engaged: vec![None; 2 * half],
            calls: Vec::new(),
            under_way: 0,
            dice: Dice::new(1),
            found: Found::default(),
        }
    }

    /// Place this many calls, so many a second, whether or not those before have ended; and let them end. What has come of them.
    ///
    /// # Errors
    ///
    /// None that is the server's: those are counted.
    pub(crate) async fn run(&mut self, crowd: &mut Crowd, count: usize, per_second: u32) -> Result<Found> {
        let mut pace = interval(Duration::from_secs(1) / per_second);
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut last_chance = tokio::time::Instant::now() + LAST_PATIENCE;
        while self.found.placed < count || self.under_way > 0 {
            let placing = self.found.placed < count;
            let far = tokio::time::Instant::now() + LAST_PATIENCE;
            if placing {
                last_chance = far;
            }
            tokio::select! {
                biased;
                note = crowd.note_until(last_chance) => match note {
                    Some(note) => self.take(crowd, note),
                    None => break,
                },
                _ = pace.tick(), if placing => self.place(crowd)?,
            }
        }
        Ok(mem::take(&mut self.found))
    }

    fn place(&mut self, crowd: &Crowd) -> Result<()> {
        // If everybody is in a call, the next moment will do.
        let Some(caller) = self.callers.pop_front() else {
            return Ok(());
        };
        // Drawn, as those who are free in turn would be the same ones again and again, more often than the server allows.
        let drawn = self.dice.below(self.callees.len() as u64) as usize;
        let Some(callee) = self.callees.swap_remove_back(drawn) else {
            self.callers.push_front(caller);
            return Ok(());
        };
        for who in [caller, callee] {
            if let Some(engaged) = self.engaged.get_mut(who) {
                *engaged = Some(self.calls.len());
            }
        }
        let invitees = vec![crowd.user(callee)?];
        self.calls.push(Ongoing {
            caller,
            callee,
            asked: Instant::now(),
            call: None,
            rung: None,
            joined: None,
            entered: None,
            ends: 0,
        });
        crowd.say(caller, call(invitees));
        self.found.placed += 1;
        self.under_way += 1;
        Ok(())
    }

    fn take(&mut self, crowd: &Crowd, note: Note) {
        let Note { who, at, news } = note;
        let event = match news {
            News::Heard(event) => event,
            News::Lost(_) => {
                self.found.dropped += 1;
                return;
            }
            News::Welcomed(_) | News::Failed(_) => return,
        };
        let Some(n) = self.engaged.get(who).copied().flatten() else {
            return;
        };
        let Some(ongoing) = self.calls.get_mut(n) else {
            return;
        };
        match *event {
            Event::Placed { call } => ongoing.call = Some(call.call),
            Event::Invited { .. } => {
                ongoing.rung = Some(at);
                self.found.ring.add(at.saturating_duration_since(ongoing.asked));
            }
            Event::Joined { .. } => {
                ongoing.joined = Some(at);
                self.connected(crowd, n);
            }
            Event::UserEntered { .. } => {
                ongoing.entered = Some(at);
                self.connected(crowd, n);
            }
            Event::Ended { .. } => {
                ongoing.ends += 1;
                if ongoing.ends == 2 {
                    self.found.completed += 1;
                    self.free(n);
                }
            }
            Event::Refused { .. } => {
                self.found.refused += 1;
                self.free(n);
            }
            _ => {}
        }
    }

    /// When both are told, the caller hangs up.
    fn connected(&mut self, crowd: &Crowd, n: usize) {
        if let Some(Ongoing {
            caller,
            call: Some(call),
            rung: Some(rung),
            joined: Some(joined),
            entered: Some(entered),
            ..
        }) = self.calls.get(n)
        {
            // The callee has answered as soon as it rang.
            let both = joined.max(entered);
            self.found.connected.add(both.saturating_duration_since(*rung));
            crowd.say(*caller, Command::Hangup { call: *call });
        }
    }

    fn free(&mut self, n: usize) {
        let Some(Ongoing { caller, callee, .. }) = self.calls.get(n) else {
            return;
        };
        for who in [*caller, *callee] {
            if let Some(engaged) = self.engaged.get_mut(who) {
                *engaged = None;
            }
        }
        self.callers.push_back(*caller);
        self.callees.push_back(*callee);
        self.under_way -= 1;
    }
}

/// Call these people.
pub(crate) fn call(invitees: Vec<call::id::UserId>) -> Command {
    Command::Call {
        invitees,
        group: None,
        call_type: CallType::Video,
        ring_seconds: None,
        media: MediaState::default(),
        note: None,
    }
}
