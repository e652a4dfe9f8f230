//! SACK arrives: what is acknowledged, what is lost, how much may be sent, RFC 9260 §6.2.1, §6.3,
//! §7.2.

use core::ops::Range;
use core::time::Duration;

use sansio::Instant;

use super::state::{Association, Cause, State};
use super::timers::Timer;
use crate::chunk::Sack;
use crate::congestion::{Ack, Newest, RateSample};
use crate::error::Violation;
use crate::outgoing::{Acked, Position};
use crate::serial::Tsn;

impl Association {
    /// SACK from the other side.
    pub(super) fn handle_sack(&mut self, now: Instant, sack: &Sack<'_>) -> bool {
        if !matches!(
            self.state,
            State::Established | State::ShutdownPending | State::ShutdownReceived
        ) {
            return false;
        }
        let cumulative = sack.cumulative_tsn;
        if !self.is_plausible(cumulative) {
            return matches!(self.state, State::Ended);
        }
        let flight_before = self.outstanding.flight();
        let advanced = cumulative != self.outstanding.cumulative_ack();
        let mut acked = Acked::default();
        self.outstanding.ack_cumulative(cumulative, &mut acked);
        let mut gaps = core::mem::take(&mut self.sending.gaps);
        self.collect_gaps(sack, &mut gaps);
        self.outstanding.ack_gaps(&gaps, &mut acked);
        self.sending.gaps = gaps;
        let delivery = self.measure(now, &acked);
        self.outstanding.finish_ack(&acked);
        self.leave_recovery();
        self.handle_probe_ack(now, sack);

        let lost = self.detect_losses_since(now, flight_before);
        if let Some((rtt, sample)) = delivery {
            self.sending.errors = 0;
            let ack = Ack {
                bytes: acked.bytes,
                lost,
                flight_before,
                flight: self.outstanding.flight(),
                cumulative: advanced,
                in_recovery: self.sending.recovery.is_some_and(|r| r.cause == Cause::Loss),
                all_acked: self.outstanding.is_empty(),
                rtt,
                smoothed_rtt: self.rto.smoothed(),
                sample,
                delivered: self.sending.rate.total(),
            };
            self.congestion.on_ack(now, &ack);
        }
        self.update_window(sack.window as usize, advanced);
        self.restart_t3(now, advanced);
        if acked.bytes > 0 {
            self.schedule_probe(now);
        }
        self.pending.forward_tsn |= self.outstanding.has_abandoned();
        true
    }

    /// Whether a cumulative TSN can be: not older than what we know, and sent.
    fn is_plausible(&mut self, cumulative: Tsn) -> bool {
        let known = self.outstanding.cumulative_ack();
        if cumulative != known && !cumulative.is_after(known) {
            // §6.2.1 D i: overtaken by a later one.
            return false;
        }
        if cumulative.since(known) as usize > self.outstanding.len() {
            self.violate(Violation::AckOfUnsent, &[]);
            return false;
        }
        true
    }

    /// The gap blocks as positions: in order, disjoint, and only of what was sent.
    fn collect_gaps(&self, sack: &Sack<'_>, gaps: &mut Vec<Range<Position>>) {
        gaps.clear();
        // Offset 1 of a gap block is the first chunk that is not acknowledged.
        let base = self.outstanding.position(sack.cumulative_tsn.next());
        let end = self.outstanding.end();
        for block in sack.gap_blocks() {
            let first = base + u64::from(block.start).saturating_sub(1);
            let gap = first..(base + u64::from(block.end)).min(end);
            if block.start > 0 && !gap.is_empty() {
                gaps.push(gap);
            }
        }
        if !gaps.is_sorted_by(|a, b| a.end < b.start) {
            gaps.sort_unstable_by_key(|gap| gap.start);
            gaps.dedup_by(|next, kept| {
                let touches = next.start <= kept.end;
                if touches {
                    kept.end = kept.end.max(next.end);
                }
                touches
            });
        }
    }

    /// How long the newest packet took, if that is known, and how fast the path delivers. `None`:
    /// nothing was acknowledged for the first time.
    fn measure(&mut self, now: Instant, acked: &Acked) -> Option<(Option<Duration>, RateSample)> {
        let age = |number| self.outstanding.packet(number).map(|packet| now - packet.sent_at);
        let once = acked.once.and_then(|number| Some((number, age(number)?)));
        // RFC 8985 §6.2 step 2: too soon after it was sent again, it is the one before that came.
        let least = self.sending.min_rtt.get().unwrap_or_default();
        let again = acked.again.and_then(|number| Some((number, age(number)?)));
        let again_sound = again.filter(|(_, rtt)| *rtt >= least);
        if let Some((number, rtt)) = once {
            self.sending.min_rtt.measured(now, rtt);
            // RFC 9260 §6.3.1 C4, C5: one measurement a round trip, never on a chunk sent twice.
            if number >= self.sending.rtt_from {
                self.rto.measured(rtt);
                self.sending.rtt_from = self.outstanding.next_packet();
            }
        }
        if acked.reordered {
            self.sending.rack.reordered();
        }
        if let Some((number, rtt)) = once.max(again_sound) {
            self.sending.rack.arrived(number, rtt);
        }
        let (number, _) = once.max(again_sound).or(again)?;
        let packet = self.outstanding.packet(number)?;
        let (sent_at, snapshot, flight) = (packet.sent_at, packet.snapshot, packet.flight);
        let newest = Newest { sent_at, snapshot, flight };
        let sample = self.sending.rate.acked(now, acked.bytes, newest, least);
        Some((once.map(|(_, rtt)| rtt), sample))
    }

    /// §6.2.1 D: the other side's room is what it says, less what is on its way.
    fn update_window(&mut self, advertised: usize, advanced: bool) {
        self.remote.window = advertised.saturating_sub(self.outstanding.unacked());
        if !advanced && advertised < self.outstanding.unacked() {
            // It answers and has no room for what it is sent, so it lives (§6.1 A).
            self.sending.errors = 0;
        }
        if self.sending.probing && !advanced {
            self.sending.errors = 0;
            if advertised >= self.outstanding.unacked() && advertised > 0 {
                // It dropped the probe, and has room now.
                self.sending.probing = false;
                self.lose_all();
            }
        }
    }

    /// §6.3.2 R2, R3.
    fn restart_t3(&mut self, now: Instant, advanced: bool) {
        if self.outstanding.is_empty() {
            self.timers.stop(Timer::Retransmit);
        } else if advanced {
            self.timers.set(Timer::Retransmit, now + self.rto.current());
        }
    }
}
