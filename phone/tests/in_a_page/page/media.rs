//! The page's `getUserMedia`, under the control of a test.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{
    DomException, Event, MediaStream, MediaStreamTrack, MediaStreamTrackState, MediaTrackSettings,
};

use super::window;

type Replacement = Closure<dyn FnMut(JsValue) -> Promise>;

/// `getUserMedia` with an ear at it.
pub(crate) struct FakeMedia {
    original: JsValue,
    replaced: RefCell<Vec<Replacement>>,
    behavior: RefCell<Behavior>,
    asked: RefCell<Vec<Vec<&'static str>>>,
    tracks: RefCell<Vec<MediaStreamTrack>>,
    /// Kind and settings of each when it was opened; one that has ended tells no more.
    settings: RefCell<Vec<(String, MediaTrackSettings)>>,
    /// The one that keeps a prompt open.
    prompt: RefCell<Option<Function>>,
}

/// What happens when a page asks for devices.
#[derive(Clone, PartialEq)]
pub(crate) enum Behavior {
    /// They open.
    Open,
    /// Whatever includes a camera fails with this error.
    NoCamera(&'static str),
    /// Another program holds the device with this id.
    Held(String),
    /// The prompt stays until it is answered.
    Prompt,
    /// These are the permissions (W3C Permissions, section 5.1). Where there would be a prompt, the person puts it away.
    Permissions {
        /// For the microphone.
        microphone: &'static str,
        /// For the camera.
        camera: &'static str,
    },
}

impl FakeMedia {
    pub(super) fn install() -> Rc<Self> {
        let devices = window().navigator().media_devices().unwrap();
        Self::uninstall();
        let original = Reflect::get(&devices, &"getUserMedia".into()).unwrap();
        let media = Rc::new(Self {
            original,
            replaced: RefCell::default(),
            behavior: RefCell::new(Behavior::Open),
            asked: RefCell::default(),
            tracks: RefCell::default(),
            settings: RefCell::default(),
            prompt: RefCell::default(),
        });
        let ear = Rc::downgrade(&media);
        let get_user_media = Replacement::new(move |constraints: JsValue| {
            let media = ear.upgrade().unwrap();
            let kinds = ["audio", "video"]
                .into_iter()
                .filter(|kind| is_wanted(&constraints, kind));
            media.asked.borrow_mut().push(kinds.collect());
            future_to_promise(async move { media.open(constraints).await })
        });
        let ear = Rc::downgrade(&media);
        let query = Replacement::new(move |descriptor: JsValue| {
            let name = Reflect::get(&descriptor, &"name".into()).unwrap();
            let status = Object::new();
            let state = ear.upgrade().unwrap().permission(&name.as_string().unwrap());
            Reflect::set(&status, &"state".into(), &state.into()).unwrap();
            Promise::resolve(&JsValue::from(status))
        });
        Reflect::set(&devices, &"getUserMedia".into(), get_user_media.as_ref()).unwrap();
        Reflect::set(&permissions(), &"query".into(), query.as_ref()).unwrap();
        *media.replaced.borrow_mut() = vec![get_user_media, query];
        media
    }

    /// Whichever was installed last.
    pub(super) fn uninstall() {
        let devices = window().navigator().media_devices().unwrap();
        Reflect::delete_property(&devices, &"getUserMedia".into()).unwrap();
        Reflect::delete_property(&permissions(), &"query".into()).unwrap();
    }

