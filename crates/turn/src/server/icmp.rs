//! What ICMP says of datagrams that went to peers, RFC 8656 §11.5.

use core::net::SocketAddr;

use sansio::{Instant, Path, Transmit, Transport};
use stun::{MessageBuilder, Method, TransactionId};

use super::{Relay, Server};
use crate::attribute::{Icmp, XorPeerAddress};

/// RFC 8656 §11.5: destination unreachable, time exceeded.
const V4: [u8; 2] = [3, 11];
/// RFC 8656 §11.5: destination unreachable, packet too big, time exceeded.
const V6: [u8; 3] = [1, 2, 3];

impl Server {
    /// Takes an ICMP error that the shell has heard of on the relay socket bound to `local`, about a
    /// datagram to `peer`, and appends to `out` what tells the client. `None`: it is none of those
    /// that clients are told, or the allocation or the permission is gone, or the error comes over
    /// the allocation's bandwidth; `out` is as it was.
    pub fn handle_icmp(
        &mut self,
        now: Instant,
        (local, peer): (SocketAddr, SocketAddr),
        error: Icmp,
        out: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let told: &[u8] = if peer.is_ipv4() { &V4 } else { &V6 };
        if !told.contains(&error.kind) {
            return None;
        }
        // Another client of ours is known by the address that it was told.
        let peer = self.announced(peer);
        let id = *self.by_relay.get(&Relay { local, transport: Transport::Udp })?;
        let limit = self.config.bandwidth;
        let allocation = self.allocations.get_mut(&id)?;
        if !allocation.is_open() || !allocation.is_permitted(now, peer.ip()) {
            return None;
        }
        let (client, start) = (allocation.client, out.len());
        let id = TransactionId::random(&mut *self.rng);
        MessageBuilder::indication(out, Method::DATA, id)
            .attribute(&XorPeerAddress(peer))
            .attribute(&error);
        let len = out.len() - start;
        if let Some(limit) = limit
            && !allocation.bandwidth.take(now, len as u64, limit)
        {
            out.truncate(start);
            return None;
        }
        Some(Transmit::new(client, len))
    }
}
