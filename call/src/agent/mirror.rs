//! After a reconnect: what the switchboard says replaces what this side believed.

use super::Agent;
use super::phase::{Phase, split_members};
use crate::handset::Connection;
use crate::id::{CallId, CommandId};
use crate::protocol::{CallSnapshot, Command, EndReason, Invitation, Member, Seat, Welcome};
use crate::time::Timestamp;

impl Agent {
    /// The socket is ready. What the switchboard says of calls replaces what this side believed.
    pub(super) fn welcomed(&mut self, now: Timestamp, welcome: Welcome) {
        self.connection = Connection::Online;
        self.user = Some(welcome.user);
        self.resume = welcome.resume;
        self.received = 0;
        self.relay_only = welcome.relay_only;
        self.use_ice_servers(welcome.ice_servers);
        self.group_calls = welcome.group_calls;
        self.outbox.acknowledge(welcome.last_command);
        self.inviting.retain(|inviting| *inviting > welcome.last_command);
        self.switching
            .take_if(|switching| *switching <= welcome.last_command);
        let repeated: Vec<_> = self
            .outbox
            .unacknowledged()
            .cloned()
            .map(super::Output::Send)
            .collect();
        self.outputs.extend(repeated);
        self.watch();

        self.elsewhere = None;
        let present = welcome.call.as_ref().map(|call| call.call);
        if let Some(call) = self.phase.placed_call()
            && present != Some(call)
        {
            self.ended(now, call, EndReason::ConnectionLost, None);
        }
        match welcome.call {
            Some(call) => self.mirror(now, &call, welcome.gap_free),
            None => self.rejoin = None,
        }
        self.settle_lost_reply(now, welcome.last_command);
        self.mirror_invitations(now, welcome.invitations);
    }

    /// What this side waits for was carried out or refused, and the reply was lost with the socket. The snapshot has just
    /// told what came of it; if that was nothing, the wait is over.
    fn settle_lost_reply(&mut self, now: Timestamp, carried_out: CommandId) {
        if self.rejoining.is_some_and(|command| command <= carried_out) {
            self.rejoining = None;
            self.rejoin = None;
        }
        let Some(command) = self.phase.awaits() else {
            return;
        };
        if command > carried_out {
            return;
        }
        let phase = core::mem::replace(&mut self.phase, Phase::Idle);
        if let Some(ended) = phase.ended(now) {
            self.notice = Some(ended.notice(EndReason::ConnectionLost));
        }
        let next = self.close_media(phase);
        if let Some(next) = next {
            self.ask(now, next);
        }
    }

    /// After a reconnect: this is the call that the person is in.
    fn mirror(&mut self, now: Timestamp, call: &CallSnapshot, gap_free: bool) {
        match call.seat {
            // The person has hung up, and the switchboard is about to hear of it.
            Seat::Here if self.outbox.is_hanging_up(call.call) => {}
            Seat::Here if self.phase.call() == Some(call.call) || self.phase.awaits().is_some() => {
                let known = self.phase.links();
                self.joined(now, call);
                self.check_links(now, gap_free, &known);
            }
            // This side is out of it, and the switchboard has never been told.
            Seat::Here => {
                self.send(Command::Hangup { call: call.call });
            }
            Seat::Vacant if self.rejoin == Some(call.call) && matches!(self.phase, Phase::Idle) => {
                let me = self.user.as_ref();
                let own = me.and_then(|me| split_members(call, me).0);
                self.rejoin_with(call.call, own.map(|own| own.media).unwrap_or_default());
            }
            Seat::Vacant | Seat::Elsewhere => {
                if self.phase.call() == Some(call.call) {
                    self.ended(now, call.call, EndReason::MovedElsewhere, None);
                }
                self.elsewhere = Some(call.call);
            }
        }
    }

    fn mirror_invitations(&mut self, now: Timestamp, invitations: Vec<Invitation>) {
        if let Phase::Ringing(incoming) = &self.phase
            && incoming.answer.is_none()
            && invitations
                .iter()
                .all(|open| open.invite != incoming.invitation.invite)
        {
            // It may have timed out as well as been cancelled while the socket was down: nobody knows.
            self.notice = Some(incoming.missed(false));
            self.drop_call(now);
        }
        for invitation in invitations {
            // One that the person has answered, and the switchboard is about to hear of it, does not ring again.
            if !self.outbox.is_answering(invitation.invite) {
                self.invited(now, invitation);
            }
        }
    }

    /// The members of the call as they are now, after messages may have been lost.
    pub(super) fn mirror_members(&mut self, snapshot: &CallSnapshot) {
        let Some(me) = self.user.clone() else { return };
        let (_, others) = split_members(snapshot, &me);
        let others: Vec<_> = others.cloned().collect();
        let Some(active) = self.phase.active_mut(snapshot.call) else {
            return;
        };
        let gone: Vec<_> = active
            .peers
            .keys()
            .filter(|user| others.iter().all(|member| member.person.id != **user))
            .cloned()
            .collect();
        active.invitees.mirror(&snapshot.invitees);
        active.group = snapshot.group;
        active.of_group.clone_from(&snapshot.of_group);
        self.mirror_switch(snapshot);
        for user in gone {
            self.close_link(snapshot.call, &user);
        }
        for member in &others {
            self.mirror_member(snapshot.call, member);
        }
    }

    pub(super) fn mirror_member(&mut self, call: CallId, member: &Member) {
        if let Some(active) = self.phase.active_mut(call) {
            active.invitees.remove(&member.person.id);
            active.count_in(&member.person);
        }
        let known = self
            .phase
            .active_mut(call)
            .and_then(|active| active.peers.get_mut(&member.person.id));
        match known {
            Some(peer) if peer.entry == member.entry => {
                peer.media = member.media;
                peer.away = member.away;
            }
            Some(_) | None => self.open_link(call, member),
        }
    }
}
