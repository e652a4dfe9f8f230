//! The slot: datagrams that ride in checks and responses, draft-hancke-webrtc-sped. What they are,
//! nobody here knows.
//!
//! ```text
//!  flight ──► slot ──► check, response ─ ─ ─► slot ──► arrived
//!                ▲                              │
//!                └─ ─ ─ checksums ◄─────────────┘ acknowledged
//! ```

use std::collections::VecDeque;

use core::time::Duration;

use sansio::Instant;
use stun::MessageBuilder;
use stun::attribute::{DtlsInStunAck, DtlsInStunData};

use crate::Embedding;

/// Datagrams of a flight that are carried; a flight of DTLS has three.
const MAX_FLIGHT: usize = 8;
/// Datagrams that arrived and wait to be taken out. A message has one.
const MAX_ARRIVED: usize = 8;
/// Bytes of attributes that a message may grow to, as in libwebrtc: 1200 without
/// MESSAGE-INTEGRITY (24) and FINGERPRINT (8). With the header (20), UDP (8) and IPv6 (40) that
/// fills 1268 of the 1280 that cross every IPv6 path.
const MAX_BODY: usize = 1200 - 24 - 8;
/// Type and length of an attribute.
const HEAD: usize = 4;

/// What an agent carries for others.
#[derive(Debug, Default)]
pub(super) struct Slot {
    embedding: Embedding,
    /// The other side has shown that it takes part.
    confirmed: bool,
    /// It has shown that it does not.
    refused: bool,
    /// Not acknowledged yet.
    flight: Vec<Carried>,
    /// Tells one flight from the next.
    number: u32,
    /// Checks with a datagram in them since the other side was last heard.
    unheard: u32,
    /// Checksums of the latest datagrams that came.
    acks: Vec<[u8; 4]>,
    arrived: VecDeque<Vec<u8>>,
}

/// The CRC-32 (IEEE) of a datagram, by which it is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checksum(u32);

impl Checksum {
    /// Of a datagram as it came, before it is worked on in place.
    pub fn of(datagram: &[u8]) -> Self {
        Self(crc32fast::hash(datagram))
    }

    pub(super) const fn from_wire(word: u32) -> Self {
        Self(word)
    }
}

/// One datagram of the flight.
#[derive(Debug)]
struct Carried {
    datagram: Vec<u8>,
    checksum: Checksum,
    /// Its place in the flight.
    bit: u8,
    last_sent: Option<Instant>,
}

/// How long a datagram rests before it rides again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pause {
    /// There is a route: until the answer can be there.
    Answer(Duration),
    /// There is none, and each pair is to carry all of it once without a pause.
    Pace(Duration),
}

/// What a pair has carried of the flight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    flight: u32,
    bits: u8,
}

/// What a message takes along.
#[derive(Debug)]
pub(super) struct Embedded<'s> {
    ack: DtlsInStunAck<'s>,
    datagram: Option<&'s Carried>,
}

impl Slot {
    pub(super) const fn embedding(&self) -> Embedding {
        self.embedding
    }

    /// What is over stays over.
    pub(super) fn set_embedding(&mut self, embedding: Embedding) {
        let open = match self.embedding {
            Embedding::Off => !self.refused,
            Embedding::Listening => true,
            Embedding::On => matches!(embedding, Embedding::Off | Embedding::Complete),
            Embedding::Complete => false,
        };
        if open {
            self.embedding = embedding;
            if embedding != Embedding::On {
                self.flight = Vec::new();
            }
        }
    }

    pub(super) fn begin_flight(&mut self) {
        self.flight.clear();
        self.number = self.number.wrapping_add(1);
    }

    /// Adds a datagram to the flight. What does not fit travels otherwise, when there is a path.
    pub(super) fn add(&mut self, datagram: &[u8], last_sent: Option<Instant>) {
        let place = self.flight.last().map_or(0, |last| last.bit + 1);
        if self.embedding == Embedding::On && usize::from(place) < MAX_FLIGHT {
            let checksum = Checksum::of(datagram);
            let datagram = datagram.to_vec();
            self.flight.push(Carried { datagram, checksum, bit: place, last_sent });
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.flight.is_empty()
    }

    /// Whether there is something that a pair with this load has not carried yet.
    pub(super) fn has_new_for(&self, load: Load) -> bool {
        self.flight.iter().any(|carried| !self.covers(load, carried))
    }

    fn covers(&self, load: Load, carried: &Carried) -> bool {
        load.flight == self.number && load.bits & (1 << carried.bit) != 0
    }

    /// What the next message takes along: a datagram that its pair has not carried yet, or else
    /// the one that has waited longest.
    pub(super) fn pick(&self, load: Load, now: Instant, pause: Pause) -> Option<usize> {
        let (Pause::Answer(gap) | Pause::Pace(gap)) = pause;
        let rested = |carried: &Carried| carried.last_sent.is_none_or(|at| at + gap <= now);
        let flight = || self.flight.iter().enumerate();
        let new = flight().find(|(_, carried)| {
            !self.covers(load, carried) && (rested(carried) || matches!(pause, Pause::Pace(_)))
        });
        let rested = flight().filter(|(_, carried)| rested(carried));
        let oldest = || rested.min_by_key(|(_, carried)| carried.last_sent);
        new.or_else(oldest).map(|(index, _)| index)
    }

    /// What a message takes along that goes of our own accord.
    pub(super) fn embedded(&self, pick: Option<usize>) -> Option<Embedded<'_>> {
        let datagram = pick.and_then(|index| self.flight.get(index));
        (self.embedding == Embedding::On)
            .then(|| Embedded { ack: DtlsInStunAck::new(&self.acks), datagram })
    }

