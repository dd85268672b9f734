//! One `RTCPeerConnection`, closed when dropped.

use std::cell::Cell;
use std::rc::Rc;

use call::agent::{LinkInput, LinkOrder, LinkRole};
use call::media::MediaKind;
use call::protocol::IceServer;
use futures::StreamExt;
use futures::channel::mpsc;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Event, MediaStreamTrack, RtcBundlePolicy, RtcConfiguration, RtcIceServer, RtcIceTransportPolicy,
    RtcPeerConnection, RtcPeerConnectionIceEvent, RtcPeerConnectionState,
};

use super::transceivers::Transceivers;
use super::{candidate, description};
use crate::bindings::NegotiatingConnection;
use crate::listener::Listener;
use crate::task::{Task, disregard, settled};

/// A connection to one other page.
///
/// Orders are begun in the order in which they were given, and descriptions are set before what comes after them is begun.
/// Candidates and tracks are not waited for: the browser's own operations chain (W3C WebRTC, section 4.4.1.2) keeps them in
/// order. Dropping it closes the connection, unhooks the listeners and ends whatever was
/// under way; nothing is reported after that.
pub(crate) struct PeerConnection {
    raw: NegotiatingConnection,
    transceivers: Rc<Transceivers>,
    jobs: mpsc::UnboundedSender<Job>,
    _worker: Task,
    _listeners: [Listener; 3],
}

/// Something to be done in its turn.
enum Job {
    Order(LinkOrder),
    Replace(MediaKind),
    LimitCamera(u32),
    RefreshPictures,
    LookForArrivals,
}

impl PeerConnection {
    /// Open a connection. `report` is told what happens; it is never called before this function has returned.
    ///
    /// # Errors
    ///
    /// Whatever the browser throws: an ICE server that it does not understand, or too many connections.
    pub(crate) fn open(
        configuration: &RtcConfiguration,
        role: LinkRole,
        report: impl Fn(LinkInput) + 'static,
    ) -> Result<Self, JsValue> {
        let raw: NegotiatingConnection =
            RtcPeerConnection::new_with_configuration(configuration)?.unchecked_into();
        let report: Rc<dyn Fn(LinkInput)> = Rc::new(report);
        let (jobs, queue) = mpsc::unbounded();
        let listeners = listeners(&raw, &jobs, &report);

        let transceivers = Rc::new(Transceivers::default());
        match role {
            LinkRole::Offers => transceivers.create(&raw),
            LinkRole::Answers => {}
        }
        let worker = Task::spawn(work(raw.clone(), transceivers.clone(), queue, report));
        Ok(Self {
            raw,
            transceivers,
            jobs,
            _worker: worker,
            _listeners: listeners,
        })
    }

    /// Restart ICE like this, whenever it is restarted. A browser that cannot goes on as it was opened.
    pub(crate) fn configure(&self, configuration: &RtcConfiguration) {
        _ = self.raw.configure(configuration);
    }

    /// Carry this out, after what was ordered before.
    pub(crate) fn order(&self, order: LinkOrder) {
        self.enqueue(Job::Order(order));
    }

    /// Send this track from now on, in place of the one before. Not negotiated anew.
    pub(crate) fn send(&self, kind: MediaKind, track: Option<MediaStreamTrack>) {
        self.transceivers.set_outgoing(kind, track);
        self.enqueue(Job::Replace(kind));
    }

    /// Send the camera's picture with no more than this, in bits a second. To be told again on the side that answers, from
    /// the first [`LinkInput::RemoteDescriptionSet`] on.
    pub(crate) fn limit_camera(&self, max_bitrate: u32) {
        self.enqueue(Job::LimitCamera(max_bitrate));
    }

    /// Report whether anything has arrived since this was asked last: [`LinkInput::Arrived`] or [`LinkInput::NothingArrived`].
    pub(crate) fn look_for_arrivals(&self) {
        self.enqueue(Job::LookForArrivals);
    }

