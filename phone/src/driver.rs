//! The only run loop of a phone.
//!
//! Everything that happens comes as an [`Input`] through one queue: what the socket says, what a peer connection or a
//! device reports, the timer, and what the page asks for. For each of them, in this order:
//!
//! 1. it goes into the [`Agent`], through the part of the phone that knows what it means;
//! 2. the agent's outputs are drained and carried out; some are answered at once, and the answer goes back in;
//! 3. the one timer is set to when the agent wants to be woken;
//! 4. what the page sees is published, if it looks different now.

use call::agent::{self, Agent, LinkInput, MediaOrder, Output};
use call::handset::{CallView, Command, Feed, Sound as SoundState};
use call::id::{CallId, DeviceId, Entry, UserId};
use call::media::MediaKind;
use call::time::Timestamp;
use futures::StreamExt;
use futures::channel::mpsc;
use web_sys::console;

use crate::browser::{RememberedCall, now, random_bits};
use crate::links::Links;
use crate::media::{self, Capture};
use crate::signaling::{self, Signaling};
use crate::sound::{self, Sound};
use crate::timer::Timer;
use crate::views::Views;

/// Something happened.
enum Input {
    /// The page asks for something.
    Asked(Command),
    /// The agent wanted to be woken now.
    Tick,
    Signaling(signaling::Report),
    Capture(media::Report),
    Link {
        peer: UserId,
        entry: Entry,
        input: LinkInput,
    },
    Sound(sound::Report),
    /// An element that was not in the page may be there by now.
    ViewsDue,
}

/// Where the parts of the phone leave what happened.
#[derive(Clone)]
struct Mailbox(mpsc::UnboundedSender<Input>);

impl Mailbox {
    fn post(&self, input: Input) {
        // After the end of the phone, for a device that the browser opened too late: it is dropped, and so stops.
        let _ = self.0.unbounded_send(input);
    }

    /// A function that wraps what it is given and posts it.
    fn post_as<T: 'static>(&self, wrap: fn(T) -> Input) -> impl Fn(T) + 'static {
        let mailbox = self.clone();
        move |report| mailbox.post(wrap(report))
    }
}

/// Run a phone until it is dropped.
pub(crate) async fn run(
    signaling_url: String,
    commands: mpsc::UnboundedReceiver<Command>,
    on_view: impl Fn(CallView) + 'static,
) {
    let (mailbox, inputs) = mpsc::unbounded();
    let mut driver = Driver::new(signaling_url, Mailbox(mailbox), on_view);
    let mut inputs = futures::stream::select(inputs, commands.map(Input::Asked));
    while let Some(input) = inputs.next().await {
        driver.take(input);
    }
}

struct Driver<F> {
    agent: Agent,
    mailbox: Mailbox,
    signaling: Signaling,
    capture: Capture,
    links: Links,
    views: Views,
    sound: Sound,
    /// When the agent is woken next.
    alarm: Option<(Timestamp, Timer)>,
    /// The call that a reload would find.
    remembered: Option<CallId>,
    memory: RememberedCall,
    published: CallView,
    on_view: F,
}

impl<F: Fn(CallView)> Driver<F> {
    fn new(signaling_url: String, mailbox: Mailbox, on_view: F) -> Self {
        let memory = RememberedCall::of_this_tab();
        let remembered = memory.get();
        Self {
            agent: Agent::new(DeviceId::from_bits(random_bits()), remembered),
            signaling: Signaling::new(signaling_url, mailbox.post_as(Input::Signaling)),
            capture: Capture::new(mailbox.post_as(Input::Capture)),
            links: Links::default(),
            views: Views::new({
                let mailbox = mailbox.clone();
                move || mailbox.post(Input::ViewsDue)
            }),
            sound: Sound::new(mailbox.post_as(Input::Sound)),
            mailbox,
            alarm: None,
            remembered,
            memory,
            published: CallView::default(),
            on_view,
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Asked(command) => self.ask(command),
            Input::Tick => {
                self.alarm = None;
                self.agent.handle(now(), agent::Input::Tick);
            }
            Input::Signaling(report) => {
                if let Some(input) = self.signaling.handle(report) {
                    self.agent.handle(now(), input);
                }
            }
            Input::Capture(report) => {
                for (kind, change) in self.capture.handle(report) {
                    self.capture_changed(kind, change);
                }
            }
            Input::Link { peer, entry, input } => self.link_reported(peer, entry, input),
            Input::Sound(report) => {
                self.sound.handle(report);
                if let sound::Report::Touched = report {
                    self.links.let_be_heard();
                }
            }
            Input::ViewsDue => self.refresh_views(),
        }
        self.carry_out_all();
        self.set_alarm();
        self.remember_call();
        self.publish();
    }