    /// What a message takes along that only acknowledges.
    pub(super) fn acknowledgement(&self) -> Option<Embedded<'_>> {
        (self.embedding != Embedding::Off)
            .then(|| Embedded { ack: DtlsInStunAck::new(&self.acks), datagram: None })
    }

    /// A message has taken it along: its checksum.
    pub(super) fn sent(&mut self, pick: usize, now: Instant, load: &mut Load) -> Option<Checksum> {
        let carried = self.flight.get_mut(pick)?;
        carried.last_sent = Some(now);
        if load.flight != self.number {
            *load = Load { flight: self.number, bits: 0 };
        }
        load.bits |= 1 << carried.bit;
        Some(carried.checksum)
    }

    /// Counts a check with a datagram.
    pub(super) fn count_unheard(&mut self) {
        self.unheard = self.unheard.saturating_add(1);
    }

    /// Other addresses than those that did not answer.
    pub(super) fn allow_again(&mut self) {
        self.unheard = 0;
    }

    pub(super) const fn unheard(&self) -> u32 {
        self.unheard
    }

    /// An authentic message of the other side came, with something for the slot.
    pub(super) fn heard(&mut self) {
        (self.confirmed, self.unheard) = (true, 0);
    }

    /// An authentic message of the other side came, with nothing for the slot: it does not take
    /// part, or it is done.
    pub(super) fn silence(&mut self) {
        if self.embedding == Embedding::On {
            self.refused = !self.confirmed;
            let over = if self.confirmed { Embedding::Complete } else { Embedding::Off };
            self.set_embedding(over);
        }
    }

    /// The other side has got a datagram. What was never sent is not in the flight.
    pub(super) fn acknowledged(&mut self, checksum: Checksum) {
        self.flight.retain(|carried| carried.checksum != checksum);
    }

    /// A datagram came. False: there is no room for it.
    pub(super) fn arrive(&mut self, datagram: &[u8], max_bytes: usize) -> bool {
        if self.has_acknowledged(Checksum::of(datagram)) {
            return true;
        }
        let room = self.arrived.len() < MAX_ARRIVED && datagram.len() <= max_bytes;
        if room {
            self.arrived.push_back(datagram.to_vec());
        }
        room
    }

    pub(super) fn take_arrived(&mut self) -> Option<Vec<u8>> {
        self.arrived.pop_front()
    }

    /// The next messages acknowledge this.
    pub(super) fn acknowledge(&mut self, checksum: Checksum) {
        if self.embedding != Embedding::Off && !self.has_acknowledged(checksum) {
            let excess = (self.acks.len() + 1).saturating_sub(DtlsInStunAck::MAX);
            self.acks.drain(..excess);
            self.acks.push(checksum.0.to_be_bytes());
        }
    }

    fn has_acknowledged(&self, checksum: Checksum) -> bool {
        self.acks.contains(&checksum.0.to_be_bytes())
    }
}

impl Embedded<'_> {
    /// Adds it to a message, as far as it fits. Whether that has the datagram now.
    pub(super) fn append<'o>(&self, message: MessageBuilder<'o>) -> (MessageBuilder<'o>, bool) {
        let room = MAX_BODY.saturating_sub(message.attributes_len());
        let ack = HEAD + 4 * self.ack.checksums().count();
        // libwebrtc takes a message with neither attribute as a refusal.
        let (ack, rest) = match room.checked_sub(ack) {
            Some(rest) => (self.ack, rest),
            None => (DtlsInStunAck::new(&[]), room.saturating_sub(HEAD)),
        };
        if room < HEAD {
            return (message, false);
        }
        let message = message.attribute(&ack);
        match self.datagram {
            Some(Carried { datagram, .. }) if HEAD + datagram.len() <= rest => {
                (message.attribute(&DtlsInStunData(datagram)), true)
            }
            _ => (message, false),
        }
    }
}

#[cfg(test)]
mod tests;
