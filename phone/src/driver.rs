//! The only run loop of a phone.
//!
//! Everything that happens comes as an [`Input`] through one queue: what the socket says, what a peer connection or a
//! device reports, the timer, and what the page asks for. For each of them, in this order:
//!
//! 1. it goes into the [`Agent`], through the part of the phone that knows what it means;
//! 2. the agent's outputs are drained and carried out; some are answered at once, and the answer goes back in;
//! 3. the one timer is set to when the agent wants to be woken;
//! 4. what the page sees is published, if it looks different now.
//!
//! [`mod@mailbox`] is that queue; [`preparing`] opens devices for a call that has not begun.

mod mailbox;
mod preparing;

use core::time::Duration;
use std::rc::Rc;

use call::agent::{self, Agent, LinkInput, LinkName, MediaOrder, Output};
use call::handset::{CallView, Command, DeviceMenu, Feed, Sound as SoundState, Speaking};
use call::id::{CallId, DeviceId, UserId};
use call::media::{CaptureError, DeviceKind, MediaDevice, MediaKind};
use call::time::Timestamp;
use call::voice::Voice;
use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use web_sys::console;

pub(crate) use mailbox::{Inputs, Mailbox, mailbox};

use mailbox::Input;

use crate::browser::{RememberedCall, now, random_bits};
use crate::links::Links;
use crate::media::{self, Capture, Devices};
use crate::signaling::Signaling;
use crate::sound::{self, Meter, Sound};
use crate::timer::Timer;
use crate::views::Views;
use crate::webrtc::configuration;
use crate::{Observer, Options, Volumes};

/// How often it is listened who speaks: often enough that a ring around somebody seems to come with the first word.
const LISTEN_EVERY: Duration = Duration::from_millis(150);

/// How often the observer hears how loud everybody is. Seven times [`LISTEN_EVERY`], which is as near as it comes.
const VOLUMES_EVERY: Duration = Duration::from_millis(1000);

/// Run a phone until it is dropped.
pub(crate) async fn run(
    options: Options,
    commands: mpsc::UnboundedReceiver<Command>,
    observer: impl Observer,
    mailbox: Mailbox,
    inputs: Inputs,
) {
    let mut driver = Driver::new(options, mailbox, observer);
    let mut inputs = futures::stream::select(inputs.into_stream(), commands.map(Input::Asked));
    while let Some(input) = inputs.next().await {
        driver.take(input);
    }
}

struct Driver<O> {
    agent: Agent,
    mailbox: Mailbox,
    signaling: Signaling,
    capture: Capture,
    /// Who waits for the devices of a call that is about to begin.
    preparing: Option<oneshot::Sender<Result<bool, CaptureError>>>,
    devices: Devices,
    links: Links,
    views: Views,
    sound: Sound,
    plays_tones: bool,
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
    published: Rc<CallView>,
    observer: O,
    /// How often it was listened since the observer last heard how loud everybody is.
    listened: u32,
    /// How loud this person was since then.
    loudest: f64,
}

impl<O: Observer> Driver<O> {
    fn new(options: Options, mailbox: Mailbox, observer: O) -> Self {
        let Options {
            signaling_url,
            identity,
            login,
            survives_reload,
            plays_tones,
        } = options;
        let memory = if survives_reload {
            RememberedCall::of_this_tab()
        } else {
            RememberedCall::nowhere()
        };
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
            signaling: Signaling::new(signaling_url, identity, mailbox.post_as(Input::Signaling)),
            capture,
            preparing: None,
            devices,
            links,
            views: Views::new({
                let mailbox = mailbox.clone();
                move || mailbox.post(Input::ViewsDue)
            }),
            sound: Sound::new(mailbox.post_as(Input::Sound)),
            plays_tones,
            meter: None,
            voice: Voice::default(),
            dead: false,
            listening: None,
            mailbox,
            alarm: None,
            remembered,
            memory,
            published: Rc::default(),
            observer,
            listened: 0,
            loudest: 0.0,
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
                let changes = self.capture.handle(report);
                if !self.prepared(&changes) {
                    changes.into_iter().for_each(|change| self.take_change(change));
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
            Input::Link { peer, link, input } => self.link_reported(peer, link, input),
            Input::Sound(report) => {
                self.sound.handle(report);
                if let sound::Report::Touched = report {
                    self.links.let_be_heard();
                }
            }
            Input::ViewsDue => self.refresh_views(),
            Input::DevicesWanted { camera, reply } => self.prepare(camera, reply),
            Input::DevicesUnwanted => self.stop_preparing(),
            Input::Renewed(identity) => self.signaling.renew(identity),
        }
        self.carry_out_all();
        self.set_alarm();
        self.set_listening();
        self.remember_call();
        self.publish();
    }

    fn take_change(&mut self, change: media::Change) {
        match change {
            media::Change::Capture(kind, change) => self.capture_changed(kind, change),
            media::Change::Refused(kind, error) => {
                self.devices
                    .refuse(kind, error, self.capture.device(capture_of(kind)));
            }
        }
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
        let level = level.filter(|_| self.capture.is_microphone_heard());
        if O::HEARS_VOLUMES {
            self.tell_volumes(level);
        }
        match level {
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

    fn tell_volumes(&mut self, own_level: Option<f64>) {
        self.loudest = self.loudest.max(own_level.unwrap_or_default());
        self.listened += 1;
        if self.listened * LISTEN_EVERY >= VOLUMES_EVERY {
            self.listened = 0;
            self.observer.hear(Volumes {
                oneself: core::mem::take(&mut self.loudest),
                others: self.links.take_loudest(),
            });
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

    fn link_reported(&mut self, peer: UserId, link: LinkName, input: LinkInput) {
        if !self.links.has(&peer, link) {
            return;
        }
        if let LinkInput::RemoteDescriptionSet = input {
            self.receive(&peer);
        }
        self.agent.handle(now(), agent::Input::Link { peer, link, input });
    }

    fn carry_out_all(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Send(msg) => self.signaling.send(&msg),
                Output::Media(order) => self.carry_out(order),
                Output::Play(tone) if self.plays_tones => self.sound.play(tone),
                // The page has sounds of its own.
                Output::Play(_) => {}
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
            MediaOrder::UseIceServers {
                ice_servers,
                relay_only,
            } => self.links.configure(configuration(&ice_servers, relay_only)),
            MediaOrder::OpenLink {
                peer,
                link,
                role,
                admitted,
            } => {
                let report = {
                    let mailbox = self.mailbox.clone();
                    let peer = peer.clone();
                    move |input| {
                        mailbox.post(Input::Link {
                            peer: peer.clone(),
                            link,
                            input,
                        })
                    }
                };
                match self.links.open(peer.clone(), link, role, &self.capture, report) {
                    Ok(()) if admitted => self.admit(&peer),
                    Ok(()) => {}
                    Err(exception) => {
                        console::warn_1(&exception);
                        let input = LinkInput::Failed;
                        self.agent.handle(now(), agent::Input::Link { peer, link, input });
                    }
                }
            }
            MediaOrder::AdmitLink { peer, .. } => self.admit(&peer),
            MediaOrder::Link { peer, link, order } => self.links.order(&peer, link, order),
            MediaOrder::CloseLink { peer, link } => {
                self.links.close(&peer, link);
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
        if view != *self.published {
            self.published = Rc::new(view);
            self.observer.show(self.published.clone());
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
