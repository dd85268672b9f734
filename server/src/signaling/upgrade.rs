//! `GET /ws`: from a request to a socket. Its Origin has been checked by the layer around the route.

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use call::protocol::{CloseReason, compact, limits};

use super::form::Form;
use super::socket::{self, Socket};
use crate::site::Site;

/// Open a socket for whoever the session cookie says.
///
/// Somebody whose session is over gets a socket too, one that is closed as [`SignedOut`](CloseReason::SignedOut) at once:
/// a browser tells its page nothing of a refused upgrade, and the page would try again forever.
pub async fn upgrade(State(site): State<Site>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade
        .protocols([compact::SUBPROTOCOL])
        .max_message_size(limits::MESSAGE_BYTES)
        .max_frame_size(limits::MESSAGE_BYTES)
        // Small buffers: a site has many sockets, and nearly all of them are idle.
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * limits::MESSAGE_BYTES);
    let form = match upgrade.selected_protocol() {
        Some(_) => Form::Compact,
        None => Form::Json,
    };
    match site.desk().session(&headers).await {
        Ok(Some(signed_in)) => {
            let socket = Socket::new(signed_in, form, &site);
            upgrade.on_upgrade(move |stream| socket.run(stream))
        }
        Ok(None) => upgrade.on_upgrade(turn_away),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot look a session up"
            );
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "The server cannot do this right now; try again in a moment.\n",
            )
                .into_response()
        }
    }
}

async fn turn_away(mut stream: WebSocket) {
    socket::close(&mut stream, CloseReason::SignedOut).await;
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
        CloseReason::Superseded => "a newer socket of the same device is open",
        CloseReason::LoginRefused(refusal) => refusal.message(),
    };
    Message::Close(Some(CloseFrame {
        code: reason.code(),
        reason: text.into(),
    }))
}
