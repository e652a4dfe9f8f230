//! The phases: Startup, Drain, and the cycle that probes for bandwidth, §5.3.1 to §5.3.3.

use core::time::Duration;

use sansio::Instant;

use super::Bbr;
use crate::congestion::controller::Ack;

/// Drain ends after so many rounds, whatever is in flight.
const DRAIN_ROUNDS: u64 = 3;
/// Time between probes of bandwidth, and what chance adds to it at most.
const PROBE_WAIT: Duration = Duration::from_secs(2);
const PROBE_WAIT_SPREAD: Duration = Duration::from_secs(1);
/// Rounds between probes, at most: a Reno flow on the same path has grown by as many packets.
const PROBE_ROUNDS: usize = 63;
/// What stays free of the long-term bound for other flows (Headroom).
const HEADROOM: f64 = 0.15;

/// Where the controller stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Twice as fast each round.
    Startup,
    /// What Startup has queued goes away.
    Drain,
    /// ProbeBW_DOWN: a little slower than the path, to leave room.
    Down,
    /// ProbeBW_CRUISE: as fast as the path.
    Cruise,
    /// ProbeBW_REFILL: a round without a queue before the probe.
    Refill,
    /// ProbeBW_UP: a little faster, to see whether there is more.
    Up,
    /// A short flight, to see how long the path is.
    ProbeRtt,
}

impl Phase {
    pub(super) fn is_probe_bandwidth(self) -> bool {
        matches!(self, Self::Down | Self::Cruise | Self::Refill | Self::Up)
    }

    /// IsProbingBW.
    pub(super) fn is_accelerating(self) -> bool {
        matches!(self, Self::Startup | Self::Refill | Self::Up)
    }

    /// How much faster than the bandwidth to send, §5.6.1.
    pub(super) fn pacing_gain(self) -> f64 {
        match self {
            Self::Startup => 2.77,
            Self::Drain => 0.5,
            Self::Down => 0.9,
            Self::Cruise | Self::Refill | Self::ProbeRtt => 1.0,
            Self::Up => 1.25,
        }
    }

    /// How much more than the path holds may be in flight.
    ///
    /// The draft says 2 where this says 1.5, and 2.25 while it probes. With 2 the flow takes three
    /// quarters of a path that it shares with a CUBIC flow and whose queue holds what the path does
    /// (both fill the queue, and the one whose window allows more keeps more); with 1.5 it takes
    /// half (`benches/snapshots/sctp.md`), and loses nothing where it is alone. What arrives in
    /// bursts has room of its own (`Aggregation`).
    pub(super) fn window_gain(self) -> f64 {
        match self {
            Self::Startup | Self::Drain => 2.0,
            Self::Down | Self::Cruise | Self::Refill | Self::Up => 1.5,
            Self::ProbeRtt => 0.5,
        }
    }
}

/// Whether the bandwidth is known, §5.3.1.2.
#[derive(Debug, Default)]
pub(super) struct FullBandwidth {
    /// It was reached once.
    pub(super) reached: bool,
    /// It is reached in this probe.
    pub(super) now: bool,
    pub(super) bandwidth: u64,
    pub(super) count: u32,
}

impl FullBandwidth {
    pub(super) fn reset(&mut self, bandwidth: u64) {
        (self.bandwidth, self.count, self.now) = (bandwidth, 0, false);
    }
}

/// Which packets the acknowledgements at hand are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Acks {
    #[default]
    Init,
    Refilling,
    ProbeStarting,
    ProbeFeedback,
    ProbeStopping,
}

/// State of the cycle.
#[derive(Debug, Default)]
pub(super) struct Cycle {
    begun: Instant,
    wait: Duration,
    pub(super) rounds_since_probe: u64,
    acks: Acks,
    /// Samples come from a probe (is_bw_probe_sample).
    pub(super) probe_sample: bool,
    /// The last probe met too many losses.
    pub(super) too_high: bool,
    /// The last probe stopped for fear of that.
    precautionary: bool,
    up_rounds: u32,
    up_acked: usize,
    /// The long-term bound grows by a packet each time so much is acknowledged.
    up_per_packet: usize,
    drain_round: u64,
}

impl Bbr {
    pub(super) fn check_startup_done(&mut self) {
        self.check_startup_losses();
        if self.phase == Phase::Startup && self.full.reached {
            self.phase = Phase::Drain;
            self.cycle.drain_round = self.round.count;
        }
    }

    pub(super) fn check_drain_done(&mut self, now: Instant, ack: &Ack) {
        if self.phase == Phase::Drain
            && (ack.flight <= self.flight_for(1.0)
                || self.round.count > self.cycle.drain_round + DRAIN_ROUNDS)
        {
            self.start_down(now, ack.delivered);
            self.mend_startup_bound();
        }
    }

    /// Losses that end Startup are found before the rate is known at which the rest arrives. The
    /// draft keeps the bound that they set for two seconds; we raise it to what is known now, and
    /// probe at once.
    fn mend_startup_bound(&mut self) {
        if self.flight_long != usize::MAX {
            self.flight_long = self.flight_long.max(self.bdp(self.max_bandwidth.get(), 1.0));
            self.cycle.wait = Duration::ZERO;
        }
    }

