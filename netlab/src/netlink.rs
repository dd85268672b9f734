//! Interfaces, addresses and routes of the network namespace that the calling thread is in, by rtnetlink(7).

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::net::if_::if_nametoindex;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};

/// The interface on which a namespace talks to itself.
pub(crate) const LOOPBACK: &str = "lo";

const NEW_LINK: u16 = 16;
const NEW_ADDRESS: u16 = 20;
const DELETE_ADDRESS: u16 = 21;
const NEW_ROUTE: u16 = 24;

/// Start an interface.
pub(crate) fn set_up(interface: &str) -> io::Result<()> {
    const UP: u32 = 1;
    let index = if_nametoindex(interface)?;
    // struct ifinfomsg: family, padding, type, index, flags, and which of the flags are to change.
    let mut body = vec![0; 4];
    for field in [index, UP, UP] {
        body.extend(field.to_ne_bytes());
    }
    request(NEW_LINK, &body)
}

/// Give an interface an address. Everything in the network of this many bits is behind it.
pub(crate) fn add_address(interface: &str, address: Ipv4Addr, bits: u8) -> io::Result<()> {
    request(NEW_ADDRESS, &address_message(interface, address, bits)?)
}

/// Take an address away. What is bound to it does not reach anybody any more.
pub(crate) fn delete_address(interface: &str, address: Ipv4Addr, bits: u8) -> io::Result<()> {
    request(DELETE_ADDRESS, &address_message(interface, address, bits)?)
}

fn address_message(interface: &str, address: Ipv4Addr, bits: u8) -> io::Result<Vec<u8>> {
    const LOCAL: u16 = 2;
    // struct ifaddrmsg: family, length of the prefix, flags, scope, index.
    let mut body = vec![AddressFamily::Inet as u8, bits, 0, 0];
    body.extend(if_nametoindex(interface)?.to_ne_bytes());
    attribute(&mut body, LOCAL, address.octets());
    Ok(body)
}

/// Everything that is nowhere else is behind this interface.
pub(crate) fn add_default_route(interface: &str) -> io::Result<()> {
    const OUTPUT_INTERFACE: u16 = 4;
    const MAIN_TABLE: u8 = 254;
    const BY_ADMINISTRATOR: u8 = 4;
    const ON_LINK: u8 = 253;
    const UNICAST: u8 = 1;
    // struct rtmsg: family, lengths of destination and source, service, table, protocol, scope, type, flags.
    let mut body = vec![
        AddressFamily::Inet as u8,
        0,
        0,
        0,
        MAIN_TABLE,
        BY_ADMINISTRATOR,
        ON_LINK,
        UNICAST,
    ];
    body.extend(0u32.to_ne_bytes());
    attribute(
        &mut body,
        OUTPUT_INTERFACE,
        if_nametoindex(interface)?.to_ne_bytes(),
    );
    request(NEW_ROUTE, &body)
}

/// All of ours are four bytes long, so there is nothing to align.
fn attribute(body: &mut Vec<u8>, kind: u16, value: [u8; 4]) {
    body.extend(8u16.to_ne_bytes());
    body.extend(kind.to_ne_bytes());
    body.extend(value);
}

/// Send a request and wait for what the kernel says of it.
fn request(kind: u16, body: &[u8]) -> io::Result<()> {
    const HEADER: usize = 16;
    /// That it is a request, and wants an answer.
    const FLAGS: u16 = 1 | 4;
    /// That something is to be made, and must not be there already.
    const CREATE: u16 = 0x400 | 0x200;
    let flags = if [NEW_ADDRESS, NEW_ROUTE].contains(&kind) {
        FLAGS | CREATE
    } else {
        FLAGS
    };
    let kernel: OwnedFd = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    let mut message = Vec::with_capacity(HEADER + body.len());
    message.extend(((HEADER + body.len()) as u32).to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    // A number and a sender, which one question and one answer do not need.
    message.extend([0; 8]);
    message.extend(body);
    sendto(
        kernel.as_raw_fd(),
        &message,
        &NetlinkAddr::new(0, 0),
        MsgFlags::empty(),
    )?;

    let mut answer = [0; 1_024];
    let length = recv(kernel.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    // struct nlmsgerr: a negative errno, or 0 if all is well.
    match answer[..length].get(HEADER..).and_then(|rest| rest.first_chunk()) {
        Some(errno) => match i32::from_ne_bytes(*errno) {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(-errno)),
        },
        None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
    }
}
