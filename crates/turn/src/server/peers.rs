//! Which peers may be reached, RFC 8656 §21.1.5: a relay stands inside a network and must not become
//! a door to it.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

/// Why text is not a prefix such as `10.0.0.0/8` or `2001:db8::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// Not an address before the slash.
    #[error("no IP address before the slash")]
    Address,
    /// Not a number of bits after it.
    #[error("no number of bits, at most {0}, after the slash")]
    Length(u8),
}

impl Prefix {
    const fn v4(octets: [u8; 4], length: u8) -> Self {
        let [a, b, c, d] = octets;
        Self { address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), length }
    }

    const fn v6(segments: [u16; 2], length: u8) -> Self {
        let [a, b] = segments;
        Self { address: IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), length }
    }

    /// Whether the address begins with these bits.
    pub const fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(prefix), IpAddr::V4(ip)) => {
                let different = (prefix.to_bits() ^ ip.to_bits()).leading_zeros();
                different >= self.length as u32
            }
            (IpAddr::V6(prefix), IpAddr::V6(ip)) => {
                let different = (prefix.to_bits() ^ ip.to_bits()).leading_zeros();
                different >= self.length as u32
            }
            _ => false,
        }
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().map_err(|_| PrefixError::Address)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => bits,
            Some(length) => length.parse().map_err(|_| PrefixError::Length(bits))?,
        };
        if length > bits { Err(PrefixError::Length(bits)) } else { Ok(Self { address, length }) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// The special-purpose addresses of RFC 6890 that lead inside, or to many.
const INSIDE: [Prefix; 20] = [
    Prefix::v4([0, 0, 0, 0], 8),
    Prefix::v4([10, 0, 0, 0], 8),
    Prefix::v4([100, 64, 0, 0], 10),
    Prefix::v4([127, 0, 0, 0], 8),
    Prefix::v4([169, 254, 0, 0], 16),
    Prefix::v4([172, 16, 0, 0], 12),
    Prefix::v4([192, 0, 0, 0], 24),
    Prefix::v4([192, 88, 99, 0], 24),
    Prefix::v4([192, 168, 0, 0], 16),
    Prefix::v4([198, 18, 0, 0], 15),
    // Multicast, and all that is reserved behind it, the broadcast address included.
    Prefix::v4([224, 0, 0, 0], 3),
    // Unspecified, loopback, IPv4-compatible: `::/96`.
    Prefix::v6([0, 0], 96),
    // NAT64 with prefixes of a network's own (RFC 8215); nobody can tell which bits are IPv4.
    Prefix { address: IpAddr::V6(Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0)), length: 48 },
    // Discard-only.
    Prefix::v6([0x100, 0], 64),
    // Teredo: its IPv4 addresses are masked, and nobody offers it any more.
    Prefix::v6([0x2001, 0], 32),
    // Unique local.
    Prefix::v6([0xfc00, 0], 7),
    Prefix::v6([0xfe80, 0], 10),
    // Site-local, deprecated.
    Prefix::v6([0xfec0, 0], 10),
    Prefix::v6([0xff00, 0], 8),
    Prefix { address: IpAddr::V6(Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0)), length: 16 },
];

/// The well-known prefix of NAT64, RFC 6052 §2.1.
const NAT64: Prefix = Prefix::v6([0x64, 0xff9b], 96);
/// 6to4, RFC 3056 §2.
const SIX_TO_FOUR: Prefix = Prefix::v6([0x2002, 0], 16);

/// Which peers may be reached. By default public addresses only; those that carry an IPv4 address
/// in them (mapped, NAT64, 6to4) are as good as that one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerPolicy {
    /// May be reached whatever else is said. Default: none.
    pub allowed: Vec<Prefix>,
    /// May not be reached, in addition to what leads inside. Default: none.
    pub denied: Vec<Prefix>,
}

impl PeerPolicy {
    /// Whether the operator has allowed this one in so many words.
    pub(super) fn is_allowed(&self, ip: IpAddr) -> bool {
        let inner = embedded(ip);
        self.allowed.iter().any(|prefix| prefix.contains(ip) || prefix.contains(inner))
    }

    /// Whether a peer with this address may be reached.
    pub fn allows(&self, ip: IpAddr) -> bool {
        let inner = embedded(ip);
        let among = |prefixes: &[Prefix], ip| prefixes.iter().any(|prefix| prefix.contains(ip));
        if self.is_allowed(ip) {
            return true;
        }
        if among(&self.denied, ip) || among(&self.denied, inner) {
            return false;
        }
        // What carries an IPv4 address is judged by that.
        !among(&INSIDE, inner)
    }
}

/// The IPv4 address that an IPv6 one carries, or the address itself.
pub(super) fn embedded(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let bits = v6.to_bits();
    if let Some(mapped) = v6.to_ipv4_mapped() {
        mapped.into()
    } else if NAT64.contains(ip) {
        let [.., a, b, c, d] = bits.to_be_bytes();
        Ipv4Addr::new(a, b, c, d).into()
    } else if SIX_TO_FOUR.contains(ip) {
        let [_, _, a, b, c, d, ..] = bits.to_be_bytes();
        Ipv4Addr::new(a, b, c, d).into()
    } else {
        ip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &PeerPolicy, ip: &str) -> bool {
        policy.allows(ip.parse().unwrap())
    }

    #[test]
    fn what_leads_inside_is_denied_in_every_disguise() {
        let policy = PeerPolicy::default();
        let denied = [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001:0:1::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
        ];
        for ip in denied {
            assert!(!allows(&policy, ip), "{ip}");
        }
        let public = [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "1.1.1.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2001:db8::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ];
        for ip in public {
            assert!(allows(&policy, ip), "{ip}");
        }
    }

    #[test]
    fn the_operator_has_the_last_word() {
        let policy = PeerPolicy {
            allowed: vec!["10.1.0.0/16".parse().unwrap()],
            denied: vec!["8.8.8.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        };
        assert!(allows(&policy, "10.1.2.3") && allows(&policy, "::ffff:10.1.2.3"));
        assert!(!allows(&policy, "10.2.0.1"));
        assert!(!allows(&policy, "8.8.8.8") && !allows(&policy, "::ffff:8.8.8.8"));
        assert!(!allows(&policy, "64:ff9b::8.8.8.8") && allows(&policy, "8.8.4.4"));
        assert!(!allows(&policy, "2001:db8::1"));
    }

    #[test]
    fn prefixes_are_read_as_they_are_written() {
        for text in ["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::1/128"] {
            assert_eq!(text.parse::<Prefix>().unwrap().to_string(), text);
        }
        assert_eq!("192.0.2.1".parse::<Prefix>().unwrap().to_string(), "192.0.2.1/32");
        assert_eq!("10.0.0/8".parse::<Prefix>(), Err(PrefixError::Address));
        assert_eq!("10.0.0.0/33".parse::<Prefix>(), Err(PrefixError::Length(32)));
        assert_eq!("::/x".parse::<Prefix>(), Err(PrefixError::Length(128)));
    }
}
