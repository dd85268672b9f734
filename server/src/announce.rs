//! What the program says when it has started.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::PublicUrl;

/// The first words: where the site is, where its data is, and who can reach it.
#[derive(Clone, Debug)]
pub struct Announcement {
    addr: SocketAddr,
    public_url: Option<PublicUrl>,
    data: PathBuf,
}

impl Announcement {
    /// For a server that listens here.
    pub fn new(addr: SocketAddr, public_url: Option<PublicUrl>, data: PathBuf) -> Self {
        Self {
            addr,
            public_url,
            data,
        }
    }

    fn reach(&self) -> String {
        let addr = self.addr;
        match &self.public_url {
            Some(url) if url.is_secure() => {
                format!("under its public address, through the proxy that passes requests on to {addr}")
            }
            Some(_) => {
                format!("under its public address, but without HTTPS browsers allow no calls there. {HTTPS}")
            }
            None if addr.ip().is_loopback() => format!(
                "only from this machine. For others, listen on every network with --addr 0.0.0.0:{} and put HTTPS in \
                 front: browsers give a page the camera and the microphone only on localhost or over HTTPS",
                addr.port()
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
}

const HTTPS: &str = "Put a proxy with a certificate in front and set --public-url https://…";

/// Where somebody at this machine finds the site of a server that listens there.
pub fn url(addr: SocketAddr, public_url: Option<&PublicUrl>) -> String {
    match public_url {
        Some(url) => url.origin().to_owned(),
        None if addr.ip().is_loopback() || addr.ip().is_unspecified() => {
            format!("http://localhost:{}", addr.port())
        }
        None => format!("http://{addr}"),
    }
}

impl fmt::Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = url(self.addr, self.public_url.as_ref());
        writeln!(f, "Yodel {} is ready: {url}", env!("CARGO_PKG_VERSION"))?;
        writeln!(f, "  data       {}", self.data.display())?;
        writeln!(f, "  reachable  {}", self.reach())?;
        write!(f, "  stop       with Ctrl-C")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(addr: &str, public_url: Option<&str>) -> String {
        let public_url = public_url.map(|url| url.parse().unwrap());
        Announcement::new(addr.parse().unwrap(), public_url, "/srv/data".into()).to_string()
    }

    #[test]
    fn it_names_the_url_the_folder_and_the_reach() {
        let text = announcement("127.0.0.1:4000", None);
        assert!(text.contains("http://localhost:4000"), "{text}");
        assert!(text.contains("/srv/data"), "{text}");
        assert!(text.contains("only from this machine"), "{text}");
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
}
