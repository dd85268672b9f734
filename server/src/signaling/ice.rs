//! STUN and TURN servers for the browsers, with passwords that are good for minutes.
//!
//! People are online for hours before a call, and calls last for hours. So a device is told of new passwords with whatever may
//! make it open a peer connection, unless those that it has are fresh; and now and then as long as it is in a call, because its
//! connection may have to look for another way at any time.

use std::future;
use std::net::IpAddr;
use std::time::Duration;

use call::id::UserId;
use call::protocol::{Event, IceServer};
use call::time::Timestamp;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::apps::AppId;
use crate::clock::UnixMillis;
use crate::config::{Config, PublicUrl};
use crate::tls::{Certificate, CertificateName};
use crate::turn::{SharedSecret, Turn};

/// From this age on passwords are replaced before a peer connection may be opened: what is younger is good for four minutes
/// more.
const FRESH: Duration = Duration::from_secs(60);
/// From this age on they are replaced during a call.
const RENEWED_IN_CALLS: Duration = Duration::from_secs(210);
/// How often that is looked at: passwords become no older than 240 s in a call, and are good for 300 s.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A STUN or TURN server that browsers are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferedIceServer {
    /// With the same user name and password for everybody, or none.
    Static(IceServer),
    /// One that makes out from a secret which password belongs to which user name.
    SharedSecret {
        /// `turn:` and `turns:` URLs.
        urls: Vec<String>,
        /// What it shares with this server.
        secret: SharedSecret,
    },
}

impl OfferedIceServer {
    /// Whether it relays media, rather than telling browsers their addresses.
    pub fn relays(&self) -> bool {
        let (Self::Static(IceServer { urls, .. }) | Self::SharedSecret { urls, .. }) = self;
        urls.iter().any(|url| url.starts_with("turn"))
    }

    fn for_user(&self, user: &str, now: UnixMillis) -> IceServer {
        match self {
            Self::Static(server) => server.clone(),
            Self::SharedSecret { urls, secret } => {
                let credentials = secret.mint(user, now);
                IceServer {
                    urls: urls.clone(),
                    username: Some(credentials.username),
                    credential: Some(credentials.password),
                }
            }
        }
    }
}

/// The STUN and TURN servers for the people of one realm.
#[derive(Clone, Debug)]
pub struct IceServers {
    offered: Vec<OfferedIceServer>,
    relay_only: bool,
    /// Whose people they are, if they are not the site's own: people of two apps may have the same id.
    app: Option<AppId>,
}

/// When a device was told its passwords; nothing if it was not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Issued(Option<Timestamp>);

impl Issued {
    fn is_older(self, now: Timestamp, age: Duration) -> bool {
        self.0.is_none_or(|at| now.since(at) >= age)
    }
}

impl IceServers {
    /// Those of the configuration, and the relay in this process, which shows this certificate if it speaks TLS.
    pub fn new(config: &Config, turn: Option<&Turn>, certificate: Option<&Certificate>) -> Self {
        let own = turn.map(|turn| OfferedIceServer::SharedSecret {
            urls: turn.urls(tls_host(config.public_url.as_ref(), turn.addr().ip(), certificate).as_deref()),
            secret: turn.secret().clone(),
        });
        Self {
            offered: own.into_iter().chain(config.ice_servers.clone()).collect(),
            relay_only: config.relay_only,
            app: None,
        }
    }

    /// The same servers, for people of this app.
    #[must_use]
    pub fn of_app(self, app: AppId) -> Self {
        Self {
            app: Some(app),
            ..self
        }
    }

    /// For a device that is welcomed: the servers, and whether it may use nothing but those that relay.
    pub(super) fn first(&self, user: &UserId, now: Timestamp, issued: &mut Issued) -> (Vec<IceServer>, bool) {
        *issued = Issued(Some(now));
        (self.for_user(user), self.relay_only)
    }

