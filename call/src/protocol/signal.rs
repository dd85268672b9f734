//! What two peer connections say to one another through the server.

use serde::{Deserialize, Serialize};

use super::limits;
use crate::id::Attempt;

/// A message from one side of a link to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Signal {
    /// An offer or an answer.
    Description(Description),
    /// A path over which the sender may be reached; an empty one ends the list.
    Candidate(Candidate),
    /// The sender has closed its peer connection and opened another one, from which all comes that it says from now on. To
    /// be repeated by the other side, which does the same.
    Afresh(Attempt),
}

impl Signal {
    /// How long its texts are.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Description(description) => description.sdp.len(),
            Self::Candidate(candidate) => {
                candidate.candidate.len() + candidate.mid.as_ref().map_or(0, String::len)
            }
            Self::Afresh(_) => 0,
        }
    }

    /// Whether the message keeps to [`limits::DESCRIPTION_BYTES`] and [`limits::CANDIDATE_BYTES`].
    pub fn is_within_limits(&self) -> bool {
        match self {
            Self::Description(description) => description.sdp.len() <= limits::DESCRIPTION_BYTES,
            Self::Candidate(candidate) => {
                candidate.candidate.len() <= limits::CANDIDATE_BYTES
                    && candidate
                        .mid
                        .as_ref()
                        .is_none_or(|mid| mid.len() <= limits::CANDIDATE_BYTES)
            }
            Self::Afresh(_) => true,
        }
    }
}

/// W3C `RTCSessionDescription`, without the kinds that Yodel does not send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Offer or answer.
    pub kind: DescriptionKind,
    /// The description itself (RFC 8866). Never rewritten on the way.
    pub sdp: String,
}

impl Description {
    /// Whether it is what a phone offers first: a media description for each kind of media, and no candidates (RFC 8839,
    /// section 5.1), in whatever way a lenient browser may read them. Nothing else is given to a browser before the person
    /// has answered.
    pub fn is_plain(&self) -> bool {
        let candidate = b"candidate";
        let mut places = self.sdp.as_bytes().windows(candidate.len());
        // Of bytes, not of characters: the code that parts a text into lines is half a kilobyte of what pages load.
        let lines = self.sdp.as_bytes().split(|byte| *byte == b'\n');
        let kinds = lines.filter(|line| line.starts_with(b"m="));
        kinds.count() <= limits::MEDIA_SECTIONS && !places.any(|text| text.eq_ignore_ascii_case(candidate))
    }
}

/// W3C `RTCSdpType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DescriptionKind {
    /// A proposal.
    Offer,
    /// The reply to one.
    Answer,
}

/// W3C `RTCIceCandidateInit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The candidate line (RFC 8839, section 5.1); empty at the end of candidates.
    pub candidate: String,
    /// `sdpMid`: the media description that the candidate belongs to.
    #[serde(default)]
    pub mid: Option<String>,
    /// `sdpMLineIndex`.
    #[serde(default)]
    pub m_line_index: Option<u16>,
}
