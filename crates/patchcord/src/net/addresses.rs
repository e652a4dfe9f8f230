//! What is announced, what peers see, and what the kernel is told: the one place where they meet.
//!
//! ```text
//!   the kernel's       10.0.0.5:40000  on the announced socket    10.0.0.5:40012  on another lane
//!                            │                                          │
//!   a peer's local     10.0.0.5:40000, or behind a 1:1 NAT 203.0.113.5:40000, its public address
//! ```
//!
//! A peer sees one local address for each address that was announced, whichever socket its
//! datagrams take.

use core::net::{IpAddr, SocketAddr};

use super::interfaces::{AddressFilter, Interface};

/// IPv4 or IPv6: each has a socket of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    pub(crate) const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

/// The addresses of an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    filter: AddressFilter,
    v4: Option<Side>,
    v6: Option<Side>,
}

/// Those of one family.
#[derive(Clone, Debug)]
struct Side {
    port: u16,
    /// Bound to all addresses of the host: the kernel must be told which one to send from.
    wildcard: bool,
    hosts: Vec<IpAddr>,
    /// The n-th stands for the n-th host address, the last one for all that remain.
    public: Vec<IpAddr>,
}

impl Addresses {
    /// For announced sockets that are bound to `bound`, behind 1:1 NATs if `public` says so. Those
    /// that are bound to all addresses have none yet.
    pub(crate) fn new(
        bound: impl Iterator<Item = SocketAddr>,
        filter: AddressFilter,
        public: &[IpAddr],
    ) -> Self {
        let mut addresses = Self { filter, v4: None, v6: None };
        for socket in bound {
            let family = Family::of(socket.ip());
            let wildcard = socket.ip().is_unspecified();
            let hosts = if wildcard { Vec::new() } else { vec![socket.ip()] };
            let public = public.iter().copied().filter(|ip| Family::of(*ip) == family).collect();
            let side = Side { port: socket.port(), wildcard, hosts, public };
            match family {
                Family::V4 => addresses.v4 = Some(side),
                Family::V6 => addresses.v6 = Some(side),
            }
        }
        addresses
    }

    /// Sockets that are bound to all addresses have those of `listed` that pass the filter.
    pub(crate) fn update(&mut self, listed: &[Interface]) {
        let all = self.filter.choose(listed);
        let sides = [(Family::V4, &mut self.v4), (Family::V6, &mut self.v6)];
        for (family, side) in sides {
            if let Some(side) = side.as_mut().filter(|side| side.wildcard) {
                side.hosts = all.iter().copied().filter(|ip| Family::of(*ip) == family).collect();
            }
        }
    }

    /// What becomes host candidates.
    pub(crate) fn announced(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.v4.iter().chain(&self.v6).flat_map(|side| {
            let listed = if side.public.is_empty() { &side.hosts } else { &side.public };
            listed.iter().map(|&ip| SocketAddr::new(ip, side.port))
        })
    }

    /// The local address that a peer sees for a datagram of this family that came to `destination`,
    /// which not every system tells.
    pub(crate) fn seen(&self, family: Family, destination: Option<IpAddr>) -> Option<SocketAddr> {
        let side = self.side(family)?;
        let ip = destination.filter(|ip| Family::of(*ip) == family);
        let ip = ip.or_else(|| side.hosts.first().copied())?;
        let place = side.hosts.iter().position(|host| *host == ip).unwrap_or(usize::MAX);
        let public = if side.public.contains(&ip) {
            None
        } else {
            side.public.get(place).or(side.public.last())
        };
        Some(SocketAddr::new(public.copied().unwrap_or(ip), side.port))
    }

    /// The address that the kernel shall send from, for a peer's local address. `None`: it knows.
    pub(crate) fn source(&self, local: SocketAddr) -> Option<IpAddr> {
        let side = self.side(Family::of(local.ip())).filter(|side| side.wildcard)?;
        match side.public.iter().position(|public| *public == local.ip()) {
            // One public address in front of all: routing decides.
            Some(_) if side.public.len() == 1 => None,
            Some(place) => side.hosts.get(place).copied(),
            None => Some(local.ip()),
        }
    }

    /// Those of the host itself, whatever stands in front of it.
    pub(crate) fn hosts(&self) -> Vec<IpAddr> {
        self.v4.iter().chain(&self.v6).flat_map(|side| &side.hosts).copied().collect()
    }

    /// The host's own address behind one that peers know. `None`: only routing knows it.
    pub(crate) fn host(&self, ip: IpAddr) -> Option<IpAddr> {
        let side = self.side(Family::of(ip))?;
        match side.public.iter().position(|public| *public == ip) {
            Some(place) if side.public.len() > 1 || side.hosts.len() == 1 => {
                side.hosts.get(place).copied()
            }
            Some(_) => None,
            None => Some(ip).filter(|ip| !ip.is_unspecified()),
        }
    }

