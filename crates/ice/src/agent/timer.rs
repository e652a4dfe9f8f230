//! The timers of an agent.

use sansio::Instant;

/// What an agent waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Timer {
    /// The next ordinary check: Ta, RFC 8445 §14.2.
    Pace,
    /// A check is to be sent again or given up, RFC 8445 §14.3.
    Check,
    /// No more waiting for a better pair, RFC 8445 §8.1.1.
    Nomination,
    /// The next consent check, RFC 7675 §5.1.
    Consent,
    /// A valid pair that is not in use is checked.
    Backup,
    /// Application data has stopped.
    Data,
    /// The other side has been silent for too long.
    Silence,
    /// Consent is over, RFC 7675 §5.1.
    Expiry,
    /// The path of the generation before a restart is forgotten, RFC 8445 §9.
    Previous,
    /// A client of a relay wants time to pass.
    Relay,
    /// No more waiting for checks of the other side, RFC 8863 §4.
    Patience,
}

impl Timer {
    const COUNT: usize = Self::Patience as usize + 1;
}

/// When each timer fires.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timers {
    times: [Option<Instant>; Timer::COUNT],
    next: Option<Instant>,
}

impl Timers {
    /// `None` stops it.
    pub(crate) fn set(&mut self, timer: Timer, time: Option<Instant>) {
        self.times[timer as usize] = time;
        self.next = self.times.iter().flatten().min().copied();
    }

    /// The first to fire.
    pub(crate) const fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Whether one has fired.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next.is_some_and(|time| time <= now)
    }
}