    /// How loud the other side is at the moment: from 0.0 to 1.0.
    pub(crate) fn level(&self) -> f64 {
        let source = self
            .transceivers
            .receiver(MediaKind::Microphone)
            .map(|receiver| receiver.get_synchronization_sources().get(0));
        source
            .and_then(|source| Reflect::get(&source, &JsValue::from_str("audioLevel")).ok())
            .and_then(|level| level.as_f64())
            .unwrap_or_default()
    }

    /// The track that arrives from the other side, once the transceivers are known: at once on the side that offers, from
    /// the first [`LinkInput::RemoteDescriptionSet`] on for the other one.
    pub(crate) fn incoming(&self, kind: MediaKind) -> Option<MediaStreamTrack> {
        self.transceivers.incoming(kind)
    }

    fn enqueue(&self, job: Job) {
        // The worker lives as long as the connection does.
        let _ = self.jobs.unbounded_send(job);
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        self.raw.close();
    }
}

/// A configuration with these STUN and TURN servers.
pub(crate) fn configuration(ice_servers: &[IceServer], relay_only: bool) -> RtcConfiguration {
    let servers: Array = ice_servers.iter().map(ice_server).collect();
    let configuration = RtcConfiguration::new();
    configuration.set_ice_servers(&servers);
    // One transport for everything: every browser that Yodel runs in can, and there are fewer candidates to try.
    configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
    if relay_only {
        configuration.set_ice_transport_policy(RtcIceTransportPolicy::Relay);
    }
    configuration
}

fn ice_server(server: &IceServer) -> RtcIceServer {
    let urls: Array = server.urls.iter().map(|url| JsValue::from_str(url)).collect();
    let init = RtcIceServer::new();
    init.set_urls(&urls);
    if let Some(username) = &server.username {
        init.set_username(username);
    }
    if let Some(credential) = &server.credential {
        init.set_credential(credential);
    }
    init
}

fn listeners(
    connection: &NegotiatingConnection,
    jobs: &mpsc::UnboundedSender<Job>,
    report: &Rc<dyn Fn(LinkInput)>,
) -> [Listener; 3] {
    let negotiation = {
        let report = report.clone();
        Listener::new(connection, "negotiationneeded", move |_: Event| {
            report(LinkInput::NegotiationNeeded)
        })
    };
    let candidate = {
        let report = report.clone();
        Listener::new(
            connection,
            "icecandidate",
            move |event: RtcPeerConnectionIceEvent| {
                // The event without a candidate says that gathering is over: of no use to the other side.
                if let Some(candidate) = event.candidate() {
                    report(LinkInput::LocalCandidate(candidate::from_browser(&candidate)));
                }
            },
        )
    };
    let state = {
        let report = report.clone();
        let raw = connection.clone();
        let jobs = jobs.clone();
        let interrupted = Cell::new(false);
        Listener::new(connection, "connectionstatechange", move |_: Event| {
            let interrupt = |input| {
                interrupted.set(true);
                report(input);
            };
            match raw.connection_state() {
                RtcPeerConnectionState::Connected => {
                    // What was sent meanwhile is lost. The other side would ask for it, for a whole second, before it asks for
                    // a picture that needs nothing of it.
                    if interrupted.take() {
                        let _ = jobs.unbounded_send(Job::RefreshPictures);
                    }
                    report(LinkInput::Connected);
                }
                RtcPeerConnectionState::Disconnected => interrupt(LinkInput::Disconnected),
                RtcPeerConnectionState::Failed => interrupt(LinkInput::Failed),
                // On the way to one of the others, or closed by its owner.
                _ => {}
            }
        })
    };
    [negotiation, candidate, state]
}

