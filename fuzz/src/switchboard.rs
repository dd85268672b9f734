//! Whatever clients say and networks do, in any order, to a switchboard.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use call::id::{Attempt, CallId, CommandId, DeviceId, DisplayName, Entry, GroupId, InviteId, Roster, UserId};
use call::media::{CallType, MediaState};
use call::protocol::{
    Candidate, ClientMsg, Command, Description, DescriptionKind, Event, Hello, Login, Signal, VERSION,
};
use call::switchboard::{Address, Config, Detachment, Input, Output, Switchboard};
use call::time::Timestamp;

use crate::bytes::Bytes;
use crate::common::{group, known, person, user};

const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "kitchen"];
const DEVICES: usize = 2;
const GROUPS: u64 = 2;
/// The most that one input may cause: everybody in a full call says 65 things to one, or one event goes to every device of
/// everybody.
const OUTPUTS: usize = 400;

/// Who is in a call, and who is rung into it.
type Ring = (BTreeSet<UserId>, BTreeSet<UserId>);

struct Operator {
    now: Timestamp,
    switchboard: Switchboard,
    groups: BTreeMap<GroupId, Roster>,
    blocks: BTreeSet<(UserId, UserId)>,
    attached: BTreeSet<Address>,
    /// The highest command of each device that is attached.
    commands: BTreeMap<Address, CommandId>,
    /// What clients may have heard of.
    calls: Vec<CallId>,
    invites: Vec<InviteId>,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let mut operator = Operator {
        now: Timestamp::from_millis(1_000),
        switchboard: Switchboard::new(Config::default(), 7),
        groups: BTreeMap::new(),
        blocks: BTreeSet::new(),
        attached: BTreeSet::new(),
        commands: BTreeMap::new(),
        calls: vec![CallId::from_bits(1)],
        invites: vec![InviteId::from_bits(1)],
    };
    for id in 0..GROUPS {
        operator.store_group(id, &PEOPLE[..3], None);
    }
    while !bytes.is_empty() {
        operator.act(&mut bytes);
    }
    operator.close();
}

fn address(bytes: &mut Bytes<'_>) -> Address {
    Address {
        user: user(bytes.of(&PEOPLE)),
        device: DeviceId::from_bits(bytes.below(DEVICES) as u64),
    }
}

impl Operator {
    fn act(&mut self, bytes: &mut Bytes<'_>) {
        match bytes.below(16) {
            0 => {
                let after = bytes.of(&[0, 1, 50, 1_000, 9_000, 29_000, 60_000, 130_000]);
                self.now = self.now + Duration::from_millis(after);
                self.handle(Input::Tick);
            }
            1 | 2 => self.attach(bytes),
            3 => {
                let manner = bytes.of(&[Detachment::Closed, Detachment::Silent, Detachment::SignedOut]);
                self.detach(address(bytes), manner);
            }
            4 => {
                let who = bytes.of(&PEOPLE);
                let id = bytes.next() as u64 % GROUPS;
                let joins = bytes.flag();
                let roster = &self.groups[&GroupId::from_bits(id)];
                let members = roster.members.iter().map(|member| member.id.to_string());
                let mut members: Vec<String> = members.filter(|member| member != who).collect();
                if joins {
                    members.push(who.to_owned());
                }
                let left = (!joins && roster.has(&user(who))).then(|| user(who));
                self.store_group(id, &members, left);
            }
            5 => self.block(bytes),
            _ => self.say(bytes),
        }
    }

    fn store_group(&mut self, id: u64, members: &[impl AsRef<str>], left: Option<UserId>) {
        let roster = Roster {
            group: group(id),
            members: members.iter().map(|name| person(name.as_ref())).collect(),
        };
        self.groups.insert(roster.group.id, roster.clone());
        self.handle(Input::GroupChanged { roster, left });
    }

    fn attach(&mut self, bytes: &mut Bytes<'_>) {
        let address = address(bytes);
        let login = bytes.of(&[Login::Shared, Login::Shared, Login::Exclusive]);
        let own = self.blocks.iter().filter(|(by, _)| *by == address.user);
        let blocks = own.map(|(_, whom)| whom.clone()).collect();
        self.attached.insert(address.clone());
        self.handle(Input::Attached {
            name: DisplayName::of(&address.user),
            address,
            login,
            blocks,
        });
    }

    fn detach(&mut self, address: Address, manner: Detachment) {
        // The hub tells of sockets only that it has told of before.
        if self.attached.remove(&address) {
            self.handle(Input::Detached { address, manner });
        }
    }

    fn block(&mut self, bytes: &mut Bytes<'_>) {
        let [by, whom] = [bytes.of(&PEOPLE), bytes.of(&PEOPLE)];
        if by == whom {
            // The storage does not take it.
            return;
        }
        let (by, whom) = (user(by), user(whom));
        if bytes.flag() {
            self.blocks.insert((by.clone(), whom.clone()));
            self.handle(Input::Blocked { by, whom });
        } else {
            self.blocks.remove(&(by.clone(), whom.clone()));
            self.handle(Input::Unblocked { by, whom });
        }
    }

