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
mod tests;
