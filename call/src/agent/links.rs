//! The links to the others in a call: one peer connection each, and its negotiation.

use super::devices::DeviceOrder;
use super::link::{Link, Remedy};
use super::phase::{Peer, Phase};
use super::{Agent, CaptureChange, LinkInput, LinkName, LinkOrder, MediaOrder};
use crate::handset::{self, Connection};
use crate::id::{CallId, Entry, UserId};
use crate::media::MediaKind;
use crate::negotiation::Step;
use crate::protocol::{Command, IceServer, Member, Route, Signal};
use crate::time::Timestamp;

impl Agent {
    /// Links that are open take them when ICE is restarted.
    pub(super) fn use_ice_servers(&mut self, ice_servers: Vec<IceServer>) {
        self.order(MediaOrder::UseIceServers {
            ice_servers,
            relay_only: self.relay_only,
        });
    }

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
        let mut link = match active.route {
            Route::Mesh => Link::new(active.entry, member.entry),
        };
        let user = member.person.id.clone();
        let mut opens = true;
        let mut outdated = None;
        if let Some(early) = active.early.remove(&user) {
            if early.theirs == member.entry && early.link.name() == link.name() {
                link = early.link;
                opens = false;
            } else {
                outdated = Some(early.link.name());
            }
        }
        let (name, role) = (link.name(), link.role());
        let peer = Peer {
            person: member.person.clone(),
            entry: member.entry,
            media: member.media,
            away: member.away,
            link,
        };
        let before = active.peers.insert(user.clone(), peer);
        for link in before
            .map(|before| before.link.name())
            .into_iter()
            .chain(outdated)
        {
            let peer = user.clone();
            self.order(MediaOrder::CloseLink { peer, link });
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
                link: peer.link.name(),
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
        self.close_links(phase.links());
        let next = match phase {
            Phase::Cancelling(cancelling) => cancelling.next,
            Phase::Idle | Phase::Calling(_) | Phase::Ringing(_) | Phase::Connected(_) => None,
        };
        for order in orders {
            self.order_device(order);
        }
        next
    }

    pub(super) fn close_links(&mut self, links: Vec<(UserId, LinkName)>) {
        for (peer, link) in links {
            self.order(MediaOrder::CloseLink { peer, link });
        }
    }

    pub(super) fn link_changed(&mut self, now: Timestamp, user: &UserId, name: LinkName, input: LinkInput) {
        let silence = self.phase.peer(user).map(Peer::silence).unwrap_or_default();
        let Some((_, _, link)) = self
            .phase
            .link_mut(user)
            .filter(|(_, _, link)| link.name() == name)
        else {
            // A link that is gone has something to say.
            return;
        };
        link.happened(now, input, silence);
        self.take_steps(user);
    }

    pub(super) fn signaled(
        &mut self,
        now: Timestamp,
        call: CallId,
        from: &UserId,
        entry: Entry,
        signal: Signal,
    ) {
        let Some(signal) = self.hear_early(call, from, entry, signal) else {
            return;
        };
        if let Signal::Afresh(attempt) = signal {
            // Only of a link in the call: nothing that could break is there before.
            if let Some(active) = self.phase.active_mut(call)
                && let Some(peer) = active.peers.get_mut(from).filter(|peer| peer.entry == entry)
                && peer.link.hear_afresh(now, attempt)
            {
                let remedy = peer.link.begin_afresh(attempt);
                self.apply(call, from, remedy);
            }
        } else if let Some((of, theirs, link)) = self.phase.link_mut(from)
            && (of, theirs) == (call, entry)
        {
            link.receive(signal);
            self.take_steps(from);
        }
    }

    /// Do what a negotiation wants done.
    pub(super) fn take_steps(&mut self, user: &UserId) {
        while let Some((call, entry, link)) = self.phase.link_mut(user)
            && let Some(step) = link.poll_step()
        {
            let link = link.name();
            match step {
                Step::Order(order) => self.order(MediaOrder::Link {
                    peer: user.clone(),
                    link,
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

    /// Do what has become necessary about links that are broken.
    pub(super) fn mend_links(&mut self, now: Timestamp) {
        let online = self.connection == Connection::Online;
        self.apply_to_each(&mut |_, peer| peer.link.tend(now, online && !peer.away));
    }

    /// The socket is back, but perhaps on another network: ICE is restarted on every link that may have lost its way. A link
    /// on which something has come since the socket was lost needs no other way, and is left alone. So a server that is started
    /// anew is not asked by all calls at once to pass on what none of them needs.
    ///
    /// Where messages between the two sides may have been lost, those `known` before that are not connected begin afresh:
    /// they may wait for one of them.
    pub(super) fn check_links(&mut self, now: Timestamp, gap_free: bool, known: &[(UserId, LinkName)]) {
        let lost_at = self.lost_at;
        self.apply_to_each(&mut |user, Peer { link, .. }| {
            let is_known = known
                .iter()
                .any(|known| (&known.0, known.1) == (user, link.name()));
            if !is_known || link.is_proven(lost_at) {
                None
            } else if gap_free || link.is_connected() {
                link.restarted();
                Some(Remedy::RestartIce)
            } else {
                let attempt = link.next_attempt(now)?;
                Some(link.begin_afresh(attempt))
            }
        });
    }

    fn apply_to_each(&mut self, remedy: &mut dyn FnMut(&UserId, &mut Peer) -> Option<Remedy>) {
        let Phase::Connected(active) = &mut self.phase else {
            return;
        };
        let call = active.call;
        let mut remedies = Vec::new();
        for (user, peer) in &mut active.peers {
            if let Some(remedy) = remedy(user, peer) {
                remedies.push((user.clone(), remedy));
            }
        }
        for (user, remedy) in remedies {
            self.apply(call, &user, remedy);
        }
    }

    fn apply(&mut self, call: CallId, user: &UserId, remedy: Remedy) {
        let Some((_, entry, link)) = self.phase.link_mut(user) else {
            return;
        };
        let (name, role) = (link.name(), link.role());
        let peer = user.clone();
        match remedy {
            Remedy::RestartIce => self.order(MediaOrder::Link {
                peer,
                link: name,
                order: LinkOrder::RestartIce,
            }),
            Remedy::Afresh(before) => {
                self.order(MediaOrder::CloseLink {
                    peer: peer.clone(),
                    link: before,
                });
                self.order_link(peer, name, role, true);
                self.send(Command::Signal {
                    call,
                    to: user.clone(),
                    entry,
                    signal: Signal::Afresh(name.attempt),
                });
            }
        }
    }
}
