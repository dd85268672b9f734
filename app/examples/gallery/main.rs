//! Writes every page and every state of a call to HTML files, to be looked at without a server:
//! `cargo run -p app --features ssr --example gallery -- target/gallery`

mod samples;

use std::path::PathBuf;
use std::{env, fs, io};

use app::desk::{SignInProblem, SignUpProblem};
use app::i18n::Lang;
use app::page::{AccountChange, Home, Page, People};
use call::handset::{
    CallView, Connection, InviteeState, LinkState, Notice, Outage, Sound, Stage, VideoQuestion,
};
use call::id::CallId;
use call::media::{CallType, CaptureError, MediaState};
use call::protocol::{EndReason, Refusal};
use call::toggle::Toggle;
use samples::{calling, draw, group, home, kitchen, kitchen_talks, online, person, ringing, talking};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "target/gallery".into()));
    fs::create_dir_all(&folder)?;
    for lang in Lang::ALL {
        for (name, page, view) in states() {
            // The files are opened from disk: the style sheet lies beside them, and there are no scripts to load.
            let document = draw(page, lang, view)
                .replace("/pkg/yodel.css", "main.css")
                .replace("type=\"module\"", "type=\"text/plain\"");
            fs::write(folder.join(format!("{name}.{}.html", lang.code())), document)?;
        }
    }
    for style in fs::read_dir("style")? {
        let style = style?;
        fs::copy(style.path(), folder.join(style.file_name()))?;
    }
    Ok(())
}

/// The same view after a change.
fn with(mut view: CallView, change: impl FnOnce(&mut CallView)) -> CallView {
    change(&mut view);
    view
}

