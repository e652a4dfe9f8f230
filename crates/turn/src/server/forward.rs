//! Data from and to peers, RFC 8656 §11 and §12.4: one copy, from the datagram that came into the
//! buffer of those that go.

use core::net::SocketAddr;

use sansio::{Datagram, Ecn, Instant, Path, Transmit, Transport};
use stun::{AttributeType, Class, Message, MessageBuilder, Method, TransactionId};

use super::allocation::{Allocation, AllocationId};
use super::request::is_request;
use super::{Discard, Relay, Server};
use crate::attribute::{Data, DontFragment, XorPeerAddress};
use crate::channel_data;

impl Server {
    /// Takes a datagram from a client or from a peer, and appends to `out` what is to be sent for
    /// it at once: the data, relayed, or the answer. Never more than one datagram, and nothing if
    /// there is nothing to be sent. On a stream it is padded already.
    ///
    /// Equal neighbours lie contiguous in `out` for one segmented send.
    ///
    /// # Errors
    ///
    /// The datagram was not used, or is answered later; `out` is as it was.
    pub fn forward(
        &mut self,
        now: Instant,
        input: Datagram<'_, Path>,
        out: &mut Vec<u8>,
    ) -> Result<Option<Transmit<Path>>, Discard> {
        let Datagram { path, ecn, data, .. } = input;
        let relay = Relay { local: path.local, transport: Transport::Udp };
        let outcome = match self.by_relay.get(&relay).copied() {
            Some(id) if path.transport == Transport::Udp => {
                self.relay_from_peer(now, id, path.remote, ecn, data, out).map(Some)
            }
            _ => self.take_from_client(now, path, ecn, data, out),
        };
        match &outcome {
            Err(Discard::Peer(_) | Discard::Channel(_)) => self.stats.not_permitted += 1,
            Err(Discard::Bandwidth(_)) => self.stats.over_bandwidth += 1,
            Err(Discard::Opening | Discard::Strangers(_)) | Ok(_) => {}
            Err(_) => self.stats.discarded += 1,
        }
        outcome
    }

    fn take_from_client(
        &mut self,
        now: Instant,
        path: Path,
        ecn: Ecn,
        data: &mut [u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<Transmit<Path>>, Discard> {
        if channel_data::is_channel_data(data) {
            let allocation = self.allocation_at(path)?;
            let (number, payload) = channel_data::parse(data)?;
            let peer = allocation.peer_of(now, number).ok_or(Discard::Channel(number))?;
            return self.relay_to_peer(now, path, peer, ecn, payload, out).map(Some);
        }
        let message = Message::parse(data)?;
        match (message.class(), message.method()) {
            (Class::Indication, Method::SEND) => {
                if let Some(kind) = message.unknown_attributes(self.understood()).next() {
                    return Err(Discard::NotUnderstood(kind));
                }
                let XorPeerAddress(peer) = message.get()?.ok_or(Discard::Incomplete)?;
                let Data(payload) = message.get()?.ok_or(Discard::Incomplete)?;
                let dont_fragment = message.get::<DontFragment>()?.is_some();
                let relayed = self.relay_to_peer(now, path, peer, ecn, payload, out)?;
                Ok(Some(Transmit { dont_fragment, ..relayed }))
            }
            // Keeps a NAT's mapping alive, and wants nothing (RFC 8489 §2).
            (Class::Indication, Method::BINDING) => Ok(None),
            _ if is_request(&message) => self.answer(now, path, message, out).map(Some),
            (class, method) => Err(Discard::Unexpected { class, method }),
        }
    }

    fn allocation_at(&self, path: Path) -> Result<&Allocation, Discard> {
        let id = self.by_client.get(&path);
        let open = |allocation: &&Allocation| allocation.is_open();
        id.and_then(|id| self.allocations.get(id)).filter(open).ok_or(Discard::NoAllocation(path))
    }

    fn relay_to_peer(
        &mut self,
        now: Instant,
        path: Path,
        peer: SocketAddr,
        ecn: Ecn,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Transmit<Path>, Discard> {
        let remote = self.reach(peer, Transport::Udp).ok_or(Discard::Peer(peer))?;
        let none = Discard::NoAllocation(path);
        let id = self.by_client.get(&path).ok_or(none)?;
        let allocation = self.allocations.get_mut(id).ok_or(none)?;
        if !allocation.is_permitted(now, peer.ip()) {
            return Err(Discard::Peer(peer));
        }
        let relay = allocation.relay_for(peer.ip()).ok_or(Discard::Peer(peer))?;
        if relay.transport != Transport::Udp {
            return Err(Discard::Peer(peer));
        }
        if let Some(limit) = self.config.bandwidth
            && !allocation.bandwidth.take(now, payload.len() as u64, limit)
        {
            return Err(Discard::Bandwidth(payload.len()));
        }
        out.extend_from_slice(payload);
        self.stats.datagrams_to_peers += 1;
        self.stats.bytes_to_peers += payload.len() as u64;
        Ok(Transmit { ecn, ..Transmit::new(Path::udp(relay.local, remote), payload.len()) })
    }

    fn relay_from_peer(
        &mut self,
        now: Instant,
        id: AllocationId,
        source: SocketAddr,
        ecn: Ecn,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Transmit<Path>, Discard> {
        // Another client of ours is known by the address that it was told.
        let peer = SocketAddr::new(source.ip().to_canonical(), source.port());
        let peer = self.announced(peer);
        let unknown = Discard::Peer(peer);
        let allocation = self.allocations.get_mut(&id).ok_or(unknown)?;
        if !allocation.is_open() || !allocation.is_permitted(now, peer.ip()) {
            return Err(unknown);
        }
        if let Some(limit) = self.config.bandwidth
            && !allocation.bandwidth.take(now, payload.len() as u64, limit)
        {
            return Err(Discard::Bandwidth(payload.len()));
        }
        let (client, start) = (allocation.client, out.len());
        if let Some(number) = allocation.channel_to(now, peer) {
            let header = channel_data::header(number, payload.len());
            out.extend_from_slice(&header.ok_or(Discard::TooLong(payload.len()))?);
            out.extend_from_slice(payload);
        } else {
            let id = TransactionId::random(&mut *self.rng);
            MessageBuilder::indication(out, Method::DATA, id)
                .attribute(&XorPeerAddress(peer))
                .raw(AttributeType::DATA, payload);
        }
        if client.transport.is_stream() {
            out.resize(start + (out.len() - start).next_multiple_of(4), 0);
        }
        self.stats.datagrams_to_clients += 1;
        self.stats.bytes_to_clients += payload.len() as u64;
        let ecn = if client.transport.is_stream() { Ecn::NotEct } else { ecn };
        Ok(Transmit { ecn, ..Transmit::new(client, out.len() - start) })
    }
}
