//! What other generators have made is understood, and nothing else lets anybody in.

use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};

use super::*;
use crate::apps::App;

/// What the public generators made of these inputs, their clocks held at `time`.
const VECTORS: &str = include_str!("../../../tests/data/user_sigs.json");
/// When all of them were made: seconds since 1970.
const TIME: i64 = 1_750_000_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    made_with: String,
    app: u32,
    secret: String,
    user: UserId,
    time: i64,
    expire: i64,
    user_sig: String,
}

impl Vector {
    fn app(&self) -> App {
        app(self.app, &self.secret)
    }

    fn verify(&self, at: i64) -> Result<UnixMillis, LoginRefusal> {
        self.app().verify(&self.user_sig, &self.user, seconds(at))
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(VECTORS).unwrap()
}

fn app(id: u32, secret: &str) -> App {
    App::new(AppId::new(id).unwrap(), Secret::new(secret).unwrap())
}

fn seconds(seconds: i64) -> UnixMillis {
    UnixMillis::from_millis(seconds * 1000)
}

fn id(text: &str) -> UserId {
    text.parse().unwrap()
}

/// What is said in one.
fn said(user_sig: &str) -> Option<Value> {
    read(user_sig).map(|document| serde_json::to_value(document).unwrap())
}

/// A userSig that says this, whatever it may be.
fn packed(document: &Value) -> String {
    swapped_base64().encode(pack(document.to_string().as_bytes()).unwrap())
}

fn refused(user_sig: &str) -> LoginRefusal {
    app(1, "secret")
        .verify(user_sig, &id("alice"), seconds(TIME))
        .unwrap_err()
}

#[test]
fn what_other_generators_make_is_valid_until_its_time_is_over() {
    for vector in vectors() {
        assert_eq!(vector.time, TIME);
        let end = TIME + vector.expire;
        for at in [TIME, end - 1] {
            assert_eq!(vector.verify(at), Ok(seconds(end)), "{vector:?}");
        }
        for at in [end, end + 1, end + 1_000_000_000] {
            assert_eq!(vector.verify(at), Err(LoginRefusal::Expired), "{vector:?}");
        }
    }
}

#[test]
fn both_generators_are_held_against_this_one_with_and_without_a_userbuf() {
    let all = vectors();
    for name in ["npm tls-sig-api-v2", "PyPI tls-sig-api-v2"] {
        let of_one: Vec<_> = all
            .iter()
            .filter(|vector| vector.made_with.starts_with(name))
            .collect();
        let with_userbuf = of_one
            .iter()
            .filter(|vector| read(&vector.user_sig).unwrap().user_buf.is_some());
        assert_eq!((of_one.len(), with_userbuf.count()), (6, 2), "{name}");
    }
}

#[test]
fn what_is_made_here_says_and_signs_what_other_generators_say_and_sign() {
    for vector in vectors() {
        let theirs = read(&vector.user_sig).unwrap();
        if theirs.user_buf.is_some() {
            continue;
        }
        let expire = u32::try_from(vector.expire).unwrap();
        let ours = vector.app().sign(&vector.user, seconds(TIME), expire);
        assert_eq!(ours.len() % 4, 0, "padded as theirs");
        assert!(
            ours.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'-' | b'_'))
        );
        assert_eq!(said(&ours), said(&vector.user_sig), "{vector:?}");
    }
}

#[test]
fn it_lets_nobody_else_in() {
    for vector in vectors() {
        let now = seconds(TIME);
        let somebody_else = vector.app().verify(&vector.user_sig, &id("mallory"), now);
        assert_eq!(somebody_else, Err(LoginRefusal::NotForThisUser));
        let another_app = app(7, &vector.secret).verify(&vector.user_sig, &vector.user, now);
        assert_eq!(another_app, Err(LoginRefusal::NotForThisUser));
        let another_secret = app(vector.app, "guessed").verify(&vector.user_sig, &vector.user, now);
        assert_eq!(another_secret, Err(LoginRefusal::BadSignature));
    }
    let alice = app(1, "secret").sign(&id("alice"), seconds(TIME), 60);
    let in_capitals = app(1, "secret").verify(&alice, &id("Alice"), seconds(TIME));
    assert_eq!(in_capitals, Err(LoginRefusal::NotForThisUser));
}

#[test]
fn whatever_is_changed_in_one_it_lets_nobody_in() {
    for vector in vectors() {
        for at in 0..vector.user_sig.len() {
            for changed in ["", "A", "q", "*", "_", "="] {
                let mut damaged = vector.user_sig.clone();
                damaged.replace_range(at..=at, changed);
                // There are a few bits that say nothing: the padding, and what fills up the last byte of the packed data.
                let says_the_same = said(&damaged) == said(&vector.user_sig);
                let verified = vector.app().verify(&damaged, &vector.user, seconds(TIME));
                assert!(verified.is_err() || says_the_same, "{vector:?} {damaged}");
            }
        }
    }
}

