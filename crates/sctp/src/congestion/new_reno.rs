//! The congestion control of RFC 9260 §7.2: slow start, congestion avoidance, fast recovery.

use sansio::Instant;

use super::{Ack, Controller};

/// Packets in flight at the start. RFC 9260 §7.2.1 allows about 4; 10 is what TCP (RFC 6928) and
/// browsers do.
const INITIAL_PACKETS: usize = 10;
/// Packets in flight after a loss, at least, RFC 9260 §7.2.3.
const MIN_PACKETS: usize = 4;
/// A SACK grows the window by this many packets at most in slow start, RFC 9260 §7.2.1, RFC 3465
/// §2.2: 2, since delayed acknowledgements report two packets each.
const SLOW_START_PACKETS: usize = 2;

/// State of the controller.
#[derive(Debug)]
pub(crate) struct NewReno {
    /// Bytes of the largest DATA chunk, a packet's worth (PMDCS).
    packet: usize,
    window: usize,
    slow_start_threshold: usize,
    /// Bytes acknowledged since the window last grew in congestion avoidance.
    partial_bytes_acked: usize,
}

impl NewReno {
    pub(crate) fn new(packet: usize) -> Self {
        Self {
            packet,
            window: INITIAL_PACKETS * packet,
            slow_start_threshold: usize::MAX,
            partial_bytes_acked: 0,
        }
    }
}

impl Controller for NewReno {
    fn window(&self) -> usize {
        self.window
    }

    fn on_ack(&mut self, _now: Instant, ack: &Ack) {
        // Only what is used up grows, and only with progress.
        let used = ack.flight_before + self.packet > self.window;
        if !ack.cumulative || ack.in_recovery {
            return;
        }
        if self.window <= self.slow_start_threshold {
            if used {
                self.window += ack.bytes.min(SLOW_START_PACKETS * self.packet);
            }
        } else {
            self.partial_bytes_acked += ack.bytes;
            if self.partial_bytes_acked >= self.window && used {
                self.partial_bytes_acked -= self.window;
                self.window += self.packet;
            }
            self.partial_bytes_acked = self.partial_bytes_acked.min(self.window);
        }
        if ack.all_acked {
            self.partial_bytes_acked = 0;
        }
    }

    fn on_loss(&mut self, _now: Instant, _flight: usize) {
        self.slow_start_threshold = (self.window / 2).max(MIN_PACKETS * self.packet);
        self.window = self.slow_start_threshold;
        self.partial_bytes_acked = 0;
    }

    fn on_timeout(&mut self, _now: Instant) {
        self.slow_start_threshold = (self.window / 2).max(MIN_PACKETS * self.packet);
        self.window = self.packet;
        self.partial_bytes_acked = 0;
    }

    fn on_idle(&mut self, _now: Instant) {
        // RFC 9260 §7.2.1: the path may have changed since.
        self.slow_start_threshold = self.slow_start_threshold.max(self.window);
        self.window = (self.window / 2).max(INITIAL_PACKETS * self.packet).min(self.window);
    }
}
