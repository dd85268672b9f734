//! The links to the others in a call: one peer connection each, and its negotiation.

use core::time::Duration;

use super::devices::DeviceOrder;
use super::phase::{Peer, Phase};
use super::{Agent, CaptureChange, LinkInput, LinkOrder, LinkRole, MediaOrder};
use crate::handset::{self, LinkState};
use crate::id::{CallId, Entry, UserId};
use crate::media::MediaKind;
use crate::negotiation::{Negotiation, Politeness, Step};
use crate::protocol::{Command, Member, Route, Signal};
use crate::time::Timestamp;

/// One peer connection, as this side knows it.
#[derive(Debug)]
pub(super) struct Link {
    /// The later entry of the two people: the link's name.
    pub(super) entry: Entry,
    negotiation: Negotiation,
    condition: Condition,
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    Connecting,
    Connected,
    /// The browser often mends it by itself within seconds. If it has not by then, ICE is restarted.
    Interrupted {
        restart_at: Timestamp,
    },
    /// ICE is being restarted.
    Restarting,
    Failed,
}

impl Link {
    /// How long the browser may try by itself.
    const PATIENCE: Duration = Duration::from_secs(3);

    pub(super) fn new(own: Entry, theirs: Entry) -> (Self, LinkRole) {
        // The one who was there first offers, and does not yield.
        let (politeness, role) = if own < theirs {
            (Politeness::Impolite, LinkRole::Offers)
        } else {
            (Politeness::Polite, LinkRole::Answers)
        };
        let negotiation = Negotiation::new(politeness);
        (
            Self {
                entry: own.max(theirs),
                negotiation,
                condition: Condition::Connecting,
            },
            role,
        )
    }

    /// A link that tells the other side nothing until it is released.
    pub(super) fn held(own: Entry, theirs: Entry) -> (Self, LinkRole) {
        let (mut link, role) = Self::new(own, theirs);
        link.negotiation.hold();
        (link, role)
    }

    /// The person has answered. Returns the answer, if it is ready.
    pub(super) fn release(&mut self) -> Option<Signal> {
        self.negotiation.release()
    }

    pub(super) fn receive(&mut self, signal: Signal) {
        self.negotiation.receive(signal);
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.condition, Condition::Connected)
    }

    pub(super) fn restart_at(&self) -> Option<Timestamp> {
        match self.condition {
            Condition::Interrupted { restart_at } => Some(restart_at),
            Condition::Connecting | Condition::Connected | Condition::Restarting | Condition::Failed => None,
        }
    }

    pub(super) fn state(&self) -> LinkState {
        match self.condition {
            Condition::Connecting => LinkState::Connecting,
            Condition::Connected => LinkState::Connected,
            Condition::Interrupted { .. } | Condition::Restarting => LinkState::Interrupted,
            Condition::Failed => LinkState::Failed,
        }
    }
}

impl Agent {
    pub(super) fn order_device(&mut self, order: DeviceOrder) {
        self.order(match order {
            DeviceOrder::Open { microphone, camera } => MediaOrder::OpenCapture { microphone, camera },
            DeviceOrder::Close(kind) => MediaOrder::CloseCapture(kind),
            DeviceOrder::SetMicrophoneHeard(heard) => MediaOrder::SetMicrophoneHeard(heard),
        });
    }

    pub(super) fn capture_changed(&mut self, kind: MediaKind, change: CaptureChange) {
        match self.phase.devices_mut() {
            Some(devices) => {
                if let Some(order) = devices.change(kind, change) {
                    self.order_device(order);
                }
                if let (MediaKind::Camera, CaptureChange::Failed(_)) = (kind, change) {
                    self.give_up_video_without_camera();
                }
            }
            // The call ended while the device was being opened. It must not stay open.
            None if change == CaptureChange::Opened => self.order(MediaOrder::CloseCapture(kind)),
            None => {}
        }
    }

    pub(super) fn device_found(&mut self, kind: MediaKind) {
        if let Some(order) = self.phase.devices_mut().and_then(|devices| devices.found(kind)) {
            self.order_device(order);
        }
    }

    /// Somebody is in the call: open a link, in place of the one to that person's entry before, if there was one. Or take
    /// the one that was made while it rang.
    pub(super) fn open_link(&mut self, call: CallId, member: &Member) {
        let Some(active) = self.phase.active_mut(call) else {
            return;
        };
        let (mut link, role) = match active.route {
            Route::Mesh => Link::new(active.entry, member.entry),
        };
        let name = link.entry;
        let user = member.person.id.clone();
        let mut opens = true;
        let mut outdated = None;
        if let Some(early) = active.early.remove(&user) {
            if early.theirs == member.entry && early.link.entry == name {
                link = early.link;
                opens = false;
            } else {
                outdated = Some(early.link.entry);
            }
        }
        let peer = Peer {
            person: member.person.clone(),
            entry: member.entry,
            media: member.media,
            away: member.away,
            link,
        };
        let before = active.peers.insert(user.clone(), peer);
        for entry in before.map(|before| before.link.entry).into_iter().chain(outdated) {
            let peer = user.clone();
            self.order(MediaOrder::CloseLink { peer, entry });
        }
        if opens {
            self.order_link(user, name, role, true);
        }
    }