    /// What is to be delivered to a device before this.
    pub(super) fn before(
        &self,
        event: &Event,
        user: &UserId,
        now: Timestamp,
        issued: &mut Issued,
    ) -> Option<Event> {
        match event {
            Event::Invited { .. } | Event::Placed { .. } | Event::Joined { .. } => {
                self.renew_if_older(user, now, issued, FRESH)
            }
            _ => None,
        }
    }

    /// For a device that is in a call.
    pub(super) fn renew(&self, user: &UserId, now: Timestamp, issued: &mut Issued) -> Option<Event> {
        self.renew_if_older(user, now, issued, RENEWED_IN_CALLS)
    }

    /// When to look whether passwords have to be renewed in calls; never, if there are none that expire.
    pub(super) fn renewals(&self) -> Option<Interval> {
        self.expire().then(|| {
            let mut renewals = interval(LOOK_EVERY);
            renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
            renewals
        })
    }

    fn renew_if_older(
        &self,
        user: &UserId,
        now: Timestamp,
        issued: &mut Issued,
        age: Duration,
    ) -> Option<Event> {
        (self.expire() && issued.is_older(now, age)).then(|| {
            *issued = Issued(Some(now));
            Event::IceServersRenewed {
                ice_servers: self.for_user(user),
            }
        })
    }

    fn expire(&self) -> bool {
        let expires = |server: &_| matches!(server, OfferedIceServer::SharedSecret { .. });
        self.offered.iter().any(expires)
    }

    fn for_user(&self, user: &UserId) -> Vec<IceServer> {
        let user = match self.app {
            Some(app) => format!("{app}.{user}"),
            None => user.to_string(),
        };
        let now = UnixMillis::now();
        let offered = self.offered.iter();
        offered.map(|server| server.for_user(&user, now)).collect()
    }
}

/// Under which host browsers reach the relay by TLS: one for which it has a certificate, for they take no other. The name that
/// people type is the better one; by the address there is one question less to ask.
fn tls_host(site: Option<&PublicUrl>, relay: IpAddr, certificate: Option<&Certificate>) -> Option<String> {
    let name = site.map(|url| url.host().to_owned());
    let address = CertificateName::Address(relay).in_url();
    let mut hosts = name.into_iter().chain([address]);
    hosts.find(|host| certificate.is_some_and(|certificate| certificate.covers(host)))
}

