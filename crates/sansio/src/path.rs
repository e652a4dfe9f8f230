//! Where a datagram travels.

use core::fmt;
use core::net::SocketAddr;

/// The 5-tuple of a datagram on the wire, seen from this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    /// The address and port of our socket.
    pub local: SocketAddr,
    /// The address and port at the other end: a peer's, or a relay's.
    pub remote: SocketAddr,
    /// What carries it.
    pub transport: Transport,
}

impl Path {
    /// A path over UDP.
    pub const fn udp(local: SocketAddr, remote: SocketAddr) -> Self {
        Self { local, remote, transport: Transport::Udp }
    }

    /// The same path seen from the other end.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { local: self.remote, remote: self.local, transport: self.transport }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.transport, self.local, self.remote)
    }
}

/// What carries datagrams between two sockets. Streams are framed by the shell (RFC 4571, or
/// TURN's own framing), so that machines see datagrams only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// DTLS over UDP. The shell opens and seals records, so that machines see what is in them.
    Dtls,
}

impl Transport {
    /// Whether it is a stream: nothing is lost or overtaken, and datagrams have to be found in it.
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Tcp | Self::Tls)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Dtls => "dtls",
        })
    }
}

/// Explicit congestion notification, the two bits of RFC 3168 §5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ecn {
    /// 00: not ECN-capable.
    #[default]
    NotEct,
    /// 01: ECN-capable, used by L4S (RFC 9331).
    Ect1,
    /// 10: ECN-capable.
    Ect0,
    /// 11: congestion experienced.
    Ce,
}
