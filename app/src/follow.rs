//! Attributes and texts that follow something, buttons that do something, and what is to be done when something is another.
//!
//! Each is a box, so that all of one type share one code: the page would be larger by a tenth if each closure brought along
//! an effect of its own.

use leptos::ev::MouseEvent;
use leptos::prelude::Effect;

/// A yes or no that follows something, for attributes such as `hidden` and `disabled`.
pub(crate) type Flag = Box<dyn Fn() -> bool + Send + Sync>;

/// A fixed text that follows something.
pub(crate) type Word = Box<dyn Fn() -> &'static str + Send + Sync>;

/// What a click does.
pub(crate) type Press = Box<dyn FnMut(MouseEvent) + Send + Sync>;

pub(crate) fn flag(follow: impl Fn() -> bool + Send + Sync + 'static) -> Flag {
    Box::new(follow)
}

pub(crate) fn word(follow: impl Fn() -> &'static str + Send + Sync + 'static) -> Word {
    Box::new(follow)
}

pub(crate) fn press(act: impl Fn() + Send + Sync + 'static) -> Press {
    Box::new(move |_| act())
}

/// Do this in the browser, as soon as the page is hydrated and whenever what it reads is another.
pub(crate) fn whenever(act: impl FnMut() + 'static) {
    let mut act: Box<dyn FnMut()> = Box::new(act);
    Effect::new(move |_| act());
}
