//! Whole documents, as the server draws them.

#[path = "../examples/gallery/samples.rs"]
mod samples;

use app::desk::{AccountProblem, BlockProblem, SignInProblem, SignUpProblem};
use app::forms::AccountError;
use app::i18n::Lang;
use app::page::{AccountChange, Page};
use call::handset::{CallView, InviteeState, LinkState};
use call::media::{CallType, MediaState};
use samples::{calling, draw, group, home, kitchen, kitchen_talks, online, person, ringing, talking};

fn home_in(lang: Lang, view: CallView) -> String {
    draw(Page::Home(home()), lang, view)
}

/// Bob's page, as Alice sees it.
fn somebody(blocked: bool, problem: Option<BlockProblem>) -> Page {
    Page::Person {
        me: home().me,
        person: person("bob", "Bob"),
        blocked,
        problem,
    }
}

#[test]
fn sign_in_keeps_what_was_typed_and_says_why() {
    let page = Page::SignIn {
        user_id: "alice".into(),
        problem: Some(SignInProblem::WrongCredentials),
    };
    let document = draw(page, Lang::English, CallView::default());
    assert!(document.contains("<html lang=\"en\""));
    assert!(
        document.contains("action=\"/api/sign_in\""),
        "the form works without scripts"
    );
    assert!(document.contains("value=\"alice\""));
    assert!(document.contains("The user ID or the password is wrong."));
    assert!(document.contains("aria-describedby=\"form-error\""));
    assert!(document.contains("aria-invalid=\"true\""));
}

#[test]
fn a_taken_user_id_is_told_at_its_field() {
    let page = Page::SignUp {
        user_id: "bob".into(),
        name: "Bob".into(),
        problem: Some(SignUpProblem::Taken),
    };
    let document = draw(page, Lang::English, CallView::default());
    assert!(document.contains("aria-describedby=\"form-error user_id-hint\""));
    assert_eq!(document.matches("aria-invalid").count(), 1);
}

#[test]
fn pages_speak_chinese() {
    let document = draw(
        Page::SignIn {
            user_id: String::new(),
            problem: None,
        },
        Lang::Chinese,
        CallView::default(),
    );
    assert!(document.contains("<html lang=\"zh-Hans\""));
    assert!(document.contains("欢迎回来"));
    assert!(document.contains("<title>登录 — Yodel</title>"));
}

