//! Network address translation, in the terms of RFC 4787.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;

use sansio::{Instant, Rng};
use stun::behavior::Dependence;

use super::address::ip;
use super::contacts::Contacts;
use super::packet::{Header, Protocol};
use super::router::Passage;
use crate::{Dropped, SeededRng};

/// How long a TCP connection is remembered: RFC 5382 §5 says 2 h 4 min at least.
const TCP_LIFETIME: Duration = Duration::from_secs(7440);

/// The well-known prefix of NAT64, RFC 6052 §2.1: 96 bits, then the IPv4 address.
const NAT64: u128 = 0x0064_ff9b << 96;

/// A router that translates the addresses behind it.
///
/// ```text
///   10.0.0.2:5000 ──►  mapping   ──►  203.0.113.1:40000 ──►
///                 ◄──  filtering ◄──                    ◄──
/// ```
#[derive(Debug)]
pub struct Nat {
    /// Its address outside. A change is what a provider's new lease is: old mappings lead nowhere.
    pub outside: IpAddr,
    /// On what of the other end a mapping depends, RFC 4787 §4.1.
    pub mapping: Dependence,
    /// On what of the other end it depends whether something may come in, RFC 4787 §5. TCP comes in
    /// on connections that were made from inside only.
    pub filtering: Dependence,
    /// Whether hosts inside reach each other by their addresses outside, RFC 4787 §6. Default: no,
    /// as in most homes.
    pub hairpins: bool,
    /// Whether a mapping keeps the port if it can, RFC 4787 §4.2.1. Default: no, so that nobody
    /// relies on it.
    pub preserves_ports: bool,
    /// How long a UDP mapping lives after something has gone out by it; what comes in does not keep
    /// it (RFC 4787 §4.3 and §6). Default 120 s, the least that the RFC allows.
    pub timeout: Duration,
    /// IPv6 inside, IPv4 outside (RFC 6146).
    is_nat64: bool,
    mappings: Vec<Mapping>,
    contacts: Contacts,
    rng: SeededRng,
}

#[derive(Debug)]
struct Mapping {
    inside: (Protocol, SocketAddr),
    /// Whom it was made for.
    remote: SocketAddr,
    outside: SocketAddr,
    until: Instant,
}

impl Nat {
    /// A NAT with this address outside.
    #[track_caller]
    pub fn new(outside: &str, mapping: Dependence, filtering: Dependence) -> Self {
        let outside = ip(outside);
        Self {
            outside,
            mapping,
            filtering,
            hairpins: false,
            preserves_ports: false,
            timeout: Duration::from_secs(120),
            is_nat64: false,
            mappings: Vec::new(),
            contacts: Contacts::default(),
            rng: SeededRng::new(0),
        }
    }

    /// For hosts that have IPv6 only: what goes to [`synthesized`](Self::synthesized) addresses
    /// is translated to IPv4 (RFC 6146, whose mapping is endpoint-independent and whose filtering
    /// address-dependent, §3.5.1.1). All other IPv6 passes as it is.
    #[track_caller]
    pub fn nat64(outside: &str) -> Self {
        let (mapping, filtering) = (Dependence::EndpointIndependent, Dependence::AddressDependent);
        Self { is_nat64: true, ..Self::new(outside, mapping, filtering) }
    }

    /// How a host behind NAT64 addresses an IPv4 one: what DNS64 tells it (RFC 6147). IPv6 addresses
    /// are what they are.
    pub fn synthesized(address: SocketAddr) -> SocketAddr {
        let ip = match address.ip() {
            IpAddr::V4(ip) => Ipv6Addr::from_bits(NAT64 | u128::from(ip.to_bits())).into(),
            ip @ IpAddr::V6(_) => ip,
        };
        SocketAddr::new(ip, address.port())
    }

    /// Power off and on: it knows nobody any more. With [`preserves_ports`](Self::preserves_ports)
    /// the same mappings come back.
    pub fn reboot(&mut self) {
        self.mappings.clear();
        self.contacts.forget();
    }

    /// How many UDP and TCP mappings there are at `now`.
    pub fn mappings(&self, now: Instant) -> usize {
        self.mappings.iter().filter(|mapping| mapping.until > now).count()
    }

