//! How long the call has lasted.

use core::time::Duration;

use call::time::{Timestamp, millis};
use leptos::prelude::*;

use crate::follow::whenever;
use crate::format::duration;

/// The page's clock, in which the phone also counts: it never goes back, and call and page may begin in either order.
fn now() -> Option<Timestamp> {
    // Whole milliseconds are enough, and it is not yet the year 285,000, from which on some would be cut off.
    window()
        .performance()
        .map(|performance| Timestamp::from_millis((performance.time_origin() + performance.now()) as u64))
}

/// A clock that has run since `since`. On the server it shows its start.
#[component]
pub(crate) fn CallTimer(
    /// When the call was answered, by the page's clock.
    since: Timestamp,
) -> impl IntoView {
    let passed = RwSignal::new(0);
    let tick = move || {
        if let Some(now) = now() {
            let seconds = millis(now.since(since)) / 1000 * 1000;
            if passed.get_untracked() != seconds {
                passed.set(seconds);
            }
        }
    };
    whenever(move || {
        tick();
        // Four times a second: once would skip a second now and then. In a hidden tab the browser slows it down, and
        // nothing is lost, for time is read and not counted.
        if let Ok(interval) = set_interval_with_handle(tick, Duration::from_millis(250)) {
            on_cleanup(move || interval.clear());
        }
    });
    view! { <span class="timer" role="timer">{move || duration(passed.get())}</span> }
}
