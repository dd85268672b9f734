//! Peer connections without a browser: enough of W3C WebRTC that a wrong negotiation never connects.

use call::agent::{LinkInput, LinkOrder, LinkRole};
use call::protocol::{Candidate, Description, DescriptionKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignalingState {
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
}

#[derive(Debug)]
pub(crate) struct PeerConnection {
    state: SignalingState,
    /// The offer of one's own that is outstanding or was agreed on.
    local: String,
    /// The offer of the other side that was set last.
    remote: String,
    made: u32,
    name: String,
    /// Whether both descriptions are set.
    agreed: bool,
    /// Whether a candidate of the other side is known. Nothing is sent to anybody before.
    reaches: bool,
    pub(crate) connected: bool,
    /// Whether it is closed, and neither this side nor the other has done that: whatever is asked of it fails.
    dead: bool,
}

impl PeerConnection {
    /// `name` must be unique: it is what offers are told apart by.
    pub(crate) fn new(name: String, role: LinkRole) -> (Self, Vec<LinkInput>) {
        let connection = Self {
            state: SignalingState::Stable,
            local: String::new(),
            remote: String::new(),
            made: 0,
            name,
            agreed: false,
            reaches: false,
            connected: false,
            dead: false,
        };
        let inputs = match role {
            LinkRole::Offers => vec![LinkInput::NegotiationNeeded],
            LinkRole::Answers => Vec::new(),
        };
        (connection, inputs)
    }

    /// The way to the other side is gone. Another round may find one, unless this one is to be `dead`.
    pub(crate) fn lose(&mut self, dead: bool) {
        self.dead |= dead;
        self.agreed = false;
        self.reaches = false;
        self.connected = false;
    }

    pub(crate) fn carry_out(&mut self, order: LinkOrder) -> Vec<LinkInput> {
        if self.dead {
            return match order {
                LinkOrder::AddCandidate(_) | LinkOrder::RestartIce => Vec::new(),
                LinkOrder::SetLocalDescription
                | LinkOrder::CreateAnswer
                | LinkOrder::SetAnswer(_)
                | LinkOrder::SetRemoteDescription(_) => vec![LinkInput::DescriptionFailed],
            };
        }
        match order {
            LinkOrder::SetLocalDescription => self.set_local(),
            LinkOrder::CreateAnswer => vec![LinkInput::AnswerCreated(Description {
                kind: DescriptionKind::Answer,
                sdp: self.remote.clone(),
            })],
            LinkOrder::SetAnswer(answer) => {
                assert_eq!(answer.sdp, self.remote, "another answer than was created");
                self.set_local()
            }
            LinkOrder::SetRemoteDescription(description) => self.set_remote(description),
            LinkOrder::AddCandidate(_) => {
                self.reaches = true;
                self.connect().into_iter().collect()
            }
            LinkOrder::RestartIce => vec![LinkInput::NegotiationNeeded],
        }
    }

    fn set_local(&mut self) -> Vec<LinkInput> {
        let kind = match self.state {
            SignalingState::HaveRemoteOffer => {
                self.state = SignalingState::Stable;
                DescriptionKind::Answer
            }
            SignalingState::Stable | SignalingState::HaveLocalOffer => {
                self.state = SignalingState::HaveLocalOffer;
                self.made += 1;
                self.local = format!("v=0\r\ns={}#{}\r\n", self.name, self.made);
                DescriptionKind::Offer
            }
        };
        let sdp = match kind {
            DescriptionKind::Offer => self.local.clone(),
            DescriptionKind::Answer => self.remote.clone(),
        };
        let mut inputs = vec![
            LinkInput::LocalDescriptionSet(Description { kind, sdp }),
            LinkInput::LocalCandidate(Candidate {
                candidate: "candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host".into(),
                mid: Some("0".into()),
                m_line_index: Some(0),
            }),
        ];
        if kind == DescriptionKind::Answer {
            self.agreed = true;
            inputs.extend(self.connect());
        }
        inputs
    }

    fn connect(&mut self) -> Option<LinkInput> {
        self.connected |= self.agreed && self.reaches;
        self.connected.then_some(LinkInput::Connected)
    }

    fn set_remote(&mut self, description: Description) -> Vec<LinkInput> {
        match description.kind {
            DescriptionKind::Offer => {
                // An offer of one's own, if there is one, is rolled back.
                self.state = SignalingState::HaveRemoteOffer;
                self.remote = description.sdp;
                vec![LinkInput::RemoteDescriptionSet]
            }
            DescriptionKind::Answer
                if self.state == SignalingState::HaveLocalOffer && description.sdp == self.local =>
            {
                self.state = SignalingState::Stable;
                self.agreed = true;
                let connected = self.connect();
                [LinkInput::RemoteDescriptionSet]
                    .into_iter()
                    .chain(connected)
                    .collect()
            }
            DescriptionKind::Answer => vec![LinkInput::DescriptionFailed],
        }
    }
}
