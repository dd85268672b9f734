use std::rc::Rc;

use call::agent::{LinkInput, LinkOrder, LinkRole};
use call::media::MediaKind;
use call::protocol::{Candidate, Description, DescriptionKind, IceServer};
use futures::StreamExt;
use futures::channel::mpsc;
use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{RtcIceTransportPolicy, RtcRtpTransceiver, RtcRtpTransceiverDirection, RtcSignalingState};

use super::{PeerConnection, configuration};
use crate::task::settled;

/// A connection and what it reports.
type Reporting = (PeerConnection, mpsc::UnboundedReceiver<LinkInput>);

fn open(role: LinkRole) -> Reporting {
    let (sender, reports) = mpsc::unbounded();
    let connection = PeerConnection::open(&configuration(&[], false), role, move |input| {
        // The test may have heard enough.
        let _ = sender.unbounded_send(input);
    });
    (connection.unwrap(), reports)
}

/// The next description; whatever else is reported meanwhile is dropped.
async fn local_description(reports: &mut mpsc::UnboundedReceiver<LinkInput>) -> Description {
    loop {
        match reports.next().await.unwrap() {
            LinkInput::LocalDescriptionSet(description) => return description,
            LinkInput::DescriptionFailed => panic!("the browser refused"),
            _ => {}
        }
    }
}

async fn wait_for(reports: &mut mpsc::UnboundedReceiver<LinkInput>, awaited: LinkInput) {
    while reports.next().await.unwrap() != awaited {}
}

/// An offerer and an answerer after one round.
async fn negotiated() -> [Reporting; 2] {
    negotiate([open(LinkRole::Offers), open(LinkRole::Answers)]).await
}

async fn negotiate([(alice, mut from_alice), (bob, mut from_bob)]: [Reporting; 2]) -> [Reporting; 2] {
    alice.order(LinkOrder::SetLocalDescription);
    let offer = local_description(&mut from_alice).await;
    bob.order(LinkOrder::SetRemoteDescription(offer));
    bob.order(LinkOrder::SetLocalDescription);
    let answer = local_description(&mut from_bob).await;
    assert_eq!(answer.kind, DescriptionKind::Answer);
    alice.order(LinkOrder::SetRemoteDescription(answer));
    wait_for(&mut from_alice, LinkInput::RemoteDescriptionSet).await;
    [(alice, from_alice), (bob, from_bob)]
}

#[wasm_bindgen_test]
async fn the_side_that_offers_needs_negotiation_and_the_other_does_not() {
    let (_alice, mut from_alice) = open(LinkRole::Offers);
    let (bob, mut from_bob) = open(LinkRole::Answers);
    assert_eq!(from_alice.next().await, Some(LinkInput::NegotiationNeeded));
    assert!(from_bob.try_recv().is_err());
    assert!(bob.incoming(MediaKind::Camera).is_none());
}

#[wasm_bindgen_test]
async fn the_side_that_answers_takes_the_transceivers_of_the_offer() {
    for (connection, _) in negotiated().await {
        let transceivers: Vec<RtcRtpTransceiver> = connection
            .raw
            .get_transceivers()
            .iter()
            .map(JsCast::unchecked_into)
            .collect();
        assert_eq!(transceivers.len(), 3);
        for (transceiver, kind) in transceivers.iter().zip(["audio", "video", "video"]) {
            assert_eq!(transceiver.receiver().track().kind(), kind);
            assert_eq!(
                transceiver.current_direction(),
                Some(RtcRtpTransceiverDirection::Sendrecv)
            );
        }
        for (kind, track) in MediaKind::ALL.into_iter().zip(["audio", "video", "video"]) {
            assert_eq!(connection.incoming(kind).unwrap().kind(), track);
        }
    }
}

#[wasm_bindgen_test]
async fn voice_and_picture_belong_to_one_stream_and_the_screen_to_none() {
    for (connection, _) in negotiated().await {
        let sdp = connection.raw.local_description().unwrap().sdp();
        let streams: Vec<&str> = sdp
            .lines()
            .filter_map(|line| line.strip_prefix("a=msid:")?.split(' ').next())
            .collect();
        assert_eq!(streams.len(), 3);
        assert_eq!(streams[0], streams[1]);
        assert_ne!(streams[0], streams[2]);
    }
}

