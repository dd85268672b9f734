//! A whole telephone exchange in one struct: a switchboard, phones, and the wires between them, in virtual time.
//!
//! Nothing here sleeps and nothing is random but by a seed. Messages cross the wires as JSON, take their time, keep their
//! order, and are lost with the socket they travel on.

#![expect(
    dead_code,
    reason = "each test file uses the part of the exchange that it needs"
)]

pub(crate) mod browser;
mod invariants;
pub(crate) mod phone;
pub(crate) mod rng;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use call::agent::{self, LinkInput, LinkName, MediaOrder};
use call::handset::{self, CallView};
use call::id::{CallId, DeviceId, DisplayName, Entry, Group, GroupId, Person, Roster, UserId};
use call::protocol::{ClientMsg, CloseReason, Command, Event, GroupCall, InviteOutcome, Login, Presence};
use call::switchboard::{
    self, Address, CallRecord, Change, Config, Detachment, Known, Stored, StoredCall, Switchboard,
};
use call::time::Timestamp;

use phone::Phone;
use rng::Rng;

/// The number of a phone in the exchange.
pub(crate) type PhoneId = usize;

/// Something that is going to happen.
#[derive(Clone, Debug)]
enum Upcoming {
    /// A frame arrives at the server, over the socket with this number.
    AtServer(PhoneId, u32, String),
    /// A frame arrives at a phone.
    AtPhone(PhoneId, u32, String),
    /// The server notices that a socket is gone.
    Detach(PhoneId, u32, Detachment),
    /// A phone opens a socket.
    Connect(PhoneId),
    /// A browser answers.
    Browser(PhoneId, u32, agent::Input),
    /// A socket breaks, and its phone comes back after half a second.
    Break(PhoneId, u32, bool),
}

/// What befalls one frame. Sockets keep the order of what they carry and double nothing, so what is late holds up what comes
/// after it, and what is lost is lost together with its socket. But a client may say a command again that it takes for lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not arrive. The server notices at once that the socket is gone, or when it has heard nothing for long.
    Lost { noticed_at_once: bool },
    /// It arrives later, by so many milliseconds, and whatever comes after it.
    Late(u64),
    /// If it is a command, it arrives twice: the second time after so many milliseconds.
    Again(u64),
}

pub(crate) struct Exchange {
    pub(crate) now: Timestamp,
    pub(crate) switchboard: Switchboard,
    pub(crate) phones: Vec<Phone>,
    pub(crate) records: Vec<CallRecord>,
    /// What is stored of calls, as text.
    pub(crate) stored: BTreeMap<CallId, String>,
    /// Every place in a call that somebody was ever rung into.
    pub(crate) rung: BTreeSet<(CallId, Entry)>,
    /// What is stored of groups.
    pub(crate) groups: BTreeMap<GroupId, Roster>,
    /// Who has blocked whom.
    pub(crate) blocks: BTreeSet<(UserId, UserId)>,
    /// The commands that have arrived from each page, to be repeated.
    said: BTreeMap<PhoneId, Vec<String>>,
    /// Lines such as `alice ← invited by bob`, if they are wanted.
    pub(crate) transcript: Vec<String>,
    rng: Rng,
    sequence: u64,
    upcoming: BTreeMap<(Timestamp, u64), Upcoming>,
    /// The longest that a frame travels, in milliseconds.
    latency: u64,
    /// How many frames have been sent.
    pub(crate) frames: u64,
    /// What befalls the frame with a number.
    pub(crate) fault: Option<(u64, Fault)>,
}

pub(crate) fn user(name: &str) -> UserId {
    name.parse().expect("a valid user id")
}

pub(crate) fn person(name: &str) -> Person {
    Person {
        id: user(name),
        name: DisplayName::of(&user(name)),
    }
}

