//! `GET /sdk/ws`: a socket for whoever shows a userSig.
//!
//! The userSig comes as a subprotocol, because a page can set no header of a WebSocket, and what is in an address ends up in
//! logs. Cookies are not looked at: a page of another site must not speak in the name of whoever is signed in to this one.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use call::id::UserId;
use call::protocol::{CloseReason, LoginRefusal, USER_SIG_SUBPROTOCOL};

use super::upgrade::{prepare, serve, turn_away, unavailable};
use crate::apps::AppId;
use crate::clock::UnixMillis;
use crate::desk::token::SessionKey;
use crate::desk::{Credential, SignedIn};
use crate::realm::Realm;
use crate::security::origin;
use crate::site::Site;
use crate::storage::{AdmitError, Admitted, Session, StorageError};

/// Open a socket for whoever the userSig says, in the realm of its app.
///
/// Whoever is refused gets a socket too, one that is closed with the reason at once: a browser tells its page nothing of a
/// refused upgrade.
pub async fn upgrade_by_user_sig(
    State(site): State<Site>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let (upgrade, form) = prepare(upgrade);
    match log_in(&site, &headers).await {
        Ok((who, realm)) => serve(&site, realm, upgrade, form, who),
        Err(NoLogin::Refused(refusal)) => {
            tracing::debug!(%refusal, "a login was refused");
            turn_away(&site, upgrade, CloseReason::LoginRefused(refusal))
        }
        Err(NoLogin::Unavailable(error)) => unavailable(&error),
    }
}

/// Why somebody does not get a socket that stays open.
#[derive(Debug)]
enum NoLogin {
    Refused(LoginRefusal),
    Unavailable(StorageError),
}

impl From<LoginRefusal> for NoLogin {
    fn from(refusal: LoginRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<AdmitError> for NoLogin {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::TakenInOtherCase => Self::Refused(LoginRefusal::TakenInOtherCase),
            AdmitError::Storage(error) => Self::Unavailable(error),
        }
    }
}

/// The storage is asked last: whoever is not let in has cost one HMAC.
async fn log_in<'a>(site: &'a Site, headers: &HeaderMap) -> Result<(SignedIn, &'a Realm), NoLogin> {
    if !origin::may_log_in(site, headers) {
        return Err(LoginRefusal::ForeignOrigin.into());
    }
    if site.own_app().is_none() {
        return Err(LoginRefusal::NoApps.into());
    }
    let shown = Shown::read(headers)?;
    let (app, realm) = site.app(shown.app).ok_or(LoginRefusal::UnknownApp)?;
    let now = UnixMillis::now();
    let expires_at = app.verify(shown.user_sig, &shown.user, now)?;
    let person = match realm.storage().admit(&shown.user, now).await? {
        Admitted::Known(person) => person,
        Admitted::New(person) => {
            tracing::info!(user = %person.id, app = %app.id(), "logged in for the first time");
            realm.hub().person_joined(person.clone()).await;
            person
        }
    };
    let who = SignedIn {
        key: SessionKey::of(shown.user_sig),
        session: Session { person, expires_at },
        credential: Credential::UserSig,
    };
    Ok((who, realm))
}

/// What a client shows.
#[derive(Debug)]
pub struct Shown<'a> {
    /// Which app is said to send them.
    pub app: AppId,
    /// Who they say they are.
    pub user: UserId,
    /// What is to prove it.
    pub user_sig: &'a str,
}

impl<'a> Shown<'a> {
    /// What stands among the subprotocols.
    ///
    /// # Errors
    ///
    /// If no userSig does, or more than one.
    pub fn read(headers: &'a HeaderMap) -> Result<Self, LoginRefusal> {
        let mut shown = headers
            .get_all(header::SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .filter_map(|protocol| protocol.trim().strip_prefix(USER_SIG_SUBPROTOCOL));
        // Two are none: it would not be clear which of them counts.
        let (Some(only), None) = (shown.next(), shown.next()) else {
            return Err(LoginRefusal::Malformed);
        };
        let (app, rest) = only.split_once('.').ok_or(LoginRefusal::Malformed)?;
        let (user, user_sig) = rest.split_once('.').ok_or(LoginRefusal::Malformed)?;
        Ok(Self {
            app: app.parse().map_err(|_| LoginRefusal::UnknownApp)?,
            user: user.parse().map_err(|_| LoginRefusal::Malformed)?,
            user_sig,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn shown(lines: &[&'static str]) -> Result<(u32, String, String), LoginRefusal> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(line));
        }
        let shown = Shown::read(&headers)?;
        Ok((
            shown.app.number(),
            shown.user.to_string(),
            shown.user_sig.to_owned(),
        ))
    }

    #[test]
    fn it_stands_among_the_subprotocols_in_one_line_or_in_several() {
        let expected = Ok((5, "al-ice_1".to_owned(), "eJ*-_".to_owned()));
        assert_eq!(
            shown(&["yodel.compact.v1, yodel.usersig.5.al-ice_1.eJ*-_"]),
            expected
        );
        assert_eq!(
            shown(&["yodel.compact.v1", "yodel.usersig.5.al-ice_1.eJ*-_"]),
            expected
        );
    }

    #[test]
    fn what_is_not_one_user_sig_is_refused() {
        for bad in [
            &[][..],
            &["yodel.compact.v1"],
            &["yodel.usersig."],
            &["yodel.usersig.5"],
            &["yodel.usersig.5.alice"],
            &["yodel.usersig.5.al%ice.eJ"],
            &["yodel.usersig.5.alice.eJ, yodel.usersig.5.bob.eJ"],
            &["yodel.usersig.5.alice.eJ", "yodel.usersig.5.alice.eJ"],
        ] {
            assert_eq!(shown(bad), Err(LoginRefusal::Malformed), "{bad:?}");
        }
        for app in ["yodel.usersig.shop.alice.eJ", "yodel.usersig.0.alice.eJ"] {
            assert_eq!(shown(&[app]), Err(LoginRefusal::UnknownApp), "{app}");
        }
    }
}