/// Wait until it is time to look again; for ever, if nothing expires. Safe to cancel.
pub(super) async fn next_renewal(renewals: &mut Option<Interval>) {
    match renewals {
        Some(renewals) => {
            renewals.tick().await;
        }
        None => future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::CertificateFiles;
    use crate::tls::authority::Authority;

    fn servers() -> IceServers {
        let secret = SharedSecret::new("north").unwrap();
        IceServers {
            offered: vec![
                OfferedIceServer::Static(IceServer {
                    urls: vec!["stun:stun.example.org".to_owned()],
                    username: None,
                    credential: None,
                }),
                OfferedIceServer::SharedSecret {
                    urls: vec!["turn:turn.example.org".to_owned()],
                    secret,
                },
            ],
            relay_only: false,
            app: None,
        }
    }

    fn alice() -> UserId {
        "alice".parse().unwrap()
    }

    fn invited() -> Event {
        Event::Invited {
            invitation: Box::new(serde_json::from_str(INVITATION).unwrap()),
        }
    }

    const INVITATION: &str = r#"{"invite":"00000000000000b2","call":"00000000000000a1","room":9,
        "caller":{"id":"bob","name":"Bob"},"invitees":[],"callType":"audio","group":false,"entry":1,"ringsForMs":1000}"#;

    fn username(event: &Event) -> String {
        let Event::IceServersRenewed { ice_servers } = event else {
            panic!("{event:?}");
        };
        assert_eq!(ice_servers[0].username, None);
        ice_servers[1].username.clone().unwrap()
    }

    #[test]
    fn tls_is_offered_under_a_host_that_the_certificate_is_for_and_no_other() {
        let now = UnixMillis::now();
        let authority = Authority::new("a test", &[], now).unwrap();
        let certificate = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| name.parse().unwrap()).collect();
            let signed = authority.sign(&names, now).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let files = CertificateFiles {
                cert: folder.path().join("cert"),
                key: folder.path().join("key"),
            };
            std::fs::write(&files.cert, signed.cert).unwrap();
            std::fs::write(&files.key, signed.key).unwrap();
            files.load().unwrap()
        };
        let site: PublicUrl = "https://call.example.org:8443".parse().unwrap();
        let relay = "203.0.113.7".parse().unwrap();
        type Host = Option<&'static str>;
        let expected: [(&[&str], Host, Host); 4] = [
            (
                &["call.example.org", "203.0.113.7"][..],
                Some("call.example.org"),
                Some("203.0.113.7"),
            ),
            (&["*.example.org"], Some("call.example.org"), None),
            (
                &["other.example.org", "203.0.113.7"],
                Some("203.0.113.7"),
                Some("203.0.113.7"),
            ),
            (&["other.example.org", "203.0.113.8"], None, None),
        ];
        for (names, of_site, of_any) in expected {
            let certificate = certificate(names);
            assert_eq!(
                tls_host(Some(&site), relay, Some(&certificate)).as_deref(),
                of_site,
                "{names:?}"
            );
            assert_eq!(
                tls_host(None, relay, Some(&certificate)).as_deref(),
                of_any,
                "{names:?}"
            );
        }
        assert_eq!(tls_host(Some(&site), relay, None), None);
    }

    #[test]
    fn passwords_that_are_not_fresh_are_renewed_before_a_link_may_be_opened() {
        let (servers, mut issued) = (servers(), Issued::default());
        let at = |seconds: u64| Timestamp::from_millis(seconds * 1000);
        let mut before = |event: &Event, seconds| servers.before(event, &alice(), at(seconds), &mut issued);
        assert!(username(&before(&invited(), 0).unwrap()).ends_with(":alice"));
        assert_eq!(before(&invited(), 59), None);
        assert!(before(&invited(), 60).is_some());
        let unrelated = Event::Done {
            command: call::id::CommandId(1),
        };
        assert_eq!(before(&unrelated, 900), None);
        servers.first(&alice(), at(900), &mut issued);
        assert_eq!(servers.before(&invited(), &alice(), at(959), &mut issued), None);
    }

    #[test]
    fn passwords_are_renewed_during_a_call_before_they_expire() {
        let (servers, mut issued) = (servers(), Issued::default());
        let mut last = None;
        for tick in 0..100 {
            let now = Timestamp::ZERO + LOOK_EVERY * tick;
            if servers.renew(&alice(), now, &mut issued).is_some() {
                let age = last.map_or(Duration::ZERO, |last| now.since(last));
                assert!(age + LOOK_EVERY <= Duration::from_secs(240), "{age:?}");
                last = Some(now);
            }
        }
        assert!(last.is_some_and(|last| last > Timestamp::from_millis(2_000_000)));
    }

    #[test]
    fn passwords_that_do_not_expire_are_told_once() {
        let mut servers = servers();
        servers.offered.pop();
        let mut issued = Issued::default();
        assert_eq!(
            servers.before(&invited(), &alice(), Timestamp::ZERO, &mut issued),
            None
        );
        assert!(servers.renewals().is_none());
    }

    #[test]
    fn people_of_two_apps_with_one_id_are_not_taken_for_each_other() {
        let of_site = servers().for_user(&alice());
        let of_app = servers().of_app("1400000002".parse().unwrap()).for_user(&alice());
        assert!(of_site[1].username.as_ref().unwrap().ends_with(":alice"));
        assert!(
            of_app[1]
                .username
                .as_ref()
                .unwrap()
                .ends_with(":1400000002.alice")
        );
    }
}
