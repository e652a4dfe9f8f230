//! What a client is told at its beginning.

use core::time::Duration;

use stun::Schedule;

use super::Relaying;
use crate::AddressFamily;

/// Which relayed addresses are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Families {
    /// One of IPv4: what every server has.
    #[default]
    Ipv4,
    /// One of IPv6.
    Ipv6,
    /// One of each (RFC 8656 §7.1). A server that has only one gives that one.
    Both,
}

impl Families {
    pub(crate) const fn requested(self) -> Option<AddressFamily> {
        match self {
            Self::Ipv6 => Some(AddressFamily::Ipv6),
            // Without the attribute it is IPv4, to older servers too.
            Self::Ipv4 | Self::Both => None,
        }
    }
}

/// How a client behaves, and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// What is relayed. Default: datagrams.
    pub relaying: Relaying,
    /// Which relayed addresses are asked for. Default: IPv4.
    pub families: Families,
    /// The lifetime to ask for. Default: none, the server's own, 600 s by RFC 8656 §3.2.
    pub lifetime: Option<Duration>,
    /// When requests over UDP are sent again. Default: that of RFC 8489 §6.2.1. Over TCP and TLS a
    /// request is sent once.
    pub schedule: Schedule,
    /// Whether to ask the server if it can set DF on what it sends to peers, for
    /// [`Client::whole_way`](super::Client::whole_way). A server that cannot is asked again without:
    /// one round trip more. Default: no.
    pub dont_fragment: bool,
    /// Whether to ask for a ticket that lets the allocation move to another 5-tuple (RFC 8016).
    /// Default: yes, an attribute that servers without it ignore.
    pub mobility: bool,
    /// How many times a server may send us to another one. Default 3; a server that was visited
    /// already ends it at once.
    pub max_redirects: usize,
    /// How many peers' addresses may have permission. Default 100: ICE has that many pairs.
    pub max_permissions: usize,
    /// How many peers may have a channel, those included whose numbers rest (RFC 8656 §12). Default
    /// 64, at most the 4096 that there are.
    pub max_channels: usize,
    /// How many connections with peers there may be, those included that are being made (RFC 6062).
    /// Default 16.
    pub max_connections: usize,
    /// How many events wait to be polled before further ones about ICMP are dropped. Default 64.
    pub max_events: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            relaying: Relaying::Datagrams,
            families: Families::Ipv4,
            lifetime: None,
            schedule: Schedule::default(),
            dont_fragment: false,
            mobility: true,
            max_redirects: 3,
            max_permissions: 100,
            max_channels: 64,
            max_connections: 16,
            max_events: 64,
        }
    }
}
