//! The program itself: how it starts, what it says when it cannot, and how it stops.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) fn yodel(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yodel"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("YODEL_")) {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn fail(folder: &Path, args: &[&str]) -> String {
    let Output { status, stderr, .. } = yodel(folder, args).output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    stderr
}

/// A process that is killed with its test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Stop it in good order.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) {
        signal(&self, "-TERM");
        assert!(self.0.wait().unwrap().success());
    }

    /// Kill it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Start it on a free port and read what it says: its first lines, up to how it is stopped.
pub(crate) fn start(folder: &Path, args: &[&str]) -> (Running, String) {
    start_as(yodel(folder, &[&["--addr", "127.0.0.1:0"], args].concat()))
}

/// The same, by a command.
pub(crate) fn start_as(mut command: Command) -> (Running, String) {
    let mut running = Running(command.spawn().unwrap());
    let mut said = String::new();
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    while !said.contains("Ctrl-C") {
        said.push_str(&lines.next().expect("an announcement").unwrap());
        said.push('\n');
    }
    (running, said)
}

pub(crate) fn port(said: &str) -> u16 {
    let (_, rest) = said.split_once("http://localhost:").unwrap();
    rest.chars()
        .take_while(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap()
}

pub(crate) fn signal(running: &Running, name: &str) {
    let pid = running.0.id().to_string();
    assert!(
        Command::new("kill")
            .args([name, &pid])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn it_says_where_it_is_and_where_its_data_is() {
    let folder = TempDir::new().unwrap();
    let (_running, said) = start(folder.path(), &[]);
    assert_ne!(port(&said), 0);
    assert!(
        said.contains(&folder.path().join("data").display().to_string()),
        "{said}"
    );
    assert!(said.contains("only from this machine"), "{said}");
    assert!(folder.path().join("data/yodel.db").is_file());
}

#[test]
fn a_variable_that_is_empty_counts_as_none() {
    let folder = TempDir::new().unwrap();
    let mut command = yodel(folder.path(), &["--addr", "127.0.0.1:0"]);
    for name in [
        "ADDR",
        "APPS",
        "CERT",
        "CONFIG",
        "DATA",
        "KEY",
        "LAN",
        "LOG",
        "PUBLIC_URL",
        "RING_SECONDS",
        "TRUSTED_PROXIES",
        "TURN",
    ] {
        command.env(format!("YODEL_{name}"), "");
    }
    let (_running, said) = start_as(command);
    assert!(said.contains("http://localhost:"), "{said}");
}

#[cfg(unix)]
#[test]
fn sighup_ends_nothing_where_there_is_nothing_to_read_again() {
    let folder = TempDir::new().unwrap();
    let (mut running, _) = start(folder.path(), &[]);
    signal(&running, "-HUP");
    let mut log = BufReader::new(running.0.stderr.take().unwrap()).lines();
    assert!(log.any(|line| line.unwrap().contains("SIGHUP")), "it has ended");
    running.stop();
}

#[cfg(unix)]
#[test]
fn sigterm_and_ctrl_c_stop_it_cleanly() {
    for name in ["-TERM", "-INT"] {
        let folder = TempDir::new().unwrap();
        let (mut running, said) = start(folder.path(), &[]);
        // A connection that is held open does not hold the stop up.
        let held = std::net::TcpStream::connect(("127.0.0.1", port(&said))).unwrap();
        let asked = Instant::now();
        signal(&running, name);
        let status = running.0.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{name}");
        assert!(asked.elapsed() < Duration::from_secs(10), "{name}");
        drop(held);
    }
}

#[test]
fn a_taken_port_is_named() {
    let folder = TempDir::new().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = other.local_addr().unwrap().to_string();
    let said = fail(folder.path(), &["--addr", &addr]);
    assert!(
        said.contains(&addr) && said.contains("is taken") && said.contains("--addr"),
        "{said}"
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let said = fail(folder.path(), &["--addr", "127.0.0.1:0", "--data", "file/data"]);
    assert!(said.contains("file/data") && said.contains("--data"), "{said}");
}

#[test]
fn a_data_folder_in_use_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let (_running, _) = start(folder.path(), &[]);
    let said = fail(folder.path(), &["--addr", "127.0.0.1:0"]);
    assert!(said.contains("another yodel is using"), "{said}");
}

#[tokio::test]
async fn a_locked_database_is_named() {
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions as _, Executor as _};

    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let file = folder.path().join("data/yodel.db");
    let mut other = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    let path = folder.path().to_owned();
    let said = tokio::task::spawn_blocking(move || fail(&path, &["--addr", "127.0.0.1:0"]))
        .await
        .unwrap();
    assert!(
        said.contains("yodel.db") && said.contains("locked by another program"),
        "{said}"
    );
}

#[test]
fn a_database_that_is_none_is_named() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(
        folder.path().join("data/yodel.db"),
        "this is not a database at all, ".repeat(100),
    )
    .unwrap();
    let said = fail(folder.path(), &["--addr", "127.0.0.1:0"]);
    assert!(
        said.contains("yodel.db") && said.contains("not a database"),
        "{said}"
    );
}

#[test]
fn a_mistake_in_the_configuration_file_is_named_with_its_line() {
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("yodel.toml"),
        "addr = '127.0.0.1:0'\nring-secnods = 3\n",
    )
    .unwrap();
    let said = fail(folder.path(), &["--config", "yodel.toml"]);
    assert!(
        said.contains("yodel.toml") && said.contains("line 2") && said.contains("ring-secnods"),
        "{said}"
    );

    assert_eq!(said.matches("unknown field").count(), 1, "said once: {said}");

    let said = fail(folder.path(), &["--config", "missing.toml"]);
    assert!(
        said.contains("missing.toml") && said.contains("--config"),
        "{said}"
    );
}

