//! The three transceivers of a link: microphone, camera, screen, in the order of [`MediaKind::ALL`].
//!
//! The side that offers creates them before its first offer. The other side takes them from that offer: it finds them
//! in the same order, and opens each for both directions before it answers. From then on nobody adds or removes any.

use core::cell::{OnceCell, RefCell};

use call::media::MediaKind;
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    MediaStream, MediaStreamTrack, RtcPeerConnection, RtcRtpReceiver, RtcRtpTransceiver,
    RtcRtpTransceiverDirection, RtcRtpTransceiverInit,
};

use crate::bindings::ModernSender;

const COUNT: usize = MediaKind::ALL.len();

/// The transceivers, once they are known, and the tracks that they are to send.
#[derive(Default)]
pub(super) struct Transceivers {
    known: OnceCell<[RtcRtpTransceiver; COUNT]>,
    outgoing: RefCell<[Option<MediaStreamTrack>; COUNT]>,
}

impl Transceivers {
    /// Create them, on the side that offers.
    pub(super) fn create(&self, connection: &RtcPeerConnection) {
        let person = person_stream();
        let known = MediaKind::ALL.map(|kind| {
            let init = RtcRtpTransceiverInit::new();
            init.set_direction(RtcRtpTransceiverDirection::Sendrecv);
            if let Some(stream) = person.as_ref().filter(|_| is_of_the_person(kind)) {
                init.set_streams(&Array::of1(stream));
            }
            connection.add_transceiver_with_str_and_init(track_kind(kind), &init)
        });
        // Nobody has set them before: this is the first thing that happens to a connection.
        let _ = self.known.set(known);
    }

    /// Take them from the remote offer that was just set, on the side that answers. Returns whether they have become
    /// known now. An offer that lacks one, or has them in another order, brings none: nothing is sent or shown.
    pub(super) fn adopt(&self, connection: &RtcPeerConnection) -> bool {
        if self.known.get().is_some() {
            return false;
        }
        let offered = connection.get_transceivers();
        let found: Vec<RtcRtpTransceiver> = MediaKind::ALL
            .into_iter()
            .map_while(|kind| {
                let transceiver: RtcRtpTransceiver = offered.get(kind as u32).dyn_into().ok()?;
                (transceiver.receiver().track().kind() == track_kind(kind)).then_some(transceiver)
            })
            .collect();
        let Ok(known) = <[RtcRtpTransceiver; COUNT]>::try_from(found) else {
            return false;
        };

        let person = person_stream();
        for (kind, transceiver) in MediaKind::ALL.into_iter().zip(&known) {
            transceiver.set_direction(RtcRtpTransceiverDirection::Sendrecv);
            if let Some(stream) = person.as_ref().filter(|_| is_of_the_person(kind)) {
                // A browser that cannot: sound and picture may drift apart by some milliseconds.
                let _ = sender(transceiver).set_stream(stream);
            }
        }
        self.known.set(known).is_ok()
    }

    /// What is to be sent from now on; [`replace`](Self::replace) makes it so.
    pub(super) fn set_outgoing(&self, kind: MediaKind, track: Option<MediaStreamTrack>) {
        self.outgoing.borrow_mut()[kind as usize] = track;
    }

    /// `replaceTrack()` with what is to be sent by now. `None` while the transceivers are not known.
    pub(super) fn replace(&self, kind: MediaKind) -> Option<Promise> {
        let transceiver = &self.known.get()?[kind as usize];
        let track = self.outgoing.borrow()[kind as usize].clone();
        Some(
            transceiver
                .sender()
                .replace_track(track.as_ref())
                .unchecked_into(),
        )
    }

    /// Send the camera's picture with no more than this, in bits a second. `None` while the transceivers are not known.
    pub(super) fn limit_camera(&self, max_bitrate: u32) -> Option<Promise> {
        let sender = sender(&self.known.get()?[MediaKind::Camera as usize]);
        let parameters = sender.get_parameters();
        // Fails where there is no encoding.
        Reflect::set(
            &parameters.get_encodings()?.get(0),
            &"maxBitrate".into(),
            &max_bitrate.into(),
        )
        .ok()?;
        Some(sender.set_parameters(&parameters, &JsValue::UNDEFINED))
    }

    /// Send a whole picture of this kind next: nothing that was lost before is needed to show it. `None` while the transceivers are
    /// not known.
    pub(super) fn refresh(&self, kind: MediaKind) -> Option<Promise> {
        let sender = sender(&self.known.get()?[kind as usize]);
        // An `RTCSetParameterOptions`: the one encoder is to make a key frame.
        let (encoding, options) = (Object::new(), Object::new());
        Reflect::set(&encoding, &"keyFrame".into(), &JsValue::TRUE).ok()?;
        Reflect::set(&options, &"encodingOptions".into(), &Array::of1(&encoding)).ok()?;
        Some(sender.set_parameters(&sender.get_parameters(), &options))
    }

    /// What hears the other side.
    pub(super) fn receiver(&self, kind: MediaKind) -> Option<RtcRtpReceiver> {
        Some(self.known.get()?[kind as usize].receiver())
    }

    /// The track that arrives from the other side. It is there, silent and black, before anything arrives.
    pub(super) fn incoming(&self, kind: MediaKind) -> Option<MediaStreamTrack> {
        Some(self.receiver(kind)?.track())
    }
}

fn sender(transceiver: &RtcRtpTransceiver) -> ModernSender {
    transceiver.sender().unchecked_into()
}

/// The stream that a person's voice and picture are said to belong to: the other side keeps them in step (lip sync).
/// It holds no track; its id is all that travels (RFC 8830).
fn person_stream() -> Option<MediaStream> {
    MediaStream::new().ok()
}

fn is_of_the_person(kind: MediaKind) -> bool {
    match kind {
        MediaKind::Microphone | MediaKind::Camera => true,
        MediaKind::Screen => false,
    }
}

fn track_kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Microphone => "audio",
        MediaKind::Camera | MediaKind::Screen => "video",
    }
}
