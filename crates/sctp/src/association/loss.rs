//! What is lost and its repair, RFC 9260 §7.2.4 with the times of RFC 8985 in place of misses.

use sansio::Instant;

use super::state::{Association, Cause, Recovery};
use super::timers::Timer;
use crate::congestion::{Loss, LostPacket};
use crate::outgoing::{Losses, Overdue};

impl Association {
    /// Finds what has been on its way for too long. Called for each SACK, and when the time of the
    /// next chunk is over.
    pub(super) fn detect_losses(&mut self, now: Instant) {
        let flight_before = self.outstanding.flight();
        self.detect_losses_since(now, flight_before);
    }

    /// The same, with what was in flight before the SACK at hand. Returns the bytes that are lost.
    pub(super) fn detect_losses_since(&mut self, now: Instant, flight_before: usize) -> usize {
        let overdue = self.sending.rack.overdue(
            self.sending.min_rtt.get(),
            self.rto.smoothed(),
            self.sending.recovery.is_some(),
            self.outstanding.reported(),
        );
        let Some((before, wait)) = overdue else { return 0 };
        let (rate, congestion) = (&mut self.sending.rate, &mut self.congestion);
        let losses = self.outstanding.find_lost(Overdue { now, before, wait }, |packet, bytes| {
            rate.lost(bytes);
            congestion.on_packet_lost(
                now,
                &LostPacket {
                    bytes,
                    flight: packet.flight,
                    lost: rate.total_lost() - packet.snapshot.lost,
                    delivered: rate.total(),
                    app_limited: packet.snapshot.app_limited,
                },
            );
        });
        match losses.next {
            Some(next) => self.timers.set(Timer::Reorder, next),
            None => self.timers.stop(Timer::Reorder),
        }
        if losses.bytes > 0 {
            self.repair(now, &losses, flight_before);
        }
        losses.bytes
    }

    /// Everything in flight is lost.
    pub(super) fn lose_all(&mut self) {
        self.outstanding.lose_all();
        self.timers.stop(Timer::Reorder);
        self.timers.stop(Timer::Probe);
        self.sending.probe.cancel();
        self.sending.recovery = (!self.outstanding.is_empty()).then(|| Recovery {
            until: self.outstanding.end(),
            since: self.outstanding.next_packet(),
            cause: Cause::Timeout,
        });
    }

    /// Whether everything that was in flight when losses were found is acknowledged.
    pub(super) fn leave_recovery(&mut self) {
        let acked = self.outstanding.first();
        if self.sending.recovery.is_some_and(|recovery| acked >= recovery.until) {
            self.sending.recovery = None;
            self.sending.rack.recovered();
        }
    }

    /// A probe has repaired a loss that nobody had seen (RFC 8985 §7.4).
    pub(super) fn note_repaired_loss(&mut self, now: Instant) {
        let flight = self.outstanding.flight();
        self.counters.fast_recoveries += 1;
        self.begin_recovery(now, flight);
    }

    fn repair(&mut self, now: Instant, losses: &Losses, flight_before: usize) {
        self.timers.stop(Timer::Probe);
        self.sending.probe.cancel();
        // §7.2.4: losses of one round trip count once. A packet that was sent after the first of
        // them was found is of the next one, be it new or a repair.
        let news = self.sending.recovery.is_none_or(|r| losses.newest >= Some(r.since));
        if news {
            let begun = self.sending.recovery.is_none_or(|r| r.cause == Cause::Timeout);
            self.counters.fast_recoveries += u64::from(begun);
            self.begin_recovery(now, flight_before);
        }
    }

    fn begin_recovery(&mut self, now: Instant, flight_before: usize) {
        let until = self.outstanding.end();
        let since = self.outstanding.next_packet();
        self.sending.recovery = Some(Recovery { until, since, cause: Cause::Loss });
        self.congestion.on_loss(now, &Loss { flight: self.outstanding.flight(), flight_before });
    }
}
