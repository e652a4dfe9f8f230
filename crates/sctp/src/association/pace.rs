//! Packets leave at the pace of congestion control, and no faster than the application allows.

use sansio::Instant;

use super::data_out::max_chunk;
use super::state::Association;
use super::timers::Timer;
use crate::congestion::Pace;

impl Association {
    /// Sends DATA at no more than so many bits a second, headers of DATA chunks included; `None`
    /// leaves the pace to congestion control alone, which is the default. It is for those who know
    /// what else shares the path, such as the media of the same peer.
    pub fn set_rate_limit(&mut self, _now: Instant, bits_per_second: Option<u64>) {
        self.sending.rate_limit = bits_per_second.map(|bits| bits / 8);
        self.sending.pacer.unblock();
        self.timers.stop(Timer::Pace);
    }

    /// Bits a second at which DATA leaves at most, by congestion control and rate limit. `None`:
    /// as fast as the congestion window allows.
    pub fn pacing_rate(&self) -> Option<u64> {
        let pace = self.congestion.pacing_rate();
        let pace = pace.into_iter().chain(self.sending.rate_limit).min();
        pace.map(|rate| rate.saturating_mul(8))
    }

    /// Whether a packet with DATA may leave now. If not, the timer knows when.
    pub(super) fn may_leave(&mut self, now: Instant) -> bool {
        let Some(rate) = self.pace() else { return true };
        if self.sending.probe.due {
            return true;
        }
        let (packet, rtt) = (max_chunk(&self.config), self.sending.min_rtt.get());
        match self.sending.pacer.check(now, Pace { rate, packet, rtt }) {
            Ok(()) => true,
            Err(at) => {
                self.timers.set(Timer::Pace, at);
                false
            }
        }
    }

    /// Notes that the path could carry more than there is to send, or than the other side has room
    /// for: what it delivers then says little about it.
    pub(super) fn note_app_limit(&mut self) {
        let flight = self.outstanding.flight();
        let closed = self.remote.window < max_chunk(&self.config);
        if flight < self.congestion.window() && (closed || self.queue.buffered() == 0) {
            self.sending.rate.app_limited(flight);
        }
    }

    /// The same for the limit that the application has set.
    fn note_rate_limit(&mut self) {
        if let Some(limit) = self.sending.rate_limit
            && self.congestion.pacing_rate().is_none_or(|rate| limit < rate)
        {
            self.sending.rate.app_limited(self.outstanding.flight());
        }
    }

    /// A packet with DATA left.
    pub(super) fn packet_left(&mut self, bytes: usize) {
        if self.pace().is_some() {
            self.sending.pacer.sent(bytes);
        }
        self.note_rate_limit();
    }

    /// Bytes a second.
    #[inline]
    fn pace(&self) -> Option<u64> {
        let pace = if self.config.pacing { self.congestion.pacing_rate() } else { None };
        match (pace, self.sending.rate_limit) {
            (Some(rate), Some(limit)) => Some(rate.min(limit)),
            (rate, limit) => rate.or(limit),
        }
    }
}
