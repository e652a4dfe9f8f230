//! When the tail of what was sent is probed, RFC 8985 §7.

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk::Sack;
use crate::recovery::{Probe, Probed};

impl Association {
    /// Something was sent or acknowledged: if nothing more is heard, a probe goes out (§7.2).
    #[inline]
    pub(super) fn schedule_probe(&mut self, now: Instant) {
        let Some(smoothed) = self.rto.smoothed() else { return };
        if self.sending.recovery.is_some()
            || self.sending.probe.is_out()
            || self.outstanding.reported() > 0
            || self.outstanding.flight() == 0
        {
            return self.timers.stop(Timer::Probe);
        }
        // An acknowledgement that is delayed is asked for rather than waited for when it is all that
        // a reset or a shutdown waits for.
        let alone = self.outstanding.flight() <= self.config.max_packet_size;
        let at = now + Probe::timeout(smoothed, alone && !self.is_waited_for());
        if self.timers.at(Timer::Retransmit).is_none_or(|t3| at < t3) {
            self.timers.set(Timer::Probe, at);
        } else {
            self.timers.stop(Timer::Probe);
        }
    }

    /// Nothing was heard (§7.3): new data if there is any, or the last chunk again.
    pub(super) fn probe_expired(&mut self, now: Instant) {
        let sending = matches!(
            self.state,
            State::Established | State::ShutdownPending | State::ShutdownReceived
        );
        // A chunk under way where the other side has no room is a probe of its own (§6.1 A).
        if !sending || self.sending.probing || self.outstanding.flight() == 0 {
            return;
        }
        self.sending.probe.due = true;
        if !self.has_new_data(now) && self.outstanding.resend_last(now).is_none() {
            self.sending.probe.cancel();
        }
    }

    /// The probe goes out.
    pub(super) fn probe_sent(&mut self, now: Instant, again: bool) {
        self.sending.probe.sent(self.outstanding.end(), again);
        self.counters.probes += 1;
        self.timers.stop(Timer::Probe);
        // §7.3: it has a whole RTO.
        self.timers.set(Timer::Retransmit, now + self.rto.current());
    }

    /// A SACK: has a probe been answered?
    pub(super) fn handle_probe_ack(&mut self, now: Instant, sack: &Sack<'_>) {
        let duplicates = sack.duplicates().next().is_some();
        let acked = self.outstanding.first();
        if duplicates {
            self.sending.rack.duplicates(acked, self.outstanding.end());
        }
        if self.sending.probe.acked(acked, duplicates) == Probed::Repaired
            && self.sending.recovery.is_none()
        {
            self.note_repaired_loss(now);
        }
    }
}