    async fn open(self: Rc<Self>, constraints: JsValue) -> Result<JsValue, JsValue> {
        let behavior = self.behavior.borrow().clone();
        match behavior {
            Behavior::Open => {}
            Behavior::NoCamera(error) => {
                if is_wanted(&constraints, "video") {
                    return Err(exception(error));
                }
            }
            Behavior::Held(id) => {
                if JSON::stringify(&constraints)?.includes(&id, 0) {
                    return Err(exception("NotReadableError"));
                }
            }
            Behavior::Permissions { microphone, camera } => {
                let wanted = [("audio", microphone), ("video", camera)]
                    .into_iter()
                    .filter(|(kind, _)| is_wanted(&constraints, kind));
                if wanted.into_iter().any(|(_, permission)| permission != "granted") {
                    return Err(exception("NotAllowedError"));
                }
            }
            Behavior::Prompt => {
                let answered = Promise::new(&mut |resolve, _| *self.prompt.borrow_mut() = Some(resolve));
                JsFuture::from(answered).await?;
            }
        }
        let devices = window().navigator().media_devices()?;
        let promise: Promise = self
            .original
            .unchecked_ref::<Function>()
            .call1(&devices, &constraints)?
            .into();
        let stream = JsFuture::from(promise).await?;
        for track in stream.unchecked_ref::<MediaStream>().get_tracks() {
            // A copy of a track would outlive its device: the phone must not make any.
            Reflect::set(
                &track,
                &"clone".into(),
                &Function::new_no_args("throw new Error('a copied track')"),
            )?;
            let track: MediaStreamTrack = track.unchecked_into();
            self.settings
                .borrow_mut()
                .push((track.kind(), track.get_settings()));
            self.tracks.borrow_mut().push(track);
        }
        Ok(stream)
    }

    pub(crate) fn behave(&self, behavior: Behavior) {
        *self.behavior.borrow_mut() = behavior;
    }

    /// Whether a prompt waits for the person.
    pub(crate) fn prompts(&self) -> bool {
        self.prompt.borrow().is_some()
    }

    /// Say yes to the prompt.
    pub(crate) fn answer_prompt(&self) {
        self.prompt
            .borrow_mut()
            .take()
            .unwrap()
            .call0(&JsValue::NULL)
            .unwrap();
    }

    /// What the page asked for, each time.
    pub(crate) fn asked(&self) -> Vec<Vec<&'static str>> {
        self.asked.borrow().clone()
    }

    fn permission(&self, name: &str) -> &'static str {
        match (&*self.behavior.borrow(), name) {
            (Behavior::Permissions { microphone, .. }, "microphone") => microphone,
            (Behavior::Permissions { camera, .. }, "camera") => camera,
            _ => "granted",
        }
    }

    /// How many tracks were ever opened.
    pub(crate) fn opened(&self) -> usize {
        self.tracks.borrow().len()
    }

    /// The devices of this kind that were ever opened.
    pub(crate) fn devices_of(&self, kind: &str) -> Vec<String> {
        let id = |settings: &MediaTrackSettings| settings.get_device_id().unwrap();
        self.settings_of(kind).iter().map(id).collect()
    }

    /// Width and height of every picture that was ever opened.
    pub(crate) fn sizes(&self) -> Vec<(i32, i32)> {
        let size =
            |settings: &MediaTrackSettings| (settings.get_width().unwrap(), settings.get_height().unwrap());
        self.settings_of("video").iter().map(size).collect()
    }

    fn settings_of(&self, kind: &str) -> Vec<MediaTrackSettings> {
        let settings = self.settings.borrow();
        let of_kind = settings.iter().filter(|(of, _)| of == kind);
        of_kind.map(|(_, settings)| settings.clone()).collect()
    }

    /// How many open microphones are not muted.
    pub(crate) fn heard(&self) -> usize {
        let tracks = self.tracks.borrow();
        let heard = tracks.iter().filter(|track| {
            track.kind() == "audio" && track.enabled() && track.ready_state() == MediaStreamTrackState::Live
        });
        heard.count()
    }

    /// How many tracks are open.
    pub(crate) fn live(&self) -> usize {
        self.tracks
            .borrow()
            .iter()
            .filter(|track| track.ready_state() == MediaStreamTrackState::Live)
            .count()
    }

    /// Every open track of this kind ends by itself, as when its device is unplugged.
    pub(crate) fn unplug(&self, kind: &str) {
        for track in self.tracks.borrow().iter().filter(|track| track.kind() == kind) {
            track.stop();
            // The browser says so only when it was not the page that stopped it.
            track.dispatch_event(&Event::new("ended").unwrap()).unwrap();
        }
    }
}

fn permissions() -> web_sys::Permissions {
    window().navigator().permissions().unwrap()
}

fn is_wanted(constraints: &JsValue, kind: &str) -> bool {
    !Reflect::get(constraints, &kind.into()).unwrap().is_undefined()
}

fn exception(name: &str) -> JsValue {
    DomException::new_with_message_and_name("", name).unwrap().into()
}