    /// Whether they are the host's, whatever they are, and so may change.
    pub(crate) fn follow_host(&self) -> bool {
        self.v4.iter().chain(&self.v6).any(|side| side.wildcard)
    }

    fn side(&self, family: Family) -> Option<&Side> {
        match family {
            Family::V4 => self.v4.as_ref(),
            Family::V6 => self.v6.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn wildcard(hosts: &[&str], public: &[&str]) -> Addresses {
        let side = Side {
            port: 4000,
            wildcard: true,
            hosts: hosts.iter().map(|h| ip(h)).collect(),
            public: public.iter().map(|p| ip(p)).collect(),
        };
        Addresses { filter: AddressFilter::default(), v4: Some(side), v6: None }
    }

    #[test]
    fn a_concrete_address_is_all_there_is() {
        let bound = [at("127.0.0.1:5000"), at("[::1]:5000")];
        let addresses = Addresses::new(bound.into_iter(), AddressFilter::default(), &[]);
        assert_eq!(addresses.announced().collect::<Vec<_>>(), bound);
        assert_eq!(addresses.seen(Family::V4, None), Some(bound[0]));
        assert_eq!(addresses.seen(Family::V6, Some(ip("::1"))), Some(bound[1]));
        assert_eq!(addresses.source(bound[0]), None);
    }

    #[test]
    fn a_wildcard_answers_from_where_it_was_asked() {
        let addresses = wildcard(&["10.0.0.5", "10.0.1.5"], &[]);
        let announced = [at("10.0.0.5:4000"), at("10.0.1.5:4000")];
        assert_eq!(addresses.announced().collect::<Vec<_>>(), announced);
        assert_eq!(addresses.seen(Family::V4, Some(ip("10.0.1.5"))), Some(announced[1]));
        assert_eq!(addresses.source(announced[1]), Some(ip("10.0.1.5")));
        // An address that was not announced, such as loopback, stays what it is.
        assert_eq!(addresses.seen(Family::V4, Some(ip("127.0.0.1"))), Some(at("127.0.0.1:4000")));
        assert_eq!(addresses.seen(Family::V6, None), None);
    }

    #[test]
    fn what_comes_and_goes_is_announced_and_not() {
        let mut addresses = wildcard(&[], &[]);
        let listed = |texts: &[&str]| {
            let interface = |text: &&str| Interface {
                name: "eth0".into(),
                index: None,
                address: ip(text),
                prefix: 24,
                down: false,
            };
            texts.iter().map(interface).collect::<Vec<_>>()
        };
        for texts in [&["10.0.0.5", "2001:db8::5"][..], &["10.0.1.5", "10.0.0.5"], &["10.0.1.5"]] {
            addresses.update(&listed(texts));
            let v4 = texts.iter().filter(|text| !text.contains(':'));
            let expected: Vec<_> = v4.map(|text| at(&format!("{text}:4000"))).collect();
            assert_eq!(addresses.announced().collect::<Vec<_>>(), expected);
        }
        // A socket with an address of its own keeps it.
        let bound = [at("127.0.0.1:5000")];
        let mut addresses = Addresses::new(bound.into_iter(), AddressFilter::default(), &[]);
        addresses.update(&listed(&["10.0.0.5"]));
        assert_eq!(addresses.announced().collect::<Vec<_>>(), bound);
    }

    #[test]
    fn one_public_address_stands_for_all() {
        let addresses = wildcard(&["10.0.0.5", "172.17.0.1"], &["203.0.113.5"]);
        let public = at("203.0.113.5:4000");
        assert_eq!(addresses.announced().collect::<Vec<_>>(), [public]);
        for real in ["10.0.0.5", "172.17.0.1", "127.0.0.1", "203.0.113.5"] {
            assert_eq!(addresses.seen(Family::V4, Some(ip(real))), Some(public), "{real}");
        }
        assert_eq!(addresses.source(public), None);
    }

    #[test]
    fn several_public_addresses_stand_for_one_each() {
        let addresses = wildcard(&["10.0.0.5", "10.0.1.5"], &["203.0.113.5", "203.0.113.6"]);
        assert_eq!(addresses.seen(Family::V4, Some(ip("10.0.1.5"))), Some(at("203.0.113.6:4000")));
        assert_eq!(addresses.source(at("203.0.113.6:4000")), Some(ip("10.0.1.5")));
        assert_eq!(addresses.source(at("203.0.113.5:4000")), Some(ip("10.0.0.5")));
    }
}
