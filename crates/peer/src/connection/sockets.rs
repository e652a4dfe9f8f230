//! What ICE needs of the shell beyond the sockets that all connections share: relays, TCP, and
//! sockets of this connection's own.

use core::net::SocketAddr;

use ice::{AddRelayError, RelayId, RelayServer, SocketId, TcpType};
use sansio::{Instant, Path};

use super::machine::PeerConnection;

impl PeerConnection {
    /// Takes a relay for a candidate (W3C `RTCIceServer`, a `turn:` URL). A socket
    /// is asked for by [`Event::SocketWanted`](crate::Event::SocketWanted).
    ///
    /// # Errors
    ///
    /// There are too many, the user name is too long, or over UDP there is no address.
    pub fn add_relay(&mut self, now: Instant, server: RelayServer) -> Result<(), AddRelayError> {
        if let Some(transport) = self.transports.first_mut() {
            transport.ice.add_relay(now, server)?;
        }
        self.settle(now);
        Ok(())
    }

    /// Other credentials for the relays of this name, in the middle of a call too.
    ///
    /// # Errors
    ///
    /// The user name is too long.
    pub fn set_relay_credentials(
        &mut self,
        relay: RelayId,
        username: &str,
        password: &str,
    ) -> Result<(), AddRelayError> {
        for transport in &mut self.transports {
            transport.ice.set_relay_credentials(relay, username, password)?;
        }
        Ok(())
    }

    /// The shell's part of gathering: streams can be accepted at, or opened from, this address
    /// (RFC 6544).
    pub fn add_tcp_candidate(&mut self, now: Instant, tcp_type: TcpType, address: SocketAddr) {
        if let Some(transport) = self.transports.first_mut()
            && let Err(error) = transport.ice.add_tcp_candidate(now, tcp_type, address)
        {
            tracing::debug!(%error, %address, "not a candidate");
        }
        self.settle(now);
    }

    /// The shell has opened a socket that was wanted; its datagrams have this path, which leads to where the
    /// socket does on the wire.
    pub fn handle_opened(&mut self, now: Instant, id: SocketId, path: Path) {
        if let Some(transport) = self.transports.first_mut() {
            transport.ice.handle_opened(now, id, path);
        }
        self.settle(now);
    }

    /// A socket that was wanted could not be had, or has broken.
    pub fn handle_closed(&mut self, now: Instant, id: SocketId) {
        if let Some(transport) = self.transports.first_mut() {
            transport.ice.handle_closed(now, id);
        }
        self.settle(now);
    }

    /// A stream is gone that the listener of a passive TCP candidate had accepted.
    pub fn handle_stream_closed(&mut self, now: Instant, path: Path) {
        if let Some(transport) = self.transports.first_mut() {
            transport.ice.handle_stream_closed(now, path);
        }
        self.settle(now);
    }
}
