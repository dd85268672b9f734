//! A server in this process, and the people who use it.

use std::time::Duration;

use call::id::{CallId, CommandId, DeviceId, InviteId, UserId};
use call::media::{CallType, MediaState};
use call::protocol::{
    ClientMsg, Command, Event, Hello, JSON_SUBPROTOCOL, Login, Refusal, USER_SIG_SUBPROTOCOL, VERSION,
    Welcome,
};
use futures::{SinkExt as _, StreamExt as _};
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Response, redirect};
use server::apps::{App, Apps};
use server::clock::UnixMillis;
use server::config::Config;
use server::server::Server;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct TestServer {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    pub(crate) http: Client,
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
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        Self { server, folder, http }
    }

    /// A server with one person.
    pub(crate) async fn with_user(id: &str) -> (Self, User) {
        let server = Self::start().await;
        let user = server.sign_up(id).await;
        (server, user)
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.server.addr())
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
        let mut request = format!("ws://{}/ws", self.server.addr())
            .into_client_request()
            .unwrap();
        request
            .headers_mut()
            .insert("origin", self.origin().parse().unwrap());
        request
            .headers_mut()
            .insert("cookie", user.cookie.parse().unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        Phone {
            socket,
            next: CommandId(1),
        }
    }

    /// A socket at `/sdk/ws`, from a page of this origin that asks for these subprotocols; and the one that is answered.
    pub(crate) async fn knock(&self, origin: Option<&str>, subprotocols: &str) -> (Phone, Option<String>) {
        let mut request = format!("ws://{}/sdk/ws", self.server.addr())
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().unwrap());
        }
        headers.insert("sec-websocket-protocol", subprotocols.parse().unwrap());
        let (socket, response) = connect_async(request).await.unwrap();
        let chosen = response.headers().get("sec-websocket-protocol");
        let chosen = chosen.map(|chosen| chosen.to_str().unwrap().to_owned());
        let next = CommandId(1);
        (Phone { socket, next }, chosen)
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
}

impl Phone {
    pub(crate) async fn send(&mut self, frame: Message) {
        self.socket.send(frame).await.unwrap();
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
        let device = DeviceId::from_bits(device);
        self.say(Command::Hello(Hello {
            version: VERSION,
            device,
            login: Login::Shared,
        }))
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

    pub(crate) async fn hear(&mut self) -> Event {
        match self.frame().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("not an event: {other:?}"),
        }
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
            Event::Welcomed(welcome) => *welcome,
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
