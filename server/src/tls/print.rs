//! `yodel cert`: make or renew, and say what comes next.

use std::path::Path;

use super::lan::{Kept, Lan, LanError, When};
use crate::clock::UnixMillis;
use crate::config::{CertRequest, Config};

/// Make or renew the certificate of the local network, and say for what it is.
pub fn report(config: &Config, request: &CertRequest, now: UnixMillis) -> Result<String, LanError> {
    let lan = Lan::of(&config.data);
    let public = config.public_url.iter().filter_map(|url| url.certificate_name());
    let further: Vec<_> = request.names.iter().cloned().chain(public).collect();
    let Kept {
        names,
        left_out,
        authority,
    } = lan.keep(When::Always, &further, now)?;
    let list = |names: &[_]| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    let default = std::path::absolute(Config::default().data);
    let data = match default {
        Ok(default) if default == config.data => String::new(),
        Ok(_) | Err(_) => format!(" --data {}", quoted(&config.data)),
    };
    let mut report = format!(
        "A certificate for {} is in {}.\n\
         Start the server with it like this, and trust its authority once on each device, as its page /trust says:\n\n    \
         yodel --lan{data}\n\n\
         The authority's SHA-256 fingerprint, to compare:\n{}",
        list(&names),
        lan.folder().display(),
        authority.fingerprint,
    );
    if !left_out.is_empty() {
        report += "\n\nNot in it, because they are public and the authority was made without them: ";
        report += &list(&left_out);
    }
    Ok(report)
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-+:\\".contains(char);
    if path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
