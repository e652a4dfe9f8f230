//! Candidates: addresses at which an agent can perhaps be reached, RFC 8445 §5.1.

use core::net::{IpAddr, SocketAddr};

use sansio::Transport;

/// The only component of a data stream: RTP and RTCP share it (RFC 8834 §4.5).
pub const COMPONENT: u16 = 1;

/// An address at which one side can perhaps be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Equal for candidates of equal kind, base address, transport and server, RFC 8445 §5.1.1.3.
    pub foundation: Box<str>,
    /// The component of the data stream, [`COMPONENT`] for those that are used.
    pub component: u16,
    /// What carries its datagrams.
    pub transport: Transport,
    /// Over TCP: who connects, RFC 6544 §4.5.
    pub tcp_type: Option<TcpType>,
    /// The higher the better, RFC 8445 §5.1.2.
    pub priority: u32,
    /// Where it is.
    pub address: Address,
    /// How it became known.
    pub kind: CandidateKind,
    /// The base of a reflexive candidate, the mapped address of a relayed one, RFC 8839 §5.1.
    pub related: Option<SocketAddr>,
    /// The user name fragment of the generation it belongs to, where the signalling says it
    /// (RFC 8839 §5.1). `None`: the present one.
    pub ufrag: Option<Box<str>>,
}

impl Candidate {
    /// Its address, unless it is a name still.
    pub const fn socket_addr(&self) -> Option<SocketAddr> {
        match self.address {
            Address::Ip(address) => Some(address),
            Address::Name { .. } => None,
        }
    }
}

/// Where a candidate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An IP address and port.
    Ip(SocketAddr),
    /// A name in place of the IP address: of multicast DNS (`….local`), with which browsers hide
    /// private addresses, or a fully qualified one.
    Name {
        /// The name.
        name: Box<str>,
        /// The port.
        port: u16,
    },
}

/// Who connects, RFC 6544 §4.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TcpType {
    /// It connects, from any port: 9 is signalled.
    Active,
    /// It listens.
    Passive,
    /// Both at once.
    SimultaneousOpen,
}

impl TcpType {
    /// The one that the other side must be of to be paired with, RFC 6544 §6.2.
    #[must_use]
    pub const fn counterpart(self) -> Self {
        match self {
            Self::Active => Self::Passive,
            Self::Passive => Self::Active,
            Self::SimultaneousOpen => Self::SimultaneousOpen,
        }
    }

    /// Directions in the order of RFC 6544 §4.2.
    const fn preference(self) -> u16 {
        match self {
            Self::Active => 6,
            Self::Passive => 4,
            Self::SimultaneousOpen => 2,
        }
    }
}

/// How a candidate became known, RFC 8445 §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CandidateKind {
    /// The address of an interface.
    Host,
    /// Seen by a STUN server.
    ServerReflexive,
    /// Seen by the other side.
    PeerReflexive,
    /// The address of a relay.
    Relayed,
}

impl CandidateKind {
    /// The type preference that RFC 8445 §5.1.2.2 recommends. Over TCP it is less than that of
    /// any direct candidate over UDP, and more than a relay's (RFC 6544 §4.2).
    pub const fn preference(self, transport: Transport) -> u8 {
        match (self, transport) {
            (Self::Host, Transport::Udp) => 126,
            (Self::PeerReflexive, Transport::Udp) => 110,
            (Self::ServerReflexive, Transport::Udp) => 100,
            (Self::Host, _) => 90,
            (Self::PeerReflexive, _) => 80,
            (Self::ServerReflexive, _) => 70,
            (Self::Relayed, _) => 0,
        }
    }

    /// Whether it is a base of its own, RFC 8445 §4: reflexive ones send from another's.
    pub(crate) const fn is_base(self) -> bool {
        matches!(self, Self::Host | Self::Relayed)
    }