    /// UpdateProbeBWCyclePhase.
    pub(super) fn update_cycle(&mut self, now: Instant, ack: &Ack) {
        if !self.full.reached || self.adapt_long_term(ack) {
            return;
        }
        let phase = self.phase;
        match phase {
            Phase::Down | Phase::Cruise if self.is_time_to_probe(now) => {
                self.start_refill(ack.delivered);
            }
            Phase::Down if self.is_time_to_cruise(ack) => self.start_cruise(),
            Phase::Refill if self.round.start => {
                self.cycle.probe_sample = true;
                self.start_up(ack);
            }
            Phase::Up if self.is_time_to_go_down(ack) => {
                self.cycle.too_high = false;
                self.start_down(now, ack.delivered);
            }
            _ => {}
        }
    }

    pub(super) fn start_down(&mut self, now: Instant, delivered: u64) {
        self.latest.reset();
        let cycle = &mut self.cycle;
        cycle.up_per_packet = usize::MAX;
        cycle.rounds_since_probe = u64::from(self.random.next() & 1);
        cycle.wait = PROBE_WAIT + self.random.up_to(PROBE_WAIT_SPREAD);
        cycle.begun = now;
        cycle.acks = Acks::ProbeStopping;
        self.round.begin(delivered);
        self.phase = Phase::Down;
    }

    pub(super) fn start_cruise(&mut self) {
        self.phase = Phase::Cruise;
    }

    pub(super) fn stop_probing(&mut self, delivered: u64) {
        self.cycle.acks = Acks::ProbeStopping;
        self.round.begin(delivered);
    }

    fn start_refill(&mut self, delivered: u64) {
        self.reset_short_term();
        let cycle = &mut self.cycle;
        (cycle.up_rounds, cycle.up_acked, cycle.precautionary) = (0, 0, false);
        cycle.acks = Acks::Refilling;
        self.round.begin(delivered);
        self.phase = Phase::Refill;
    }

    fn start_up(&mut self, ack: &Ack) {
        self.cycle.acks = Acks::ProbeStarting;
        self.round.begin(ack.delivered);
        self.full.reset(ack.sample.rate.unwrap_or(0));
        self.phase = Phase::Up;
        self.raise_slope();
    }

    /// Two to three seconds, or as many rounds as a Reno flow needs to grow back.
    fn is_time_to_probe(&self, now: Instant) -> bool {
        let reno = (self.target_flight() / self.packet).min(PROBE_ROUNDS);
        now > self.cycle.begun + self.cycle.wait || self.cycle.rounds_since_probe >= reno as u64
    }

    fn is_time_to_cruise(&self, ack: &Ack) -> bool {
        ack.flight <= self.flight_with_headroom() && ack.flight <= self.flight_for(1.0)
    }

    fn is_time_to_go_down(&mut self, ack: &Ack) -> bool {
        if self.cycle.too_high && ack.flight >= self.flight_long {
            self.cycle.precautionary = true;
            return true;
        }
        if self.round.is_window_limited() && self.window >= self.flight_long {
            // Not the path but our own bound holds the bandwidth down.
            self.full.reset(ack.sample.rate.unwrap_or(0));
            return false;
        }
        self.full.now
    }

    /// AdaptLongTermModel. Returns whether it decided on a phase.
    fn adapt_long_term(&mut self, ack: &Ack) -> bool {
        if self.cycle.acks == Acks::ProbeStarting && self.round.start {
            self.cycle.acks = Acks::ProbeFeedback;
        }
        if self.cycle.acks == Acks::ProbeStopping && self.round.start {
            self.cycle.probe_sample = false;
            self.cycle.acks = Acks::Init;
            if self.phase.is_probe_bandwidth() {
                if !ack.sample.app_limited {
                    self.max_bandwidth.advance();
                }
                if self.cycle.precautionary && !self.cycle.too_high {
                    self.start_refill(ack.delivered);
                    return true;
                }
            }
        }
        if !self.is_flight_too_high(ack.sample.lost, ack.sample.flight)
            && self.flight_long != usize::MAX
        {
            self.flight_long = self.flight_long.max(ack.sample.flight);
            if self.phase == Phase::Up {
                self.raise_long_term(ack);
            }
        }
        false
    }

    fn raise_long_term(&mut self, ack: &Ack) {
        if !self.round.is_window_limited() || self.window < self.flight_long {
            return;
        }
        self.cycle.up_acked += ack.bytes;
        let packets = self.cycle.up_acked / self.cycle.up_per_packet.max(1);
        self.cycle.up_acked -= packets * self.cycle.up_per_packet;
        self.flight_long += packets * self.packet;
        if self.round.start {
            self.raise_slope();
        }
    }

    /// One packet in the first round, two in the second, then four.
    fn raise_slope(&mut self) {
        let growth = 1usize << self.cycle.up_rounds;
        self.cycle.up_rounds = (self.cycle.up_rounds + 1).min(30);
        self.cycle.up_per_packet = (self.window / growth).max(self.packet);
    }

    /// TargetInflight.
    pub(super) fn target_flight(&self) -> usize {
        self.bdp(self.bandwidth, 1.0).min(self.window)
    }

    /// InflightWithHeadroom.
    pub(super) fn flight_with_headroom(&self) -> usize {
        if self.flight_long == usize::MAX {
            return usize::MAX;
        }
        let headroom = ((self.flight_long as f64 * HEADROOM) as usize).max(self.packet);
        self.flight_long.saturating_sub(headroom).max(super::MIN_PACKETS * self.packet)
    }
}
