//! What lives at the edge of a simulated internet.

use sansio::{Datagram, Instant, Path, Transmit, Transport};

/// A host: a machine with its shell. It has the calls of [`Machine`](sansio::Machine), and those by
/// which a shell opens streams.
///
/// A stream carries datagrams reliably and in order, as the machines see them: framing is not part
/// of the simulation. TCP stands after one round trip, TLS after two.
pub trait Host {
    /// Takes a datagram that arrived, by UDP or in a stream.
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>);

    /// Does what was due at `now` or before.
    fn handle_timeout(&mut self, now: Instant);

    /// Appends one datagram to `buf` and says where it goes. What goes from an address that the
    /// host does not have, or along a stream that does not stand, is lost.
    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>>;

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called.
    fn poll_timeout(&self) -> Option<Instant>;

    /// What is to be done about streams. Default: nothing.
    fn poll_stream(&mut self) -> Option<StreamRequest> {
        None
    }

    /// What has become of a stream. Default: nobody cares.
    fn handle_stream(&mut self, now: Instant, path: Path, news: StreamNews) {
        let _ = (now, path, news);
    }

    /// Whether streams of others are accepted at this address of ours. Default: no.
    fn listens(&self, local: core::net::SocketAddr, transport: Transport) -> bool {
        let _ = (local, transport);
        false
    }
}

/// What a host wants done about a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamRequest {
    /// To connect, from a port that the host has chosen.
    Connect(Path),
    /// To close, after what was sent already.
    Close(Path),
}

/// What has become of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamNews {
    /// Ours stands.
    Connected,
    /// Another host's stands.
    Accepted,
    /// It could not be had, or is gone: refused, not answered in time, closed by the other end.
    Closed,
}
