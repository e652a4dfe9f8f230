//! What a SACK acknowledges of the chunks that were sent, RFC 9260 §6.2.1.

use core::ops::Range;

use super::outstanding::{Outstanding, Position};
use super::packets::{Packet, PacketNumber};
use super::sent::{Sent, State};
use crate::serial::Tsn;

/// What a SACK acknowledged for the first time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Acked {
    /// Bytes of chunks, with headers.
    pub(crate) bytes: usize,
    /// The newest packet among those of chunks sent once. Only these tell the round trip (Karn,
    /// RFC 9260 §6.3.1 C5).
    pub(crate) once: Option<PacketNumber>,
    /// The newest packet among those of chunks sent again: it may be the one before that arrived.
    pub(crate) again: Option<PacketNumber>,
    /// The highest chunk.
    highest: Option<Position>,
    /// A chunk sent once came after a higher one (RFC 8985 §6.2 step 3).
    pub(crate) reordered: bool,
}

impl Acked {
    #[inline]
    fn note(&mut self, sent: &Sent, position: Position, highest_before: Position) {
        self.bytes += sent.len();
        self.highest = Some(position);
        if sent.retransmissions == 0 {
            self.once = self.once.max(Some(sent.packet));
            self.reordered |= position < highest_before;
        } else {
            self.again = self.again.max(Some(sent.packet));
        }
    }
}

impl Outstanding {
    /// Everything up to and with `tsn`, which was sent, has arrived.
    pub(crate) fn ack_cumulative(&mut self, tsn: Tsn, acked: &mut Acked) {
        let count = (tsn.since(self.first_tsn.previous()) as usize).min(self.ring.len());
        for sent in self.ring.drain(..count) {
            let position = self.first;
            self.first += 1;
            match sent.state {
                State::InFlight => {
                    self.flight -= sent.len();
                    self.packets.release(sent.packet);
                }
                State::Lost => {}
                State::Acked => {
                    self.reported -= usize::from(sent.leads);
                    continue;
                }
                State::Abandoned => continue,
            }
            self.unacked -= sent.payload.len();
            acked.note(&sent, position, self.highest_acked);
        }
        self.first_tsn = tsn.next();
        self.scanned = self.scanned.max(self.first);
    }

    /// The chunks at `gaps` have arrived: in order, disjoint, and sent. What the last SACK reported
    /// already is passed over, so the cost is that of what is new.
    pub(crate) fn ack_gaps(&mut self, gaps: &[Range<Position>], acked: &mut Acked) {
        let mut known = 0;
        let mut packet = None;
        for gap in gaps {
            let mut position = gap.start.max(self.first);
            while position < gap.end {
                while self.acked.get(known).is_some_and(|k| k.end <= position) {
                    known += 1;
                }
                match self.acked.get(known) {
                    Some(k) if k.start <= position => position = k.end,
                    _ => {
                        self.ack(position, acked, &mut packet);
                        position += 1;
                    }
                }
            }
        }
        self.acked.clear();
        self.acked.extend_from_slice(gaps);
    }

    /// The SACK is processed: packets that it was the last to mention are forgotten.
    pub(crate) fn finish_ack(&mut self, acked: &Acked) {
        if let Some(highest) = acked.highest {
            self.highest_acked = self.highest_acked.max(highest);
        }
        self.packets.trim();
    }

    /// A packet that a SACK at hand acknowledged, until [`finish_ack`](Self::finish_ack).
    pub(crate) fn packet(&self, number: PacketNumber) -> Option<&Packet> {
        self.packets.get(number)
    }

    /// Packets behind a gap that gap blocks reported.
    pub(crate) fn reported(&self) -> usize {
        self.reported
    }

    fn ack(&mut self, position: Position, acked: &mut Acked, packet: &mut Option<PacketNumber>) {
        let Some(sent) = self.ring.get_mut((position - self.first) as usize) else { return };
        match sent.state {
            State::InFlight => {
                self.flight -= sent.len();
                self.packets.release(sent.packet);
            }
            State::Lost => {}
            State::Acked | State::Abandoned => return,
        }
        sent.state = State::Acked;
        sent.leads = *packet != Some(sent.packet);
        self.reported += usize::from(sent.leads);
        *packet = Some(sent.packet);
        self.unacked -= sent.payload.len();
        acked.note(sent, position, self.highest_acked);
    }
}
