//! The addresses of this host, and which of them are used.

use core::net::{IpAddr, Ipv6Addr};
use std::io;

use if_addrs::{IfAddr, IfOperStatus};
use turn::server::Prefix;

/// Which of this host's addresses become host candidates, when the socket is bound to all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressFilter {
    /// Loopback addresses too. They are used in any case when the host has no other ones.
    /// Default: false (RFC 8445 §5.1.1.1).
    pub loopback: bool,
    /// IPv4. Default: true.
    pub ipv4: bool,
    /// IPv6. Default: true. Link-local addresses are never used: a candidate cannot say to which
    /// interface they belong. Nor is one that tells the hardware's address, if its interface has
    /// another one of the same network (RFC 8445 §5.1.1.1).
    pub ipv6: bool,
    /// Only interfaces of these names; `eth*` means all whose name begins so. Default: empty, all of
    /// them.
    pub interfaces: Vec<String>,
    /// No interfaces of these names, such as `docker*`. Default: empty, none of them.
    pub excluded_interfaces: Vec<String>,
    /// Only addresses of these networks, such as `192.0.2.0/24`. Default: empty, all of them.
    pub networks: Vec<Prefix>,
    /// No addresses of these networks. Default: empty, none of them.
    pub excluded_networks: Vec<Prefix>,
}

impl Default for AddressFilter {
    fn default() -> Self {
        Self {
            loopback: false,
            ipv4: true,
            ipv6: true,
            interfaces: Vec::new(),
            excluded_interfaces: Vec::new(),
            networks: Vec::new(),
            excluded_networks: Vec::new(),
        }
    }
}

/// An address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    pub(crate) name: Box<str>,
    /// By which the system knows it.
    pub(crate) index: Option<u32>,
    pub(crate) address: IpAddr,
    /// Bits of its network.
    pub(crate) prefix: u8,
    pub(crate) down: bool,
}

impl From<&if_addrs::Interface> for Interface {
    fn from(interface: &if_addrs::Interface) -> Self {
        Self {
            name: interface.name.as_str().into(),
            index: interface.index,
            address: interface.ip(),
            prefix: match &interface.addr {
                IfAddr::V4(v4) => v4.prefixlen,
                IfAddr::V6(v6) => v6.prefixlen,
            },
            down: is_down(&interface.oper_status),
        }
    }
}

/// Whether nothing can be sent.
fn is_down(status: &IfOperStatus) -> bool {
    match status {
        IfOperStatus::Down | IfOperStatus::NotPresent | IfOperStatus::LowerLayerDown => true,
        // On Unix `if-addrs` says so when an interface is not running (IFF_RUNNING).
        IfOperStatus::Unknown => cfg!(unix),
        IfOperStatus::Up | IfOperStatus::Testing | IfOperStatus::Dormant => false,
    }
}

/// All addresses of this host, in the system's order.
///
/// # Errors
///
/// The system does not tell them.
pub(crate) fn listed() -> io::Result<Vec<Interface>> {
    Ok(if_addrs::get_if_addrs()?.iter().map(Interface::from).collect())
}

impl AddressFilter {
    /// The addresses that pass, in their order, each once.
    pub(super) fn choose(&self, listed: &[Interface]) -> Vec<IpAddr> {
        let passing = |one: &&Interface| {
            !one.down && self.passes(one.address) && self.names(&one.name) && !tells(one, listed)
        };
        let mut usable: Vec<IpAddr> =
            listed.iter().filter(passing).map(|one| one.address).collect();
        if !self.loopback && usable.iter().any(|address| !address.is_loopback()) {
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

    fn names(&self, name: &str) -> bool {
        let is_among = |patterns: &[String]| {
            patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => pattern == name,
            })
        };
        (self.interfaces.is_empty() || is_among(&self.interfaces))
            && !is_among(&self.excluded_interfaces)
    }

    fn passes(&self, address: IpAddr) -> bool {
        let is_among = |networks: &[Prefix]| networks.iter().any(|n| n.contains(address));
        let usable = match address {
            IpAddr::V4(_) => self.ipv4,
            // RFC 8445 §5.1.1.1: no deprecated site-local, no IPv4-mapped addresses.
            IpAddr::V6(v6) => {
                let site_local = v6.segments()[0] & 0xffc0 == 0xfec0;
                let mapped = v6.to_ipv4_mapped().is_some();
                self.ipv6 && !v6.is_unicast_link_local() && !site_local && !mapped
            }
        };
        usable
            && !address.is_unspecified()
            && !address.is_multicast()
            && (self.networks.is_empty() || is_among(&self.networks))
            && !is_among(&self.excluded_networks)
    }
}