#[test]
fn a_wrong_option_is_named_with_what_is_allowed() {
    let folder = TempDir::new().unwrap();
    let said = fail(folder.path(), &["--ring-seconds", "0"]);
    assert!(
        said.contains("--ring-seconds") && said.contains("1 to 120"),
        "{said}"
    );
    let said = fail(folder.path(), &["--addr", "3000"]);
    assert!(said.contains("--addr") && said.contains("IP:PORT"), "{said}");
    let said = fail(folder.path(), &["--public-url", "call.example.org"]);
    assert!(
        said.contains("--public-url") && said.contains("https://"),
        "{said}"
    );
    for level in ["inof", "server=loud"] {
        let said = fail(folder.path(), &["--log", level]);
        assert!(said.contains("--log") && said.contains("debug"), "{said}");
    }
    let said = fail(folder.path(), &["--trusted-proxies", "10.0.0.0/33"]);
    assert!(
        said.contains("--trusted-proxies") && said.contains("10.0.0.0/8"),
        "{said}"
    );
    let said = fail(folder.path(), &["--trusted-proxies", "0.0.0.0/0"]);
    assert!(
        said.contains("--trusted-proxies") && said.contains("everybody"),
        "{said}"
    );
    let said = fail(folder.path(), &["--connections-per-address", "0"]);
    assert!(
        said.contains("--connections-per-address") && said.contains("from 1"),
        "{said}"
    );
    let said = fail(folder.path(), &["--sign-ups-per-hour", "0"]);
    assert!(
        said.contains("--sign-ups-per-hour") && said.contains("from 1"),
        "{said}"
    );
    let said = fail(folder.path(), &["--ice-servers", "turn:turn.example.org"]);
    assert!(
        said.contains("--ice-servers") && said.contains("password"),
        "{said}"
    );
}

