//! What the screen shows of a call, derived from the phone's view and from nothing else.
//!
//! Whoever is being rung is a tile with a state, as is whoever is in the call: nothing jumps when they answer.

mod devices;

use call::handset::{
    CallTerms, CallView, Command, Connection, DevicesView, Feed, InCallView, InviteeState, InviteeView,
    LinkState, Notice, Outage, PeerView, RingingView, Stage, VideoQuestion,
};
use call::id::{CallId, Group, GroupId, Person, Roster, UserId};
use call::media::CallType;
use call::protocol::{GroupCall, Presence};
use call::time::Timestamp;

use crate::format::names;
use crate::i18n::Lang;

pub use self::devices::{DeviceChoice, DeviceOption, device_choice, device_problems, quality_choice};

/// Which of the faces of the home page is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The contacts.
    Contacts,
    /// The contacts, and the invitation over them.
    Invitation,
    /// A call, one's own ring included.
    Call,
}

/// Which face of the home page is up.
pub fn face(view: &CallView) -> Face {
    match view.stage {
        Stage::Idle => Face::Contacts,
        Stage::Ringing(_) => Face::Invitation,
        Stage::Calling(_) | Stage::InCall(_) => Face::Call,
    }
}

/// Somebody on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// Who.
    pub person: Person,
    /// How it goes with them.
    pub status: Status,
    /// Whether their microphone is off although they are connected.
    pub muted: bool,
    /// Whether they are heard to speak.
    pub speaking: bool,
    /// Whether there is a picture of them.
    pub picture: bool,
}

/// How it goes with somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// They are being called; no device of theirs has confirmed.
    Calling,
    /// It rings at theirs.
    Ringing,
    /// They have answered, and the media look for a way.
    Connecting,
    /// Something of theirs arrives.
    Connected,
    /// Nothing arrives any more, and where that is.
    Interrupted(Outage),
    /// No way was found for the media.
    Failed,
    /// They declined.
    Rejected,
    /// They are in another call.
    Busy,
    /// They did not answer.
    NoAnswer,
    /// There is no such person.
    Unknown,
}

/// Everybody else on the screen, in a lasting order: nobody changes places by answering.
pub fn tiles(view: &CallView) -> Vec<Tile> {
    let (peers, invitees): (&[PeerView], &[InviteeView]) = match &view.stage {
        Stage::Idle | Stage::Ringing(_) => (&[], &[]),
        Stage::Calling(calling) => (&[], &calling.invitees),
        Stage::InCall(call) => (&call.peers, &call.invitees),
    };
    let mut tiles: Vec<Tile> = Vec::new();
    for mut tile in peers
        .iter()
        .map(tile_of_peer)
        .chain(invitees.iter().map(tile_of_invitee))
    {
        tile.speaking = view.speaking.others.contains(&tile.person.id);
        // A few people: a sort is more code than there is to sort.
        let place = tiles.partition_point(|other| other.person.id <= tile.person.id);
        tiles.insert(place, tile);
    }
    tiles
}

fn tile_of_peer(peer: &PeerView) -> Tile {
    let status = match peer.link {
        LinkState::Connecting => Status::Connecting,
        LinkState::Connected => Status::Connected,
        LinkState::Interrupted(outage) => Status::Interrupted(outage),
        LinkState::Failed => Status::Failed,
    };
    Tile {
        person: peer.person.clone(),
        status,
        muted: status == Status::Connected && !peer.media.microphone,
        speaking: false,
        // A picture that no longer moves is hidden only when it is sure not to move again.
        picture: peer.media.camera && matches!(status, Status::Connected | Status::Interrupted(_)),
    }
}

fn tile_of_invitee(invitee: &InviteeView) -> Tile {
    Tile {
        person: invitee.person.clone(),
        status: match invitee.state {
            InviteeState::Calling => Status::Calling,
            InviteeState::Ringing => Status::Ringing,
            InviteeState::Rejected => Status::Rejected,
            InviteeState::Busy => Status::Busy,
            InviteeState::NoAnswer => Status::NoAnswer,
            InviteeState::Unknown => Status::Unknown,
        },
        muted: false,
        speaking: false,
        picture: false,
    }
}

