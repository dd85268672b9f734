//! What is between the hosts: everybody's link, the paths between them, and firewalls. Pure: packets and time in, packets and
//! time out.

use std::net::Ipv4Addr;

use crate::line::{Conditions, Line, Moment};
use crate::rules::{Header, Rule};

/// Which host, by its place on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HostId(pub(crate) usize);

/// Which of the lines of a host, as it sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// A packet, and where it is bound for.
#[derive(Debug)]
struct Routed {
    from: HostId,
    to: HostId,
    bytes: Vec<u8>,
}

/// Where a line is, and so what is behind it.
#[derive(Clone, Copy)]
enum Place {
    Up(HostId),
    Path(HostId, HostId),
    Down(HostId),
}

/// Routes packets. Each takes three lines, which have conditions of their own:
///
/// ```text
/// alice ──up──▶ ┊ ──path alice→bob──▶ ┊ ──down──▶ bob
/// ```
pub(crate) struct Router {
    addresses: Vec<Ipv4Addr>,
    up: Vec<Line<Routed>>,
    /// By sender, then by receiver.
    paths: Vec<Vec<Line<Routed>>>,
    down: Vec<Line<Routed>>,
    rules: Vec<Rule>,
}

impl Router {
    /// Perfect lines between hosts at these addresses.
    pub(crate) fn new(addresses: Vec<Ipv4Addr>, seed: u64) -> Self {
        let count = addresses.len();
        let mut seeds = fastrand::Rng::with_seed(seed);
        let mut lines = || (0..count).map(|_| Line::new(seeds.u64(..))).collect::<Vec<_>>();
        Self {
            up: lines(),
            down: lines(),
            paths: (0..count).map(|_| lines()).collect(),
            addresses,
            rules: Vec::new(),
        }
    }

    /// The host is reached by another address.
    pub(crate) fn set_address(&mut self, host: HostId, address: Ipv4Addr) {
        self.addresses[host.0] = address;
    }

    /// Change the conditions of a host's link, one way.
    pub(crate) fn change_link(&mut self, host: HostId, way: Way, change: impl FnOnce(&mut Conditions)) {
        Self::change(
            self.line(match way {
                Way::Up => Place::Up(host),
                Way::Down => Place::Down(host),
            }),
            change,
        );
    }

    /// Change the conditions of what is between two hosts, one way.
    pub(crate) fn change_path(&mut self, from: HostId, to: HostId, change: impl FnOnce(&mut Conditions)) {
        Self::change(self.line(Place::Path(from, to)), change);
    }

    fn change(line: &mut Line<Routed>, change: impl FnOnce(&mut Conditions)) {
        let mut conditions = line.conditions();
        change(&mut conditions);
        line.set_conditions(conditions);
    }

    /// From now on this is not let through.
    pub(crate) fn block(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Everything is let through again.
    pub(crate) fn unblock(&mut self) {
        self.rules.clear();
    }

    /// A host sends a packet. One that is not IPv4, or for nobody here, is dropped.
    pub(crate) fn receive(&mut self, now: Moment, from: HostId, bytes: Vec<u8>) {
        let Some(header) = Header::read(&bytes) else {
            return;
        };
        let Some(to) = self
            .addresses
            .iter()
            .position(|address| *address == header.destination)
        else {
            return;
        };
        let to = HostId(to);
        if self.rules.iter().all(|rule| !rule.drops(&header, from, to)) {
            self.line(Place::Up(from))
                .push(now, bytes.len(), Routed { from, to, bytes });
        }
    }

    /// When the next packet has to be moved on.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.next().map(|(due, _)| due)
    }

    /// The next packet that has arrived by now, and where. Call this until there is none.
    pub(crate) fn poll_arrival(&mut self, now: Moment) -> Option<(HostId, Vec<u8>)> {
        loop {
            let (_, place) = self.next().filter(|(due, _)| *due <= now)?;
            let (due, packet) = self.line(place).pop(now)?;
            let next = match place {
                Place::Up(_) => Place::Path(packet.from, packet.to),
                Place::Path(_, to) => Place::Down(to),
                Place::Down(host) => return Some((host, packet.bytes)),
            };
            // By the time at which it came out, so that it does not matter how late this is called.
            self.line(next).push(due, packet.bytes.len(), packet);
        }
    }

