//! The page's `WebSocket`, whose other end is a switchboard in the same page.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::{Rc, Weak};

use call::id::{DisplayName, Person};
use call::protocol::{ClientMsg, Command, compact};
use call::switchboard::{Address, Config, Detachment, Input, Known, Output, Switchboard};
use call::time::Timestamp;
use futures::StreamExt;
use futures::channel::mpsc;
use js_sys::{Function, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{CloseEvent, CloseEventInit, Event, EventTarget, MessageEvent, MessageEventInit};

use super::{now_ms, window};

/// In place of the page's `WebSocket` until it is dropped. The URL `page:alice` is the socket of Alice.
pub(crate) struct Exchange {
    hub: Rc<RefCell<Hub>>,
    before: JsValue,
    _ends: [Closure<dyn FnMut(JsValue, JsValue)>; 3],
}

/// A switchboard with the sockets that are plugged into it.
struct Hub {
    switchboard: Switchboard,
    sockets: BTreeMap<Address, EventTarget>,
    opened: u32,
    /// What sockets say, in this order, and never within a call of theirs.
    events: mpsc::UnboundedSender<(EventTarget, Event)>,
}

impl Exchange {
    pub(super) fn install() -> Self {
        let (events, mut queue) = mpsc::unbounded::<(EventTarget, Event)>();
        spawn_local(async move {
            while let Some((socket, event)) = queue.next().await {
                socket.dispatch_event(&event).unwrap();
            }
        });
        let hub = Rc::new(RefCell::new(Hub {
            switchboard: Switchboard::new(Config::default(), 1),
            sockets: BTreeMap::new(),
            opened: 0,
            events,
        }));
        let ends = [
            end(&hub, |hub, socket, _| hub.socket_opened(&socket)),
            end(&hub, |hub, socket, bytes| hub.socket_said(socket, bytes)),
            end(&hub, |hub, socket, _| hub.socket_closed(&socket)),
        ];
        let [opened, said, closed] = &ends;
        let class = Function::new_with_args(
            "opened, said, closed",
            "return class extends EventTarget {
                constructor(url) { super(); this.url = url; opened(this); }
                send(bytes) { said(this, bytes); }
                close() { closed(this); }
            }",
        )
        .call3(&JsValue::NULL, opened.as_ref(), said.as_ref(), closed.as_ref())
        .unwrap();
        let before = Reflect::get(&window(), &"WebSocket".into()).unwrap();
        Reflect::set(&window(), &"WebSocket".into(), &class).unwrap();
        Self {
            hub,
            before,
            _ends: ends,
        }
    }

    /// How many sockets were ever opened.
    pub(crate) fn sockets_opened(&self) -> u32 {
        self.hub.borrow().opened
    }

    /// Cut the socket of this person, as a network does.
    pub(crate) fn cut(&self, name: &str) {
        self.close(name, 1006);
    }

    /// Close the socket of this person with this code.
    pub(crate) fn close(&self, name: &str, code: u16) {
        let mut hub = self.hub.borrow_mut();
        let (address, socket) = hub.socket_of(name);
        hub.sockets.remove(&address);
        hub.handle(Input::Detached {
            address,
            manner: Detachment::Closed,
        });
        let init = CloseEventInit::new();
        init.set_code(code);
        hub.say(
            &socket,
            CloseEvent::new_with_event_init_dict("close", &init)
                .unwrap()
                .into(),
        );
    }

    /// Say this to this person's phone, as a server might that has lost its mind.
    pub(crate) fn say(&self, name: &str, bytes: &[u8]) {
        let hub = self.hub.borrow();
        let (_, socket) = hub.socket_of(name);
        hub.say(&socket, message(bytes));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        Reflect::set(&window(), &"WebSocket".into(), &self.before).unwrap();
    }
}

fn end(
    hub: &Rc<RefCell<Hub>>,
    hear: fn(&mut Hub, EventTarget, &JsValue),
) -> Closure<dyn FnMut(JsValue, JsValue)> {
    let hub: Weak<RefCell<Hub>> = Rc::downgrade(hub);
    Closure::new(move |socket: JsValue, bytes: JsValue| {
        if let Some(hub) = hub.upgrade() {
            hear(&mut hub.borrow_mut(), socket.unchecked_into(), &bytes);
        }
    })
}

fn message(bytes: &[u8]) -> Event {
    let init = MessageEventInit::new();
    init.set_data(&Uint8Array::from(bytes).buffer());
    MessageEvent::new_with_event_init_dict("message", &init)
        .unwrap()
        .into()
}

fn user_of(socket: &EventTarget) -> String {
    let url = Reflect::get(socket, &"url".into()).unwrap().as_string().unwrap();
    url.trim_start_matches("page:").to_owned()
}

impl Hub {
    fn socket_opened(&mut self, socket: &EventTarget) {
        self.opened += 1;
        self.say(socket, Event::new("open").unwrap());
    }

    fn socket_said(&mut self, socket: EventTarget, bytes: &JsValue) {
        let msg: ClientMsg = compact::decode(&Uint8Array::new(bytes).to_vec()).unwrap();
        if let Command::Hello(hello) = msg.command {
            let name = user_of(&socket);
            let address = Address {
                user: name.parse().unwrap(),
                device: hello.device,
            };
            self.sockets.insert(address.clone(), socket);
            self.handle(Input::Attached {
                address,
                name: name.parse().unwrap(),
                login: hello.login,
                blocks: BTreeSet::new(),
            });
        } else {
            let from = self.address_of(&socket).unwrap();
            let people = msg.command.invitees().iter();
            let people = people.map(|id| Person {
                id: id.clone(),
                name: DisplayName::of(id),
            });
            let known = Known {
                people: people.collect(),
                ..Known::default()
            };
            self.handle(Input::Received { from, msg, known });
        }
    }

    fn socket_closed(&mut self, socket: &EventTarget) {
        if let Some(address) = self.address_of(socket) {
            self.sockets.remove(&address);
            self.handle(Input::Detached {
                address,
                manner: Detachment::Closed,
            });
        }
    }

    fn address_of(&self, socket: &EventTarget) -> Option<Address> {
        let mut sockets = self.sockets.iter();
        sockets
            .find(|(_, known)| *known == socket)
            .map(|(address, _)| address.clone())
    }

    fn socket_of(&self, name: &str) -> (Address, EventTarget) {
        let mut sockets = self.sockets.iter();
        let (address, socket) = sockets
            .find(|(address, _)| address.user.as_str() == name)
            .unwrap();
        (address.clone(), socket.clone())
    }

    fn handle(&mut self, input: Input) {
        self.switchboard
            .handle(Timestamp::from_millis(now_ms() as u64), input);
        while let Some(output) = self.switchboard.poll_output() {
            if let Output::Deliver { to, event } = output
                && let Some(socket) = self.sockets.get(&to)
            {
                self.say(socket, message(&compact::encode(&event)));
            }
        }
    }

    fn say(&self, socket: &EventTarget, event: Event) {
        self.events.unbounded_send((socket.clone(), event)).unwrap();
    }
}
