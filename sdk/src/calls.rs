//! Calling, answering, hanging up.

use std::rc::Rc;

use call::handset::{CallNumber, CallView, Command, Notice, Stage};
use call::id::{InviteId, UserId};
use call::media::{CallType, CaptureError};
use call::narrator::CallFailure;
use wasm_bindgen::JsValue;

use crate::Calling;
use crate::failure::Failure;
use crate::line::{Ended, Line, in_call};
use crate::object::{object, text};
use crate::params::{Dial, number_of};
use crate::talk::Talk;

impl Calling {
    /// `call({userID, type, timeout?, offlinePushInfo?})`: ring somebody.
    ///
    /// # Errors
    ///
    /// The parameters; nobody is logged in; there is a call already; the microphone cannot be had; the server refuses.
    pub(crate) async fn call(&self, params: &JsValue) -> Result<JsValue, Failure> {
        let me = self.logged_in().map(|line| line.me().clone());
        let dial = Dial::one(params, me.as_ref()).ok_or_else(|| Failure::params("call", params))?;
        let line = self.line_for("call")?;
        let callee = dial.callees.first().map(|person| person.id.clone());
        let camera = self.place(&line, "call", dial, false).await?;
        let whom = ("userID", callee.as_ref().map_or("", UserId::as_str));
        Ok(placed(&line, camera, whom))
    }

    /// `groupCall({userIDList, type, groupID?, timeout?, offlinePushInfo?})`: ring several people; from within a call of several
    /// people, ring more of them into it.
    ///
    /// # Errors
    ///
    /// As for `call`. Somebody who cannot be rung is told of by the events, and the others are rung all the same.
    pub(crate) async fn group_call(&self, params: &JsValue) -> Result<JsValue, Failure> {
        let me = self.logged_in().map(|line| line.me().clone());
        let dial = Dial::many(params, me.as_ref()).ok_or_else(|| Failure::params("groupCall", params))?;
        let line = self.line_for("groupCall")?;
        let group_id = dial.group_id.clone();
        let group = ("groupID", group_id.as_deref().unwrap_or_default());
        let camera = match line.in_call() {
            Some(call) if line.is_group() => {
                self.add(&line, dial).await?;
                call.devices.camera.intent()
            }
            Some(_) | None => self.place(&line, "groupCall", dial, true).await?,
        };
        Ok(placed(&line, camera, group))
    }

    /// `accept()`: answer the call that rings. Nothing, if none does.
    ///
    /// # Errors
    ///
    /// The microphone cannot be had, and then the call is declined; the call has ended meanwhile.
    pub(crate) async fn accept(&self) -> Result<JsValue, Failure> {
        let rings = self
            .logged_in()
            .and_then(|line| Some((Ringing::on(&line)?, line)));
        let Some((ringing, line)) = rings.filter(|(_, line)| !line.is_beginning()) else {
            return Ok(JsValue::UNDEFINED);
        };
        let camera = ringing.call_type == CallType::Video;
        let has_camera = match self.open_devices(&line, "accept", camera).await {
            Ok(has_camera) => has_camera,
            Err(error) => {
                line.ask(Command::Reject);
                return Err(error);
            }
        };
        if !ringing.is_in(&line.view()) {
            line.close_devices();
            return Err(Failure::new("accept", "the call is over"));
        }
        line.ask(Command::Accept { camera });
        line.until(move |view| match &view.stage {
            Stage::InCall(call) if call.entered => Some(Ok(())),
            Stage::InCall(_) => None,
            Stage::Ringing(_) if ringing.is_in(view) => None,
            Stage::Idle | Stage::Calling(_) | Stage::Ringing(_) => {
                Some(Err(Failure::noticed("accept", view.notice.as_ref())))
            }
        })
        .await?;
        Ok(object(&[
            ("audio", true.into()),
            ("video", has_camera.into()),
            ("userId", text(line.me().as_str())),
            ("roomID", ringing.number.room.get().into()),
            ("callType", number_of(ringing.call_type).into()),
            ("inviteID", text(String::from(ringing.number.call))),
            ("code", 0.into()),
            ("data", ringing.message()),
        ]))
    }

    /// `reject()`: decline the call that rings. Nothing, if none does.
    ///
    /// # Errors
    ///
    /// The login has ended meanwhile.
    pub(crate) async fn reject(&self) -> Result<JsValue, Failure> {
        let Some((ringing, line)) = self
            .logged_in()
            .and_then(|line| Some((Ringing::on(&line)?, line)))
        else {
            return Ok(JsValue::UNDEFINED);
        };
        line.give_up_beginning();
        line.ask(Command::Reject);
        line.until(move |view| (!ringing.is_in(view)).then_some(Ok(())))
            .await?;
        Ok(object(&[
            ("inviteID", text(String::from(ringing.number.call))),
            ("code", 0.into()),
            ("data", ringing.message()),
        ]))
    }

    /// `hangup()`: leave the call; take it back, if nobody has answered; decline it, if it rings here.
    ///
    /// # Errors
    ///
    /// Nobody is logged in.
    pub(crate) async fn hangup(&self) -> Result<JsValue, Failure> {
        let line = self.line_for("hangup")?;
        line.give_up_beginning();
        line.ask(Command::Hangup);
        line.until(|view| matches!(view.stage, Stage::Idle).then_some(Ok(())))
            .await?;
        Ok(object(&[("code", 0.into()), ("msg", text("ok"))]))
    }

