//! What the phone shows, for the page to draw.

use core::fmt;
use core::mem;

use call::handset::CallView;
use leptos::prelude::*;

/// The phone's view as it is now. Cheap to copy.
///
/// The phone [`show`](Self::show)s a whole view; a page reads parts of it, and only the parts that look different are drawn
/// again. That is what a memo of each part would do, too; but memos are compiled anew for each type of part, and the page has
/// dozens: here all of them share one trigger's code.
#[derive(Clone, Copy, Debug)]
pub struct Screen(StoredValue<Shown>);

struct Shown {
    view: CallView,
    readers: Vec<Reader>,
    next_key: u32,
}

/// Somebody who draws a part.
struct Reader {
    key: u32,
    differs: Differs,
    changed: Trigger,
}

/// Whether a part is another one in another view.
type Differs = Box<dyn Fn(&CallView, &CallView) -> bool + Send + Sync>;

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("view", &self.view)
            .field("readers", &self.readers.len())
            .finish()
    }
}

impl Screen {
    /// A screen that shows `view` at first.
    pub fn new(view: CallView) -> Self {
        Self(StoredValue::new(Shown {
            view,
            readers: Vec::new(),
            next_key: 0,
        }))
    }

    /// Show `view` from now on. Does nothing once the page is gone.
    pub fn show(self, view: CallView) {
        let changed = self.0.try_update_value(|shown| {
            let before = mem::replace(&mut shown.view, view);
            let changed = shown.readers.iter();
            changed
                .filter(|reader| (reader.differs)(&before, &shown.view))
                .map(|reader| reader.changed)
                .collect::<Vec<_>>()
        });
        for trigger in changed.into_iter().flatten() {
            trigger.notify();
        }
    }

    /// A part of the view as it is now, for whoever only wants to know.
    pub fn look<T>(self, part: impl FnOnce(&CallView) -> T) -> T {
        self.0.with_value(|shown| part(&shown.view))
    }

    /// A part of the view, or something that follows from it. Whatever calls what is returned is drawn again when the part
    /// is another one, and only then; until the owner that this was called under is gone.
    ///
    /// All parts of one type share one code, because `part` is a pointer.
    pub fn read<T>(self, part: fn(&CallView) -> T) -> impl Fn() -> T + Copy + Send + Sync + 'static
    where
        T: PartialEq + 'static,
    {
        self.read_with(part)
    }

    /// The same, for a part that also depends on something else.
    pub fn read_with<T>(
        self,
        part: impl Fn(&CallView) -> T + Copy + Send + Sync + 'static,
    ) -> impl Fn() -> T + Copy + Send + Sync + 'static
    where
        T: PartialEq + 'static,
    {
        let changed = self.watch(Box::new(move |before, now| part(before) != part(now)));
        move || {
            changed.track();
            self.look(part)
        }
    }

    fn watch(self, differs: Differs) -> Trigger {
        let changed = Trigger::new();
        let key = self.0.try_update_value(|shown| {
            let key = shown.next_key;
            shown.next_key = key.wrapping_add(1);
            shown.readers.push(Reader {
                key,
                differs,
                changed,
            });
            key
        });
        on_cleanup(move || {
            self.0
                .try_update_value(|shown| shown.readers.retain(|reader| Some(reader.key) != key));
        });
        changed
    }
}

#[cfg(test)]
mod tests {
    use call::handset::Connection;

    use super::*;

    fn connection(connection: Connection) -> CallView {
        CallView {
            connection,
            ..CallView::default()
        }
    }

    #[test]
    fn a_part_is_what_is_shown() {
        let owner = Owner::new();
        owner.set();
        let screen = Screen::new(CallView::default());
        let read = screen.read(|view| view.connection);
        assert_eq!(read(), Connection::Connecting);
        screen.show(connection(Connection::Online));
        assert_eq!(read(), Connection::Online);
        assert_eq!(screen.look(|view| view.connection), Connection::Online);
    }

    #[test]
    fn only_readers_of_what_is_another_are_told() {
        let owner = Owner::new();
        owner.set();
        let screen = Screen::new(CallView::default());
        let online = screen.read(|view| view.connection == Connection::Online);
        let drawn = Memo::new(move |before: Option<&u32>| {
            online();
            before.map_or(0, |before| before + 1)
        });
        assert_eq!(drawn.get_untracked(), 0);
        screen.show(connection(Connection::Reconnecting));
        assert_eq!(drawn.get_untracked(), 0, "still not online");
        screen.show(connection(Connection::Online));
        assert_eq!(drawn.get_untracked(), 1);
    }

    #[test]
    fn a_reader_that_is_gone_is_forgotten() {
        let owner = Owner::new();
        owner.set();
        let screen = Screen::new(CallView::default());
        let reader = owner.child();
        reader.with(|| {
            let _ = screen.read(|view| view.connection);
        });
        let readers = || screen.0.with_value(|shown| shown.readers.len());
        assert_eq!(readers(), 1);
        reader.cleanup();
        assert_eq!(readers(), 0);
        screen.show(connection(Connection::Online));
    }
}
