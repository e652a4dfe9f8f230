//! Our time told to a library whose timers are fixed.

use core::time::Duration;

use sansio::{Clock, Instant};

/// The library's first retransmission timer.
pub(super) const LIBRARY_RTO: Duration = Duration::from_secs(1);

/// What the library calls "no timer" is years away.
const NO_TIMER: Duration = Duration::from_secs(365 * 86_400);

/// A clock that runs so fast that the library's first retransmission timer, always a second, is
/// over when ours is.
///
/// The library's timers belong to a configuration that takes milliseconds to build, because the
/// cryptography is tested each time: too long to do it for each connection, and each has a timer
/// of its own. The standard library's time, which the library wants, is made here and nowhere else.
pub(super) struct Pace {
    /// The zero of the library's time: any will do, only differences count.
    clock: Clock,
    begin: Instant,
    /// Nanoseconds of ours that are [`LIBRARY_RTO`].
    rto: u128,
}

impl Pace {
    pub(super) fn new(begin: Instant, retransmit_initial: Duration) -> Self {
        Self { clock: Clock::start(), begin, rto: retransmit_initial.as_nanos().max(1) }
    }

    /// What the library is told when it is `now`.
    #[expect(clippy::disallowed_types, reason = "the library takes no other time")]
    pub(super) fn tell(&self, now: Instant) -> std::time::Instant {
        self.clock.std(self.faster(now))
    }

    /// When to tell the library that it is `at`; `None` if that is what it calls "no timer".
    #[expect(clippy::disallowed_types, reason = "the library gives no other time")]
    pub(super) fn when(&self, now: Instant, at: std::time::Instant) -> Option<Instant> {
        let at = self.clock.instant(at);
        (at - self.faster(now) < NO_TIMER).then(|| self.slower(at))
    }

    /// The library's time since the beginning when ours is `now`.
    fn faster(&self, now: Instant) -> Instant {
        let passed = (now - self.begin).as_nanos();
        nanos(passed.saturating_mul(LIBRARY_RTO.as_nanos()) / self.rto)
    }

    /// When the library's time will be `told`; rounded up, so that it then is.
    fn slower(&self, told: Instant) -> Instant {
        let told = u128::from(told.as_nanos());
        let passed = told.saturating_mul(self.rto).div_ceil(LIBRARY_RTO.as_nanos());
        self.begin + Duration::from_nanos(nanos(passed).as_nanos())
    }
}

fn nanos(nanos: u128) -> Instant {
    Instant::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_librarys_second_is_our_timer() {
        let begin = Instant::from_millis(5000);
        let pace = Pace::new(begin, Duration::from_millis(50));
        assert_eq!(pace.faster(begin), Instant::ZERO);
        assert_eq!(pace.faster(begin + Duration::from_millis(50)), Instant::from_millis(1000));
        assert_eq!(pace.slower(Instant::from_millis(2000)), begin + Duration::from_millis(100));
    }

    proptest! {
        #[test]
        fn at_its_deadline_the_library_sees_it_is_due(
            begin in 0..u64::MAX / 4,
            rto in 1_u64..100_000_000_000,
            told in 0..1_u64 << 50,
        ) {
            let pace = Pace::new(Instant::from_nanos(begin), Duration::from_nanos(rto));
            let told = Instant::from_nanos(told);
            let at = pace.slower(told);
            prop_assert!(pace.faster(at) >= told);
            let earlier = at - Duration::from_nanos(1);
            prop_assert!(earlier < pace.begin || pace.faster(earlier) < told || told == Instant::ZERO);
        }
    }
}
