//! What is heard: the tones of the phone, and the voices of the others.
//!
//! A browser may hold sound back until the person has touched the page (HTML, section 6.4; the autoplay rules). The phone
//! then says so, tries again at the first touch, and again when the person asks for it. What is held back is played as
//! soon as it may be, if there is still a reason to.

mod meter;
mod speaker;
mod tone;

use core::time::Duration;
use std::rc::Rc;

use call::agent::Tone;
use call::handset;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AudioBufferSourceNode, AudioContext, AudioContextState, Event, EventTarget};

pub(crate) use meter::Meter;
pub(crate) use speaker::Speaker;

use crate::bindings::Vibrator;
use crate::browser::{document, window};
use crate::listener::Listener;
use crate::task::disregard;
use crate::timer::Timer;

/// How long an audio context may take to start before it counts as held back. Where it is allowed it takes a few
/// milliseconds; a note that sound is blocked must not flash up meanwhile.
const START_UP: Duration = Duration::from_millis(400);

/// The events with which a person activates a page, one for each way to touch it (HTML, section 6.4.2).
const TOUCHES: [&str; 3] = ["keydown", "mousedown", "touchend"];

/// Milliseconds on, off, and so on: one ring of a telephone, again and again. The phone stops it earlier.
const VIBRATION: [u32; 20] = [
    600, 2000, 600, 2000, 600, 2000, 600, 2000, 600, 2000, 600, 2000, 600, 2000, 600, 2000, 600, 2000, 600,
    2000,
];

/// Plays the tones of the phone.
pub(crate) struct Sound {
    tone: Tone,
    /// Opened when the first tone is to be heard or the page is first touched. Kept then: a page may have only a few.
    output: Option<Output>,
    playing: Option<Playing>,
    start_up: StartUp,
    /// Whether the person has touched the page.
    touched: bool,
    report: Rc<dyn Fn(Report)>,
    _touches: Vec<Listener>,
}

/// Something happened. To be passed to [`Sound::handle`].
#[derive(Clone, Copy)]
pub(crate) enum Report {
    /// The person has touched the page.
    Touched,
    /// The output began or ceased to be heard.
    OutputChanged,
    /// The output has had the time it needs to start.
    StartUpOver,
    /// A voice began or ceased to be heard. Nothing to do for the tones.
    SpeakerChanged,
}

/// The time that an output is given to start.
enum StartUp {
    Running(#[expect(dead_code, reason = "the timer ends when it is dropped")] Timer),
    Over,
}

impl Sound {
    /// Silence. `report` is told when something happens.
    pub(crate) fn new(report: impl Fn(Report) + 'static) -> Self {
        let report: Rc<dyn Fn(Report)> = Rc::new(report);
        let touches = document()
            .map(|document| {
                TOUCHES
                    .map(|touch| touch_listener(&document, touch, &report))
                    .into()
            })
            .unwrap_or_default();
        Self {
            tone: Tone::Silence,
            output: None,
            playing: None,
            start_up: StartUp::Over,
            touched: false,
            report,
            _touches: touches,
        }
    }

    /// Play this from now on, in place of what plays.
    pub(crate) fn play(&mut self, tone: Tone) {
        if tone == self.tone {
            return;
        }
        self.tone = tone;
        self.playing = None;
        match tone {
            Tone::Silence => self.rest(),
            Tone::Ringtone | Tone::Ringback => self.start(),
        }
    }

    /// Take note of what happened.
    pub(crate) fn handle(&mut self, report: Report) {
        match report {
            Report::Touched if !self.touched || self.state() == handset::Sound::Blocked => {
                self.touched = true;
                self.allow();
            }
            Report::StartUpOver => self.start_up = StartUp::Over,
            // What there is to know is asked of the output itself.
            Report::Touched | Report::OutputChanged | Report::SpeakerChanged => {}
        }
    }

    /// The person has just clicked: what was held back may be heard now.
    ///
    /// The output is opened even if there is nothing to play. Safari lets an output that was once started by a touch be
    /// heard later, for a ringtone, without another one.
    pub(crate) fn allow(&mut self) {
        self.wake();
        match self.tone {
            Tone::Silence => self.rest(),
            Tone::Ringtone | Tone::Ringback => {}
        }
    }

    /// Whether a tone is held back.
    pub(crate) fn state(&self) -> handset::Sound {
        let silent_by_wish = self.tone == Tone::Silence;
        let heard = self.output.as_ref().is_none_or(Output::is_running);
        match self.start_up {
            StartUp::Over if !silent_by_wish && !heard => handset::Sound::Blocked,
            StartUp::Over | StartUp::Running(_) => handset::Sound::Allowed,
        }
    }

    fn start(&mut self) {
        self.wake();
        let Some(output) = &self.output else { return };
        // The clock of an output that is held back stands still, so the tone starts from its beginning when it may.
        self.playing = Playing::start(&output.context, self.tone, self.touched).ok();
        let report = self.report.clone();
        self.start_up = StartUp::Running(Timer::new(START_UP, move || report(Report::StartUpOver)));
    }

    fn wake(&mut self) {
        if self.output.is_none() {
            self.output = Output::open(&self.report).ok();
        }
        if let Some(output) = &self.output {
            disregard(output.context.resume());
        }
    }

    /// Let go of the loudspeaker while there is nothing to play.
    fn rest(&self) {
        if let Some(output) = &self.output {
            disregard(output.context.suspend());
        }
    }
}

fn touch_listener(target: &EventTarget, touch: &'static str, report: &Rc<dyn Fn(Report)>) -> Listener {
    let report = report.clone();
    Listener::new(target, touch, move |_: Event| report(Report::Touched))
}

/// An audio context that is closed when dropped.
struct Output {
    context: AudioContext,
    _changes: Listener,
}

impl Output {
    fn open(report: &Rc<dyn Fn(Report)>) -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        let report = report.clone();
        let changes = Listener::new(&context, "statechange", move |_: Event| {
            report(Report::OutputChanged)
        });
        Ok(Self {
            context,
            _changes: changes,
        })
    }

    fn is_running(&self) -> bool {
        self.context.state() == AudioContextState::Running
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        disregard(self.context.close());
    }
}

/// A tone that goes on until it is dropped.
struct Playing {
    source: AudioBufferSourceNode,
    vibrates: bool,
}

impl Playing {
    fn start(context: &AudioContext, tone: Tone, may_vibrate: bool) -> Result<Self, JsValue> {
        let samples = tone::one_period(tone);
        let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        let buffer = context.create_buffer(1, length, tone::SAMPLE_RATE)?;
        buffer.copy_to_channel(&samples, 0)?;

        let source = context.create_buffer_source()?;
        source.set_buffer(Some(&buffer));
        source.set_loop(true);
        source.connect_with_audio_node(&context.destination())?;
        source.start()?;
        // A page that was never touched may not vibrate, and Chrome complains about the attempt.
        let vibrates = may_vibrate && tone == Tone::Ringtone && vibrate(&VIBRATION);
        Ok(Self { source, vibrates })
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        // Throws only if it was never started.
        let _ = self
            .source
            .unchecked_ref::<web_sys::AudioScheduledSourceNode>()
            .stop();
        let _ = self.source.disconnect();
        if self.vibrates {
            vibrate(&[0]);
        }
    }
}

fn vibrate(pattern: &[u32]) -> bool {
    window()
        .navigator()
        .unchecked_into::<Vibrator>()
        .vibrate(pattern)
        .unwrap_or(false)
}
