//! The only run loop of a phone.
//!
//! Everything that happens comes as an [`Input`] through one queue: what the socket says, what a peer connection or a
//! device reports, the timer, and what the page asks for. For each of them, in this order:
//!
//! 1. it goes into the [`Agent`], through the part of the phone that knows what it means;
//! 2. the agent's outputs are drained and carried out; some are answered at once, and the answer goes back in;
//! 3. the one timer is set to when the agent wants to be woken;
//! 4. what the page sees is published, if it looks different now.

use core::time::Duration;

use call::agent::{self, Agent, LinkInput, MediaOrder, Output};
use call::handset::{CallView, Command, DeviceMenu, Feed, Sound as SoundState, Speaking};
use call::id::{CallId, DeviceId, Entry, UserId};
use call::media::{DeviceKind, MediaDevice, MediaKind};
use call::time::Timestamp;
use call::voice::Voice;
use futures::StreamExt;
use futures::channel::mpsc;
use web_sys::console;

use crate::Options;
use crate::browser::{RememberedCall, now, random_bits};
use crate::links::Links;
use crate::media::{self, Capture, Devices};
use crate::signaling::{self, Signaling};
use crate::sound::{self, Meter, Sound};
use crate::timer::Timer;
use crate::views::Views;

/// How often it is listened who speaks: often enough that a ring around somebody seems to come with the first word.
const LISTEN_EVERY: Duration = Duration::from_millis(150);

/// Something happened.
enum Input {
    /// The page asks for something.
    Asked(Command),
    /// The agent wanted to be woken now.
    Tick,
    Signaling(signaling::Report),
    Capture(media::Report),
    Devices(media::DeviceReport),
    Link {
        peer: UserId,
        entry: Entry,
        input: LinkInput,
    },
    Sound(sound::Report),
    /// It is time to listen who speaks.
    ListeningDue,
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
    options: Options,
    commands: mpsc::UnboundedReceiver<Command>,
    on_view: impl Fn(CallView) + 'static,
) {
    let (mailbox, inputs) = mpsc::unbounded();
    let mut driver = Driver::new(options, Mailbox(mailbox), on_view);
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
    devices: Devices,
    links: Links,
    views: Views,
    sound: Sound,
    /// How loud the open microphone is.
    meter: Option<Meter>,
    voice: Voice,
    /// Whether the agent knows that the microphone gives nothing.
    dead: bool,
    /// While there is anybody to hear: when they are listened to next.
    listening: Option<Timer>,
    /// When the agent is woken next.
    alarm: Option<(Timestamp, Timer)>,
    /// The call that a reload would find.
    remembered: Option<CallId>,
    memory: RememberedCall,
    published: CallView,
    on_view: F,
}

