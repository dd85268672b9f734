//! What peer connections say: what a server passes on, and what a phone that rings lets a browser see.

use call::agent::{Agent, Input, LinkOrder, MediaOrder, Output};
use call::id::{CallId, CommandId, DeviceId, Entry, InviteId, RoomId};
use call::media::CallType;
use call::protocol::{
    Candidate, Description, DescriptionKind, Event, Invitation, Login, Refusal, Signal, Welcome, limits,
};
use call::time::Timestamp;

use crate::bytes::Bytes;
use crate::common::{person, user};

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    if bytes.flag() {
        description(&String::from_utf8_lossy(bytes.rest()));
    } else {
        let mid = bytes.flag().then(|| lossy(bytes.some()));
        let m_line_index = bytes.flag().then(|| bytes.next().into());
        let candidate = lossy(bytes.rest());
        let passed = Candidate {
            candidate,
            mid,
            m_line_index,
        };
        candidate_line(&passed);
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn description(sdp: &str) {
    let description = Description {
        kind: DescriptionKind::Offer,
        sdp: sdp.to_owned(),
    };
    let is_plain = description.is_plain();
    let signal = Signal::Description(description);
    let checked = signal.check();
    assert_names_a_fault_of_signals(&checked);
    if checked.is_ok() {
        assert!(sdp.len() <= limits::DESCRIPTION_BYTES && sdp.starts_with("v=0"));
        // However leniently a browser may part the lines.
        let lines: Vec<&str> = sdp.split(['\r', '\n']).filter(|line| !line.is_empty()).collect();
        assert!(lines.len() <= limits::DESCRIPTION_LINES);
        let sections = lines.iter().filter(|line| line.trim_start().starts_with("m="));
        assert!(sections.count() <= limits::MEDIA_SECTIONS);
        let returns = sdp.matches('\r').count();
        assert_eq!(returns, sdp.matches("\r\n").count(), "a carriage return alone");
        let texts = lines.iter().flat_map(|line| line.chars());
        assert!(!texts.into_iter().any(char::is_control), "a control character");
    }
    let shown = reaches_a_browser(signal);
    assert_eq!(shown, is_plain, "an early offer");
    if shown {
        assert!(
            !sdp.to_ascii_lowercase().contains("candidate"),
            "an address ahead of the answer"
        );
    }
}

fn candidate_line(candidate: &Candidate) {
    let signal = Signal::Candidate(candidate.clone());
    let checked = signal.check();
    assert_names_a_fault_of_signals(&checked);
    if checked.is_ok() {
        let texts = [Some(&candidate.candidate), candidate.mid.as_ref()];
        for text in texts.into_iter().flatten() {
            assert!(text.len() <= limits::CANDIDATE_BYTES);
            assert!(text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
        }
        let line = &candidate.candidate;
        assert!(line.is_empty() || line.starts_with("candidate:") && line.contains(" typ "));
    }
    assert!(!reaches_a_browser(signal), "a candidate without an offer");
}

fn assert_names_a_fault_of_signals(checked: &Result<(), Refusal>) {
    assert!(matches!(
        checked,
        Ok(()) | Err(Refusal::SignalTooLarge | Refusal::MalformedSignal)
    ));
}

/// Whether a phone that rings gives this to its browser, said by whoever rings.
fn reaches_a_browser(signal: Signal) -> bool {
    let mut agent = Agent::new(DeviceId::from_bits(1), Login::Shared, None);
    let (call, entry) = (CallId::from_bits(1), Entry(1));
    let welcome = Welcome {
        user: user("alice"),
        last_command: CommandId(0),
        ice_servers: Vec::new(),
        invitations: vec![Invitation {
            invite: InviteId::from_bits(1),
            call,
            room: RoomId::new(1).unwrap(),
            caller: person("carol"),
            invitees: vec![person("alice")],
            call_type: CallType::Video,
            group: false,
            of_group: None,
            entry: Entry(2),
            rings_for_ms: 30_000,
            note: None,
        }],
        call: None,
        group_calls: Vec::new(),
        resume: None,
        gap_free: false,
        relay_only: false,
    };
    let from = user("carol");
    let said = Event::Signaled {
        call,
        from,
        entry,
        signal,
    };
    for input in [
        Input::SocketOpened,
        Input::Received(Event::Welcomed(Box::new(welcome))),
        Input::Received(said),
    ] {
        agent.handle(Timestamp::ZERO, input);
    }
    let orders = core::iter::from_fn(|| agent.poll_output()).filter_map(|output| match output {
        Output::Media(order) => Some(order),
        Output::Send(_) | Output::Play(_) | Output::CloseSocket => None,
    });
    let mut shown = false;
    for order in orders {
        match order {
            MediaOrder::OpenLink { admitted, .. } => assert!(!admitted, "heard before the click"),
            MediaOrder::Link {
                order: LinkOrder::SetRemoteDescription(_),
                ..
            } => shown = true,
            // Kept for when there is a link.
            MediaOrder::UseIceServers { .. } => {}
            other => panic!("before the click: {other:?}"),
        }
    }
    shown
}
