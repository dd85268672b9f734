//! A userSig, made as a developer's own server makes it, from what docs/protocol.md says.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use call::id::UserId;
use call::protocol::USER_SIG_SUBPROTOCOL;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

/// The app that the robots come from.
pub(crate) const APP_ID: u32 = 1_400_000_001;
/// Its secret: of a server that ends with the test.
pub(crate) const SECRET: &str = "6f1d0c5a8e2b49738f60d1a4c7b2e95d";
/// How long a robot stays welcome, in seconds.
const EXPIRES: u64 = 86_400;

/// The subprotocol by which somebody logs in.
///
/// # Errors
///
/// If the machine's clock is before 1970.
pub(crate) fn subprotocol(user: &UserId) -> Result<String> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("set the clock of this machine")?
        .as_secs();
    let signed =
        format!("TLS.identifier:{user}\nTLS.sdkappid:{APP_ID}\nTLS.time:{now}\nTLS.expire:{EXPIRES}\n");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
    mac.update(signed.as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let document = json!({
        "TLS.ver": "2.0",
        "TLS.identifier": user.as_str(),
        "TLS.sdkappid": APP_ID,
        "TLS.time": now,
        "TLS.expire": EXPIRES,
        "TLS.sig": signature,
    });
    let mut packing = ZlibEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(document.to_string().as_bytes())?;
    let user_sig = BASE64_STANDARD
        .encode(packing.finish()?)
        .replace('+', "*")
        .replace('/', "-")
        .replace('=', "_");
    Ok(format!("{USER_SIG_SUBPROTOCOL}{APP_ID}.{user}.{user_sig}"))
}
