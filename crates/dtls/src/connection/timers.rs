//! The clock of the handshake: who repeats flights, and how long all of it may take.

use core::time::Duration;

use sansio::Instant;

use crate::Connection;

impl Connection {
    /// Stops the clock: there is no path yet, and whoever carries our flights elsewhere (inside of
    /// connectivity checks, say) repeats them there. No flight is repeated by time, and the
    /// handshake may take as long as it takes, until [`start_timers`](Self::start_timers).
    pub fn hold_timers(&mut self) {
        self.give_up = None;
        self.context.outbox.hold();
    }

    /// Starts the clock, now that there is a path: a flight that was sent and not answered is
    /// repeated after `retransmit_initial`, which takes the place of
    /// [`Config::retransmit_initial`](crate::Config::retransmit_initial); and
    /// [`Config::handshake_timeout`](crate::Config::handshake_timeout) begins.
    pub fn start_timers(&mut self, now: Instant, retransmit_initial: Duration) {
        let context = &mut self.context;
        context.config.retransmit_initial = retransmit_initial;
        context.outbox.release(now, retransmit_initial, &mut *context.rng);
        if self.has_begun() {
            self.start_patience(now);
        }
    }

    /// Whether the clock stands still.
    pub fn are_timers_held(&self) -> bool {
        self.context.outbox.is_held()
    }

    /// Sends our flight again, as far as it is not acknowledged: what it went with so far turned
    /// out to lead nowhere. Without a flight that awaits its answer nothing happens.
    pub fn repeat_flight(&mut self) {
        self.context.outbox.repeat();
    }

    /// Whether a flight of ours has been neither answered nor acknowledged.
    pub fn awaits_answer(&self) -> bool {
        !self.context.outbox.is_empty()
    }

    /// The handshake has begun: from here on its time runs, unless the clock is held.
    pub(super) fn start_patience(&mut self, now: Instant) {
        if !self.are_timers_held() {
            let timeout = self.context.config.handshake_timeout;
            self.give_up.get_or_insert(now + timeout);
        }
    }

    fn has_begun(&self) -> bool {
        matches!(self.state(), crate::State::Connecting | crate::State::Connected)
    }
}
