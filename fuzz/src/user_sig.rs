//! userSigs: text to document to signature.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use call::protocol::LoginRefusal;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use server::apps::{App, AppId, Secret};
use server::clock::UnixMillis;

use crate::bytes::Bytes;
use crate::common::user;

const NOW: UnixMillis = UnixMillis::from_millis(1_750_000_000_000);
const SECONDS: u32 = 3600;

/// Text as it comes; a document that is packed first, so that what unpacks is not in the way; or a good one that is changed.
pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    match bytes.below(3) {
        0 => assert_refused(&String::from_utf8_lossy(bytes.rest())),
        1 => assert_refused(&packed(bytes.rest())),
        _ => changed(bytes),
    }
}

fn app(secret: &str) -> App {
    App::new(AppId::new(1).unwrap(), Secret::new(secret).unwrap())
}

/// Nobody but whoever has the secret makes a userSig, and that was nobody here.
fn assert_refused(user_sig: &str) {
    let verified = app("a secret that nobody guesses").verify(user_sig, &user("alice"), NOW);
    assert!(
        matches!(
            verified,
            Err(LoginRefusal::Malformed | LoginRefusal::BadSignature | LoginRefusal::NotForThisUser)
        ),
        "{verified:?}: {user_sig}"
    );
}

fn packed(document: &[u8]) -> String {
    let mut packing = ZlibEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(document).unwrap();
    let packed = BASE64_STANDARD.encode(packing.finish().unwrap());
    packed.replace('+', "*").replace('/', "-").replace('=', "_")
}

/// Whatever is changed of a userSig: it is refused, or says what it said.
fn changed(mut bytes: Bytes<'_>) {
    let app = app("a secret that nobody guesses");
    let alice = user("alice");
    let good = app.sign(&alice, NOW, SECONDS);
    let ends_at = app.verify(&good, &alice, NOW);
    assert!(ends_at.is_ok());
    let mut text = good.clone().into_bytes();
    while !bytes.is_empty() {
        let at = bytes.below(text.len() + 1);
        match bytes.below(3) {
            0 if at < text.len() => text[at] = bytes.next(),
            1 => text.insert(at, bytes.next()),
            _ => text.truncate(at),
        }
    }
    let verified = app.verify(&String::from_utf8_lossy(&text), &alice, NOW);
    assert!(verified.is_err() || verified == ends_at, "{verified:?}");
    let bob = user("bob");
    let of_bob = app.verify(&String::from_utf8_lossy(&text), &bob, NOW);
    assert!(of_bob.is_err(), "Bob is let in as Alice");
}
