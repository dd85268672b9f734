//! Calls of the past.

use leptos::prelude::*;

use super::{Avatar, Icon, Shape};
use crate::afresh::rows;
use crate::follow::{flag, whenever};
use crate::format::duration;
use crate::handset::handset;
use crate::i18n::lang;
use crate::page::{PastCall, PastOutcome};
use crate::recent::{LastCall, Ledger};

/// The sign and the class of an outcome.
const fn sign(outcome: PastOutcome) -> (Shape, &'static str) {
    match outcome {
        PastOutcome::Outgoing => (Shape::ArrowOut, "outcome"),
        PastOutcome::Unanswered => (Shape::ArrowOut, "outcome weak"),
        PastOutcome::Incoming => (Shape::ArrowIn, "outcome"),
        PastOutcome::Missed => (Shape::Missed, "outcome bad"),
        PastOutcome::Declined => (Shape::ArrowIn, "outcome weak"),
    }
}

/// The calls of the past, the latest first.
#[component]
pub(crate) fn RecentCalls(
    /// Those of before the page was loaded.
    recent: Vec<PastCall>,
    /// The server's clock when it drew the page, in milliseconds since 1970.
    now_ms: u64,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let calls = RwSignal::new(recent);
    let last = handset.screen.read(LastCall::of);
    let mut ledger = Ledger::default();
    whenever(move || {
        let over = ledger.follow(&last(), now_ms);
        if !over.is_empty() {
            calls.update(|calls| _ = calls.splice(0..0, over));
        }
    });

    let none = move || calls.with(Vec::is_empty);
    let any = move || !none();
    let entry = move |call: PastCall| {
        let (shape, class) = sign(call.outcome);
        let length = (call.connected_ms > 0).then(|| duration(call.connected_ms));
        let ago = lang.ago(now_ms.saturating_sub(call.placed_at_ms));
        view! {
            <li class="past-call">
                <Avatar person=&call.with />
                <span class="contact-text">
                    <span class="name">{call.with.name.as_str().to_owned()}</span>
                    <span class="contact-more">
                        <span class=class>
                            <Icon shape />
                            {lang.past_outcome(call.outcome)}
                        </span>
                        {length.map(|length| view! { <span>{length}</span> })}
                    </span>
                </span>
                <span class="ago">{ago}</span>
            </li>
        }
    };
    view! {
        <section class="recent" aria-labelledby="recent-heading">
            <h2 id="recent-heading">{lang.recent_calls()}</h2>
            <p class="recent-none" hidden=flag(any)>
                {lang.no_recent_calls()}
            </p>
            <ul class="recent-list" hidden=flag(none)>
                {rows(move || calls.get(), entry)}
            </ul>
        </section>
    }
}
