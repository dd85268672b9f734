//! How loud one's own microphone is.

use web_sys::{AnalyserNode, AudioContext, AudioContextState, MediaStream};

use crate::task::disregard;

/// Samples looked at each time: 43 ms at 48 kHz, two or three periods of a deep voice.
const SAMPLES: u32 = 2048;

/// Listens to a stream until it is dropped. Nothing of it is played.
pub(crate) struct Meter {
    context: AudioContext,
    analyser: AnalyserNode,
}

impl Meter {
    /// Listen to this stream. `None` in a browser that gives no more audio contexts.
    pub(crate) fn of(stream: &MediaStream) -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let analyser = context.create_analyser().ok()?;
        analyser.set_fft_size(SAMPLES);
        let meter = Self { context, analyser };
        let source = meter.context.create_media_stream_source(stream).ok()?;
        source.connect_with_audio_node(&meter.analyser).ok()?;
        Some(meter)
    }

    /// From 0.0, no sound at all, to 1.0. `None` as long as the browser does not let the page listen.
    pub(crate) fn level(&self) -> Option<f64> {
        if self.context.state() != AudioContextState::Running {
            disregard(self.context.resume());
            return None;
        }
        let mut samples = [0.0; SAMPLES as usize];
        self.analyser.get_float_time_domain_data(&mut samples);
        let power: f64 = samples.iter().map(|sample| f64::from(sample * sample)).sum();
        Some((power / f64::from(SAMPLES)).sqrt())
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        disregard(self.context.close());
    }
}
