//! An interface in one family, through which names are asked for and told, and its socket.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::io;

use mdns::{PORT, group};
use socket2::{Domain, Protocol, Type};
use tokio::net::UdpSocket;
use turn::server::Prefix;

use crate::net::{Family, Interface};

/// An interface in one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Where the machine sends from: an address of ours, the port, for IPv6 the scope.
    pub(super) local: SocketAddr,
    /// What is on the link, and need not pass a router.
    networks: Vec<Prefix>,
}

impl Link {
    /// The links that have one of these `hosts`.
    pub(crate) fn all(listed: &[Interface], hosts: &[IpAddr]) -> Vec<Self> {
        let mut links: Vec<(&str, Family, Self)> = Vec::new();
        for one in listed.iter().filter(|one| hosts.contains(&one.address)) {
            let family = Family::of(one.address);
            if links.iter().any(|(name, f, _)| *name == &*one.name && *f == family) {
                continue;
            }
            let local = match (one.address, one.index) {
                (IpAddr::V4(v4), _) => SocketAddr::from((v4, PORT)),
                (IpAddr::V6(v6), Some(scope)) => SocketAddrV6::new(v6, PORT, 0, scope).into(),
                // A group of IPv6 can be joined by the number of the interface only.
                (IpAddr::V6(_), None) => continue,
            };
            let here = |o: &&Interface| o.name == one.name && Family::of(o.address) == family;
            let networks = listed.iter().filter(here).filter_map(network).collect();
            links.push((&one.name, family, Self { local, networks }));
        }
        links.into_iter().map(|(_, _, link)| link).collect()
    }

    /// Whether somebody is on the link, RFC 6762 §11.
    pub(super) fn reaches(&self, remote: SocketAddr) -> bool {
        let link_local = match remote {
            SocketAddr::V4(_) => false,
            SocketAddr::V6(v6) => v6.ip().is_unicast_link_local(),
        };
        link_local || self.networks.iter().any(|network| network.contains(remote.ip()))
    }

    /// A socket on the port that all share, a member of the group here and nowhere else.
    pub(super) fn open(&self) -> io::Result<UdpSocket> {
        let socket = socket(self.local)?;
        socket.set_reuse_address(true)?;
        #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
        socket.set_reuse_port(true)?;
        let any = match (self.local, group(self.local)) {
            (SocketAddr::V4(local), SocketAddr::V4(group)) => {
                #[cfg(target_os = "linux")]
                socket.set_multicast_all_v4(false)?;
                socket.join_multicast_v4(group.ip(), local.ip())?;
                socket.set_multicast_if_v4(local.ip())?;
                // RFC 6762 §11: as all do, and some look for.
                socket.set_multicast_ttl_v4(255)?;
                socket.set_ttl_v4(255)?;
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT))
            }
            (SocketAddr::V6(local), SocketAddr::V6(group)) => {
                #[cfg(target_os = "linux")]
                socket.set_multicast_all_v6(false)?;
                socket.join_multicast_v6(group.ip(), local.scope_id())?;
                socket.set_multicast_if_v6(local.scope_id())?;
                socket.set_multicast_hops_v6(255)?;
                socket.set_unicast_hops_v6(255)?;
                SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT))
            }
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        socket.bind(&any.into())?;
        socket.set_nonblocking(true)?;
        UdpSocket::from_std(socket.into())
    }

    /// Whether no other program of this host listens on the port: what is sent to us alone would
    /// go to one of them (RFC 6762 §15.1).
    pub(super) fn is_alone(&self) -> bool {
        let any: IpAddr = match self.local {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let bound = socket(self.local).and_then(|s| s.bind(&SocketAddr::new(any, PORT).into()));
        bound.is_ok()
    }
}

fn socket(local: SocketAddr) -> io::Result<socket2::Socket> {
    let domain = Domain::for_address(local);
    let socket = socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if local.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

/// The network of an address.
fn network(one: &Interface) -> Option<Prefix> {
    format!("{}/{}", one.address, one.prefix).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, index: u32, address: &str, prefix: u8) -> Interface {
        let address = address.parse().unwrap();
        Interface { name: name.into(), index: Some(index), address, prefix, down: false }
    }

    #[test]
    fn a_link_is_an_interface_in_one_family() {
        let listed = [
            interface("lo", 1, "127.0.0.1", 8),
            interface("eth0", 2, "192.0.2.7", 24),
            interface("eth0", 2, "198.51.100.9", 28),
            interface("eth0", 2, "fe80::7", 64),
            interface("eth0", 2, "2001:db8::7", 64),
            interface("eth1", 3, "203.0.113.1", 24),
        ];
        let hosts = ["192.0.2.7", "198.51.100.9", "2001:db8::7"].map(|ip| ip.parse().unwrap());
        let links = Link::all(&listed, &hosts);
        let locals: Vec<SocketAddr> = links.iter().map(|link| link.local).collect();
        let expected = ["192.0.2.7:5353", "[2001:db8::7%2]:5353"].map(|a| a.parse().unwrap());
        assert_eq!(locals, expected);
        let table = [
            (0, "192.0.2.200:5353", true),
            (0, "198.51.100.14:40000", true),
            (0, "198.51.100.16:5353", false),
            (0, "203.0.113.5:5353", false),
            (1, "[2001:db8::1]:5353", true),
            (1, "[fe80::1%2]:5353", true),
            (1, "[2001:db8:1::1]:5353", false),
        ];
        for (link, remote, expected) in table {
            assert_eq!(links[link].reaches(remote.parse().unwrap()), expected, "{remote}");
        }
    }
}
