//! The program with certificates: what it says of those that it cannot use, and how it makes and renews its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::time::Duration;

use server::clock::UnixMillis;
use server::tls::authority::Authority;
use server::tls::lan::{Lan, LanError, When};
use tempfile::TempDir;

use crate::process::{fail, signal, start, yodel};
use crate::tls::Made;

fn of_data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/tls")
        .join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn files_that_hold_no_pair_are_explained() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("garbage.crt"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    fs::write(
        folder.path().join("garbage.key"),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    )
    .unwrap();
    let [sec1, sec1_key, pkcs1_key, encrypted, v1] =
        ["sec1.crt", "sec1.key", "pkcs1.key", "encrypted.key", "v1.crt"].map(of_data);
    for (cert, key, expected) in [
        ("missing.crt", sec1_key.as_str(), &["missing.crt", "--cert"][..]),
        (&sec1, "missing.key", &["missing.key", "--key"]),
        (&sec1_key, &sec1_key, &["no certificate", "BEGIN CERTIFICATE"]),
        ("garbage.crt", &sec1_key, &["garbage.crt", "broken"]),
        (&v1, &sec1_key, &["v1.crt", "old version", "subjectAltName"]),
        (&sec1, &sec1, &["no private key", "PRIVATE KEY"]),
        (&sec1, &encrypted, &["no private key", "encrypted", "openssl"]),
        (&sec1, "garbage.key", &["garbage.key", "cannot be used", "P-256"]),
        (&sec1, &pkcs1_key, &["pkcs1.key", "sec1.crt", "one pair"]),
    ] {
        let said = fail(
            folder.path(),
            &["--addr", "127.0.0.1:0", "--cert", cert, "--key", key],
        );
        assert!(
            expected.iter().all(|word| said.contains(word)),
            "{cert} {key}: {said}"
        );
    }
    let said = fail(folder.path(), &["--cert", &sec1]);
    assert!(said.contains("--key"), "{said}");
    let said = fail(
        folder.path(),
        &["--cert", &sec1, "--key", &sec1_key, "--public-url", "http://a"],
    );
    assert!(
        said.contains("https://") && said.contains("--public-url"),
        "{said}"
    );
}

