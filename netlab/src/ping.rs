//! Echo requests (RFC 792), because not every system has a `ping`.

use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, recv, sendto, setsockopt, socket,
    sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ask this address a few times, one after another. None is what was lost.
pub(crate) fn ping(address: Ipv4Addr, count: u16) -> Result<Vec<Option<Duration>>> {
    let socket = socket(
        AddressFamily::Inet,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::Icmp,
    )
    .context("a raw socket is refused")?;
    // It has to be looked at the clock now and then: other packets arrive here too.
    setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::milliseconds(50))?;
    let to = SockaddrIn::from(std::net::SocketAddrV4::new(address, 0));
    let ask = |number: u16| {
        let sent = Instant::now();
        sendto(socket.as_raw_fd(), &request(number), &to, MsgFlags::empty())
            .context("nothing can be sent")?;
        let mut buffer = [0; 1_500];
        while sent.elapsed() < PATIENCE {
            match recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
                Ok(length) if is_answer(&buffer[..length], number) => return Ok(Some(sent.elapsed())),
                Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return Err(error).context("nothing can be received"),
            }
        }
        Ok(None)
    };
    (0..count).map(ask).collect()
}

const ECHO_REQUEST: u8 = 8;
const ECHO_REPLY: u8 = 0;

/// Of this process, so that two of them do not take one another's answers.
fn identifier() -> [u8; 2] {
    let [.., high, low] = std::process::id().to_be_bytes();
    [high, low]
}

fn request(number: u16) -> [u8; 8] {
    let ([high, low], [first, second]) = (identifier(), number.to_be_bytes());
    let mut packet = [ECHO_REQUEST, 0, 0, 0, high, low, first, second];
    let words = packet
        .chunks_exact(2)
        .map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !((folded & 0xffff) + (folded >> 16)) as u16;
    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// A raw socket is given whole packets, and those of all others too.
fn is_answer(packet: &[u8], number: u16) -> bool {
    let header = packet.first().map_or(0, |first| usize::from(first & 0x0f) * 4);
    let Some([kind, _, _, _, identifier @ .., first, second]) = packet
        .get(header..)
        .and_then(|message| message.first_chunk::<8>())
    else {
        return false;
    };
    *kind == ECHO_REPLY && *identifier == self::identifier() && [*first, *second] == number.to_be_bytes()
}
