//! SACK arrives: what is acknowledged, what is lost, how much may be sent, RFC 9260 §6.2.1, §6.3,
//! §7.2.

use core::ops::Range;

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk::Sack;
use crate::congestion::Ack;
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
        self.measure_rtt(now, &acked);
        self.leave_recovery();

        let in_recovery = self.sending.recovery.is_some();
        if acked.bytes > 0 {
            self.sending.errors = 0;
            let ack = Ack {
                bytes: acked.bytes,
                flight_before,
                cumulative: advanced,
                in_recovery,
                all_acked: self.outstanding.is_empty(),
            };
            self.congestion.on_ack(now, &ack);
        }
        // §7.2.4: misses count below the highest chunk newly acknowledged; while losses are
        // repaired and there is progress, below the highest reported.
        let reported = gaps.last().map(|gap| gap.end - 1);
        let (highest, least) =
            if in_recovery && advanced { (reported, 1) } else { (acked.highest, 0) };
        self.sending.gaps = gaps;
        if highest.is_some_and(|highest| self.outstanding.count_misses(highest, least)) {
            self.enter_recovery(now);
        }
        self.update_window(sack.window as usize, advanced);
        self.restart_t3(now, advanced);
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

    /// §6.3.1 C4, C5: one measurement a round trip, never on a chunk sent twice.
    fn measure_rtt(&mut self, now: Instant, acked: &Acked) {
        if let Some((position, sent_at)) = acked.sent_at
            && position >= self.sending.rtt_from
        {
            self.rto.measured(now - sent_at);
            self.sending.rtt_from = self.outstanding.end();
        }
    }

    fn enter_recovery(&mut self, now: Instant) {
        self.sending.fast_retransmit = true;
        if self.sending.recovery.is_none() {
            self.sending.recovery = Some(self.outstanding.end());
            self.counters.fast_recoveries += 1;
            self.congestion.on_loss(now, self.outstanding.flight());
        }
    }

    fn leave_recovery(&mut self) {
        let acked = self.outstanding.end() - self.outstanding.len() as u64;
        if self.sending.recovery.is_some_and(|until| acked >= until) {
            self.sending.recovery = None;
            self.sending.fast_retransmit = false;
        }
    }

    /// §6.2.1 D: the other side's room is what it says, less what is on its way.
    fn update_window(&mut self, advertised: usize, advanced: bool) {
        self.remote.window = advertised.saturating_sub(self.outstanding.unacked());
        if self.sending.probing && !advanced {
            // It answers, so it lives (§6.1 A).
            self.sending.errors = 0;
            if advertised >= self.outstanding.unacked() && advertised > 0 {
                // It dropped the probe, and has room now.
                self.sending.probing = false;
                self.outstanding.lose_all();
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
