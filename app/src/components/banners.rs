//! What stands in the way of calls, with the way out beside it.

use call::handset::{CallView, Command, Connection, Sound};
use leptos::either::Either;
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::afresh::afresh;
use crate::follow::press;
use crate::handset::handset;
use crate::i18n::{Lang, lang};
use crate::scene;

/// Something to know, and what can be done about it.
#[derive(Clone, Debug, PartialEq)]
struct Banner {
    class: &'static str,
    shape: Shape,
    text: &'static str,
    way_out: WayOut,
}

/// What can be done.
#[derive(Clone, Debug, PartialEq)]
enum WayOut {
    /// Wait: the phone is at it.
    Wait,
    /// Go somewhere.
    Link { text: &'static str, to: &'static str },
    /// Ask the phone for something.
    Button { text: &'static str, command: Command },
}

fn banners(view: &CallView, lang: Lang) -> Vec<Banner> {
    let plain = |shape, text, way_out| Banner {
        class: "banner",
        shape,
        text,
        way_out,
    };
    let bad = |text, way_out| Banner {
        class: "banner bad",
        shape: Shape::Warning,
        text,
        way_out,
    };
    let connection = match view.connection {
        Connection::Connecting | Connection::Online => None,
        Connection::Reconnecting => Some(Banner {
            class: "banner busy",
            shape: Shape::Waiting,
            text: if scene::is_talking(view) {
                lang.reconnecting_in_call()
            } else {
                lang.reconnecting()
            },
            way_out: WayOut::Wait,
        }),
        Connection::SignedOut => Some(bad(
            lang.signed_out(),
            WayOut::Link {
                text: lang.sign_in(),
                to: "/sign-in",
            },
        )),
        Connection::KickedOut => Some(bad(
            lang.kicked_out(),
            WayOut::Link {
                text: lang.use_here(),
                to: "/",
            },
        )),
        // The site itself shows no userSig.
        Connection::Stopped | Connection::LoginRefused(_) => Some(bad(
            lang.stopped(),
            WayOut::Link {
                text: lang.reload(),
                to: "/",
            },
        )),
    };
    let sound = match view.sound {
        Sound::Allowed => None,
        Sound::Blocked => {
            let way_out = WayOut::Button {
                text: lang.turn_sound_on(),
                command: Command::AllowSound,
            };
            Some(plain(Shape::Speaker, lang.sound_blocked(), way_out))
        }
    };
    let elsewhere = view.elsewhere.map(|_| {
        let way_out = WayOut::Button {
            text: lang.take_over(),
            command: Command::TakeOver,
        };
        plain(Shape::Device, lang.call_elsewhere(), way_out)
    });
    [connection, sound, elsewhere].into_iter().flatten().collect()
}

/// The socket, the sound, and a call that is elsewhere: each speaks up when there is something to do or to know.
#[component]
pub(crate) fn Banners() -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let banners = handset.screen.read_with(move |view| banners(view, lang));
    let draw = move |Banner {
                         class,
                         shape,
                         text,
                         way_out,
                     }: Banner| {
        let way_out = match way_out {
            WayOut::Wait => None,
            WayOut::Link { text, to } => Some(Either::Left(view! {
                <a class="button small" href=to>
                    {text}
                </a>
            })),
            WayOut::Button { text, command } => Some(Either::Right(view! {
                <button type="button" class="button small" on:click=press(move || handset.send(command.clone()))>
                    {text}
                </button>
            })),
        };
        view! {
            <p class=class>
                <Icon shape />
                <span>{text}</span>
                {way_out}
            </p>
        }
    };
    view! {
        <div class="banners" role="status">
            {afresh(move || banners().into_iter().map(draw).collect::<Vec<_>>())}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use call::id::CallId;

    use super::*;

    #[test]
    fn a_phone_that_works_says_nothing() {
        for connection in [Connection::Connecting, Connection::Online] {
            assert!(
                banners(
                    &CallView {
                        connection,
                        ..CallView::default()
                    },
                    Lang::English
                )
                .is_empty()
            );
        }
    }

    #[test]
    fn whatever_stands_in_the_way_of_calls_has_a_way_out() {
        let view = CallView {
            connection: Connection::SignedOut,
            sound: Sound::Blocked,
            elsewhere: Some(CallId::from_bits(1)),
            ..CallView::default()
        };
        let banners = banners(&view, Lang::English);
        assert_eq!(banners.len(), 3);
        assert!(banners.iter().all(|banner| banner.way_out != WayOut::Wait));
    }
}