/// Whether it is a call of several people.
pub fn is_group(view: &CallView) -> bool {
    match &view.stage {
        Stage::Idle | Stage::Ringing(_) => false,
        Stage::Calling(calling) => calling.group,
        Stage::InCall(call) => call.group,
    }
}

/// The stored group whose call is on the screen.
fn of_group(view: &CallView) -> Option<&Group> {
    match &view.stage {
        Stage::Idle | Stage::Ringing(_) => None,
        Stage::Calling(calling) => calling.of_group.as_ref(),
        Stage::InCall(call) => call.of_group.as_ref(),
    }
}

/// What the call on the screen is called: by its group, or by its people.
pub fn call_name(view: &CallView) -> String {
    of_group(view).map_or_else(|| names(&people(view)), |group| group.name.as_str().into())
}

/// The groups of a page that was `loaded` with these, after what has changed since. New ones come last, and one with another
/// name stays where it was: nothing jumps.
pub fn groups(loaded: &[Roster], view: &CallView) -> Vec<Roster> {
    let changes = &view.group_changes;
    let mut groups = Vec::new();
    for roster in loaded {
        match changes.get(&roster.group.id) {
            Some(None) => {}
            Some(Some(changed)) => groups.push(changed.clone()),
            None => groups.push(roster.clone()),
        }
    }
    for new in changes.values().flatten() {
        if loaded.iter().all(|known| known.group.id != new.group.id) {
            groups.push(new.clone());
        }
    }
    groups
}

/// The running call of a group.
pub fn group_call(view: &CallView, group: GroupId) -> Option<&GroupCall> {
    view.group_calls.iter().find(|running| running.group.id == group)
}

/// Who calls; and in the name of which group.
fn who_is_calling(ringing: &RingingView, lang: Lang) -> String {
    let calling = lang.is_calling(ringing.caller.name.as_str());
    match &ringing.of_group {
        Some(group) => [group.name.as_str(), " – ", &calling].concat(),
        None => calling,
    }
}

/// Everybody else on the screen, in a lasting order.
pub fn people(view: &CallView) -> Vec<Person> {
    tiles(view).into_iter().map(|tile| tile.person).collect()
}

/// Somebody's tile.
pub fn tile(view: &CallView, user: &UserId) -> Option<Tile> {
    tiles(view).into_iter().find(|tile| tile.person.id == *user)
}

/// How the call as a whole goes: with one other person, how it goes with them; with several, how it goes with whoever is
/// nearest to talking. None where all is well.
pub fn status(view: &CallView) -> Option<Status> {
    let tiles = tiles(view);
    if tiles.is_empty() && of_group(view).is_some() {
        // On the way into the call of a group.
        return Some(Status::Connecting);
    }
    let statuses = tiles.into_iter().map(|tile| tile.status);
    let nearest = statuses.min_by_key(|status| match status {
        Status::Connected => 0,
        Status::Interrupted(_) => 1,
        Status::Connecting => 2,
        Status::Ringing => 3,
        Status::Calling => 4,
        Status::Failed => 5,
        Status::Rejected | Status::Busy | Status::NoAnswer | Status::Unknown => 6,
    });
    nearest.filter(|&status| status != Status::Connected)
}

/// What the camera's button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraSwitch {
    /// Opens or closes one's own camera.
    Own,
    /// Asks the other side for video: this is a voice call of two.
    Ask,
    /// Takes that question back.
    TakeBack,
}

/// What the camera's button does.
pub fn camera_switch(view: &CallView) -> CameraSwitch {
    match in_call(view) {
        Some(InCallView {
            group: false,
            call_type: CallType::Audio,
            video,
            devices,
            ..
        }) => match video {
            VideoQuestion::Asking => CameraSwitch::TakeBack,
            // A camera that was opened before the call was a voice call can be closed as it is.
            VideoQuestion::Nobody | VideoQuestion::Asked if devices.camera.intent() => CameraSwitch::Own,
            VideoQuestion::Nobody | VideoQuestion::Asked => CameraSwitch::Ask,
        },
        Some(_) | None => CameraSwitch::Own,
    }
}

