//! Who exists is told to those who have the list of everybody, and to nobody else: neither by a word nor by the time it takes.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use app::desk::SignInProblem;
use app::desk::ssr::{FrontDesk as _, Visitor};
use call::id::UserId;
use call::protocol::Command;
use server::apps::Apps;
use server::clock::UnixMillis;

use crate::common::{Front, TestServer, app, location};

const APPS: &str = "1400000001:a secret of the site's own,1400000002:a secret of another app";
const RING: Duration = Duration::from_secs(1);

/// How long one wrong sign-in takes. Each comes from an address of its own, so none is kept waiting.
async fn refusal_takes(server: &TestServer, number: u32, user_id: &str) -> Duration {
    let visitor = Visitor {
        address: IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number)),
        user: None,
        token: None,
    };
    let desk = server.server.site().desk();
    let asked = Instant::now();
    let answer = desk.sign_in(&visitor, user_id, "wrong wrong").await;
    let took = asked.elapsed();
    assert_eq!(answer.unwrap_err(), SignInProblem::WrongCredentials);
    took
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The typical distance from the median: how little a difference says on this machine at this moment.
fn spread(times: &[Duration], median: Duration) -> Duration {
    let mut distances: Vec<Duration> = times.iter().map(|time| time.abs_diff(median)).collect();
    self::median(&mut distances)
}

/// How long refusals take for somebody known and for somebody unknown, and how uncertain that is.
async fn refusals_take(server: &TestServer, batch: u32) -> (Duration, Duration, Duration) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for round in 40 * batch..40 * (batch + 1) {
        // In turns, and each of them first as often as the other: what else the machine does falls on both.
        for user_id in if round % 2 == 0 {
            ["alice", "nobody"]
        } else {
            ["nobody", "alice"]
        } {
            let number = 2 * round + u32::from(user_id == "alice");
            let took = refusal_takes(server, number, user_id).await;
            match user_id {
                "alice" => known.push(took),
                _ => unknown.push(took),
            }
        }
    }
    let (of_known, of_unknown) = (median(&mut known), median(&mut unknown));
    let uncertain = spread(&known, of_known) + spread(&unknown, of_unknown);
    println!("known {of_known:?}, unknown {of_unknown:?}, uncertain by {uncertain:?}");
    (of_known, of_unknown, uncertain)
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_take_the_same_time() {
    let (server, _) = TestServer::with_user("alice").await;
    for batch in 0..20 {
        let (of_known, of_unknown, uncertain) = refusals_take(&server, batch).await;
        // Where every try takes another time, a difference says nothing.
        if uncertain > of_known / 4 {
            continue;
        }
        assert!(of_known.abs_diff(of_unknown) <= Duration::from_millis(5) + 2 * uncertain);
        // It is the time of a hash, and not that of a look into a table.
        assert!(of_unknown > of_known / 2 && of_known > of_unknown / 2);
        return;
    }
    panic!("this machine is too busy to tell: every try took another time");
}

/// Status, headers and body, but for the date.
async fn all_of(response: reqwest::Response) -> (u16, Vec<(String, String)>, String) {
    let status = response.status().as_u16();
    let mut headers: Vec<_> = response
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str() != "date")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (status, headers, response.text().await.unwrap())
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_told_the_same_to_the_letter() {
    let (server, _) = TestServer::with_user("alice").await;
    let sign_in = async |id: &str, plain: bool| {
        let fields = [("user_id", id), ("password", "wrong wrong")];
        let response = match plain {
            true => server.submit("/api/sign_in", &fields, None).await,
            false => server.post("/api/sign_in", &fields, None).await,
        };
        let page = match location(&response) {
            "" => None,
            back => Some(all_of(server.get(back, None).await).await),
        };
        let text = format!("{:?} {page:?}", all_of(response).await);
        // The nonce of a page is another each time.
        let nonce = text
            .split_once("'nonce-")
            .and_then(|(_, rest)| rest.split_once('\''))
            .map_or("no nonce", |(nonce, _)| nonce);
        let text = text.replace(nonce, "once");
        text.replace(id, "them")
    };
    for plain in [false, true] {
        for _ in 0..4 {
            assert_eq!(sign_in("alice", plain).await, sign_in("nemo1", plain).await);
        }
    }
    // The ninth is one too many, for both alike.
    for id in ["alice", "nemo1"] {
        let fields = [("user_id", id), ("password", "wrong wrong")];
        assert_eq!(
            server.post("/api/sign_in", &fields, None).await.status(),
            429,
            "{id}"
        );
    }
}

