//! Links made while it rings, so that media flows as soon as somebody answers.
//!
//! The caller offers to everybody who rings; the phone that rings creates its answer and keeps it. Only the person's click
//! lets anything out: the answer is told and set, candidates are gathered, and the caller's are checked (RFC 8445), which
//! have waited for that.

use std::collections::VecDeque;

use litemap::LiteMap;

use super::link::Link;
use super::phase::{Incoming, Phase, Progress};
use super::{Agent, LinkName, LinkRole, MediaOrder};
use crate::id::{CallId, Entry, UserId};
use crate::protocol::{DescriptionKind, Signal, limits};

/// Links to people who are being rung; or the one to whoever rings.
pub(super) type EarlyLinks = LiteMap<UserId, EarlyLink>;

/// A link to somebody who is not in the call yet, or to somebody in a call in which this phone is not.
#[derive(Debug)]
pub(super) struct EarlyLink {
    /// The entry that the other side has in the call, or will have.
    pub(super) theirs: Entry,
    pub(super) link: Link,
}

/// What whoever rings has said ahead of the answer, and the link does not know yet.
#[derive(Debug)]
pub(super) struct Early {
    /// Under which entry it was said.
    pub(super) from: Entry,
    pub(super) waiting: VecDeque<Signal>,
}

impl Incoming {
    /// Whoever rings says something: an offer first, then candidates.
    fn hear(&mut self, from: Entry, signal: Signal) {
        match (&mut self.early, signal) {
            // The link is named by the later entry; an earlier one has no part in offering.
            (None, Signal::Description(offer))
                if offer.kind == DescriptionKind::Offer && from < self.invitation.entry =>
            {
                let waiting = [Signal::Description(offer)].into();
                self.early = Some(Early { from, waiting });
            }
            (Some(early), signal @ Signal::Candidate(_))
                if early.from == from
                    && early.waiting.len() <= limits::CANDIDATES
                    && !early.waiting.contains(&signal) =>
            {
                early.waiting.push_back(signal);
            }
            // Said again after a reconnect, or nothing that belongs here.
            _ => {}
        }
    }
}

impl Agent {
    /// An invitation of this call that rings or is about to.
    fn incoming_mut(&mut self, call: CallId) -> Option<&mut Incoming> {
        let incoming = match &mut self.phase {
            Phase::Ringing(incoming) => Some(incoming),
            Phase::Idle | Phase::Cancelling(_) | Phase::Calling(_) | Phase::Connected(_) => {
                self.crossing.as_mut()
            }
        };
        incoming
            .map(|incoming| &mut **incoming)
            .filter(|incoming| incoming.invitation.call == call)
    }

    /// Somebody says something who rings this phone. Returns what is for a link in a call.
    pub(super) fn hear_early(
        &mut self,
        call: CallId,
        user: &UserId,
        from: Entry,
        signal: Signal,
    ) -> Option<Signal> {
        let Some(incoming) = self.incoming_mut(call) else {
            return Some(signal);
        };
        if incoming.invitation.caller.id == *user {
            incoming.hear(from, signal);
            self.prepare();
        }
        None
    }

    /// Prepare the answer to whoever rings, as far as that is possible without reaching out to them.
    pub(super) fn prepare(&mut self) {
        let Phase::Ringing(incoming) = &mut self.phase else {
            return;
        };
        let answered = incoming.answer.is_some();
        let caller = incoming.invitation.caller.id.clone();
        let Some(early) = &mut incoming.early else { return };
        let mut opened = None;
        if !incoming.links.contains_key(&caller) {
            match early.waiting.front() {
                Some(Signal::Description(offer)) if !answered && offer.is_plain() => {}
                // Too late, or too much: the link is opened as any other, once this phone is in the call.
                Some(_) | None => return,
            }
            let link = Link::held(incoming.invitation.entry, early.from);
            opened = Some((link.name(), link.role()));
            let theirs = early.from;
            incoming.links.insert(caller.clone(), EarlyLink { theirs, link });
        }
        if let Some(EarlyLink { link, .. }) = incoming.links.get_mut(&caller) {
            let ready = |signal: &Signal| answered || matches!(signal, Signal::Description(_));
            while early.waiting.front().is_some_and(ready)
                && let Some(signal) = early.waiting.pop_front()
            {
                link.receive(signal);
            }
        }
        if let Some((name, role)) = opened {
            self.order_link(caller.clone(), name, role, false);
        }
        self.take_steps(&caller);
    }

    /// The person answers. Returns the answer that was prepared.
    pub(super) fn release(&mut self) -> Option<Signal> {
        let Phase::Ringing(incoming) = &mut self.phase else {
            return None;
        };
        let (_, prepared) = incoming.links.iter_mut().next()?;
        prepared.link.release().filter(Signal::is_within_limits)
    }

    /// The person has answered: what arrives on the link that was prepared is let in.
    pub(super) fn admit(&mut self) {
        let Phase::Ringing(incoming) = &self.phase else {
            return;
        };
        let prepared = incoming.links.iter().next();
        if let Some((peer, early)) = prepared {
            let (peer, link) = (peer.clone(), early.link.name());
            self.order(MediaOrder::AdmitLink { peer, link });
        }
    }

    /// Offer to those who ring by this person's wish, once there is something to offer: candidates are what they are only
    /// when the microphone is open, or will not be. Close the links to those who will not come.
    pub(super) fn tend_early_links(&mut self) {
        let Some(me) = &self.user else { return };
        let (own, invitees, links, devices) = match &mut self.phase {
            Phase::Calling(outgoing) => match outgoing.progress {
                Progress::Placed { entry, .. } => {
                    (entry, &outgoing.invitees, &mut outgoing.links, &outgoing.devices)
                }
                Progress::Asked(_) => return,
            },
            Phase::Connected(active) => {
                let active = &mut **active;
                (active.entry, &active.invitees, &mut active.early, &active.devices)
            }
            Phase::Idle | Phase::Cancelling(_) | Phase::Ringing(_) => return,
        };
        // Lists, not maps: to make one of a map brings a whole sort along.
        let wanted: Vec<(UserId, Entry)> = invitees
            .ringing_by(me)
            .filter(|(_, theirs)| own < *theirs)
            .map(|(user, theirs)| (user.clone(), theirs))
            .collect();
        let is_wanted = |user: &UserId, theirs| {
            wanted
                .iter()
                .any(|wanted| (&wanted.0, wanted.1) == (user, theirs))
        };
        let closed: Vec<(UserId, LinkName)> = links
            .iter()
            .filter(|(user, early)| !is_wanted(user, early.theirs))
            .map(|(user, early)| (user.clone(), early.link.name()))
            .collect();
        for (user, _) in &closed {
            links.remove(user);
        }
        let mut opened = Vec::new();
        if devices.is_settled() {
            for (user, theirs) in wanted {
                if !links.contains_key(&user) {
                    let link = Link::new(own, theirs);
                    opened.push((user.clone(), link.name(), link.role()));
                    links.insert(user, EarlyLink { theirs, link });
                }
            }
        }
        self.close_links(closed);
        for (peer, name, role) in opened {
            self.order_link(peer, name, role, true);
        }
    }

    pub(super) fn order_link(&mut self, peer: UserId, link: LinkName, role: LinkRole, admitted: bool) {
        self.order(MediaOrder::OpenLink {
            peer,
            link,
            role,
            admitted,
        });
    }
}