/// Whether there is a way back to a voice call: this is a video call of two.
pub fn can_switch_to_voice(view: &CallView) -> bool {
    in_call(view).is_some_and(|call| !call.group && call.call_type == CallType::Video)
}

/// Whether somebody asks for video.
pub fn video_question(view: &CallView) -> VideoQuestion {
    in_call(view).map(|call| call.video).unwrap_or_default()
}

/// What a tile of a group call says of how it goes: with one other person, the head of the call says it.
pub fn tile_status(view: &CallView, user: &UserId) -> Option<Status> {
    let tile = tile(view, user).filter(|_| is_group(view))?;
    Some(tile.status).filter(|&status| status != Status::Connected)
}

/// One's own microphone and camera, during a call.
pub fn devices(view: &CallView) -> Option<DevicesView> {
    match &view.stage {
        Stage::Idle | Stage::Ringing(_) => None,
        Stage::Calling(calling) => Some(calling.devices),
        Stage::InCall(call) => Some(call.devices),
    }
}

/// What the microphone's button shows.
pub fn microphone_intended(view: &CallView) -> bool {
    devices(view).is_some_and(|devices| devices.microphone.intent())
}

/// What the camera's button shows.
pub fn camera_intended(view: &CallView) -> bool {
    devices(view).is_some_and(|devices| devices.camera.intent())
}

/// Whether there is a picture of oneself.
pub fn own_picture(view: &CallView) -> bool {
    devices(view).is_some_and(|devices| devices.camera.actual())
}

/// Whether the call has pictures at all: it was placed as a video call, or somebody's camera is on.
pub fn has_pictures(view: &CallView) -> bool {
    let placed_as_video = match &view.stage {
        Stage::Idle | Stage::Ringing(_) => false,
        Stage::Calling(calling) => calling.call_type == CallType::Video,
        Stage::InCall(call) => call.call_type == CallType::Video,
    };
    placed_as_video || camera_intended(view) || tiles(view).iter().any(|tile| tile.picture)
}

/// When the call was answered, by the page's clock.
pub fn since(view: &CallView) -> Option<Timestamp> {
    in_call(view).map(|call| call.since)
}

/// The call that one is in; not while it rings.
pub fn in_call(view: &CallView) -> Option<&InCallView> {
    match &view.stage {
        Stage::InCall(call) => Some(call),
        Stage::Idle | Stage::Ringing(_) | Stage::Calling(_) => None,
    }
}

/// The id of the call that one is in.
pub fn call_id(view: &CallView) -> Option<CallId> {
    in_call(view).map(|call| call.number.call)
}

/// The feed of somebody's tile.
pub fn feed(person: &Person) -> Feed {
    Feed::Remote(person.id.clone())
}

/// How it goes with somebody, where there is something to say.
pub fn status_text(status: Status, lang: Lang) -> &'static str {
    match status {
        Status::Calling => lang.calling(),
        Status::Ringing => lang.ringing(),
        Status::Connecting => lang.link_connecting(),
        Status::Connected => "",
        Status::Interrupted(Outage::Own) => lang.own_link_interrupted(),
        Status::Interrupted(Outage::Theirs) => lang.their_link_interrupted(),
        Status::Interrupted(Outage::Between) => lang.link_interrupted(),
        Status::Failed => lang.link_failed(),
        Status::Rejected => lang.has_declined(),
        Status::Busy => lang.is_busy(),
        Status::NoAnswer => lang.no_answer(),
        Status::Unknown => lang.unknown_here(),
    }
}

/// The same in a word or two, for a tile among others.
pub fn status_word(status: Status, lang: Lang) -> &'static str {
    match status {
        Status::Interrupted(_) => lang.interrupted(),
        Status::Failed => lang.no_way_through(),
        Status::Calling
        | Status::Ringing
        | Status::Connecting
        | Status::Connected
        | Status::Rejected
        | Status::Busy
        | Status::NoAnswer
        | Status::Unknown => status_text(status, lang),
    }
}

