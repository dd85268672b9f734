//! A dialog over the page.

use leptos::prelude::*;

use super::{Icon, Shape};
use crate::follow::{press, whenever};
use crate::i18n::lang;

/// A dialog with a title and a cross. It is drawn while it is open; `Escape` closes it too.
pub(crate) fn dialog(
    open: RwSignal<bool>,
    class: &'static str,
    title: &'static str,
    body: impl IntoView,
) -> impl IntoView {
    let lang = lang();
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    whenever(move || {
        if let Some(dialog) = dialog.get() {
            // Fails only for an element that is not in the document.
            _ = dialog.show_modal();
        }
    });
    view! {
        // The keys of a call are not for whoever types here.
        <dialog
            node_ref=dialog
            class=class
            aria-labelledby="dialog-title"
            on:close=move |_| open.set(false)
            on:keydown=|event| event.stop_propagation()
        >
            <header class="dialog-head">
                <h2 id="dialog-title">{title}</h2>
                <button
                    type="button"
                    class="button round small"
                    aria-label=lang.close()
                    title=lang.close()
                    on:click=press(move || open.set(false))
                >
                    <Icon shape=Shape::Close />
                </button>
            </header>
            {body}
        </dialog>
    }
}
