//! The userSig: a short text by which an app says who somebody is, and for how long.
//!
//! ```text
//! signature = base64(HMAC-SHA256(secret, "TLS.identifier:…\nTLS.sdkappid:…\nTLS.time:…\nTLS.expire:…\n"))
//! userSig   = swapped base64(zlib({"TLS.ver": "2.0", "TLS.identifier": …, …, "TLS.sig": signature}))
//! ```
//!
//! In the outer base64 `*`, `-` and `_` stand for `+`, `/` and `=`. A userSig may carry a further text, `TLS.userbuf`, which is
//! signed after the others and means nothing here. Public generators are npm and PyPI `tls-sig-api-v2`; the tests hold
//! what they have made against this.

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use call::id::UserId;
use call::protocol::LoginRefusal;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{AppId, Secret};
use crate::clock::UnixMillis;

/// The longest userSig that is looked at, in bytes. Those of the generators have some 200, or 500 with a `TLS.userbuf`.
pub const MAX_BYTES: usize = 4096;
/// The longest document in one, in bytes. Nothing is unpacked beyond that.
const MAX_DOCUMENT_BYTES: usize = 4096;

const VERSION: &str = "2.0";

/// What a userSig says.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    #[serde(rename = "TLS.ver")]
    version: String,
    #[serde(rename = "TLS.identifier")]
    user: String,
    #[serde(rename = "TLS.sdkappid")]
    app: u64,
    /// When it was made: seconds since 1970.
    #[serde(rename = "TLS.time")]
    time: u64,
    /// How long it is good, in seconds.
    #[serde(rename = "TLS.expire")]
    expire: u64,
    #[serde(rename = "TLS.userbuf", default, skip_serializing_if = "Option::is_none")]
    user_buf: Option<String>,
    #[serde(rename = "TLS.sig")]
    signature: String,
}

impl Document {
    /// The signature's state after all that is to be signed.
    fn mac(&self, secret: &Secret) -> Option<Hmac<Sha256>> {
        // Keys of every length are taken, so this is never `None`.
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).ok()?;
        let text = format!(
            "TLS.identifier:{}\nTLS.sdkappid:{}\nTLS.time:{}\nTLS.expire:{}\n",
            self.user, self.app, self.time, self.expire
        );
        mac.update(text.as_bytes());
        if let Some(user_buf) = &self.user_buf {
            mac.update(format!("TLS.userbuf:{user_buf}\n").as_bytes());
        }
        Some(mac)
    }

    /// Whether the further text is base64, as the generators make it. A line feed in it could stand for other lines than those
    /// that the app has meant to sign.
    fn has_honest_buffer(&self) -> bool {
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        self.user_buf
            .as_ref()
            .is_none_or(|text| text.bytes().all(is_digit))
    }

    fn ends_at(&self) -> UnixMillis {
        let seconds = self.time.saturating_add(self.expire);
        UnixMillis::from_millis(i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX))
    }
}

/// A userSig for `user`, good for this many seconds from `now` on.
pub(super) fn sign(app: AppId, secret: &Secret, user: &UserId, now: UnixMillis, seconds: u32) -> String {
    let mut document = Document {
        version: VERSION.to_owned(),
        user: user.as_str().to_owned(),
        app: app.number().into(),
        time: u64::try_from(now.as_millis()).unwrap_or(0) / 1000,
        expire: seconds.into(),
        user_buf: None,
        signature: String::new(),
    };
    if let Some(mac) = document.mac(secret) {
        document.signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    }
    // Neither of these fails: the document is of texts and numbers, and memory takes whatever is written into it.
    let packed = pack(&serde_json::to_vec(&document).unwrap_or_default()).unwrap_or_default();
    let swapped = swapped_base64().encode(packed);
    let padding = "_".repeat(swapped.len().wrapping_neg() % 4);
    swapped + &padding
}

/// Until when a userSig, signed with one of these secrets, lets somebody in as `user` of `app`.
///
/// What it costs to say no is bounded: a few kilobytes unpacked, and one HMAC a secret.
pub(super) fn verify<'a>(
    user_sig: &str,
    app: AppId,
    mut secrets: impl Iterator<Item = &'a Secret>,
    user: &UserId,
    now: UnixMillis,
) -> Result<UnixMillis, LoginRefusal> {
    let document = read(user_sig).ok_or(LoginRefusal::Malformed)?;
    // Before the signature, which another app has made with another secret. What it says of itself is no secret.
    if document.app != u64::from(app.number()) || document.user != user.as_str() {
        return Err(LoginRefusal::NotForThisUser);
    }
    let signature = BASE64_STANDARD
        .decode(&document.signature)
        .map_err(|_| LoginRefusal::BadSignature)?;
    // `verify_slice` takes as long wherever the two differ.
    let signed = |secret| {
        let mac = document.mac(secret);
        mac.is_some_and(|mac| mac.verify_slice(&signature).is_ok())
    };
    if !secrets.any(signed) {
        return Err(LoginRefusal::BadSignature);
    }
    let ends_at = document.ends_at();
    if now < ends_at {
        Ok(ends_at)
    } else {
        Err(LoginRefusal::Expired)
    }
}

fn read(user_sig: &str) -> Option<Document> {
    if user_sig.len() > MAX_BYTES {
        return None;
    }
    let packed = swapped_base64().decode(without_padding(user_sig)?).ok()?;
    let mut document = [0; MAX_DOCUMENT_BYTES];
    let document: Document = serde_json::from_slice(unpack(&packed, &mut document)?).ok()?;
    (document.version == VERSION && document.has_honest_buffer()).then_some(document)
}

/// Base64 whose 63rd and 64th digit are `*` and `-`. The padding, which it has as well, is no matter of the alphabet's.
fn swapped_base64() -> GeneralPurpose {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";
    const ALPHABET: Alphabet = match Alphabet::new(DIGITS) {
        Ok(alphabet) => alphabet,
        Err(_) => base64::alphabet::URL_SAFE,
    };
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone);
    GeneralPurpose::new(&ALPHABET, config)
}

/// Without the one or two `_` that stand for `=` at the end.
fn without_padding(text: &str) -> Option<&str> {
    let bare = text.trim_end_matches('_');
    (text.len() - bare.len() <= 2).then_some(bare)
}

fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packing = ZlibEncoder::new(Vec::new(), Compression::default());
    packing.write_all(bytes)?;
    packing.finish()
}

/// What was packed, if it is whole, fits into `room`, and nothing comes after it.
fn unpack<'a>(packed: &[u8], room: &'a mut [u8]) -> Option<&'a [u8]> {
    let mut unpacking = Decompress::new(true);
    let status = unpacking.decompress(packed, room, FlushDecompress::Finish).ok()?;
    let is_whole = status == Status::StreamEnd && unpacking.total_in() == packed.len() as u64;
    let len = usize::try_from(unpacking.total_out()).ok()?;
    room.get(..len).filter(|_| is_whole)
}

#[cfg(test)]
mod tests;
