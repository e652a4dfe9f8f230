//! Where the datagrams of two joined machines come from and go to.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use sansio::Path;

/// Which way a datagram travels in a [`Pair`](crate::Pair).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From `a` to `b`.
    AToB,
    /// From `b` to `a`.
    BToA,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AToB => "a -> b",
            Self::BToA => "a <- b",
        })
    }
}

/// A path that two joined machines can have in common.
pub trait Ends: Copy + fmt::Debug {
    /// How the receiver sees what was sent this way.
    #[must_use]
    fn arriving(self) -> Self;

    /// Source and destination to show in a capture.
    fn addresses(self, direction: Direction) -> (SocketAddr, SocketAddr);
}

impl Ends for Path {
    fn arriving(self) -> Self {
        self.reversed()
    }

    fn addresses(self, _: Direction) -> (SocketAddr, SocketAddr) {
        (self.local, self.remote)
    }
}

/// Machines that run inside another protocol are shown as 10.0.0.1 and 10.0.0.2, port 9899: the
/// port of SCTP over UDP (RFC 6951), which Wireshark dissects by itself.
impl Ends for () {
    fn arriving(self) -> Self {}

    fn addresses(self, direction: Direction) -> (SocketAddr, SocketAddr) {
        let host = |n| SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, n)), 9899);
        match direction {
            Direction::AToB => (host(1), host(2)),
            Direction::BToA => (host(2), host(1)),
        }
    }
}
