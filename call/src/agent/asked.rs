//! What the person asks for.

use super::devices::Devices;
use super::invitees::Invitees;
use super::phase::{Answer, Cancelling, Outgoing, Phase, Progress};
use super::{Agent, EndedCall, Output};
use crate::handset::{Command, Connection, Notice};
use crate::id::{Person, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{self, EndReason};
use crate::time::Timestamp;

impl Agent {
    pub(super) fn ask(&mut self, now: Timestamp, command: Command) {
        match command {
            Command::Call { callees, call_type } => self.call_people(callees, call_type),
            Command::Invite { people } => self.invite(people),
            Command::Accept { camera } => self.accept(now, camera),
            Command::Reject => self.reject(),
            Command::Hangup => self.hang_up(now),
            Command::SetMicrophone(on) => {
                if let Some(order) = self
                    .phase
                    .devices_mut()
                    .and_then(|devices| devices.set_microphone(on))
                {
                    self.order_device(order);
                }
            }
            Command::SetCamera(on) => self.set_camera(on),
            Command::SwitchToVideo => self.switch_to_video(),
            Command::AnswerVideo { agree } => self.answer_video(agree),
            Command::SwitchToAudio => self.switch_to_audio(),
            Command::DismissNotice => self.notice = None,
            Command::TakeOver => self.take_over(),
            Command::Watch { people } => {
                self.watched = people;
                self.watch();
            }
            Command::SignOut => {
                self.hang_up(now);
                self.notice = None;
                self.connection = Connection::SignedOut;
                self.outputs.push_back(Output::CloseSocket);
            }
            // The shell's: the agent draws nothing and plays nothing itself.
            Command::ChooseDevice { .. }
            | Command::SetVideoQuality(_)
            | Command::ShowVideo { .. }
            | Command::HideVideo { .. }
            | Command::AllowSound => {}
        }
    }

    fn call_people(&mut self, callees: Vec<Person>, call_type: CallType) {
        match &mut self.phase {
            Phase::Idle => {}
            Phase::Cancelling(cancelling) => {
                cancelling.next = Some(Command::Call { callees, call_type });
                return;
            }
            // One thing at a time: the page offers no call here.
            Phase::Calling(_) | Phase::Ringing(_) | Phase::Connected(_) => return,
        }
        if self.connection != Connection::Online {
            self.notice = Some(Notice::NotConnected);
            return;
        }
        self.notice = None;
        let (devices, open) = Devices::open(Devices::starts_with_camera(call_type));
        let command = self.send(protocol::Command::Call {
            invitees: ids(&callees),
            call_type,
            ring_seconds: None,
            media: devices.media(),
        });
        let progress = Progress::Asked(command);
        self.phase = Phase::Calling(Box::new(Outgoing {
            group: callees.len() > 1,
            with: callees.clone(),
            invitees: Invitees::calling(callees),
            call_type,
            progress,
            devices,
        }));
        self.order_device(open);
    }

    fn invite(&mut self, people: Vec<Person>) {
        // Without a call there is nothing to invite into.
        if let Some(call) = self.phase.placed_call() {
            let command = self.send(protocol::Command::Invite {
                call,
                invitees: ids(&people),
                ring_seconds: None,
            });
            self.inviting.push(command);
        }
    }

    fn accept(&mut self, now: Timestamp, camera: bool) {
        let invite = match &self.phase {
            Phase::Ringing(incoming) if incoming.answer.is_none() => incoming.invitation.invite,
            // There is nothing to answer, or it is answered.
            Phase::Ringing(_)
            | Phase::Idle
            | Phase::Cancelling(_)
            | Phase::Calling(_)
            | Phase::Connected(_) => return,
        };
        self.notice = None;
        let (devices, open) = Devices::open(camera);
        let command = self.send(protocol::Command::Accept {
            invite,
            media: devices.media(),
        });
        if let Phase::Ringing(incoming) = &mut self.phase {
            incoming.answer = Some(Answer {
                command,
                asked_at: now,
                devices,
            });
        }
        self.order_device(open);
    }

    fn reject(&mut self) {
        match &self.phase {
            Phase::Ringing(incoming) if incoming.answer.is_none() => {
                let invite = incoming.invitation.invite;
                self.phase = Phase::Idle;
                self.send(protocol::Command::Reject { invite });
            }
            // There is nothing to decline, or it is answered: that is for `Hangup`.
            Phase::Ringing(_)
            | Phase::Idle
            | Phase::Cancelling(_)
            | Phase::Calling(_)
            | Phase::Connected(_) => {}
        }
    }

    fn hang_up(&mut self, now: Timestamp) {
        let reason = match &self.phase {
            Phase::Idle | Phase::Cancelling(_) => return,
            // Whoever hangs up a ringing phone declines.
            Phase::Ringing(incoming) if incoming.answer.is_none() => return self.reject(),
            Phase::Calling(_) => EndReason::Cancelled,
            Phase::Ringing(_) | Phase::Connected(_) => EndReason::HungUp,
        };
        let asked = match &self.phase {
            Phase::Calling(outgoing) => match outgoing.progress {
                Progress::Asked(command) => Some(command),
                Progress::Placed { .. } => None,
            },
            Phase::Idle | Phase::Cancelling(_) | Phase::Ringing(_) | Phase::Connected(_) => None,
        };
        if let Some(call) = self.phase.call() {
            self.send(protocol::Command::Hangup { call });
        }
        // The person is free at once; the switchboard hears of it.
        if let Some(EndedCall {
            with,
            call_type,
            connected_ms,
        }) = self.drop_call(now)
        {
            self.notice = Some(Notice::Ended {
                with,
                call_type,
                reason,
                connected_ms,
            });
        }
        if let Some(command) = asked {
            self.phase = Phase::Cancelling(Cancelling { command, next: None });
        }
    }

    fn take_over(&mut self) {
        if let (Some(call), Phase::Idle) = (self.elsewhere, &self.phase) {
            self.rejoin_with(
                call,
                MediaState {
                    microphone: true,
                    camera: false,
                },
            );
        }
    }

    pub(super) fn rejoin_with(&mut self, call: crate::id::CallId, media: MediaState) {
        self.rejoining = Some(self.send(protocol::Command::Rejoin { call, media }));
    }

    pub(super) fn watch(&mut self) {
        self.presence.clear();
        let people = self.watched.clone();
        self.send_now_or_never(protocol::Command::Watch {
            people,
            newcomers: true,
        });
    }
}

fn ids(people: &[Person]) -> Vec<UserId> {
    people.iter().map(|person| person.id.clone()).collect()
}
