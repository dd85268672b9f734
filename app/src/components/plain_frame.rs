//! The frame of the plain pages behind the home page: the bar above, the way back, and one column.

use call::id::Person;
use leptos::prelude::*;

use super::top_bar::TopBar;
use super::{Icon, Shape};
use crate::i18n::lang;

/// The frame around `children`.
#[component]
pub(crate) fn PlainFrame<Inside: IntoView>(
    /// Who is signed in.
    me: Person,
    /// The path of the page, for the language switch to come back to.
    #[prop(default = "/")]
    back: &'static str,
    /// What the page asks or says.
    children: TypedChildren<Inside>,
) -> impl IntoView {
    let lang = lang();
    let inside = children.into_inner();
    view! {
        <div class="home">
            <a class="skip" href="#content">
                {lang.skip_to_content()}
            </a>
            <TopBar me back />
            <main id="content" class="plain-main">
                <a class="link back" href="/">
                    <Icon shape=Shape::Back />
                    {lang.contacts()}
                </a>
                {inside()}
            </main>
        </div>
    }
}