async fn work(
    connection: NegotiatingConnection,
    transceivers: Rc<Transceivers>,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    report: Rc<dyn Fn(LinkInput)>,
) {
    let mut arrived_before = 0.0;
    while let Some(job) = jobs.next().await {
        match job {
            Job::Order(LinkOrder::SetLocalDescription) => {
                let set = connection.set_fitting_local_description();
                report(local_description(&connection, set).await);
            }
            Job::Order(LinkOrder::CreateAnswer) => {
                let created = settled(Ok(connection.create_answer())).await;
                let answer = created.ok().and_then(|answer| description::created(&answer));
                report(answer.map_or(LinkInput::DescriptionFailed, LinkInput::AnswerCreated));
            }
            Job::Order(LinkOrder::SetAnswer(answer)) => {
                let set = connection.set_local_description(&description::to_browser(&answer));
                report(local_description(&connection, set).await);
            }
            Job::Order(LinkOrder::SetRemoteDescription(remote)) => {
                let set = connection.set_remote_description(&description::to_browser(&remote));
                if settled(Ok(set)).await.is_err() {
                    report(LinkInput::DescriptionFailed);
                    continue;
                }
                if transceivers.adopt(&connection) {
                    MediaKind::ALL
                        .into_iter()
                        .for_each(|kind| replace(&transceivers, kind));
                }
                report(LinkInput::RemoteDescriptionSet);
            }
            Job::Order(LinkOrder::AddCandidate(candidate)) => {
                let init = candidate::to_browser(&candidate);
                // One that does not fit is one path less, no more.
                let added = connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&init));
                disregard(Ok(added));
            }
            Job::Order(LinkOrder::RestartIce) => connection.restart_ice(),
            Job::Replace(kind) => replace(&transceivers, kind),
            Job::LimitCamera(max_bitrate) => {
                if let Some(limited) = transceivers.limit_camera(max_bitrate) {
                    // A browser that cannot decides for itself how much to send. Parameters are not read again before they are set.
                    let _ = settled(Ok(limited)).await;
                }
            }
            Job::RefreshPictures => {
                for kind in [MediaKind::Camera, MediaKind::Screen] {
                    if let Some(refreshed) = transceivers.refresh(kind) {
                        // Where it is not possible, the other side asks for it in the end.
                        let _ = settled(Ok(refreshed)).await;
                    }
                }
            }
            // What is not connected, or was closed by somebody else, says nothing of use.
            Job::LookForArrivals if connection.connection_state() != RtcPeerConnectionState::Connected => {
                report(LinkInput::NothingArrived);
            }
            Job::LookForArrivals => {
                let arrived = settled(Ok(connection.get_stats()))
                    .await
                    .map_or(0.0, |stats| arrived(&stats));
                report(if arrived > arrived_before {
                    LinkInput::Arrived
                } else {
                    LinkInput::NothingArrived
                });
                arrived_before = arrived;
            }
        }
    }
}

/// A number that grows whenever something arrives from the other side (W3C WebRTC statistics, sections 8.2 and 8.19): the bytes
/// of all that it sends, and its answers when the browser checks every few seconds whether it is there. Whoever has neither a
/// microphone nor a camera sends nothing but such answers, and a report on the reception now and then.
fn arrived(stats: &JsValue) -> f64 {
    let mut arrived = 0.0;
    let reports = Array::from(stats);
    for at in 0..reports.length() {
        let report = reports.get(at).unchecked_into::<Array>().get(1);
        for name in ["bytesReceived", "responsesReceived"] {
            let count = Reflect::get(&report, &JsValue::from_str(name));
            arrived += count.ok().and_then(|count| count.as_f64()).unwrap_or_default();
        }
    }
    arrived
}

/// What has become of setting one.
async fn local_description(connection: &NegotiatingConnection, set: Promise) -> LinkInput {
    if settled(Ok(set)).await.is_err() {
        return LinkInput::DescriptionFailed;
    }
    match connection
        .local_description()
        .and_then(|local| description::from_browser(&local))
    {
        Some(local) => LinkInput::LocalDescriptionSet(local),
        None => LinkInput::DescriptionFailed,
    }
}

fn replace(transceivers: &Transceivers, kind: MediaKind) {
    if let Some(replaced) = transceivers.replace(kind) {
        // Rejected if the transceiver was stopped by the other side: then this kind is not sent.
        disregard(Ok(replaced));
    }
}

#[cfg(test)]
mod tests {
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
                LinkInput::LocalCandidate(candidate) => {
                    from_alice_to.order(LinkOrder::AddCandidate(candidate))
                }
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
}