    fn next(&self) -> Option<(Moment, Place)> {
        let hosts = || (0..self.addresses.len()).map(HostId);
        let up = hosts().map(|host| (Place::Up(host), &self.up[host.0]));
        let down = hosts().map(|host| (Place::Down(host), &self.down[host.0]));
        let paths = hosts()
            .flat_map(|from| hosts().map(move |to| (from, to)))
            .map(|(from, to)| (Place::Path(from, to), &self.paths[from.0][to.0]));
        up.chain(paths)
            .chain(down)
            .filter_map(|(place, line)| Some((line.next_due()?, place)))
            .min_by_key(|(due, _)| *due)
    }

    fn line(&mut self, place: Place) -> &mut Line<Routed> {
        match place {
            Place::Up(host) => &mut self.up[host.0],
            Place::Path(from, to) => &mut self.paths[from.0][to.0],
            Place::Down(host) => &mut self.down[host.0],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::rules::tests::{TCP, packet};

    const SERVER: HostId = HostId(0);
    const ALICE: HostId = HostId(1);
    const BOB: HostId = HostId(2);

    const fn address(host: HostId) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, host.0 as u8 + 1, 1)
    }

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn router() -> Router {
        Router::new([SERVER, ALICE, BOB].map(address).to_vec(), 1)
    }

    fn send(router: &mut Router, from: HostId, to: HostId) {
        router.receive(ms(0), from, packet(TCP, [1, 2], address(to)));
    }

    /// Every arrival, at the time at which it is due.
    fn arrivals(router: &mut Router) -> Vec<(Moment, HostId)> {
        let mut arrivals = Vec::new();
        while let Some(now) = router.next_due() {
            while let Some((host, _)) = router.poll_arrival(now) {
                arrivals.push((now, host));
            }
        }
        arrivals
    }

    #[test]
    fn a_packet_takes_the_senders_link_the_path_and_the_receivers_link() {
        let mut router = router();
        router.change_link(ALICE, Way::Up, |up| up.delay = ms(1));
        router.change_path(ALICE, BOB, |path| path.delay = ms(10));
        router.change_link(BOB, Way::Down, |down| down.delay = ms(100));
        send(&mut router, ALICE, BOB);
        assert_eq!(arrivals(&mut router), [(ms(111), BOB)]);
        send(&mut router, BOB, ALICE);
        assert_eq!(arrivals(&mut router), [(ms(0), ALICE)]);
        send(&mut router, ALICE, SERVER);
        assert_eq!(arrivals(&mut router), [(ms(1), SERVER)]);
    }

    #[test]
    fn it_does_not_matter_how_late_packets_are_moved_on() {
        let mut router = router();
        router.change_link(ALICE, Way::Up, |up| up.delay = ms(10));
        router.change_path(ALICE, BOB, |path| path.delay = ms(10));
        send(&mut router, ALICE, BOB);
        assert!(router.poll_arrival(ms(19)).is_none());
        assert_eq!(router.poll_arrival(ms(500)).map(|(host, _)| host), Some(BOB));
    }

    #[test]
    fn a_host_that_is_cut_is_out_of_reach_and_the_others_are_not() {
        let mut router = router();
        for way in [Way::Up, Way::Down] {
            router.change_link(BOB, way, |link| link.cut = true);
        }
        for (from, to) in [(ALICE, BOB), (BOB, ALICE), (BOB, SERVER), (ALICE, SERVER)] {
            send(&mut router, from, to);
        }
        assert_eq!(arrivals(&mut router), [(ms(0), SERVER)]);
    }

    #[test]
    fn rules_hold_until_they_are_taken_back() {
        let mut router = router();
        router.block(Rule::Direct {
            one: ALICE,
            other: BOB,
        });
        send(&mut router, ALICE, BOB);
        send(&mut router, ALICE, SERVER);
        assert_eq!(arrivals(&mut router), [(ms(0), SERVER)]);
        router.unblock();
        send(&mut router, ALICE, BOB);
        assert_eq!(arrivals(&mut router), [(ms(0), BOB)]);
    }

    #[test]
    fn a_host_that_has_moved_is_reached_by_its_new_address_alone() {
        let mut router = router();
        let new = Ipv4Addr::new(10, 77, 2, 2);
        router.set_address(ALICE, new);
        send(&mut router, BOB, ALICE);
        assert_eq!(arrivals(&mut router), []);
        router.receive(ms(0), BOB, packet(TCP, [1, 2], new));
        assert_eq!(arrivals(&mut router), [(ms(0), ALICE)]);
    }
}