    /// Place a call, once the devices for it are open.
    async fn place(
        &self,
        line: &Rc<Line>,
        method: &'static str,
        dial: Dial,
        group: bool,
    ) -> Result<bool, Failure> {
        if line.status() != "idle" {
            return Err(Failure::status(method, line.status()));
        }
        let camera = dial.call_type == CallType::Video;
        let camera = self.open_devices(line, method, camera).await?;
        if line.status() != "idle" {
            // Somebody has called meanwhile.
            line.close_devices();
            return Err(Failure::status(method, line.status()));
        }
        line.set_talk(Some(Talk::placed(line.me(), &dial, group)));
        line.ask(Command::DismissNotice);
        line.ask(Command::Call {
            callees: dial.callees,
            group: None,
            call_type: dial.call_type,
            terms: dial.terms,
        });
        // A notice that is shown until the last one is dismissed is of a call before this one.
        let mut is_news = line.view().notice.is_none();
        let placed = line
            .next(Box::new(move |view| match &view.stage {
                Stage::Calling(calling) => {
                    is_news = true;
                    calling.placed.map(|_| Ok(()))
                }
                Stage::InCall(_) => Some(Ok(())),
                Stage::Idle if is_news && view.notice.is_some() => {
                    Some(Err(Failure::noticed(method, view.notice.as_ref())))
                }
                Stage::Idle => {
                    is_news |= view.notice.is_none();
                    None
                }
                // Somebody was quicker.
                Stage::Ringing(_) => Some(Err(Failure::status(method, "calling"))),
            }))
            .await;
        if placed.is_err() {
            line.close_devices();
            if line.status() == "idle" {
                line.set_talk(None);
            }
        }
        placed.map(|()| camera)
    }

    /// Ring more people into a call.
    async fn add(&self, line: &Rc<Line>, dial: Dial) -> Ended {
        let rung = line.rung();
        let peers = line.peers();
        let is_there =
            |user: &UserId| rung.contains(user) || peers.iter().any(|peer| peer.person.id == *user);
        let people: Vec<_> = dial
            .callees
            .into_iter()
            .filter(|person| !is_there(&person.id))
            .collect();
        if people.is_empty() {
            return Ok(());
        }
        let wanted: Vec<UserId> = people.iter().map(|person| person.id.clone()).collect();
        let mut is_news = line.view().notice.is_none();
        line.ask(Command::DismissNotice);
        line.ask(Command::Invite {
            people,
            ring_seconds: dial.terms.ring_seconds,
        });
        line.next(Box::new(move |view| {
            let Some(call) = in_call(view) else {
                return Some(Err(Failure::noticed("groupCall", view.notice.as_ref())));
            };
            let invited = call.invitees.iter().map(|invitee| &invitee.person.id);
            let mut known = invited.chain(call.peers.iter().map(|peer| &peer.person.id));
            if known.any(|user| wanted.contains(user)) {
                return Some(Ok(()));
            }
            match &view.notice {
                Some(Notice::Refused(_)) if is_news => {
                    Some(Err(Failure::noticed("groupCall", view.notice.as_ref())))
                }
                notice => {
                    is_news |= notice.is_none();
                    None
                }
            }
        }))
        .await
    }

    /// Open the devices of a call that is about to begin. Without a microphone there is none.
    async fn open_devices(
        &self,
        line: &Rc<Line>,
        method: &'static str,
        camera: bool,
    ) -> Result<bool, Failure> {
        let number = line.begin();
        let opened = if phone::has_webrtc() {
            line.open_devices(camera).await
        } else {
            Err(CaptureError::Unsupported)
        };
        match opened {
            _ if !line.is_begun(number) => {
                Err(Failure::new(method, "given up before the microphone was open"))
            }
            Ok(camera) => Ok(camera),
            Err(error) => Err(self.failed(Failure::device(method, error, CallFailure::NoMicrophone))),
        }
    }
}

/// A call that rings here.
#[derive(Clone, Copy)]
struct Ringing {
    invite: InviteId,
    number: CallNumber,
    call_type: CallType,
}

impl Ringing {
    fn on(line: &Line) -> Option<Self> {
        match &line.view().stage {
            Stage::Ringing(view) => Some(Self {
                invite: view.invite,
                number: view.number,
                call_type: view.call_type,
            }),
            Stage::Idle | Stage::Calling(_) | Stage::InCall(_) => None,
        }
    }

    /// Whether it is this one that rings.
    fn is_in(&self, view: &CallView) -> bool {
        matches!(&view.stage, Stage::Ringing(ringing) if ringing.invite == self.invite)
    }

    fn message(&self) -> JsValue {
        message_of(text(String::from(self.number.call)))
    }
}

/// What `call` and `groupCall` are answered with.
fn placed(line: &Line, camera: bool, (name, value): (&str, &str)) -> JsValue {
    let number = line.talk(|talk| talk.number).flatten();
    let id = text(number.map(|number| String::from(number.call)).unwrap_or_default());
    object(&[
        ("audio", true.into()),
        ("video", camera.into()),
        ("userId", text(line.me().as_str())),
        ("inviteID", id.clone()),
        ("code", 0.into()),
        ("data", message_of(id)),
        ("roomID", number.map_or(0, |number| number.room.get()).into()),
        (name, text(value)),
    ])
}

/// The message by which the seed's messaging service would have said it.
fn message_of(id: JsValue) -> JsValue {
    object(&[("message", object(&[("ID", id)]))])
}
