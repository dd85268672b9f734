//! `yodel usersig`: a userSig on the terminal, to try things out with.

use std::net::SocketAddr;

use super::{App, AppId};
use crate::announce;
use crate::clock::UnixMillis;
use crate::config::{Config, UserSigRequest};

/// Why there is none. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum NoUserSig {
    /// No app is configured.
    #[error(
        "there is no app to make a userSig for. Set one, for this command and for the server, with \
         YODEL_APPS=1400000001:SECRET, with --apps, or with a table [[apps]] in the file that --config names. (A good \
         secret: openssl rand -hex 32)"
    )]
    NoApps,
    /// Not this one.
    #[error("there is no app {app}; there are {}", known.iter().map(AppId::to_string).collect::<Vec<_>>().join(", "))]
    UnknownApp {
        /// The one that was asked for.
        app: AppId,
        /// Those that there are.
        known: Vec<AppId>,
    },
    /// A link cannot lead to a port that is chosen at the start.
    #[error("a link needs a port, and {addr} takes any free one: say with --addr where the server listens")]
    AnyPort {
        /// What is configured.
        addr: SocketAddr,
    },
}

/// What to print: a userSig, or a link to the demo with one in it.
pub fn line(config: &Config, request: &UserSigRequest, now: UnixMillis) -> Result<String, NoUserSig> {
    let first = config.apps.of_site().ok_or(NoUserSig::NoApps)?;
    let app = match request.app {
        None => first,
        Some(app) => config.apps.get(app).ok_or_else(|| NoUserSig::UnknownApp {
            app,
            known: config.apps.iter().map(App::id).collect(),
        })?,
    };
    let user = &request.user;
    let user_sig = app.sign(user, now, request.expire.seconds());
    if !request.link {
        return Ok(user_sig);
    }
    if config.public_url.is_none() && config.addr.port() == 0 {
        return Err(NoUserSig::AnyPort { addr: config.addr });
    }
    let site = announce::url(config);
    // All three are made of characters that a fragment takes as they are (RFC 3986, section 3.5).
    Ok(format!(
        "{site}/sdk/demo#SDKAppID={}&userID={user}&userSig={user_sig}",
        app.id()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(app: Option<u32>, link: bool) -> UserSigRequest {
        UserSigRequest {
            user: "alice".parse().unwrap(),
            app: app.and_then(AppId::new),
            expire: "30m".parse().unwrap(),
            link,
        }
    }

    fn config(apps: &str) -> Config {
        Config {
            apps: apps.parse().unwrap(),
            ..Config::default()
        }
    }

    const NOW: UnixMillis = UnixMillis::from_millis(1_750_000_000_000);

    #[test]
    fn it_is_of_the_first_app_unless_another_is_asked_for() {
        let config = config("5:five,6:six");
        let alice = "alice".parse().unwrap();
        for (asked, app) in [(None, 5), (Some(5), 5), (Some(6), 6)] {
            let user_sig = line(&config, &request(asked, false), NOW).unwrap();
            let app = config.apps.get(AppId::new(app).unwrap()).unwrap();
            assert_eq!(
                app.verify(&user_sig, &alice, NOW),
                Ok(NOW.plus(std::time::Duration::from_secs(1800)))
            );
        }
        let error = line(&config, &request(Some(7), false), NOW)
            .unwrap_err()
            .to_string();
        assert!(error.contains("no app 7") && error.contains("5, 6"), "{error}");
    }

    #[test]
    fn without_an_app_it_says_how_to_set_one() {
        let error = line(&config(""), &request(None, false), NOW)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("YODEL_APPS=") && error.contains("[[apps]]"),
            "{error}"
        );
    }

    #[test]
    fn a_link_leads_to_where_the_server_is() {
        let mut config = config("5:five");
        let link = line(&config, &request(None, true), NOW).unwrap();
        let user_sig = line(&config, &request(None, false), NOW).unwrap();
        let fragment = format!("SDKAppID=5&userID=alice&userSig={user_sig}");
        assert_eq!(link, format!("http://localhost:3000/sdk/demo#{fragment}"));

        config.addr.set_port(0);
        assert!(line(&config, &request(None, true), NOW).is_err());
        config.public_url = Some("https://call.example.org".parse().unwrap());
        let link = line(&config, &request(None, true), NOW).unwrap();
        assert_eq!(link, format!("https://call.example.org/sdk/demo#{fragment}"));
    }
}
