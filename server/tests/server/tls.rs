//! HTTPS in the binary: what is shown, what is answered in the clear, and what is changed while it runs.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use server::clock::UnixMillis;
use server::config::TlsSource;
use server::tls::CertificateFiles;
use server::tls::authority::{Authority, Signed};
use server::tls::lan::{Lan, When};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::common::{PASSWORD, PATIENCE, TestServer};

/// How long a test waits before it looks again.
const AGAIN: Duration = Duration::from_millis(50);

/// An authority, and files for what it signs.
pub(crate) struct Made {
    pub(crate) authority: Authority,
    folder: TempDir,
}

impl Made {
    pub(crate) fn new() -> Self {
        Self {
            authority: Authority::new("a test", &[], UnixMillis::now()).unwrap(),
            folder: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn sign(&self, names: &[&str]) -> Signed {
        let names: Vec<_> = names.iter().map(|name| name.parse().unwrap()).collect();
        self.authority.sign(&names, UnixMillis::now()).unwrap()
    }

    pub(crate) fn files(&self) -> CertificateFiles {
        CertificateFiles {
            cert: self.folder.path().join("server.crt"),
            key: self.folder.path().join("server.key"),
        }
    }

    /// The paths of those files, as a command line has them.
    pub(crate) fn paths(&self) -> [String; 2] {
        let CertificateFiles { cert, key } = self.files();
        [cert, key].map(|path| path.to_str().unwrap().to_owned())
    }

    pub(crate) fn write(&self, signed: &Signed) {
        fs::write(self.files().cert, &signed.cert).unwrap();
        fs::write(self.files().key, &signed.key).unwrap();
    }

    /// A source with a certificate for these names.
    pub(crate) fn source(&self, names: &[&str]) -> TlsSource {
        self.write(&self.sign(names));
        TlsSource::Files(self.files())
    }

    /// Connect to a server that shows what this authority has signed.
    pub(crate) async fn connect(&self, addr: SocketAddr) -> TlsStream<TcpStream> {
        connect(addr, "localhost", self.authority.pem(), &[])
            .await
            .unwrap()
    }
}

/// Connect by TLS, as somebody who trusts this authority alone, looks for this name, and speaks these protocols.
async fn connect(
    addr: SocketAddr,
    host: &str,
    authority: &str,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(addr).await.unwrap();
    let host = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(host, stream).await
}

/// The certificate that a server shows.
fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

fn der(signed: &Signed) -> Vec<u8> {
    CertificateDer::from_pem_slice(signed.cert.as_bytes())
        .unwrap()
        .to_vec()
}

/// Send these lines as a request that is the last one, and read the answer.
async fn ask(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite,
    lines: &[&str],
    body: &str,
) -> String {
    let mut stream = std::pin::pin!(stream);
    let head = lines.join("\r\n");
    let length = body.len();
    let request = format!("{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn get(stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite, path: &str, host: &str) -> String {
    ask(
        stream,
        &[&format!("GET {path} HTTP/1.1"), &format!("Host: {host}")],
        "",
    )
    .await
}

async fn start(made: &Made) -> (TestServer, SocketAddr) {
    let source = made.source(&["localhost", "127.0.0.1"]);
    let server = TestServer::start_with(|config| config.tls = Some(source)).await;
    let addr = server.server.addr();
    (server, addr)
}

#[tokio::test]
async fn the_session_of_a_site_over_https_is_bound_to_its_host() {
    let made = Made::new();
    let (_server, addr) = start(&made).await;
    let body = format!("user_id=alice&name=Alice&password={}", PASSWORD.replace(' ', "+"));
    let host = format!("Host: {addr}");
    let sign_up = |origin: String| {
        let lines = [
            "POST /api/sign_up HTTP/1.1".to_owned(),
            host.clone(),
            format!("Origin: {origin}"),
            "Content-Type: application/x-www-form-urlencoded".to_owned(),
        ];
        let (made, body) = (&made, &body);
        async move {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            ask(made.connect(addr).await, &lines, body).await
        }
    };
    let refused = sign_up(format!("http://{addr}")).await;
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let answer = sign_up(format!("https://{addr}")).await;
    let cookie = answer
        .lines()
        .find(|line| line.starts_with("set-cookie: __Host-yodel_session="));
    assert!(
        cookie.is_some_and(|cookie| cookie.contains("; Secure")),
        "{answer}"
    );
}

#[tokio::test]
async fn a_page_opens_its_sockets_by_tls_alone() {
    let made = Made::new();
    let (_server, addr) = start(&made).await;
    let answer = get(made.connect(addr).await, "/sign-in", &addr.to_string()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains(&format!(" wss://{addr};")) && !answer.contains(" ws://"),
        "{answer}"
    );
}

#[tokio::test]
async fn no_protocol_is_offered_in_which_no_socket_could_be_opened() {
    let made = Made::new();
    let (_server, addr) = start(&made).await;
    let stream = connect(addr, "localhost", made.authority.pem(), &[b"h2", b"http/1.1"])
        .await
        .unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn who_comes_in_the_clear_is_sent_to_https() {
    let made = Made::new();
    let (_server, addr) = start(&made).await;
    let in_the_clear = || async { TcpStream::connect(addr).await.unwrap() };
    let answer = get(in_the_clear().await, "/sign-in?a=b", "nas.local:3000").await;
    assert!(answer.starts_with("HTTP/1.1 307"), "{answer}");
    assert!(
        answer.contains("location: https://nas.local:3000/sign-in?a=b\r\n"),
        "{answer}"
    );
    for lines in [
        &["POST /api/sign_in HTTP/1.1", "Host: nas.local"][..],
        &["GET / HTTP/1.1", "Host: a@b"],
        &["GET / HTTP/1.0"],
    ] {
        let answer = ask(in_the_clear().await, lines, "").await;
        assert!(
            answer.contains(" 400 ") && answer.contains("https://"),
            "{lines:?}: {answer}"
        );
    }
    let operators = get(in_the_clear().await, "/healthz", "nas.local").await;
    assert!(operators.ends_with("ok"), "nothing of anybody: {operators}");
}

#[tokio::test]
async fn browsers_are_told_to_insist_on_https_where_that_locks_nobody_out() {
    let made = Made::new();
    for (url, insists) in [
        (Some("https://call.example.org"), true),
        (Some("https://nas.local"), false),
        (None, false),
    ] {
        let source = made.source(&["localhost"]);
        let server = TestServer::start_with(|config| {
            config.tls = Some(source);
            config.public_url = url.map(|url| url.parse().unwrap());
        })
        .await;
        let addr = server.server.addr();
        let answer = get(made.connect(addr).await, "/healthz", "a").await;
        assert_eq!(
            answer.contains("strict-transport-security"),
            insists,
            "{url:?}: {answer}"
        );
        let answer = get(TcpStream::connect(addr).await.unwrap(), "/healthz", "a").await;
        assert!(
            !answer.contains("strict-transport-security"),
            "in the clear: {answer}"
        );
    }
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_and_open_ones_go_on() {
    let made = Made::new();
    let (_server, addr) = start(&made).await;
    let mut open = made.connect(addr).await;
    let before = shown(&open);
    // A request that is half there.
    open.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        .await
        .unwrap();

    let new = made.sign(&["localhost", "nas.local"]);
    assert_ne!(der(&new), before);
    made.write(&new);
    let replaced = async {
        while shown(&made.connect(addr).await) != der(&new) {
            sleep(AGAIN).await;
        }
    };
    timeout(PATIENCE, replaced).await.expect("the new one in time");
    assert!(
        connect(addr, "nas.local", made.authority.pem(), &[])
            .await
            .is_ok()
    );

    open.write_all(b"Connection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    open.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_socket_stays_open_when_the_certificate_changes() {
    let made = Made::new();
    let (server, addr) = start(&made).await;
    let mut request = format!("wss://{addr}/ws").into_client_request().unwrap();
    request
        .headers_mut()
        .insert("origin", format!("https://{addr}").parse().unwrap());
    // Without a session it is closed with a reason: so it has been opened.
    let (mut socket, _) = client_async(request, made.connect(addr).await).await.unwrap();
    let showcase = server.server.showcase().unwrap();
    made.write(&made.sign(&["localhost"]));
    showcase.replace(made.files().load().unwrap());
    let frame = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
    assert!(
        matches!(&frame, Message::Close(Some(close)) if u16::from(close.code) == 4401),
        "{frame:?}"
    );
}

#[tokio::test]
async fn keys_of_every_common_form_are_taken() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls");
    for form in ["sec1", "pkcs1"] {
        let files = CertificateFiles {
            cert: data.join(form).with_extension("crt"),
            key: data.join(form).with_extension("key"),
        };
        let certificate = files.load().unwrap();
        assert!(
            certificate.covers("localhost") && certificate.covers("127.0.0.1"),
            "{form}"
        );
        assert!(
            !certificate.covers("call.example.org") && !certificate.covers("127.0.0.2"),
            "{form}"
        );
    }
    let made = Made::new();
    made.write(&made.sign(&["*.call.lan", "fd00::1"]));
    let certificate = made.files().load().unwrap();
    assert!(
        certificate.covers("a.call.lan") && certificate.covers("[fd00::1]"),
        "PKCS#8"
    );
    assert!(!certificate.covers("call.lan") && !certificate.covers(""));
}

#[tokio::test]
async fn who_never_shakes_hands_is_not_waited_for() {
    let made = Made::new();
    let (_server, addr) = start(&made).await;
    let silent = TcpStream::connect(addr).await.unwrap();
    let mut halfway = TcpStream::connect(addr).await.unwrap();
    halfway.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    for mut stream in [silent, halfway] {
        let mut answer = Vec::new();
        let end = timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("closed in time");
        assert!(end.is_err() || answer.is_empty(), "{answer:?}");
    }
}

#[tokio::test]
async fn the_local_network_is_told_how_to_trust_its_authority() {
    let server = TestServer::start_with(|config| config.tls = Some(TlsSource::Lan)).await;
    let addr = server.server.addr();
    let folder = server.folder.path().join("data/tls");
    let authority = fs::read_to_string(folder.join("authority.crt")).unwrap();
    let over_tls = || async { connect(addr, "localhost", &authority, &[]).await.unwrap() };
    let in_the_clear = || async { TcpStream::connect(addr).await.unwrap() };
    let fingerprint = server.server.site().authority().unwrap().fingerprint;
    for page in [
        get(over_tls().await, "/trust", "a").await,
        get(in_the_clear().await, "/trust", "a").await,
    ] {
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(
            page.contains("Trust this server") && page.contains(&fingerprint),
            "{page}"
        );
    }
    let chinese = get(in_the_clear().await, "/trust?lang=zh", "a").await;
    assert!(
        chinese.contains("信任此服务器") && chinese.contains("lang=\"zh-Hans\""),
        "{chinese}"
    );
    let file = get(in_the_clear().await, "/trust/authority.crt", "a").await;
    assert!(
        file.contains("content-type: application/x-x509-ca-cert\r\n"),
        "{file}"
    );
    assert!(file.ends_with(&authority), "{file}");
    assert!(!file.contains("PRIVATE"), "{file}");

    let made = Made::new();
    let (_other, addr) = start(&made).await;
    for path in ["/trust", "/trust/authority.crt"] {
        let answer = get(made.connect(addr).await, path, "a").await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn who_has_an_authority_made_anew_tells_devices_of_that_one() {
    let server = TestServer::start_with(|config| config.tls = Some(TlsSource::Lan)).await;
    let addr = server.server.addr();
    let data = server.folder.path().join("data");
    let lan = Lan::of(&data);
    fs::remove_dir_all(lan.folder()).unwrap();
    let kept = lan.keep(When::Always, &[], UnixMillis::now()).unwrap();
    let told = async {
        loop {
            let stream = TcpStream::connect(addr).await.unwrap();
            let page = get(stream, "/trust", "a").await;
            if page.contains(&kept.authority.fingerprint) {
                break;
            }
            sleep(AGAIN).await;
        }
    };
    timeout(PATIENCE, told).await.expect("the new one");
    let shown = connect(addr, "localhost", &kept.authority.pem, &[]).await;
    assert!(shown.is_ok(), "its certificate is shown: {shown:?}");
}
