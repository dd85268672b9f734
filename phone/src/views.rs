//! Pictures in the page's elements.

use core::time::Duration;
use std::rc::Rc;

use call::handset::Feed;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlVideoElement, MediaStream};

use crate::browser::document;
use crate::task::disregard;
use crate::timer::Timer;

/// How often an element that is not in the page yet is looked for, and how long each wait is: a second in all. After that
/// it is looked for whenever a stream comes or goes.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Which picture goes where. A wish stays until the page takes it back: the element may come later, and the stream may
/// come, go and be replaced by another one after a reconnect.
pub(crate) struct Views {
    wishes: Vec<Wish>,
    tries_left: u32,
    retry: Option<Timer>,
    report: Rc<dyn Fn()>,
}

struct Wish {
    element: String,
    feed: Feed,
    /// Where the picture is, while the element is in the page.
    video: Option<Place>,
}

/// A `<video>` that shows a picture.
struct Place {
    video: HtmlVideoElement,
    /// Whether it is the phone's own, inside the page's element, rather than that element itself.
    own: bool,
}

impl Views {
    /// Nothing is shown. `report` asks for another [`refresh`](Self::refresh).
    pub(crate) fn new(report: impl Fn() + 'static) -> Self {
        Self {
            wishes: Vec::new(),
            tries_left: 0,
            retry: None,
            report: Rc::new(report),
        }
    }

    /// Show this feed in the element with this DOM id, in place of another one there: in the element itself if it is a
    /// `<video>`, else in one that fills it. Takes effect with the next [`refresh`](Self::refresh).
    pub(crate) fn show(&mut self, feed: Feed, element: String) {
        match self.wishes.iter_mut().find(|wish| wish.element == element) {
            Some(wish) => wish.feed = feed,
            None => self.wishes.push(Wish {
                element,
                feed,
                video: None,
            }),
        }
        self.tries_left = TRIES;
    }

    /// Show nothing in the element with this DOM id.
    pub(crate) fn hide(&mut self, element: &str) {
        self.wishes.retain(|wish| wish.element != element);
    }

    /// Bring the elements of the page in line with the wishes. `stream` knows the picture of a feed, if there is one.
    pub(crate) fn refresh<'a>(&mut self, stream: impl Fn(&Feed) -> Option<&'a MediaStream>) {
        for wish in &mut self.wishes {
            wish.find_element();
            if let Some(place) = &wish.video {
                play(&place.video, stream(&wish.feed));
            }
        }
        self.retry = None;
        if self.tries_left > 0 && self.wishes.iter().any(|wish| wish.video.is_none()) {
            self.tries_left -= 1;
            let report = self.report.clone();
            self.retry = Some(Timer::new(BETWEEN_TRIES, move || report()));
        }
    }
}

impl Wish {
    fn find_element(&mut self) {
        if self
            .video
            .as_ref()
            .is_some_and(|place| place.video.is_connected())
        {
            return;
        }
        self.let_go();
        self.video = document().and_then(|document| {
            let element = document.get_element_by_id(&self.element)?;
            match element.dyn_into() {
                Ok(video) => Some(Place { video, own: false }),
                Err(element) => Place::inside(&document, &element),
            }
        });
    }

    fn let_go(&mut self) {
        if let Some(place) = self.video.take() {
            place.video.set_src_object(None);
            if place.own {
                place.video.remove();
            }
        }
    }
}

impl Place {
    fn inside(document: &Document, element: &Element) -> Option<Self> {
        let video: HtmlVideoElement = document.create_element("video").ok()?.dyn_into().ok()?;
        // The only style that the phone sets: an element of the page's own says for itself how it looks.
        let style = video.style();
        for (property, value) in [("width", "100%"), ("height", "100%"), ("object-fit", "cover")] {
            let _ = style.set_property(property, value);
        }
        element.append_child(&video).ok()?;
        Some(Self { video, own: true })
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        self.let_go();
    }
}

fn play(video: &HtmlVideoElement, stream: Option<&MediaStream>) {
    if video.src_object().as_ref() == stream {
        return;
    }
    // The picture alone: a voice is played by its own `Speaker`, and muted pictures may always play.
    video.set_muted(true);
    // Or an iPhone opens its full-screen player. An attribute, because web-sys lacks the property.
    let _ = video.set_attribute("playsinline", "");
    video.set_src_object(stream);
    if stream.is_some() {
        // Rejected if another stream comes before this one has begun, which is no failure.
        disregard(video.play());
    }
}
