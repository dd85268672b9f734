//! What the person asks for.

use super::devices::Devices;
use super::invitees::Invitees;
use super::phase::{Answer, Cancelling, Outgoing, Phase, Progress};
use super::{Agent, Output};
use crate::handset::{CallTerms, Command, Connection, Notice};
use crate::id::{CallId, Group, Person, UserId};
use crate::media::{CallType, MediaState};
use crate::protocol::{self, EndReason, GroupCall, Route};
use crate::time::Timestamp;

impl Agent {
    pub(super) fn ask(&mut self, now: Timestamp, command: Command) {
        match command {
            Command::Call { .. } | Command::Join(_) if !self.may_dial(&command) => {}
            Command::Call {
                callees,
                group,
                call_type,
                terms,
            } => self.dial(callees, group, call_type, terms, None),
            Command::Join(GroupCall {
                group,
                call,
                call_type,
            }) => self.dial(
                Vec::new(),
                Some(group),
                call_type,
                CallTerms::default(),
                Some(call),
            ),
            Command::Invite { people, ring_seconds } => self.invite(people, ring_seconds),
            Command::Accept { camera } => self.accept(now, camera),
            Command::Reject => self.reject(now),
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
            Command::AnswerVideo { agree, camera } => self.answer_video(agree, camera),
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

    /// Whether a call can be placed or joined now. If one is being taken back, this one is next.
    fn may_dial(&mut self, wanted: &Command) -> bool {
        match &mut self.phase {
            Phase::Idle => {}
            Phase::Cancelling(cancelling) => {
                cancelling.next = Some(wanted.clone());
                return false;
            }
            // One thing at a time: the page offers no call here.
            Phase::Calling(_) | Phase::Ringing(_) | Phase::Connected(_) => return false,
        }
        if self.connection != Connection::Online {
            self.notice = Some(Notice::NotConnected);
            return false;
        }
        true
    }

    /// Place a call, or join one.
    fn dial(
        &mut self,
        callees: Vec<Person>,
        of_group: Option<Group>,
        call_type: CallType,
        terms: CallTerms,
        joins: Option<CallId>,
    ) {
        self.notice = None;
        let (devices, open) = Devices::open(Devices::starts_with_camera(call_type));
        let media = devices.media();
        let command = self.send(match joins {
            Some(call) => protocol::Command::Join { call, media },
            None => protocol::Command::Call {
                invitees: ids(&callees),
                group: of_group.as_ref().map(|group| group.id),
                call_type,
                ring_seconds: terms.ring_seconds,
                media,
                note: terms.note,
            },
        });
        let progress = Progress::Asked(command);
        self.phase = Phase::Calling(Box::new(Outgoing {
            group: of_group.is_some() || callees.len() > 1,
            of_group,
            with: callees.clone(),
            invitees: Invitees::calling(callees),
            call_type,
            route: Route::default(),
            progress,
            links: Default::default(),
            devices,
        }));
        self.order_device(open);
    }

    fn invite(&mut self, people: Vec<Person>, ring_seconds: Option<u32>) {
        // Without a call there is nothing to invite into.
        if let Some(call) = self.phase.placed_call() {
            let command = self.send(protocol::Command::Invite {
                call,
                invitees: ids(&people),
                ring_seconds,
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
        let signals = self.release();
        let command = self.send(protocol::Command::Accept {
            invite,
            media: devices.media(),
            signals: signals.into_iter().collect(),
        });
        if let Phase::Ringing(incoming) = &mut self.phase {
            incoming.answer = Some(Answer {
                command,
                asked_at: now,
                devices,
            });
        }
        // The browser takes its time to open a device: that comes first.
        self.order_device(open);
        self.prepare();
        self.admit();
    }

    fn reject(&mut self, now: Timestamp) {
        match &self.phase {
            Phase::Ringing(incoming) if incoming.answer.is_none() => {
                let invite = incoming.invitation.invite;
                // What is still said of the call before this one is not said of this one.
                self.notice = None;
                self.drop_call(now);
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
            Phase::Ringing(incoming) if incoming.answer.is_none() => return self.reject(now),
            // That the call is over may be on its way: it has one outcome, at both sides.
            Phase::Calling(outgoing) => outgoing.invitees.outcome().unwrap_or(EndReason::Cancelled),
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
        if let Some(ended) = self.drop_call(now) {
            self.notice = Some(ended.notice(reason));
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

    pub(super) fn rejoin_with(&mut self, call: CallId, media: MediaState) {
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
