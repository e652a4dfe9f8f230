//! Losses, and what they say about the path, §5.3.1.3 and §5.5.10.

use core::time::Duration;

use sansio::Instant;

use super::Bbr;
use super::phase::Phase;
use crate::congestion::controller::{Ack, LostPacket};

/// More losses than this of what was in flight are too many (LossThresh).
const THRESHOLD: f64 = 0.02;
/// The same while round trips are short: where no packet waits, none is lost for lack of room. The
/// draft has one threshold, which makes a path that loses 5 % at random useless.
const THRESHOLD_WITHOUT_QUEUE: f64 = 0.15;
/// How much a bound shrinks at a time, at most (Beta).
const BETA: f64 = 0.7;
/// Lost chunks in a round that end Startup (StartupFullLossCnt).
const STARTUP_LOSSES: u32 = 6;

/// What is delivered and lost in a round trip.
#[derive(Debug, Default)]
pub(super) struct LossRound {
    /// The largest delivery rate, bytes a second.
    bandwidth: u64,
    /// The most that was delivered in the time of a packet.
    flight: usize,
    /// A packet sent when so much was delivered ends the round.
    delivered: u64,
    /// This acknowledgement began a round.
    start: bool,
    /// The shortest round trip in the round.
    rtt: Option<Duration>,
    /// Whether it was long: packets wait in a queue.
    queue: bool,
    /// Packets lost in the round.
    losses: u32,
    /// Bytes lost in the round.
    bytes: usize,
}

impl LossRound {
    /// ResetCongestionSignals.
    pub(super) fn reset(&mut self) {
        (self.losses, self.bytes, self.bandwidth, self.flight) = (0, 0, 0, 0);
    }
}

impl Bbr {
    /// UpdateLatestDeliverySignals.
    pub(super) fn update_latest_signals(&mut self, ack: &Ack) {
        let latest = &mut self.latest;
        latest.bandwidth = latest.bandwidth.max(ack.sample.rate.unwrap_or(0));
        latest.flight = latest.flight.max(ack.sample.delivered as usize);
        latest.start = ack.sample.prior_delivered >= latest.delivered;
        if let Some(rtt) = ack.rtt {
            latest.rtt = Some(latest.rtt.map_or(rtt, |known| known.min(rtt)));
        }
        if let (Some(rtt), Some(min)) = (latest.rtt, self.min_rtt.value) {
            latest.queue = rtt > min + min / 8 + Duration::from_millis(1);
        }
        if latest.start {
            latest.delivered = ack.delivered;
        }
    }

    /// AdvanceLatestDeliverySignals.
    pub(super) fn advance_latest_signals(&mut self, ack: &Ack) {
        if self.latest.start {
            self.latest.bandwidth = ack.sample.rate.unwrap_or(0);
            self.latest.flight = ack.sample.delivered as usize;
            self.latest.rtt = ack.rtt;
        }
    }

    /// Once a round: the short-term bounds follow what is delivered (LossLowerBounds).
    pub(super) fn adapt_to_losses(&mut self) {
        if !self.latest.start {
            return;
        }
        // The draft does so for any loss. On a path that loses packets whatever we do that would
        // make us slower each round, so without a queue it takes many.
        let many = if self.latest.queue {
            self.latest.losses > 0
        } else {
            self.latest.bytes as f64 > THRESHOLD_WITHOUT_QUEUE * self.latest.flight as f64
        };
        if many && !self.phase.is_accelerating() {
            if self.bandwidth_short == u64::MAX {
                self.bandwidth_short = self.max_bandwidth.get();
            }
            if self.flight_short == usize::MAX {
                self.flight_short = self.window;
            }
            let bandwidth = (self.bandwidth_short as f64 * BETA) as u64;
            let flight = (self.flight_short as f64 * BETA) as usize;
            self.bandwidth_short = self.latest.bandwidth.max(bandwidth);
            self.flight_short = self.latest.flight.max(flight);
        }
        if self.phase != Phase::Startup {
            (self.latest.losses, self.latest.bytes) = (0, 0);
        }
    }

    /// CheckStartupHighLoss.
    pub(super) fn check_startup_losses(&mut self) {
        if self.phase != Phase::Startup || !self.latest.start {
            return;
        }
        let many = self.latest.bytes as f64 > self.loss_threshold() * self.latest.flight as f64;
        if many && self.latest.losses >= STARTUP_LOSSES && self.recovering {
            self.full.reached = true;
            self.flight_long = self.bdp(self.max_bandwidth.get(), 1.0).max(self.latest.flight);
        }
        (self.latest.losses, self.latest.bytes) = (0, 0);
    }

    /// HandleLostPacket.
    pub(super) fn handle_lost_packet(&mut self, now: Instant, lost: &LostPacket) {
        if self.latest.losses == 0 {
            self.latest.delivered = lost.delivered;
        }
        self.latest.losses += 1;
        self.latest.bytes += lost.bytes;
        if !self.cycle.probe_sample || !self.is_flight_too_high(lost.lost, lost.flight) {
            return;
        }
        // At what flight did the losses cross the threshold?
        let before = lost.flight.saturating_sub(lost.bytes) as f64;
        let lost_before = lost.lost.saturating_sub(lost.bytes as u64) as f64;
        let threshold = self.loss_threshold();
        let prefix = ((threshold * before - lost_before) / (1.0 - threshold)).max(0.0);
        self.handle_flight_too_high(now, (before + prefix) as usize, lost);
    }

    /// IsInflightTooHigh.
    pub(super) fn is_flight_too_high(&self, lost: u64, flight: usize) -> bool {
        lost as f64 > flight as f64 * self.loss_threshold()
    }

    fn loss_threshold(&self) -> f64 {
        if self.latest.queue { THRESHOLD } else { THRESHOLD_WITHOUT_QUEUE }
    }

    pub(super) fn reset_short_term(&mut self) {
        (self.bandwidth_short, self.flight_short) = (u64::MAX, usize::MAX);
    }

    fn handle_flight_too_high(&mut self, now: Instant, flight: usize, lost: &LostPacket) {
        self.cycle.too_high = true;
        // Once a probe.
        self.cycle.probe_sample = false;
        if !lost.app_limited {
            self.flight_long = flight.max((self.target_flight() as f64 * BETA) as usize);
        }
        if self.phase == Phase::Up {
            self.start_down(now, lost.delivered);
        }
    }
}
