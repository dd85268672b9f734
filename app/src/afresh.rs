//! Parts of the page that the server never draws.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
#[cfg(feature = "ssr")]
use leptos::tachys::view::any_view::AnyView;
use leptos::tachys::view::{Mountable, Position, PositionState};

/// A part of the page that is drawn from nothing whenever what it reads is another.
///
/// It is for what comes and goes: a call, a notice, a dialog. The page knows how to hydrate and to mend every element it has,
/// and most of its size is that; but what the server never draws is never hydrated, and what comes whole and goes whole is
/// never mended.
pub(crate) struct Afresh(Box<dyn Fn() -> AnyDrawn + Send>);

#[cfg(feature = "ssr")]
type AnyDrawn = AnyView;
#[cfg(not(feature = "ssr"))]
type AnyDrawn = Drawn;

/// Draw this, and again whenever what it reads is another. It must draw nothing before the phone has said its first word.
pub(crate) fn afresh<V: IntoView + 'static>(draw: impl Fn() -> V + Send + 'static) -> Afresh {
    #[cfg(feature = "ssr")]
    let draw = move || draw().into_any();
    #[cfg(not(feature = "ssr"))]
    let draw = move || Drawn(Box::new(draw().into_view().build()));
    Afresh(Box::new(draw))
}

/// What stands in the page for a part.
pub(crate) struct Drawn(Box<dyn Mountable>);

impl Mountable for Drawn {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.0.elements()
    }
}

impl Afresh {
    /// Draw it for as long as it is on the page; the first time before `place`, if there is one. That stays where it is:
    /// whoever hydrates the page goes on from there.
    fn follow(self, mut place: Option<Drawn>) -> RenderEffect<Drawn> {
        let Self(draw) = self;
        RenderEffect::new(move |before: Option<Drawn>| {
            #[cfg(feature = "ssr")]
            let mut now = Drawn(Box::new(draw().build()));
            #[cfg(not(feature = "ssr"))]
            let mut now = draw();
            if let Some(mut before) = before {
                before.insert_before_this(&mut now);
                before.unmount();
            } else if let Some(place) = place.take() {
                place.insert_before_this(&mut now);
            }
            now
        })
    }
}

impl Render for Afresh {
    type State = RenderEffect<Drawn>;

    fn build(self) -> Self::State {
        self.follow(None)
    }

    fn rebuild(self, state: &mut Self::State) {
        let mut before = core::mem::replace(state, self.follow(None));
        before.insert_before_this(state);
        before.unmount();
    }
}

impl RenderHtml for Afresh {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = PLACE.len();

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    /// On the server: a place where the part will be. (A test may draw it there, too.)
    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        {
            let mut html = String::new();
            (self.0)().to_html_with_buf(&mut html, position, escape, mark_branches, extra_attrs);
            if !html.replace(PLACE, "").is_empty() {
                buf.push_str(&html);
                return;
            }
        }
        #[cfg(not(feature = "ssr"))]
        {
            _ = (escape, mark_branches, extra_attrs);
        }
        buf.push_str(PLACE);
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        let place = cursor.next_placeholder(position);
        position.set(Position::NextChild);
        self.follow(Some(Drawn(Box::new(place))))
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// What the server leaves where nothing is drawn yet.
const PLACE: &str = "<!>";

impl AddAnyAttr for Afresh {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self
    where
        Self: RenderHtml,
    {
        self
    }
}
