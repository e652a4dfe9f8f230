//! Partial reliability: messages are given up, RFC 3758 and RFC 7496.

use sansio::Instant;

use super::state::Association;
use super::timers::Timer;
use crate::chunk::{ForwardTsn, IForwardTsn, Skipped, SkippedMessage};
use crate::error::Violation;
use crate::event::Event;
use crate::ids::StreamId;
use crate::message::Order;
use crate::outgoing::{Kind, Position};
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

    /// Appends FORWARD TSN or I-FORWARD-TSN over the messages given up that lie first (§3.5 C3).
    pub(super) fn write_forward_tsn(&mut self, now: Instant, packet: &mut PacketBuilder<'_>) {
        if !self.pending.forward_tsn {
            return;
        }
        let interleaved = self.remote.kind == Kind::IData;
        let len = if interleaved { SkippedMessage::LEN } else { Skipped::LEN };
        let Some(room) = packet.room().checked_sub(ForwardTsn::MIN_LEN + len) else { return };
        let (through, skipped) = self.skipped(interleaved, room / len + 1);
        self.pending.forward_tsn = false;
        let Some(through) = through else { return };
        let mut encoded = Vec::with_capacity(skipped.len() * len);
        for message in skipped {
            let SkippedMessage { stream, mid, .. } = message;
            match interleaved {
                true => message.write(&mut encoded),
                false => Skipped { stream, ssn: Ssn::from(mid) }.write(&mut encoded),
            }
        }
        match interleaved {
            true => IForwardTsn::new(through, &encoded).write(packet.out()),
            false => ForwardTsn::new(through, &encoded).write(packet.out()),
        }
        // §3.5 C5.
        if !self.timers.is_running(Timer::Retransmit) {
            self.timers.set(Timer::Retransmit, now + self.rto.current());
        }
    }

    /// How far the messages given up reach, and the last one of each kind and stream; at most `max`
    /// of these. FORWARD TSN does not speak of unordered ones.
    fn skipped(&self, interleaved: bool, max: usize) -> (Option<Tsn>, Vec<SkippedMessage>) {
        let mut skipped: Vec<SkippedMessage> = Vec::new();
        let mut through = None;
        for (tsn, sent) in self.outstanding.abandoned() {
            let (stream, order, mid) = (sent.stream, sent.order, sent.mid);
            if interleaved || order == Order::Ordered {
                // Those of a stream mostly come one after the other.
                let known = skipped.iter().rposition(|s| s.stream == stream && s.order == order);
                match known {
                    Some(known) => skipped[known].mid = mid,
                    None if skipped.len() == max => break,
                    None => skipped.push(SkippedMessage { stream, order, mid }),
                }
            }
            through = Some(tsn);
        }
        (through, skipped)
    }

    /// FORWARD TSN from the other side (§3.6).
    pub(super) fn handle_forward_tsn(&mut self, forward: &ForwardTsn<'_>) -> bool {
        let through = forward.new_cumulative_tsn;
        if !self.can_receive() {
            return false;
        }
        if !self.is_news(Kind::Data, through) {
            return true;
        }
        let Self { reassembly, delivery, events, remote, .. } = self;
        let streams = remote.inbound_streams;
        for Skipped { stream, ssn } in forward.skipped() {
            if stream.0 < streams && delivery.skip(stream, delivery.mid(stream, ssn)) {
                events.push_back(Event::Readable(stream));
            }
        }
        let fits = reassembly.skip_through(through, |(stream, ssn, message)| {
            if stream.0 < streams && delivery.accept(stream, delivery.mid(stream, ssn), message) {
                events.push_back(Event::Readable(stream));
            }
        });
        if !fits {
            self.violate(Violation::MessageTooLarge, &[]);
        }
        true
    }

    /// I-FORWARD-TSN from the other side (RFC 8260 §2.3).
    pub(super) fn handle_i_forward_tsn(&mut self, forward: &IForwardTsn<'_>) -> bool {
        let through = forward.new_cumulative_tsn;
        if !self.can_receive() {
            return false;
        }
        if !self.is_news(Kind::IData, through) {
            return true;
        }
        let streams = self.remote.inbound_streams;
        for SkippedMessage { stream, order, mid } in forward.skipped() {
            if stream.0 >= streams {
                continue;
            }
            self.reassembly.skip(stream, order, mid);
            if order == Order::Ordered && self.delivery.skip(stream, mid) {
                self.events.push_back(Event::Readable(stream));
            }
        }
        self.reassembly.skip_through(through, |_| {});
        true
    }

    /// Whether to go forward: it was agreed on, and leads further. It is acknowledged at once, so
    /// that the other side stops to repeat it.
    fn is_news(&mut self, kind: Kind, through: Tsn) -> bool {
        if self.remote.kind != kind {
            self.violate(Violation::WrongChunkKind, &[]);
            return false;
        }
        self.ack.data(true);
        through.is_after(self.reassembly.cumulative())
    }
}
