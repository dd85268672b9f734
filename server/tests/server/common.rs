//! A server in this process, and the people who use it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::time::Duration;

use axum::http;
use call::id::{CallId, CommandId, DeviceId, InviteId, UserId};
use call::media::{CallType, MediaState};
use call::protocol::{
    ClientMsg, Command, Event, Hello, JSON_SUBPROTOCOL, Login, Refusal, Resume, USER_SIG_SUBPROTOCOL,
    VERSION, Welcome,
};
use futures::{SinkExt as _, StreamExt as _};
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Response, redirect};
use server::apps::{App, Apps};
use server::clock::UnixMillis;
use server::config::Config;
use server::server::Server;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async};

/// What somebody sends in a voice call.
pub(crate) const VOICE: MediaState = MediaState {
    microphone: true,
    camera: false,
};

/// How long a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct TestServer {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    front: Front,
}

/// What can be reached of a server, in this process or another one.
pub(crate) struct Front {
    addr: SocketAddr,
    /// Where its visitors come from.
    from: IpAddr,
    pub(crate) http: Client,
}

impl Deref for TestServer {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config::default();
        config.addr.set_port(0);
        config.data = folder.path().join("data");
        change(&mut config);
        let server = Server::start(&config).await.unwrap();
        let front = Front::at(server.addr());
        Self {
            server,
            folder,
            front,
        }
    }

    /// A server with one person.
    pub(crate) async fn with_user(id: &str) -> (Self, User) {
        let server = Self::start().await;
        let user = server.sign_up(id).await;
        (server, user)
    }
}

impl Front {
    pub(crate) fn at(addr: SocketAddr) -> Self {
        Self::visited_from(addr, IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// For visitors that come from one of the addresses of this machine.
    pub(crate) fn visited_from(addr: SocketAddr, from: IpAddr) -> Self {
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .local_address(from)
            .build()
            .unwrap();
        Self { addr, from, http }
    }

    async fn open_socket(
        &self,
        request: http::Request<()>,
    ) -> (
        WebSocketStream<MaybeTlsStream<TcpStream>>,
        http::Response<Option<Vec<u8>>>,
    ) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(self.from, 0)).unwrap();
        let stream = socket.connect(self.addr).await.unwrap();
        client_async(request, MaybeTlsStream::Plain(stream))
            .await
            .unwrap()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    pub(crate) async fn get(&self, path: &str, user: Option<&User>) -> Response {
        let mut request = self.http.get(self.url(path)).header(ACCEPT, "text/html");
        if let Some(user) = user {
            request = request.header(COOKIE, &user.cookie);
        }
        request.send().await.unwrap()
    }

    /// Send a form as the page's script does.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)], user: Option<&User>) -> Response {
        self.send_form(path, fields, user, "application/json").await
    }

