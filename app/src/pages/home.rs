//! The home page: contacts, and calls over them.

use core::mem;

use call::handset::CallView;
use leptos::prelude::*;

use crate::Plug;
use crate::afresh::afresh;
use crate::components::{
    Banners, CallScreen, ContactList, GroupList, InviteDialog, LiveRegion, NoticeCard, RecentCalls, TopBar,
};
use crate::contacts::Contacts;
use crate::follow::whenever;
use crate::handset::Handset;
use crate::i18n::lang;
use crate::page::Home;
use crate::scene::{self, Face};

/// `/`, signed in.
#[component]
pub(crate) fn HomePage(
    /// What it shows at first.
    home: Home,
    /// The server's clock when it drew the page, in milliseconds since 1970.
    now_ms: u64,
    /// Takes the line of the phone, in the browser.
    plug: Option<Plug>,
) -> impl IntoView {
    let lang = lang();
    let Home {
        me,
        query,
        people,
        groups,
        recent,
    } = home;
    let (handset, line) = Handset::new(me.clone(), first_view());
    provide_context(handset);
    let contacts = Contacts::new(people.found);
    provide_context(contacts);

    let mut socket = plug.map(|plug| (plug, line));
    whenever(move || {
        // Effects run when the page is hydrated: from here on the view may differ from what the server drew.
        if let Some((plug, line)) = socket.take() {
            plug(line);
        }
    });
    // Whoever was in a call with the keyboard or by ear finds the page again where it begins.
    let main = NodeRef::<leptos::html::Main>::new();
    let in_call = handset.screen.read(|view| scene::face(view) == Face::Call);
    let mut was_in_call = false;
    whenever(move || {
        let is_in_call = in_call();
        if mem::replace(&mut was_in_call, is_in_call)
            && !is_in_call
            && let Some(main) = main.get_untracked()
        {
            _ = main.focus();
            // A long list may be scrolled, and what is said of the call stands above it.
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    });
    let title = handset.screen.read_with(move |view| scene::title(view, lang));
    whenever(move || document().set_title(&title()));

    let own_id = me.id.clone();
    let shown = me.clone();
    let call = afresh(move || in_call().then(|| view! { <CallScreen me=me.clone() /> }));
    view! {
        <div class="home" inert=in_call>
            <a class="skip" href="#content">
                {lang.skip_to_content()}
            </a>
            <TopBar me=shown />
            <Banners />
            <main id="content" class="home-main" node_ref=main tabindex="-1">
                <NoticeCard />
                <div class="people">
                    <GroupList me=own_id groups />
                    <ContactList query contacts more=people.more />
                </div>
                <RecentCalls recent now_ms />
            </main>
        </div>
        {call}
        <InviteDialog />
        <LiveRegion />
    }
}

/// What is drawn before a phone has said anything.
///
/// Nothing, that is; but whoever draws pages on the server, such as a test, may put another view into context.
fn first_view() -> CallView {
    #[cfg(feature = "ssr")]
    if let Some(view) = use_context::<CallView>() {
        return view;
    }
    CallView::default()
}
