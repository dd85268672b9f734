//! Signing up, in and out.

use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::common::{PASSWORD, TestServer, cookie_of, location};

async fn problem(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let error: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, error["problem"].clone())
}

#[tokio::test]
async fn who_signs_up_is_signed_in() {
    let (server, alice) = TestServer::with_user("alice").await;
    let home = server.get("/", Some(&alice)).await;
    assert_eq!(home.status(), 200);
    assert!(home.text().await.unwrap().contains("Alice"));
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let server = TestServer::start().await;
    let fields = [("user_id", "alice"), ("name", "Alice"), ("password", PASSWORD)];
    let response = server.post("/api/sign_up", &fields, None).await;
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("yodel_session="), "{cookie}");
    for flag in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn under_https_the_session_cookie_is_secure_and_bound_to_the_host() {
    let server = TestServer::start_with(|config| {
        config.public_url = Some("https://call.example.org".parse().unwrap());
    })
    .await;
    let response = server
        .http
        .post(server.url("/api/sign_up"))
        .header("origin", "https://call.example.org")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("user_id=alice&name=Alice&password={PASSWORD}"))
        .send()
        .await
        .unwrap();
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-yodel_session="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test]
async fn without_scripts_every_form_leads_on_by_a_redirect() {
    let server = TestServer::start().await;
    let fields = [("user_id", "alice"), ("name", "Alice"), ("password", PASSWORD)];
    let up = server.submit("/api/sign_up", &fields, None).await;
    assert_eq!((up.status().as_u16(), location(&up)), (303, "/"));

    let fields = [("user_id", "alice"), ("password", PASSWORD)];
    let signed_in = server.submit("/api/sign_in", &fields, None).await;
    assert_eq!((signed_in.status().as_u16(), location(&signed_in)), (303, "/"));

    let alice = crate::common::User {
        id: "alice".parse().unwrap(),
        cookie: cookie_of(signed_in.headers()),
    };
    let out = server.submit("/api/sign_out", &[], Some(&alice)).await;
    assert_eq!((out.status().as_u16(), location(&out)), (303, "/sign-in"));
    assert!(out.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn without_scripts_an_error_comes_back_with_what_was_typed_but_for_the_password() {
    let (server, _) = TestServer::with_user("alice").await;
    let fields = [
        ("user_id", "alice"),
        ("name", "Another Alice"),
        ("password", "secret secret"),
    ];
    let back = server.submit("/api/sign_up", &fields, None).await;
    assert_eq!(back.status(), 303);
    assert!(location(&back).starts_with("/sign-up?"), "{}", location(&back));
    assert!(!location(&back).contains("secret"));

    let page = server.get(location(&back), None).await.text().await.unwrap();
    assert!(page.contains("taken"), "{page}");
    assert!(page.contains(r#"value="alice""#), "{page}");
    assert!(page.contains(r#"value="Another Alice""#), "{page}");

    let back = server
        .submit(
            "/api/sign_in",
            &[("user_id", "alice"), ("password", "wrong wrong")],
            None,
        )
        .await;
    let page = server.get(location(&back), None).await.text().await.unwrap();
    assert!(page.contains(r#"value="alice""#), "{page}");
}

#[tokio::test]
async fn a_taken_id_is_taken_in_any_case() {
    let (server, _) = TestServer::with_user("alice").await;
    let fields = [("user_id", "ALICE"), ("name", "Alice"), ("password", PASSWORD)];
    assert_eq!(
        problem(server.post("/api/sign_up", &fields, None).await).await,
        (409, json!("Taken"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_up_is_said() {
    let server = TestServer::start().await;
    let long_name = "x".repeat(65);
    let long_password = "x".repeat(129);
    for (id, name, password, expected) in [
        ("", "Alice", PASSWORD, json!({"UserId": "empty"})),
        (
            "al ice",
            "Alice",
            PASSWORD,
            json!({"UserId": "forbiddenCharacter"}),
        ),
        (&"a".repeat(33), "Alice", PASSWORD, json!({"UserId": "tooLong"})),
        ("alice", &long_name, PASSWORD, json!({"Name": "tooLong"})),
        (
            "alice",
            "Al\u{202e}ice",
            PASSWORD,
            json!({"Name": "forbiddenCharacter"}),
        ),
        ("alice", "Alice", "short", json!("PasswordTooShort")),
        ("alice", "Alice", &long_password, json!("PasswordTooLong")),
        ("alice", "Alice", "password", json!("PasswordTooEasy")),
        ("alice", "Alice", "P4ssw0rd", json!("PasswordTooEasy")),
        ("alice", "Alice", "alicealice", json!("PasswordTooEasy")),
    ] {
        let fields = [("user_id", id), ("name", name), ("password", password)];
        assert_eq!(
            problem(server.post("/api/sign_up", &fields, None).await).await,
            (422, expected)
        );
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let (server, _) = TestServer::with_user("alice").await;
    let wrong = server
        .post(
            "/api/sign_in",
            &[("user_id", "alice"), ("password", "wrong wrong")],
            None,
        )
        .await;
    let unknown = server
        .post(
            "/api/sign_in",
            &[("user_id", "nobody"), ("password", "wrong wrong")],
            None,
        )
        .await;
    let wrong = problem(wrong).await;
    assert_eq!(wrong, (401, json!("WrongCredentials")));
    assert_eq!(wrong, problem(unknown).await);
}

#[tokio::test]
async fn an_id_is_recognized_in_any_case() {
    let (server, alice) = TestServer::with_user("alice").await;
    let capital = server.sign_in("Alice").await;
    assert_ne!(capital.cookie, alice.cookie);
    let welcome_as = server.phone(&capital, 1).await;
    drop(welcome_as);
}

#[tokio::test]
async fn passwords_cannot_be_guessed_for_long() {
    let (server, _) = TestServer::with_user("alice").await;
    let guess = [("user_id", "alice"), ("password", "wrong wrong")];
    let mut answers = Vec::new();
    for _ in 0..11 {
        answers.push(server.post("/api/sign_in", &guess, None).await.status().as_u16());
    }
    let checked = answers.iter().filter(|status| **status == 401).count();
    assert!(checked <= 10, "{answers:?}");
    let response = server.post("/api/sign_in", &guess, None).await;
    let wait: u32 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let (status, error) = problem(response).await;
    assert_eq!(status, 429);
    assert_eq!(error, json!({"TooManyTries": {"retry_after_seconds": wait}}));
}

#[tokio::test]
async fn an_address_cannot_sign_up_without_end() {
    let server = TestServer::start_with(|config| config.sign_ups_per_hour = 1.try_into().unwrap()).await;
    server.sign_up("alice").await;
    let fields = [("user_id", "bob"), ("name", "Bob"), ("password", PASSWORD)];
    assert_eq!(server.post("/api/sign_up", &fields, None).await.status(), 429);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    let server = TestServer::start().await;
    let large = "x".repeat(20 * 1024);
    let response = server
        .post(
            "/api/sign_in",
            &[("user_id", "alice"), ("password", &large)],
            None,
        )
        .await;
    assert_eq!(response.status(), 413);
}

#[tokio::test]
async fn forms_cannot_be_sent_by_a_link() {
    let (server, alice) = TestServer::with_user("alice").await;
    // A link on another page says nothing of where it comes from; one that did would not be taken either.
    assert_eq!(server.get("/api/sign_out", Some(&alice)).await.status(), 403);
    let request = server
        .http
        .get(server.url("/api/sign_out"))
        .header("origin", server.origin());
    assert_eq!(
        request
            .header("cookie", &alice.cookie)
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
    assert_eq!(server.get("/", Some(&alice)).await.status(), 200);
}

/// Parts of a body, so that nothing says beforehand how long it is.
async fn send_chunked(server: &TestServer, parts: Vec<String>, accept: &str) -> reqwest::Response {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut stream = tokio::net::TcpStream::connect(server.server.addr())
        .await
        .unwrap();
    let head = format!(
        "POST /api/sign_in HTTP/1.1\r\nHost: {addr}\r\nOrigin: http://{addr}\r\nAccept: {accept}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n",
        addr = server.server.addr()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for part in parts {
        let chunk = format!("{:x}\r\n{part}\r\n", part.len());
        // The server may have heard enough.
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n").await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    let response = axum::http::Response::builder()
        .status(status)
        .body(body.to_owned());
    response.unwrap().into()
}

/// It was answered as a fault of the server's.
#[tokio::test]
async fn a_form_that_does_not_say_how_long_it_is_is_refused_when_it_is_too_large() {
    let server = TestServer::start().await;
    for accept in ["text/html", "application/json"] {
        let response = send_chunked(&server, vec!["x".repeat(1000); 17], accept).await;
        assert_eq!(response.status(), 413, "{accept}");
        assert!(response.text().await.unwrap().contains("longer than any"));
        let small = vec!["user_id=alice&pass".to_owned(), "word=wrong+wrong".to_owned()];
        let response = send_chunked(&server, small, accept).await;
        assert_eq!(response.status(), if accept == "text/html" { 303 } else { 401 });
    }
}

/// It was answered as a fault of the server's, or sent on to wherever the `Referer` said.
#[tokio::test]
async fn what_is_no_form_of_the_site_is_told_so_and_sent_nowhere() {
    let server = TestServer::start().await;
    for accept in ["text/html", "application/json"] {
        for (path, kind, body, expected) in [
            (
                "/api/sign_in",
                "application/x-www-form-urlencoded",
                "user_id=alice",
                400,
            ),
            ("/api/sign_in", "application/x-www-form-urlencoded", "", 400),
            (
                "/api/sign_in",
                "application/x-www-form-urlencoded",
                "user_id=a&user_id=b&password=c",
                400,
            ),
            (
                "/api/set_language",
                "application/x-www-form-urlencoded",
                "lang=tlh&back=/",
                400,
            ),
            (
                "/api/sign_in/x",
                "application/x-www-form-urlencoded",
                "user_id=alice&password=x",
                404,
            ),
            ("/api/dance", "application/x-www-form-urlencoded", "", 404),
        ] {
            let response = server
                .http
                .post(server.url(path))
                .header("origin", server.origin())
                .header("accept", accept)
                .header("referer", "https://evil.example/page")
                .header("content-type", kind)
                .body(body)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), expected, "{accept}: {path} {body}");
            assert_eq!(location(&response), "", "{accept}: {path} {body}");
            let text = response.text().await.unwrap();
            assert!(
                text.ends_with(".\n") && !text.contains("server function"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn people_are_found_by_id_and_name_but_not_oneself() {
    let (server, alice) = TestServer::with_user("alice").await;
    server.sign_up("bob").await;
    server.sign_up("carol").await;
    server.sign_up("carolina").await;
    let find = async |query: &str| {
        let page = server.get(&format!("/?q={query}"), Some(&alice)).await;
        let page = page.text().await.unwrap();
        let listed = ["alice", "bob", "carol", "carolina"]
            .into_iter()
            .filter(|id| page.contains(&format!("<span class=\"id\">@{id}</span></span></span>")));
        listed.collect::<Vec<_>>()
    };
    assert_eq!(find("").await, ["bob", "carol", "carolina"]);
    assert_eq!(find("CAR").await, ["carol", "carolina"]);
    assert_eq!(find("%25").await, [""; 0], "no wildcard");
    let stranger = server.get("/?q=", None).await.text().await.unwrap();
    assert!(
        !stranger.contains("@bob"),
        "only whoever is signed in sees who is here"
    );
}
