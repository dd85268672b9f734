//! The tones, made rather than recorded: there is nothing to load.

use call::agent::Tone;
use js_sys::Math;

/// Samples a second. The highest partial is far below half of it.
pub(super) const SAMPLE_RATE: f32 = 16_000.0;

/// One period of a tone, to be played in a loop. Starts and ends in silence, so the seam is not heard.
pub(super) fn one_period(tone: Tone) -> Vec<f32> {
    match tone {
        Tone::Silence => Vec::new(),
        Tone::Ringtone => period(3.0, ringtone),
        Tone::Ringback => period(4.0, ringback),
    }
}

fn period(seconds: f64, level: fn(f64) -> f64) -> Vec<f32> {
    let rate = f64::from(SAMPLE_RATE);
    let count = (seconds * rate) as u32;
    (0..count).map(|n| level(f64::from(n) / rate) as f32).collect()
}

/// Two soft chimes in turn, E5 and C5, twice; then a rest.
fn ringtone(t: f64) -> f64 {
    const E5: f64 = 659.26;
    const C5: f64 = 523.25;
    chime(t, 0.0, E5) + chime(t, 0.25, C5) + chime(t, 0.75, E5) + chime(t, 1.0, C5)
}

/// A struck note that dies away: its octave fades first, as on a bar of wood.
fn chime(t: f64, start: f64, frequency: f64) -> f64 {
    let t = t - start;
    if t < 0.0 {
        return 0.0;
    }
    let attack = (t / 0.012).min(1.0);
    let body = sine(frequency, t) * Math::exp(-5.0 * t);
    let octave = sine(2.0 * frequency, t) * Math::exp(-11.0 * t);
    0.22 * attack * (body + 0.3 * octave)
}

/// A calm pulse of 425 Hz, one second in four: what most of the world knows as "it rings over there" (ITU-T E.180).
fn ringback(t: f64) -> f64 {
    const ON: f64 = 1.0;
    const EDGE: f64 = 0.08;
    let envelope = (t / EDGE).min((ON - t) / EDGE).clamp(0.0, 1.0);
    0.09 * envelope * sine(425.0, t)
}

fn sine(frequency: f64, t: f64) -> f64 {
    Math::sin(core::f64::consts::TAU * frequency * t)
}

#[cfg(test)]
mod tests {
    use call::agent::Tone;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::one_period;

    #[wasm_bindgen_test]
    fn tones_are_heard_and_neither_clip_nor_click() {
        for tone in [Tone::Ringtone, Tone::Ringback] {
            let samples = one_period(tone);
            let loudest = samples
                .iter()
                .fold(0.0_f32, |loudest, level| loudest.max(level.abs()));
            assert!((0.05..0.9).contains(&loudest), "{tone:?} has a peak of {loudest}");
            for edge in [samples.first(), samples.last()] {
                assert!(
                    edge.unwrap().abs() < 0.001,
                    "{tone:?} starts or ends with {edge:?}"
                );
            }
        }
    }

    #[wasm_bindgen_test]
    fn silence_is_silent() {
        assert!(one_period(Tone::Silence).is_empty());
    }
}
