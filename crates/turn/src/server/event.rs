//! What the shell is to do, and what has happened.

use core::net::SocketAddr;

use sansio::{Path, Transport};

use crate::attribute::ConnectionId;

/// A relay socket: where it is bound, and whether it carries UDP or listens for TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relay {
    /// Where it is bound.
    pub local: SocketAddr,
    /// UDP or TCP.
    pub transport: Transport,
}

/// A fact, or a wish, for the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A socket is wanted. Answered with [`Server::handle_opened`](super::Server::handle_opened) or
    /// [`Server::handle_open_failed`](super::Server::handle_open_failed). One of TCP listens, and
    /// connections to peers are made from the same port.
    OpenRelay(Relay),
    /// A socket is no longer wanted.
    CloseRelay(Relay),
    /// A TCP connection to a peer is wanted (RFC 6062). Answered with
    /// [`Server::handle_connected`](super::Server::handle_connected) or
    /// [`Server::handle_disconnected`](super::Server::handle_disconnected).
    Connect {
        /// Its number.
        id: ConnectionId,
        /// From here.
        local: SocketAddr,
        /// To the peer; where that is a relay of this server, to the address at which it is bound.
        peer: SocketAddr,
    },
    /// The client's connection at `client` and the peer's connection `id` are one from now on: after
    /// what [`poll_transmit`](sansio::Machine::poll_transmit) still has for it, the shell carries
    /// bytes between them, and asks [`Server::handle_bytes`](super::Server::handle_bytes) how fast.
    Joined {
        /// The peer's connection.
        id: ConnectionId,
        /// The client's.
        client: Path,
    },
    /// A peer's connection is no longer wanted.
    Disconnect(ConnectionId),
    /// There is a new allocation.
    Allocated(Path),
    /// One has ended.
    Released(Path),
}
