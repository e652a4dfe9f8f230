//! CUBIC, RFC 9438: the window grows along a cubic curve around the size at which packets were
//! last lost, however long the round trip is.
//!
//! ```text
//!  window        ╭ W_max ─ ─ ─ ─ ─ ─ ─╮          ╱
//!               ╱│           ________╱  convex: ╱  probing
//!              ╱ │β    _____╱ concave          ╱
//!    slow start  ╰────╱
//! ```

use core::time::Duration;

use sansio::Instant;

use super::controller::{Ack, Controller, Loss, LostPacket, SentPacket, window_rate};
use super::hystart::{Growth, HyStart};
use super::prr::Prr;
use super::{INITIAL_PACKETS, MIN_PACKETS};

/// Packets a cubic second, RFC 9438 §5.
const C: f64 = 0.4;
/// What is left of the window after a loss, RFC 9438 §4.6.
const BETA: f64 = 0.7;
/// How fast a Reno flow with this `BETA` grows, in packets a round trip, RFC 9438 §4.3.
const ALPHA: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);

/// State of the controller.
#[derive(Debug)]
pub(crate) struct Cubic {
    /// Bytes of the largest DATA chunk, a packet's worth.
    packet: usize,
    window: usize,
    slow_start_threshold: usize,
    hystart: HyStart,
    /// The window at the last loss, in packets (W_max).
    max: f64,
    epoch: Option<Epoch>,
    recovery: Option<Prr>,
    smoothed_rtt: Option<Duration>,
    /// Growth of less than a byte.
    fraction: f64,
}

/// Congestion avoidance since the last loss.
#[derive(Debug)]
struct Epoch {
    begun: Instant,
    /// The time at which the curve is back at `max`, in seconds (K).
    to_max: f64,
    /// The window of a Reno flow, in packets (W_est).
    reno: f64,
    /// The window before the loss, in packets: from there a Reno flow grows by a packet a round.
    prior: f64,
    last: Instant,
}

impl Cubic {
    pub(crate) fn new(packet: usize) -> Self {
        Self {
            packet,
            window: INITIAL_PACKETS * packet,
            slow_start_threshold: usize::MAX,
            hystart: HyStart::default(),
            max: 0.0,
            epoch: None,
            recovery: None,
            smoothed_rtt: None,
            fraction: 0.0,
        }
    }

    /// RFC 9438 §4.6, §4.7.
    fn reduce(&mut self) {
        let packets = self.window as f64 / self.packet as f64;
        // Fast convergence: who loses below the last maximum leaves room for a newcomer.
        self.max = if packets < self.max { packets * (1.0 + BETA) / 2.0 } else { packets };
        let reduced = (self.window as f64 * BETA) as usize;
        self.slow_start_threshold = reduced.max(MIN_PACKETS * self.packet);
        self.epoch = None;
    }

    fn in_slow_start(&self) -> bool {
        self.window < self.slow_start_threshold
    }

    fn slow_start(&mut self, ack: &Ack) {
        match self.hystart.on_ack(ack) {
            Growth::By(bytes) => {
                self.window = (self.window + bytes).min(self.slow_start_threshold);
            }
            Growth::Done => self.slow_start_threshold = self.window,
        }
    }

    /// RFC 9438 §4.2 to §4.5.
    fn avoid_congestion(&mut self, now: Instant, ack: &Ack) {
        let packets = self.window as f64 / self.packet as f64;
        let max = &mut self.max;
        let epoch = self.epoch.get_or_insert_with(|| {
            *max = max.max(packets);
            let to_max = ((*max - packets) / C).cbrt();
            Epoch { begun: now, to_max, reno: packets, prior: *max, last: now }
        });
        epoch.last = now;
        let curve = |t: f64| C * (t - epoch.to_max).powi(3) + *max;
        let elapsed = (now - epoch.begun).as_secs_f64();
        let rtt = self.smoothed_rtt.unwrap_or_default().as_secs_f64();
        let acked = ack.bytes as f64 / self.packet as f64;
        let alpha = if epoch.reno < epoch.prior { ALPHA } else { 1.0 };
        epoch.reno += alpha * acked / packets;
        let grown = if curve(elapsed) < epoch.reno {
            epoch.reno.max(packets)
        } else {
            let target = curve(elapsed + rtt).clamp(packets, 1.5 * packets);
            packets + (target - packets) / packets * acked
        };
        self.fraction += (grown - packets) * self.packet as f64;
        let whole = self.fraction.max(0.0) as usize;
        self.fraction -= whole as f64;
        self.window += whole;
    }
}

impl Controller for Cubic {
    fn window(&self) -> usize {
        self.recovery.map_or(self.window, |prr| prr.window())
    }

    fn pacing_rate(&self) -> Option<u64> {
        window_rate(self.window, self.smoothed_rtt, self.in_slow_start())
    }

    fn on_sent(&mut self, _now: Instant, sent: &SentPacket) {
        if let Some(prr) = &mut self.recovery {
            prr.on_sent(sent.bytes);
        }
    }

