//! What the switchboard says.

use core::time::Duration;

use super::Agent;
use super::invitees::Invitees;
use super::phase::{Incoming, Phase, Progress};
use crate::handset::Notice;
use crate::id::{CallId, CommandId, GroupId, InviteId, Roster, UserId};
use crate::protocol::{
    CallSnapshot, Command, EndReason, Event, Invitation, InviteOutcome, InvitedPerson, Refusal, Seat, limits,
};
use crate::time::Timestamp;

impl Agent {
    /// How long after the loss of somebody's signaling, and how often then, it is said that their media arrives. A tab that was
    /// closed has been given up by then.
    const VOUCH_EVERY: Duration = Duration::from_secs(15);

    pub(super) fn receive(&mut self, now: Timestamp, event: Event) {
        self.received += 1;
        match event {
            Event::Welcomed(welcome) => self.welcomed(now, *welcome),
            // Of the socket alone.
            Event::Alive | Event::Restarting { .. } => self.received -= 1,
            // Before that, a phone does not know whose it is, and has a place in no call.
            _ if self.user.is_none() => {}
            Event::Done { command } => {
                self.outbox.acknowledge(command);
                self.inviting.retain(|inviting| *inviting > command);
                self.switching.take_if(|switching| *switching <= command);
            }
            Event::Refused { command, refusal } => self.refused(now, command, refusal),
            Event::PresenceChanged { people } => {
                // One by one: `extend` brings a whole sort along.
                for (id, presence) in people {
                    self.presence.insert(id, presence);
                }
            }
            Event::PersonJoined { person } => {
                if self.newcomers.len() < Self::NEWCOMERS {
                    self.newcomers.push(person);
                }
            }
            Event::GroupChanged { roster } => self.change_group(roster.group.id, Some(*roster)),
            Event::GroupLeft { group } => self.change_group(group, None),
            Event::GroupCallStarted { group_call } => {
                self.forget_group_call(group_call.group.id);
                if self.group_calls.len() < limits::GROUPS {
                    self.group_calls.push(group_call);
                }
            }
            Event::GroupCallEnded { group } => self.forget_group_call(group),
            Event::Placed { call } => self.placed(now, &call),
            Event::RingingStarted { call, invitee } => {
                if let Some(invitees) = self.invitees_of(call) {
                    invitees.ringing(&invitee);
                }
            }
            Event::Invited { invitation } => self.invited(now, *invitation),
            Event::InviteClosed { invite, outcome } => self.invite_closed(now, invite, outcome),
            Event::InviteesAdded { call, invitees } => self.invitees_added(call, &invitees),
            // The call goes on with the others, or `Ended` follows and says the same.
            Event::InviteeGone {
                call,
                invitee,
                outcome,
            } => {
                if let Some(invitees) = self.invitees_of(call) {
                    invitees.gone(now, invitee, outcome);
                }
            }
            Event::Joined { call } => self.joined(now, &call),
            Event::UserEntered { call, member } => self.user_entered(now, call, &member),
            Event::UserLeft { call, user } => self.close_link(call, &user),
            Event::UserAway { call, user } => self.set_away(call, &user, true),
            Event::UserBack { call, user } => self.set_away(call, &user, false),
            Event::MediaAnnounced { call, user, media } => {
                if let Some(peer) = self
                    .phase
                    .active_mut(call)
                    .and_then(|active| active.peers.get_mut(&user))
                {
                    peer.media = media;
                }
            }
            Event::VideoRequested { call, by, .. } => self.video_requested(call, &by),
            Event::VideoRequestClosed { call, answer } => self.video_request_closed(call, answer),
            Event::CallTypeChanged { call, call_type, .. } => self.call_type_changed(call, call_type),
            Event::Signaled {
                call,
                from,
                entry,
                signal,
            } => self.signaled(now, call, &from, entry, signal),
            Event::Ended {
                call,
                reason,
                connected_ms,
            } => self.ended(now, call, reason, Some(connected_ms)),
            Event::IceServersRenewed { ice_servers } => self.use_ice_servers(ice_servers),
        }
    }

    fn change_group(&mut self, group: GroupId, roster: Option<Roster>) {
        if self.group_changes.len() < limits::GROUPS || self.group_changes.contains_key(&group) {
            self.group_changes.insert(group, roster);
        }
    }

    fn forget_group_call(&mut self, group: GroupId) {
        self.group_calls.retain(|known| known.group.id != group);
    }

    fn invitees_of(&mut self, call: CallId) -> Option<&mut Invitees> {
        if self.phase.placed_call() == Some(call) {
            self.phase.invitees_mut()
        } else {
            None
        }
    }

    fn invitees_added(&mut self, call: CallId, invited: &[InvitedPerson]) {
        if let Some(invitees) = self.invitees_of(call) {
            invitees.add(invited);
        }
        self.put_away_no_video();
        match &mut self.phase {
            Phase::Calling(outgoing) => outgoing.group = true,
            Phase::Connected(active) if active.call == call => {
                active.group = true;
                for InvitedPerson { person, .. } in invited {
                    active.count_in(person);
                }
            }
            Phase::Idle | Phase::Cancelling(_) | Phase::Ringing(_) | Phase::Connected(_) => {}
        }
    }

    fn set_away(&mut self, call: CallId, user: &UserId, away: bool) {
        if let Some(peer) = self
            .phase
            .active_mut(call)
            .and_then(|active| active.peers.get_mut(user))
        {
            peer.away = away;
        }
    }

