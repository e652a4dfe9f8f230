//! What a client reports, and the states it names.

use core::net::{IpAddr, SocketAddr};

use sansio::Path;

use crate::attribute::{ConnectionId, Icmp};

/// A fact for whoever drives the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There is an allocation: [`Client::relayed`](super::Client::relayed) tells its addresses.
    Allocated,
    /// The server lets this address through.
    Permitted(IpAddr),
    /// The server does not let this address through, for the reason of this code (403: not
    /// allowed, 443: another family), or has not answered.
    PermissionRefused {
        /// The peer's address.
        ip: IpAddr,
        /// The error code, if there was an answer.
        code: Option<u16>,
    },
    /// The peer has a channel: its data costs four bytes from now on.
    ChannelBound(SocketAddr),
    /// The peer gets no channel; indications go on.
    ChannelRefused {
        /// The peer.
        peer: SocketAddr,
        /// The error code, if there was an answer.
        code: Option<u16>,
    },
    /// A connection of its own to the server is wanted: [`Client::path`](super::Client::path) says
    /// where and over what. When it stands, it goes to
    /// [`Client::handle_opened`](super::Client::handle_opened); if it cannot be had, to
    /// [`Client::handle_closed`](super::Client::handle_closed).
    ConnectionWanted {
        /// Names it.
        id: ConnectionId,
        /// Whose bytes it will carry: a peer that was asked for, or one that has come.
        peer: SocketAddr,
    },
    /// That connection is the peer's now: whatever follows on it in both directions are bytes between
    /// the application and the peer (`stun::stream::Deframer::into_rest` has the first of them).
    Connected {
        /// Names it.
        id: ConnectionId,
        /// The peer.
        peer: SocketAddr,
        /// The 5-tuple.
        path: Path,
    },
    /// There is no connection with this peer, for the reason of this code (403: not allowed, 446:
    /// there is one, 447: it does not answer), or nobody has answered.
    ConnectionRefused {
        /// The peer.
        peer: SocketAddr,
        /// The error code, if there was an answer.
        code: Option<u16>,
    },
    /// The server has sent us to another one. Over UDP the client asks there already, from the same
    /// socket. Over TCP, TLS and DTLS it waits for [`Client::reconnect`](super::Client::reconnect).
    Redirected {
        /// The other server.
        server: SocketAddr,
        /// The name that its certificate must have, if it is another one.
        domain: Option<Box<str>>,
    },
    /// The server has refused the credentials of
    /// [`Client::set_credentials`](super::Client::set_credentials); those before are in use again.
    CredentialsRejected(u16),
    /// The allocation is at its new 5-tuple.
    Moved,
    /// The server has not let the allocation move, for the reason of this code. Its addresses are
    /// lost, and another one is asked for: [`Allocated`](Self::Allocated), or
    /// [`Closed`](Self::Closed).
    MoveRefused(u16),
    /// The server has not answered a refresh, or a ticket. It is asked again until the allocation
    /// expires; another socket, or another connection, may reach it. A ticket that was not answered on
    /// a stream is not shown again: [`Client::is_mobile`](super::Client::is_mobile) says so.
    Unanswered,
    /// What was sent to this peer has met an ICMP error.
    Icmp {
        /// The peer.
        peer: SocketAddr,
        /// The error.
        error: Icmp,
    },
    /// There is no allocation any more, and will be none.
    Closed(CloseReason),
}

/// Why there is no allocation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// This side has closed it.
    #[error("closed by this side")]
    Closed,
    /// The server does not answer.
    #[error("the server does not answer")]
    TimedOut,
    /// The server does not know the name or the password (401, 441).
    #[error("{0}: wrong credentials")]
    Credentials(u16),
    /// The server has an allocation of somebody else for this 5-tuple, or no longer one of ours
    /// (437). Another socket helps.
    #[error("437: the 5-tuple is taken, or the allocation lost")]
    AllocationMismatch,
    /// The user has all allocations that they may have (486).
    #[error("486: allocation quota reached")]
    QuotaReached,
    /// The server has no port left (508). RFC 8656 §7.4: to be tried again after a minute at the
    /// earliest.
    #[error("508: the server is full")]
    InsufficientCapacity,
    /// The server has no address of this family (440).
    #[error("440: address family not supported")]
    AddressFamily,
    /// The server is not for us: 403, 442, or a code that nobody knows.
    #[error("refused with {0}")]
    Refused(u16),
    /// The server has sent us round in a circle, or too far.
    #[error("{0} redirections")]
    Redirected(usize),
    /// The server's answer was malformed.
    #[error("a response that cannot be read")]
    Malformed,
    /// No refresh has come through before the lifetime was over.
    #[error("the allocation has expired")]
    Expired,
}

impl CloseReason {
    /// The error code that the server has given, if that was the reason.
    pub const fn code(&self) -> Option<u16> {
        match self {
            Self::Credentials(code) | Self::Refused(code) => Some(*code),
            Self::AllocationMismatch => Some(437),
            Self::AddressFamily => Some(440),
            Self::QuotaReached => Some(486),
            Self::InsufficientCapacity => Some(508),
            Self::Closed
            | Self::TimedOut
            | Self::Redirected(_)
            | Self::Malformed
            | Self::Expired => None,
        }
    }
}

/// Where the client is.
///
/// ```text
/// Allocating  ─► Allocated   the server has answered
/// Allocating  ─► Redirected  over TCP and TLS: another connection is wanted
/// Redirected  ─► Allocating  reconnect
/// Allocated   ─► Closing     close: the allocation is given back
/// each        ─► Closed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Asking for an allocation.
    Allocating,
    /// Waiting for a connection to another server.
    Redirected,
    /// There is one.
    Allocated,
    /// Giving it back.
    Closing,
    /// There is none any more.
    Closed,
}
