//! What a connection wants of the driver beyond datagrams, and how its relays are named.

use core::net::SocketAddr;

use peer::{SocketId, SocketRequest};
use sansio::Transport;

/// A socket of a connection's own.
#[derive(Clone, Debug)]
pub(crate) enum SocketChange {
    /// To be opened.
    Wanted(SocketRequest),
    /// To be closed.
    Released(SocketId),
}

/// A relay, and what the application calls it.
#[derive(Clone, Debug)]
pub(crate) struct NamedRelay {
    pub(crate) server: (SocketAddr, Transport),
    pub(crate) url: Box<str>,
}
