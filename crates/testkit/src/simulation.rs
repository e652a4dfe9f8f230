//! How virtual time passes, whatever lives in it.

use core::time::Duration;

use sansio::Instant;

/// A world that moves from event to event.
pub(crate) trait Simulation {
    fn now(&mut self) -> &mut Instant;

    /// When something happens next.
    fn next_event(&mut self) -> Option<Instant>;

    /// Moves to the next event and serves everybody. False: nothing is pending.
    fn step(&mut self) -> bool;

    /// Lets `duration` pass.
    fn run_for(&mut self, duration: Duration) {
        let end = *self.now() + duration;
        while self.next_event().is_some_and(|next| next <= end) {
            self.step();
        }
        self.pass_until(end);
    }

    /// Lets time pass until `condition` holds, which is asked after every step: false after `limit`
    /// (time has then passed in full), or as soon as nothing is pending any more.
    fn run_until(&mut self, mut condition: impl FnMut(&mut Self) -> bool, limit: Duration) -> bool {
        let end = *self.now() + limit;
        loop {
            if condition(self) {
                return true;
            }
            match self.next_event() {
                Some(next) if next <= end => self.step(),
                Some(_) => {
                    self.pass_until(end);
                    return false;
                }
                None => return false,
            };
        }
    }

    fn pass_until(&mut self, end: Instant) {
        let now = self.now();
        *now = (*now).max(end);
    }
}
