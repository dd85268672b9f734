//! Parts of the page that follow something and are made of pieces, each drawn once: it comes whole and goes whole.
//!
//! The page knows how to mend every element that it may draw a second time, and how to hydrate every element that the server
//! may have drawn; most of its size is that. A call, a notice or a dialog needs neither, and somebody's row in a list is
//! never mended. All these parts share one code.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::Rndr;
use leptos::tachys::renderer::types::{Element, Node, Placeholder};
#[cfg(feature = "ssr")]
use leptos::tachys::view::any_view::AnyView;
use leptos::tachys::view::{Mountable, Position, PositionState};

/// A part of the page, made of pieces.
pub(crate) struct Part {
    source: Box<dyn Source>,
    /// Whether the server draws the pieces, too. If not, it leaves a place for them.
    drawn_by_server: bool,
}

/// Draw this, and again whenever what it reads is another. It must draw nothing before the phone has said its first word.
pub(crate) fn afresh<V: IntoView + 'static>(draw: impl Fn() -> V + Send + 'static) -> Part {
    Part {
        source: Box::new(Whole(draw)),
        drawn_by_server: false,
    }
}

/// Draw something for each item, once: what stays among the items stays on the page.
pub(crate) fn rows<T, V>(
    items: impl Fn() -> Vec<T> + Send + 'static,
    draw: impl Fn(T) -> V + Send + 'static,
) -> Part
where
    T: Clone + PartialEq + Send + 'static,
    V: IntoView + 'static,
{
    Part {
        source: Box::new(Rows::<_, _, _, true> {
            items,
            draw,
            now: Vec::new(),
        }),
        drawn_by_server: true,
    }
}

/// The same for what the server never draws. There must be no items before the phone has said its first word.
pub(crate) fn rows_afresh<T, V>(
    items: impl Fn() -> Vec<T> + Send + 'static,
    draw: impl Fn(T) -> V + Send + 'static,
) -> Part
where
    T: Clone + PartialEq + Send + 'static,
    V: IntoView + 'static,
{
    Part {
        source: Box::new(Rows::<_, _, _, false> {
            items,
            draw,
            now: Vec::new(),
        }),
        drawn_by_server: false,
    }
}

/// Where a part's pieces come from.
trait Source: Send {
    /// Look at what there is now: for each piece its place among those of the last time, if it was among them.
    fn look(&mut self) -> Vec<Option<usize>>;

    /// Draw a piece of those that there are now; what the server has drawn of it, is at `drawn`.
    fn draw(&self, index: usize, drawn: Option<&Drawn>) -> Box<dyn Mountable>;

    /// The same for the server.
    #[cfg(feature = "ssr")]
    fn view(&self, index: usize) -> AnyView;
}

/// Where hydration has come to in what the server has drawn.
type Drawn = (Cursor, PositionState);

/// One piece, which is always another one.
struct Whole<D>(D);

impl<V: IntoView + 'static, D: Fn() -> V + Send> Source for Whole<D> {
    fn look(&mut self) -> Vec<Option<usize>> {
        vec![None]
    }

    fn draw(&self, _: usize, _: Option<&Drawn>) -> Box<dyn Mountable> {
        Box::new((self.0)().into_view().build())
    }

    #[cfg(feature = "ssr")]
    fn view(&self, _: usize) -> AnyView {
        (self.0)().into_any()
    }
}

/// A piece for each item.
struct Rows<T, I, D, const DRAWN_BY_SERVER: bool> {
    items: I,
    draw: D,
    now: Vec<T>,
}

impl<T, V, I, D, const DRAWN_BY_SERVER: bool> Source for Rows<T, I, D, DRAWN_BY_SERVER>
where
    T: Clone + PartialEq + Send,
    V: IntoView + 'static,
    I: Fn() -> Vec<T> + Send,
    D: Fn(T) -> V + Send,
{
    fn look(&mut self) -> Vec<Option<usize>> {
        let now = (self.items)();
        let mut before: Vec<Option<&T>> = self.now.iter().map(Some).collect();
        let places = now
            .iter()
            .map(|item| {
                let place = before.iter().position(|before| *before == Some(item))?;
                before[place] = None;
                Some(place)
            })
            .collect();
        self.now = now;
        places
    }

    fn draw(&self, index: usize, drawn: Option<&Drawn>) -> Box<dyn Mountable> {
        let view = (self.draw)(self.now[index].clone()).into_view();
        match drawn {
            Some((cursor, position)) if DRAWN_BY_SERVER => Box::new(view.hydrate::<true>(cursor, position)),
            _ => Box::new(view.build()),
        }
    }

    #[cfg(feature = "ssr")]
    fn view(&self, index: usize) -> AnyView {
        (self.draw)(self.now[index].clone()).into_any()
    }
}

/// What stands in the page for a part.
pub(crate) struct Shown {
    pieces: Vec<Piece>,
    /// An empty node behind the pieces.
    end: Placeholder,
}

struct Piece {
    owner: Owner,
    nodes: Box<dyn Mountable>,
}