#[test]
fn a_wrong_relay_is_explained() {
    let folder = TempDir::new().unwrap();
    for addr in ["0.0.0.0:3478", "turn.example.org:3478"] {
        let said = fail(folder.path(), &["--turn", addr]);
        assert!(
            said.contains("203.0.113.7:3478") && said.contains("--turn-listen"),
            "{said}"
        );
    }
    let said = fail(folder.path(), &["--turn-listen", "0.0.0.0:3478"]);
    assert!(said.contains("--turn "), "{said}");
    let said = fail(folder.path(), &["--relay-only"]);
    assert!(said.contains("--relay-only") && said.contains("--turn"), "{said}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let said = fail(folder.path(), &["--addr", "127.0.0.1:0", "--turn", &addr]);
    assert!(
        said.contains(&addr) && said.contains("is taken") && said.contains("--turn"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_public_site_without_a_relay_is_warned_of_and_one_with_it_says_where_it_is() {
    let public = ["--public-url", "https://call.example.org"];
    for (relay, expected) in [
        (&[][..], true),
        (&["--ice-servers", "stun:stun.example.org"], true),
        (&["--ice-servers", "turn:turn.example.org,secret=north"], false),
        (&["--turn", "127.0.0.1:0"], false),
    ] {
        let folder = TempDir::new().unwrap();
        let args = [&public[..], &["--addr", "127.0.0.1:0"], relay].concat();
        let mut running = Running(yodel(folder.path(), &args).spawn().unwrap());
        let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
        let said: Vec<_> = lines
            .by_ref()
            .map(Result::unwrap)
            .take_while(|line| !line.contains("Ctrl-C"))
            .collect();
        let relays = said.iter().any(|line| line.contains("TURN on 127.0.0.1:"));
        assert_eq!(relays, relay.contains(&"--turn"), "{said:?}");
        signal(&running, "-TERM");
        let mut logged = String::new();
        running
            .0
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut logged)
            .unwrap();
        assert_eq!(
            logged.contains("there is no TURN server"),
            expected,
            "{relay:?}: {logged}"
        );
        assert!(!logged.contains("north"), "{logged}");
    }
}

#[test]
fn a_wrong_app_is_explained_without_its_secret() {
    let folder = TempDir::new().unwrap();
    let said = fail(folder.path(), &["--apps", "1400000001=hidden"]);
    assert!(
        said.contains("--apps") && said.contains("SDKAppID:SECRET"),
        "{said}"
    );
    assert!(!said.contains("hidden"), "{said}");
    let said = fail(folder.path(), &["--origins", "https://shop.example/page"]);
    assert!(
        said.contains("--origins") && said.contains("https://shop.example"),
        "{said}"
    );
}

#[test]
fn a_user_sig_is_printed_for_whoever_has_the_secret() {
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("yodel.toml"),
        "[[apps]]\nid = 1400000001\nsecrets = ['from the file']\n",
    )
    .unwrap();
    let print = |args: &[&str], variable: Option<&str>| {
        let mut command = yodel(folder.path(), args);
        if let Some(apps) = variable {
            command.env("YODEL_APPS", apps);
        }
        let Output { status, stdout, .. } = command.output().unwrap();
        assert!(status.success());
        String::from_utf8(stdout).unwrap()
    };
    let lets_in = |line: &str, apps: &str| {
        let apps: server::apps::Apps = apps.parse().unwrap();
        let alice = "alice".parse().unwrap();
        let user_sig = line.strip_suffix('\n').unwrap();
        let app = apps.of_site().unwrap();
        app.verify(user_sig, &alice, server::clock::UnixMillis::now())
            .is_ok()
    };
    let alice = ["usersig", "--user", "alice"];
    assert!(lets_in(
        &print(&alice, Some("1400000001:in a variable")),
        "1400000001:in a variable"
    ));
    let of_file = [&alice[..], &["--config", "yodel.toml"]].concat();
    assert!(lets_in(&print(&of_file, None), "1400000001:from the file"));
    let link = [
        &of_file[..],
        &["--link", "--expire", "7d", "--addr", "127.0.0.1:4000"],
    ]
    .concat();
    let link = print(&link, None);
    assert!(
        link.starts_with("http://localhost:4000/sdk/demo#SDKAppID=1400000001&userID=alice&userSig="),
        "{link}"
    );
    assert!(!folder.path().join("data").exists(), "nothing is opened for it");
}

#[test]
fn a_user_sig_that_cannot_be_made_says_what_to_do() {
    let folder = TempDir::new().unwrap();
    let said = fail(folder.path(), &["usersig", "--user", "alice"]);
    assert!(said.contains("YODEL_APPS=") && said.contains("--apps"), "{said}");
    let said = fail(
        folder.path(),
        &["--apps", "5:secret", "usersig", "--user", "al ice"],
    );
    assert!(said.contains("--user"), "{said}");
    let said = fail(
        folder.path(),
        &[
            "--apps", "5:secret", "usersig", "--user", "alice", "--expire", "1",
        ],
    );
    assert!(said.contains("--expire") && said.contains("30m"), "{said}");
}

#[test]
fn options_come_from_variables_too() {
    let folder = TempDir::new().unwrap();
    let mut command = yodel(folder.path(), &["--addr", "127.0.0.1:0"]);
    let child = command.env("YODEL_RING_SECONDS", "500").spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("1 to 120"), "{said}");
}

#[test]
fn the_help_explains_every_option() {
    let folder = TempDir::new().unwrap();
    let output = yodel(folder.path(), &["--help"]).output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--config",
        "--addr",
        "--metrics",
        "--data",
        "--ring-seconds",
        "--public-url",
        "--cert",
        "--key",
        "--lan",
        "--ice-servers",
        "--apps",
        "--origins",
        "usersig",
        "cert ",
        "--trusted-proxies",
        "--connections-per-address",
        "--sign-ups-per-hour",
        "--log",
        "YODEL_ADDR",
    ] {
        assert!(help.contains(option), "{option}");
    }
}