#[test]
fn it_says_where_it_is_over_https() {
    let folder = TempDir::new().unwrap();
    let (_running, said) = start(
        folder.path(),
        &["--cert", &of_data("sec1.crt"), "--key", &of_data("sec1.key")],
    );
    assert!(said.contains("ready: https://localhost:"), "{said}");
    assert!(!said.contains("/trust"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_broken_pair_is_told_and_a_good_one_shown_when_it_is_asked_to_look() {
    let folder = TempDir::new().unwrap();
    let made = Made::new();
    made.write(&made.sign(&["localhost"]));
    let [cert, key] = made.paths();
    let (mut running, _) = start(folder.path(), &["--cert", &cert, "--key", &key]);
    let mut log = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let mut wait_for = |words: &str| {
        let mut lines = log.by_ref().map(Result::unwrap);
        assert!(lines.any(|line| line.contains(words)), "{words}");
    };
    let other = made.sign(&["localhost"]);
    fs::write(&key, &other.key).unwrap();
    signal(&running, "-HUP");
    wait_for("the certificate was not replaced");
    fs::write(&cert, &other.cert).unwrap();
    signal(&running, "-HUP");
    wait_for("the certificate has changed");
    // Nobody asks.
    made.write(&made.sign(&["localhost", "nas.local"]));
    wait_for("the certificate has changed");
    fs::remove_file(&cert).unwrap();
    wait_for("the certificate was not replaced");
    signal(&running, "-TERM");
    assert!(running.0.wait().unwrap().success());
}

/// What is logged from a start to a stop.
#[cfg(unix)]
fn log_of(folder: &Path, args: &[&str]) -> String {
    let (mut running, _) = start(folder, args);
    signal(&running, "-TERM");
    let mut log = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log
}

#[cfg(unix)]
#[test]
fn a_certificate_that_has_expired_is_warned_of() {
    let folder = TempDir::new().unwrap();
    let long_ago = UnixMillis::from_millis(1_500_000_000_000);
    let signed = Authority::new("a test", &[], long_ago)
        .and_then(|authority| authority.sign(&["localhost".parse().unwrap()], long_ago))
        .unwrap();
    fs::write(folder.path().join("cert"), signed.cert).unwrap();
    fs::write(folder.path().join("key"), signed.key).unwrap();
    let log = log_of(folder.path(), &["--cert", "cert", "--key", "key"]);
    for expected in ["has expired", "file=cert", "2018-08-14"] {
        assert!(log.contains(expected), "{expected}: {log}");
    }
}

#[cfg(unix)]
#[test]
fn a_certificate_of_another_host_is_warned_of() {
    let folder = TempDir::new().unwrap();
    let made = Made::new();
    made.write(&made.sign(&["nas.local"]));
    let [cert, key] = made.paths();
    let pair = ["--cert", &cert, "--key", &key, "--public-url"];
    for (url, is_warned) in [
        ("https://call.example.org", true),
        ("https://nas.local:8443", false),
    ] {
        let log = log_of(folder.path(), &[&pair[..], &[url]].concat());
        assert_eq!(log.contains("is not for call.example.org"), is_warned, "{log}");
    }
}

/// What `yodel cert` prints.
fn cert(folder: &Path, args: &[&str]) -> String {
    let output = yodel(folder, &[&["cert"], args].concat()).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_certificate_is_made_for_this_machine_and_renewed_by_the_same_authority() {
    let folder = TempDir::new().unwrap();
    let said = cert(folder.path(), &["--name", "Call.lan", "--name", "10.9.8.7"]);
    for expected in [
        "call.lan",
        "10.9.8.7",
        "localhost",
        "127.0.0.1",
        "::1",
        "data/tls",
        "yodel --lan",
        "/trust",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let lan = Lan::of(&folder.path().join("data"));
    let read = |name: &str| fs::read_to_string(lan.folder().join(name)).unwrap();
    let (authority, first) = (read("authority.crt"), read("server.crt"));
    let again = cert(folder.path(), &[]);
    assert!(
        again.contains("call.lan") && again.contains("10.9.8.7"),
        "the names are remembered: {again}"
    );
    assert_eq!(read("authority.crt"), authority);
    assert_ne!(read("server.crt"), first);
    for name in ["call.lan", "10.9.8.7", "localhost", "127.0.0.1", "::1"] {
        assert!(lan.files().load().unwrap().covers(name), "{name}");
    }
    #[cfg(unix)]
    for file in ["authority.key", "server.key"] {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = fs::metadata(lan.folder().join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert!(
        again.contains("yodel --lan\n"),
        "the folder that is the default: {again}"
    );
    let elsewhere = folder.path().join("else where");
    let said = cert(folder.path(), &["--data", elsewhere.to_str().unwrap()]);
    assert!(
        said.contains(&format!("yodel --lan --data '{}'\n", elsewhere.display())),
        "{said}"
    );
    let said = fail(folder.path(), &["cert", "--name", "bank.example"]);
    assert!(
        said.contains("bank.example") && said.contains("Delete the folder"),
        "{said}"
    );
    let said = fail(folder.path(), &["cert", "--name", "https://a"]);
    assert!(
        said.contains("--name") && said.contains("without https://"),
        "{said}"
    );
}

#[test]
fn one_option_is_enough_for_a_local_network() {
    let folder = TempDir::new().unwrap();
    let (_running, said) = start(folder.path(), &["--lan"]);
    assert!(
        said.contains("ready: https://") && said.contains("/trust"),
        "{said}"
    );
    let lan = Lan::of(&folder.path().join("data"));
    let kept = lan.keep(When::IfDue, &[], UnixMillis::now()).unwrap();
    assert!(said.contains(&kept.authority.fingerprint), "{said}");
}

#[test]
fn a_certificate_is_renewed_when_its_end_is_near_or_a_name_is_missing() {
    let folder = TempDir::new().unwrap();
    let lan = Lan::of(folder.path());
    let now = UnixMillis::now();
    let day = Duration::from_secs(24 * 60 * 60);
    let read = || fs::read_to_string(lan.files().cert).unwrap();
    lan.keep(When::IfDue, &[], now).unwrap();
    let first = read();
    lan.keep(When::IfDue, &[], now.plus(day * 300)).unwrap();
    assert_eq!(read(), first, "not due");
    lan.keep(When::IfDue, &["tv.lan".parse().unwrap()], now).unwrap();
    let second = read();
    assert_ne!(second, first, "a name was missing");
    lan.keep(When::IfDue, &[], now.plus(day * 380)).unwrap();
    assert_ne!(read(), second, "its end is near");
    let late = lan.keep(When::IfDue, &[], now.plus(day * 4000));
    assert!(matches!(late, Err(LanError::ExpiredAuthority { .. })), "{late:?}");
}

#[test]
fn half_an_authority_is_not_replaced_in_silence() {
    let folder = TempDir::new().unwrap();
    let lan = Lan::of(folder.path());
    lan.keep(When::IfDue, &[], UnixMillis::now()).unwrap();
    let key = lan.folder().join("authority.key");
    let before = fs::read(&key).unwrap();
    fs::write(&key, "garbage").unwrap();
    let broken = lan.keep(When::IfDue, &[], UnixMillis::now());
    assert!(
        matches!(broken, Err(LanError::BrokenAuthority { .. })),
        "{broken:?}"
    );
    fs::remove_file(&key).unwrap();
    let half = lan.keep(When::IfDue, &[], UnixMillis::now());
    assert!(matches!(half, Err(LanError::HalfAnAuthority { .. })), "{half:?}");
    fs::write(&key, before).unwrap();
    lan.keep(When::IfDue, &[], UnixMillis::now()).unwrap();
}

#[test]
fn a_key_that_a_crash_has_left_without_its_certificate_is_made_anew() {
    let folder = TempDir::new().unwrap();
    let lan = Lan::of(folder.path());
    let now = UnixMillis::now();
    fs::create_dir(lan.folder()).unwrap();
    let key = lan.folder().join("authority.key");
    fs::write(&key, "of nothing").unwrap();
    let made = lan.keep(When::IfDue, &[], now).unwrap();
    assert_ne!(fs::read(&key).unwrap(), b"of nothing");
    assert_eq!(lan.keep(When::IfDue, &[], now).unwrap(), made, "it stays");
}
