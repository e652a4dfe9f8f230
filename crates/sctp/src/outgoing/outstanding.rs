//! DATA chunks that were sent and not yet acknowledged by a cumulative TSN: a ring indexed by TSN.
//!
//! ```text
//!   cumulative ack           scanned            highest acked by a gap block       next
//!         │  first              │                            │                      │
//!         ▼  ▼                  ▼                            ▼                      ▼
//!   ......A  L  A  A  A  L  A   ?  A  ?  A  A  ?  ?  A  A  A A   ?  ?  ?  ?  ?  ?
//!            acked or known lost    may be lost: misses count       in flight
//! ```

use core::ops::Range;
use std::collections::VecDeque;

use bytes::Bytes;
use sansio::Instant;

use super::queue::{Fragment, Limit};
use crate::chunk::Data;
use crate::ids::{Ppid, StreamId};
use crate::message::Order;
use crate::serial::{Ssn, Tsn};
use crate::wire::padding;

/// So many misses are a loss, RFC 9260 §7.2.4.
const MISSES: u8 = 3;

/// A chunk that was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) payload: Bytes,
    pub(crate) limit: Limit,
    pub(crate) sent_at: Instant,
    pub(crate) ppid: Ppid,
    pub(crate) stream: StreamId,
    pub(crate) ssn: Ssn,
    pub(crate) order: Order,
    pub(crate) begin: bool,
    pub(crate) end: bool,
    state: State,
    misses: u8,
    /// It was declared lost by misses once: only T3 does so again (RFC 9260 §7.2.4).
    fast_retransmitted: bool,
    retransmissions: u16,
    /// Which packet it went out in last.
    packet: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    InFlight,
    /// Acknowledged by a gap block.
    Acked,
    /// To be sent again.
    Lost,
    /// Given up (RFC 3758 §3.5).
    Abandoned,
}

/// What a SACK acknowledged.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Acked {
    /// Bytes of chunks acknowledged for the first time, with headers.
    pub(crate) bytes: usize,
    /// When the last of them was sent, if it was sent once (Karn, RFC 9260 §6.3.1 C5).
    pub(crate) sent_at: Option<(Position, Instant)>,
    /// The highest of them.
    pub(crate) highest: Option<Position>,
}

/// A place in the sequence of chunks ever sent: a TSN that does not wrap.
pub(crate) type Position = u64;

/// The ring.
#[derive(Debug)]
pub(crate) struct Outstanding {
    /// TSN and position of the first chunk in the ring, or of the next to be sent.
    first_tsn: Tsn,
    first: Position,
    ring: VecDeque<Sent>,
    /// Gap blocks of the last SACK, in order.
    acked: Vec<Range<Position>>,
    /// What lies before was acknowledged, or is known lost.
    scanned: Position,
    /// What to send again, lowest first. Some may have been acknowledged meanwhile.
    lost: VecDeque<Position>,
    /// Bytes in flight, with headers.
    flight: usize,
    /// Payload that the other side has not acknowledged, in flight or lost.
    unacked: usize,
    /// Number of the packet being built.
    packet: u32,
    /// The first chunk of each packet that the SACK at hand acknowledged by a gap block.
    fresh: Vec<Position>,
}

impl Sent {
    /// Bytes on the wire.
    pub(crate) fn len(&self) -> usize {
        let len = Data::OVERHEAD + self.payload.len();
        len + padding(len)
    }

    /// The chunk.
    #[inline]
    pub(crate) fn chunk(&self, tsn: Tsn, immediate: bool) -> Data<'_> {
        Data {
            tsn,
            stream: self.stream,
            ssn: self.ssn,
            ppid: self.ppid,
            begin: self.begin,
            end: self.end,
            unordered: self.order == Order::Unordered,
            immediate,
            payload: &self.payload,
        }
    }
}

impl Outstanding {
    pub(crate) fn new(initial: Tsn) -> Self {
        Self {
            first_tsn: initial,
            first: 0,
            ring: VecDeque::new(),
            acked: Vec::new(),
            scanned: 0,
            lost: VecDeque::new(),
            flight: 0,
            unacked: 0,
            packet: 0,
            fresh: Vec::new(),
        }
    }

    /// Keeps a fragment that goes out now.
    #[inline]
    pub(crate) fn push(&mut self, now: Instant, fragment: Fragment) -> &Sent {
        let Fragment { stream, ssn, ppid, order, begin, end, limit, payload } = fragment;
        let index = self.ring.len();
        let sent = Sent {
            payload,
            limit,
            sent_at: now,
            ppid,
            stream,
            ssn,
            order,
            begin,
            end,
            state: State::InFlight,
            misses: 0,
            fast_retransmitted: false,
            retransmissions: 0,
            packet: self.packet,
        };
        self.flight += sent.len();
        self.unacked += sent.payload.len();
        self.ring.push_back(sent);
        &self.ring[index]
    }

