//! The shortest round trip of late.

use core::time::Duration;

use sansio::Instant;

/// A path may become longer: what is older than one to two of these counts no more.
const WINDOW: Duration = Duration::from_secs(10);

/// The minimum over this window and the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MinRtt {
    begun: Instant,
    before: Option<Duration>,
    current: Option<Duration>,
}

impl MinRtt {
    /// A round trip was measured.
    #[inline]
    pub(crate) fn measured(&mut self, now: Instant, rtt: Duration) {
        if now - self.begun > WINDOW {
            (self.before, self.current) = (self.current, None);
            self.begun = now;
        }
        self.current = Some(self.current.map_or(rtt, |least| least.min(rtt)));
    }

    /// The shortest, if there is any.
    #[inline]
    pub(crate) fn get(&self) -> Option<Duration> {
        match (self.before, self.current) {
            (Some(before), Some(current)) => Some(before.min(current)),
            (before, current) => before.or(current),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_what_is_old() {
        let ms = Duration::from_millis;
        let mut min = MinRtt::default();
        assert_eq!(min.get(), None);
        let steps =
            [(0, 30, 30), (5, 20, 20), (9, 40, 20), (11, 50, 20), (20, 40, 20), (22, 60, 40)];
        for (second, rtt, expected) in steps {
            min.measured(Instant::from_millis(1000 * second), ms(rtt));
            assert_eq!(min.get(), Some(ms(expected)), "{second}");
        }
    }
}
