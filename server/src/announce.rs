//! What the program says when it has started.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::config::{Config, PublicUrl};
use crate::tls::{CertificateName, machine};

/// The first words: where the site is, where its data is, and who can reach it.
#[derive(Clone, Debug)]
pub struct Announcement {
    addr: SocketAddr,
    turn: Option<SocketAddr>,
    https: Option<Https>,
    public_url: Option<PublicUrl>,
    data: PathBuf,
}

/// What there is to say of a server that speaks HTTPS itself.
#[derive(Clone, Debug)]
pub struct Https {
    /// For what its certificate is.
    pub names: Vec<CertificateName>,
    /// The fingerprint of this machine's own authority, if that has signed it.
    pub authority: Option<String>,
}

impl Announcement {
    /// For a server that listens here, and relays there.
    pub fn new(
        addr: SocketAddr,
        turn: Option<SocketAddr>,
        https: Option<Https>,
        public_url: Option<PublicUrl>,
        data: PathBuf,
    ) -> Self {
        Self {
            addr,
            turn,
            https,
            public_url,
            data,
        }
    }

    fn reach(&self) -> String {
        let addr = self.addr;
        if let Some(https) = &self.https {
            return self.reach_by(https);
        }
        match &self.public_url {
            Some(url) if url.is_secure() => {
                format!("under its public address, through the proxy that passes requests on to {addr}")
            }
            Some(_) => {
                format!("under its public address, but without HTTPS browsers allow no calls there. {HTTPS}")
            }
            None if addr.ip().is_loopback() => format!(
                "only from this machine. For others: browsers give a page the camera and the microphone only on localhost or over \
                 HTTPS. {HTTPS}"
            ),
            None if addr.ip().is_unspecified() => format!(
                "from other machines too, at port {} of each of this machine's addresses; but without HTTPS browsers \
                 allow calls on this machine only. {HTTPS}",
                addr.port()
            ),
            None => format!(
                "from other machines too, at http://{addr}; but without HTTPS browsers allow calls on this machine \
                 only. {HTTPS}"
            ),
        }
    }

    fn reach_by(&self, https: &Https) -> String {
        if self.addr.ip().is_loopback() {
            return format!(
                "only from this machine, on {}; for others, choose another --addr",
                self.addr
            );
        }
        let urls = https_urls(self.addr, &https.names, &machine::addresses());
        match urls.as_slice() {
            [] => format!(
                "on {}, but its certificate has no name by which browsers could come",
                self.addr
            ),
            urls => urls.join("  "),
        }
    }

    fn url(&self) -> String {
        match (&self.public_url, &self.https) {
            (Some(url), _) => url.origin().to_owned(),
            (None, Some(https)) => {
                let urls = https_urls(self.addr, &https.names, &machine::addresses());
                urls.into_iter()
                    .next()
                    .unwrap_or_else(|| format!("https://{}", self.addr))
            }
            (None, None) => plain_url(self.addr),
        }
    }

    /// Where a device that does not trust the authority yet is told how to: in the clear, under an address, which needs neither a
    /// certificate nor a name that is known.
    fn trust_url(&self) -> String {
        let ip = if self.addr.ip().is_unspecified() {
            let mut addresses = machine::addresses().into_iter();
            addresses.next().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
        } else {
            self.addr.ip()
        };
        format!("http://{}/trust", SocketAddr::new(ip, self.addr.port()))
    }
}

const HTTPS: &str = "Start it with --lan for a local network, with --cert and --key if you have a certificate, or put a proxy \
                     with one in front and set --public-url https://…";

/// Where somebody at this machine finds the site of a server with this configuration.
pub fn url(config: &Config) -> String {
    match &config.public_url {
        Some(url) => url.origin().to_owned(),
        None if config.tls.is_some() => plain_url(config.addr).replacen("http:", "https:", 1),
        None => plain_url(config.addr),
    }
}

fn plain_url(addr: SocketAddr) -> String {
    if addr.ip().is_loopback() || addr.ip().is_unspecified() {
        format!("http://localhost:{}", addr.port())
    } else {
        format!("http://{addr}")
    }
}

/// Where the site is for browsers that believe a certificate with these names: under those that lead to where it listens, as far as
/// that can be told from here, the most likely one first.
fn https_urls(addr: SocketAddr, names: &[CertificateName], of_machine: &[IpAddr]) -> Vec<String> {
    let listens_to = |ip: &IpAddr| match addr.ip() {
        everywhere if everywhere.is_unspecified() => {
            let speaks = everywhere.is_ipv6() || ip.is_ipv4();
            speaks && (ip.is_loopback() || of_machine.contains(ip))
        }
        one => one == *ip,
    };
    let at_home = |name: &CertificateName| match name {
        CertificateName::Host(name) => name == "localhost",
        CertificateName::Address(address) => address.is_loopback(),
    };
    let leads_here = |name: &&CertificateName| match name {
        CertificateName::Address(address) => listens_to(address),
        // A name that stands for many.
        CertificateName::Host(name) if name.starts_with('*') => false,
        CertificateName::Host(_) if at_home(name) => addr.ip().is_loopback() || addr.ip().is_unspecified(),
        CertificateName::Host(_) => !addr.ip().is_loopback(),
    };
    // An address works in a whole network, and what a machine calls itself perhaps nowhere else.
    let rank = |name: &&CertificateName| match name {
        name if at_home(name) => 3,
        CertificateName::Address(_) => 1,
        CertificateName::Host(name) if name.contains('.') && !name.ends_with(".local") => 0,
        CertificateName::Host(_) => 2,
    };
    let mut leading: Vec<&CertificateName> = names.iter().filter(leads_here).collect();
    leading.sort_by_key(rank);
    let port = match addr.port() {
        443 => String::new(),
        port => format!(":{port}"),
    };
    let urls = leading
        .into_iter()
        .map(|name| format!("https://{}{port}", name.in_url()));
    urls.collect()
}

