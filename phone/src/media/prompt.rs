//! Asking for a microphone and a camera, with as few prompts as the browser allows.

use call::media::{CaptureError, VideoQuality};
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    ConstrainDomStringParameters, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    MediaTrackConstraints, PermissionState, PermissionStatus,
};

use super::LocalTrack;
use super::devices::media_devices;
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

/// What the devices are to be like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// The microphone's `deviceId`. If that one is not there, any other serves.
    pub(crate) microphone: Option<String>,
    /// The camera's.
    pub(crate) camera: Option<String>,
    /// The camera's picture.
    pub(crate) quality: VideoQuality,
}

impl Wishes {
    /// What to ask the browser for.
    ///
    /// The sizes and the treatment of sound are wishes only: a device that cannot do them opens all the same (a bare value
    /// is an ideal one; Media Capture and Streams, section 5). A `deviceId` is a demand, because Chrome passes over a
    /// microphone that is merely wished for.
    fn constraints(&self, device: Device) -> MediaTrackConstraints {
        let constraints = MediaTrackConstraints::new();
        match device {
            Device::Microphone => {
                constraints.set_echo_cancellation_bool(true);
                constraints.set_noise_suppression_bool(true);
                constraints.set_auto_gain_control_bool(true);
            }
            Device::Camera => {
                constraints.set_width_i32(self.quality.width.into());
                constraints.set_height_i32(self.quality.height.into());
                constraints.set_frame_rate_f64(self.quality.frame_rate.into());
                if self.camera.is_none() {
                    constraints.set_facing_mode(&JsValue::from_str("user"));
                }
            }
        }
        if let Some(id) = self.device(device) {
            let exactly = ConstrainDomStringParameters::new();
            exactly.set_exact_str(id);
            constraints.set_device_id_constrain_dom_string_parameters(&exactly);
        }
        constraints
    }

    fn device(&self, device: Device) -> Option<&str> {
        match device {
            Device::Microphone => self.microphone.as_deref(),
            Device::Camera => self.camera.as_deref(),
        }
    }

    /// The same, with this device; none is any.
    fn with_device(&self, device: Device, id: Option<String>) -> Self {
        let mut wishes = self.clone();
        match device {
            Device::Microphone => wishes.microphone = id,
            Device::Camera => wishes.camera = id,
        }
        wishes
    }
}

/// Ask for these devices.
///
/// Both are asked for at once, so that there is one prompt. If that fails, each is asked for alone, so that one that is
/// missing, busy or forbidden does not take the other with it. Whoever has just said no to the one prompt is not asked a
/// second time: see [`worth_asking_alone`].
pub(super) async fn ask(microphone: bool, camera: bool, wishes: Wishes) -> Answer {
    let Some(devices) = media_devices() else {
        let unsupported = |wanted: bool| wanted.then_some(Err(CaptureError::Unsupported));
        return Answer {
            microphone: unsupported(microphone),
            camera: unsupported(camera),
        };
    };
    match (microphone, camera) {
        (true, true) => ask_for_both(&devices, &wishes).await,
        (true, false) => Answer {
            microphone: Some(ask_for_any(&devices, Device::Microphone, &wishes).await),
            camera: None,
        },
        (false, true) => Answer {
            microphone: None,
            camera: Some(ask_for_any(&devices, Device::Camera, &wishes).await),
        },
        (false, false) => Answer::default(),
    }
}

/// What became of a device that was to take the place of another one.
pub(crate) struct Replacement {
    /// The new one, or the former one opened anew.
    pub(super) taken: Option<LocalTrack>,
    /// Whether the former one had to be stopped.
    pub(super) former_stopped: bool,
    /// Why the new one could not be had.
    pub(super) refused: Option<CaptureError>,
}

/// Ask for the very device that is wished for, in place of an open one.
///
/// The open one goes on until the other is there, so that there is no gap. Only machines that cannot open two cameras at
/// once, as many phones, must let go of the first; if that was in vain, it is opened anew.
pub(super) async fn ask_instead(device: Device, wishes: Wishes, former: MediaStreamTrack) -> Replacement {
    let stays = |error| Replacement {
        taken: None,
        former_stopped: false,
        refused: Some(error),
    };
    let Some(devices) = media_devices() else {
        return stays(CaptureError::Unsupported);
    };
    match ask_for_one(&devices, device, &wishes).await {
        Ok(track) => {
            return Replacement {
                taken: Some(track),
                former_stopped: false,
                refused: None,
            };
        }
        Err(CaptureError::Busy) => {}
        Err(error) => return stays(error),
    }
    let former_id = former.get_settings().get_device_id();
    former.stop();
    let (taken, refused) = match ask_for_one(&devices, device, &wishes).await {
        Ok(track) => (Some(track), None),
        Err(error) => {
            let wishes = wishes.with_device(device, former_id);
            (ask_for_any(&devices, device, &wishes).await.ok(), Some(error))
        }
    };
    Replacement {
        taken,
        former_stopped: true,
        refused,
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Device {
    Microphone,
    Camera,
}

async fn ask_for_both(devices: &MediaDevices, wishes: &Wishes) -> Answer {
    let refusal = match get_user_media(devices, &[Device::Microphone, Device::Camera], wishes).await {
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
        answer.microphone = Some(ask_for_any(devices, Device::Microphone, wishes).await);
    }
    if camera_alone {
        answer.camera = Some(ask_for_any(devices, Device::Camera, wishes).await);
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

/// Ask for the device that is wished for or, if it is not there, for any.
async fn ask_for_any(devices: &MediaDevices, device: Device, wishes: &Wishes) -> Taken {
    match ask_for_one(devices, device, wishes).await {
        Err(CaptureError::Missing) if wishes.device(device).is_some() => {
            ask_for_one(devices, device, &wishes.with_device(device, None)).await
        }
        taken => taken,
    }
}

async fn ask_for_one(devices: &MediaDevices, device: Device, wishes: &Wishes) -> Taken {
    let stream = get_user_media(devices, &[device], wishes).await?;
    track_of(&stream, device)
}

async fn get_user_media(
    devices: &MediaDevices,
    wanted: &[Device],
    wishes: &Wishes,
) -> Result<MediaStream, CaptureError> {
    let constraints = MediaStreamConstraints::new();
    for &device in wanted {
        let of_device = wishes.constraints(device);
        match device {
            Device::Microphone => constraints.set_audio_media_track_constraints(&of_device),
            Device::Camera => constraints.set_video_media_track_constraints(&of_device),
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
