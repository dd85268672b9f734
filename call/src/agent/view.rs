//! What a page may show of an agent.

use super::Agent;
use super::link::Condition;
use super::phase::{Active, Incoming, Outgoing, Peer, Phase, Progress};
use crate::handset::{
    CallNumber, CallView, CallingView, Connection, InCallView, LinkState, Outage, PeerView, RingingView,
    Stage, VideoQuestion,
};
use crate::id::UserId;
use crate::media::{CallType, MediaState};

impl Agent {
    /// All that a page shows. What this machine can do and hear is left for the shell to fill in: `sound`, `menu` and
    /// `speaking`.
    pub fn view(&self) -> CallView {
        CallView {
            connection: self.connection,
            stage: match &self.phase {
                Phase::Idle | Phase::Cancelling(_) => Stage::Idle,
                Phase::Calling(outgoing) => Stage::Calling(outgoing.view()),
                Phase::Ringing(incoming) => incoming.view(self.user.as_ref()),
                Phase::Connected(active) => Stage::InCall(active.view(self.connection == Connection::Online)),
            },
            notice: self.notice.clone(),
            elsewhere: self.elsewhere,
            presence: self.presence.clone(),
            newcomers: self.newcomers.clone(),
            group_calls: self.group_calls.clone(),
            group_changes: self.group_changes.clone(),
            ..CallView::default()
        }
    }
}

impl Outgoing {
    fn view(&self) -> CallingView {
        CallingView {
            placed: match self.progress {
                Progress::Placed { number, .. } => Some(number),
                Progress::Asked(_) => None,
            },
            invitees: self.invitees.view(),
            call_type: self.call_type,
            group: self.group,
            of_group: self.of_group.clone(),
            devices: self.devices.view(),
        }
    }
}

impl Incoming {
    fn view(&self, me: Option<&UserId>) -> Stage {
        let (caller, call_type) = (self.invitation.caller.clone(), self.invitation.call_type);
        match &self.answer {
            None => {
                let others = self.invitation.invitees.iter();
                Stage::Ringing(RingingView {
                    number: self.number(),
                    invite: self.invitation.invite,
                    caller,
                    others: others.filter(|person| Some(&person.id) != me).cloned().collect(),
                    of_group: self.invitation.of_group.clone(),
                    call_type,
                    note: self.invitation.note.clone(),
                })
            }
            // The person has answered: the call is on the screen while the switchboard is being told.
            Some(answer) => {
                let media = MediaState {
                    microphone: true,
                    camera: call_type == CallType::Video,
                };
                Stage::InCall(InCallView {
                    number: self.number(),
                    entered: false,
                    call_type,
                    group: self.invitation.group,
                    of_group: self.invitation.of_group.clone(),
                    video: VideoQuestion::Nobody,
                    since: answer.asked_at,
                    peers: vec![PeerView {
                        person: caller,
                        media,
                        link: LinkState::Connecting,
                    }],
                    invitees: Vec::new(),
                    devices: answer.devices.view(),
                })
            }
        }
    }
}

impl Incoming {
    fn number(&self) -> CallNumber {
        CallNumber {
            call: self.invitation.call,
            room: self.invitation.room,
        }
    }
}

impl Active {
    fn view(&self, online: bool) -> InCallView {
        InCallView {
            number: CallNumber {
                call: self.call,
                room: self.room,
            },
            entered: true,
            call_type: self.call_type,
            group: self.group,
            of_group: self.of_group.clone(),
            video: self.video,
            since: self.since,
            peers: self.peers.values().map(|peer| peer.view(online)).collect(),
            invitees: self.invitees.view(),
            devices: self.devices.view(),
        }
    }
}

impl Peer {
    fn view(&self, online: bool) -> PeerView {
        let link = match self.link.condition() {
            // While media flows, a lost signaling socket of either side is nobody's concern.
            Condition::Connected { .. } => LinkState::Connected,
            Condition::Connecting | Condition::Interrupted | Condition::Restarting | Condition::Failed
                if !online =>
            {
                LinkState::Interrupted(Outage::Own)
            }
            Condition::Connecting | Condition::Interrupted | Condition::Restarting | Condition::Failed
                if self.away =>
            {
                LinkState::Interrupted(Outage::Theirs)
            }
            Condition::Connecting => LinkState::Connecting,
            Condition::Interrupted | Condition::Restarting => LinkState::Interrupted(Outage::Between),
            Condition::Failed => LinkState::Failed,
        };
        PeerView {
            person: self.person.clone(),
            media: self.media,
            link,
        }
    }
}
