//! What the model means for sending: pacing rate and window, §5.6.

use super::phase::Phase;
use super::{Bbr, INITIAL_PACKETS, MIN_PACKETS};
use crate::congestion::controller::Ack;
use crate::congestion::rate::per_second;

/// Sending is so much slower than the bandwidth on average, so that queues go away
/// (PacingMarginPercent). The draft has 1 % where this has half of it: `Down` drains a queue too,
/// and a bulk transfer pays the margin in full.
const MARGIN: f64 = 0.995;
/// What a sender hands to the network at a time, in seconds of its rate (SendQuantum), and its
/// largest size.
const QUANTUM: f64 = 0.001;
const MAX_QUANTUM: usize = 64 << 10;

impl Bbr {
    pub(super) fn set_pacing_rate(&mut self, ack: &Ack) {
        if self.pacing_rate.is_none()
            && let Some(rtt) = ack.rtt.filter(|rtt| !rtt.is_zero())
        {
            let start = per_second((INITIAL_PACKETS * self.packet) as u64, rtt);
            self.pacing_rate = Some((start as f64 * Phase::Startup.pacing_gain()) as u64);
        }
        self.pace(self.phase.pacing_gain());
    }

    /// SetPacingRateWithGain.
    pub(super) fn pace(&mut self, gain: f64) {
        let rate = (gain * self.bandwidth as f64 * MARGIN) as u64;
        if let Some(current) = self.pacing_rate
            && rate > 0
            && (self.full.reached || rate > current)
        {
            self.pacing_rate = Some(rate);
        }
    }

    /// Bytes in flight that keep the path busy, times `gain` (Inflight).
    pub(super) fn flight_for(&self, gain: f64) -> usize {
        self.quantize(self.bdp(self.max_bandwidth.get(), gain))
    }

    /// SetCwnd.
    pub(super) fn set_window(&mut self, ack: &Ack) {
        let bdp = self.bdp(self.bandwidth, self.phase.window_gain());
        // Half of what the draft adds: beside another flow the rate varies with what that one
        // leaves, which looks like bursts, and the whole of it takes that flow's room.
        let share = if self.full.reached { 2 } else { 1 };
        let max = self.quantize(bdp + self.aggregation.get() / share);
        if self.bandwidth == 0 {
            // A round trip too short to measure: whatever the other side takes.
            self.window += ack.bytes;
        } else if self.full.reached {
            self.window = (self.window + ack.bytes).min(max);
        } else if self.window < max || ack.delivered < (INITIAL_PACKETS * self.packet) as u64 {
            self.window += ack.bytes;
        }
        self.window = self.window.max(MIN_PACKETS * self.packet);
        if self.phase == Phase::ProbeRtt {
            self.window = self.window.min(self.probe_rtt_window());
        }
        self.bound_window();
    }

    /// BoundCwndForModel.
    fn bound_window(&mut self) {
        let long = match self.phase {
            Phase::Startup | Phase::Drain => usize::MAX,
            Phase::Down | Phase::Refill | Phase::Up => self.flight_long,
            Phase::Cruise | Phase::ProbeRtt => self.flight_with_headroom(),
        };
        let bound = long.min(self.flight_short).max(MIN_PACKETS * self.packet);
        self.window = self.window.min(bound);
    }

    /// QuantizationBudget: room for what waits at the sender, the network and the receiver.
    fn quantize(&self, flight: usize) -> usize {
        let rate = self.pacing_rate.unwrap_or(0) as f64;
        let quantum = ((rate * QUANTUM) as usize).min(MAX_QUANTUM).max(2 * self.packet);
        let more = if self.phase == Phase::Up { 2 * self.packet } else { 0 };
        flight.max(3 * quantum).max(MIN_PACKETS * self.packet) + more
    }
}