    /// What is pushed or sent again from now on goes into another packet.
    #[inline]
    pub(crate) fn begin_packet(&mut self) {
        self.packet = self.packet.wrapping_add(1);
    }

    /// Everything up to and with `tsn`, which was sent, has arrived.
    pub(crate) fn ack_cumulative(&mut self, tsn: Tsn, acked: &mut Acked) {
        let count = (tsn.since(self.first_tsn.previous()) as usize).min(self.ring.len());
        for sent in self.ring.drain(..count) {
            match sent.state {
                State::InFlight => self.flight -= sent.len(),
                State::Lost => {}
                State::Acked | State::Abandoned => {
                    self.first += 1;
                    continue;
                }
            }
            self.unacked -= sent.payload.len();
            acked.note(&sent, self.first);
            self.first += 1;
        }
        self.first_tsn = tsn.next();
        self.scanned = self.scanned.max(self.first);
    }

    /// The chunks at `gaps` have arrived: in order, disjoint, and sent.
    pub(crate) fn ack_gaps(&mut self, gaps: &[Range<Position>], acked: &mut Acked) {
        let mut known = 0;
        let mut packet = None;
        self.fresh.clear();
        for gap in gaps {
            let mut position = gap.start.max(self.first);
            while position < gap.end {
                // Passes over what the last SACK reported already.
                while self.acked.get(known).is_some_and(|k| k.end <= position) {
                    known += 1;
                }
                match self.acked.get(known) {
                    Some(k) if k.start <= position => position = k.end,
                    _ => {
                        let fresh = self.ack(position, acked);
                        if fresh.is_some() && fresh != packet {
                            packet = fresh;
                            self.fresh.push(position);
                        }
                        position += 1;
                    }
                }
            }
        }
        self.acked.clear();
        self.acked.extend_from_slice(gaps);
    }

    /// Counts misses for all in flight below `highest` (RFC 9260 §7.2.4), at least `least` each.
    /// Returns whether one is lost thereby.
    ///
    /// The RFC counts SACKs, of which a receiver sends one for each packet behind a gap (§6.7).
    /// One that takes in many packets at a time sends fewer; so we count the packets reported.
    /// A chunk is looked at in three SACKs at most, before it is passed for good.
    pub(crate) fn count_misses(&mut self, highest: Position, least: u8) -> bool {
        let before = self.lost.len();
        let mut above = self.fresh.iter().peekable();
        let mut passed = true;
        for position in self.scanned..highest {
            let Some(sent) = self.ring.get_mut((position - self.first) as usize) else { break };
            if sent.state == State::InFlight && !sent.fast_retransmitted {
                while above.next_if(|fresh| **fresh < position).is_some() {}
                let misses = u8::try_from(above.len()).unwrap_or(MISSES).max(least);
                sent.misses = sent.misses.saturating_add(misses);
                if sent.misses >= MISSES {
                    sent.fast_retransmitted = true;
                    sent.state = State::Lost;
                    self.flight -= sent.len();
                    self.lost.push_back(position);
                } else {
                    passed = false;
                }
            }
            if passed {
                self.scanned = position + 1;
            }
        }
        self.lost.len() > before
    }

    /// T3 expired: nothing is in flight any more (RFC 9260 §6.3.3 E3). What the last SACK did not
    /// report counts as lost, even if one before it did: a receiver may drop it (§6.2.1).
    pub(crate) fn lose_all(&mut self) {
        self.lost.clear();
        self.scanned = self.first;
        self.flight = 0;
        let mut known = self.acked.iter().peekable();
        for (sent, position) in self.ring.iter_mut().zip(self.first..) {
            while known.next_if(|k| k.end <= position).is_some() {}
            if known.peek().is_some_and(|k| k.start <= position) {
                continue;
            }
            if sent.state == State::Abandoned {
                continue;
            }
            if sent.state == State::Acked {
                self.unacked += sent.payload.len();
            }
            (sent.state, sent.misses, sent.fast_retransmitted) = (State::Lost, 0, false);
            self.lost.push_back(position);
        }
    }

    /// The lowest chunk to send again.
    #[inline]
    pub(crate) fn next_lost(&mut self) -> Option<(Position, &Sent)> {
        loop {
            let position = *self.lost.front()?;
            let lost = |sent: &Sent| sent.state == State::Lost;
            if self.sent(position).is_some_and(lost) {
                return Some((position, &self.ring[(position - self.first) as usize]));
            }
            self.lost.pop_front();
        }
    }

