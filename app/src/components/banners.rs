//! What stands in the way of calls, with the way out beside it.

use call::handset::{Command, Connection, Sound};
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::handset::handset;
use crate::i18n::lang;

/// The socket, the sound, and a call that is elsewhere: each speaks up when there is something to do or to know.
#[component]
pub(crate) fn Banners() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let connection = handset.read(|view| view.connection);
    let sound = handset.read(|view| view.sound);
    let elsewhere = handset.read(|view| view.elsewhere.is_some());

    let about_connection = move || match connection.get() {
        Connection::Connecting | Connection::Online => None,
        Connection::Reconnecting => {
            Some(view! { <p class="banner busy">{lang.reconnecting()}</p> }.into_any())
        }
        Connection::SignedOut => Some(
            view! {
                <p class="banner bad">
                    <Icon shape=Shape::Warning />
                    <span>{lang.signed_out()}</span>
                    <a class="button small" href="/sign-in">
                        {lang.sign_in()}
                    </a>
                </p>
            }
            .into_any(),
        ),
        Connection::Stopped => Some(
            view! {
                <p class="banner bad">
                    <Icon shape=Shape::Warning />
                    <span>{lang.stopped()}</span>
                    <a class="button small" href="/">
                        {lang.reload()}
                    </a>
                </p>
            }
            .into_any(),
        ),
    };
    let asking = move |shape: Shape, text: &'static str, button: &'static str, command: Command| {
        view! {
            <p class="banner">
                <Icon shape />
                <span>{text}</span>
                <button type="button" class="button small" on:click=move |_| handset.send(command.clone())>
                    {button}
                </button>
            </p>
        }
    };
    view! {
        <div class="banners" role="status">
            {about_connection}
            {move || {
                (sound.get() == Sound::Blocked)
                    .then(|| asking(Shape::Speaker, lang.sound_blocked(), lang.turn_sound_on(), Command::AllowSound))
            }}
            {move || {
                elsewhere
                    .get()
                    .then(|| asking(Shape::Device, lang.call_elsewhere(), lang.take_over(), Command::TakeOver))
            }}
        </div>
    }
    .into_any()
}
