//! The retransmission timeout, RFC 9260 §6.3.1.

use core::time::Duration;

/// Granularity of the clock that the formulas allow for (G), RFC 9260 §6.3.1 C6.
const GRANULARITY: Duration = Duration::from_millis(1);

/// Smoothed round-trip time, and what follows from it.
#[derive(Debug)]
pub(super) struct Rto {
    smoothed: Option<Duration>,
    variation: Duration,
    current: Duration,
    min: Duration,
    max: Duration,
}

impl Rto {
    pub(super) fn new(initial: Duration, min: Duration, max: Duration) -> Self {
        Self { smoothed: None, variation: Duration::ZERO, current: initial, min, max }
    }

    /// A round trip was measured.
    pub(super) fn measured(&mut self, rtt: Duration) {
        let smoothed = match self.smoothed {
            None => {
                self.variation = rtt / 2;
                rtt
            }
            Some(smoothed) => {
                self.variation = (self.variation * 3 + smoothed.abs_diff(rtt)) / 4;
                (smoothed * 7 + rtt) / 8
            }
        };
        self.smoothed = Some(smoothed);
        let timeout = smoothed + (self.variation * 4).max(GRANULARITY);
        self.current = timeout.clamp(self.min, self.max);
    }

    /// A timer expired: the next waits twice as long (RFC 9260 §6.3.3 E2).
    pub(super) fn back_off(&mut self) {
        self.current = (self.current * 2).min(self.max);
    }

    pub(super) fn current(&self) -> Duration {
        self.current
    }

    pub(super) fn smoothed(&self) -> Option<Duration> {
        self.smoothed
    }

    pub(super) fn max(&self) -> Duration {
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn follows_the_formulas() {
        let mut rto = Rto::new(ms(1000), ms(400), ms(10_000));
        assert_eq!(rto.current(), ms(1000));
        rto.measured(ms(200)); // SRTT 200, RTTVAR 100
        assert_eq!(rto.current(), ms(600));
        rto.measured(ms(280)); // RTTVAR 3/4 * 100 + 1/4 * 80 = 95, SRTT 7/8 * 200 + 1/8 * 280 = 210
        assert_eq!((rto.smoothed(), rto.current()), (Some(ms(210)), ms(590)));
        for expected in [1180, 2360, 4720, 9440, 10_000, 10_000] {
            rto.back_off();
            assert_eq!(rto.current(), ms(expected));
        }
        rto.measured(ms(10));
        assert!(rto.current() < ms(1180), "a measurement ends the back-off");
    }

    #[test]
    fn stays_within_bounds() {
        let mut rto = Rto::new(ms(1000), ms(400), ms(10_000));
        rto.measured(ms(1));
        assert_eq!(rto.current(), ms(400));
        rto.measured(ms(60_000));
        assert_eq!(rto.current(), ms(10_000));
    }
}
