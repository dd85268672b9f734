//! `GET /ws`: from a request to a socket. Its Origin has been checked by the layer around the route.

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use call::protocol::{CloseReason, JSON_SUBPROTOCOL, compact, limits};

use super::form::Form;
use super::socket::{self, Socket};
use crate::desk::SignedIn;
use crate::metrics::ClosedBy;
use crate::realm::Realm;
use crate::site::Site;
use crate::storage::StorageError;

/// Open a socket for whoever the session cookie says.
///
/// Somebody whose session is over gets a socket too, one that is closed as [`SignedOut`](CloseReason::SignedOut) at once:
/// a browser tells its page nothing of a refused upgrade, and the page would try again forever.
pub async fn upgrade(State(site): State<Site>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let (upgrade, form) = prepare(upgrade);
    match site.desk().session(&headers).await {
        Ok(Some(signed_in)) => serve(&site, site.realm(), upgrade, form, signed_in),
        Ok(None) => turn_away(&site, upgrade, CloseReason::SignedOut),
        Err(error) => unavailable(&error),
    }
}

/// Set the limits of a socket, and choose the form of its messages.
pub(super) fn prepare(upgrade: WebSocketUpgrade) -> (WebSocketUpgrade, Form) {
    let upgrade = upgrade
        .protocols([compact::SUBPROTOCOL, JSON_SUBPROTOCOL])
        .max_message_size(limits::MESSAGE_BYTES)
        .max_frame_size(limits::MESSAGE_BYTES)
        // Small buffers: a site has many sockets, and nearly all of them are idle.
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * limits::MESSAGE_BYTES);
    let form = match upgrade.selected_protocol() {
        Some(chosen) if chosen == compact::SUBPROTOCOL => Form::Compact,
        Some(_) | None => Form::Json,
    };
    (upgrade, form)
}

/// Let somebody in, unless they have too many sockets already.
pub(super) fn serve(
    site: &Site,
    realm: &Realm,
    upgrade: WebSocketUpgrade,
    form: Form,
    who: SignedIn,
) -> Response {
    let Some(counted) = realm.sockets().admit(&who.session.person.id) else {
        return turn_away(site, upgrade, CloseReason::TooManySockets);
    };
    let socket = Socket::new(who, form, realm, site.open_socket());
    upgrade.on_upgrade(async move |stream| {
        socket.run(stream).await;
        drop(counted);
    })
}

/// Close a socket as soon as it is open.
pub(super) fn turn_away(site: &Site, upgrade: WebSocketUpgrade, reason: CloseReason) -> Response {
    site.metrics().socket_closed(ClosedBy::Server(reason));
    upgrade.on_upgrade(async move |mut stream| socket::close(&mut stream, reason).await)
}

/// The answer where the storage does not.
pub(super) fn unavailable(error: &StorageError) -> Response {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "cannot look up who opens a socket"
    );
    let text = "The server cannot do this right now; try again in a moment.\n";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// The close frame for a reason.
pub(super) fn close_frame(reason: CloseReason) -> Message {
    let text = match reason {
        CloseReason::Restarting => "restarting",
        CloseReason::Malformed => "not a message of this protocol",
        CloseReason::TooLarge => "message too large",
        CloseReason::TooFast => "too many messages",
        CloseReason::TooSlow => "messages are not read",
        CloseReason::NoHello => "no hello in this version of the protocol",
        CloseReason::SignedOut => "signed out",
        CloseReason::KickedOut => "logged in elsewhere",
        CloseReason::TooManySockets => "too many tabs and devices at once",
        CloseReason::Superseded => "a newer socket of the same device is open",
        CloseReason::LoginRefused(refusal) => refusal.message(),
    };
    Message::Close(Some(CloseFrame {
        code: reason.code(),
        reason: text.into(),
    }))
}
