//! What is shown in each state of a phone.

use call::handset::{CallNumber, CallingView, PeerView, RingingView};
use call::id::RoomId;
use call::media::{CaptureError, MediaState};
use call::protocol::EndReason;
use call::toggle::Toggle;

use super::*;

fn number() -> CallNumber {
    CallNumber {
        call: CallId::from_bits(1),
        room: RoomId::new(1).unwrap(),
    }
}

fn person(name: &str) -> Person {
    Person {
        id: name.parse().unwrap(),
        name: name.parse().unwrap(),
    }
}

fn devices(microphone_error: Option<CaptureError>, camera_error: Option<CaptureError>) -> DevicesView {
    DevicesView {
        microphone: Toggle::Stable(microphone_error.is_none()),
        microphone_error,
        microphone_dead: false,
        camera: Toggle::Stable(camera_error.is_none()),
        camera_error,
    }
}

fn at(stage: Stage) -> CallView {
    CallView {
        stage,
        ..CallView::default()
    }
}

fn calling(ringing: bool) -> CallView {
    let devices = devices(None, Some(CaptureError::Missing));
    at(Stage::Calling(CallingView {
        placed: Some(number()),
        invitees: vec![InviteeView {
            person: person("Bob"),
            state: if ringing {
                InviteeState::Ringing
            } else {
                InviteeState::Calling
            },
        }],
        call_type: CallType::Audio,
        group: false,
        of_group: None,
        devices,
    }))
}

fn talking(link: LinkState, media: MediaState, devices: DevicesView) -> CallView {
    at(Stage::InCall(InCallView {
        number: number(),
        entered: true,
        call_type: CallType::Audio,
        group: false,
        of_group: None,
        video: VideoQuestion::Nobody,
        since: Timestamp::ZERO,
        peers: vec![PeerView {
            person: person("Bob"),
            media,
            link,
        }],
        invitees: Vec::new(),
        devices,
    }))
}

const ALL: MediaState = MediaState {
    microphone: true,
    camera: true,
};

#[test]
fn whoever_is_rung_stands_where_they_will_be_in_the_call() {
    let rung = tiles(&calling(true));
    let connected = tiles(&talking(LinkState::Connected, ALL, devices(None, None)));
    assert_eq!(rung[0].person, connected[0].person);
    assert_eq!(
        face(&calling(true)),
        face(&talking(LinkState::Connected, ALL, devices(None, None)))
    );
    assert_eq!(rung[0].status, Status::Ringing);
    assert_eq!(tiles(&calling(false))[0].status, Status::Calling);
}

#[test]
fn a_picture_is_shown_while_there_is_one() {
    let picture = |link, media| tiles(&talking(link, media, devices(None, None)))[0].picture;
    assert!(picture(LinkState::Connected, ALL));
    assert!(
        picture(LinkState::Interrupted(Outage::Between), ALL),
        "it may go on"
    );
    assert!(!picture(LinkState::Failed, ALL));
    assert!(!picture(LinkState::Connecting, ALL));
    assert!(!picture(LinkState::Connected, MediaState::default()));
}

#[test]
fn nobody_is_called_muted_before_they_can_be_heard() {
    let muted = |link| tiles(&talking(link, MediaState::default(), devices(None, None)))[0].muted;
    assert!(!muted(LinkState::Connecting));
    assert!(muted(LinkState::Connected));
}

#[test]
fn a_voice_call_becomes_one_with_pictures_when_a_camera_goes_on() {
    let no_camera = devices(None, Some(CaptureError::Missing));
    assert!(!has_pictures(&calling(false)));
    assert!(!has_pictures(&talking(
        LinkState::Connected,
        MediaState::default(),
        no_camera
    )));
    assert!(has_pictures(&talking(LinkState::Connected, ALL, no_camera)));
    assert!(has_pictures(&talking(
        LinkState::Connected,
        MediaState::default(),
        devices(None, None)
    )));
}

#[test]
fn the_button_shows_the_wish_and_the_tile_the_truth() {
    let opening = DevicesView {
        camera: Toggle::Changing {
            from: false,
            to: true,
        },
        ..devices(None, None)
    };
    let view = talking(LinkState::Connected, ALL, opening);
    assert!(camera_intended(&view));
    assert!(!own_picture(&view));
}

#[test]
fn one_reason_for_both_devices_is_told_once() {
    let problems = |microphone, camera| {
        device_problems(
            &talking(LinkState::Connected, ALL, devices(microphone, camera)),
            Lang::English,
        )
    };
    assert_eq!(
        problems(Some(CaptureError::Refused), Some(CaptureError::Refused)).len(),
        1
    );
    assert_eq!(
        problems(Some(CaptureError::Refused), Some(CaptureError::Missing)).len(),
        2
    );
    assert_eq!(problems(None, Some(CaptureError::Busy)).len(), 1);
    assert!(problems(None, None).is_empty());
}

#[test]
fn a_dead_microphone_is_told() {
    let dead = DevicesView {
        microphone_dead: true,
        ..devices(None, None)
    };
    let view = talking(LinkState::Connected, ALL, dead);
    assert_eq!(
        device_problems(&view, Lang::English),
        [Lang::English.microphone_dead()]
    );
}

