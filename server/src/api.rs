//! `POST /api/…`: Leptos' server functions. Their Origin has been checked by the layer around the route.
//!
//! What is no form of the site's is answered here, in plain words. Leptos would send a browser back to wherever the `Referer`
//! says, and call it a fault of the server.

use std::sync::Arc;

use app::desk::ssr::{SharedDesk, Visitor};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::provide_context;

use crate::security::client_ip::ClientIp;
use crate::site::Site;

/// Run the server function that the path names, with the desk and the visitor in its context.
pub async fn run(State(site): State<Site>, ClientIp(address): ClientIp, mut request: Request) -> Response {
    request.headers_mut().remove(header::REFERER);
    let user = match site.desk().session(request.headers()).await {
        Ok(signed_in) => signed_in.map(|signed_in| signed_in.session.person.id),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot look a session up"
            );
            let text = "The server cannot do this right now; go back and try again in a moment.\n";
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    };
    let visitor = Visitor {
        address,
        user,
        token: site.desk().token(request.headers()),
    };
    let desk: SharedDesk = Arc::new(site.desk().clone());
    let provide = move || {
        provide_context(Arc::clone(&desk));
        provide_context(visitor.clone());
    };
    let answer = leptos_axum::handle_server_fns_with_context(provide, request)
        .await
        .into_response();
    match answer.status() {
        // A form that was read is answered by 303, or by a status of its own. These say that it could not be.
        StatusCode::FOUND | StatusCode::INTERNAL_SERVER_ERROR => {
            let text = "This form is not complete; go back, load the page again, and try once more.\n";
            (StatusCode::BAD_REQUEST, text).into_response()
        }
        StatusCode::BAD_REQUEST => (StatusCode::NOT_FOUND, "There is no such form.\n").into_response(),
        _ => answer,
    }
}
