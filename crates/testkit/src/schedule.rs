//! How promptly a simulated shell serves its machines.

use core::time::Duration;

use sansio::Instant;

use crate::SeededRng;

/// How promptly the shell of a [`Pair`](crate::Pair) serves its machines. The default is perfect;
/// a real one is late, hands over several datagrams before it drains, and calls for no reason.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Schedule {
    /// `handle_timeout` is called late, by zero to this.
    pub late_timers: Duration,
    /// Datagrams are handed over late, by zero to this, together with those that came meanwhile.
    pub late_inputs: Duration,
    /// Probability of a drain between two datagrams that are handed over at the same time.
    pub drain_between: f64,
    /// Probability that a machine gets a `handle_timeout` that it did not ask for, each time
    /// something happens, and at a random time before the next event.
    pub spurious: f64,
    /// Probability that a copy with a flipped bit is handed over just before a datagram.
    pub damaged_copies: f64,
}

impl Schedule {
    /// A shell under load.
    pub fn sloppy() -> Self {
        Self {
            late_timers: Duration::from_millis(15),
            late_inputs: Duration::from_millis(5),
            drain_between: 0.5,
            spurious: 0.2,
            damaged_copies: 0.0,
        }
    }
}

/// Turns the time when something is due into the time when the shell gets to it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Alarm {
    due: Option<Instant>,
    rings: Option<Instant>,
}

impl Alarm {
    /// Sets the alarm to `due`, up to `late` late. Unchanged if `due` is.
    pub(crate) fn set(&mut self, due: Option<Instant>, late: Duration, rng: &mut SeededRng) {
        if due != self.due || late.is_zero() {
            self.due = due;
            self.rings = due.map(|due| due + rng.up_to(late));
        }
    }

    pub(crate) fn rings(&self) -> Option<Instant> {
        self.rings
    }

    pub(crate) fn has_rung(&self, now: Instant) -> bool {
        self.rings.is_some_and(|at| at <= now)
    }

    /// The next alarm is a new one, even for the same time.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
