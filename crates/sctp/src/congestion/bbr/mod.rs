//! BBR, version 3 (draft-ietf-ccwg-bbr): a model of the path, its bandwidth and its round trip,
//! says how fast to send and how much may be in flight. Losses that come now and then do not slow
//! it down, and it does not fill a deep queue.
//!
//! ```text
//!   Startup ──► Drain ──► Down ──► Cruise ──► Refill ──► Up ──┐     and once in 5 s, unless the
//!    2.77        0.5      0.9        1          1       1.25  │     round trip was short anyway:
//!                          ▲                                  │     ProbeRtt, half a flight
//!                          └──────────────────────────────────┘
//! ```
//!
//! The names are the draft's. Where this deviates from it, the place says so and why.
//!
//! ```text
//!  model      what is known of the path                     §5.5
//!  phase      Startup, Drain and the cycle of probes        §5.3.1 to §5.3.3
//!  probe_rtt  the round trip without a queue                §5.3.4
//!  loss       losses, and what they say about the path      §5.5.10
//!  control    pacing rate and window                        §5.6
//!  filter     maxima over a time
//! ```

mod control;
mod filter;
mod loss;
mod model;
mod phase;
mod probe_rtt;

use core::time::Duration;

use sansio::Instant;

use self::filter::{Aggregation, Bandwidth};
use self::loss::LossRound;
use self::model::{MinRtt, Round};
use self::phase::{Cycle, FullBandwidth, Phase};
use self::probe_rtt::ProbeRtt;
use super::INITIAL_PACKETS;
use super::controller::{Ack, Controller, Loss, LostPacket, SentPacket};

/// Packets in flight at least (MinPipeCwnd): enough for acknowledgements of every second one.
const MIN_PACKETS: usize = 4;

/// State of the controller.
#[derive(Debug)]
pub(crate) struct Bbr {
    /// Bytes of the largest DATA chunk (SMSS).
    packet: usize,
    /// C.cwnd.
    window: usize,
    /// The window before losses or a probe of the round trip.
    prior_window: usize,
    /// Bytes a second. `None`: not known yet.
    pacing_rate: Option<u64>,
    phase: Phase,
    round: Round,
    full: FullBandwidth,
    cycle: Cycle,
    probe_rtt: ProbeRtt,
    min_rtt: MinRtt,
    max_bandwidth: Bandwidth,
    /// Bytes a second to send with: the smaller of the two estimates (BBR.bw).
    bandwidth: u64,
    /// What losses since the last probe allow, bytes a second.
    bandwidth_short: u64,
    /// What losses since the last probe allow in flight.
    flight_short: usize,
    /// What the path holds without too many losses.
    flight_long: usize,
    latest: LossRound,
    aggregation: Aggregation,
    /// Losses are being repaired.
    recovering: bool,
    random: Random,
}

impl Bbr {
    /// `seed` decides when probes are sent.
    pub(crate) fn new(packet: usize, seed: u32) -> Self {
        Self {
            packet,
            window: INITIAL_PACKETS * packet,
            prior_window: 0,
            pacing_rate: None,
            phase: Phase::Startup,
            round: Round::default(),
            full: FullBandwidth::default(),
            cycle: Cycle::default(),
            probe_rtt: ProbeRtt::default(),
            min_rtt: MinRtt::default(),
            max_bandwidth: Bandwidth::default(),
            bandwidth: 0,
            bandwidth_short: u64::MAX,
            flight_short: usize::MAX,
            flight_long: usize::MAX,
            latest: LossRound::default(),
            aggregation: Aggregation::default(),
            recovering: false,
            random: Random(seed),
        }
    }

    fn save_window(&mut self) {
        let floor =
            if self.recovering || self.phase == Phase::ProbeRtt { self.prior_window } else { 0 };
        self.prior_window = self.window.max(floor);
    }

    fn restore_window(&mut self) {
        self.window = self.window.max(self.prior_window);
    }
}

impl Controller for Bbr {
    fn window(&self) -> usize {
        self.window
    }

    fn pacing_rate(&self) -> Option<u64> {
        self.pacing_rate
    }

    fn on_sent(&mut self, now: Instant, sent: &SentPacket) {
        self.round.note_flight(sent.flight + self.packet > self.window);
        // §5.4.1: back from a silence, with no queue to fear.
        if sent.flight == sent.bytes && sent.app_limited {
            self.probe_rtt.idle_restart = true;
            self.aggregation.restart(now);
            if self.phase.is_probe_bandwidth() {
                self.pace(1.0);
            } else if self.phase == Phase::ProbeRtt {
                self.check_probe_rtt_done(now);
            }
        }
    }

    fn on_ack(&mut self, now: Instant, ack: &Ack) {
        if self.recovering && !ack.in_recovery {
            self.recovering = false;
            self.restore_window();
        }
        self.update_latest_signals(ack);
        self.update_congestion_signals(ack);
        self.update_aggregation(now, ack);
        self.check_full_bandwidth(ack);
        self.check_startup_done();
        self.check_drain_done(now, ack);
        self.update_cycle(now, ack);
        self.update_min_rtt(now, ack);
        self.check_probe_rtt(now, ack);
        self.advance_latest_signals(ack);
        self.bandwidth = self.max_bandwidth.get().min(self.bandwidth_short);
        self.set_pacing_rate(ack);
        self.set_window(ack);
    }

    fn on_packet_lost(&mut self, now: Instant, lost: &LostPacket) {
        self.handle_lost_packet(now, lost);
    }

    fn on_loss(&mut self, _now: Instant, _loss: &Loss) {
        self.save_window();
        self.recovering = true;
    }

    fn on_timeout(&mut self, _now: Instant) {
        self.save_window();
        self.recovering = true;
        // §5.6.4.4: one packet, and from there what is delivered.
        self.window = self.packet;
    }

    // What was learnt of the path does not age with silence: pacing, not the window, bounds what
    // goes out first.
    fn on_idle(&mut self, _now: Instant) {}
}

/// A little randomness, so that flows do not probe in step.
#[derive(Debug)]
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        // A linear congruential generator: nobody gains from guessing it.
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    /// From zero up to `max`.
    fn up_to(&mut self, max: Duration) -> Duration {
        max.mul_f64(f64::from(self.next()) / f64::from(u32::MAX >> 8))
    }
}