fn states() -> Vec<(&'static str, Page, CallView)> {
    let at_home = |name, view| (name, Page::Home(home()), view);
    let both = MediaState {
        microphone: true,
        camera: true,
    };
    let sound = MediaState {
        microphone: true,
        camera: false,
    };
    let bob = || person("bob", "Bob");
    let notice = |notice| CallView {
        notice: Some(notice),
        ..online()
    };
    vec![
        (
            "sign-in",
            Page::SignIn {
                user_id: String::new(),
                problem: None,
            },
            CallView::default(),
        ),
        (
            "sign-in-wrong",
            Page::SignIn {
                user_id: "alice".into(),
                problem: Some(SignInProblem::WrongCredentials),
            },
            CallView::default(),
        ),
        (
            "sign-up",
            Page::SignUp {
                user_id: String::new(),
                name: String::new(),
                problem: None,
            },
            CallView::default(),
        ),
        (
            "sign-up-taken",
            Page::SignUp {
                user_id: "alice".into(),
                name: "Alice".into(),
                problem: Some(SignUpProblem::Taken),
            },
            CallView::default(),
        ),
        ("not-found", Page::NotFound, CallView::default()),
        ("unavailable", Page::Unavailable, CallView::default()),
        at_home("home", online()),
        at_home("home-offline", CallView::default()),
        at_home("home-group-talks", kitchen_talks()),
        (
            "group-new",
            Page::NewGroup {
                me: home().me,
                people: home().people,
                failed: None,
            },
            CallView::default(),
        ),
        (
            "group",
            Page::Group {
                me: home().me,
                roster: kitchen(),
                people: home().people,
                failed: None,
            },
            CallView::default(),
        ),
        (
            "person",
            Page::Person {
                me: home().me,
                person: bob(),
                blocked: false,
                problem: None,
            },
            CallView::default(),
        ),
        (
            "person-blocked",
            Page::Person {
                me: home().me,
                person: bob(),
                blocked: true,
                problem: None,
            },
            CallView::default(),
        ),
        (
            "account",
            Page::Account {
                me: home().me,
                done: None,
                failed: None,
            },
            CallView::default(),
        ),
        (
            "account-changed",
            Page::Account {
                me: home().me,
                done: Some(AccountChange::Password),
                failed: None,
            },
            CallView::default(),
        ),
        (
            "home-empty",
            Page::Home(Home {
                people: People::default(),
                groups: Vec::new(),
                recent: Vec::new(),
                ..home()
            }),
            online(),
        ),
        at_home(
            "home-reconnecting",
            CallView {
                connection: Connection::Reconnecting,
                ..online()
            },
        ),
        at_home(
            "home-signed-out",
            CallView {
                connection: Connection::SignedOut,
                ..online()
            },
        ),
        at_home(
            "home-banners",
            CallView {
                sound: Sound::Blocked,
                elsewhere: Some(CallId::from_bits(1)),
                ..online()
            },
        ),
        at_home(
            "home-ended",
            notice(Notice::Ended {
                group: None,
                with: vec![bob()],
                call_type: CallType::Video,
                reason: EndReason::OthersLeft,
                connected_ms: 754_000,
            }),
        ),
        at_home(
            "home-missed",
            notice(Notice::Missed {
                caller: bob(),
                call_type: CallType::Audio,
                timed_out: true,
            }),
        ),
        at_home("home-refused", notice(Notice::Refused(Refusal::AlreadyInCall))),
        at_home("calling-voice", calling(CallType::Audio, false)),
        at_home("ringing-voice", calling(CallType::Audio, true)),
        at_home("calling-video", calling(CallType::Video, true)),
        at_home("invite-voice", ringing(CallType::Audio)),
        at_home("invite-video", ringing(CallType::Video)),
        at_home(
            "call-voice",
            talking(CallType::Audio, LinkState::Connected, sound),
        ),
        at_home(
            "call-connecting",
            talking(CallType::Audio, LinkState::Connecting, sound),
        ),
        at_home(
            "call-muted",
            talking(CallType::Audio, LinkState::Connected, MediaState::default()),
        ),
        at_home(
            "call-interrupted",
            talking(CallType::Audio, LinkState::Interrupted(Outage::Between), sound),
        ),
        at_home("call-failed", talking(CallType::Audio, LinkState::Failed, sound)),
        at_home("call-video", talking(CallType::Video, LinkState::Connected, both)),
        at_home(
            "call-refused",
            with(talking(CallType::Video, LinkState::Connected, both), |view| {
                if let Stage::InCall(call) = &mut view.stage {
                    call.devices.microphone = Toggle::Stable(false);
                    call.devices.microphone_error = Some(CaptureError::Refused);
                    call.devices.camera = Toggle::Stable(false);
                    call.devices.camera_error = Some(CaptureError::Missing);
                }
                view.sound = Sound::Blocked;
            }),
        ),
        at_home(
            "invite-group",
            with(ringing(CallType::Video), |view| {
                if let Stage::Ringing(ringing) = &mut view.stage {
                    ringing.others = vec![person("carol", "Carol"), person("kitchen", "Kitchen")];
                }
            }),
        ),
        at_home(
            "group-forming",
            group(
                CallType::Video,
                &[("Bob", LinkState::Connected, both)],
                &[
                    ("Carol", InviteeState::Ringing),
                    ("Front desk", InviteeState::Busy),
                    ("Kitchen", InviteeState::Calling),
                    ("Library", InviteeState::Rejected),
                    ("Workshop", InviteeState::NoAnswer),
                ],
            ),
        ),
        at_home(
            "group-voice",
            group(
                CallType::Audio,
                &[
                    ("Bob", LinkState::Connected, sound),
                    ("Carol", LinkState::Connected, MediaState::default()),
                    ("Kitchen", LinkState::Interrupted(Outage::Between), sound),
                ],
                &[],
            ),
        ),
        at_home(
            "call-asked-for-video",
            with(talking(CallType::Audio, LinkState::Connected, both), |view| {
                if let Stage::InCall(call) = &mut view.stage {
                    call.video = VideoQuestion::Asked;
                }
            }),
        ),
    ]
}
