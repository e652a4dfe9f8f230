//! The round trip without our own queue, §5.3.4.

use core::time::Duration;

use sansio::Instant;

use super::Bbr;
use super::phase::Phase;
use crate::congestion::controller::Ack;

/// How long the flight stays short (ProbeRTTDuration).
const DURATION: Duration = Duration::from_millis(200);

/// State of the probe.
#[derive(Debug, Default)]
pub(super) struct ProbeRtt {
    /// The flight has been short since, until this.
    done: Option<Instant>,
    round_done: bool,
    /// Sending has begun again after a silence, which was as good as a probe.
    pub(super) idle_restart: bool,
}

impl Bbr {
    /// CheckProbeRTT.
    pub(super) fn check_probe_rtt(&mut self, now: Instant, ack: &Ack) {
        if self.phase != Phase::ProbeRtt
            && self.min_rtt.probe_expired
            && !self.probe_rtt.idle_restart
        {
            self.save_window();
            self.phase = Phase::ProbeRtt;
            self.probe_rtt.done = None;
            self.stop_probing(ack.delivered);
        }
        if self.phase == Phase::ProbeRtt {
            self.handle_probe_rtt(now, ack);
        }
        if ack.sample.delivered > 0 {
            self.probe_rtt.idle_restart = false;
        }
    }

    fn handle_probe_rtt(&mut self, now: Instant, ack: &Ack) {
        match self.probe_rtt.done {
            None if ack.flight <= self.probe_rtt_window() => {
                self.probe_rtt.done = Some(now + DURATION);
                self.probe_rtt.round_done = false;
                self.round.begin(ack.delivered);
            }
            None => {}
            Some(_) => {
                self.probe_rtt.round_done |= self.round.start;
                if self.probe_rtt.round_done {
                    self.check_probe_rtt_done(now);
                }
            }
        }
    }

    pub(super) fn check_probe_rtt_done(&mut self, now: Instant) {
        if self.probe_rtt.done.is_some_and(|done| now > done) {
            self.min_rtt.probe_stamp = now;
            self.restore_window();
            self.reset_short_term();
            if self.full.reached {
                let delivered = self.round.delivered();
                self.start_down(now, delivered);
                self.start_cruise();
            } else {
                self.phase = Phase::Startup;
            }
        }
    }

    /// ProbeRTTCwnd.
    pub(super) fn probe_rtt_window(&self) -> usize {
        let half = self.bdp(self.bandwidth, Phase::ProbeRtt.window_gain());
        half.max(super::MIN_PACKETS * self.packet)
    }
}