/// Whether the address tells its owner wherever it goes, and the interface has one in the same
/// network that does not: RFC 8445 §5.1.1.1 forbids such a candidate.
fn tells(one: &Interface, listed: &[Interface]) -> bool {
    let network = |one: &Interface| match one.address {
        IpAddr::V6(v6) => {
            let host_bits = 128 - u32::from(one.prefix.min(128));
            Some(v6.to_bits().checked_shr(host_bits).unwrap_or(0))
        }
        IpAddr::V4(_) => None,
    };
    let discreet = |other: &Interface| matches!(other.address, IpAddr::V6(v6) if !is_eui64(v6));
    let (IpAddr::V6(v6), Some(_)) = (one.address, network(one)) else { return false };
    is_eui64(v6)
        && listed.iter().any(|other| {
            other.name == one.name
                && other.prefix == one.prefix
                && network(other) == network(one)
                && discreet(other)
        })
}

/// Whether the lower half was made of the hardware's address, RFC 4291 appendix A: `ff:fe` in its
/// middle.
fn is_eui64(address: Ipv6Addr) -> bool {
    let octets = address.octets();
    (octets[11], octets[12]) == (0xff, 0xfe)
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
        let interface = |&(name, address, down): &(&str, &str, bool)| Interface {
            name: name.into(),
            index: None,
            address: address.parse().unwrap(),
            prefix: 64,
            down,
        };
        let hosts: Vec<Interface> = hosts.iter().map(interface).collect();
        filter.choose(&hosts).iter().map(ToString::to_string).collect()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn networks(networks: &[&str]) -> Vec<Prefix> {
        networks.iter().map(|network| network.parse().unwrap()).collect()
    }

    #[test]
    fn filters() {
        let all = AddressFilter::default;
        let cases: [(AddressFilter, &[&str]); 11] = [
            (all(), &["192.0.2.7", "2001:db8::7", "198.51.100.9"]),
            (
                AddressFilter { loopback: true, ..all() },
                &["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7", "198.51.100.9"],
            ),
            (AddressFilter { ipv6: false, ..all() }, &["192.0.2.7", "198.51.100.9"]),
            (AddressFilter { ipv4: false, ..all() }, &["2001:db8::7"]),
            (AddressFilter { interfaces: names(&["wlan0"]), ..all() }, &["198.51.100.9"]),
            (AddressFilter { interfaces: names(&["w*", "l*"]), ..all() }, &["198.51.100.9"]),
            (AddressFilter { excluded_interfaces: names(&["eth*"]), ..all() }, &["198.51.100.9"]),
            (
                AddressFilter {
                    interfaces: names(&["eth0", "wlan0"]),
                    excluded_interfaces: names(&["wlan0"]),
                    ..all()
                },
                &["192.0.2.7", "2001:db8::7"],
            ),
            (
                AddressFilter {
                    networks: networks(&["198.51.100.0/24", "2001:db8::/32"]),
                    ..all()
                },
                &["2001:db8::7", "198.51.100.9"],
            ),
            (
                AddressFilter { excluded_networks: networks(&["192.0.2.7", "::/0"]), ..all() },
                &["198.51.100.9"],
            ),
            (
                AddressFilter {
                    networks: networks(&["192.0.2.0/24"]),
                    excluded_networks: networks(&["192.0.2.0/28"]),
                    ..all()
                },
                &[],
            ),
        ];
        for (filter, expected) in cases {
            assert_eq!(chosen(&filter, &HOSTS), expected, "{filter:?}");
        }
    }

    #[test]
    fn what_cannot_send_is_down() {
        let table = [
            (IfOperStatus::Up, false),
            (IfOperStatus::Down, true),
            (IfOperStatus::LowerLayerDown, true),
            (IfOperStatus::Unknown, cfg!(unix)),
        ];
        for (status, expected) in table {
            assert_eq!(is_down(&status), expected, "{status:?}");
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

    #[test]
    fn an_address_that_tells_the_hardware_is_used_if_there_is_no_other() {
        let telling = ("eth0", "2001:db8::21b:63ff:fe84:45e6", false);
        let discreet = ("eth0", "2001:db8::1c9e:8a2b:77d1:9f01", false);
        let elsewhere = [
            ("wlan0", "2001:db8::1c9e:8a2b:77d1:9f01", false),
            ("eth0", "2001:db8:0:1::7", false),
            ("eth0", "192.0.2.7", false),
        ];
        let all = AddressFilter::default();
        assert_eq!(chosen(&all, &[telling, discreet]), [discreet.1]);
        assert_eq!(chosen(&all, &[discreet, telling]), [discreet.1]);
        assert_eq!(chosen(&all, &[telling]), [telling.1]);
        for other in elsewhere {
            assert_eq!(chosen(&all, &[telling, other]).len(), 2, "{other:?}");
        }
    }
}