#[test]
fn a_longer_time_or_another_userbuf_is_not_signed() {
    for vector in vectors() {
        let mut document = said(&vector.user_sig).unwrap();
        document["TLS.expire"] = json!(vector.expire + 1);
        let longer = vector
            .app()
            .verify(&packed(&document), &vector.user, seconds(TIME));
        assert_eq!(longer, Err(LoginRefusal::BadSignature));

        let mut document = said(&vector.user_sig).unwrap();
        document["TLS.userbuf"] = json!("YWJk");
        let with_another = vector
            .app()
            .verify(&packed(&document), &vector.user, seconds(TIME));
        assert_eq!(with_another, Err(LoginRefusal::BadSignature));
    }
}

/// An app that signs any identifier could be made to sign lines of somebody else's, hidden in what follows a line feed.
#[test]
fn a_userbuf_that_is_not_base64_stands_for_nothing() {
    for vector in vectors() {
        let mut document = said(&vector.user_sig).unwrap();
        document["TLS.userbuf"] = json!("x\nTLS.sdkappid:1400000001");
        let verified = vector
            .app()
            .verify(&packed(&document), &vector.user, seconds(TIME));
        assert_eq!(verified, Err(LoginRefusal::Malformed));
    }
}

#[test]
fn what_is_no_user_sig_is_called_so() {
    let nonsense = [
        "",
        "_",
        "____",
        "a",
        "alice",
        "eJw",
        "eJw_",
        "+/==",
        "é",
        "eJyrrgUAAXUA*Q__",
    ];
    for text in nonsense
        .map(str::to_owned)
        .into_iter()
        .chain(["A".repeat(MAX_BYTES + 1)])
    {
        assert_eq!(refused(&text), LoginRefusal::Malformed, "{text}");
    }
    let good = json!({
        "TLS.ver": "2.0", "TLS.identifier": "alice", "TLS.sdkappid": 1, "TLS.time": TIME, "TLS.expire": 60, "TLS.sig": "",
    });
    assert_eq!(refused(&packed(&good)), LoginRefusal::BadSignature);
    for (key, bad) in [
        ("TLS.ver", json!("1.0")),
        ("TLS.ver", json!(2.0)),
        ("TLS.identifier", json!(5)),
        ("TLS.sdkappid", json!("1")),
        ("TLS.sdkappid", json!(-1)),
        ("TLS.time", json!(1.5)),
        ("TLS.time", json!(null)),
        ("TLS.expire", json!(-1)),
        ("TLS.sig", json!([])),
    ] {
        let mut document = good.clone();
        document[key] = bad;
        assert_eq!(refused(&packed(&document)), LoginRefusal::Malformed, "{document}");
    }
}

#[test]
fn a_time_without_end_does_not_overflow() {
    let mut document = Document {
        version: VERSION.to_owned(),
        user: "alice".to_owned(),
        app: 1,
        time: u64::MAX,
        expire: u64::MAX,
        user_buf: None,
        signature: String::new(),
    };
    let mac = document.mac(&Secret::new("secret").unwrap()).unwrap();
    document.signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let user_sig = packed(&serde_json::to_value(&document).unwrap());
    let verified = app(1, "secret").verify(&user_sig, &id("alice"), seconds(TIME));
    assert_eq!(verified, Ok(UnixMillis::from_millis(i64::MAX)));
}

#[test]
fn nothing_is_unpacked_beyond_what_a_document_needs() {
    let bomb = pack(&vec![b' '; 2_000_000]).unwrap();
    assert!(bomb.len() < MAX_BYTES, "it would pass for its length");
    assert_eq!(unpack(&bomb, &mut [0; MAX_DOCUMENT_BYTES]), None);
    assert_eq!(refused(&swapped_base64().encode(&bomb)), LoginRefusal::Malformed);

    let mut followed = pack(b"{}").unwrap();
    followed.push(0);
    assert_eq!(unpack(&followed, &mut [0; MAX_DOCUMENT_BYTES]), None);
}

proptest! {
    #[test]
    fn any_text_is_refused_without_a_panic(text in any::<String>()) {
        refused(&text);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in any::<Vec<u8>>()) {
        refused(&swapped_base64().encode(&bytes));
        refused(&swapped_base64().encode(pack(&bytes).unwrap()));
    }

    #[test]
    fn whoever_signs_is_believed_until_the_end(user in "[A-Za-z0-9_-]{1,32}", secret in "[!-~]{1,80}", lasting in 1..u32::MAX) {
        let app = app(1, &secret);
        let user_sig = app.sign(&id(&user), seconds(TIME), lasting);
        let end = TIME + i64::from(lasting);
        prop_assert!(app.verify(&user_sig, &id(&user), seconds(end - 1)).is_ok());
        prop_assert!(app.verify(&user_sig, &id(&user), seconds(end)) == Err(LoginRefusal::Expired));
    }
}