    fn on_ack(&mut self, now: Instant, ack: &Ack) {
        self.smoothed_rtt = ack.smoothed_rtt;
        if let Some(prr) = &mut self.recovery {
            prr.on_ack(ack.bytes, ack.flight, ack.cumulative && ack.lost == 0);
            if !ack.in_recovery {
                self.recovery = None;
            }
            return;
        }
        if !ack.uses_window(self.window, self.packet) {
            // §5.8: time in which there is too little to send is not time to grow.
            if let Some(epoch) = &mut self.epoch {
                epoch.begun += now - epoch.last;
                epoch.last = now;
            }
            return;
        }
        if self.in_slow_start() {
            self.slow_start(ack);
        } else {
            self.avoid_congestion(now, ack);
        }
    }

    fn on_packet_lost(&mut self, _now: Instant, _lost: &LostPacket) {}

    fn on_loss(&mut self, _now: Instant, loss: &Loss) {
        self.reduce();
        self.window = self.slow_start_threshold;
        self.recovery = Some(Prr::new(self.packet, self.window, loss.flight_before, loss.flight));
    }

    fn on_timeout(&mut self, _now: Instant) {
        self.reduce();
        self.window = self.packet;
        self.recovery = None;
        // §4.8: the curve begins anew from where slow start ends.
        self.max = 0.0;
    }

    fn on_idle(&mut self, _now: Instant) {
        // RFC 9260 §7.2.1: the path may have changed since.
        self.slow_start_threshold = self.slow_start_threshold.max(self.window);
        self.window = (self.window / 2).max(INITIAL_PACKETS * self.packet).min(self.window);
        self.epoch = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::tests::{loss, packets_acked};

    const PACKET: usize = 1000;

    /// The window in packets, a round trip of 100 ms after another.
    fn rounds(cubic: &mut Cubic, now: &mut Instant, n: usize) -> Vec<usize> {
        let round = |_| {
            *now += Duration::from_millis(100);
            for _ in 0..cubic.window / PACKET {
                cubic.on_ack(*now, &packets_acked(PACKET, cubic.window, 100));
            }
            cubic.window / PACKET
        };
        (0..n).map(round).collect()
    }

    #[test]
    fn is_back_at_the_window_of_the_loss_after_k_seconds() {
        let mut cubic = Cubic::new(PACKET);
        cubic.window = 100 * PACKET;
        let mut now = Instant::from_millis(1000);
        cubic.on_loss(now, &loss(100 * PACKET, 99 * PACKET));
        assert_eq!(cubic.slow_start_threshold, 70 * PACKET);
        cubic.on_ack(now, &packets_acked(PACKET, 0, 100)); // the end of the recovery
        // K = cbrt(30 / 0.4) = 4.2 s.
        let windows = rounds(&mut cubic, &mut now, 60);
        assert!((97..=100).contains(&windows[37]), "{windows:?}");
        assert!(windows[10] - 70 > windows[41] - windows[31], "concave: {windows:?}");
        assert!(windows[59] > 100, "and beyond: {windows:?}");
    }

    #[test]
    fn grows_at_least_as_a_reno_flow() {
        // K is long with few packets: 10 packets on a path of 100 ms.
        let mut cubic = Cubic::new(PACKET);
        cubic.window = 20 * PACKET;
        let mut now = Instant::from_millis(1000);
        cubic.on_loss(now, &loss(20 * PACKET, 19 * PACKET));
        cubic.on_ack(now, &packets_acked(PACKET, 0, 100));
        let windows = rounds(&mut cubic, &mut now, 12);
        assert!(windows[11] >= 14 + 5, "0.53 packets a round: {windows:?}");
    }

    #[test]
    fn fast_convergence_leaves_room() {
        let mut cubic = Cubic::new(PACKET);
        cubic.window = 100 * PACKET;
        cubic.on_loss(Instant::ZERO, &loss(100 * PACKET, 99 * PACKET));
        assert_eq!(cubic.max, 100.0);
        cubic.on_loss(Instant::ZERO, &loss(70 * PACKET, 69 * PACKET));
        assert_eq!(cubic.max, 59.5);
    }

    #[test]
    fn slow_start_ends_when_the_round_trip_grows() {
        let mut cubic = Cubic::new(PACKET);
        let (mut now, mut delivered, mut rtt) = (Instant::from_millis(100), 0, 40);
        while cubic.in_slow_start() {
            let prior = delivered;
            for _ in 0..cubic.window / PACKET {
                delivered += PACKET as u64;
                let mut ack = packets_acked(PACKET, cubic.window, rtt);
                (ack.delivered, ack.sample.prior_delivered) = (delivered, prior);
                cubic.on_ack(now, &ack);
            }
            now += Duration::from_millis(rtt);
            // A queue from 80 packets on.
            rtt = if cubic.window > 80 * PACKET { rtt + 6 } else { rtt };
            assert!(cubic.window < 1000 * PACKET);
        }
        // Five rounds that grow by a quarter.
        assert!(cubic.window < 80 * 2 * 4 * PACKET, "{}", cubic.window / PACKET);
    }
}
