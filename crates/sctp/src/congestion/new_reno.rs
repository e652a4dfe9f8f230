//! The congestion control of RFC 9260 §7.2: slow start, congestion avoidance, fast recovery.

use core::time::Duration;

use sansio::Instant;

use super::controller::{Ack, Controller, Loss, LostPacket, SentPacket, window_rate};
use super::prr::Prr;
use super::{INITIAL_PACKETS, MIN_PACKETS};

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
    /// Losses are being repaired.
    recovery: Option<Prr>,
    smoothed_rtt: Option<Duration>,
}

impl NewReno {
    pub(crate) fn new(packet: usize) -> Self {
        Self {
            packet,
            window: INITIAL_PACKETS * packet,
            slow_start_threshold: usize::MAX,
            partial_bytes_acked: 0,
            recovery: None,
            smoothed_rtt: None,
        }
    }

    fn reduce(&mut self) {
        self.slow_start_threshold = (self.window / 2).max(MIN_PACKETS * self.packet);
        self.partial_bytes_acked = 0;
    }
}

impl Controller for NewReno {
    fn window(&self) -> usize {
        self.recovery.map_or(self.window, |prr| prr.window())
    }

    fn pacing_rate(&self) -> Option<u64> {
        window_rate(self.window, self.smoothed_rtt, self.window <= self.slow_start_threshold)
    }

    fn on_sent(&mut self, _now: Instant, sent: &SentPacket) {
        if let Some(prr) = &mut self.recovery {
            prr.on_sent(sent.bytes);
        }
    }

    fn on_ack(&mut self, _now: Instant, ack: &Ack) {
        self.smoothed_rtt = ack.smoothed_rtt;
        if let Some(prr) = &mut self.recovery {
            let safe = ack.cumulative && ack.lost == 0;
            prr.on_ack(ack.bytes, ack.flight, safe);
            if !ack.in_recovery {
                self.recovery = None;
            }
            return;
        }
        // Only what is used up grows, and only with progress.
        let used = ack.uses_window(self.window, self.packet);
        if !ack.cumulative {
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

    fn on_packet_lost(&mut self, _now: Instant, _lost: &LostPacket) {}

    fn on_loss(&mut self, _now: Instant, loss: &Loss) {
        self.reduce();
        self.window = self.slow_start_threshold;
        let (start, flight) = (loss.flight_before, loss.flight);
        self.recovery = Some(Prr::new(self.packet, self.window, start, flight));
    }

    fn on_timeout(&mut self, _now: Instant) {
        self.reduce();
        self.window = self.packet;
        self.recovery = None;
    }

    fn on_idle(&mut self, _now: Instant) {
        // RFC 9260 §7.2.1: the path may have changed since.
        self.slow_start_threshold = self.slow_start_threshold.max(self.window);
        self.window = (self.window / 2).max(INITIAL_PACKETS * self.packet).min(self.window);
    }
}
