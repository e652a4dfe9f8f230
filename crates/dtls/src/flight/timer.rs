//! When a flight is repeated, RFC 6347 §4.2.4.1 and RFC 9147 §5.8.2.

use core::time::Duration;

use sansio::{Instant, Rng};

/// RFC 6347 §4.2.4.1: no longer than this between two attempts.
const LONGEST: Duration = Duration::from_secs(60);

/// A timer that backs off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timer {
    initial: Duration,
    current: Duration,
    deadline: Option<Instant>,
    /// Somebody else sees to repetitions.
    held: bool,
}

impl Timer {
    pub(super) fn new(initial: Duration) -> Self {
        Self { initial, current: initial, deadline: None, held: false }
    }

    /// Does not run until it is released.
    pub(super) fn hold(&mut self) {
        (self.held, self.deadline) = (true, None);
    }

    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    /// Runs, from now on with this first round.
    pub(super) fn release(&mut self, initial: Duration) {
        *self = Self::new(initial);
    }

    /// The flight has left: starts, spread by a quarter either way so that two ends do not keep
    /// step.
    pub(super) fn start(&mut self, now: Instant, rng: &mut dyn Rng) {
        if self.held {
            return;
        }
        let nanos = u64::try_from(self.current.as_nanos()).unwrap_or(u64::MAX);
        let spread = (nanos / 2).max(1);
        let wait = nanos.saturating_sub(nanos / 4).saturating_add(rng.next_u64() % spread);
        self.deadline = Some(now + Duration::from_nanos(wait));
    }

    pub(super) fn stop(&mut self) {
        self.deadline = None;
    }

    /// A new flight begins from the beginning.
    pub(super) fn reset(&mut self) {
        (self.current, self.deadline) = (self.initial, None);
    }

    /// Whether it is over. If it is, the next round is twice as long.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let expired = self.deadline.is_some_and(|at| at <= now);
        if expired {
            self.deadline = None;
            self.current = self.current.saturating_mul(2).min(LONGEST.max(self.initial));
        }
        expired
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The first round's time.
    pub(super) fn initial(&self) -> Duration {
        self.initial
    }
}

#[cfg(test)]
mod tests {
    use testkit::SeededRng;

    use super::*;

    #[test]
    fn backs_off_to_a_minute_and_begins_anew() {
        let mut rng = SeededRng::new(1);
        let mut timer = Timer::new(Duration::from_millis(400));
        let mut now = Instant::ZERO;
        let mut millis = 400;
        for _ in 0..12 {
            timer.start(now, &mut rng);
            let deadline = timer.deadline().expect("running");
            let waited = deadline - now;
            let expected = Duration::from_millis(millis);
            assert!(waited.abs_diff(expected) <= expected / 4, "{waited:?} {expected:?}");
            assert!(!timer.expire(deadline - Duration::from_nanos(1)));
            assert!(timer.expire(deadline) && !timer.expire(deadline));
            now = deadline;
            millis = (2 * millis).min(60_000);
        }
        timer.reset();
        timer.start(now, &mut rng);
        assert!(timer.deadline().expect("running") - now <= Duration::from_millis(500));
    }

    #[test]
    fn does_not_run_while_it_is_held() {
        let (mut rng, mut timer) = (SeededRng::new(1), Timer::new(Duration::from_millis(400)));
        timer.start(Instant::ZERO, &mut rng);
        timer.hold();
        timer.start(Instant::ZERO, &mut rng);
        assert_eq!(timer.deadline(), None);
        timer.release(Duration::from_millis(80));
        timer.start(Instant::ZERO, &mut rng);
        assert!(timer.deadline().expect("running") <= Instant::from_millis(100));
    }
}
