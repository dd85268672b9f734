//! The page's end of the phone.
//!
//! The page holds a [`Handset`]: it sends commands and draws what the phone shows. Whoever hydrates the page gets the other
//! end, a [`Line`], and plugs a phone into it. On the server nobody does: there the handset is inert, and every page is
//! drawn as it is before the phone has said its first word. So the markup of server and browser is the same.

use call::handset::{CallView, Command, Connection};
use call::id::Person;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use leptos::prelude::*;

use crate::screen::Screen;

/// The page's end. Cheap to copy; in context for every component of the home page.
#[derive(Clone, Copy, Debug)]
pub struct Handset {
    /// What the phone shows.
    pub screen: Screen,
    commands: StoredValue<UnboundedSender<Command>>,
}

/// The phone's end.
#[derive(Debug)]
pub struct Line {
    /// Whose phone it is.
    pub me: Person,
    /// Where the phone shows what there is to see.
    pub screen: Screen,
    /// What the person asks for. Ends when the page is gone.
    pub commands: UnboundedReceiver<Command>,
}

impl Handset {
    /// A handset that shows `view` at first, and its line.
    pub fn new(me: Person, view: CallView) -> (Self, Line) {
        let (sender, commands) = unbounded();
        let screen = Screen::new(view);
        (
            Self {
                screen,
                commands: StoredValue::new(sender),
            },
            Line { me, screen, commands },
        )
    }

    /// Ask the phone for something. Where there is no phone, nothing happens.
    pub fn send(self, command: Command) {
        self.commands.with_value(|commands| {
            // The phone is gone only when the page is going.
            _ = commands.unbounded_send(command);
        });
    }

    /// Whether no call can be placed at the moment.
    pub fn is_offline(self) -> impl Fn() -> bool + Copy + Send + Sync + 'static {
        self.screen.read(|view| view.connection != Connection::Online)
    }
}

/// The handset of the page that is being drawn.
///
/// A component outside the home page has none in context; it gets one that nobody listens to.
pub fn handset() -> Handset {
    use_context().unwrap_or_else(|| {
        let (sender, _) = unbounded();
        Handset {
            screen: Screen::new(CallView::default()),
            commands: StoredValue::new(sender),
        }
    })
}
