//! The connections to the others in a call.

use core::time::Duration;

use litemap::LiteMap;

use call::agent::{LinkInput, LinkName, LinkOrder, LinkRole};
use call::id::UserId;
use call::media::MediaKind;
use call::time::Timestamp;
use call::voice::Voice;
use wasm_bindgen::JsValue;
use web_sys::{MediaStream, RtcConfiguration};

use crate::media::Capture;
use crate::sound::Speaker;
use crate::webrtc::PeerConnection;

/// How often it is looked whether anything arrives.
const LOOK_EVERY: Duration = Duration::from_millis(1_000);

/// One link to each of the others.
#[derive(Default)]
pub(crate) struct Links {
    links: LiteMap<UserId, Link>,
    /// When it was last looked whether anything arrives.
    looked_at: Timestamp,
    /// How connections are opened, once the server has said it.
    configuration: Option<RtcConfiguration>,
    /// The `deviceId` of the speaker on which the others are heard; none is the system's choice.
    sink: Option<String>,
}

/// A connection, and what arrives on it.
struct Link {
    name: LinkName,
    connection: PeerConnection,
    voice: Voice,
    /// How loud they were at their loudest.
    loudest: f64,
    /// The most that the camera's picture may use, in bits a second.
    max_bitrate: u32,
    /// Whether what arrives is to be heard and seen.
    admitted: bool,
    /// What arrives, once the transceivers are known.
    incoming: Option<Incoming>,
}

struct Incoming {
    camera: MediaStream,
    speaker: Speaker,
}

impl Links {
    /// Open a link that sends what `capture` has open. What arrives is neither heard nor seen until it is
    /// [admitted](Self::admit). A link of another name to the same person is closed.
    ///
    /// # Errors
    ///
    /// See [`PeerConnection::open`]; or nobody has [said](Self::configure) how it is to be opened.
    pub(crate) fn open(
        &mut self,
        peer: UserId,
        name: LinkName,
        role: LinkRole,
        capture: &Capture,
        report: impl Fn(LinkInput) + 'static,
    ) -> Result<(), JsValue> {
        let configuration = self.configuration.as_ref().ok_or(JsValue::UNDEFINED)?;
        let connection = PeerConnection::open(configuration, role, report)?;
        for kind in MediaKind::ALL {
            connection.send(kind, capture.track(kind).cloned());
        }
        let max_bitrate = capture.quality().max_bitrate;
        connection.limit_camera(max_bitrate);
        self.links.insert(
            peer,
            Link {
                name,
                connection,
                voice: Voice::default(),
                loudest: 0.0,
                max_bitrate,
                admitted: false,
                incoming: None,
            },
        );
        Ok(())
    }

    /// Open connections like this from now on, and restart ICE like this on those that are open.
    pub(crate) fn configure(&mut self, configuration: RtcConfiguration) {
        for link in self.links.values() {
            link.connection.configure(&configuration);
        }
        self.configuration = Some(configuration);
    }

    /// Close a link. Nothing happens if it has been replaced.
    pub(crate) fn close(&mut self, peer: &UserId, name: LinkName) {
        if self.has(peer, name) {
            self.links.remove(peer);
        }
    }

    /// Whether the link to this person is the one of this name. What comes from any other one is of the past.
    pub(crate) fn has(&self, peer: &UserId, name: LinkName) -> bool {
        self.links.get(peer).is_some_and(|link| link.name == name)
    }

    /// Carry this out.
    pub(crate) fn order(&self, peer: &UserId, name: LinkName, order: LinkOrder) {
        if let Some(link) = self.links.get(peer).filter(|link| link.name == name) {
            link.connection.order(order);
        }
    }

    /// Send what `capture` has open of this kind, on every link.
    pub(crate) fn send(&self, kind: MediaKind, capture: &Capture) {
        for link in self.links.values() {
            link.connection.send(kind, capture.track(kind).cloned());
        }
    }

    /// What arrives from this person may be heard and seen.
    pub(crate) fn admit(&mut self, peer: &UserId) {
        if let Some(link) = self.links.get_mut(peer) {
            link.admitted = true;
        }
    }

    /// Take up what arrives from this person, if it is admitted, known by now and was not before. `heard` is told whenever
    /// [`is_held_back`](Self::is_held_back) may have changed.
    pub(crate) fn receive(&mut self, peer: &UserId, heard: impl Fn() + 'static) {
        if let Some(link) = self.links.get_mut(peer)
            && link.admitted
            && link.incoming.is_none()
        {
            link.incoming = incoming(&link.connection, self.sink.as_deref(), heard);
            link.connection.limit_camera(link.max_bitrate);
        }
    }

    /// Let the others be heard on the speaker with this `deviceId`, or on the system's.
    pub(crate) fn set_sink(&mut self, sink: Option<String>) {
        self.sink = sink;
        if let Some(sink) = &self.sink {
            self.speakers().for_each(|speaker| speaker.move_to(sink));
        }
    }

    /// Listen to the others for a moment; and see now and then whether anything arrives at all.
    pub(crate) fn listen(&mut self, now: Timestamp) {
        let look = now.since(self.looked_at) >= LOOK_EVERY;
        if look {
            self.looked_at = now;
        }
        for (_, link) in self.links.iter_mut() {
            if look {
                link.connection.look_for_arrivals();
            }
            let level = link.connection.level();
            link.voice.hear(now, level);
            link.loudest = link.loudest.max(level);
        }
    }

    /// How loud the others were since the last time.
    pub(crate) fn take_loudest(&mut self) -> Vec<(UserId, f64)> {
        let admitted = self.links.iter_mut().filter(|(_, link)| link.admitted);
        admitted
            .map(|(peer, link)| (peer.clone(), core::mem::take(&mut link.loudest)))
            .collect()
    }

    /// Whom one has just heard speak.
    pub(crate) fn speaking(&self, now: Timestamp) -> Vec<UserId> {
        let speaking = self.links.iter().filter(|(_, link)| link.voice.speaks(now));
        speaking.map(|(peer, _)| peer.clone()).collect()
    }

    /// Whether there is nobody to hear.
    pub(crate) fn is_empty(&self) -> bool {
        !self.links.values().any(|link| link.admitted)
    }

    /// The picture that arrives from this person.
    pub(crate) fn camera_stream(&self, peer: &UserId) -> Option<&MediaStream> {
        Some(&self.links.get(peer)?.incoming.as_ref()?.camera)
    }

    /// Whether the browser does not let somebody be heard.
    pub(crate) fn is_held_back(&self) -> bool {
        self.speakers().any(Speaker::is_held_back)
    }

    /// The person has just touched the page: let everybody be heard.
    pub(crate) fn let_be_heard(&self) {
        self.speakers()
            .filter(|speaker| speaker.is_held_back())
            .for_each(Speaker::play);
    }

    fn speakers(&self) -> impl Iterator<Item = &Speaker> {
        self.links
            .values()
            .filter_map(|link| Some(&link.incoming.as_ref()?.speaker))
    }
}

fn incoming(connection: &PeerConnection, sink: Option<&str>, heard: impl Fn() + 'static) -> Option<Incoming> {
    let voice = MediaStream::new().ok()?;
    voice.add_track(&connection.incoming(MediaKind::Microphone)?);
    let camera = MediaStream::new().ok()?;
    camera.add_track(&connection.incoming(MediaKind::Camera)?);
    Some(Incoming {
        camera,
        speaker: Speaker::new(&voice, sink, heard).ok()?,
    })
}
