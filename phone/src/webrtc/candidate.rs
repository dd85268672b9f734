//! ICE candidates, between the wire and the browser.

use call::protocol::Candidate;
use web_sys::{RtcIceCandidate, RtcIceCandidateInit};

/// As the wire has it.
pub(super) fn from_browser(candidate: &RtcIceCandidate) -> Candidate {
    Candidate {
        candidate: candidate.candidate(),
        mid: candidate.sdp_mid(),
        m_line_index: candidate.sdp_m_line_index(),
    }
}

/// As the browser takes it.
pub(super) fn to_browser(candidate: &Candidate) -> RtcIceCandidateInit {
    let init = RtcIceCandidateInit::new(&candidate.candidate);
    init.set_sdp_mid(candidate.mid.as_deref());
    init.set_sdp_m_line_index(candidate.m_line_index);
    init
}
