//! What a hub counts: it shows what goes into its switchboard and what comes out.

use std::collections::BTreeMap;
use std::time::Duration;

use call::id::InviteId;
use call::protocol::{Command, Event};
use call::switchboard::{Change, Input, Output};
use call::time::Timestamp;
use tokio::time::Instant;

use super::Metrics;

/// Invitations whose ringing is waited for. Beyond that some are not measured.
const WATCHED: usize = 4096;
/// A device that has not said by then that it rings is not waited for: it is offline, or has lost its socket.
const WORTH_WAITING: Duration = Duration::from_secs(10);

/// The figures of one hub. What is level in them is taken back when it is dropped.
#[derive(Debug)]
pub struct HubMetrics {
    metrics: Metrics,
    calls: i64,
    /// When the first device was told of an invitation, until one says that it rings.
    told_at: BTreeMap<InviteId, Timestamp>,
}

impl HubMetrics {
    /// For a hub that has no calls yet.
    pub fn new(metrics: Metrics) -> Self {
        Self {
            metrics,
            calls: 0,
            told_at: BTreeMap::new(),
        }
    }

    /// This goes into the switchboard.
    pub fn heard(&mut self, now: Timestamp, input: &Input) {
        if let Input::Received { msg, .. } = input
            && let Command::ConfirmRinging { invite } = &msg.command
            && let Some(at) = self.told_at.remove(invite)
        {
            let took = now.since(at);
            self.metrics.0.ring_latency.observe(took.as_secs_f64());
        }
    }

    /// This came out of it.
    pub fn said(&mut self, now: Timestamp, output: &Output) {
        match output {
            Output::Deliver { event, .. } => match event {
                Event::Placed { .. } => drop(self.metrics.0.calls_placed.inc()),
                Event::Invited { invitation } => {
                    self.metrics.0.rings.inc();
                    self.told(now, invitation.invite);
                }
                Event::InviteClosed { invite, .. } => drop(self.told_at.remove(invite)),
                Event::Refused { refusal, .. } => self.metrics.command_refused(refusal),
                _ => {}
            },
            Output::Commit(changes) => {
                for change in changes {
                    if let Change::Record(record) = change {
                        self.metrics.invitation_ended(record.outcome);
                    }
                }
            }
            Output::Close { .. } => {}
        }
    }

    /// So many calls are going on.
    pub fn calls(&mut self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.metrics.0.calls_active.inc_by(count - self.calls);
        self.calls = count;
    }

    /// What a command that came at this moment has caused is in the queues.
    pub fn answered(&self, came_at: Instant) {
        self.metrics
            .0
            .command_latency
            .observe(came_at.elapsed().as_secs_f64());
    }

    fn told(&mut self, now: Timestamp, invite: InviteId) {
        if self.told_at.len() >= WATCHED {
            self.told_at.retain(|_, at| now.since(*at) < WORTH_WAITING);
        }
        if self.told_at.len() < WATCHED {
            self.told_at.entry(invite).or_insert(now);
        }
    }
}

impl Drop for HubMetrics {
    fn drop(&mut self) {
        self.calls(0);
    }
}