#[test]
fn groups_change_on_the_page_without_jumping() {
    let group = |bits: u64, name: &str| Roster {
        group: Group {
            id: GroupId::from_bits(bits),
            name: name.parse().unwrap(),
        },
        members: vec![person("Alice")],
    };
    let loaded = [group(1, "Attic"), group(2, "Cellar"), group(3, "Hall")];
    let mut view = CallView::default();
    let changes = &mut view.group_changes;
    changes.insert(GroupId::from_bits(1), Some(group(1, "Roof")));
    changes.insert(GroupId::from_bits(2), None);
    changes.insert(GroupId::from_bits(9), Some(group(9, "Balcony")));
    let names: Vec<String> = groups(&loaded, &view)
        .iter()
        .map(|roster| roster.group.name.to_string())
        .collect();
    assert_eq!(names, ["Roof", "Hall", "Balcony"]);
    assert_eq!(groups(&loaded, &CallView::default()), loaded);
}

#[test]
fn whoever_speaks_is_marked() {
    let mut view = talking(LinkState::Connected, ALL, devices(None, None));
    let bob = tiles(&view)[0].person.id.clone();
    assert!(!tile(&view, &bob).unwrap().speaking);
    view.speaking.others.push(bob.clone());
    assert!(tile(&view, &bob).unwrap().speaking);
}

#[test]
fn the_title_rings_in_a_hidden_tab() {
    let ringing = at(Stage::Ringing(RingingView {
        number: number(),
        invite: call::id::InviteId::from_bits(1),
        caller: person("Alice"),
        others: Vec::new(),
        of_group: None,
        call_type: CallType::Video,
        note: None,
    }));
    assert_eq!(title(&ringing, Lang::English), "● Alice is calling — Yodel");
    assert_eq!(title(&CallView::default(), Lang::English), "Contacts — Yodel");
    let missed = Notice::Missed {
        caller: person("Alice"),
        call_type: CallType::Video,
        timed_out: true,
    };
    let missed = CallView {
        notice: Some(missed),
        ..CallView::default()
    };
    assert_eq!(
        title(&missed, Lang::English),
        "● You missed a call from Alice — Yodel"
    );
}

#[test]
fn the_call_of_a_group_bears_its_name() {
    let kitchen = Group {
        id: GroupId::from_bits(1),
        name: "Kitchen".parse().unwrap(),
    };
    let ringing = at(Stage::Ringing(RingingView {
        number: number(),
        invite: call::id::InviteId::from_bits(1),
        caller: person("Alice"),
        others: Vec::new(),
        of_group: Some(kitchen.clone()),
        call_type: CallType::Audio,
        note: None,
    }));
    assert_eq!(
        announcement(&ringing, Lang::English),
        "Kitchen – Alice is calling"
    );
    let mut joining = calling(false);
    if let Stage::Calling(calling) = &mut joining.stage {
        calling.of_group = Some(kitchen);
        calling.invitees.clear();
    }
    assert_eq!(call_name(&joining), "Kitchen");
    assert_eq!(status(&joining), Some(Status::Connecting));
}

#[test]
fn every_turn_of_a_call_is_announced() {
    let ended = Notice::Ended {
        with: vec![person("Bob")],
        group: None,
        call_type: CallType::Audio,
        reason: EndReason::OthersLeft,
        connected_ms: 5_000,
    };
    let story = [
        (calling(false), "Calling Bob"),
        (calling(true), "Ringing at Bob"),
        (
            talking(LinkState::Connecting, ALL, devices(None, None)),
            "Connecting…",
        ),
        (
            talking(LinkState::Connected, ALL, devices(None, None)),
            "Connected with Bob",
        ),
        (
            talking(LinkState::Connected, MediaState::default(), devices(None, None)),
            "Connected with Bob. Bob is muted",
        ),
        (
            talking(LinkState::Interrupted(Outage::Own), ALL, devices(None, None)),
            "Your connection is interrupted. Trying to bring it back…",
        ),
        (
            talking(LinkState::Interrupted(Outage::Theirs), ALL, devices(None, None)),
            "Their connection is interrupted. Trying to bring it back…",
        ),
        (
            talking(LinkState::Interrupted(Outage::Between), ALL, devices(None, None)),
            "The connection between you is interrupted. Trying to bring it back…",
        ),
        (
            CallView {
                notice: Some(ended),
                ..CallView::default()
            },
            "Bob hung up",
        ),
        (CallView::default(), ""),
    ];
    for (view, said) in story {
        assert_eq!(announcement(&view, Lang::English), said);
    }
}

#[test]
fn while_the_server_is_out_of_reach_nobody_is_said_to_be_away() {
    let bob = person("Bob").id;
    let mut view = CallView {
        connection: Connection::Online,
        ..CallView::default()
    };
    assert_eq!(presence(&view, &bob), Some(Presence::Offline));
    view.connection = Connection::Reconnecting;
    assert_eq!(presence(&view, &bob), None);
    assert_eq!(presence_class(None), "presence unknown");
    view.presence.insert(bob.clone(), Presence::InCall);
    assert_eq!(presence(&view, &bob), Some(Presence::InCall));
}

#[test]
fn whoever_is_connected_talks_and_whoever_connects_or_rings_does_not() {
    let in_call = |link| talking(link, ALL, devices(None, None));
    assert!(is_talking(&in_call(LinkState::Connected)));
    for view in [
        in_call(LinkState::Connecting),
        in_call(LinkState::Interrupted(Outage::Own)),
        calling(true),
        CallView::default(),
    ] {
        assert!(!is_talking(&view));
    }
}
