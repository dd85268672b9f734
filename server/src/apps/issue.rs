//! `POST /api/user-sig`: a userSig for whoever is signed in to the site, so that its pages can use the SDK as well. Its
//! Origin has been checked by the layer around the route.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use call::id::UserId;
use serde::Serialize;

use super::AppId;
use crate::clock::UnixMillis;
use crate::site::Site;

/// How long such a userSig is good, in seconds.
const LASTING: u32 = 60 * 60;

/// What `login()` of the SDK takes.
#[derive(Debug, Serialize)]
pub struct Issued {
    #[serde(rename = "SDKAppID")]
    app: AppId,
    #[serde(rename = "userID")]
    user: UserId,
    #[serde(rename = "userSig")]
    user_sig: String,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum NotIssued {
    /// 401.
    #[error("sign in first")]
    SignedOut,
    /// 404.
    #[error("this server has no apps; its operator can set one with YODEL_APPS=SDKAppID:secret")]
    NoApps,
    /// 503.
    #[error("the server cannot do this right now; try again in a moment")]
    Unavailable,
}

/// `problem` is for programs, `message` for people.
#[derive(Debug, Serialize)]
struct Explanation {
    problem: NotIssued,
    message: String,
}

impl IntoResponse for NotIssued {
    fn into_response(self) -> Response {
        let status = match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::NoApps => StatusCode::NOT_FOUND,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let message = self.to_string();
        let problem = self;
        (status, Json(Explanation { problem, message })).into_response()
    }
}

/// Make a userSig for the person of the session cookie, good for an hour, for the site's own app.
pub async fn issue(State(site): State<Site>, headers: HeaderMap) -> Result<Response, NotIssued> {
    let signed_in = site.desk().session(&headers).await.map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "cannot look a session up"
        );
        NotIssued::Unavailable
    })?;
    let user = signed_in.ok_or(NotIssued::SignedOut)?.session.person.id;
    let app = site.own_app().ok_or(NotIssued::NoApps)?;
    let issued = Issued {
        app: app.id(),
        user_sig: app.sign(&user, UnixMillis::now(), LASTING),
        user,
    };
    let not_kept = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(([not_kept], Json(issued)).into_response())
}