    /// Somebody says something: true or not, new or repeated, and of calls of their own or of others.
    fn say(&mut self, bytes: &mut Bytes<'_>) {
        let from = address(bytes);
        let last = self.commands.get(&from).map_or(0, |last| last.0);
        let id = match bytes.next() {
            0..=250 => last.saturating_add(1),
            251..=253 => last,
            254 => bytes.number(),
            255 => 0,
        };
        let command = self.command(bytes);
        let msg = ClientMsg {
            id: CommandId(id),
            command,
        };
        let mut known = known(&msg, &self.groups);
        let members = known.group.iter().flat_map(|roster| &roster.members);
        let named = known.people.iter().chain(members).map(|person| &person.id);
        known.blockers = named
            .filter(|named| self.blocks.contains(&((*named).clone(), from.user.clone())))
            .cloned()
            .collect();
        // What is due anyhow is not this message's doing.
        self.handle(Input::Tick);
        let before = self.rings();
        let is_new = id > last;
        let outputs = self.handle(Input::Received {
            from: from.clone(),
            msg,
            known,
        });
        if !self.attached.contains(&from) {
            assert!(
                outputs.is_empty(),
                "a socket that is closed was heard: {outputs:?}"
            );
        } else if is_new {
            self.commands.insert(from.clone(), CommandId(id));
        } else if self.commands.contains_key(&from) {
            let is_done = |output: &Output| {
                matches!(
                    output,
                    Output::Deliver {
                        event: Event::Done { .. },
                        ..
                    }
                )
            };
            assert!(
                outputs.len() == 1 && outputs.iter().all(is_done),
                "said twice: {outputs:?}"
            );
        }
        self.assert_nothing_done_to_others(&from.user, &before);
    }

    fn command(&self, bytes: &mut Bytes<'_>) -> Command {
        let kind = bytes.below(16);
        let call = bytes.of(&self.calls);
        let invite = bytes.of(&self.invites);
        let media = MediaState {
            microphone: true,
            camera: bytes.flag(),
        };
        match kind {
            0 | 1 => Command::Call {
                invitees: people(bytes),
                group: bytes
                    .flag()
                    .then(|| GroupId::from_bits(bytes.next() as u64 % (GROUPS + 1))),
                call_type: bytes.of(&[CallType::Audio, CallType::Video]),
                ring_seconds: bytes.of(&[None, Some(0), Some(5), Some(u32::MAX)]),
                media,
                note: None,
            },
            2 => Command::Invite {
                call,
                invitees: people(bytes),
                ring_seconds: None,
            },
            3 => Command::Accept {
                invite,
                media,
                signals: (0..bytes.below(70)).map(|_| signal(bytes)).collect(),
            },
            4 => Command::Accept {
                invite,
                media,
                signals: Vec::new(),
            },
            5 => Command::Reject { invite },
            6 => Command::Hangup { call },
            7 => Command::Join { call, media },
            8 => Command::ConfirmRinging { invite },
            9 => Command::Rejoin { call, media },
            10 => Command::Announce { call, media },
            11 => Command::Signal {
                call,
                to: user(bytes.of(&PEOPLE)),
                entry: Entry(bytes.below(6) as u32),
                signal: signal(bytes),
            },
            12 => match bytes.below(3) {
                0 => Command::SwitchToVideo { call },
                1 => Command::SwitchToAudio { call },
                _ => Command::AnswerVideo {
                    call,
                    agree: bytes.flag(),
                },
            },
            13 => Command::Watch {
                people: people(bytes),
                newcomers: bytes.flag(),
            },
            14 => Command::Vouch {
                call,
                user: user(bytes.of(&PEOPLE)),
            },
            _ => Command::Hello(Hello {
                version: VERSION,
                device: DeviceId::from_bits(0),
                login: Login::Exclusive,
                resume: None,
            }),
        }
    }

    fn rings(&self) -> BTreeMap<CallId, Ring> {
        let calls = self.switchboard.calls();
        calls
            .map(|(id, call)| {
                let members = call.members().map(|(user, _)| user.clone()).collect();
                let invites = call.invites().map(|(user, _)| user.clone()).collect();
                (id, (members, invites))
            })
            .collect()
    }

    /// Whoever has no part in a call, and is in no group whose call it is, changes nothing of it.
    fn assert_nothing_done_to_others(&self, who: &UserId, before: &BTreeMap<CallId, Ring>) {
        let after = self.rings();
        for (id, ring) in before {
            let has_part = ring.0.contains(who) || ring.1.contains(who);
            let of_own_group = self.groups.values().any(|roster| roster.has(who));
            if !has_part && !of_own_group {
                assert_eq!(after.get(id), Some(ring), "{who} has changed {id:?}");
            }
        }
    }