/// Whether somebody in the call is seen and heard, which needs no server.
pub fn is_talking(view: &CallView) -> bool {
    matches!(&view.stage, Stage::InCall(call) if call.peers.iter().any(|peer| peer.link == LinkState::Connected))
}

/// Somebody's presence. While the server is out of reach it is not known, unless it was said before.
pub fn presence(view: &CallView, person: &UserId) -> Option<Presence> {
    let said = view.presence.get(person).copied();
    // Whom a server in reach does not name is not there.
    said.or_else(|| (view.connection == Connection::Online).then(Presence::default))
}

/// The class that colors a presence.
pub const fn presence_class(presence: Option<Presence>) -> &'static str {
    match presence {
        None => "presence unknown",
        Some(Presence::Offline | Presence::Blocked) => "presence",
        Some(Presence::Online) => "presence online",
        Some(Presence::InCall) => "presence in-call",
    }
}

/// The title of the document.
pub fn title(view: &CallView, lang: Lang) -> String {
    let what = match &view.stage {
        Stage::Ringing(ringing) => who_is_calling(ringing, lang),
        Stage::Calling(_) => lang.calling_somebody(&call_name(view)),
        Stage::InCall(_) => lang.call_with(&call_name(view)),
        Stage::Idle => match &view.notice {
            // Seen in the row of tabs, when the ringing is over.
            Some(notice @ Notice::Missed { .. }) => lang.notice(notice),
            _ => return [lang.contacts(), " — Yodel"].concat(),
        },
    };
    ["● ", &what, " — Yodel"].concat()
}

/// What a screen reader is told, politely, when it changes.
pub fn announcement(view: &CallView, lang: Lang) -> String {
    match &view.stage {
        Stage::Ringing(ringing) => who_is_calling(ringing, lang),
        Stage::Calling(_) => {
            let tiles = tiles(view);
            let somewhere = tiles.iter().filter(|tile| tile.status == Status::Ringing);
            let ringing: Vec<Person> = somewhere.map(|tile| tile.person.clone()).collect();
            if ringing.is_empty() {
                lang.calling_somebody(&call_name(view))
            } else {
                lang.ringing_at(&names(&ringing))
            }
        }
        Stage::InCall(call) => {
            let tiles = tiles(view);
            let talking = tiles.iter().filter(|tile| tile.status == Status::Connected);
            let talking: Vec<Person> = talking.map(|tile| tile.person.clone()).collect();
            let mut said = Vec::new();
            match call.video {
                VideoQuestion::Nobody => {}
                VideoQuestion::Asking => said.push(lang.is_asked_for_video(&names(&talking))),
                VideoQuestion::Asked => said.push(lang.asks_for_video(&names(&talking))),
            }
            if !talking.is_empty() {
                said.push(lang.connected_with(&names(&talking)));
            }
            for tile in &tiles {
                let name = tile.person.name.as_str();
                if tile.muted {
                    said.push(lang.is_muted(name));
                } else if tile.status != Status::Connected {
                    let text = status_text(tile.status, lang);
                    said.push(if call.group {
                        [name, ": ", text].concat()
                    } else {
                        text.into()
                    });
                }
            }
            said.join(". ")
        }
        Stage::Idle => view
            .notice
            .as_ref()
            .map(|notice| lang.notice(notice))
            .unwrap_or_default(),
    }
}

/// The call that a notice offers.
pub fn call_from_notice(notice: &Notice) -> Option<Command> {
    match notice {
        Notice::Ended {
            with,
            group,
            call_type,
            ..
        } => Some(Command::Call {
            // The server knows best who is in the group by now.
            callees: if group.is_some() { Vec::new() } else { with.clone() },
            group: group.clone(),
            call_type: *call_type,
            terms: CallTerms::default(),
        }),
        Notice::Missed {
            caller, call_type, ..
        } => Some(Command::Call {
            callees: vec![caller.clone()],
            group: None,
            call_type: *call_type,
            terms: CallTerms::default(),
        }),
        Notice::HandledElsewhere { .. }
        | Notice::NoVideo { .. }
        | Notice::Refused(_)
        | Notice::NotConnected => None,
    }
}

#[cfg(test)]
mod tests;
