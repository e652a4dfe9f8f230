//! DATA goes out: what was lost first, then what is new, as the windows allow, RFC 9260 §6.1.

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::config::Config;
use crate::congestion::SentPacket;
use crate::outgoing::Fragment;
use crate::packet::{HEADER_LEN, PacketBuilder};

/// A message that fits no packet whole begins in what is left of one if that is at least so much.
const MIN_FRAGMENT: usize = 256;

/// With fewer packets allowed in flight we ask for an acknowledgement of each (RFC 7053 §4): the
/// delayed one would cost more time than it saves packets.
const IMMEDIATE_BELOW_PACKETS: usize = 4;

/// Bytes of the largest DATA chunk (PMDCS, RFC 9260 §7).
pub(super) fn max_chunk(config: &Config) -> usize {
    (config.max_packet_size - HEADER_LEN) & !3
}

/// What may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Lost,
    /// New, up to so many bytes of payload.
    New(usize),
}

/// Payload of the first of the chunks that fill `room`, none of which is larger than `max_chunk`
/// bytes: it must fit the smallest packets too, if it has to be sent again.
fn share_of(room: usize, max_chunk: usize, overhead: usize) -> usize {
    let room = room & !3;
    let chunks = room.div_ceil(max_chunk).max(1);
    ((room / chunks) & !3).saturating_sub(overhead)
}

impl Association {
    /// Appends DATA chunks while they fit and may go out.
    pub(super) fn write_data(&mut self, now: Instant, packet: &mut PacketBuilder<'_>) {
        self.end_idleness(now);
        self.queue.begin_packet();
        let Some(mut next) = self.next_data(now, packet.room()) else {
            return self.note_app_limit();
        };
        if !self.may_leave(now) {
            return;
        }
        let (end, before) = (self.outstanding.end(), packet.len());
        let snapshot = self.sending.rate.snapshot(now, self.outstanding.flight());
        self.outstanding.begin_packet(now, snapshot);
        loop {
            match next {
                Next::Lost => {
                    self.write_lost(now, packet);
                    self.give_up(now);
                }
                Next::New(max) => self.write_new(packet, max),
            }
            let Some(another) = self.next_data(now, packet.room()) else { break };
            next = another;
        }
        let (bytes, flight) = (packet.len() - before, self.outstanding.flight());
        let app_limited = snapshot.app_limited;
        self.congestion.on_sent(now, &SentPacket { bytes, flight, app_limited });
        self.packet_left(bytes);
        self.search_path_mtu(packet.room());
        self.sending.last = Some(now);
        self.report_room();
        // RFC 9260 §6.3.2 R1. Before COOKIE ACK, T1 stands in.
        if !self.timers.is_running(Timer::Retransmit)
            && !matches!(self.state, State::CookieEchoed { .. })
        {
            self.timers.set(Timer::Retransmit, now + self.rto.current());
        }
        if self.sending.probe.due {
            self.probe_sent(now, self.outstanding.end() == end);
        } else {
            self.schedule_probe(now);
        }
    }

    /// RFC 9260 §7.2.1: after a silence of an RTO, what is known of the path is old.
    fn end_idleness(&mut self, now: Instant) {
        let idle = |last: Instant| now - last > self.rto.current();
        if self.outstanding.is_empty()
            && self.queue.buffered() > 0
            && self.sending.last.is_some_and(idle)
        {
            self.sending.last = Some(now);
            self.congestion.on_idle(now);
        }
    }

    /// Whether DATA can go out now.
    pub(super) fn has_data_to_send(&mut self, now: Instant) -> bool {
        let room = self.path_mtu.size() - HEADER_LEN;
        self.next_data(now, room).is_some() && self.may_leave(now)
    }

    fn next_data(&mut self, now: Instant, room: usize) -> Option<Next> {
        let open = self.outstanding.flight() < self.congestion.window();
        if !open && !self.sending.probe.due {
            return None;
        }
        if let Some((_, sent)) = self.outstanding.next_lost() {
            return (sent.len() <= room).then_some(Next::Lost);
        }
        self.next_new(now, room)
    }

