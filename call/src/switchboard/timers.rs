//! What the switchboard waits for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Address, Reason};
use crate::id::{CallId, UserId};
use crate::time::Timestamp;

/// Something that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// Somebody has not answered yet.
    Ring { call: CallId, invitee: UserId },
    /// A device has not come back yet.
    Grace { address: Address },
    /// Nobody has said yet whether the call becomes a video call.
    VideoRequest { call: CallId },
}

/// All that is waited for, in the order of time.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(Timestamp, Timer)>,
    graces: BTreeMap<Address, Grace>,
}

/// How long a device is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grace {
    pub(super) until: Timestamp,
    /// How long at most, if others say that they hear it.
    pub(super) longest: Timestamp,
}

impl Grace {
    /// Until then, whatever others say.
    pub(super) const fn firm(until: Timestamp) -> Self {
        Self {
            until,
            longest: until,
        }
    }
}

impl Timers {
    pub(super) fn next(&self) -> Option<(Timestamp, Reason)> {
        self.due.first().map(|(at, timer)| {
            let reason = match timer {
                Timer::Ring { .. } => Reason::RingTimeout,
                Timer::Grace { .. } => Reason::GraceOver,
                Timer::VideoRequest { .. } => Reason::VideoRequestTimeout,
            };
            (*at, reason)
        })
    }

    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<Timer> {
        let (at, _) = self.due.first()?;
        if *at > now {
            return None;
        }
        let (_, timer) = self.due.pop_first()?;
        if let Timer::Grace { address } = &timer {
            self.graces.remove(address);
        }
        Some(timer)
    }

    pub(super) fn arm_ring(&mut self, at: Timestamp, call: CallId, invitee: &UserId) {
        self.due.insert((
            at,
            Timer::Ring {
                call,
                invitee: invitee.clone(),
            },
        ));
    }

    pub(super) fn disarm_ring(&mut self, at: Timestamp, call: CallId, invitee: &UserId) {
        self.due.remove(&(
            at,
            Timer::Ring {
                call,
                invitee: invitee.clone(),
            },
        ));
    }

    pub(super) fn arm_video_request(&mut self, at: Timestamp, call: CallId) {
        self.due.insert((at, Timer::VideoRequest { call }));
    }

    pub(super) fn disarm_video_request(&mut self, at: Timestamp, call: CallId) {
        self.due.remove(&(at, Timer::VideoRequest { call }));
    }

    pub(super) fn arm_grace(&mut self, grace: Grace, address: &Address) {
        self.disarm_grace(address);
        self.graces.insert(address.clone(), grace);
        self.due.insert((
            grace.until,
            Timer::Grace {
                address: address.clone(),
            },
        ));
    }

    /// Wait longer for a device that is waited for.
    pub(super) fn prolong_grace(&mut self, at: Timestamp, address: &Address) {
        if let Some(grace) = self.graces.get(address) {
            let until = at.min(grace.longest);
            if grace.until < until {
                let longest = grace.longest;
                self.arm_grace(Grace { until, longest }, address);
            }
        }
    }

    pub(super) fn disarm_grace(&mut self, address: &Address) {
        if let Some(Grace { until: at, .. }) = self.graces.remove(address) {
            self.due.remove(&(
                at,
                Timer::Grace {
                    address: address.clone(),
                },
            ));
        }
    }
}