    pub(super) fn close_link(&mut self, call: CallId, user: &UserId) {
        let peer = self
            .phase
            .active_mut(call)
            .and_then(|active| active.peers.remove(user));
        if let Some(peer) = peer {
            self.order(MediaOrder::CloseLink {
                peer: user.clone(),
                entry: peer.link.entry,
            });
        }
    }

    /// Close and stop all that a phase held. Returns what the person wanted after it, if it was held back by it.
    pub(super) fn close_media(&mut self, mut phase: Phase) -> Option<handset::Command> {
        let orders: Vec<_> = phase
            .devices_mut()
            .map(|devices| devices.close())
            .into_iter()
            .flatten()
            .collect();
        let mut next = None;
        match phase {
            Phase::Connected(active) => {
                for (peer, Peer { link, .. }) in active.peers {
                    self.order(MediaOrder::CloseLink {
                        peer,
                        entry: link.entry,
                    });
                }
                self.close_early(active.early);
            }
            Phase::Calling(outgoing) => self.close_early(outgoing.links),
            Phase::Ringing(incoming) => self.close_early(incoming.links),
            Phase::Cancelling(cancelling) => next = cancelling.next,
            Phase::Idle => {}
        }
        for order in orders {
            self.order_device(order);
        }
        next
    }

    pub(super) fn link_changed(&mut self, now: Timestamp, user: &UserId, entry: Entry, input: LinkInput) {
        let Some((_, _, link)) = self
            .phase
            .link_mut(user)
            .filter(|(_, _, link)| link.entry == entry)
        else {
            // A link that is gone has something to say.
            return;
        };
        match input {
            LinkInput::Connected => link.condition = Condition::Connected,
            LinkInput::Disconnected => {
                link.condition = Condition::Interrupted {
                    restart_at: now + Link::PATIENCE,
                };
            }
            LinkInput::Failed => {
                let restart = link.is_connected() || link.restart_at().is_some();
                link.condition = if restart {
                    Condition::Restarting
                } else {
                    Condition::Failed
                };
                if restart {
                    let peer = user.clone();
                    self.order(MediaOrder::Link {
                        peer,
                        entry,
                        order: LinkOrder::RestartIce,
                    });
                }
            }
            LinkInput::NegotiationNeeded
            | LinkInput::AnswerCreated(_)
            | LinkInput::LocalDescriptionSet(_)
            | LinkInput::RemoteDescriptionSet
            | LinkInput::DescriptionFailed
            | LinkInput::LocalCandidate(_) => {
                link.negotiation.handle(input);
                self.take_steps(user);
            }
        }
    }

    pub(super) fn signaled(&mut self, call: CallId, from: &UserId, entry: Entry, signal: Signal) {
        let Some(signal) = self.hear_early(call, from, entry, signal) else {
            return;
        };
        if let Some((of, theirs, link)) = self.phase.link_mut(from)
            && (of, theirs) == (call, entry)
        {
            link.receive(signal);
            self.take_steps(from);
        }
    }

    /// Do what a negotiation wants done.
    pub(super) fn take_steps(&mut self, user: &UserId) {
        while let Some((call, entry, link)) = self.phase.link_mut(user)
            && let Some(step) = link.negotiation.poll_step()
        {
            let link = link.entry;
            match step {
                Step::Order(order) => self.order(MediaOrder::Link {
                    peer: user.clone(),
                    entry: link,
                    order,
                }),
                // The server would refuse it; and a frame that is too long costs the socket.
                Step::Send(signal) if !signal.is_within_limits() => {}
                Step::Send(signal) => {
                    self.send(Command::Signal {
                        call,
                        to: user.clone(),
                        entry,
                        signal,
                    });
                }
            }
        }
    }

    pub(super) fn restart_interrupted_links(&mut self, now: Timestamp) {
        let Phase::Connected(active) = &mut self.phase else {
            return;
        };
        let mut due = Vec::new();
        for (user, peer) in &mut active.peers {
            if peer.link.restart_at().is_some_and(|at| at <= now) {
                peer.link.condition = Condition::Restarting;
                due.push((user.clone(), peer.link.entry));
            }
        }
        for (peer, entry) in due {
            self.order(MediaOrder::Link {
                peer,
                entry,
                order: LinkOrder::RestartIce,
            });
        }
    }
}
