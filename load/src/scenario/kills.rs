//! `kill -9` at random moments while calls begin and end.
//!
//! Whatever a client was told must hold afterwards: the account that it was welcomed with, the call that it is in, the line of
//! history of the call that has ended. What it was not told may have happened or not, but never by half or twice.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use call::id::CallId;
use call::protocol::{Command, Event};

use super::{Scale, check_log};
use crate::crowd::{Crowd, PATIENCE};
use crate::database::Database;
use crate::figures::Dice;
use crate::report::Report;
use crate::robot::{News, Note, Temper};
use crate::server::Server;
use crate::traffic;

const SEED: u64 = 20_261_124;
/// Robots, half of whom call the others.
const ROBOTS: usize = 40;
/// The longest time between a return and the next kill, in milliseconds.
const LONGEST_ROUND_MS: u64 = 400;

pub(super) async fn run(binary: PathBuf, scale: Scale) -> Result<Report> {
    let rounds: usize = scale.pick(500, 6);
    let mut report = Report::new(scale);
    let mut server = Server::start(&binary).await?;
    let mut crowd = Crowd::around(server.addr()).with_temper(Temper::Eager);
    crowd.open(ROBOTS).await?;
    let mut pairs = Pairs::new();
    let mut dice = Dice::new(SEED);
    let (mut broken, mut doubled, mut unlogged, mut forgotten) = (0, 0, 0, 0);
    for n in 0..ROBOTS / 2 {
        pairs.begin(&crowd, n)?;
    }
    for _ in 0..rounds {
        let kill_in = Duration::from_millis(dice.below(LONGEST_ROUND_MS));
        let kill_at = tokio::time::Instant::now() + kill_in;
        while let Some(note) = crowd.note_until(kill_at).await {
            pairs.take(&crowd, note, &mut dice)?;
        }
        server.kill()?;
        // What was on its way when the server died was told as well.
        let mut gone = BTreeSet::new();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while gone.len() < ROBOTS {
            let note = crowd
                .note_until(deadline)
                .await
                .context("a socket outlives its server")?;
            if matches!(note.news, News::Lost(_)) {
                gone.insert(note.who);
            }
            pairs.hear(note);
        }

        server.start_again().await?;
        let mut back = BTreeSet::new();
        while back.len() < ROBOTS {
            let note = crowd
                .note_until(deadline)
                .await
                .context("a robot does not come back")?;
            if let News::Welcomed(welcome) = &note.news {
                back.insert(note.who);
                let told = welcome.call.as_ref().map(|snapshot| snapshot.call);
                pairs.welcomed_again(note.who, told);
            } else {
                pairs.hear(note);
            }
        }
        let mut database = Database::open(&server.data()).await?;
        broken += usize::from(!database.is_whole().await?);
        let history = database.history().await?;
        doubled += history.values().filter(|lines| **lines > 1).count();
        unlogged += pairs
            .ended
            .iter()
            .filter(|call| !history.contains_key(&call.to_string()))
            .count();
        let people = database.rows().await?.remove("people").unwrap_or(0);
        forgotten += ROBOTS.abs_diff(usize::try_from(people)?);
        for n in 0..ROBOTS / 2 {
            pairs.go_on(&crowd, n)?;
        }
    }
    report.note("kills", rounds as f64, "");
    report.note("calls that ended", pairs.ended.len() as f64, "");
    report.exactly("databases that are not whole", broken as f64, 0.0);
    report.exactly("accounts that are missing", forgotten as f64, 0.0);
    report.exactly(
        "calls that ended and are not in the history",
        unlogged as f64,
        0.0,
    );
    report.exactly("calls that are in the history twice", doubled as f64, 0.0);
    report.note(
        "places in calls that were going on at a kill",
        pairs.kept as f64 + pairs.lost as f64,
        "",
    );
    report.exactly("places in calls that were lost", pairs.lost as f64, 0.0);
    check_log(&server, &mut report)?;
    Ok(report)
}

/// What the two of each pair were told.
struct Pairs {
    /// By the number of the robot: the call that it was told to be in.
    told: Vec<Option<CallId>>,
    /// By the number of the pair: the call that it has been asked to end.
    hanging_up: Vec<Option<CallId>>,
    /// Calls that have ended, so that the one who was called knows it.
    ended: BTreeSet<CallId>,
    /// Places in a call that were there after a kill, and those that were not.
    kept: usize,
    lost: usize,
}

impl Pairs {
    fn new() -> Self {
        Self {
            told: vec![None; ROBOTS],
            hanging_up: vec![None; ROBOTS / 2],
            ended: BTreeSet::new(),
            kept: 0,
            lost: 0,
        }
    }

    fn begin(&self, crowd: &Crowd, pair: usize) -> Result<()> {
        crowd.say(pair, traffic::call(vec![crowd.user(callee(pair))?]));
        Ok(())
    }

    /// What a robot was told changes what is known; and sometimes what its pair does next.
    fn take(&mut self, crowd: &Crowd, note: Note, dice: &mut Dice) -> Result<()> {
        let pair = note.who % (ROBOTS / 2);
        let is_end = matches!(&note.news, News::Heard(event) if matches!(**event, Event::Ended { .. }));
        self.hear(note);
        let [calls, is_called] = [pair, callee(pair)].map(|who| self.told(who));
        match (calls, is_called) {
            // Some calls go on for longer than the server lives.
            (Some(call), Some(_)) if !is_end && self.hanging_up(pair) != Some(call) && dice.below(2) == 0 => {
                self.hang_up(crowd, pair, call);
            }
            (None, None) if is_end => self.begin(crowd, pair)?,
            _ => {}
        }
        Ok(())
    }

    fn hear(&mut self, note: Note) {
        let Note { who, news, .. } = note;
        let News::Heard(event) = news else { return };
        match *event {
            Event::Placed { call } | Event::Joined { call } => self.tell(who, Some(call.call)),
            Event::Ended { call, .. } => {
                if self.told(who) == Some(call) {
                    self.tell(who, None);
                }
                if who >= ROBOTS / 2 {
                    self.ended.insert(call);
                }
            }
            _ => {}
        }
    }

    fn welcomed_again(&mut self, who: usize, told: Option<CallId>) {
        let before = self.told(who);
        let asked = self.hanging_up(who % (ROBOTS / 2));
        if before.is_some() && asked != before {
            if told == before {
                self.kept += 1;
            } else {
                self.lost += 1;
            }
        }
        self.tell(who, told);
    }

    /// Whoever is in a call hangs up, and whoever is free calls.
    fn go_on(&mut self, crowd: &Crowd, pair: usize) -> Result<()> {
        match self.told(pair) {
            Some(call) => self.hang_up(crowd, pair, call),
            None => self.begin(crowd, pair)?,
        }
        Ok(())
    }

    fn hang_up(&mut self, crowd: &Crowd, pair: usize, call: CallId) {
        if let Some(asked) = self.hanging_up.get_mut(pair) {
            *asked = Some(call);
        }
        crowd.say(pair, Command::Hangup { call });
    }

    fn told(&self, who: usize) -> Option<CallId> {
        self.told.get(who).copied().flatten()
    }

    fn hanging_up(&self, pair: usize) -> Option<CallId> {
        self.hanging_up.get(pair).copied().flatten()
    }

    fn tell(&mut self, who: usize, call: Option<CallId>) {
        if let Some(told) = self.told.get_mut(who) {
            *told = call;
        }
    }
}

/// Whom the caller of a pair calls.
const fn callee(pair: usize) -> usize {
    pair + ROBOTS / 2
}
