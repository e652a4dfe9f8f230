//! Handles keep a connection alive, and the last one ends it.
//!
//! ```text
//!   PeerConnection ─────────┐
//!   DataChannel ────────────┼─► Alive ──► Connection ◄── the driver, until the farewells are out
//!   Transceiver, its halves ┘   closes it when dropped
//! ```
//!
//! `Connection` refers to no handle and to no `Alive`, so there is no cycle.

use std::sync::Arc;

use super::Connection;

/// Held by each handle of a connection, those of its channels and transceivers included.
#[derive(Debug)]
pub(crate) struct Alive {
    pub(crate) connection: Arc<Connection>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.connection.command(peer::PeerConnection::close);
    }
}

/// Held by each [`PeerConnection`](super::PeerConnection). Without one nobody can restart ICE, so
/// a connection that has failed is over.
#[derive(Debug)]
pub(super) struct Steered {
    pub(super) alive: Arc<Alive>,
}

impl Drop for Steered {
    fn drop(&mut self) {
        self.alive.connection.unsteer();
    }
}
