//! Translators from IPv6 to IPv4 (NAT64): how the prefix of one is found out, RFC 7050, and where it
//! has an IPv4 address, RFC 6052 §2.2.
//!
//! ```text
//!   prefix, 32 to 96 bits │ IPv4, around bits 64 to 71, which are 0 │ 0
//! ```

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::lookup_host, time::timeout};

/// The name that has IPv4 addresses only, so that IPv6 ones of it are made up, and what it has.
const NAME: &str = "ipv4only.arpa";
const KNOWN: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];

/// Bytes that a prefix may have, the usual one first.
const LENGTHS: [usize; 6] = [12, 8, 7, 6, 5, 4];

/// How long the name may take. Where there is no translator, it is asked for nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a translator's IPv6 addresses begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// 0 behind the prefix.
    octets: [u8; 16],
    bytes: usize,
}

/// That of this network, if it has one.
pub(crate) async fn discover() -> Option<Prefix> {
    let found = timeout(PATIENCE, lookup_host((NAME, 0))).await.ok()?.ok()?;
    let mut ipv6 = found.filter_map(|address| match address.ip() {
        IpAddr::V6(ip) => Some(ip),
        IpAddr::V4(_) => None,
    });
    ipv6.find_map(Prefix::of_known)
}

impl Prefix {
    /// That of an address which stands for one that is known.
    fn of_known(ip: Ipv6Addr) -> Option<Self> {
        LENGTHS.into_iter().find_map(|bytes| {
            let mut octets = ip.octets();
            octets[bytes..].fill(0);
            let prefix = Self { octets, bytes };
            KNOWN.into_iter().any(|known| prefix.embed(known) == ip).then_some(prefix)
        })
    }

    /// The address that stands for `ip`.
    pub(crate) fn embed(&self, ip: Ipv4Addr) -> Ipv6Addr {
        let mut octets = self.octets;
        for (place, octet) in self.places().zip(ip.octets()) {
            octets[place] = octet;
        }
        octets.into()
    }

    /// What `ip` stands for, if it is one of the translator's.
    pub(crate) fn extract(&self, ip: Ipv6Addr) -> Option<Ipv4Addr> {
        let (from, mut octets) = (ip.octets(), [0; 4]);
        for (octet, place) in octets.iter_mut().zip(self.places()) {
            *octet = from[place];
        }
        from.starts_with(&self.octets[..self.bytes]).then_some(octets.into())
    }

    /// As it goes out: to the translator, if it is IPv4.
    pub(crate) fn outward(&self, address: SocketAddr) -> SocketAddr {
        match address {
            SocketAddr::V4(v4) => (self.embed(*v4.ip()), v4.port()).into(),
            SocketAddr::V6(_) => address,
        }
    }

    /// As it is on the other side of the translator.
    pub(crate) fn inward(&self, address: SocketAddr) -> SocketAddr {
        match address {
            SocketAddr::V6(v6) => {
                self.extract(*v6.ip()).map_or(address, |ip| (ip, v6.port()).into())
            }
            SocketAddr::V4(_) => address,
        }
    }

    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        (self.bytes..16).filter(|place| *place != 8).take(4)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv6Addr::from(self.octets), self.bytes * 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6052 §2.4, tables 2 and 3: 192.0.2.33.
    const TABLE: [(&str, usize, &str); 7] = [
        ("2001:db8::", 32, "2001:db8:c000:221::"),
        ("2001:db8:100::", 40, "2001:db8:1c0:2:21::"),
        ("2001:db8:122::", 48, "2001:db8:122:c000:2:2100::"),
        ("2001:db8:122:300::", 56, "2001:db8:122:3c0:0:221::"),
        ("2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2100::"),
        ("2001:db8:122:344::", 96, "2001:db8:122:344::192.0.2.33"),
        ("64:ff9b::", 96, "64:ff9b::192.0.2.33"),
    ];

    fn prefix(ip: &str, bits: usize) -> Prefix {
        Prefix { octets: ip.parse::<Ipv6Addr>().unwrap().octets(), bytes: bits / 8 }
    }

    #[test]
    fn addresses_are_where_rfc_6052_has_them() {
        let ipv4 = Ipv4Addr::new(192, 0, 2, 33);
        for (ip, bits, expected) in TABLE {
            let prefix = prefix(ip, bits);
            let expected: Ipv6Addr = expected.parse().unwrap();
            assert_eq!((prefix.embed(ipv4), prefix.extract(expected)), (expected, Some(ipv4)));
            assert_eq!(prefix.extract("2001:db9::1".parse().unwrap()), None);
            let (near, far) = ((expected, 7).into(), (ipv4, 7).into());
            assert_eq!((prefix.outward(far), prefix.inward(near)), (near, far));
            assert_eq!(prefix.outward(near), near);
        }
    }

    #[test]
    fn a_prefix_is_told_by_the_address_that_everybody_knows() {
        for (ip, bits, _) in TABLE {
            let prefix = prefix(ip, bits);
            for known in KNOWN {
                assert_eq!(Prefix::of_known(prefix.embed(known)), Some(prefix));
            }
            assert_eq!(Prefix::of_known(prefix.embed(Ipv4Addr::new(192, 0, 0, 172))), None);
            assert_eq!(prefix.to_string(), format!("{ip}/{bits}"));
        }
    }
}