    /// The word in a candidate line, RFC 8839 §5.1.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::ServerReflexive => "srflx",
            Self::PeerReflexive => "prflx",
            Self::Relayed => "relay",
        }
    }
}

/// The priority of a candidate of component 1, RFC 8445 §5.1.2.1:
/// `2^24 × type preference + 2^8 × local preference + (256 - component)`.
pub const fn priority(kind: CandidateKind, transport: Transport, local_preference: u16) -> u32 {
    // `From` is not const yet.
    u32::from_be_bytes([
        kind.preference(transport),
        local_preference.to_be_bytes()[0],
        local_preference.to_be_bytes()[1],
        (256 - COMPONENT).to_be_bytes()[1],
    ])
}

/// The priority that the same address would have as another kind.
pub(crate) const fn priority_as(kind: CandidateKind, transport: Transport, priority: u32) -> u32 {
    let [_, l0, l1, component] = priority.to_be_bytes();
    u32::from_be_bytes([kind.preference(transport), l0, l1, component])
}

/// The local preference of the host address that is number `nth` of its family, the first being 0.
///
/// The families take turns, IPv6 first (RFC 8421 §4): a broken family delays the checks of the
/// other by one turn at most.
pub(crate) fn local_preference(ip: IpAddr, nth: usize) -> u16 {
    let turn = nth.saturating_mul(2).saturating_add(usize::from(ip.is_ipv4()));
    u16::MAX.saturating_sub(u16::try_from(turn).unwrap_or(u16::MAX))
}

/// The local preference of a TCP candidate: the direction in the upper three bits, RFC 6544 §4.2.
pub(crate) fn tcp_preference(tcp_type: TcpType, local_preference: u16) -> u16 {
    (tcp_type.preference() << 13) | (local_preference >> 3)
}

/// The local preference of a relayed candidate of relay number `nth`: by what its server is
/// reached, then by family, then in turn.
pub(crate) fn relayed_preference(transport: Transport, ip: IpAddr, nth: usize) -> u16 {
    let rank: u16 = match transport {
        Transport::Udp => 3,
        Transport::Dtls => 2,
        Transport::Tcp => 1,
        Transport::Tls => 0,
    };
    (rank << 14) | (local_preference(ip, nth) >> 2)
}

/// Whether datagrams could be exchanged with this address at all.
pub(crate) fn is_usable(address: SocketAddr) -> bool {
    let ip = address.ip();
    let special = match ip {
        IpAddr::V4(v4) => v4.is_broadcast(),
        // RFC 8445 §5.1.1.1: an IPv4 address in IPv6 clothes is no candidate.
        IpAddr::V6(v6) => v6.to_ipv4_mapped().is_some(),
    };
    address.port() != 0 && !special && !ip.is_unspecified() && !ip.is_multicast()
}

/// Whether a datagram from one address could reach the other, RFC 8445 §6.1.2.2: of one family,
/// and IPv6 link-local addresses reach their like only.
pub(crate) fn can_pair(local: SocketAddr, remote: SocketAddr) -> bool {
    match (local.ip(), remote.ip()) {
        (IpAddr::V4(_), IpAddr::V4(_)) => true,
        (IpAddr::V6(l), IpAddr::V6(r)) => l.is_unicast_link_local() == r.is_unicast_link_local(),
        _ => false,
    }
}

/// The remote address as the socket at `local` knows it: a link-local one belongs to the same
/// link, which signalling cannot say.
pub(crate) fn scoped(local: SocketAddr, remote: SocketAddr) -> SocketAddr {
    match (local, remote) {
        (SocketAddr::V6(l), SocketAddr::V6(mut r)) if r.ip().is_unicast_link_local() => {
            r.set_scope_id(l.scope_id());
            SocketAddr::V6(r)
        }
        _ => remote,
    }
}

