//! What a server is told at its beginning.

use core::net::IpAddr;
use core::ops::RangeInclusive;
use core::time::Duration;

use stun::behavior;

use super::PeerPolicy;

/// An address of this host on which relay sockets are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayAddress {
    /// The address to bind.
    pub local: IpAddr,
    /// The address that clients are told: another one behind a 1:1 NAT.
    pub announced: IpAddr,
}

impl RelayAddress {
    /// An address that is reached as it is.
    pub const fn new(local: IpAddr) -> Self {
        Self { local, announced: local }
    }
}

/// So much in the long run, and so much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Units each second.
    pub per_second: u64,
    /// Units at once.
    pub burst: u64,
}

/// How a server behaves, and its bounds.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realm of its users. Default: `patchcord`.
    pub realm: Box<str>,
    /// Where relay sockets are opened: the first of each family is used. Default: none, and so
    /// every allocation is refused with 440.
    pub relays: Vec<RelayAddress>,
    /// Other addresses of this host, such as those it listens on. A peer at one of them is reached
    /// only where that is a relayed address of this server. Default: none.
    pub own: Vec<IpAddr>,
    /// Addresses in pairs at which the shell has four sockets each, and which tell how a NAT behaves
    /// (RFC 5780), over UDP; as they are bound, clients are told what `relays` announces. Default:
    /// none.
    pub behavior: Vec<behavior::Server>,
    /// Ports of relayed addresses. Default: 49152 to 65535, RFC 8656 §7.2.
    pub ports: RangeInclusive<u16>,
    /// Which peers may be reached. Default: public ones.
    pub peers: PeerPolicy,
    /// The lifetime of an allocation that asks for none, and the least. Default 600 s, RFC 8656
    /// §3.2.
    pub lifetime: Duration,
    /// The longest lifetime. Default 3600 s, RFC 8656 §7.2.
    pub max_lifetime: Duration,
    /// How long a nonce is good. Default 3600 s, RFC 8656 §5.
    pub nonce_lifetime: Duration,
    /// Whether to offer SHA-256 (RFC 8489 §9.2). Default: yes; clients of RFC 5389 read over it.
    pub password_algorithms: bool,
    /// Whether to ask for the hash of the name, which only users with passwords can be found by.
    /// Default: no.
    pub username_anonymity: bool,
    /// Allocations, those included that wait for their socket. Default 10 000, at most 4 KiB each.
    pub max_allocations: usize,
    /// Allocations of one user. Default 64.
    pub max_allocations_per_user: usize,
    /// Addresses with permission in one allocation. Default 128.
    pub max_permissions: usize,
    /// Channels of one allocation. Default 64.
    pub max_channels: usize,
    /// Ports that wait for the second half of their pair. Default 256.
    pub max_reservations: usize,
    /// TCP connections of peers of one allocation (RFC 6062). Default 16.
    pub max_connections: usize,
    /// Bytes of payload that one allocation relays, both directions together; datagrams beyond that
    /// are dropped, and the bytes of connections (RFC 6062) wait. Default: no limit.
    pub bandwidth: Option<RateLimit>,
    /// Answers without authentication (challenges, Binding responses) to one source address, an
    /// IPv6 one counting as its /64. Default 50 each second, 200 at once.
    pub strangers: RateLimit,
    /// The same for all sources together. Default 20 000 each second, 40 000 at once.
    pub all_strangers: RateLimit,
    /// Whether allocations may move (RFC 8016). Default: yes.
    pub mobility: bool,
    /// Whether there are TCP allocations (RFC 6062). Default: yes.
    pub tcp: bool,
    /// Whether the shell sets DF where [`Transmit::dont_fragment`](sansio::Transmit::dont_fragment)
    /// says so, and on nothing else that goes to peers. If not, clients that ask for it are told so,
    /// by 420 (RFC 8656 §7.2). Default: no.
    pub dont_fragment: bool,
    /// Datagrams that wait to be polled after `handle_input`; more are dropped. Default 1024.
    pub max_queued: usize,
    /// The time since 1970 at the epoch of `Instant`: time-limited credentials need it. Default 0.
    pub unix_at_zero: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            realm: "patchcord".into(),
            relays: Vec::new(),
            own: Vec::new(),
            behavior: Vec::new(),
            ports: 49_152..=65_535,
            peers: PeerPolicy::default(),
            lifetime: Duration::from_secs(600),
            max_lifetime: Duration::from_secs(3600),
            nonce_lifetime: Duration::from_secs(3600),
            password_algorithms: true,
            username_anonymity: false,
            max_allocations: 10_000,
            max_allocations_per_user: 64,
            max_permissions: 128,
            max_channels: 64,
            max_reservations: 256,
            max_connections: 16,
            bandwidth: None,
            strangers: RateLimit { per_second: 50, burst: 200 },
            all_strangers: RateLimit { per_second: 20_000, burst: 40_000 },
            mobility: true,
            tcp: true,
            dont_fragment: false,
            max_queued: 1024,
            unix_at_zero: Duration::ZERO,
        }
    }
}