#[test]
fn the_log_holds_no_secrets() {
    let folder = TempDir::new().unwrap();
    let apps = ["--apps", "5:a secret of an app"];
    let (mut running, said) = start(folder.path(), &[&apps[..], &["--log", "debug"]].concat());
    let port = port(&said);
    let printed = yodel(
        folder.path(),
        &[&apps[..], &["usersig", "--user", "bob"]].concat(),
    )
    .output()
    .unwrap();
    let user_sig = String::from_utf8(printed.stdout).unwrap().trim().to_owned();
    let let_in = log_in(port, &format!("yodel.usersig.5.bob.{user_sig}"));
    assert!(let_in.starts_with("HTTP/1.1 101"), "{let_in}");
    log_in(port, &format!("yodel.usersig.5.carol.{user_sig}"));
    let body = "user_id=alice&name=Alice&password=correct-horse-battery";
    let answer = post(port, "/api/sign_up", body);
    let token = answer
        .split("yodel_session=")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .unwrap()
        .to_owned();
    signal(&running, "-TERM");
    running.0.wait().unwrap();
    let mut log = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("signed up"), "{log}");
    assert!(
        log.contains("for the first time") && log.contains("was refused"),
        "{log}"
    );
    let secrets = [
        token.as_str(),
        "correct-horse",
        "127.0.0.1",
        &user_sig,
        "a secret of",
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// The head of the answer to somebody who opens the SDK's socket with this subprotocol.
fn log_in(port: u16, subprotocol: &str) -> String {
    use std::io::Write as _;

    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "GET /sdk/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: yodel.json.v1, {subprotocol}\r\n\r\n"
    )
    .unwrap();
    let head = BufReader::new(stream).lines().map_while(Result::ok);
    head.take_while(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn post(port: u16, path: &str, body: &str) -> String {
    use std::io::Write as _;

    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