/// Whether two addresses are one in the eyes of signalling, which knows no scope.
pub(crate) fn is_same(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && a.ip() == b.ip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_those_of_the_rfc() {
        // RFC 8445 §5.1.2.1 and the well-known values of its examples and of browsers.
        let table = [
            (CandidateKind::Host, 65_535, 2_130_706_431),
            (CandidateKind::PeerReflexive, 65_535, 1_862_270_975),
            (CandidateKind::ServerReflexive, 65_535, 1_694_498_815),
            (CandidateKind::Relayed, 65_535, 16_777_215),
            (CandidateKind::Host, 0, 2_113_929_471),
        ];
        for (kind, preference, expected) in table {
            let relayed = priority(CandidateKind::Relayed, Transport::Udp, preference);
            assert_eq!(priority(kind, Transport::Udp, preference), expected);
            assert_eq!(priority_as(kind, Transport::Udp, relayed), expected);
        }
    }

    #[test]
    fn what_costs_more_is_preferred_less() {
        let (v4, v6) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]));
        let relayed = |transport, ip, nth| {
            priority(CandidateKind::Relayed, Transport::Udp, relayed_preference(transport, ip, nth))
        };
        let tcp = |tcp_type, nth| {
            let preference = tcp_preference(tcp_type, local_preference(v4, nth));
            priority(CandidateKind::Host, Transport::Tcp, preference)
        };
        let falling = [
            priority(CandidateKind::ServerReflexive, Transport::Udp, 0),
            tcp(TcpType::Active, 0),
            tcp(TcpType::Active, 40),
            tcp(TcpType::Passive, 0),
            tcp(TcpType::SimultaneousOpen, 0),
            relayed(Transport::Udp, v6, 0),
            relayed(Transport::Udp, v4, 9),
            relayed(Transport::Dtls, v4, 0),
            relayed(Transport::Tcp, v4, 0),
            relayed(Transport::Tls, v6, 0),
        ];
        assert!(falling.is_sorted_by(|a, b| a > b), "{falling:?}");
    }

    #[test]
    fn the_families_take_turns() {
        let (v4, v6) =
            (IpAddr::from([192, 0, 2, 1]), IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]));
        let turns = [(v6, 0), (v4, 0), (v6, 1), (v4, 1), (v6, 2), (v4, 2)];
        let preferences: Vec<_> = turns.map(|(ip, nth)| local_preference(ip, nth)).into();
        assert_eq!(preferences, [65_535, 65_534, 65_533, 65_532, 65_531, 65_530]);
        assert_eq!(local_preference(v4, usize::MAX), 0);
    }

    #[test]
    fn addresses_that_lead_nowhere_are_told_apart() {
        for bad in [
            "0.0.0.0:1",
            "192.0.2.1:0",
            "224.0.0.1:9",
            "255.255.255.255:9",
            "[::]:1",
            "[ff02::1]:1",
            "[::ffff:192.0.2.1]:1",
        ] {
            assert!(!is_usable(bad.parse().unwrap()), "{bad}");
        }
        for good in ["127.0.0.1:1", "192.0.2.1:9", "[::1]:1", "[fe80::1]:1", "[2001:db8::1]:1"] {
            assert!(is_usable(good.parse().unwrap()), "{good}");
        }
    }

    #[test]
    fn link_local_addresses_pair_with_their_like() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(can_pair(address("192.0.2.1:1"), address("198.51.100.1:1")));
        assert!(!can_pair(address("192.0.2.1:1"), address("[2001:db8::1]:1")));
        assert!(!can_pair(address("[fe80::1%3]:1"), address("[2001:db8::1]:1")));
        assert!(can_pair(address("[fe80::1%3]:1"), address("[fe80::2]:1")));
        assert_eq!(
            scoped(address("[fe80::1%3]:1"), address("[fe80::2]:1")),
            address("[fe80::2%3]:1")
        );
        assert_eq!(
            scoped(address("[2001:db8::1]:1"), address("[2001:db8::2]:1")),
            address("[2001:db8::2]:1")
        );
    }
}
