//! Partial reliability: messages are given up, RFC 3758 and RFC 7496.

use sansio::Instant;

use super::state::Association;
use super::timers::Timer;
use crate::chunk::{ForwardTsn, Skipped};
use crate::event::Event;
use crate::ids::StreamId;
use crate::message::Order;
use crate::outgoing::Position;
use crate::packet::PacketBuilder;
use crate::serial::{Ssn, Tsn};

impl Association {
    /// Gives up the messages whose turn it is to be sent, or sent again, and whose limit is reached
    /// (§3.5 A). Without the other side's support all are reliable (§3.3.1).
    pub(super) fn give_up(&mut self, now: Instant) {
        if !self.remote.forward_tsn {
            return;
        }
        while let Some((position, sent)) = self.outstanding.next_lost()
            && sent.limit.is_reached(now, sent.retransmissions().saturating_add(1))
        {
            self.abandon(position);
        }
        while let Some((stream, last)) = self.queue.late_rest(now) {
            // What was sent of it may have arrived.
            let last = self.outstanding.position(last);
            if self.outstanding.sent(last).is_some() {
                self.abandon(last);
            } else {
                self.counters.abandoned_sent += 1;
            }
            self.abandon_rest(stream);
        }
    }

    fn abandon(&mut self, position: Position) {
        if let Some(stream) = self.outstanding.abandon(position) {
            self.abandon_rest(stream);
        }
        self.counters.abandoned_sent += 1;
        self.pending.forward_tsn = self.outstanding.has_abandoned();
    }

    fn abandon_rest(&mut self, stream: StreamId) {
        if let Some(rest) = self.queue.abandon_rest(stream, self.outstanding.next_tsn()) {
            self.outstanding.push_abandoned(rest);
            self.pending.forward_tsn = self.outstanding.has_abandoned();
            self.report_room();
        }
    }

    /// Appends FORWARD TSN over the messages given up that lie first (§3.5 C3).
    pub(super) fn write_forward_tsn(&mut self, now: Instant, packet: &mut PacketBuilder<'_>) {
        if !self.pending.forward_tsn {
            return;
        }
        let Some(room) = packet.room().checked_sub(ForwardTsn::MIN_LEN + Skipped::LEN) else {
            return;
        };
        let room = room + Skipped::LEN;
        let mut skipped: Vec<Skipped> = Vec::new();
        let mut through: Option<Tsn> = None;
        for (tsn, sent) in self.outstanding.abandoned() {
            if sent.order == Order::Ordered {
                let full = (skipped.len() + 1) * Skipped::LEN > room;
                let (stream, ssn) = (sent.stream, Ssn::from(sent.mid));
                match skipped.iter_mut().find(|s| s.stream == stream) {
                    Some(known) => known.ssn = ssn,
                    None if full => break,
                    None => skipped.push(Skipped { stream, ssn }),
                }
            }
            through = Some(tsn);
        }
        self.pending.forward_tsn = false;
        let Some(through) = through else { return };
        let mut encoded = Vec::with_capacity(skipped.len() * Skipped::LEN);
        for skipped in skipped {
            skipped.write(&mut encoded);
        }
        ForwardTsn::new(through, &encoded).write(packet.out());
        // §3.5 C5.
        if !self.timers.is_running(Timer::Retransmit) {
            self.timers.set(Timer::Retransmit, now + self.rto.current());
        }
    }

    /// FORWARD TSN from the other side (§3.6).
    pub(super) fn handle_forward_tsn(&mut self, forward: &ForwardTsn<'_>) -> bool {
        if !self.can_receive() {
            return false;
        }
        self.ack.data(true);
        if !forward.new_cumulative_tsn.is_after(self.reassembly.cumulative()) {
            return true;
        }
        let Self { reassembly, delivery, events, remote, .. } = self;
        let streams = remote.inbound_streams;
        for Skipped { stream, ssn } in forward.skipped() {
            if stream.0 < streams && delivery.skip(stream, ssn) {
                events.push_back(Event::Readable(stream));
            }
        }
        let fits = reassembly.skip_through(forward.new_cumulative_tsn, |(stream, ssn, message)| {
            if stream.0 < streams && delivery.accept(stream, ssn, message) {
                events.push_back(Event::Readable(stream));
            }
        });
        if !fits {
            self.violate(crate::error::Violation::MessageTooLarge, &[]);
        }
        true
    }
}
