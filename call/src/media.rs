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
    /// `NotFoundError`, or `OverconstrainedError` for a chosen device: there is no such device.
    Missing,
    /// `NotReadableError`: another program holds the device, or its hardware failed.
    Busy,
    /// No `mediaDevices` at all: the page came over plain HTTP from another machine, or the browser has no WebRTC.
    Unsupported,
    /// Anything else.
    Failed,
}

/// A sort of device that a person can choose one of (`MediaDeviceInfo.kind`; Media Capture and Streams, section 9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceKind {
    /// `audioinput`.
    Microphone,
    /// `videoinput`.
    Camera,
    /// `audiooutput`: where the others are heard.
    Speaker,
}

impl DeviceKind {
    /// Every kind, in the order in which people look for them.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Speaker];
}

/// A device of this person's machine (`MediaDeviceInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaDevice {
    /// Of which kind.
    pub kind: DeviceKind,
    /// `deviceId`: the same on every visit of this site, and another one on every other site.
    pub id: String,
    /// What its maker calls it. Empty as long as the browser has not been allowed to tell.
    pub label: String,
}

/// What a camera is asked for, and how much of the network its picture may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoQuality {
    /// Pixels. A camera that cannot do this size gives its nearest.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// Pictures a second.
    pub frame_rate: u8,
    /// The most that is sent to each of the others, in bits a second.
    pub max_bitrate: u32,
}

impl VideoQuality {
    /// The qualities that have a name, from the smallest to the largest.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("240p", Self::of(320, 240, 250_000)),
        ("360p", Self::of(640, 360, 600_000)),
        ("480p", Self::of(640, 480, 900_000)),
        ("720p", Self::of(1280, 720, 1_800_000)),
        ("1080p", Self::of(1920, 1080, 3_500_000)),
    ];

    const fn of(width: u16, height: u16, max_bitrate: u32) -> Self {
        Self {
            width,
            height,
            frame_rate: 30,
            max_bitrate,
        }
    }

    /// The quality of this name.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::NAMED.iter().find(|(known, _)| *known == name);
        found.map(|(_, quality)| *quality)
    }

    /// The name of this quality, if it has one.
    pub fn name(self) -> Option<&'static str> {
        let found = Self::NAMED.iter().find(|(_, quality)| *quality == self);
        found.map(|(name, _)| *name)
    }
}

impl Default for VideoQuality {
    /// 480p, as the seed API has it.
    fn default() -> Self {
        Self::of(640, 480, 900_000)
    }
}

#[cfg(test)]
mod tests {
    use super::VideoQuality;

    #[test]
    fn qualities_are_found_by_their_names() {
        for (name, quality) in VideoQuality::NAMED {
            assert_eq!(VideoQuality::named(name), Some(quality));
            assert_eq!(quality.name(), Some(name));
        }
        assert_eq!(VideoQuality::named("8k"), None);
        assert_eq!(VideoQuality::default().name(), Some("480p"));
    }
}
