//! Another password, and an end to all other sessions.

use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::{Value, json};

use crate::common::{PASSWORD, TestServer, User, cookie_of, location};

const ANOTHER: &str = "battery horse staple";

async fn problem(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let error: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, error["problem"].clone())
}

async fn change(server: &TestServer, user: Option<&User>, current: &str, new: &str) -> Response {
    let fields = [("current", current), ("new", new)];
    server.post("/api/change_password", &fields, user).await
}

async fn sign_in_with(server: &TestServer, password: &str) -> u16 {
    let fields = [("user_id", "alice"), ("password", password)];
    let response = server.post("/api/sign_in", &fields, None).await;
    response.status().as_u16()
}

#[tokio::test]
async fn a_new_password_opens_and_the_old_one_does_not() {
    let (server, alice) = TestServer::with_user("alice").await;
    let response = change(&server, Some(&alice), PASSWORD, ANOTHER).await;
    assert_eq!(response.status(), 200);
    assert_ne!(cookie_of(response.headers()), alice.cookie, "a new token");
    assert_eq!(sign_in_with(&server, PASSWORD).await, 401);
    assert_eq!(sign_in_with(&server, ANOTHER).await, 200);
}

#[tokio::test]
async fn a_new_password_closes_every_other_session_and_its_sockets_within_a_second() {
    let (server, here) = TestServer::with_user("alice").await;
    let bob = server.sign_up("bob").await;
    let thief = server.sign_in("alice").await;
    let mut stolen = server.phone(&thief, 1).await;
    let mut own = server.phone(&here, 2).await;
    let mut bobs = server.phone(&bob, 3).await;

    let asked = Instant::now();
    let response = change(&server, Some(&here), PASSWORD, ANOTHER).await;
    let answered = Instant::now();
    let here = User {
        id: here.id.clone(),
        cookie: cookie_of(response.headers()),
    };
    assert_eq!(stolen.closed().await, 4401);
    assert!(
        answered.elapsed() < Duration::from_secs(1),
        "{:?} after the answer, which took {:?}",
        answered.elapsed(),
        answered.duration_since(asked)
    );
    assert_eq!(server.get("/", Some(&thief)).await.status(), 303);
    assert_eq!(server.connect(&thief).await.closed().await, 4401);

    // What is open in this browser goes on, and belongs to the session that it has now.
    bobs.call(&[&here]).await;
    own.invited().await;
    assert_eq!(server.get("/", Some(&here)).await.status(), 200);
    server.post("/api/sign_out", &[], Some(&here)).await;
    assert_eq!(own.closed().await, 4401);
}

#[tokio::test]
async fn signing_out_everywhere_else_leaves_the_password_and_this_browser_alone() {
    let (server, here) = TestServer::with_user("alice").await;
    let elsewhere = server.sign_in("alice").await;
    let mut other = server.phone(&elsewhere, 1).await;
    let fields = [("current", PASSWORD)];
    let done = server
        .submit("/api/sign_out_elsewhere", &fields, Some(&here))
        .await;
    assert_eq!(
        (done.status().as_u16(), location(&done)),
        (303, "/account?done=elsewhere")
    );
    let cookie = cookie_of(done.headers());
    assert_ne!(cookie, here.cookie);
    assert_eq!(other.closed().await, 4401);
    assert_eq!(server.get("/", Some(&elsewhere)).await.status(), 303);
    assert_eq!(
        server.get("/", Some(&here)).await.status(),
        303,
        "the old token is good no more"
    );
    let here = User { cookie, ..here };
    let page = server
        .get(location(&done), Some(&here))
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("You are now signed in only here."), "{page}");
    assert_eq!(sign_in_with(&server, PASSWORD).await, 200);
}

#[tokio::test]
async fn nobody_changes_a_password_without_knowing_it() {
    let (server, alice) = TestServer::with_user("alice").await;
    let wrong = change(&server, Some(&alice), "wrong wrong", ANOTHER).await;
    assert_eq!(problem(wrong).await, (403, json!("WrongPassword")));
    let elsewhere = server
        .post(
            "/api/sign_out_elsewhere",
            &[("current", "wrong wrong")],
            Some(&alice),
        )
        .await;
    assert_eq!(problem(elsewhere).await, (403, json!("WrongPassword")));
    let stranger = change(&server, None, PASSWORD, ANOTHER).await;
    assert_eq!(problem(stranger).await, (401, json!("SignedOut")));
    for (new, expected) in [
        ("short", "PasswordTooShort"),
        (&*"x".repeat(129), "PasswordTooLong"),
        ("iloveyou", "PasswordTooEasy"),
    ] {
        let refused = change(&server, Some(&alice), PASSWORD, new).await;
        assert_eq!(problem(refused).await, (422, json!(expected)));
    }
    assert_eq!(
        server.get("/", Some(&alice)).await.status(),
        200,
        "the session is what it was"
    );
    assert_eq!(sign_in_with(&server, PASSWORD).await, 200);
}

#[tokio::test]
async fn an_open_session_is_no_better_place_for_guessing_than_the_door() {
    let (server, alice) = TestServer::with_user("alice").await;
    let mut answers = Vec::new();
    for n in 0..12 {
        let status = match n % 3 {
            0 => change(&server, Some(&alice), "wrong wrong", ANOTHER)
                .await
                .status()
                .as_u16(),
            1 => {
                let fields = [("current", "wrong wrong")];
                let response = server
                    .post("/api/sign_out_elsewhere", &fields, Some(&alice))
                    .await;
                response.status().as_u16()
            }
            _ => sign_in_with(&server, "wrong wrong").await,
        };
        answers.push(status);
    }
    let checked = answers.iter().filter(|status| **status != 429).count();
    assert!(checked <= 10, "{answers:?}");
    let refused = change(&server, Some(&alice), PASSWORD, ANOTHER).await;
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refused.status(), 429);
}

#[tokio::test]
async fn without_scripts_the_page_of_the_account_says_what_was_done_or_why_not() {
    let (server, alice) = TestServer::with_user("alice").await;
    assert_eq!(location(&server.get("/account", None).await), "/sign-in");
    let page = server.get("/account", Some(&alice)).await.text().await.unwrap();
    for part in ["/api/change_password", "/api/sign_out_elsewhere", "new-password"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let fields = [("current", "wrong wrong"), ("new", ANOTHER)];
    let back = server.submit("/api/change_password", &fields, Some(&alice)).await;
    assert_eq!(back.status(), 303);
    assert!(
        location(&back).starts_with("/account?failed="),
        "{}",
        location(&back)
    );
    for secret in ["wrong", "battery"] {
        assert!(!location(&back).contains(secret), "{}", location(&back));
    }
    let page = server
        .get(location(&back), Some(&alice))
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("The current password is wrong."), "{page}");

    let fields = [("current", PASSWORD), ("new", ANOTHER)];
    let done = server.submit("/api/change_password", &fields, Some(&alice)).await;
    assert_eq!(
        (done.status().as_u16(), location(&done)),
        (303, "/account?done=password")
    );
    let alice = User {
        cookie: cookie_of(done.headers()),
        ..alice
    };
    let page = server
        .get(location(&done), Some(&alice))
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("Your password is changed"), "{page}");
    let page = server
        .get("/account?done=%3Cb%3E&failed=1", Some(&alice))
        .await
        .text()
        .await
        .unwrap();
    assert!(
        !page.contains("role=\"status\"") && !page.contains("role=\"alert\""),
        "{page}"
    );
}