    /// The lowest chunk to send again goes out now.
    pub(crate) fn resend(&mut self, now: Instant) -> Option<&Sent> {
        let position = self.lost.pop_front()?;
        let sent = self.ring.get_mut(position.checked_sub(self.first)? as usize)?;
        sent.state = State::InFlight;
        sent.sent_at = now;
        sent.packet = self.packet;
        sent.retransmissions = sent.retransmissions.saturating_add(1);
        self.flight += sent.len();
        Some(sent)
    }

    /// Gives up the message that the chunk at `position` is part of (RFC 3758 §3.5). Returns
    /// whether its end was sent.
    pub(crate) fn abandon(&mut self, position: Position) -> bool {
        let index = (position - self.first) as usize;
        let begin = (0..=index).rev().find(|i| self.ring[*i].begin).unwrap_or(0);
        for i in begin..self.ring.len() {
            self.abandon_one(i);
            if self.ring[i].end {
                return true;
            }
        }
        false
    }

    /// Keeps a number for the part of a message that was given up before it was sent. The other
    /// side must learn of it even if it has all that was sent.
    pub(crate) fn push_abandoned(&mut self, now: Instant, rest: Fragment) {
        self.push(now, rest);
        self.abandon_one(self.ring.len() - 1);
    }

    /// The chunks given up that lie first.
    pub(crate) fn abandoned(&self) -> impl Iterator<Item = (Tsn, &Sent)> {
        let tsns = (0..).map(|n| self.first_tsn.plus(n));
        tsns.zip(&self.ring).take_while(|(_, sent)| sent.state == State::Abandoned)
    }

    /// Whether the first chunk is given up.
    pub(crate) fn has_abandoned(&self) -> bool {
        self.abandoned().next().is_some()
    }

    /// Gives memory back that only a busy association needs.
    pub(crate) fn release(&mut self) {
        self.ring.shrink_to_fit();
        self.lost.shrink_to_fit();
        self.acked.shrink_to_fit();
    }

    /// All up to and with this one is acknowledged.
    pub(crate) fn cumulative_ack(&self) -> Tsn {
        self.first_tsn.previous()
    }

    /// The next to be sent.
    #[inline]
    pub(crate) fn next_tsn(&self) -> Tsn {
        self.first_tsn.plus(self.ring.len() as u32)
    }

    /// The position of a TSN.
    pub(crate) fn position(&self, tsn: Tsn) -> Position {
        self.first.wrapping_add(u64::from(tsn.since(self.first_tsn)))
    }

    /// The TSN at a position.
    pub(crate) fn tsn(&self, position: Position) -> Tsn {
        self.first_tsn.plus(position.wrapping_sub(self.first) as u32)
    }

    /// One past the last chunk that was sent.
    pub(crate) fn end(&self) -> Position {
        self.first + self.ring.len() as u64
    }

    /// The last chunk that was sent, unless all are acknowledged.
    pub(crate) fn last(&self) -> Option<Position> {
        self.ring.len().checked_sub(1).map(|index| self.first + index as u64)
    }

    /// Chunks not acknowledged by a cumulative TSN.
    pub(crate) fn len(&self) -> usize {
        self.ring.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Bytes in flight, with headers.
    #[inline]
    pub(crate) fn flight(&self) -> usize {
        self.flight
    }

    /// Payload in flight or lost.
    pub(crate) fn unacked(&self) -> usize {
        self.unacked
    }

    pub(crate) fn sent(&self, position: Position) -> Option<&Sent> {
        self.ring.get(position.checked_sub(self.first)? as usize)
    }

    /// Returns the packet of a chunk acknowledged for the first time.
    fn ack(&mut self, position: Position, acked: &mut Acked) -> Option<u32> {
        let sent = self.ring.get_mut((position - self.first) as usize)?;
        match sent.state {
            State::InFlight => self.flight -= sent.len(),
            State::Lost => {}
            State::Acked | State::Abandoned => return None,
        }
        sent.state = State::Acked;
        self.unacked -= sent.payload.len();
        acked.note(sent, position);
        Some(sent.packet)
    }

    fn abandon_one(&mut self, index: usize) {
        let Some(sent) = self.ring.get_mut(index) else { return };
        if sent.state == State::InFlight {
            self.flight -= sent.len();
        }
        if matches!(sent.state, State::InFlight | State::Lost) {
            self.unacked -= sent.payload.len();
        }
        sent.state = State::Abandoned;
        sent.payload = Bytes::new();
    }
}

impl Acked {
    fn note(&mut self, sent: &Sent, position: Position) {
        self.bytes += sent.len();
        self.highest = self.highest.max(Some(position));
        if sent.retransmissions == 0 && self.sent_at.is_none_or(|(p, _)| p < position) {
            self.sent_at = Some((position, sent.sent_at));
        }
    }
}

impl Sent {
    /// How often it was sent again.
    pub(crate) fn retransmissions(&self) -> u16 {
        self.retransmissions
    }
}