    /// What concerns the page's elements is done here; the agent knows of calls alone.
    fn ask(&mut self, command: Command) {
        match command {
            Command::ShowVideo { feed, element } => {
                self.views.show(feed, element);
                self.refresh_views();
            }
            Command::HideVideo { element } => self.views.hide(&element),
            Command::AllowSound => {
                self.sound.allow();
                self.links.let_be_heard();
            }
            command => self.agent.handle(now(), agent::Input::Asked(command)),
        }
    }

    fn link_reported(&mut self, peer: UserId, entry: Entry, input: LinkInput) {
        if !self.links.has(&peer, entry) {
            return;
        }
        if let LinkInput::RemoteDescriptionSet = input {
            self.receive(&peer);
        }
        self.agent
            .handle(now(), agent::Input::Link { peer, entry, input });
    }

    fn carry_out_all(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Send(msg) => self.signaling.send(&msg),
                Output::Media(order) => self.carry_out(order),
                Output::Play(tone) => self.sound.play(tone),
                Output::CloseSocket => self.signaling.stop(),
            }
        }
    }

    fn carry_out(&mut self, order: MediaOrder) {
        match order {
            MediaOrder::OpenCapture { microphone, camera } => self.capture.open(microphone, camera),
            MediaOrder::CloseCapture(kind) => {
                self.capture.close(kind);
                self.capture_changed(kind, agent::CaptureChange::Closed);
            }
            MediaOrder::SetMicrophoneHeard(heard) => self.capture.set_microphone_heard(heard),
            MediaOrder::OpenLink {
                peer,
                entry,
                role,
                ice_servers,
            } => {
                let report = {
                    let mailbox = self.mailbox.clone();
                    let peer = peer.clone();
                    move |input| {
                        mailbox.post(Input::Link {
                            peer: peer.clone(),
                            entry,
                            input,
                        })
                    }
                };
                match self
                    .links
                    .open(peer.clone(), entry, role, &ice_servers, &self.capture, report)
                {
                    Ok(()) => self.receive(&peer),
                    Err(exception) => {
                        console::warn_1(&exception);
                        let input = LinkInput::Failed;
                        self.agent
                            .handle(now(), agent::Input::Link { peer, entry, input });
                    }
                }
            }
            MediaOrder::Link { peer, entry, order } => self.links.order(&peer, entry, order),
            MediaOrder::CloseLink { peer, entry } => {
                self.links.close(&peer, entry);
                self.refresh_views();
            }
        }
    }

    /// Bring links and views in line with a device, then tell the agent.
    fn capture_changed(&mut self, kind: MediaKind, change: agent::CaptureChange) {
        self.links.send(kind, &self.capture);
        self.refresh_views();
        self.agent.handle(now(), agent::Input::Capture { kind, change });
    }

    fn receive(&mut self, peer: &UserId) {
        let mailbox = self.mailbox.clone();
        self.links.receive(peer, move || {
            mailbox.post(Input::Sound(sound::Report::SpeakerChanged))
        });
        self.refresh_views();
    }

    fn refresh_views(&mut self) {
        let (capture, links) = (&self.capture, &self.links);
        self.views.refresh(|feed| match feed {
            Feed::Local => capture.camera_stream(),
            Feed::Remote(peer) => links.camera_stream(peer),
        });
    }

    fn set_alarm(&mut self) {
        let due = self.agent.poll_timeout().map(|(due, _reason)| due);
        if due == self.alarm.as_ref().map(|(due, _)| *due) {
            return;
        }
        self.alarm = due.map(|due| {
            let mailbox = self.mailbox.clone();
            (
                due,
                Timer::new(due.since(now()), move || mailbox.post(Input::Tick)),
            )
        });
    }

    fn remember_call(&mut self) {
        let call = self.agent.call();
        if call != self.remembered {
            self.remembered = call;
            self.memory.set(call);
        }
    }

    fn publish(&mut self) {
        let mut view = self.agent.view();
        view.sound = if self.links.is_held_back() {
            SoundState::Blocked
        } else {
            self.sound.state()
        };
        if view != self.published {
            self.published = view.clone();
            (self.on_view)(view);
        }
    }
}
