//! Which of the chunks that were sent are lost: by time (RFC 8985), or all (RFC 9260 §6.3.3).

use core::time::Duration;

use sansio::Instant;

use super::outstanding::{Outstanding, Position};
use super::packets::{Packet, PacketNumber};
use super::sent::State;

/// What has been found lost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Losses {
    /// Bytes of chunks, with headers.
    pub(crate) bytes: usize,
    /// The newest packet that was lost.
    pub(crate) newest: Option<PacketNumber>,
    /// When the next chunk will be lost, if nothing is heard of it.
    pub(crate) next: Option<Instant>,
}

/// Which chunks are lost: those that left before the packet `before`, which has arrived, and that
/// have been on their way for `wait`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overdue {
    pub(crate) now: Instant,
    pub(crate) before: PacketNumber,
    pub(crate) wait: Duration,
}

impl Outstanding {
    /// Finds what is lost, RFC 8985 §6.2 step 5, and tells `lost` the packet and size of each.
    ///
    /// Chunks sent once lie in the ring in the order of sending, those sent again in a queue in
    /// that order: each is looked at until one is found that may still arrive.
    pub(crate) fn find_lost(
        &mut self,
        overdue: Overdue,
        mut lost: impl FnMut(&Packet, usize),
    ) -> Losses {
        let mut losses = Losses::default();
        while let Some(sent) = self.ring.get((self.scanned - self.first) as usize) {
            if sent.state == State::InFlight
                && sent.retransmissions == 0
                && !self.lose_if(overdue, self.scanned, &mut losses, &mut lost)
            {
                break;
            }
            self.scanned += 1;
        }
        while let Some(&(position, retransmissions)) = self.resent.front() {
            let current = self.sent(position).is_some_and(|s| {
                s.state == State::InFlight && s.retransmissions == retransmissions
            });
            if current && !self.lose_if(overdue, position, &mut losses, &mut lost) {
                break;
            }
            self.resent.pop_front();
        }
        if losses.bytes > 0 {
            self.packets.trim();
        }
        losses
    }

    /// Everything in flight is lost (RFC 9260 §6.3.3 E3). What the last SACK did not report counts
    /// as lost too, even if one before it did: a receiver may drop it (§6.2.1).
    pub(crate) fn lose_all(&mut self) {
        self.lost.clear();
        self.resent.clear();
        self.scanned = self.end();
        self.flight = 0;
        let mut known = self.acked.iter().peekable();
        for (sent, position) in self.ring.iter_mut().zip(self.first..) {
            while known.next_if(|k| k.end <= position).is_some() {}
            if known.peek().is_some_and(|k| k.start <= position) {
                continue;
            }
            match sent.state {
                State::Abandoned => continue,
                State::InFlight => self.packets.release(sent.packet),
                State::Lost => {}
                State::Acked => {
                    self.unacked += sent.payload.len();
                    self.reported -= usize::from(core::mem::take(&mut sent.leads));
                }
            }
            sent.state = State::Lost;
            self.lost.push_back(position);
        }
        self.packets.trim();
    }

    /// The last chunk in flight is to be sent again, whether it is lost or not: a probe (RFC 8985
    /// §7.3). Returns its position.
    pub(crate) fn resend_last(&mut self, now: Instant) -> Option<Position> {
        let last = self.last()?;
        let sent = self.ring.back_mut()?;
        let limit = sent.limit.is_reached(now, sent.retransmissions.saturating_add(1));
        if sent.state != State::InFlight || limit {
            return None;
        }
        sent.state = State::Lost;
        self.flight -= sent.len();
        self.packets.release(sent.packet);
        self.lost.push_back(last);
        Some(last)
    }

    /// Returns whether the chunk, which is in flight, is lost.
    fn lose_if(
        &mut self,
        overdue: Overdue,
        position: Position,
        losses: &mut Losses,
        lost: &mut impl FnMut(&Packet, usize),
    ) -> bool {
        let Some(sent) = self.ring.get_mut((position - self.first) as usize) else { return true };
        let Some(packet) = self.packets.get(sent.packet) else { return true };
        if sent.packet >= overdue.before {
            return false;
        }
        let due = packet.sent_at + overdue.wait;
        if due > overdue.now {
            losses.next = Some(losses.next.map_or(due, |next| next.min(due)));
            return false;
        }
        sent.state = State::Lost;
        lost(packet, sent.len());
        losses.bytes += sent.len();
        losses.newest = losses.newest.max(Some(sent.packet));
        self.flight -= sent.len();
        self.packets.release(sent.packet);
        // Mostly the highest so far; what was sent again and is lost again goes first.
        let place = match self.lost.back() {
            Some(&last) if last > position => self.lost.partition_point(|p| *p < position),
            _ => self.lost.len(),
        };
        self.lost.insert(place, position);
        true
    }
}
