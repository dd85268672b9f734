//! Logging in and out.

use core::pin::pin;
use core::time::Duration;

use call::handset::{Command, Connection};
use call::id::UserId;
use call::protocol::{Login, LoginRefusal, USER_SIG_SUBPROTOCOL};
use call::text::joined;
use futures::future::{Either, select};
use phone::{Options, sleep};
use wasm_bindgen::JsValue;

use crate::Calling;
use crate::failure::Failure;
use crate::line::Line;
use crate::object::{object, property, text};

/// How long a server that cannot be reached is tried before a login has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest userSig that a server takes, in characters.
const USER_SIG_CHARS: usize = 4096;

/// Where people log in.
pub(crate) struct App {
    /// `SDKAppID` in digits; empty, if what the page has passed cannot be one.
    pub(crate) id: String,
    /// The WebSocket URL; empty, if the page has named a server that is no URL.
    pub(crate) socket: String,
    /// Whether Yodel's own tones are played.
    pub(crate) ringtone: bool,
}

impl App {
    fn options(&self, identity: String) -> Options {
        Options {
            signaling_url: self.socket.clone(),
            identity: Some(identity),
            login: Login::Exclusive,
            // The page that is loaded again knows nothing of the call: nobody must be heard without seeing it.
            survives_reload: false,
            plays_tones: self.ringtone,
        }
    }
}

impl Calling {
    /// `login({userID, userSig})`: log this person in, instead of all their other logins. The same person again renews the
    /// userSig.
    ///
    /// # Errors
    ///
    /// `userID` or `userSig` are not what they have to be; the server does not take them, or cannot be reached; somebody else
    /// is logged in here.
    pub(crate) async fn login(&self, params: &JsValue) -> Result<JsValue, Failure> {
        let named = property(params, "userID").and_then(|id| id.as_string());
        let shown = named.clone().unwrap_or_else(|| "undefined".to_owned());
        let failed = |why: &str| Failure::login(&shown, why);
        if self.app.id.is_empty() {
            return Err(failed("SDKAppID has to be the number of an app of the server"));
        }
        if self.app.socket.is_empty() {
            return Err(failed(
                "server has to be the address of a Yodel server, such as https://call.example.org",
            ));
        }
        let user: UserId = named
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| failed("userID has to be 1 to 32 of the characters A-Z a-z 0-9 - _"))?;
        let user_sig = property(params, "userSig")
            .and_then(|sig| sig.as_string())
            .filter(|sig| is_user_sig(sig))
            .ok_or_else(|| failed(LoginRefusal::Malformed.message()))?;
        let identity = joined(&[
            USER_SIG_SUBPROTOCOL,
            &self.app.id,
            ".",
            user.as_str(),
            ".",
            &user_sig,
        ]);

        if let Some(line) = self.line().filter(|line| line.is_open()) {
            if *line.me() != user {
                return Err(failed("somebody else is logged in here; call logout() first"));
            }
            line.renew(identity);
            if !line.is_accepted() {
                self.wait_for(&line).await?;
            }
            return Ok(accepted(&user, Some(true)));
        }
        let line = Line::open(user.clone(), self.app.options(identity), self.emit.clone());
        *self.line.borrow_mut() = Some(line.clone());
        line.ask(Command::SetVideoQuality(self.wishes.borrow().quality));
        self.wait_for(&line).await?;
        Ok(accepted(&user, None))
    }

    /// `logout()`: leave the call, and be reached no longer.
    pub(crate) async fn logout(&self) -> JsValue {
        if let Some(line) = self.line.take().filter(|line| line.is_open()) {
            // One after the other, so that the page hears first how its call ended.
            line.give_up_beginning();
            line.ask(Command::Hangup);
            line.ask(Command::SignOut);
            // An error says that it is over already.
            let _ = line
                .until(|view| (view.connection == Connection::SignedOut).then_some(Ok(())))
                .await;
            line.close();
        }
        object(&[("code", 0.into()), ("data", object(&[]))])
    }

    /// Wait until the server has let somebody in.
    async fn wait_for(&self, line: &Line) -> Result<(), Failure> {
        let user = line.me().clone();
        let put_out = "the person has logged in elsewhere, or the server is of another version";
        let outcome = line.until(move |view| match view.connection {
            Connection::Connecting | Connection::Reconnecting => None,
            Connection::Online => Some(Ok(())),
            Connection::LoginRefused(refusal) => Some(Err(Failure::login_refused(user.as_str(), refusal))),
            Connection::KickedOut | Connection::Stopped | Connection::SignedOut => {
                Some(Err(Failure::login(user.as_str(), put_out)))
            }
        });
        let why = match select(pin!(outcome), pin!(sleep(PATIENCE))).await {
            Either::Left((Ok(()), _)) => return Ok(()),
            Either::Left((Err(failure), _)) => failure,
            Either::Right(_) => {
                let server = self.app.socket.as_str();
                let why = [
                    "the server cannot be reached at ",
                    server,
                    "; is it there, and does the page's policy allow it?",
                ];
                Failure::login(line.me().as_str(), &joined(&why))
            }
        };
        line.close();
        Err(why)
    }
}

/// Whether this could be a userSig, and can be said in a header at all.
fn is_user_sig(sig: &str) -> bool {
    let may_be_in_it = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'_');
    (1..=USER_SIG_CHARS).contains(&sig.len()) && sig.bytes().all(may_be_in_it)
}

/// What a login is answered with, in the form of the seed's messaging service.
fn accepted(user: &UserId, repeated: Option<bool>) -> JsValue {
    let mut data = vec![
        ("actionStatus", text("OK")),
        ("errorCode", 0.into()),
        ("errorInfo", text("")),
        ("userID", text(user.as_str())),
    ];
    data.extend(repeated.map(|repeated| ("repeatLogin", repeated.into())));
    object(&[("code", 0.into()), ("data", object(&data))])
}
