//! From a command to what does it.

use core::time::Duration;

use super::invitations::Guests;
use super::{Address, Known, Switchboard};
use crate::id::{CommandId, Roster, UserId};
use crate::protocol::{ClientMsg, Command, Event, Presence, Refusal, limits};
use crate::time::Timestamp;

impl Switchboard {
    pub(super) fn receive(&mut self, now: Timestamp, from: &Address, msg: ClientMsg, known: Known) {
        if !self.people.is_attached(from) {
            // A message that was under way while its socket was closed: it will be repeated on the next one.
            return;
        }
        let ClientMsg { id, command } = msg;
        if !self.people.take_command(from, id) {
            let command = self.people.last_command(from);
            self.acknowledge(from, command);
            return;
        }
        // Signals are many; the acknowledgement of a later command covers them. But what nothing covers is kept by the phone, to be
        // repeated, for as long as its call lasts: so some are acknowledged.
        let is_signal = matches!(command, Command::Signal { .. });
        let acknowledged = !is_signal || id.0 % limits::SIGNALS_PER_ACKNOWLEDGEMENT == 0;
        match self.carry_out(now, from, command, known) {
            Ok(()) if acknowledged => self.acknowledge(from, id),
            Ok(()) => {}
            Err(refusal) => self.refuse(from, id, refusal),
        }
    }

    /// Answer a command for the switchboard that was found wanting before it came here.
    fn refuse(&mut self, to: &Address, command: CommandId, refusal: Refusal) {
        self.deliver(to.clone(), Event::Refused { command, refusal });
    }

    fn carry_out(
        &mut self,
        now: Timestamp,
        from: &Address,
        command: Command,
        known: Known,
    ) -> Result<(), Refusal> {
        match command {
            Command::Hello(_) => Err(Refusal::AlreadyGreeted),
            Command::Watch { people, newcomers } => self.watch(from, people, newcomers),
            Command::Call {
                invitees,
                group: None,
                call_type,
                ring_seconds,
                media,
                note,
            } => {
                let guests = Guests::new(invitees, known.people, known.blockers, self.ring(ring_seconds));
                self.call(now, from, guests, call_type, media, note)
            }
            Command::Call {
                invitees,
                group: Some(group),
                call_type,
                ring_seconds,
                media,
                note,
            } => {
                let in_it = |roster: &Roster| roster.group.id == group && roster.has(&from.user);
                let roster = known.group.filter(in_it).ok_or(Refusal::NoSuchGroup)?;
                if let Some(running) = self.group_calls.call_of(group) {
                    return self.join(now, from, running, media);
                }
                let ring = self.ring(ring_seconds);
                let guests = Guests::of_group(invitees, roster, known.blockers, &from.user, ring)?;
                self.call(now, from, guests, call_type, media, note)
            }
            Command::Join { call, media } => self.join(now, from, call, media),
            Command::Invite {
                call,
                invitees,
                ring_seconds,
            } => {
                let guests = Guests::new(invitees, known.people, known.blockers, self.ring(ring_seconds));
                self.invite(now, from, call, guests)
            }
            Command::ConfirmRinging { invite } => self.confirm_ringing(from, invite),
            Command::Accept {
                invite,
                media,
                signals,
            } => self.accept(now, from, invite, media, signals),
            Command::Reject { invite } => self.reject(now, from, invite),
            Command::Hangup { call } => self.hang_up(now, from, call),
            Command::SwitchToVideo { call } => self.switch_to_video(now, from, call),
            Command::AnswerVideo { call, agree } => self.answer_video(from, call, agree),
            Command::SwitchToAudio { call } => self.switch_to_audio(from, call),
            Command::Rejoin { call, media } => self.rejoin(now, from, call, media),
            Command::Signal {
                call,
                to,
                entry,
                signal,
            } => self.signal(from, call, &to, entry, signal),
            Command::Vouch { call, user } => self.vouch(now, from, call, &user),
            Command::Announce { call, media } => self.announce(from, call, media),
        }
    }

    fn watch(&mut self, from: &Address, people: Vec<UserId>, newcomers: bool) -> Result<(), Refusal> {
        if people.len() > limits::WATCHED_PEOPLE {
            return Err(Refusal::TooManyWatched {
                limit: limits::WATCHED_PEOPLE as u16,
            });
        }
        let reachable: Vec<_> = people
            .iter()
            .map(|user| (user.clone(), self.presence_shown(&from.user, user)))
            .filter(|(_, presence)| *presence != Presence::Offline)
            .collect();
        self.people.watch(from, people, newcomers);
        if !reachable.is_empty() {
            self.deliver(from.clone(), Event::PresenceChanged { people: reachable });
        }
        Ok(())
    }

    /// How long an invitation rings. 0 means "no timeout", up to the server's cap, as in the seed API.
    fn ring(&self, asked: Option<u32>) -> Duration {
        match asked {
            None => self.config.ring,
            Some(0) => limits::MAX_RING,
            Some(seconds) => Duration::from_secs(seconds.into()).min(limits::MAX_RING),
        }
    }
}