#[test]
fn hostile_names_stay_text() {
    let mut home = home();
    home.me = person("alice", "<script>alert(1)</script>");
    home.query = "\"><img src=x onerror=alert(1)>".into();
    home.people.found = vec![person("carol", "\"><img src=x onerror=alert(2)>&amp;")];
    let document = draw(Page::Home(home), Lang::English, online());
    assert!(!document.contains("<script>alert"));
    assert!(!document.contains("<img"));
    assert!(document.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn contacts_have_names_presence_and_two_ways_to_call() {
    let document = home_in(Lang::English, online());
    for text in ["Bob", "@bob", "Online", "In a call", "Offline"] {
        assert!(document.contains(text), "{text}");
    }
    assert!(document.contains("aria-label=\"Voice call with Bob\""));
    assert!(document.contains("aria-label=\"Video call with Bob\""));
}

#[test]
fn without_a_phone_nobody_can_be_called() {
    let buttons = |document: &str| {
        let buttons: Vec<_> = document
            .split("<button")
            .filter(|tag| tag.contains("call-button"))
            .map(str::to_owned)
            .collect();
        assert!(!buttons.is_empty());
        buttons
    };
    let disabled = |tag: &String| tag.split('>').next().is_some_and(|tag| tag.contains(" disabled"));
    assert!(
        buttons(&home_in(Lang::English, CallView::default()))
            .iter()
            .all(disabled)
    );
    assert!(!buttons(&home_in(Lang::English, online())).iter().any(disabled));
}

#[test]
fn every_page_has_one_heading_of_the_first_rank_that_can_be_reached() {
    let pages = [
        Page::SignIn {
            user_id: String::new(),
            problem: None,
        },
        Page::SignUp {
            user_id: String::new(),
            name: String::new(),
            problem: None,
        },
        Page::Home(home()),
        Page::NewGroup {
            me: home().me,
            people: home().people,
            failed: None,
        },
        Page::Group {
            me: home().me,
            roster: kitchen(),
            people: home().people,
            failed: None,
        },
        somebody(false, None),
        somebody(true, Some(BlockProblem::TooManyChanges)),
        Page::NotFound,
        Page::Unavailable,
    ];
    for page in pages {
        let document = draw(page.clone(), Lang::English, CallView::default());
        assert_eq!(document.matches("<h1").count(), 1, "{page:?}");
        assert_eq!(document.matches("<main").count(), 1, "{page:?}");
    }
    let document = home_in(Lang::English, calling(CallType::Audio, false));
    // The contacts lie under the call, out of reach: of the two headings, one counts.
    assert_eq!(document.matches("<h1").count(), 2);
    assert_eq!(document.matches(" inert").count(), 1);
    let (home, call) = document.split_once("id=\"call-names\"").unwrap();
    assert!(home.contains(" inert") && !call.contains("id=\"contacts-heading\""));
}

#[test]
fn the_caller_is_told_the_truth_about_ringing() {
    assert!(home_in(Lang::English, calling(CallType::Audio, false)).contains("Calling…"));
    assert!(home_in(Lang::English, calling(CallType::Audio, true)).contains("Ringing…"));
}

#[test]
fn a_voice_call_is_answered_by_voice_and_a_video_call_either_way() {
    let voice = home_in(Lang::English, ringing(CallType::Audio));
    assert!(voice.contains("Answer") && !voice.contains("Answer with video"));
    let video = home_in(Lang::English, ringing(CallType::Video));
    assert!(video.contains("Answer with video") && video.contains("Answer with sound only"));
    assert!(voice.contains("Decline") && video.contains("Decline"));
}

#[test]
fn a_failed_link_says_what_to_do() {
    let media = MediaState {
        microphone: true,
        camera: false,
    };
    let document = home_in(Lang::English, talking(CallType::Audio, LinkState::Failed, media));
    assert!(document.contains("Try another network"));
}

#[test]
fn nothing_in_a_document_needs_unsafe_inline() {
    for document in [
        home_in(
            Lang::English,
            talking(CallType::Video, LinkState::Connected, MediaState::default()),
        ),
        draw(
            Page::SignIn {
                user_id: String::new(),
                problem: None,
            },
            Lang::English,
            CallView::default(),
        ),
    ] {
        assert!(!document.contains(" style="));
        assert!(!document.contains("<style"));
        assert!(!document.contains(" onclick") && !document.contains("javascript:"));
    }
}

#[test]
fn a_group_call_says_of_each_how_it_stands() {
    let document = home_in(
        Lang::English,
        group(
            CallType::Video,
            &[("Bob", LinkState::Connected, MediaState::default())],
            &[
                ("Carol", InviteeState::Ringing),
                ("Kitchen", InviteeState::Busy),
                ("Library", InviteeState::Rejected),
                ("Workshop", InviteeState::NoAnswer),
            ],
        ),
    );
    for said in ["Ringing…", "In another call", "Declined", "No answer", "Muted"] {
        assert!(document.contains(said), "{said}");
    }
    assert!(document.contains("Bob, Carol, Kitchen +2"));
    assert!(document.contains("role=\"timer\""), "the call goes on with Bob");
}

#[test]
fn the_page_of_somebody_says_what_blocking_does_and_offers_one_way() {
    let drawn = |page| draw(page, Lang::English, CallView::default());
    let open = drawn(somebody(false, None));
    for text in [
        "<title>Bob — Yodel</title>",
        "@bob",
        "action=\"/api/block\"",
        "value=\"bob\"",
        "see you as offline",
    ] {
        assert!(open.contains(text), "{text}");
    }
    assert!(!open.contains("/api/unblock") && !open.contains("role=\"alert\""));
    let blocked = drawn(somebody(true, Some(BlockProblem::Unavailable)));
    assert!(blocked.contains("action=\"/api/unblock\"") && blocked.contains("role=\"alert\""));
    assert!(!blocked.contains("action=\"/api/block\""));
    let Page::Person { me, .. } = somebody(false, None) else {
        panic!("not a page of somebody")
    };
    let own = drawn(Page::Person {
        person: me.clone(),
        me,
        blocked: false,
        problem: None,
    });
    assert!(!own.contains("/api/block"), "nobody blocks themselves");
}

#[test]
fn a_name_among_the_contacts_leads_to_that_persons_page() {
    assert!(home_in(Lang::English, online()).contains("href=\"/people/bob\""));
}

#[test]
fn a_group_can_be_called_or_its_running_call_joined() {
    let quiet = home_in(Lang::English, online());
    assert!(quiet.contains("aria-label=\"Video call with Kitchen table\""));
    assert!(quiet.contains("Bob, Carol"));
    assert!(!quiet.contains("Join call"));
    let talks = home_in(Lang::English, kitchen_talks());
    assert!(talks.contains("aria-label=\"Join call of Kitchen table\""));
}

#[test]
fn a_running_call_of_a_group_that_the_page_does_not_know_can_be_joined() {
    let mut without = home();
    without.groups.clear();
    let document = draw(Page::Home(without), Lang::English, kitchen_talks());
    assert!(document.contains("aria-label=\"Join call of Kitchen table\""));
}

#[test]
fn the_page_of_the_account_points_at_what_is_wrong() {
    let account = |done, problem: Option<(AccountProblem, AccountChange)>| {
        let me = home().me;
        let failed = problem.map(|(problem, change)| AccountError { problem, change });
        draw(
            Page::Account { me, done, failed },
            Lang::English,
            CallView::default(),
        )
    };
    let blank = account(None, None);
    assert!(blank.contains("<title>Your account — Yodel</title>"));
    assert!(!blank.contains("role=\"alert\"") && !blank.contains("aria-invalid"));
    let wrong = |change| account(None, Some((AccountProblem::WrongPassword, change)));
    let of_password = wrong(AccountChange::Password);
    assert!(of_password.contains("The current password is wrong."));
    assert_eq!(of_password.matches("aria-invalid").count(), 1);
    let of_sign_out = wrong(AccountChange::SignedOutElsewhere);
    assert_eq!(of_sign_out.matches("aria-invalid").count(), 1);
    let (first, second) = (of_password.find("aria-invalid"), of_sign_out.find("aria-invalid"));
    assert!(first < second, "the field of the form that was sent");
    let short = account(
        None,
        Some((AccountProblem::PasswordTooShort, AccountChange::Password)),
    );
    assert!(short.contains("aria-describedby=\"form-error new-hint\""));
    assert!(account(Some(AccountChange::Password), None).contains("role=\"status\""));
}

#[test]
fn every_page_behind_the_door_has_the_way_out() {
    let me = home().me;
    let pages = [
        Page::Home(home()),
        Page::NewGroup {
            me: me.clone(),
            people: home().people,
            failed: None,
        },
        Page::Group {
            me: me.clone(),
            roster: kitchen(),
            people: home().people,
            failed: None,
        },
        somebody(false, None),
        Page::Account {
            me,
            done: None,
            failed: None,
        },
    ];
    for page in pages {
        let document = draw(page, Lang::English, CallView::default());
        assert!(document.contains("action=\"/api/sign_out\""));
        assert!(document.contains("href=\"/account\""));
    }
}
