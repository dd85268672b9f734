//! Phones and their switchboard in one page, without a server.
//!
//! The page's `WebSocket` is replaced by one whose other end is a real switchboard in the same page. Everything else is as
//! in life: the agents, the peer connections, the fake devices of the browser, the `<video>` elements.

mod audio;
mod exchange;
mod media;
mod screen;

use std::cell::RefCell;
use std::rc::Rc;

use call::handset::{CallTerms, CallView, Command, Connection, Feed, LinkState, Stage};
use call::id::{DisplayName, Person, UserId};
use call::media::CallType;
use call::protocol::Login;
use call::toggle::Toggle;
use futures::channel::mpsc;
use js_sys::Promise;
use phone::{Options, Phone};
use wasm_bindgen_futures::JsFuture;
use web_sys::Window;

pub(crate) use audio::HeldBackSound;
use exchange::Exchange;
pub(crate) use media::{Behavior, FakeMedia};
pub(crate) use screen::{Screen, voices};

/// Longer than anything takes that is going to happen at all.
const PATIENCE_MS: f64 = 15_000.0;

pub(crate) fn window() -> Window {
    web_sys::window().unwrap()
}

fn now_ms() -> f64 {
    window().performance().unwrap().now()
}

/// Let the page go on.
pub(crate) async fn turn() {
    let promise = Promise::new(&mut |resolve, _| {
        window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 10)
            .unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

/// Wait until this is so.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = now_ms() + PATIENCE_MS;
    while !is_so() {
        assert!(now_ms() < deadline, "never came true: {what}");
        turn().await;
    }
}

/// Whether this is so for so long.
pub(crate) async fn throughout(ms: f64, is_so: impl Fn() -> bool) -> bool {
    let end = now_ms() + ms;
    while is_so() {
        if now_ms() >= end {
            return true;
        }
        turn().await;
    }
    false
}

thread_local! {
    /// The ears of every phone so far. A test that fails in WASM drops nothing: its phones would go on in the pages of the
    /// tests after it, and fail those as well.
    static PHONES: RefCell<Vec<mpsc::UnboundedSender<Command>>> = const { RefCell::new(Vec::new()) };
}

/// A page with a switchboard in it. What it replaces in the browser is put back when it is dropped.
pub(crate) struct Page {
    /// The other end of the sockets.
    pub(crate) exchange: Exchange,
    /// The devices.
    pub(crate) media: Rc<FakeMedia>,
}

impl Page {
    pub(crate) fn new() -> Self {
        for storage in [window().session_storage(), window().local_storage()] {
            storage.unwrap().unwrap().clear().unwrap();
        }
        for phone in PHONES.take() {
            // One that was dropped hears nothing any more.
            let _ = phone.unbounded_send(Command::SignOut);
        }
        screen::remove_all();
        Self {
            exchange: Exchange::install(),
            media: FakeMedia::install(),
        }
    }

    /// A phone of this person, once it is online.
    pub(crate) async fn phone(&self, name: &str) -> TestPhone {
        let id: UserId = name.parse().unwrap();
        let (commands, receiver) = mpsc::unbounded();
        PHONES.with_borrow_mut(|phones| phones.push(commands.clone()));
        let views = Rc::new(RefCell::new(vec![CallView::default()]));
        let options = Options {
            signaling_url: ["page:", name].concat(),
            identity: None,
            login: Login::Shared,
            survives_reload: true,
            plays_tones: true,
        };
        let phone = Phone::start(options, receiver, {
            let views = views.clone();
            move |view| views.borrow_mut().push(Rc::unwrap_or_clone(view))
        });
        let me = Person {
            name: DisplayName::of(&id),
            id,
        };
        let phone = TestPhone {
            me,
            views,
            commands,
            phone: Some(phone),
        };
        phone
            .until("online", |view| view.connection == Connection::Online)
            .await;
        phone
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        FakeMedia::uninstall();
    }
}

/// A phone, and what its page would see.
pub(crate) struct TestPhone {
    pub(crate) me: Person,
    /// Every view that was published; the last one is on the screen.
    views: Rc<RefCell<Vec<CallView>>>,
    commands: mpsc::UnboundedSender<Command>,
    phone: Option<Phone>,
}

impl TestPhone {
    pub(crate) fn ask(&self, command: Command) {
        self.commands.unbounded_send(command).unwrap();
    }

    /// Show one's own picture in this element.
    pub(crate) fn show_own(&self, element: &str) {
        self.ask(Command::ShowVideo {
            feed: Feed::Local,
            element: element.to_owned(),
        });
    }

    /// Show the other one's picture in this element.
    pub(crate) fn show(&self, other: &TestPhone, element: &str) {
        self.ask(Command::ShowVideo {
            feed: Feed::Remote(other.me.id.clone()),
            element: element.to_owned(),
        });
    }

    pub(crate) fn view(&self) -> CallView {
        self.views.borrow().last().unwrap().clone()
    }

    /// Whether this was ever on the screen.
    pub(crate) fn ever_saw(&self, is_so: impl Fn(&CallView) -> bool) -> bool {
        self.views.borrow().iter().any(is_so)
    }

    /// Wait until the page sees this.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&CallView) -> bool) {
        self.wait(PATIENCE_MS, what, is_so).await;
    }

    /// The same, for what comes only after the phone has been patient itself.
    pub(crate) async fn until_at_last(&self, what: &str, is_so: impl Fn(&CallView) -> bool) {
        self.wait(3.0 * PATIENCE_MS, what, is_so).await;
    }

    async fn wait(&self, patience_ms: f64, what: &str, is_so: impl Fn(&CallView) -> bool) {
        let deadline = now_ms() + patience_ms;
        while !is_so(&self.view()) {
            assert!(
                now_ms() < deadline,
                "{} never saw {what}, but: {:#?}",
                self.me.id,
                self.view()
            );
            turn().await;
        }
    }

    /// The phone itself, for what is no command.
    pub(crate) fn phone(&self) -> &Phone {
        self.phone.as_ref().unwrap()
    }

    pub(crate) fn switch_off(&mut self) {
        self.phone = None;
    }
}

/// Alice calls, Bob answers, every device is open or refused, and media flows.
pub(crate) async fn call(alice: &TestPhone, bob: &TestPhone, call_type: CallType) {
    alice.ask(Command::Call {
        group: None,
        callees: vec![bob.me.clone()],
        call_type,
        terms: CallTerms::default(),
    });
    bob.until("the call", |view| matches!(view.stage, Stage::Ringing(_)))
        .await;
    bob.ask(Command::Accept {
        camera: call_type == CallType::Video,
    });
    for phone in [alice, bob] {
        phone
            .until("the other one", |view| match &view.stage {
                Stage::InCall(call) => {
                    let devices = [call.devices.microphone, call.devices.camera];
                    !devices.into_iter().any(Toggle::is_changing)
                        && call.peers.iter().all(|peer| peer.link == LinkState::Connected)
                }
                Stage::Idle | Stage::Calling(_) | Stage::Ringing(_) => false,
            })
            .await;
    }
}

/// Alice hangs up.
pub(crate) async fn hang_up(alice: &TestPhone, bob: &TestPhone) {
    alice.ask(Command::Hangup);
    for phone in [alice, bob] {
        phone
            .until("the end", |view| matches!(view.stage, Stage::Idle))
            .await;
    }
}
