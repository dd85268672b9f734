//! Asking for a microphone and a camera, with as few prompts as the browser allows.

use call::media::CaptureError;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaTrackConstraints,
    PermissionState, PermissionStatus,
};

use super::LocalTrack;
use super::error::capture_error;
use crate::browser::window;
use crate::task::settled;

/// A device, or why it could not be had.
pub(super) type Taken = Result<LocalTrack, CaptureError>;

/// What became of asking. `None` for a device that was not asked for.
#[derive(Default)]
pub(crate) struct Answer {
    pub(super) microphone: Option<Taken>,
    pub(super) camera: Option<Taken>,
}

/// Ask for these devices.
///
/// Both are asked for at once, so that there is one prompt. If that fails, each is asked for alone, so that one that is
/// missing, busy or forbidden does not take the other with it. Whoever has just said no to the one prompt is not asked a
/// second time: see [`worth_asking_alone`].
pub(super) async fn ask(microphone: bool, camera: bool) -> Answer {
    let Some(devices) = media_devices() else {
        let unsupported = |wanted: bool| wanted.then_some(Err(CaptureError::Unsupported));
        return Answer {
            microphone: unsupported(microphone),
            camera: unsupported(camera),
        };
    };
    match (microphone, camera) {
        (true, true) => ask_for_both(&devices).await,
        (true, false) => Answer {
            microphone: Some(ask_for_one(&devices, Device::Microphone).await),
            camera: None,
        },
        (false, true) => Answer {
            microphone: None,
            camera: Some(ask_for_one(&devices, Device::Camera).await),
        },
        (false, false) => Answer::default(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Device {
    Microphone,
    Camera,
}

/// `navigator.mediaDevices`, which is there in secure contexts only.
fn media_devices() -> Option<MediaDevices> {
    window()
        .navigator()
        .media_devices()
        .ok()
        .filter(|devices| devices.is_object())
}

async fn ask_for_both(devices: &MediaDevices) -> Answer {
    let refusal = match get_user_media(devices, &[Device::Microphone, Device::Camera]).await {
        Ok(stream) => {
            return Answer {
                microphone: Some(track_of(&stream, Device::Microphone)),
                camera: Some(track_of(&stream, Device::Camera)),
            };
        }
        Err(refusal) => refusal,
    };
    let (microphone_alone, camera_alone) = match refusal {
        CaptureError::Refused => worth_asking_alone().await,
        _ => (true, true),
    };
    let mut answer = Answer {
        microphone: Some(Err(refusal)),
        camera: Some(Err(refusal)),
    };
    if microphone_alone {
        answer.microphone = Some(ask_for_one(devices, Device::Microphone).await);
    }
    if camera_alone {
        answer.camera = Some(ask_for_one(devices, Device::Camera).await);
    }
    answer
}

/// Which devices to ask for alone after both together were refused.
///
/// The rejection does not say whether the person has just declined, or whether one of the two had been forbidden before
/// and nobody was asked. The permissions tell: a device that is allowed is taken without a prompt; one that is forbidden
/// is not asked for; one that would prompt is asked for only if the other one is forbidden, because then the browser
/// refused by itself. A browser that does not tell (Firefox before 131) is asked for the microphone alone: a call needs a
/// voice before it needs a picture.
async fn worth_asking_alone() -> (bool, bool) {
    let (Some(microphone), Some(camera)) = (
        permission(Device::Microphone).await,
        permission(Device::Camera).await,
    ) else {
        return (true, false);
    };
    let worth = |one, other| match one {
        PermissionState::Granted => true,
        PermissionState::Prompt => other == PermissionState::Denied,
        _ => false,
    };
    (worth(microphone, camera), worth(camera, microphone))
}

async fn permission(device: Device) -> Option<PermissionState> {
    let permissions = window()
        .navigator()
        .permissions()
        .ok()
        .filter(|permissions| permissions.is_object())?;
    let descriptor = Object::new();
    let name = match device {
        Device::Microphone => "microphone",
        Device::Camera => "camera",
    };
    Reflect::set(&descriptor, &"name".into(), &name.into()).ok()?;
    let status = settled(permissions.query(&descriptor)).await.ok()?;
    Some(status.unchecked_into::<PermissionStatus>().state())
}

async fn ask_for_one(devices: &MediaDevices, device: Device) -> Taken {
    let stream = get_user_media(devices, &[device]).await?;
    track_of(&stream, device)
}

async fn get_user_media(devices: &MediaDevices, wanted: &[Device]) -> Result<MediaStream, CaptureError> {
    let constraints = MediaStreamConstraints::new();
    for device in wanted {
        match device {
            Device::Microphone => constraints.set_audio_media_track_constraints(&microphone_constraints()),
            Device::Camera => constraints.set_video_media_track_constraints(&camera_constraints()),
        }
    }
    match settled(devices.get_user_media_with_constraints(&constraints)).await {
        Ok(stream) => Ok(stream.unchecked_into()),
        Err(rejection) => Err(capture_error(&rejection)),
    }
}

fn track_of(stream: &MediaStream, device: Device) -> Taken {
    let tracks = match device {
        Device::Microphone => stream.get_audio_tracks(),
        Device::Camera => stream.get_video_tracks(),
    };
    match tracks.get(0).dyn_into::<MediaStreamTrack>() {
        Ok(track) => Ok(LocalTrack::new(track)),
        // Not what the standard allows.
        Err(_) => Err(CaptureError::Failed),
    }
}

fn microphone_constraints() -> MediaTrackConstraints {
    let constraints = MediaTrackConstraints::new();
    constraints.set_echo_cancellation_bool(true);
    constraints.set_noise_suppression_bool(true);
    constraints.set_auto_gain_control_bool(true);
    constraints
}

/// Wishes only: a camera that cannot do this opens all the same. A bare value is an ideal one (Media Capture and Streams,
/// section 5).
fn camera_constraints() -> MediaTrackConstraints {
    let constraints = MediaTrackConstraints::new();
    constraints.set_width_i32(640);
    constraints.set_height_i32(480);
    constraints.set_frame_rate_f64(30.0);
    constraints.set_facing_mode(&JsValue::from_str("user"));
    constraints
}