    fn handle(&mut self, input: Input) -> Vec<Output> {
        let said_by = match &input {
            Input::Received { from, .. } => Some(from.user.clone()),
            _ => None,
        };
        self.switchboard.handle(self.now, input);
        let outputs: Vec<Output> = core::iter::from_fn(|| self.switchboard.poll_output()).collect();
        assert!(outputs.len() <= OUTPUTS, "{} outputs", outputs.len());
        for output in &outputs {
            match output {
                Output::Deliver { to, event } => self.note(to, event, said_by.as_ref()),
                Output::Close { to, .. } => {
                    self.attached.remove(to);
                    self.commands.remove(to);
                }
                _ => {}
            }
        }
        if let Some((due, reason)) = self.switchboard.poll_timeout() {
            assert!(due > self.now, "{reason:?} is due already");
        }
        self.assert_sound();
        outputs
    }

    /// Who connects anew has been told where its commands go on.
    fn note(&mut self, to: &Address, event: &Event, said_by: Option<&UserId>) {
        match event {
            Event::Welcomed(welcome) => {
                assert_eq!(welcome.user, to.user);
                self.commands.insert(to.clone(), welcome.last_command);
            }
            Event::Placed { call } | Event::Joined { call } => self.calls.push(call.call),
            Event::Invited { invitation } => {
                self.invites.push(invitation.invite);
                assert_ne!(invitation.caller.id, to.user, "rung by oneself");
                let blocked = (to.user.clone(), invitation.caller.id.clone());
                assert!(
                    !self.blocks.contains(&blocked),
                    "{to:?} is rung by whom they have blocked"
                );
            }
            Event::Signaled { from, signal, .. } => {
                assert_ne!(*from, to.user, "heard by oneself");
                assert!(
                    said_by.is_none_or(|by| by == from),
                    "{said_by:?} speaks as {from}"
                );
                assert_eq!(signal.check(), Ok(()), "passed on unchecked: {signal:?}");
            }
            _ => {}
        }
        // Ids that are many would never be chosen.
        let [calls, invites] = [self.calls.len(), self.invites.len()];
        self.calls.drain(1..calls.saturating_sub(6).max(1));
        self.invites.drain(1..invites.saturating_sub(6).max(1));
    }

    /// Nobody is in two calls, and no call is of one person alone.
    fn assert_sound(&self) {
        let mut busy = BTreeSet::new();
        for (id, (members, invites)) in self.rings() {
            assert!(!members.is_empty(), "{id:?} is of nobody");
            assert!(
                members.len() + invites.len() > 1,
                "{id:?} is of {members:?} alone"
            );
            for member in members {
                assert!(
                    !invites.contains(&member),
                    "{member} is rung into {id:?}, and in it"
                );
                assert!(busy.insert(member.clone()), "{member} is in two calls");
            }
        }
    }

    /// Everybody goes: nothing is left of it.
    fn close(&mut self) {
        for address in self.attached.clone() {
            self.detach(address, Detachment::Closed);
        }
        for _ in 0..1_000 {
            let Some((due, _)) = self.switchboard.poll_timeout() else {
                break;
            };
            assert!(
                due.since(self.now) < Duration::from_secs(200),
                "a timer far away is armed"
            );
            self.now = due;
            self.handle(Input::Tick);
        }
        assert_eq!(self.switchboard.poll_timeout(), None, "it does not come to rest");
        assert_eq!(self.switchboard.calls().count(), 0, "a call of nobody");
        assert_eq!(self.switchboard.device_count(), 0, "a device of nobody");
    }
}

fn people(bytes: &mut Bytes<'_>) -> Vec<UserId> {
    let choice = bytes.next();
    let named = PEOPLE
        .iter()
        .enumerate()
        .filter(|(at, _)| choice & (1 << at) != 0);
    let mut people: Vec<UserId> = named.map(|(_, name)| user(name)).collect();
    match choice >> 4 {
        0 => people.push(user("nobody")),
        1 => people.extend(people.first().cloned()),
        2 => people = (0..600).map(|n| user(&format!("user-{n}"))).collect(),
        _ => {}
    }
    people
}

fn signal(bytes: &mut Bytes<'_>) -> Signal {
    let description = |kind, sdp: &str| {
        let sdp = sdp.to_owned();
        Signal::Description(Description { kind, sdp })
    };
    let candidate = |line: &str| {
        Signal::Candidate(Candidate {
            candidate: line.to_owned(),
            mid: None,
            m_line_index: None,
        })
    };
    match bytes.below(9) {
        0 | 1 => description(DescriptionKind::Offer, "v=0\r\n"),
        2 => description(DescriptionKind::Answer, "v=0\r\n"),
        3 => description(DescriptionKind::Offer, "v=0\r\n\0"),
        4 => candidate(""),
        5 => candidate("candidate:1\r\n"),
        8 => Signal::Afresh(Attempt(bytes.below(3) as u32)),
        _ => candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host"),
    }
}
