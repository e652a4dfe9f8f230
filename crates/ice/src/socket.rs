//! Sockets that an agent asks its shell for: a machine opens none itself.
//!
//! ```text
//! SocketWanted ─► the shell binds or connects ─┬─► handle_opened, then datagrams go both ways
//!                                              └─► handle_closed
//! SocketReleased ─► the shell closes it
//! ```

use core::fmt;
use core::net::SocketAddr;

use sansio::Transport;

use crate::RelayId;

/// A socket of an agent's own, for as long as it exists. Never used twice in one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub(crate) u32);

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "socket {}", self.0)
    }
}

/// Where a socket is to lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To this address.
    Address(SocketAddr),
    /// To this relay, which the shell finds by itself.
    Relay(RelayId),
}

impl Destination {
    /// The address, if it was told.
    pub const fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Address(address) => Some(address),
            Self::Relay(_) => None,
        }
    }
}

/// What the shell is asked to open. Its datagrams have the path that
/// [`Agent::handle_opened`](crate::Agent::handle_opened) is told.
///
/// A relay knows an allocation by its 5-tuple (RFC 8656 §2.2), so over UDP too it has a socket that
/// is shared with nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketRequest {
    /// Names it from now on.
    pub id: SocketId,
    /// Where to bind it; port 0 means any. `None`: where the system likes.
    pub near: Option<SocketAddr>,
    /// Where to connect it. A UDP socket need not be connected, and must not where a server may
    /// send us to another one (RFC 8489 §10).
    pub to: Destination,
    /// What carries its datagrams.
    pub transport: Transport,
    /// How datagrams lie in a stream.
    pub framing: Framing,
    /// Over TLS and DTLS: the name that the server's certificate must have.
    pub server_name: Option<Box<str>>,
}

/// How the shell finds the datagrams in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// No stream: UDP, and DTLS over it.
    Datagrams,
    /// STUN messages and ChannelData, one after the other (RFC 8656 §12.5). What is to be written
    /// is framed already; `stun::stream` cuts what is read.
    Turn,
    /// Two bytes of length in front of each, RFC 4571.
    Rfc4571,
}