/// What is known of those whom a message names: everybody but `nobody`, and these groups.
pub(crate) fn known(msg: &ClientMsg, groups: &BTreeMap<GroupId, Roster>) -> Known {
    let people = msg.command.invitees().iter();
    Known {
        people: people
            .filter(|id| id.as_str() != "nobody")
            .map(|id| person(id.as_str()))
            .collect(),
        group: msg.command.group().and_then(|group| groups.get(&group).cloned()),
        blockers: Vec::new(),
    }
}

/// A group of the exchange.
pub(crate) fn group(id: u64) -> Group {
    Group {
        id: GroupId::from_bits(id),
        name: format!("Group {id}").parse().expect("a valid name"),
    }
}

impl Exchange {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            now: Timestamp::from_millis(1_000),
            switchboard: Switchboard::new(Config::default(), seed),
            phones: Vec::new(),
            records: Vec::new(),
            stored: BTreeMap::new(),
            rung: BTreeSet::new(),
            groups: BTreeMap::new(),
            blocks: BTreeSet::new(),
            said: BTreeMap::new(),
            transcript: Vec::new(),
            rng: Rng::new(seed),
            sequence: 0,
            upcoming: BTreeMap::new(),
            latency: 20,
            frames: 0,
            fault: None,
        }
    }

    /// An exchange with one connected phone for each of these people.
    pub(crate) fn with(people: &[&str]) -> (Self, Vec<PhoneId>) {
        let mut exchange = Self::new(7);
        let phones = people.iter().map(|name| exchange.add_phone(name)).collect();
        exchange.settle();
        exchange.transcript.clear();
        (exchange, phones)
    }

    /// A further phone of a person. It connects by itself.
    pub(crate) fn add_phone(&mut self, name: &str) -> PhoneId {
        let id = self.phones.len();
        self.phones
            .push(Phone::new(user(name), DeviceId::from_bits(id as u64 + 1)));
        self.schedule(0, Upcoming::Connect(id));
        id
    }

    pub(crate) fn view(&self, phone: PhoneId) -> CallView {
        self.phones[phone].agent.view()
    }

    /// A person asks a phone for something.
    pub(crate) fn ask(&mut self, phone: PhoneId, command: handset::Command) {
        self.phones[phone].asked(&command);
        self.input(phone, agent::Input::Asked(command));
    }

    /// A phone hears this, whoever has said it.
    pub(crate) fn tell(&mut self, phone: PhoneId, event: Event) {
        self.input(phone, agent::Input::Received(event));
    }

    /// Something happens on one of a phone's links.
    pub(crate) fn link(&mut self, phone: PhoneId, peer: &UserId, link: LinkName, input: LinkInput) {
        let peer = peer.clone();
        self.input(phone, agent::Input::Link { peer, link, input });
    }

    /// The connection between two phones breaks, on both sides. If it is `dead` to the first one, no restart of ICE brings it
    /// back. Each browser says so, or lets it be known by the silence alone.
    pub(crate) fn break_link(&mut self, phone: PhoneId, peer: &UserId, link: LinkName, dead: bool) {
        let me = self.phones[phone].user.clone();
        let other = (0..self.phones.len()).find(|other| {
            self.phones[*other].user == *peer
                && self.phones[*other].links().any(|at| *at == (me.clone(), link))
        });
        self.lose_link(phone, peer, link, dead);
        if let Some(other) = other {
            self.lose_link(other, &me, link, false);
        }
    }

    fn lose_link(&mut self, phone: PhoneId, peer: &UserId, link: LinkName, dead: bool) {
        let Some(connection) = self.phones[phone].connection_mut(peer, link) else {
            return;
        };
        connection.lose(dead);
        let mut reports: Vec<(u64, LinkInput)> = (1..20)
            .map(|at| (at * 1_000, LinkInput::NothingArrived))
            .collect();
        if !dead && self.rng.below(2) == 0 {
            reports.extend([(5_000, LinkInput::Disconnected), (15_000, LinkInput::Failed)]);
        }
        let page = self.phones[phone].page;
        for (delay, input) in reports {
            let peer = peer.clone();
            self.schedule(
                delay,
                Upcoming::Browser(phone, page, agent::Input::Link { peer, link, input }),
            );
        }
    }

    /// Whether this is what a browser still has to say: not if the connection is another one by now, or has come back.
    fn still_holds(&mut self, phone: PhoneId, input: &agent::Input) -> bool {
        match input {
            agent::Input::Link {
                peer,
                link,
                input: LinkInput::NothingArrived | LinkInput::Disconnected | LinkInput::Failed,
            } => self.phones[phone]
                .connection_mut(peer, *link)
                .is_some_and(|connection| !connection.connected),
            _ => true,
        }
    }

    /// These people are in this group from now on, and nobody else is.
    pub(crate) fn store_group(&mut self, id: u64, members: &[&str]) {
        let roster = Roster {
            group: group(id),
            members: members.iter().map(|name| person(name)).collect(),
        };
        let before = self.groups.insert(roster.group.id, roster.clone());
        let mut gone = before.into_iter().flat_map(|before| before.members);
        let left = gone
            .find(|member| !roster.has(&member.id))
            .map(|member| member.id);
        self.at_server(switchboard::Input::GroupChanged { roster, left });
    }

    /// Somebody blocks somebody else.
    pub(crate) fn block(&mut self, by: &str, whom: &str) {
        let (by, whom) = (user(by), user(whom));
        self.blocks.insert((by.clone(), whom.clone()));
        self.at_server(switchboard::Input::Blocked { by, whom });
    }

    /// Somebody takes that back.
    pub(crate) fn unblock(&mut self, by: &str, whom: &str) {
        let (by, whom) = (user(by), user(whom));
        self.blocks.remove(&(by.clone(), whom.clone()));
        self.at_server(switchboard::Input::Unblocked { by, whom });
    }

    fn has_blocked(&self, by: &UserId, whom: &UserId) -> bool {
        self.blocks.contains(&(by.clone(), whom.clone()))
    }

    /// The socket of a phone breaks. What travels on it is lost. The server notices at once, or only when it has heard
    /// nothing for 15 seconds; the phone comes back after `back_ms`, if at all.
    pub(crate) fn cut(&mut self, phone: PhoneId, noticed_at_once: bool, back_ms: Option<u64>) {
        let Some(socket) = self.phones[phone].socket.take() else {
            return;
        };
        self.lose_frames(phone, socket);
        let (delay, manner) = if noticed_at_once {
            (0, Detachment::Closed)
        } else {
            (15_000, Detachment::Silent)
        };
        self.schedule(delay, Upcoming::Detach(phone, socket, manner));
        if let Some(back_ms) = back_ms {
            self.schedule(back_ms, Upcoming::Connect(phone));
        }
        self.input(phone, agent::Input::SocketLost { code: 1006 });
    }

    /// The page of a phone is loaded again: the agent is a new one, and all that the browser held is gone.
    pub(crate) fn reload(&mut self, phone: PhoneId) {
        self.load(phone, Login::Shared);
    }

    /// The same, and the person's other phones are to go.
    pub(crate) fn reload_exclusively(&mut self, phone: PhoneId) {
        self.load(phone, Login::Exclusive);
    }

    fn load(&mut self, phone: PhoneId, login: Login) {
        if let Some(socket) = self.phones[phone].socket.take() {
            self.lose_frames(phone, socket);
            self.schedule(0, Upcoming::Detach(phone, socket, Detachment::Closed));
        }
        let device = DeviceId::from_bits(self.rng.next());
        // Another device, whose commands are numbered anew.
        self.said.remove(&phone);
        self.phones[phone].reload(device, login);
        self.schedule(30, Upcoming::Connect(phone));
    }

    /// The server is killed and started again at once: every socket is lost, and of calls there is what was stored. The phones
    /// come back after a while of their own each.
    pub(crate) fn restart_server(&mut self) {
        for phone in 0..self.phones.len() {
            let back_ms = self.rng.below(2_000);
            self.cut(phone, true, Some(back_ms));
            self.phones[phone].forget_sockets();
        }
        let seed = self.rng.next();
        self.switchboard = Switchboard::new(Config::default(), seed);
        let stored = self.stored.values();
        let calls: Vec<StoredCall> = stored
            .map(|text| serde_json::from_str(text).expect("what was stored can be read"))
            .collect();
        let groups = self.groups.values().cloned().collect();
        let mut blocks: BTreeMap<UserId, BTreeSet<UserId>> = BTreeMap::new();
        for (by, whom) in &self.blocks {
            blocks.entry(by.clone()).or_default().insert(whom.clone());
        }
        let stored = Stored {
            calls,
            groups,
            blocks,
        };
        self.switchboard.restore(self.now, stored);
        self.carry_out_at_server();
    }

    /// A command that has arrived from a phone arrives once more, be it twice in a row or long after.
    pub(crate) fn repeat(&mut self, phone: PhoneId, back: usize) {
        let said = self.said.get(&phone);
        let again = said.and_then(|said| said.iter().rev().nth(back)).cloned();
        if let (Some(socket), Some(frame)) = (self.phones[phone].socket, again) {
            self.travel(
                phone,
                |frame| Upcoming::AtServer(phone, socket, frame),
                frame,
                true,
            );
        }
    }

    /// The tab of a phone is closed for good.
    pub(crate) fn close_tab(&mut self, phone: PhoneId) {
        self.cut(phone, true, None);
        self.phones[phone].close_tab();
    }

    /// Let time pass until nothing travels any more, without letting any timer of seconds go by.
    pub(crate) fn settle(&mut self) {
        for _ in 0..10_000 {
            let Some((at, _)) = self.upcoming.keys().next().copied() else {
                return;
            };
            if at.since(self.now) > Duration::from_millis(900) {
                return;
            }
            self.step();
        }
        panic!("the exchange does not come to rest");
    }

    /// Let this much time pass.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let until = self.now + duration;
        while self.next_moment().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = until;
    }

    /// Heal every wire, and let time pass until nothing is left to happen.
    pub(crate) fn come_to_rest(&mut self) {
        for phone in 0..self.phones.len() {
            let waits = self
                .upcoming
                .values()
                .any(|next| matches!(next, Upcoming::Connect(id) if *id == phone));
            if self.phones[phone].is_open() && self.phones[phone].socket.is_none() && !waits {
                self.schedule(0, Upcoming::Connect(phone));
            }
        }
        for _ in 0..100_000 {
            let Some(at) = self.next_moment() else { return };
            // Nothing may keep time running for hours.
            assert!(
                at.since(self.now) < Duration::from_secs(3_600),
                "a timer far away is armed: {at:?}"
            );
            self.step();
        }
        panic!("the exchange does not come to rest");
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let frames = self.upcoming.keys().next().map(|(at, _)| *at);
        let switchboard = self.switchboard.poll_timeout().map(|(at, _)| at);
        let phones = self
            .phones
            .iter()
            .filter_map(|phone| phone.agent.poll_timeout().map(|(at, _)| at))
            .min();
        [frames, switchboard, phones].into_iter().flatten().min()
    }

    /// Whatever is next happens.
    fn step(&mut self) {
        let Some(at) = self.next_moment() else { return };
        self.now = self.now.max(at);
        if self
            .switchboard
            .poll_timeout()
            .is_some_and(|(due, _)| due <= self.now)
        {
            return self.at_server(switchboard::Input::Tick);
        }
        for phone in 0..self.phones.len() {
            if self.phones[phone]
                .agent
                .poll_timeout()
                .is_some_and(|(due, _)| due <= self.now)
            {
                return self.input(phone, agent::Input::Tick);
            }
        }
        if let Some((_, next)) = self.upcoming.pop_first() {
            self.happen(next);
        }
    }

    fn happen(&mut self, next: Upcoming) {
        match next {
            Upcoming::Connect(phone) => {
                if self.phones[phone].is_open() && self.phones[phone].socket.is_none() {
                    self.phones[phone].open_socket();
                    self.input(phone, agent::Input::SocketOpened);
                }
            }
            Upcoming::AtServer(phone, socket, frame) => self.frame_at_server(phone, socket, &frame),
            Upcoming::AtPhone(phone, socket, frame) => {
                if self.phones[phone].socket == Some(socket) {
                    let event: Event = serde_json::from_str(&frame).expect("the server sends events");
                    self.note_event(phone, &event);
                    self.phones[phone].heard(&event);
                    self.input(phone, agent::Input::Received(event));
                }
            }
            Upcoming::Detach(phone, socket, manner) => {
                let seen_from = self.phones[phone].detached(socket);
                if let Some(address) = seen_from {
                    self.at_server(switchboard::Input::Detached { address, manner });
                }
            }
            Upcoming::Break(phone, socket, noticed_at_once) => {
                if self.phones[phone].socket == Some(socket) {
                    self.cut(phone, noticed_at_once, Some(500));
                }
            }
            Upcoming::Browser(phone, page, input) => {
                if self.phones[phone].page == page && self.still_holds(phone, &input) {
                    self.input(phone, input);
                }
            }
        }
    }

    fn frame_at_server(&mut self, phone: PhoneId, socket: u32, frame: &str) {
        let msg: ClientMsg = serde_json::from_str(frame).expect("phones send messages");
        if let Command::Hello(hello) = msg.command {
            let address = Address {
                user: self.phones[phone].user.clone(),
                device: hello.device,
            };
            self.phones[phone].attached(socket, address.clone());
            let name = DisplayName::of(&address.user);
            let own = self.blocks.iter().filter(|(by, _)| *by == address.user);
            let blocks = own.map(|(_, whom)| whom.clone()).collect();
            return self.at_server(switchboard::Input::Attached {
                address,
                name,
                login: hello.login,
                blocks,
            });
        }
        if let Some(from) = self.phones[phone].address_of(socket) {
            self.said.entry(phone).or_default().push(frame.to_owned());
            let mut known = known(&msg, &self.groups);
            let members = known.group.iter().flat_map(|roster| &roster.members);
            let rung = known.people.iter().chain(members).map(|person| &person.id);
            let blockers = rung.filter(|user| self.has_blocked(user, &from.user));
            known.blockers = blockers.cloned().collect();
            self.at_server(switchboard::Input::Received { from, msg, known });
        }
    }

    fn at_server(&mut self, input: switchboard::Input) {
        self.switchboard.handle(self.now, input);
        self.carry_out_at_server();
    }

    fn carry_out_at_server(&mut self) {
        while let Some(output) = self.switchboard.poll_output() {
            match output {
                switchboard::Output::Commit(changes) => {
                    for change in changes {
                        self.store(change);
                    }
                }
                switchboard::Output::Close { to, reason } => self.close(&to, reason),
                switchboard::Output::Deliver { to, event } => {
                    self.assert_no_secret_of_a_group(&to.user, &event);
                    self.assert_no_secret_of_a_block(&to.user, &event);
                    if let Event::Invited { invitation } = &event {
                        self.rung.insert((invitation.call, invitation.entry));
                    }
                    let reached = self
                        .phones
                        .iter()
                        .enumerate()
                        .find_map(|(id, phone)| phone.socket_of(&to).map(|socket| (id, socket)));
                    let Some((phone, socket)) = reached else { continue };
                    let frame = serde_json::to_string(&event).expect("events can be written");
                    self.travel(
                        phone,
                        |socket_frame| Upcoming::AtPhone(phone, socket, socket_frame),
                        frame,
                        false,
                    );
                }
            }
        }
    }

    fn store(&mut self, change: Change) {
        match change {
            Change::Record(record) => self.records.push(record),
            Change::Call(call) => {
                let text = serde_json::to_string(&call).expect("a call can be written");
                self.stored.insert(call.id(), text);
            }
            Change::CallOver(call) => {
                self.stored.remove(&call);
            }
        }
    }

    /// The server closes a socket: after the frames that are on their way, the phone learns why.
    fn close(&mut self, to: &Address, reason: CloseReason) {
        for phone in 0..self.phones.len() {
            let Some(socket) = self.phones[phone].socket_of(to) else {
                continue;
            };
            self.phones[phone].detached(socket);
            if self.phones[phone].socket == Some(socket) {
                self.lose_frames(phone, socket);
                self.phones[phone].kicked();
                let code = reason.code();
                self.input(phone, agent::Input::SocketLost { code });
            }
        }
    }

    fn input(&mut self, phone: PhoneId, input: agent::Input) {
        self.phones[phone].agent.handle(self.now, input);
        self.phones[phone].shown();
        while let Some(output) = self.phones[phone].agent.poll_output() {
            match output {
                agent::Output::Send(msg) => {
                    let Some(socket) = self.phones[phone].socket else {
                        panic!("{} sends without a socket: {msg:?}", self.phones[phone].user);
                    };
                    self.phones[phone].assert_may_send(&msg.command);
                    let frame = serde_json::to_string(&*msg).expect("messages can be written");
                    self.travel(
                        phone,
                        |frame| Upcoming::AtServer(phone, socket, frame),
                        frame,
                        true,
                    );
                }
                agent::Output::Media(order) => self.carry_out(phone, order),
                agent::Output::Play(tone) => self.phones[phone].tone = tone,
                agent::Output::CloseSocket => {}
            }
        }
    }

    fn carry_out(&mut self, phone: PhoneId, order: MediaOrder) {
        let page = self.phones[phone].page;
        for (delay, input) in self.phones[phone].carry_out(order, &mut self.rng) {
            self.schedule(delay, Upcoming::Browser(phone, page, input));
        }
    }

    /// A frame takes its time, but never overtakes the one before it.
    fn travel(
        &mut self,
        phone: PhoneId,
        arrival: impl Fn(String) -> Upcoming,
        frame: String,
        to_server: bool,
    ) {
        let number = self.frames;
        self.frames += 1;
        let fault = self
            .fault
            .filter(|(faulty, _)| *faulty == number)
            .map(|(_, fault)| fault);
        let mut delay = self.rng.below(self.latency);
        if let Some(Fault::Late(ms)) = fault {
            delay += ms;
        }
        let at = self.phones[phone].after_the_last(self.now + Duration::from_millis(delay), to_server);
        match fault {
            Some(Fault::Lost { noticed_at_once }) => {
                if let Some(socket) = self.phones[phone].socket {
                    self.sequence += 1;
                    let end = Upcoming::Break(phone, socket, noticed_at_once);
                    self.upcoming.insert((at, self.sequence), end);
                }
            }
            Some(Fault::Again(ms)) if to_server => {
                let again = arrival(frame.clone());
                // Not before the first, which has the smaller number.
                self.upcoming
                    .insert((at + Duration::from_millis(ms), self.sequence + 2), again);
            }
            Some(Fault::Again(_) | Fault::Late(_)) | None => {}
        }
        self.sequence += 1;
        self.upcoming.insert((at, self.sequence), arrival(frame));
        self.sequence += 1;
    }

    fn schedule(&mut self, delay_ms: u64, next: Upcoming) {
        self.sequence += 1;
        self.upcoming
            .insert((self.now + Duration::from_millis(delay_ms), self.sequence), next);
    }

    fn lose_frames(&mut self, phone: PhoneId, socket: u32) {
        self.upcoming.retain(|_, next| match next {
            Upcoming::AtServer(p, s, _) | Upcoming::AtPhone(p, s, _) => (*p, *s) != (phone, socket),
            Upcoming::Detach(..) | Upcoming::Connect(_) | Upcoming::Browser(..) | Upcoming::Break(..) => true,
        });
    }

    fn note_event(&mut self, phone: PhoneId, event: &Event) {
        let who = &self.phones[phone].user;
        if let Some(line) = phone::line(event) {
            self.transcript.push(format!("{who} ← {line}"));
        }
    }
}
