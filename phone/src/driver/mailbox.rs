//! What happened and waits for its turn.

use call::agent::{LinkInput, LinkName};
use call::handset::Command;
use call::id::UserId;
use call::media::CaptureError;
use futures::channel::{mpsc, oneshot};

use crate::{media, signaling, sound};

/// Something happened.
pub(super) enum Input {
    /// The page asks for something.
    Asked(Command),
    /// The agent wanted to be woken now.
    Tick,
    Signaling(signaling::Report),
    Capture(media::Report),
    Devices(media::DeviceReport),
    Link {
        peer: UserId,
        link: LinkName,
        input: LinkInput,
    },
    Sound(sound::Report),
    /// It is time to listen who speaks.
    ListeningDue,
    /// An element that was not in the page may be there by now.
    ViewsDue,
    /// The devices are wanted for a call that is about to begin.
    DevicesWanted {
        camera: bool,
        reply: oneshot::Sender<Result<bool, CaptureError>>,
    },
    /// There will be no such call.
    DevicesUnwanted,
    /// Who somebody is has to be said in this way from now on.
    Renewed(String),
}

/// Where the parts of the phone, and its owner, leave what happened.
#[derive(Clone)]
pub(crate) struct Mailbox(mpsc::UnboundedSender<Input>);

/// What was left in a mailbox.
pub(crate) struct Inputs(mpsc::UnboundedReceiver<Input>);

impl Inputs {
    /// In the order in which it was left.
    pub(super) fn into_stream(self) -> mpsc::UnboundedReceiver<Input> {
        self.0
    }
}

/// An empty mailbox.
pub(crate) fn mailbox() -> (Mailbox, Inputs) {
    let (sender, receiver) = mpsc::unbounded();
    (Mailbox(sender), Inputs(receiver))
}

impl Mailbox {
    /// See [`Phone::open_devices`](crate::Phone::open_devices).
    pub(crate) fn open_devices(&self, camera: bool, reply: oneshot::Sender<Result<bool, CaptureError>>) {
        self.post(Input::DevicesWanted { camera, reply });
    }

    /// See [`Phone::close_devices`](crate::Phone::close_devices).
    pub(crate) fn close_devices(&self) {
        self.post(Input::DevicesUnwanted);
    }

    /// See [`Phone::renew`](crate::Phone::renew).
    pub(crate) fn renew(&self, identity: String) {
        self.post(Input::Renewed(identity));
    }

    pub(super) fn post(&self, input: Input) {
        // After the end of the phone, for a device that the browser opened too late: it is dropped, and so stops.
        let _ = self.0.unbounded_send(input);
    }

    /// A function that wraps what it is given and posts it.
    pub(super) fn post_as<T: 'static>(&self, wrap: fn(T) -> Input) -> impl Fn(T) + 'static {
        let mailbox = self.clone();
        move |report| mailbox.post(wrap(report))
    }
}
