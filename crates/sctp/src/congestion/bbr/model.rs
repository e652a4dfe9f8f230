//! What is known of the path: round trips, bandwidth, minimum delay, §5.5.

use core::time::Duration;

use sansio::Instant;

use super::Bbr;
use crate::congestion::controller::Ack;

/// The minimum round trip counts for so long (MinRTTFilterLen).
const MIN_RTT_WINDOW: Duration = Duration::from_secs(10);
/// The minimum is looked for if it was not seen for so long (ProbeRTTInterval).
const PROBE_RTT_INTERVAL: Duration = Duration::from_secs(5);

/// Round trips counted by packets, §5.5.1.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) count: u64,
    /// This acknowledgement began one.
    pub(super) start: bool,
    /// A packet sent when so much was delivered ends the round.
    next_delivered: u64,
    /// The window was used up in this round, and in the one before.
    limited: [bool; 2],
}

impl Round {
    /// A packet went out, and used the window up or not.
    pub(super) fn note_flight(&mut self, limited: bool) {
        self.limited[1] |= limited;
    }

    /// C.is_cwnd_limited.
    pub(super) fn is_window_limited(&self) -> bool {
        self.limited[0] || self.limited[1]
    }

    /// Bytes delivered when the round began.
    pub(super) fn delivered(&self) -> u64 {
        self.next_delivered
    }

    /// A round begins here.
    pub(super) fn begin(&mut self, delivered: u64) {
        self.next_delivered = delivered;
    }

    fn update(&mut self, ack: &Ack) {
        self.start = ack.sample.prior_delivered >= self.next_delivered;
        if self.start {
            self.next_delivered = ack.delivered;
            self.count += 1;
            self.limited = [self.limited[1], false];
        }
    }
}

/// The shortest round trip, §5.5.7.
#[derive(Debug, Default)]
pub(super) struct MinRtt {
    pub(super) value: Option<Duration>,
    stamp: Instant,
    /// The shortest since the last probe.
    probe_value: Option<Duration>,
    pub(super) probe_stamp: Instant,
    pub(super) probe_expired: bool,
}

impl Bbr {
    /// UpdateMaxBw, at the end of whose round losses are weighed.
    pub(super) fn update_congestion_signals(&mut self, ack: &Ack) {
        self.round.update(ack);
        if self.round.start {
            self.cycle.rounds_since_probe += 1;
        }
        if let Some(rate) = ack.sample.rate
            && (rate >= self.max_bandwidth.get() || !ack.sample.app_limited)
        {
            self.max_bandwidth.update(rate);
        }
        self.adapt_to_losses();
    }

    pub(super) fn update_aggregation(&mut self, now: Instant, ack: &Ack) {
        let (bandwidth, round) = (self.bandwidth, self.round.count);
        let startup = !self.full.reached;
        self.aggregation.update(now, ack.bytes, bandwidth, self.window, round, startup);
    }

    /// Whether bandwidth has stopped growing: three rounds without a quarter more, §5.3.1.2.
    pub(super) fn check_full_bandwidth(&mut self, ack: &Ack) {
        if self.full.now || !self.round.start || ack.sample.app_limited {
            return;
        }
        let rate = ack.sample.rate.unwrap_or(0);
        if rate as f64 >= self.full.bandwidth as f64 * 1.25 {
            self.full.reset(rate);
            return;
        }
        self.full.count += 1;
        self.full.now = self.full.count >= 3;
        self.full.reached |= self.full.now;
    }

    /// UpdateMinRTT.
    pub(super) fn update_min_rtt(&mut self, now: Instant, ack: &Ack) {
        let min = &mut self.min_rtt;
        min.probe_expired = now > min.probe_stamp + PROBE_RTT_INTERVAL;
        if let Some(rtt) = ack.rtt {
            // The draft wants a shorter one than ever. We take one that is as short but for a
            // 32nd: a flow that sees the bottom all the time need not stop to look for it.
            let known = min.probe_value.is_some_and(|value| rtt > value + value / 32);
            if !known || min.probe_expired {
                let shortest = min.probe_value.filter(|_| !min.probe_expired).unwrap_or(rtt);
                min.probe_value = Some(shortest.min(rtt));
                min.probe_stamp = now;
            }
        }
        let expired = now > min.stamp + MIN_RTT_WINDOW;
        if let Some(value) = min.probe_value
            && (expired || min.value.is_none_or(|known| value <= known))
        {
            (min.value, min.stamp) = (Some(value), min.probe_stamp);
        }
    }

    /// Bytes that the path holds without a queue, times `gain` (BDPMultiple).
    pub(super) fn bdp(&self, bandwidth: u64, gain: f64) -> usize {
        match self.min_rtt.value {
            Some(rtt) => (gain * bandwidth as f64 * rtt.as_secs_f64()) as usize,
            None => super::INITIAL_PACKETS * self.packet,
        }
    }
}
