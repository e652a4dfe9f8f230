//! The addresses of this host.

use core::net::IpAddr;
use std::io;

use if_addrs::{IfOperStatus, Interface};

/// Which of this host's addresses become host candidates, when the socket is bound to all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressFilter {
    /// Loopback addresses too. They are used in any case when the host has no other ones.
    /// Default: false (RFC 8445 §5.1.1.1).
    pub loopback: bool,
    /// IPv4. Default: true.
    pub ipv4: bool,
    /// IPv6. Default: true. Link-local addresses are never used: a candidate cannot say to which
    /// interface they belong.
    pub ipv6: bool,
    /// Only interfaces of these names. Default: empty, all of them.
    pub interfaces: Vec<String>,
}

impl Default for AddressFilter {
    fn default() -> Self {
        Self { loopback: false, ipv4: true, ipv6: true, interfaces: Vec::new() }
    }
}

/// The addresses of this host that pass the filter, in the system's order.
pub(super) fn addresses(filter: &AddressFilter) -> io::Result<Vec<IpAddr>> {
    let listed = if_addrs::get_if_addrs()?;
    Ok(choose(filter, &listed.iter().map(Host::from).collect::<Vec<_>>()))
}

struct Host<'a> {
    name: &'a str,
    address: IpAddr,
    down: bool,
}

impl<'a> From<&'a Interface> for Host<'a> {
    fn from(interface: &'a Interface) -> Self {
        Self {
            name: &interface.name,
            address: interface.ip(),
            down: interface.oper_status == IfOperStatus::Down,
        }
    }
}

fn choose(filter: &AddressFilter, hosts: &[Host<'_>]) -> Vec<IpAddr> {
    let named = |name: &str| {
        filter.interfaces.is_empty() || filter.interfaces.iter().any(|wanted| wanted == name)
    };
    let mut usable: Vec<IpAddr> = hosts
        .iter()
        .filter(|host| !host.down && named(host.name))
        .map(|host| host.address)
        .filter(|address| match address {
            IpAddr::V4(_) => filter.ipv4,
            // RFC 8445 §5.1.1.1: no deprecated site-local, no IPv4-mapped addresses.
            IpAddr::V6(v6) => {
                let site_local = v6.segments()[0] & 0xffc0 == 0xfec0;
                let mapped = v6.to_ipv4_mapped().is_some();
                filter.ipv6 && !v6.is_unicast_link_local() && !site_local && !mapped
            }
        })
        .filter(|address| !address.is_unspecified() && !address.is_multicast())
        .collect();
    if !filter.loopback && usable.iter().any(|address| !address.is_loopback()) {
        usable.retain(|address| !address.is_loopback());
    }
    let mut seen = Vec::with_capacity(usable.len());
    for address in usable {
        if !seen.contains(&address) {
            seen.push(address);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTS: [(&str, &str, bool); 9] = [
        ("lo", "127.0.0.1", false),
        ("lo", "::1", false),
        ("eth0", "192.0.2.7", false),
        ("eth0", "2001:db8::7", false),
        ("eth0", "fe80::1", false),
        ("eth0", "fec0::1", false),
        ("eth0", "::ffff:192.0.2.7", false),
        ("wlan0", "198.51.100.9", false),
        ("eth1", "203.0.113.1", true),
    ];

    fn chosen(filter: &AddressFilter, hosts: &[(&str, &str, bool)]) -> Vec<String> {
        let hosts: Vec<Host<'_>> = hosts
            .iter()
            .map(|&(name, address, down)| Host { name, address: address.parse().unwrap(), down })
            .collect();
        choose(filter, &hosts).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn filters() {
        let all = AddressFilter::default();
        let cases: [(AddressFilter, &[&str]); 5] = [
            (all.clone(), &["192.0.2.7", "2001:db8::7", "198.51.100.9"]),
            (
                AddressFilter { loopback: true, ..all.clone() },
                &["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7", "198.51.100.9"],
            ),
            (AddressFilter { ipv6: false, ..all.clone() }, &["192.0.2.7", "198.51.100.9"]),
            (AddressFilter { ipv4: false, ..all.clone() }, &["2001:db8::7"]),
            (AddressFilter { interfaces: vec!["wlan0".into()], ..all }, &["198.51.100.9"]),
        ];
        for (filter, expected) in cases {
            assert_eq!(chosen(&filter, &HOSTS), expected, "{filter:?}");
        }
    }

    #[test]
    fn loopback_serves_when_there_is_nothing_else() {
        assert_eq!(chosen(&AddressFilter::default(), &HOSTS[..2]), ["127.0.0.1", "::1"]);
        assert_eq!(chosen(&AddressFilter::default(), &[]), [""; 0]);
    }

    #[test]
    fn an_address_is_used_once() {
        assert_eq!(chosen(&AddressFilter::default(), &[HOSTS[2], HOSTS[2]]), ["192.0.2.7"]);
    }
}