impl<F: Fn(CallView)> Driver<F> {
    fn new(options: Options, mailbox: Mailbox, on_view: F) -> Self {
        let Options { signaling_url, login } = options;
        let memory = RememberedCall::of_this_tab();
        let remembered = memory.get();
        let devices = Devices::new(mailbox.post_as(Input::Devices));
        let mut capture = Capture::new(mailbox.post_as(Input::Capture));
        let [microphone, camera, speaker] = devices.menu().chosen.clone();
        capture.wish_for(microphone, camera);
        let mut links = Links::default();
        links.set_sink(speaker);
        devices.list();
        Self {
            agent: Agent::new(DeviceId::from_bits(random_bits()), login, remembered),
            signaling: Signaling::new(signaling_url, mailbox.post_as(Input::Signaling)),
            capture,
            devices,
            links,
            views: Views::new({
                let mailbox = mailbox.clone();
                move || mailbox.post(Input::ViewsDue)
            }),
            sound: Sound::new(mailbox.post_as(Input::Sound)),
            meter: None,
            voice: Voice::default(),
            dead: false,
            listening: None,
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
                for change in self.capture.handle(report) {
                    match change {
                        media::Change::Capture(kind, change) => self.capture_changed(kind, change),
                        media::Change::Refused(kind, error) => {
                            self.devices
                                .refuse(kind, error, self.capture.device(capture_of(kind)));
                        }
                    }
                }
                // Once a device is open the browser tells the names of all.
                self.devices.list();
            }
            Input::Devices(report) => match self.devices.handle(report) {
                Some(media::DeviceChange::Found(devices)) => self.devices_found(devices),
                Some(media::DeviceChange::Speaker(id)) => self.links.set_sink(Some(id)),
                None => {}
            },
            Input::ListeningDue => self.listen(),
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
        self.set_listening();
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
            Command::ChooseDevice { kind, id } => {
                if self.devices.choose(kind, &id) {
                    self.capture.choose(capture_of(kind), id);
                }
            }
            Command::SetVideoQuality(quality) => self.devices.set_quality(quality),
            command => self.agent.handle(now(), agent::Input::Asked(command)),
        }
    }

    /// Devices were plugged in. The one that was chosen is taken up again in place of what stood in for it.
    fn devices_found(&mut self, devices: Vec<MediaDevice>) {
        for MediaDevice { kind, id, .. } in devices {
            if kind == DeviceKind::Speaker {
                continue;
            }
            if self.devices.menu().chosen[kind as usize].as_ref() == Some(&id) {
                self.capture.choose(capture_of(kind), id);
            }
            self.agent
                .handle(now(), agent::Input::DeviceFound(capture_of(kind)));
        }
    }

    /// Listen who speaks.
    fn listen(&mut self) {
        self.listening = None;
        let now = now();
        self.links.listen(now);
        let level = self.meter.as_ref().and_then(Meter::level);
        match level.filter(|_| self.capture.is_microphone_heard()) {
            Some(level) => self.voice.hear(now, level),
            // Muted, or nothing to go by: no reason to call a microphone dead.
            None => self.voice = Voice::default(),
        }
        let dead = self.voice.is_dead(now);
        if dead != self.dead {
            self.dead = dead;
            let change = agent::CaptureChange::Dead(dead);
            let kind = MediaKind::Microphone;
            self.agent.handle(now, agent::Input::Capture { kind, change });
        }
    }

    fn set_listening(&mut self) {
        if self.links.is_empty() {
            self.listening = None;
        } else if self.listening.is_none() {
            let mailbox = self.mailbox.clone();
            self.listening = Some(Timer::new(LISTEN_EVERY, move || {
                mailbox.post(Input::ListeningDue)
            }));
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
            MediaOrder::OpenCapture { microphone, camera } => {
                if !self.capture.is_in_use() {
                    // A call begins.
                    self.capture.set_quality(self.devices.menu().quality);
                }
                self.capture.open(microphone, camera);
            }
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
                admitted,
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
                    Ok(()) if admitted => self.admit(&peer),
                    Ok(()) => {}
                    Err(exception) => {
                        console::warn_1(&exception);
                        let input = LinkInput::Failed;
                        self.agent
                            .handle(now(), agent::Input::Link { peer, entry, input });
                    }
                }
            }
            MediaOrder::AdmitLink { peer, .. } => self.admit(&peer),
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
        if kind == MediaKind::Microphone {
            self.meter = self.capture.stream(kind).and_then(Meter::of);
            self.voice = Voice::default();
            self.dead = false;
        }
        self.refresh_views();
        self.agent.handle(now(), agent::Input::Capture { kind, change });
    }

    fn admit(&mut self, peer: &UserId) {
        self.links.admit(peer);
        self.receive(peer);
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
            Feed::Local => capture.stream(MediaKind::Camera),
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
        view.menu = self.menu();
        let now = now();
        view.speaking = Speaking {
            oneself: self.voice.speaks(now),
            others: self.links.speaking(now),
        };
        if view != self.published {
            self.published = view.clone();
            (self.on_view)(view);
        }
    }

    fn menu(&self) -> DeviceMenu {
        let mut menu = self.devices.menu().clone();
        for kind in [DeviceKind::Microphone, DeviceKind::Camera] {
            if let Some(in_use) = self.capture.device(capture_of(kind)) {
                menu.chosen[kind as usize] = Some(in_use);
            }
        }
        menu
    }
}

/// What is captured with a device of this kind. Nothing is with a speaker, and nobody asks.
fn capture_of(kind: DeviceKind) -> MediaKind {
    match kind {
        DeviceKind::Microphone | DeviceKind::Speaker => MediaKind::Microphone,
        DeviceKind::Camera => MediaKind::Camera,
    }
}
