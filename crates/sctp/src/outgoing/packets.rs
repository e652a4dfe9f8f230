//! Packets with DATA chunks that are in flight, in the order in which they were sent: when, and
//! what was known of the path then.

use std::collections::VecDeque;

use sansio::Instant;

use crate::congestion::Snapshot;

/// Counts packets with DATA chunks, from 0, in the order of sending. A chunk that is sent again
/// gets the number of its new packet, so a number says which of two was sent later.
pub(crate) type PacketNumber = u64;

/// A packet that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    pub(crate) sent_at: Instant,
    pub(crate) snapshot: Snapshot,
    /// Bytes in flight with it.
    pub(crate) flight: usize,
    /// Its chunks in flight.
    chunks: u32,
}

/// A ring of packets, as far back as one is in flight.
#[derive(Debug, Default)]
pub(super) struct Packets {
    /// Number of the first in the ring.
    first: PacketNumber,
    ring: VecDeque<Packet>,
}

impl Packets {
    /// Number of the next packet.
    #[inline]
    pub(super) fn next(&self) -> PacketNumber {
        self.first + self.ring.len() as u64
    }

    #[inline]
    pub(super) fn push(&mut self, sent_at: Instant, snapshot: Snapshot) {
        self.ring.push_back(Packet { sent_at, snapshot, flight: 0, chunks: 0 });
    }

    /// A chunk goes out in the last packet; with it so much is in flight. Returns its number.
    #[inline]
    pub(super) fn add_chunk(&mut self, flight: usize) -> PacketNumber {
        if let Some(packet) = self.ring.back_mut() {
            packet.chunks += 1;
            packet.flight = flight;
        }
        self.next().saturating_sub(1)
    }

    /// A chunk of a packet is not in flight any more.
    #[inline]
    pub(super) fn release(&mut self, number: PacketNumber) {
        if let Some(packet) = self.ring.get_mut((number - self.first) as usize) {
            packet.chunks = packet.chunks.saturating_sub(1);
        }
    }

    /// Forgets the first packets, as far as nothing of them is in flight.
    #[inline]
    pub(super) fn trim(&mut self) {
        while self.ring.front().is_some_and(|packet| packet.chunks == 0) {
            self.ring.pop_front();
            self.first += 1;
        }
    }

    #[inline]
    pub(super) fn get(&self, number: PacketNumber) -> Option<&Packet> {
        self.ring.get(number.checked_sub(self.first)? as usize)
    }

    pub(super) fn shrink(&mut self) {
        self.ring.shrink_to_fit();
    }
}
