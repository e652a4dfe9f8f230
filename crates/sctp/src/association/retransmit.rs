//! T3: nothing was acknowledged for too long, RFC 9260 §6.3.3.

use sansio::Instant;

use super::state::Association;
use super::timers::Timer;
use crate::error::CloseReason;

impl Association {
    /// T3 expired.
    pub(super) fn t3_expired(&mut self, now: Instant) {
        if self.outstanding.is_empty() || !self.count_error() {
            return;
        }
        self.counters.timeouts += 1;
        if !self.sending.probing {
            // A probe that is dropped for lack of room is no sign of congestion.
            self.congestion.on_timeout(now);
        }
        self.suspect_black_hole();
        self.rto.back_off();
        self.lose_all();
        // §6.3.1 C5: what is sent again says nothing about the round trip.
        self.sending.rtt_from = self.outstanding.next_packet();
        // RFC 3758 §3.5 C5: FORWARD TSN may have been lost too.
        self.pending.forward_tsn = self.outstanding.has_abandoned();
        self.timers.set(Timer::Retransmit, now + self.rto.current());
    }

    /// §8.1: too many in a row, and the other side is gone. Returns whether it goes on.
    pub(super) fn count_error(&mut self) -> bool {
        if self.sending.errors >= self.config.max_retransmissions {
            self.end(CloseReason::Timeout { retransmissions: self.sending.errors });
            return false;
        }
        self.sending.errors += 1;
        true
    }
}
