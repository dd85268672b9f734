//! A login: a phone, what it shows, and who waits for something.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use call::handset::{
    CallView, Command, Connection, Feed, InCallView, InviteeState, PeerView, Stage, VideoQuestion,
};
use call::id::UserId;
use call::media::{CallType, CaptureError};
use call::narrator::{CallEvent, Narrator};
use call::protocol::LoginRefusal;
use futures::channel::{mpsc, oneshot};
use js_sys::Function;
use phone::{Observer, Options, Phone, Volumes, sleep};
use wasm_bindgen_futures::spawn_local;

use crate::events::{self, Told};
use crate::failure::Failure;
use crate::talk::Talk;

/// One login of one person, from its first attempt to its end.
pub(crate) struct Line {
    me: UserId,
    commands: mpsc::UnboundedSender<Command>,
    /// Nothing, once the login is over: the phone is switched off.
    phone: RefCell<Option<Phone>>,
    emit: Function,
    state: RefCell<State>,
    waiting: RefCell<Vec<Waiter>>,
    /// The number of the call that is being begun or answered: the devices are being opened for it.
    beginning: Cell<Option<u32>>,
    /// How many there were.
    begun: Cell<u32>,
    /// Whether this side has asked for another type of call.
    switching: Cell<bool>,
}

#[derive(Default)]
struct State {
    view: Rc<CallView>,
    narrator: Narrator,
    talk: Option<Talk>,
    /// Pictures, and where they are shown.
    shown: Vec<(Feed, String)>,
}

/// How something ended that a method has begun.
pub(crate) type Ended = Result<(), Failure>;

/// Looks at each view until it sees how something ended.
pub(crate) type Watch = Box<dyn FnMut(&CallView) -> Option<Ended>>;

/// A method that waits.
struct Waiter {
    ended: Watch,
    tell: oneshot::Sender<Ended>,
}

impl Line {
    /// Begin to log in as this person.
    pub(crate) fn open(me: UserId, options: Options, emit: Function) -> Rc<Self> {
        let (commands, receiver) = mpsc::unbounded();
        let line = Rc::new(Self {
            me,
            commands,
            phone: RefCell::default(),
            emit,
            state: RefCell::default(),
            waiting: RefCell::default(),
            beginning: Cell::new(None),
            begun: Cell::new(0),
            switching: Cell::new(false),
        });
        let ear = Ear(Rc::downgrade(&line));
        *line.phone.borrow_mut() = Some(Phone::start(options, receiver, ear));
        line
    }

    pub(crate) fn me(&self) -> &UserId {
        &self.me
    }

    /// What the phone shows.
    pub(crate) fn view(&self) -> Rc<CallView> {
        self.state.borrow().view.clone()
    }

    /// Whether the server has let this person in, and has not put them out.
    pub(crate) fn is_accepted(&self) -> bool {
        matches!(
            self.state.borrow().view.connection,
            Connection::Online | Connection::Reconnecting
        ) && self.phone.borrow().is_some()
    }

    /// Whether the login is under way or accepted.
    pub(crate) fn is_open(&self) -> bool {
        self.phone.borrow().is_some()
    }

    /// Say who this is by this subprotocol from now on.
    pub(crate) fn renew(&self, identity: String) {
        if let Some(phone) = &*self.phone.borrow() {
            phone.renew(identity);
        }
    }

    /// Switch the phone off. Whoever waits is told that the login is over.
    pub(crate) fn close(&self) {
        self.beginning.set(None);
        *self.phone.borrow_mut() = None;
        self.waiting.borrow_mut().clear();
        self.state.borrow_mut().view = Rc::default();
    }

    /// Ask the phone for something.
    pub(crate) fn ask(&self, command: Command) {
        self.state.borrow_mut().narrator.asked(&command);
        // An error says that the phone is off, and with it everything that this could be about.
        let _ = self.commands.unbounded_send(command);
    }

    /// Wait for the first view, from this one on, that says how something ended.
    pub(crate) async fn until(&self, mut ended: impl FnMut(&CallView) -> Option<Ended> + 'static) -> Ended {
        let now = ended(&self.view());
        match now {
            Some(ended) => ended,
            None => self.next(Box::new(ended)).await,
        }
    }

    /// The same, from the next view on.
    pub(crate) async fn next(&self, ended: Watch) -> Ended {
        if !self.is_open() {
            return Err(Failure::logged_out());
        }
        let (tell, told) = oneshot::channel();
        self.waiting.borrow_mut().push(Waiter { ended, tell });
        told.await.unwrap_or_else(|_| Err(Failure::logged_out()))
    }

