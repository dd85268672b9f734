//! Firewalls: which packets may not pass, whatever the lines are like.

use std::net::Ipv4Addr;

use crate::router::HostId;

/// What is read from a packet to route it (RFC 791, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) destination: Ipv4Addr,
    /// Source and destination port, if it is UDP. Later fragments have none.
    udp: Option<Option<[u16; 2]>>,
}

impl Header {
    const UDP: u8 = 17;

    /// None of what is not IPv4.
    pub(crate) fn read(packet: &[u8]) -> Option<Self> {
        let (start, _) = packet.split_first_chunk::<20>()?;
        if start[0] >> 4 != 4 {
            return None;
        }
        let length = usize::from(start[0] & 0x0f) * 4;
        let is_first = u16::from_be_bytes([start[6], start[7]]) & 0x1fff == 0;
        let ports = || {
            let ports = packet.get(length..)?.first_chunk::<4>()?;
            is_first.then_some([
                u16::from_be_bytes([ports[0], ports[1]]),
                u16::from_be_bytes([ports[2], ports[3]]),
            ])
        };
        Some(Self {
            destination: Ipv4Addr::new(start[16], start[17], start[18], start[19]),
            udp: (start[9] == Self::UDP).then(ports),
        })
    }
}

/// Something that is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// UDP from and to a host, except from and to one port.
    Udp { host: HostId, except: Option<u16> },
    /// Everything between two hosts.
    Direct { one: HostId, other: HostId },
}

impl Rule {
    /// Whether this packet is dropped.
    pub(crate) fn drops(&self, header: &Header, from: HostId, to: HostId) -> bool {
        match *self {
            Self::Udp { host, except } => {
                let excepted = |ports: Option<[u16; 2]>| {
                    ports.is_some_and(|ports| except.is_some_and(|port| ports.contains(&port)))
                };
                [from, to].contains(&host) && header.udp.is_some_and(|ports| !excepted(ports))
            }
            Self::Direct { one, other } => [(one, other), (other, one)].contains(&(from, to)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const TCP: u8 = 6;

    const ALICE: HostId = HostId(0);
    const BOB: HostId = HostId(1);
    const CAROL: HostId = HostId(2);

    /// A packet with nothing in it.
    pub(crate) fn packet(protocol: u8, ports: [u16; 2], to: Ipv4Addr) -> Vec<u8> {
        let mut packet = vec![0; 20];
        packet[0] = 0x45;
        packet[9] = protocol;
        packet[16..20].copy_from_slice(&to.octets());
        packet.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        packet
    }

    fn header(protocol: u8, ports: [u16; 2]) -> Header {
        Header::read(&packet(protocol, ports, Ipv4Addr::new(10, 77, 2, 1))).unwrap()
    }

    #[test]
    fn reads_what_is_ipv4_and_nothing_else() {
        let header = header(Header::UDP, [5_000, 3_478]);
        assert_eq!(header.destination, Ipv4Addr::new(10, 77, 2, 1));
        assert_eq!(header.udp, Some(Some([5_000, 3_478])));
        let mut six = packet(Header::UDP, [1, 2], Ipv4Addr::LOCALHOST);
        six[0] = 0x65;
        for other in [&[][..], &[0x45; 19], &six] {
            assert_eq!(Header::read(other), None);
        }
    }

    #[test]
    fn udp_is_dropped_in_both_directions_and_tcp_is_not() {
        let rule = Rule::Udp {
            host: ALICE,
            except: None,
        };
        let udp = header(Header::UDP, [5_000, 3_478]);
        assert!(rule.drops(&udp, ALICE, BOB));
        assert!(rule.drops(&udp, BOB, ALICE));
        assert!(!rule.drops(&udp, BOB, CAROL));
        assert!(!rule.drops(&header(TCP, [5_000, 3_000]), ALICE, BOB));
    }

    #[test]
    fn one_port_may_be_excepted() {
        let rule = Rule::Udp {
            host: ALICE,
            except: Some(3_478),
        };
        assert!(!rule.drops(&header(Header::UDP, [5_000, 3_478]), ALICE, BOB));
        assert!(!rule.drops(&header(Header::UDP, [3_478, 5_000]), BOB, ALICE));
        assert!(rule.drops(&header(Header::UDP, [5_000, 5_001]), ALICE, BOB));
        // A fragment does not say for which port it is.
        let mut fragment = packet(Header::UDP, [5_000, 3_478], Ipv4Addr::LOCALHOST);
        fragment[7] = 1;
        assert!(rule.drops(&Header::read(&fragment).unwrap(), ALICE, BOB));
    }

    #[test]
    fn two_hosts_may_be_kept_apart() {
        let rule = Rule::Direct {
            one: ALICE,
            other: BOB,
        };
        let tcp = header(TCP, [1, 2]);
        assert!(rule.drops(&tcp, ALICE, BOB) && rule.drops(&tcp, BOB, ALICE));
        assert!(!rule.drops(&tcp, ALICE, CAROL) && !rule.drops(&tcp, CAROL, BOB));
    }
}