#[wasm_bindgen_test]
async fn two_connections_in_a_page_connect() {
    let (alice, mut from_alice) = open(LinkRole::Offers);
    let (bob, mut from_bob) = open(LinkRole::Answers);
    // Without a microphone in use, Chrome hides local addresses behind names that nobody here resolves.
    let _microphone = crate::media::open_microphone().await;

    alice.order(LinkOrder::SetLocalDescription);
    let (mut alice_connected, mut bob_connected) = (false, false);
    while !(alice_connected && bob_connected) {
        let (report, from_alice_to, connected) = futures::select! {
            report = from_alice.next() => (report, &bob, &mut alice_connected),
            report = from_bob.next() => (report, &alice, &mut bob_connected),
        };
        match report.unwrap() {
            LinkInput::LocalDescriptionSet(description) => {
                let is_offer = description.kind == DescriptionKind::Offer;
                from_alice_to.order(LinkOrder::SetRemoteDescription(description));
                if is_offer {
                    from_alice_to.order(LinkOrder::SetLocalDescription);
                }
            }
            LinkInput::LocalCandidate(candidate) => from_alice_to.order(LinkOrder::AddCandidate(candidate)),
            LinkInput::Connected => *connected = true,
            _ => {}
        }
    }
}

#[wasm_bindgen_test]
async fn what_the_other_side_gets_wrong_is_reported_or_passed_over() {
    let (bob, mut from_bob) = open(LinkRole::Answers);
    let candidate = "candidate:nonsense".to_owned();
    bob.order(LinkOrder::AddCandidate(Candidate {
        candidate,
        mid: None,
        m_line_index: Some(7),
    }));
    let sdp = "nonsense".to_owned();
    bob.order(LinkOrder::SetRemoteDescription(Description {
        kind: DescriptionKind::Offer,
        sdp,
    }));
    assert_eq!(from_bob.next().await, Some(LinkInput::DescriptionFailed));
}

#[wasm_bindgen_test]
async fn other_ice_servers_count_from_the_next_restart_on_and_need_no_negotiation() {
    let [(alice, mut from_alice), (_bob, _)] = negotiated().await;
    let turn = IceServer {
        urls: vec!["turn:127.0.0.1:9".to_owned()],
        username: Some("1800000300:alice".to_owned()),
        credential: Some("secret".to_owned()),
    };
    alice.configure(&configuration(&[turn], true));
    let now = alice.raw.get_configuration();
    assert_eq!(now.get_ice_servers().unwrap().length(), 1);
    assert_eq!(now.get_ice_transport_policy(), Some(RtcIceTransportPolicy::Relay));
    assert_eq!(alice.raw.signaling_state(), RtcSignalingState::Stable);
    while let Ok(report) = from_alice.try_recv() {
        assert_ne!(report, LinkInput::NegotiationNeeded);
    }
}

#[wasm_bindgen_test]
async fn the_camera_is_sent_with_no_more_than_its_limit() {
    let (offering, answering) = (open(LinkRole::Offers), open(LinkRole::Answers));
    // It knows its camera before anything is negotiated, and the other one not.
    offering.0.limit_camera(300_000);
    let [(alice, _), (bob, _)] = negotiate([offering, answering]).await;
    bob.limit_camera(300_000);
    for connection in [alice, bob] {
        let limit = || {
            let camera: RtcRtpTransceiver = connection.raw.get_transceivers().get(1).unchecked_into();
            let encodings = camera.sender().get_parameters().get_encodings().unwrap();
            Reflect::get(&encodings.get(0), &"maxBitrate".into())
                .unwrap()
                .as_f64()
        };
        // Nothing tells when it has been set.
        for _ in 0..100 {
            settled(Ok(connection.raw.get_stats())).await.unwrap();
        }
        assert_eq!(limit(), Some(300_000.0));
    }
}

#[wasm_bindgen_test]
async fn a_restart_of_ice_needs_negotiation() {
    let [(alice, mut from_alice), (_bob, _)] = negotiated().await;
    alice.order(LinkOrder::RestartIce);
    wait_for(&mut from_alice, LinkInput::NegotiationNeeded).await;
}

#[wasm_bindgen_test]
async fn a_dropped_connection_is_closed_and_says_nothing_more() {
    let (alice, mut from_alice) = open(LinkRole::Offers);
    let raw = alice.raw.clone();
    let transceivers = Rc::downgrade(&alice.transceivers);
    // Under way when the connection closes: this promise is never settled.
    alice.order(LinkOrder::SetLocalDescription);
    drop(alice);
    assert_eq!(raw.signaling_state(), RtcSignalingState::Closed);
    assert_eq!(from_alice.next().await, None, "nobody is left who could report");
    assert!(transceivers.upgrade().is_none(), "the worker is gone");
}