    /// Whether there is something new to send, and room for it at the other side.
    pub(super) fn has_new_data(&mut self, now: Instant) -> bool {
        self.next_new(now, self.config.max_packet_size - HEADER_LEN).is_some()
    }

    /// Bytes of new payload for a packet with `room`.
    fn next_new(&mut self, now: Instant, room: usize) -> Option<Next> {
        let sendable = matches!(
            self.state,
            State::CookieEchoed { .. }
                | State::Established
                | State::ShutdownPending
                | State::ShutdownReceived
        );
        if !sendable || self.outstanding.len() >= self.config.max_outstanding {
            return None;
        }
        let payload_room = room.checked_sub(self.remote.kind.overhead())? & !3;
        self.queue.note_room(self.remote.window + self.outstanding.unacked());
        let len = self.queue.next_len(now)?;
        let whole = self.max_payload();
        if payload_room < len && (len <= whole || payload_room < MIN_FRAGMENT.min(whole)) {
            return None;
        }
        // §6.1 A: no more than the other side has room for; but one chunk may always be under way,
        // or its opening the window might go unnoticed.
        let share = share_of(room, max_chunk(&self.config), self.remote.kind.overhead());
        let max = if len <= whole { len } else { share.min(len) };
        let roomy = max <= self.remote.window;
        (roomy || self.outstanding.is_empty()).then_some(Next::New(max))
    }

    fn write_lost(&mut self, now: Instant, packet: &mut PacketBuilder<'_>) {
        let immediate = self.wants_immediate_ack() || self.is_waited_for();
        let Some((position, _)) = self.outstanding.next_lost() else { return };
        let tsn = self.outstanding.tsn(position);
        if let Some(sent) = self.outstanding.resend() {
            sent.write(tsn, immediate, packet.out());
            self.counters.retransmissions += 1;
        }
        if self.outstanding.cumulative_ack().next() == tsn {
            // §6.3.2 R1, and RFC 4960's R4: the earliest chunk has a whole RTO again.
            self.timers.set(Timer::Retransmit, now + self.rto.current());
        }
    }

    fn write_new(&mut self, packet: &mut PacketBuilder<'_>, max: usize) {
        let tsn = self.outstanding.next_tsn();
        let Some(fragment) = self.queue.next_fragment(max, tsn) else { return };
        let len = fragment.payload.len();
        let probing = len > self.remote.window;
        self.sending.probing = probing;
        self.remote.window = self.remote.window.saturating_sub(len);
        let immediate = probing || self.wants_immediate_ack() || self.is_last_word(&fragment);
        self.outstanding.push(fragment).write(tsn, immediate, packet.out());
    }

    fn wants_immediate_ack(&self) -> bool {
        self.sending.probe.due
            || self.congestion.window() < IMMEDIATE_BELOW_PACKETS * self.config.max_packet_size
            // Nothing more may be sent until then.
            || matches!(self.state, State::CookieEchoed { .. })
    }

    /// Whether a reset or a shutdown waits until all is acknowledged.
    pub(super) fn is_waited_for(&self) -> bool {
        let closing = matches!(self.state, State::ShutdownPending | State::ShutdownReceived);
        closing || self.resets.is_waiting()
    }

    /// Whether a reset or a shutdown waits for this one above all: nothing follows for which the
    /// acknowledgement could be delayed (RFC 7053 §4).
    fn is_last_word(&self, fragment: &Fragment) -> bool {
        let queue = &self.queue;
        let last_of_stream = || {
            let stream = fragment.stream;
            fragment.end && queue.is_resetting(stream) && queue.buffered_on(stream) == 0
        };
        self.is_waited_for() && (queue.buffered() == 0 || last_of_stream())
    }

    /// Most payload of a chunk.
    pub(super) fn max_payload(&self) -> usize {
        max_chunk(&self.config) - self.remote.kind.overhead()
    }
}
