//! Into a call, by the switchboard's word.

use super::Agent;
use super::devices::Devices;
use super::early::{Early, EarlyLinks};
use super::invitees::Invitees;
use super::phase::{Active, Incoming, Outgoing, Phase, Progress, split_members};
use crate::handset::VideoQuestion;
use crate::id::{CallId, Entry, UserId};
use crate::protocol::{CallSnapshot, Command, Member, Seat};
use crate::time::Timestamp;

/// What this side has in hand when it finds itself in a call.
struct Found {
    devices: Devices,
    links: EarlyLinks,
    /// What whoever called has said, and no link knows.
    early: Option<(UserId, Early)>,
}

impl Found {
    fn just(devices: Devices) -> Self {
        Self {
            devices,
            links: EarlyLinks::new(),
            early: None,
        }
    }
}

impl Agent {
    /// This person is in a call; perhaps on this device, perhaps as it already knew.
    pub(super) fn joined(&mut self, now: Timestamp, snapshot: &CallSnapshot) {
        if snapshot.seat != Seat::Here {
            if self.phase.placed_call() != Some(snapshot.call) {
                self.elsewhere = Some(snapshot.call);
            }
            return;
        }
        if self.outbox.is_hanging_up(snapshot.call) {
            // The answer to what was asked before that. If the person wants back into the call, another one follows.
            return;
        }
        self.acknowledge_awaited();
        self.elsewhere = None;
        self.rejoin = None;
        let entry = self.own_entry(snapshot);
        let rejoined = self.rejoining.take().is_some();
        let linked = self.phase.links();
        let found = match core::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Connected(active) if active.call == snapshot.call => {
                if active.entry == entry {
                    self.phase = Phase::Connected(active);
                    return self.mirror_members(snapshot);
                }
                // A fresh entry: every link is made anew, the devices stay open.
                self.close_links(linked);
                Found::just(active.devices)
            }
            // Glare: the person called back who was calling already. Or it was placed, and answered while the socket
            // was down.
            Phase::Calling(outgoing) => {
                let crossing = self.crossing.take();
                let crossing = crossing.filter(|crossing| crossing.invitation.call == snapshot.call);
                Found {
                    devices: outgoing.devices,
                    links: outgoing.links,
                    early: crossing
                        .and_then(|crossing| Some((crossing.invitation.caller.id, crossing.early?))),
                }
            }
            Phase::Ringing(incoming) => {
                let Incoming {
                    invitation,
                    answer: Some(answer),
                    early,
                    links,
                    ..
                } = *incoming
                else {
                    self.phase = Phase::Ringing(incoming);
                    return;
                };
                Found {
                    devices: answer.devices,
                    links,
                    early: early.map(|early| (invitation.caller.id, early)),
                }
            }
            phase @ Phase::Cancelling(_) => {
                self.phase = phase;
                return self.cancel(now, snapshot.call);
            }
            Phase::Idle if rejoined => {
                let own = self.user.as_ref().and_then(|me| split_members(snapshot, me).0);
                let (devices, open) = Devices::open(own.is_some_and(|own| own.media.camera));
                self.order_device(open);
                Found::just(devices)
            }
            // The person has hung up meanwhile, or is in a call that was taken over: the switchboard is told, if it is not about
            // to hear of it already.
            phase @ (Phase::Idle | Phase::Connected(_)) => {
                self.phase = phase;
                if !self.outbox.is_hanging_up(snapshot.call) {
                    self.send(Command::Hangup { call: snapshot.call });
                }
                return;
            }
        };
        self.crossing = None;
        self.notice = None;
        self.enter(now, snapshot, entry, found);
    }

    /// Take the place in a call that the switchboard has given to this device.
    fn enter(&mut self, now: Timestamp, snapshot: &CallSnapshot, entry: Entry, found: Found) {
        let Some(me) = self.user.clone() else { return };
        let Found {
            devices,
            links,
            early,
        } = found;
        let (_, others) = split_members(snapshot, &me);
        let others: Vec<_> = others.cloned().collect();
        if snapshot.connected_ms.is_none() {
            let progress = Progress::Placed {
                number: snapshot.into(),
                entry,
            };
            let call_type = snapshot.call_type;
            let mut invitees = Invitees::default();
            invitees.add(&snapshot.invitees);
            self.phase = Phase::Calling(Box::new(Outgoing {
                with: invitees.people().cloned().collect(),
                invitees,
                group: snapshot.group,
                of_group: snapshot.of_group.clone(),
                call_type,
                route: snapshot.route,
                progress,
                links,
                devices,
            }));
            return;
        }
        let rung = snapshot.invitees.iter().map(|invited| &invited.person);
        let with = others
            .iter()
            .map(|member| &member.person)
            .chain(rung)
            .cloned()
            .collect();
        let mut active = Active::new(now, snapshot, entry, with, devices);
        active.early = links;
        self.phase = Phase::Connected(Box::new(active));
        self.mirror_switch(snapshot);
        for member in &others {
            self.open_link(snapshot.call, member);
        }
        if let Some((caller, early)) = early {
            for signal in early.waiting {
                self.signaled(now, snapshot.call, &caller, early.from, signal);
            }
        }
    }

    pub(super) fn user_entered(&mut self, now: Timestamp, call: CallId, member: &Member) {
        match core::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Calling(outgoing) => match outgoing.progress {
                Progress::Placed { number, entry } if number.call == call => {
                    self.phase = Phase::Connected(Box::new(Active {
                        call,
                        room: number.room,
                        call_type: outgoing.call_type,
                        entry,
                        since: now,
                        route: outgoing.route,
                        peers: Default::default(),
                        vouch_at: None,
                        early: outgoing.links,
                        invitees: outgoing.invitees,
                        group: outgoing.group,
                        of_group: outgoing.of_group,
                        video: VideoQuestion::Nobody,
                        with: outgoing.with,
                        devices: outgoing.devices,
                    }));
                    self.mirror_member(call, member);
                }
                Progress::Placed { .. } | Progress::Asked(_) => self.phase = Phase::Calling(outgoing),
            },
            phase @ (Phase::Idle | Phase::Cancelling(_) | Phase::Ringing(_) | Phase::Connected(_)) => {
                self.phase = phase;
                self.mirror_member(call, member);
            }
        }
    }

    pub(super) fn own_entry(&self, snapshot: &CallSnapshot) -> Entry {
        let own = self.user.as_ref().and_then(|me| split_members(snapshot, me).0);
        own.map_or(Entry(0), |member| member.entry)
    }
}