    /// Open the devices of a call, before anybody hears of it. Whether the camera is open then.
    pub(crate) async fn open_devices(&self, camera: bool) -> Result<bool, CaptureError> {
        let opening = self
            .phone
            .borrow()
            .as_ref()
            .map(|phone| phone.open_devices(camera));
        match opening {
            Some(opening) => opening.await,
            None => Ok(false),
        }
    }

    /// Close them: there is no call.
    pub(crate) fn close_devices(&self) {
        if let Some(phone) = &*self.phone.borrow() {
            phone.close_devices();
        }
    }

    /// Begin or answer a call. The number by which it can be told from the next one.
    pub(crate) fn begin(&self) -> u32 {
        let number = self.begun.get().wrapping_add(1);
        self.begun.set(number);
        self.beginning.set(Some(number));
        number
    }

    /// The devices of this call are open, or will not be. Whether it is still wanted.
    pub(crate) fn is_begun(&self, number: u32) -> bool {
        let is_wanted = self.beginning.get() == Some(number);
        if is_wanted {
            self.beginning.set(None);
        }
        is_wanted
    }

    /// Whether a call is being begun or answered.
    pub(crate) fn is_beginning(&self) -> bool {
        self.beginning.get().is_some()
    }

    /// What is being begun shall not be: whatever its prompt still brings is closed.
    pub(crate) fn give_up_beginning(&self) {
        if self.beginning.take().is_some() {
            self.close_devices();
        }
    }

    /// Whether a switch that was asked for here waits for its answer.
    pub(crate) fn is_switching(&self) -> bool {
        self.switching.get()
    }

    pub(crate) fn set_switching(&self, switching: bool) {
        self.switching.set(switching);
    }