    pub(super) fn seed(&mut self, seed: u64) {
        self.rng = SeededRng::new(seed);
    }

    pub(super) const fn is_nat64(&self) -> bool {
        self.is_nat64
    }

    pub(super) fn outbound(&mut self, now: Instant, header: Header) -> Passage {
        let remote = match (self.is_nat64, header.destination.ip()) {
            (false, _) => header.destination,
            (true, IpAddr::V6(ip)) => match embedded(ip) {
                Some(ip) => SocketAddr::new(ip.into(), header.destination.port()),
                None => return Passage::Up(header),
            },
            (true, IpAddr::V4(_)) => return Passage::Dropped(Dropped::NoRoute),
        };
        let inside = (header.protocol(), header.source);
        let lifetime = self.lifetime(inside.0);
        let source = self.mapped(now, inside, remote, lifetime);
        self.contacts.note(now, inside, remote, lifetime);
        let translated = Header { source, destination: remote, ..header };
        if remote.ip() != self.outside {
            Passage::Up(translated)
        } else if self.hairpins {
            // RFC 4787 §6, REQ-9a: with the address outside as its source.
            self.inbound(now, translated)
        } else {
            Passage::Dropped(Dropped::NoHairpin)
        }
    }

    pub(super) fn inbound(&self, now: Instant, header: Header) -> Passage {
        if self.is_nat64 && header.destination.is_ipv6() {
            return Passage::Down(header);
        }
        let is_it = |m: &&Mapping| {
            m.outside == header.destination && m.inside.0 == header.protocol() && m.until > now
        };
        let Some(mapping) = self.mappings.iter().find(is_it) else {
            return Passage::Dropped(Dropped::NoMapping);
        };
        let filtering = match header.protocol() {
            Protocol::Udp => self.filtering,
            Protocol::Tcp => Dependence::AddressAndPortDependent,
        };
        if !self.contacts.admit(now, mapping.inside, header.source, filtering) {
            return Passage::Dropped(Dropped::Filtered);
        }
        let source = if self.is_nat64 { Self::synthesized(header.source) } else { header.source };
        Passage::Down(Header { source, destination: mapping.inside.1, ..header })
    }

    fn lifetime(&self, protocol: Protocol) -> Duration {
        match protocol {
            Protocol::Udp => self.timeout,
            Protocol::Tcp => TCP_LIFETIME,
        }
    }

    /// The address outside by which `inside` speaks to `remote`.
    fn mapped(
        &mut self,
        now: Instant,
        inside: (Protocol, SocketAddr),
        remote: SocketAddr,
        lifetime: Duration,
    ) -> SocketAddr {
        let (ip, dependence) = (self.outside, self.mapping);
        self.mappings.retain(|mapping| mapping.until > now && mapping.outside.ip() == ip);
        let until = now + lifetime;
        let is_it = |m: &&mut Mapping| {
            m.inside == inside
                && match dependence {
                    Dependence::EndpointIndependent => true,
                    Dependence::AddressDependent => m.remote.ip() == remote.ip(),
                    Dependence::AddressAndPortDependent => m.remote == remote,
                }
        };
        if let Some(mapping) = self.mappings.iter_mut().find(is_it) {
            mapping.until = until;
            return mapping.outside;
        }
        let outside = SocketAddr::new(ip, self.free_port(inside));
        self.mappings.push(Mapping { inside, remote, outside, until });
        outside
    }

    fn free_port(&mut self, (protocol, inside): (Protocol, SocketAddr)) -> u16 {
        let Self { mappings, rng, .. } = self;
        let is_free =
            |port| !mappings.iter().any(|m| m.inside.0 == protocol && m.outside.port() == port);
        if self.preserves_ports && is_free(inside.port()) {
            return inside.port();
        }
        // RFC 4787 §4.2.1: not from the well-known ports.
        loop {
            let port = 1024 + (rng.next_u32() % (65_536 - 1024)) as u16;
            if is_free(port) {
                return port;
            }
        }
    }
}

/// The IPv4 address in a synthesized one.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = ip.to_bits();
    (bits >> 32 == NAT64 >> 32).then_some(Ipv4Addr::from_bits(bits as u32))
}
