//! DATA chunks that were sent and not yet acknowledged by a cumulative TSN: a ring indexed by TSN.
//!
//! ```text
//!   cumulative ack           scanned            highest acked by a gap block       next
//!         │  first              │                            │                      │
//!         ▼  ▼                  ▼                            ▼                      ▼
//!   ......A  L  A  A  R  L  A   ?  A  ?  A  A  ?  ?  A  A  A A   ?  ?  ?  ?  ?  ?
//!       acked, lost or resent        may be lost: time counts     in flight
//! ```

use core::ops::Range;
use std::collections::VecDeque;

use bytes::Bytes;
use sansio::Instant;

use super::packets::{PacketNumber, Packets};
use super::sent::{Sent, State};
use super::waiting::Fragment;
use crate::congestion::Snapshot;
use crate::ids::StreamId;
use crate::serial::Tsn;

/// A place in the sequence of chunks ever sent: a TSN that does not wrap.
pub(crate) type Position = u64;

/// The ring.
#[derive(Debug)]
pub(crate) struct Outstanding {
    /// TSN and position of the first chunk in the ring, or of the next to be sent.
    pub(super) first_tsn: Tsn,
    pub(super) first: Position,
    pub(super) ring: VecDeque<Sent>,
    /// Gap blocks of the last SACK, in order.
    pub(super) acked: Vec<Range<Position>>,
    /// One past the highest chunk ever acknowledged (RFC 8985: RACK.fack).
    pub(super) highest_acked: Position,
    /// Packets behind a gap that gap blocks reported.
    pub(super) reported: usize,
    /// What lies before and was sent once was acknowledged, or is known lost.
    pub(super) scanned: Position,
    /// What was sent again, and how often, in the order of sending. Some may have been
    /// acknowledged or sent again meanwhile.
    pub(super) resent: VecDeque<(Position, u16)>,
    /// What to send again, lowest first. Some may have been acknowledged meanwhile.
    pub(super) lost: VecDeque<Position>,
    /// When what is in flight was sent.
    pub(super) packets: Packets,
    /// Bytes in flight, with headers.
    pub(super) flight: usize,
    /// Payload that the other side has not acknowledged, in flight or lost.
    pub(super) unacked: usize,
}

impl Outstanding {
    pub(crate) fn new(initial: Tsn) -> Self {
        Self {
            first_tsn: initial,
            first: 0,
            ring: VecDeque::new(),
            acked: Vec::new(),
            highest_acked: 0,
            reported: 0,
            scanned: 0,
            resent: VecDeque::new(),
            lost: VecDeque::new(),
            packets: Packets::default(),
            flight: 0,
            unacked: 0,
        }
    }

    /// What is pushed or sent again from now on goes into another packet.
    #[inline]
    pub(crate) fn begin_packet(&mut self, now: Instant, snapshot: Snapshot) {
        self.packets.push(now, snapshot);
    }

    /// Number of the next packet.
    pub(crate) fn next_packet(&self) -> PacketNumber {
        self.packets.next()
    }

    /// Keeps a fragment that goes out in the packet begun last.
    #[inline]
    pub(crate) fn push(&mut self, fragment: Fragment) -> &Sent {
        let index = self.ring.len();
        let mut sent = Sent::new(fragment, self.next_tsn());
        self.link(&sent);
        self.flight += sent.len();
        self.unacked += sent.payload.len();
        sent.packet = self.packets.add_chunk(self.flight);
        self.ring.push_back(sent);
        &self.ring[index]
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

    /// The lowest chunk to send again goes out in the packet begun last.
    pub(crate) fn resend(&mut self) -> Option<&Sent> {
        let position = self.lost.pop_front()?;
        let sent = self.ring.get_mut(position.checked_sub(self.first)? as usize)?;
        self.flight += sent.len();
        sent.state = State::InFlight;
        sent.packet = self.packets.add_chunk(self.flight);
        sent.retransmissions = sent.retransmissions.saturating_add(1);
        self.resent.push_back((position, sent.retransmissions));
        Some(sent)
    }

    /// Gives up the message that the chunk at `position` is part of (RFC 3758 §3.5). Returns its
    /// stream if its end was not sent.
    pub(crate) fn abandon(&mut self, position: Position) -> Option<StreamId> {
        let mut index = (position - self.first) as usize;
        while let Some(previous) = self.ring.get(index).and_then(|sent| sent.previous(index)) {
            index = previous;
        }
        loop {
            self.abandon_one(index);
            let sent = self.ring.get(index).filter(|sent| !sent.end)?;
            match sent.next(index) {
                Some(next) => index = next,
                None => return Some(sent.stream),
            }
        }
    }

    /// Keeps a number for the part of a message that was given up before it was sent. The other
    /// side must learn of it even if it has all that was sent.
    pub(crate) fn push_abandoned(&mut self, rest: Fragment) {
        let mut sent = Sent::new(rest, self.next_tsn());
        self.link(&sent);
        (sent.state, sent.payload) = (State::Abandoned, Bytes::new());
        self.ring.push_back(sent);
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
        self.resent.shrink_to_fit();
        self.acked.shrink_to_fit();
        self.packets.shrink();
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

    /// All chunks before this one are acknowledged.
    pub(crate) fn first(&self) -> Position {
        self.first
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

    /// A chunk is about to be the last of the ring: the one before it in its message learns of it.
    #[inline]
    fn link(&mut self, sent: &Sent) {
        if let Some(previous) = sent.previous(self.ring.len())
            && let Some(previous) = self.ring.get_mut(previous)
        {
            previous.to_next = sent.to_previous;
        }
    }

    fn abandon_one(&mut self, index: usize) {
        let Some(sent) = self.ring.get_mut(index) else { return };
        if sent.state == State::InFlight {
            self.flight -= sent.len();
            self.packets.release(sent.packet);
        }
        self.reported -= usize::from(core::mem::take(&mut sent.leads));
        if matches!(sent.state, State::InFlight | State::Lost) {
            self.unacked -= sent.payload.len();
        }
        sent.state = State::Abandoned;
        sent.payload = Bytes::new();
    }
}