#[tokio::test]
async fn to_whoever_an_app_has_sent_nobody_looks_like_somebody_offline_or_out_of_reach() {
    let server = TestServer::start_with(|config| {
        config.apps = APPS.parse::<Apps>().unwrap();
        config.ring = RING;
    })
    .await;
    for entry in APPS.split(',') {
        let app = app(entry);
        server.sdk_phone(&app, "bob", 2).await.close().await;
        server.sdk_phone(&app, "eve", 2).await.close().await;
        let (_, realm) = server.server.site().app(app.id()).unwrap();
        let (eve, alice): (UserId, UserId) = ("eve".parse().unwrap(), "alice".parse().unwrap());
        let mut alices = server.sdk_phone(&app, "alice", 1).await;
        let storage = realm.storage().clone();
        let block = async move { storage.block(&eve, &alice, UnixMillis::now()).await };
        let (eve, alice) = ("eve".parse().unwrap(), "alice".parse().unwrap());
        realm.hub().block(eve, alice, block).await.unwrap();
        // Eve is here, and out of Alice's reach.
        let mut eves = server.sdk_phone(&app, "eve", 2).await;

        let mut stories = Vec::new();
        for callee in ["bob", "eve", "nil"] {
            let mut story = Vec::new();
            let people = vec![callee.parse().unwrap()];
            let newcomers = false;
            let watching = alices.say(Command::Watch { people, newcomers }).await;
            story.extend(alices.heard_until_done(watching).await);
            let asked = Instant::now();
            let calling = alices.call_ids(vec![callee.parse().unwrap()]).await;
            story.extend(alices.heard_until_done(calling).await);
            let placed_after = asked.elapsed();
            story.extend(alices.heard_until_ended().await);
            let took = asked.elapsed();
            assert!(
                took >= RING && placed_after < RING,
                "{callee}: {took:?}, {placed_after:?}"
            );
            let story: Vec<String> = story
                .iter()
                .map(|line| line.replace(&format!("\"{callee}\""), "\"them\""))
                .filter(|line| !line.contains("\"done\""))
                .collect();
            stories.push(story);
        }
        assert!(stories[0].len() >= 2, "{:?}", stories[0]);
        assert_eq!(stories[1], stories[0], "out of reach");
        assert_eq!(stories[2], stories[0], "nobody");
        // Eve has heard nothing.
        let people = vec!["bob".parse().unwrap()];
        let newcomers = false;
        let watching = eves.say(Command::Watch { people, newcomers }).await;
        assert_eq!(eves.heard_until_done(watching).await.len(), 1);
        // And calls can be stored: a line of the history that has nobody at its end has broken nothing.
        assert!(realm.hub().storage_health().is_good());
        let recent = realm
            .storage()
            .recent_calls(&"alice".parse().unwrap(), 10)
            .await
            .unwrap();
        assert_eq!(recent.len(), 2);
    }
}

#[tokio::test]
async fn whoever_comes_for_the_first_time_while_somebody_calls_them_is_rung() {
    let server = TestServer::start_with(|config| config.apps = APPS.parse().unwrap()).await;
    let other = app(APPS.split_once(',').unwrap().1);
    let mut alices = server.sdk_phone(&other, "alice", 1).await;
    alices.call_ids(vec!["nil".parse().unwrap()]).await;
    let call = alices.placed().await;
    let front: &Front = &server;
    let user_sig = other.sign(&"nil".parse().unwrap(), UnixMillis::now(), 60);
    let mut theirs = front.log_in(other.id().number(), "nil", &user_sig).await;
    theirs.hello(1).await;
    let welcome = theirs.welcomed().await;
    assert_eq!(welcome.invitations[0].call, call);
}