impl Part {
    /// Draw it for as long as it is on the page; the first time from what the server has drawn, if it has.
    fn follow(self, drawn: Option<Drawn>) -> RenderEffect<Shown> {
        let Self {
            mut source,
            drawn_by_server,
        } = self;
        // Not the effect's own: that one ends whenever the effect runs again, and a piece may stay.
        let parent = Owner::current().unwrap_or_default();
        let mut drawn = drawn;
        RenderEffect::new(move |before: Option<Shown>| {
            let places = source.look();
            let drawn = drawn.take();
            let draw = |index, drawn: Option<&Drawn>| {
                let owner = parent.with(Owner::new);
                let nodes = owner.with(|| source.draw(index, drawn));
                Piece { owner, nodes }
            };
            if let Some((cursor, position)) = drawn.as_ref().filter(|_| drawn_by_server) {
                let pieces = (0..places.len())
                    .map(|index| draw(index, drawn.as_ref()))
                    .collect();
                let end = cursor.next_placeholder(position);
                return Shown { pieces, end };
            }
            let mut shown = before.unwrap_or_else(|| Shown {
                pieces: Vec::new(),
                end: drawn.map_or_else(Rndr::create_placeholder, |(cursor, position)| {
                    cursor.next_placeholder(&position)
                }),
            });
            shown.change(&places, |index| draw(index, None));
            shown
        })
    }
}

impl Shown {
    /// Keep the pieces that have a place among those of before, take the others away, and draw those that are new.
    fn change(&mut self, places: &[Option<usize>], draw: impl Fn(usize) -> Piece) {
        let mut before: Vec<Option<Piece>> = self.pieces.drain(..).map(Some).collect();
        let kept: Vec<Option<Piece>> = places.iter().map(|place| before[(*place)?].take()).collect();
        for mut gone in before.into_iter().flatten() {
            gone.owner.cleanup();
            gone.nodes.unmount();
        }
        self.pieces = kept
            .into_iter()
            .enumerate()
            .map(|(index, kept)| kept.unwrap_or_else(|| draw(index)))
            .collect();

        // From the end on, so that whatever a piece is to stand before stands there already.
        for index in to_be_placed(places) {
            let (pieces, behind) = self.pieces.split_at_mut(index + 1);
            let next = behind
                .first()
                .map_or(&self.end as &dyn Mountable, |next| &*next.nodes);
            next.insert_before_this(&mut *pieces[index].nodes);
        }
    }
}

/// The pieces that are new or have changed places, from the end on; `places` are those that they had before.
///
/// What has kept its order is not among them: when an element is moved, its picture stops and its focus is lost.
fn to_be_placed(places: &[Option<usize>]) -> impl Iterator<Item = usize> {
    let mut behind = usize::MAX;
    places
        .iter()
        .enumerate()
        .rev()
        .filter_map(move |(index, place)| match place {
            Some(place) if *place < behind => {
                behind = *place;
                None
            }
            Some(_) | None => Some(index),
        })
}

impl Mountable for Shown {
    fn unmount(&mut self) {
        for piece in &mut self.pieces {
            piece.nodes.unmount();
        }
        self.end.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        for piece in &mut self.pieces {
            piece.nodes.mount(parent, marker);
        }
        self.end.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let first = self.pieces.first();
        first
            .map_or(&self.end as &dyn Mountable, |first| &*first.nodes)
            .insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.pieces
            .iter()
            .flat_map(|piece| piece.nodes.elements())
            .collect()
    }
}

impl Render for Part {
    type State = RenderEffect<Shown>;

    fn build(self) -> Self::State {
        self.follow(None)
    }

    fn rebuild(self, state: &mut Self::State) {
        let mut before = core::mem::replace(state, self.follow(None));
        before.insert_before_this(state);
        before.unmount();
    }
}

impl RenderHtml for Part {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = PLACE.len();

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    /// On the server: what it draws of the part, and the place where the part ends. (A test may draw all of it.)
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
            let mut source = self.source;
            for index in 0..source.look().len() {
                let mut html = String::new();
                let view = source.view(index);
                view.to_html_with_buf(&mut html, position, escape, mark_branches, extra_attrs.clone());
                if html.replace(PLACE, "").is_empty() {
                    continue;
                }
                buf.push_str(&html);
                *position = Position::NextChild;
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
        let shown = self.follow(Some((cursor.clone(), position.clone())));
        position.set(Position::NextChild);
        shown
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// What the server leaves where a part ends.
const PLACE: &str = "<!>";

impl AddAnyAttr for Part {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self
    where
        Self: RenderHtml,
    {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_its_order_stays_untouched() {
        let placed = |places: &[Option<usize>]| to_be_placed(places).collect::<Vec<_>>();
        assert_eq!(placed(&[Some(0), Some(1), Some(2)]), [0_usize; 0]);
        assert_eq!(placed(&[Some(0), Some(2)]), [0_usize; 0], "one is gone");
        assert_eq!(placed(&[None, Some(0), None, Some(1), None]), [4, 2, 0]);
        assert_eq!(
            placed(&[Some(2), Some(0), Some(1)]),
            [0],
            "the last has become the first"
        );
    }

    #[test]
    fn a_row_is_found_again_by_its_item() {
        let owner = Owner::new();
        owner.set();
        let items = StoredValue::new(vec!["Alice", "Bob"]);
        let mut rows = Rows::<_, _, _, true> {
            items: move || items.get_value(),
            draw: |name: &'static str| name,
            now: Vec::new(),
        };
        assert_eq!(rows.look(), [None, None]);
        items.set_value(vec!["Bob", "Carol", "Bob"]);
        assert_eq!(
            rows.look(),
            [Some(1), None, None],
            "a second of the same is a row of its own"
        );
        items.set_value(vec![]);
        assert!(rows.look().is_empty());
    }
}
