//! People, pages and calls to draw.
#![expect(
    clippy::expect_used,
    reason = "the samples are constants: a wrong one is to be noticed at once"
)]

use app::assets::Assets;
use app::i18n::Lang;
use app::page::{Home, Page, PastCall, PastOutcome, People};
use call::handset::{
    CallNumber, CallView, CallingView, Connection, DevicesView, InCallView, InviteeState, InviteeView,
    LinkState, PeerView, RingingView, Stage, VideoQuestion,
};
use call::id::{CallId, Group, GroupId, InviteId, Person, RoomId, Roster};
use call::media::{CallType, MediaState};
use call::protocol::{GroupCall, Presence};
use call::time::Timestamp;
use call::toggle::Toggle;
use leptos::prelude::*;

/// The document of `page`, as a server draws it. The home page shows `view`.
pub(crate) fn draw(page: Page, lang: Lang, view: CallView) -> String {
    let assets = Assets {
        script: "/pkg/yodel.js".into(),
        wasm: "/pkg/yodel.wasm".into(),
        style: "/pkg/yodel.css".into(),
    };
    Owner::new().with(|| {
        provide_context(view);
        app::shell(page, lang, assets).to_html()
    })
}

/// Somebody.
fn number() -> CallNumber {
    CallNumber {
        call: CallId::from_bits(1),
        room: RoomId::new(1).expect("a number"),
    }
}

pub(crate) fn person(id: &str, name: &str) -> Person {
    Person {
        id: id.parse().expect("a user id"),
        name: name.parse().expect("a name"),
    }
}

/// The home page of Alice.
pub(crate) fn home() -> Home {
    let found: Vec<_> = [
        ("bob", "Bob"),
        ("carol", "Carol"),
        ("meeting-room", "会议室"),
        ("front-desk", "Front desk"),
        ("workshop", "Workshop ’93"),
        ("hall", "The large hall on the second floor, next to the library"),
        ("kitchen", "Kitchen"),
    ]
    .iter()
    .map(|(id, name)| person(id, name))
    .collect();
    let past = |of: usize, call_type, outcome, connected_ms, age_min: u64| PastCall {
        with: found[of].clone(),
        call_type,
        outcome,
        connected_ms,
        placed_at_ms: now_ms().saturating_sub(age_min * 60_000),
    };
    let recent = vec![
        past(0, CallType::Video, PastOutcome::Outgoing, 754_000, 12),
        past(1, CallType::Audio, PastOutcome::Missed, 0, 95),
        past(2, CallType::Video, PastOutcome::Incoming, 3_723_000, 300),
        past(3, CallType::Audio, PastOutcome::Unanswered, 0, 3_000),
        past(4, CallType::Audio, PastOutcome::Declined, 0, 9_000),
    ];
    Home {
        me: person("alice", "Alice"),
        query: String::new(),
        people: People { found, more: false },
        groups: vec![kitchen()],
        recent,
    }
}

/// A group of Alice, Bob and Carol.
pub(crate) fn kitchen() -> Roster {
    Roster {
        group: Group {
            id: GroupId::from_bits(7),
            name: "Kitchen table".parse().expect("a name"),
        },
        members: [("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")]
            .map(|(id, name)| person(id, name))
            .into(),
    }
}

/// A phone that knows of a running call of that group.
pub(crate) fn kitchen_talks() -> CallView {
    CallView {
        group_calls: vec![GroupCall {
            group: kitchen().group,
            call: CallId::from_bits(5),
            call_type: CallType::Video,
        }],
        ..online()
    }
}

/// A phone that can be used.
pub(crate) fn online() -> CallView {
    let presence = [
        ("bob", Presence::Online),
        ("carol", Presence::InCall),
        ("meeting-room", Presence::Online),
    ];
    CallView {
        connection: Connection::Online,
        presence: presence
            .iter()
            .map(|(id, presence)| (id.parse().expect("a user id"), *presence))
            .collect(),
        ..CallView::default()
    }
}

/// Devices that do as they are told.
fn devices(camera: bool) -> DevicesView {
    DevicesView {
        microphone: Toggle::Stable(true),
        microphone_error: None,
        microphone_dead: false,
        camera: Toggle::Stable(camera),
        camera_error: None,
    }
}

/// Calling Bob.
pub(crate) fn calling(call_type: CallType, ringing: bool) -> CallView {
    let state = if ringing {
        InviteeState::Ringing
    } else {
        InviteeState::Calling
    };
    let devices = devices(call_type == CallType::Video);
    CallView {
        stage: Stage::Calling(CallingView {
            placed: Some(number()),
            invitees: vec![InviteeView {
                person: person("bob", "Bob"),
                state,
            }],
            call_type,
            group: false,
            of_group: None,
            devices,
        }),
        ..online()
    }
}

/// Being called by Bob.
pub(crate) fn ringing(call_type: CallType) -> CallView {
    CallView {
        stage: Stage::Ringing(RingingView {
            number: number(),
            invite: InviteId::from_bits(1),
            caller: person("bob", "Bob"),
            others: Vec::new(),
            of_group: None,
            call_type,
            note: None,
        }),
        ..online()
    }
}

/// In a call with Bob.
pub(crate) fn talking(call_type: CallType, link: LinkState, media: MediaState) -> CallView {
    let peers = vec![PeerView {
        person: person("bob", "Bob"),
        media,
        link,
    }];
    CallView {
        stage: Stage::InCall(InCallView {
            number: number(),
            entered: true,
            call_type,
            group: false,
            of_group: None,
            video: VideoQuestion::Nobody,
            since: Timestamp::ZERO,
            peers,
            invitees: Vec::new(),
            devices: devices(call_type == CallType::Video),
        }),
        ..online()
    }
}

/// In a call with several people, and with others who are rung or will not come.
pub(crate) fn group(
    call_type: CallType,
    peers: &[(&str, LinkState, MediaState)],
    invitees: &[(&str, InviteeState)],
) -> CallView {
    let by_name = |name: &str| person(&name.to_lowercase().replace(' ', "-"), name);
    let mut view = talking(call_type, LinkState::Connected, MediaState::default());
    if let Stage::InCall(call) = &mut view.stage {
        call.group = true;
        call.peers = peers
            .iter()
            .map(|(name, link, media)| PeerView {
                person: by_name(name),
                media: *media,
                link: *link,
            })
            .collect();
        call.invitees = invitees
            .iter()
            .map(|(name, state)| InviteeView {
                person: by_name(name),
                state: *state,
            })
            .collect();
    }
    view
}

fn now_ms() -> u64 {
    std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |elapsed| elapsed.as_millis() as u64)
}
