//! What this machine is called, and where it can be reached.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use getifaddrs::{InterfaceFilter, InterfaceFlags};

use super::CertificateName;

/// The name of this machine, as its system tells it.
pub fn hostname() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_str()
        .ok()
        .map(str::to_owned);
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok();
    name.map(|name| name.to_ascii_lowercase())
}

/// Every name and address under which a browser may find this machine: its name, alone and as multicast DNS has it (RFC 6762),
/// the addresses of its networks, and those by which it finds itself.
pub fn names() -> Vec<CertificateName> {
    let mut names: Vec<CertificateName> = Vec::new();
    if let Some(name) = hostname() {
        let label = name.split('.').next().unwrap_or_default();
        let local = format!("{label}.local");
        names.extend(
            [name.as_str(), &local]
                .iter()
                .filter_map(|name| name.parse().ok()),
        );
    }
    names.extend(addresses().into_iter().map(CertificateName::Address));
    names.push(CertificateName::Host("localhost".to_owned()));
    names.push(CertificateName::Address(Ipv4Addr::LOCALHOST.into()));
    names.push(CertificateName::Address(Ipv6Addr::LOCALHOST.into()));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The addresses by which others reach it, those of IPv4 first. An address that is good on one wire alone (`fe80::`) is none that
/// a browser could be told.
pub fn addresses() -> Vec<IpAddr> {
    let interfaces = InterfaceFilter::new().get();
    let interfaces = interfaces
        .inspect_err(|error| tracing::warn!(%error, "cannot tell the addresses of this machine"))
        .into_iter()
        .flatten();
    let mut addresses: Vec<IpAddr> = interfaces
        .filter(|interface| interface.flags.contains(InterfaceFlags::UP))
        .filter_map(|interface| interface.address.ip_addr())
        .filter(|address| !address.is_loopback() && !address.is_unspecified() && !is_of_one_wire(address))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn is_of_one_wire(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_finds_itself_by_every_one_of_its_names() {
        let names = names();
        for expected in ["localhost", "127.0.0.1", "::1"] {
            assert!(
                names.contains(&expected.parse().unwrap()),
                "{expected}: {names:?}"
            );
        }
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
        assert!(addresses().iter().all(|address| !address.is_loopback()));
    }
}