    /// Send a form as a browser without scripts does.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)], user: Option<&User>) -> Response {
        self.send_form(path, fields, user, "text/html,application/xhtml+xml")
            .await
    }

    async fn send_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        user: Option<&User>,
        accept: &str,
    ) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut request = self
            .http
            .post(self.url(path))
            .header(ORIGIN, self.origin())
            .header(ACCEPT, accept)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("referer", self.url("/sign-in"))
            .body(body);
        if let Some(user) = user {
            request = request.header(COOKIE, &user.cookie);
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn sign_up(&self, id: &str) -> User {
        let name = format!("{}{}", id[..1].to_uppercase(), &id[1..]);
        let fields = [("user_id", id), ("name", &name), ("password", PASSWORD)];
        let response = self.post("/api/sign_up", &fields, None).await;
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        User {
            id: id.parse().unwrap(),
            cookie: cookie_of(response.headers()),
        }
    }

    pub(crate) async fn sign_in(&self, id: &str) -> User {
        let fields = [("user_id", id), ("password", PASSWORD)];
        let response = self.post("/api/sign_in", &fields, None).await;
        assert_eq!(response.status(), 200);
        User {
            id: id.parse().unwrap(),
            cookie: cookie_of(response.headers()),
        }
    }

    /// A socket of this person that has not said hello.
    pub(crate) async fn connect(&self, user: &User) -> Phone {
        let mut request = format!("ws://{}/ws", self.addr).into_client_request().unwrap();
        request
            .headers_mut()
            .insert("origin", self.origin().parse().unwrap());
        request
            .headers_mut()
            .insert("cookie", user.cookie.parse().unwrap());
        let (socket, _) = self.open_socket(request).await;
        Phone {
            socket,
            next: CommandId(1),
            received: 0,
        }
    }

    /// A socket at `/sdk/ws`, from a page of this origin that asks for these subprotocols; and the one that is answered.
    pub(crate) async fn knock(&self, origin: Option<&str>, subprotocols: &str) -> (Phone, Option<String>) {
        let mut request = format!("ws://{}/sdk/ws", self.addr)
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().unwrap());
        }
        headers.insert("sec-websocket-protocol", subprotocols.parse().unwrap());
        let (socket, response) = self.open_socket(request).await;
        let chosen = response.headers().get("sec-websocket-protocol");
        let chosen = chosen.map(|chosen| chosen.to_str().unwrap().to_owned());
        let phone = Phone {
            socket,
            next: CommandId(1),
            received: 0,
        };
        (phone, chosen)
    }

    /// A socket for whoever shows this userSig, that has not said hello.
    pub(crate) async fn log_in(&self, app: u32, user: &str, user_sig: &str) -> Phone {
        let subprotocols = format!("{JSON_SUBPROTOCOL}, {USER_SIG_SUBPROTOCOL}{app}.{user}.{user_sig}");
        self.knock(Some(&self.origin()), &subprotocols).await.0
    }

    /// A socket of somebody whom an app has sent, that has been welcomed.
    pub(crate) async fn sdk_phone(&self, app: &App, user: &str, device: u64) -> Phone {
        let user_sig = app.sign(&user.parse().unwrap(), UnixMillis::now(), 60);
        let mut phone = self.log_in(app.id().number(), user, &user_sig).await;
        phone.hello(device).await;
        phone.welcomed().await;
        phone
    }

    /// A socket that has been welcomed.
    pub(crate) async fn phone(&self, user: &User, device: u64) -> Phone {
        let mut phone = self.connect(user).await;
        phone.hello(device).await;
        phone.welcomed().await;
        phone
    }
}

/// The only app of this list, as it is configured.
pub(crate) fn app(entry: &str) -> App {
    let apps: Apps = entry.parse().unwrap();
    apps.of_site().unwrap().clone()
}

/// The `name=value` of the cookie that an answer sets.
pub(crate) fn cookie_of(headers: &HeaderMap) -> String {
    let cookie = headers.get(SET_COOKIE).expect("a cookie").to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

pub(crate) fn location(response: &Response) -> &str {
    response
        .headers()
        .get(LOCATION)
        .map_or("", |value| value.to_str().unwrap())
}

/// Somebody who has signed in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) cookie: String,
}

impl User {
    pub(crate) fn token(&self) -> &str {
        self.cookie.split_once('=').unwrap().1
    }
}

/// Somebody's end of a socket.
pub(crate) struct Phone {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: CommandId,
    /// How many events there were after the last welcome.
    received: u32,
}

impl Phone {
    pub(crate) async fn send(&mut self, frame: Message) {
        self.socket.send(frame).await.unwrap();
    }

