//! Kinds of calls, of tracks, and what is on.

use serde::{Deserialize, Serialize};

/// What a call was placed as. The numbers 1 and 2 of the seed API appear at the JavaScript edge only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallType {
    /// Voice.
    Audio,
    /// Voice and video.
    Video,
}

/// A track that a person may send. Every link has one transceiver for each, in this order, from its first offer on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MediaKind {
    /// The microphone's sound.
    Microphone,
    /// The camera's picture.
    Camera,
    /// A shared screen's picture.
    Screen,
}

impl MediaKind {
    /// Every kind, in the order of the transceivers.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];
}

/// What a person sends at the moment, as told to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MediaState {
    /// Sound can be heard: a microphone is open and not muted.
    pub microphone: bool,
    /// The camera's picture can be seen.
    pub camera: bool,
}

/// Why a microphone or a camera could not be opened. Named after the `DOMException`s of Media Capture and Streams,
/// section 10.2 (`getUserMedia`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CaptureError {
    /// `NotAllowedError`: the person, the browser or the operating system refused.
    Refused,
    /// `NotFoundError`: there is no such device.
    Missing,
    /// `NotReadableError`: another program holds the device, or its hardware failed.
    Busy,
    /// No `mediaDevices` at all: the page came over plain HTTP from another machine, or the browser has no WebRTC.
    Unsupported,
    /// Anything else.
    Failed,
}
