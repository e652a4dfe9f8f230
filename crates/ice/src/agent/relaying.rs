//! Datagrams on their way through relays: put into TURN's clothes, and taken out of them
//! (RFC 8656 §11, §12).
//!
//! ```text
//!   a check, or data                  seen by checks        on the wire
//!   relayed address ─► peer     ═►    a pair's path    ═►   our socket ─► server
//! ```

use core::net::SocketAddr;

use sansio::{Datagram, Instant, Path, Transmit};
use turn::AddressFamily;
use turn::client::{self, FromPeer, Way};

use crate::Discard;
use crate::agent::machine::Agent;
use crate::agent::relays::Relay;

/// How a datagram gets to a peer by way of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Via {
    relay: usize,
    way: Way,
}

impl Via {
    pub(crate) const fn head(&self) -> usize {
        self.way.head()
    }
}

impl Agent {
    /// The relay that has this address.
    pub(super) fn relay_of(&self, local: SocketAddr) -> Option<usize> {
        self.relays.iter().position(|relay| relay.has(local))
    }

    /// How datagrams of this pair travel: the path on the wire, and how they are wrapped.
    /// `None`: not at all, at the moment.
    pub(super) fn wire(&self, path: Path) -> Option<(Path, Option<Via>)> {
        let Some(relay) = self.relay_of(path.local) else { return Some((path, None)) };
        let client = self.relays.get(relay)?.client()?;
        let way = client.way(path.remote)?;
        Some((client.path(), Some(Via { relay, way })))
    }

    /// Puts TURN's wrapping around what lies in `buf` from `at` on, behind free room.
    pub(super) fn wrap_via(
        &mut self,
        via: Via,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Option<Transmit<Path>> {
        let client = self.relays.get_mut(via.relay)?.client_mut()?;
        client.wrap(via.way, buf, at).ok()
    }

    /// Sends what was built for a pair, by way of its relay if it has one. `None`: the relay is gone
    /// since, and `buf` is as it was before.
    pub(super) fn relayed(
        &mut self,
        transmit: Transmit<Path>,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let Some(relay) = self.relay_of(transmit.path.local) else { return Some(transmit) };
        let start = buf.len() - transmit.len;
        let client = self.relays.get_mut(relay).and_then(Relay::client_mut);
        let wrapped = client.and_then(|client| {
            let way = client.way(transmit.path.remote)?;
            // Checks are few: that they are moved once is cheaper than to know the way before.
            let end = buf.len();
            buf.resize(end + way.head(), 0);
            buf.copy_within(start..end, start + way.head());
            client.wrap(way, buf, start).ok()
        });
        if wrapped.is_none() {
            buf.truncate(start);
        }
        wrapped
    }

    /// Takes the wrapping off a datagram that came from a relay; others come back as they are.
    /// `Ok(None)`: it was the relay's own business.
    pub(super) fn unwrap_relayed<'d>(
        &mut self,
        now: Instant,
        input: Datagram<'d, Path>,
    ) -> Result<Option<Datagram<'d, Path>>, Discard> {
        let clients = self.relays.iter_mut().filter_map(Relay::client_mut);
        let Some(client) = clients.into_iter().find(|client| client.path() == input.path) else {
            return Ok(Some(input));
        };
        let received = input.received;
        let Some(FromPeer { peer, data }) = client.unwrap(now, input).map_err(Discard::Relay)?
        else {
            self.settle(now);
            return Ok(None);
        };
        let relayed = client.relayed(AddressFamily::of(peer.ip()));
        let relayed = relayed.ok_or(Discard::Relay(client::Discard::Peer(peer)))?;
        Ok(Some(Datagram::new(Path::udp(relayed, peer), received, data)))
    }
}