    /// Write bytes as they are, below the WebSocket layer.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        let MaybeTlsStream::Plain(stream) = self.socket.get_mut() else {
            panic!("not a plain connection");
        };
        stream.write_all(bytes).await.unwrap();
    }

    /// The next event, as it was written.
    pub(crate) async fn hear_text(&mut self) -> String {
        match self.frame().await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("not an event: {other:?}"),
        }
    }

    /// Send, even if the server has closed the socket meanwhile.
    pub(crate) async fn try_send(&mut self, frame: Message) -> Result<(), Error> {
        self.socket.send(frame).await
    }

    pub(crate) async fn say(&mut self, command: Command) -> CommandId {
        let id = self.next;
        self.next = id.next();
        let text = serde_json::to_string(&ClientMsg { id, command }).unwrap();
        self.send(Message::text(text)).await;
        id
    }

    pub(crate) async fn hello(&mut self, device: u64) {
        self.hello_again(device, None).await;
    }

    /// Say hello as a device that was there before.
    pub(crate) async fn hello_again(&mut self, device: u64, resume: Option<Resume>) {
        let device = DeviceId::from_bits(device);
        self.say(Command::Hello(Hello {
            version: VERSION,
            device,
            login: Login::Shared,
            resume,
        }))
        .await;
    }

    /// How far this phone has heard since it was welcomed so.
    pub(crate) fn heard_since(&self, welcome: &Welcome) -> Option<Resume> {
        welcome.resume.map(|token| Resume {
            token,
            received: self.received,
        })
    }

    /// Answer with sound alone.
    pub(crate) async fn accept(&mut self, invite: InviteId) {
        self.say(Command::Accept {
            invite,
            media: VOICE,
            signals: Vec::new(),
        })
        .await;
    }

    /// Be told of people who sign up, from now on.
    pub(crate) async fn watch_newcomers(&mut self) {
        let command = self
            .say(Command::Watch {
                people: Vec::new(),
                newcomers: true,
            })
            .await;
        self.wait_for(|event| (*event == Event::Done { command }).then_some(()))
            .await;
    }

    pub(crate) async fn call(&mut self, invitees: &[&User]) -> CommandId {
        self.call_ids(invitees.iter().map(|user| user.id.clone()).collect())
            .await
    }

    pub(crate) async fn call_ids(&mut self, invitees: Vec<UserId>) -> CommandId {
        let media = MediaState {
            microphone: true,
            camera: false,
        };
        self.say(Command::Call {
            group: None,
            invitees,
            call_type: CallType::Audio,
            ring_seconds: None,
            media,
            note: None,
        })
        .await
    }

    /// The next message that is not a ping.
    async fn frame(&mut self) -> Option<Result<Message, Error>> {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("something in time")
            {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                frame => return frame,
            }
        }
    }

    /// The next event of those that are counted.
    pub(crate) async fn hear(&mut self) -> Event {
        let counted = async {
            loop {
                match self.hear_anything().await {
                    Event::Alive | Event::Restarting { .. } => {}
                    event => return event,
                }
            }
        };
        let event = timeout(PATIENCE, counted).await.expect("something in time");
        self.received += 1;
        event
    }

    pub(crate) async fn hear_anything(&mut self) -> Event {
        match self.frame().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("not an event: {other:?}"),
        }
    }

    /// The last command once more, as a client does that has not been told what came of it.
    pub(crate) async fn repeat(&mut self, id: CommandId, command: Command) {
        self.next = id;
        self.say(command).await;
    }

    /// Go on until an event is the one that is looked for.
    pub(crate) async fn wait_for<T>(&mut self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            let event = self.hear().await;
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    pub(crate) async fn welcomed(&mut self) -> Welcome {
        match self.hear().await {
            Event::Welcomed(welcome) => {
                // As a client that was there before: a number that is known is not carried out again.
                self.next = self.next.max(welcome.last_command.next());
                self.received = 0;
                *welcome
            }
            other => panic!("not a welcome: {other:?}"),
        }
    }

    pub(crate) async fn placed(&mut self) -> CallId {
        self.wait_for(|event| match event {
            Event::Placed { call } => Some(call.call),
            _ => None,
        })
        .await
    }

    pub(crate) async fn invited(&mut self) -> (CallId, InviteId) {
        self.wait_for(|event| match event {
            Event::Invited { invitation } => Some((invitation.call, invitation.invite)),
            _ => None,
        })
        .await
    }

    pub(crate) async fn refused(&mut self, expected: CommandId) -> Refusal {
        self.wait_for(|event| match event {
            Event::Refused { command, refusal } if *command == expected => Some(refusal.clone()),
            _ => None,
        })
        .await
    }

    /// Whether the next frame is a welcome, and not the end.
    pub(crate) async fn is_welcomed(&mut self) -> bool {
        match self.frame().await {
            Some(Ok(Message::Text(text))) => text.contains("welcomed"),
            Some(Ok(_) | Err(_)) | None => false,
        }
    }

    /// The close code with which the server closes the socket.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(Message::Text(_))) => {}
                other => panic!("closed without a code: {other:?}"),
            }
        }
    }

    /// Read what there is, up to the end without a goodbye that the server has made of it.
    pub(crate) async fn given_up(&mut self) {
        while let Some(Ok(frame)) = self.frame().await {
            assert!(!frame.is_close(), "closed with a goodbye: {frame:?}");
        }
    }

    /// Close it as a browser does whose tab is closed, and wait for the answer.
    pub(crate) async fn close(mut self) {
        self.socket.close(None).await.unwrap();
        while let Some(frame) = self.frame().await {
            frame.expect("an orderly end");
        }
    }

    /// Cut the connection.
    pub(crate) fn cut(self) {
        drop(self);
    }
}