    /// The switchboard waits for those whose signaling is lost, but not for ever. As long as they are heard and seen it is to
    /// wait on.
    pub(super) fn vouch(&mut self, now: Timestamp) {
        let Phase::Connected(active) = &mut self.phase else {
            return;
        };
        let next = now + Self::VOUCH_EVERY;
        if active.peers.values().all(|peer| !peer.away) {
            active.vouch_at = None;
        } else if *active.vouch_at.get_or_insert(next) <= now {
            active.vouch_at = Some(next);
            let call = active.call;
            let heard = active
                .peers
                .iter()
                .filter(|(_, peer)| peer.away && peer.link.is_connected());
            let heard: Vec<_> = heard.map(|(user, _)| user.clone()).collect();
            for user in heard {
                self.send_now_or_never(Command::Vouch { call, user });
            }
        }
    }

    fn refused(&mut self, now: Timestamp, command: CommandId, refusal: Refusal) {
        self.outbox.acknowledge(command);
        if self.rejoining == Some(command) {
            self.rejoining = None;
            self.rejoin = None;
            self.elsewhere = None;
            if let Some(call) = self.phase.placed_call() {
                self.ended(now, call, EndReason::ConnectionLost, None);
            }
            return;
        }
        if self
            .switching
            .take_if(|switching| *switching == command)
            .is_some()
        {
            self.switch_refused();
            self.notice = Some(Notice::Refused(refusal));
            return;
        }
        if self.inviting.contains(&command) {
            self.inviting.retain(|inviting| *inviting != command);
            self.notice = Some(Notice::Refused(refusal));
            return;
        }
        if self.phase.awaits() != Some(command) {
            // A command that the person does not wait for; what it was about is settled by the events before this.
            return;
        }
        if !matches!(self.phase, Phase::Cancelling(_)) {
            self.notice = Some(Notice::Refused(refusal));
        }
        let phase = core::mem::replace(&mut self.phase, Phase::Idle);
        if let Some(next) = self.close_media(phase) {
            self.ask(now, next);
        } else if let Some(incoming) = self.crossing.take() {
            self.ring(incoming);
        }
    }

    fn placed(&mut self, now: Timestamp, snapshot: &CallSnapshot) {
        if snapshot.seat != Seat::Here {
            self.elsewhere = Some(snapshot.call);
            return;
        }
        self.acknowledge_awaited();
        let own = self.own_entry(snapshot);
        match &mut self.phase {
            Phase::Calling(outgoing) => {
                outgoing.progress = Progress::Placed {
                    number: snapshot.into(),
                    entry: own,
                };
                outgoing.invitees.add(&snapshot.invitees);
                outgoing.of_group.clone_from(&snapshot.of_group);
            }
            Phase::Cancelling(_) => self.cancel(now, snapshot.call),
            // Placed by a command that was repeated after this side had given up on it.
            Phase::Idle | Phase::Ringing(_) | Phase::Connected(_) => {
                self.send(Command::Hangup { call: snapshot.call });
            }
        }
    }

    /// The reply to what the phase waits for is its acknowledgement too: the switchboard may have forgotten this device
    /// before the proper one arrives, and would carry a repeated command out again.
    pub(super) fn acknowledge_awaited(&mut self) {
        if let Some(command) = self.phase.awaits() {
            self.outbox.acknowledge(command);
        }
    }

    /// The call that was taken back exists now: end it, and go on with what the person wanted next.
    pub(super) fn cancel(&mut self, now: Timestamp, call: CallId) {
        self.send(Command::Hangup { call });
        self.crossing = None;
        if let Phase::Cancelling(cancelling) = core::mem::replace(&mut self.phase, Phase::Idle)
            && let Some(next) = cancelling.next
        {
            self.ask(now, next);
        }
    }

    pub(super) fn invited(&mut self, now: Timestamp, invitation: Invitation) {
        let incoming = Box::new(Incoming::new(now, invitation));
        match &self.phase {
            Phase::Idle => self.ring(incoming),
            Phase::Cancelling(_) => self.crossing = Some(incoming),
            Phase::Calling(outgoing) => match outgoing.progress {
                Progress::Asked(_) => self.crossing = Some(incoming),
                // The switchboard rings nobody who is in a call.
                Progress::Placed { .. } => {}
            },
            // The one that rings already, told again after a reconnect. There is never a second.
            Phase::Ringing(_) | Phase::Connected(_) => {}
        }
    }

    fn invite_closed(&mut self, now: Timestamp, invite: InviteId, outcome: InviteOutcome) {
        if self
            .crossing
            .take_if(|crossing| crossing.invitation.invite == invite)
            .is_some()
        {
            return;
        }
        let Phase::Ringing(incoming) = &self.phase else {
            return;
        };
        if incoming.invitation.invite != invite {
            return;
        }
        let caller = incoming.invitation.caller.clone();
        self.notice = Some(match outcome {
            InviteOutcome::Accepted => Notice::HandledElsewhere {
                caller,
                accepted: true,
            },
            InviteOutcome::Rejected => Notice::HandledElsewhere {
                caller,
                accepted: false,
            },
            InviteOutcome::TimedOut => incoming.missed(true),
            InviteOutcome::Cancelled | InviteOutcome::Busy | InviteOutcome::Unknown => incoming.missed(false),
        });
        self.drop_call(now);
    }

    /// The call is over. `connected_ms` is the switchboard's word; without it, this side's clock must do.
    pub(super) fn ended(
        &mut self,
        now: Timestamp,
        call: CallId,
        reason: EndReason,
        connected_ms: Option<u64>,
    ) {
        if self.elsewhere == Some(call) {
            self.elsewhere = None;
        }
        if self.rejoin == Some(call) {
            self.rejoin = None;
        }
        if self.phase.call() != Some(call) {
            return;
        }
        if let Some(mut ended) = self.drop_call(now) {
            ended.connected_ms = connected_ms.unwrap_or(ended.connected_ms);
            self.notice = Some(ended.notice(reason));
        }
    }
}