    /// Where this person is, as pages know it.
    pub(crate) fn status(&self) -> &'static str {
        match &self.state.borrow().view.stage {
            Stage::InCall(call) if call.entered => "connected",
            Stage::Calling(_) | Stage::Ringing(_) | Stage::InCall(_) => "calling",
            Stage::Idle if self.is_beginning() => "calling",
            Stage::Idle => "idle",
        }
    }

    /// Voice or video, if there is a call.
    pub(crate) fn call_type(&self) -> Option<CallType> {
        match &self.state.borrow().view.stage {
            Stage::Idle => None,
            Stage::Calling(calling) => Some(calling.call_type),
            Stage::Ringing(ringing) => Some(ringing.call_type),
            Stage::InCall(call) => Some(call.call_type),
        }
    }

    /// Something of the present call.
    pub(crate) fn talk<T>(&self, look: impl FnOnce(&Talk) -> T) -> Option<T> {
        self.state.borrow().talk.as_ref().map(look)
    }

    pub(crate) fn set_talk(&self, talk: Option<Talk>) {
        self.state.borrow_mut().talk = talk;
    }

    /// Whether the present call is one of several people.
    pub(crate) fn is_group(&self) -> bool {
        self.talk(|talk| talk.group).unwrap_or_default()
    }

    /// The call that this person is in.
    pub(crate) fn in_call(&self) -> Option<InCallView> {
        in_call(&self.state.borrow().view).cloned()
    }

    /// The others in the call.
    pub(crate) fn peers(&self) -> Vec<PeerView> {
        self.in_call().map(|call| call.peers).unwrap_or_default()
    }

    /// Those whom it rings at.
    pub(crate) fn rung(&self) -> Vec<UserId> {
        let state = self.state.borrow();
        let invitees = match &state.view.stage {
            Stage::Calling(calling) => &calling.invitees,
            Stage::InCall(call) => &call.invitees,
            Stage::Ringing(_) => return vec![self.me.clone()],
            Stage::Idle => return Vec::new(),
        };
        let rings = |state| matches!(state, InviteeState::Calling | InviteeState::Ringing);
        let rung = invitees.iter().filter(|invitee| rings(invitee.state));
        rung.map(|invitee| invitee.person.id.clone()).collect()
    }

    /// Show a picture in an element.
    pub(crate) fn show_video(&self, feed: Feed, element: String) {
        let shown = &mut self.state.borrow_mut().shown;
        shown.retain(|(_, other)| *other != element);
        shown.push((feed.clone(), element.clone()));
        let _ = self.commands.unbounded_send(Command::ShowVideo { feed, element });
    }

    /// Show the pictures of this feed, or all, no longer.
    pub(crate) fn hide_video(&self, feed: Option<&Feed>) {
        let is_meant = |other: &Feed| feed.is_none_or(|feed| feed == other);
        let shown = &mut self.state.borrow_mut().shown;
        for (_, element) in shown.iter().filter(|(feed, _)| is_meant(feed)) {
            let element = element.clone();
            let _ = self.commands.unbounded_send(Command::HideVideo { element });
        }
        shown.retain(|(feed, _)| !is_meant(feed));
    }

    fn emit(&self, (name, payload): &Told) {
        events::emit(&self.emit, name, payload);
    }

    /// The phone shows this now. The page's handlers may call any method, so nothing is borrowed while they run.
    fn show(self: &Rc<Self>, view: &Rc<CallView>) {
        for event in self.follow(view) {
            self.tell(&event);
        }
        for Waiter { mut ended, tell } in self.waiting.take() {
            match ended(view) {
                Some(ended) => {
                    // Whoever waited may have given up.
                    let _ = tell.send(ended);
                }
                None => self.waiting.borrow_mut().push(Waiter { ended, tell }),
            }
        }

        if in_call(view).is_some_and(|call| call.video == VideoQuestion::Asked) {
            // A page that was written for the seed API knows no such question. Its person's own camera opens by their own wish.
            self.ask(Command::AnswerVideo {
                agree: true,
                camera: false,
            });
        }
        if let Connection::KickedOut
        | Connection::Stopped
        | Connection::SignedOut
        | Connection::LoginRefused(_) = view.connection
        {
            // Not within the phone's own call.
            let line = self.clone();
            later(Box::new(move || line.close()));
        }
    }

    /// Take note of a view. What it tells.
    fn follow(&self, view: &Rc<CallView>) -> Vec<CallEvent> {
        let mut state = self.state.borrow_mut();
        let before = state.view.connection;
        state.view = view.clone();
        if let Some(talk) = &mut state.talk {
            talk.follow(&view.stage);
        }
        if let (Connection::Online | Connection::Reconnecting, Connection::LoginRefused(refusal)) =
            (before, view.connection)
        {
            self.tell_later(refusal);
        }
        state.narrator.shown(view)
    }

    /// A login that was accepted is refused now.
    fn tell_later(&self, refusal: LoginRefusal) {
        let emit = self.emit.clone();
        later(Box::new(move || {
            events::emit(&emit, "onError", &Failure::login_lost(refusal).payload());
        }));
    }

    fn tell(self: &Rc<Self>, event: &CallEvent) {
        let told = {
            let mut state = self.state.borrow_mut();
            if let CallEvent::Invited(ringing) = event {
                state.talk = Some(Talk::invited(&self.me, ringing));
            }
            if let Some(talk) = &mut state.talk {
                talk.hear(event);
            }
            let other = in_call(&state.view).and_then(|call| call.peers.first());
            let switched_by = match other {
                Some(peer) if !self.switching.get() => peer.person.id.clone(),
                Some(_) | None => self.me.clone(),
            };
            events::told(&self.me, state.talk.as_ref(), &switched_by, event)
        };
        match event {
            CallEvent::Ready => {
                // After the promise of `login`, whose handlers come first.
                let line = self.clone();
                return later(Box::new(move || line.emit(&told)));
            }
            CallEvent::CallEnded { .. } | CallEvent::CallingCancelled => {
                self.set_talk(None);
                self.switching.set(false);
                self.hide_video(None);
            }
            _ => {}
        }
        self.emit(&told);
    }
}

/// Do this when all that is to be done at once is done, the handlers of promises included.
fn later(work: Box<dyn FnOnce()>) {
    spawn_local(async move {
        sleep(Duration::ZERO).await;
        work();
    });
}

/// The call that a view shows, once it is one.
pub(crate) fn in_call(view: &CallView) -> Option<&InCallView> {
    match &view.stage {
        Stage::InCall(call) if call.entered => Some(call),
        Stage::InCall(_) | Stage::Idle | Stage::Calling(_) | Stage::Ringing(_) => None,
    }
}

/// What a phone tells, as long as there is a login that it belongs to.
struct Ear(Weak<Line>);

impl Observer for Ear {
    const HEARS_VOLUMES: bool = true;

    fn show(&self, view: Rc<CallView>) {
        if let Some(line) = self.0.upgrade() {
            line.show(&view);
        }
    }

    fn hear(&self, volumes: Volumes) {
        if let Some(line) = self.0.upgrade() {
            line.emit(&events::volumes(&line.me, &volumes));
        }
    }
}