impl fmt::Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Yodel {} is ready: {}", env!("CARGO_PKG_VERSION"), self.url())?;
        writeln!(f, "  data       {}", self.data.display())?;
        writeln!(f, "  reachable  {}", self.reach())?;
        if let Some(Https {
            authority: Some(fingerprint),
            ..
        }) = &self.https
        {
            writeln!(
                f,
                "  trust      on each device once, as {} says. The authority's SHA-256 fingerprint, to compare:\n             \
                 {fingerprint}",
                self.trust_url()
            )?;
        }
        if let Some(turn) = self.turn {
            let by = if self.https.is_some() {
                "UDP, TCP and TLS"
            } else {
                "UDP and TCP"
            };
            writeln!(f, "  relays     calls between networks, by TURN on {turn}, {by}")?;
        }
        write!(f, "  stop       with Ctrl-C")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(addr: &str, public_url: Option<&str>) -> String {
        let public_url = public_url.map(|url| url.parse().unwrap());
        Announcement::new(addr.parse().unwrap(), None, None, public_url, "/srv/data".into()).to_string()
    }

    fn names(texts: &[&str]) -> Vec<CertificateName> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn it_names_the_url_the_folder_and_the_reach() {
        let text = announcement("127.0.0.1:4000", None);
        assert!(text.contains("http://localhost:4000"), "{text}");
        assert!(text.contains("/srv/data"), "{text}");
        assert!(text.contains("only from this machine"), "{text}");
    }

    #[test]
    fn it_says_where_calls_are_relayed_if_they_are() {
        let turn = Some("203.0.113.7:3478".parse().unwrap());
        let addr = "127.0.0.1:3000".parse().unwrap();
        let text = Announcement::new(addr, turn, None, None, "/srv/data".into()).to_string();
        assert!(text.contains("TURN on 203.0.113.7:3478"), "{text}");
        assert!(!announcement("127.0.0.1:3000", None).contains("TURN"));
    }

    #[test]
    fn it_warns_where_browsers_allow_no_calls() {
        assert!(announcement("0.0.0.0:3000", None).contains("without HTTPS"));
        assert!(announcement("127.0.0.1:3000", Some("http://call.example.org")).contains("without HTTPS"));
        let proxied = announcement("127.0.0.1:3000", Some("https://call.example.org"));
        assert!(
            proxied.contains("https://call.example.org") && !proxied.contains("without"),
            "{proxied}"
        );
    }

    #[test]
    fn over_https_it_names_what_is_in_the_certificate_and_leads_here() {
        let names = names(&[
            "nas.local",
            "call.example.org",
            "*.example.org",
            "192.168.1.5",
            "192.168.9.9",
            "fd00::5",
            "127.0.0.1",
            "localhost",
        ]);
        let machine: Vec<IpAddr> = ["192.168.1.5", "fd00::5"].map(|ip| ip.parse().unwrap()).into();
        let urls = |addr: &str| https_urls(addr.parse().unwrap(), &names, &machine).join(" ");
        assert_eq!(
            urls("0.0.0.0:3000"),
            "https://call.example.org:3000 https://192.168.1.5:3000 https://nas.local:3000 https://127.0.0.1:3000 https://localhost:3000"
        );
        assert_eq!(
            urls("[::]:443"),
            "https://call.example.org https://192.168.1.5 https://[fd00::5] https://nas.local https://127.0.0.1 https://localhost"
        );
        assert_eq!(
            urls("192.168.1.5:443"),
            "https://call.example.org https://192.168.1.5 https://nas.local"
        );
        assert_eq!(
            urls("127.0.0.1:3000"),
            "https://127.0.0.1:3000 https://localhost:3000"
        );
    }

    #[test]
    fn a_local_network_is_told_how_to_trust_it() {
        let https = Https {
            names: names(&["192.168.1.5", "nas.local"]),
            authority: Some("AB:CD".to_owned()),
        };
        let addr = "192.168.1.5:3000".parse().unwrap();
        let text = Announcement::new(addr, None, Some(https), None, "/srv/data".into()).to_string();
        assert!(text.contains("is ready: https://192.168.1.5:3000"), "{text}");
        assert!(text.contains("http://192.168.1.5:3000/trust"), "{text}");
        assert!(
            text.contains("AB:CD") && text.contains("https://nas.local:3000"),
            "{text}"
        );
    }
}
