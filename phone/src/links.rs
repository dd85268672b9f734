//! The connections to the others in a call.

use litemap::LiteMap;

use call::agent::{LinkInput, LinkOrder, LinkRole};
use call::id::{Entry, UserId};
use call::media::MediaKind;
use call::protocol::IceServer;
use wasm_bindgen::JsValue;
use web_sys::MediaStream;

use crate::media::Capture;
use crate::sound::Speaker;
use crate::webrtc::PeerConnection;

/// One link to each of the others.
#[derive(Default)]
pub(crate) struct Links(LiteMap<UserId, Link>);

/// A connection, and what arrives on it.
struct Link {
    entry: Entry,
    connection: PeerConnection,
    /// What arrives, once the transceivers are known.
    incoming: Option<Incoming>,
}

struct Incoming {
    camera: MediaStream,
    speaker: Speaker,
}

impl Links {
    /// Open a link that sends what `capture` has open. A link to the same person under another entry is closed.
    ///
    /// # Errors
    ///
    /// See [`PeerConnection::open`].
    pub(crate) fn open(
        &mut self,
        peer: UserId,
        entry: Entry,
        role: LinkRole,
        ice_servers: &[IceServer],
        capture: &Capture,
        report: impl Fn(LinkInput) + 'static,
    ) -> Result<(), JsValue> {
        let connection = PeerConnection::open(ice_servers, role, report)?;
        for kind in MediaKind::ALL {
            connection.send(kind, capture.track(kind).cloned());
        }
        self.0.insert(
            peer,
            Link {
                entry,
                connection,
                incoming: None,
            },
        );
        Ok(())
    }

    /// Close a link. Nothing happens if it has been replaced.
    pub(crate) fn close(&mut self, peer: &UserId, entry: Entry) {
        if self.has(peer, entry) {
            self.0.remove(peer);
        }
    }

    /// Whether the link to this person is the one under this entry. What comes from any other one is of the past.
    pub(crate) fn has(&self, peer: &UserId, entry: Entry) -> bool {
        self.0.get(peer).is_some_and(|link| link.entry == entry)
    }

    /// Carry this out.
    pub(crate) fn order(&self, peer: &UserId, entry: Entry, order: LinkOrder) {
        if let Some(link) = self.0.get(peer).filter(|link| link.entry == entry) {
            link.connection.order(order);
        }
    }

    /// Send what `capture` has open of this kind, on every link.
    pub(crate) fn send(&self, kind: MediaKind, capture: &Capture) {
        for link in self.0.values() {
            link.connection.send(kind, capture.track(kind).cloned());
        }
    }

    /// Take up what arrives from this person, if it is known by now and was not before. `heard` is told whenever
    /// [`is_held_back`](Self::is_held_back) may have changed.
    pub(crate) fn receive(&mut self, peer: &UserId, heard: impl Fn() + 'static) {
        if let Some(link) = self.0.get_mut(peer)
            && link.incoming.is_none()
        {
            link.incoming = incoming(&link.connection, heard);
        }
    }

    /// The picture that arrives from this person.
    pub(crate) fn camera_stream(&self, peer: &UserId) -> Option<&MediaStream> {
        Some(&self.0.get(peer)?.incoming.as_ref()?.camera)
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
        self.0
            .values()
            .filter_map(|link| Some(&link.incoming.as_ref()?.speaker))
    }
}

fn incoming(connection: &PeerConnection, heard: impl Fn() + 'static) -> Option<Incoming> {
    let voice = MediaStream::new().ok()?;
    voice.add_track(&connection.incoming(MediaKind::Microphone)?);
    let camera = MediaStream::new().ok()?;
    camera.add_track(&connection.incoming(MediaKind::Camera)?);
    Some(Incoming {
        camera,
        speaker: Speaker::new(&voice, heard).ok()?,
    })
}
