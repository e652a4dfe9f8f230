//! Maxima over a time: of the bandwidth, and of what arrives in bursts.

use sansio::Instant;

/// Rounds that half the filter of aggregation covers (ExtraAckedFilterLen is 10).
const HALF: u64 = 5;

/// The largest delivery rate of this cycle of probes and the one before (MaxBwFilterLen: 2).
#[derive(Debug, Default)]
pub(super) struct Bandwidth {
    cycles: [u64; 2],
}

impl Bandwidth {
    pub(super) fn update(&mut self, rate: u64) {
        self.cycles[1] = self.cycles[1].max(rate);
    }

    /// A cycle is over. One without samples does not count.
    pub(super) fn advance(&mut self) {
        if self.cycles[1] > 0 {
            self.cycles = [self.cycles[1], 0];
        }
    }

    pub(super) fn get(&self) -> u64 {
        self.cycles[0].max(self.cycles[1])
    }
}

/// How much more than expected is acknowledged at a time (BBR.extra_acked), §5.5.9.
#[derive(Debug, Default)]
pub(super) struct Aggregation {
    since: Instant,
    delivered: u64,
    halves: [u64; 2],
    /// Round in which the younger half began.
    begun: u64,
}

impl Aggregation {
    /// The measurement begins anew.
    pub(super) fn restart(&mut self, now: Instant) {
        (self.since, self.delivered) = (now, 0);
    }

    /// `bytes` were acknowledged, where `bandwidth` bytes a second were expected, and no more than
    /// `window` counts.
    pub(super) fn update(
        &mut self,
        now: Instant,
        bytes: usize,
        bandwidth: u64,
        window: usize,
        round: u64,
        startup: bool,
    ) {
        let elapsed = (now - self.since).as_secs_f64();
        let mut expected = (bandwidth as f64 * elapsed) as u64;
        if self.delivered <= expected {
            self.restart(now);
            expected = 0;
        }
        self.delivered += bytes as u64;
        let extra = self.delivered.saturating_sub(expected).min(window as u64);
        if round >= self.begun + if startup { 1 } else { HALF } {
            self.begun = round;
            // In Startup one round is remembered.
            self.halves = [if startup { 0 } else { self.halves[1] }, 0];
        }
        self.halves[1] = self.halves[1].max(extra);
    }

    pub(super) fn get(&self) -> usize {
        usize::try_from(self.halves[0].max(self.halves[1])).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bandwidth_is_the_largest_of_two_cycles() {
        let mut filter = Bandwidth::default();
        // Rate, then the largest; a cycle ends after each.
        for (rate, expected) in [(10, 10), (8, 10), (6, 8), (7, 7)] {
            filter.update(rate);
            assert_eq!(filter.get(), expected);
            filter.advance();
        }
        filter.advance();
        assert_eq!(filter.get(), 7, "a cycle without samples does not count");
    }

    #[test]
    fn what_comes_in_bursts_is_remembered_for_ten_rounds() {
        let mut filter = Aggregation::default();
        let at = Instant::from_millis;
        // 1000 bytes a millisecond are expected, and 5000 come at once every 5 ms.
        for n in 1..=20 {
            filter.update(at(5 * n), 5000, 1_000_000, 100_000, n, false);
        }
        assert_eq!(filter.get(), 5000);
        for n in 101..=140 {
            filter.update(at(n + 50), 1000, 1_000_000, 100_000, n, false);
        }
        assert_eq!(filter.get(), 1000);
    }
}
