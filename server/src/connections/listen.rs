//! Where connections arrive.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be taken in: everybody, when a network or the server is back. Who finds no room tries again
/// after a second only (RFC 6298, section 2, rule 2.1). The system may have a bound of its own: Linux `net.core.somaxconn`, which
/// is 4096 since version 5.4.
const BACKLOG: u32 = 4096;

/// Listen on this address.
pub(crate) fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = match addr {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A restart need not wait until the connections before it are forgotten. On Windows this would let two servers share a port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

/// Other systems let fewer wait, and a process have fewer files.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::read_to_string;
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    /// As after a restart, or when the network is back.
    #[tokio::test]
    async fn hundreds_who_come_at_once_are_all_connected_before_the_first_is_served() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let addr = listener.local_addr().unwrap();
        let connected: io::Result<Vec<_>> = (0..300)
            .map(|_| TcpStream::connect_timeout(&addr, Duration::from_secs(5)))
            .collect();
        assert!(
            connected.is_ok(),
            "{connected:?}, and the system lets {:?} wait",
            read_to_string("/proc/sys/net/core/somaxconn")
        );
    }
}
