//! When each peer wants to be called: one queue for all of them, one entry a peer.

use core::time::Duration;
use std::collections::BTreeSet;

use sansio::Instant;

use crate::mux::Key;

/// Deadlines are rounded up to this: peers that are due within the same tick share a wake-up, and
/// a deadline that moves within it costs nothing. tokio's own timers are no finer.
const TICK: Duration = Duration::from_millis(1);

/// A priority queue with exact removal: it is never larger than the number of peers, however
/// often deadlines move (an SCTP retransmission timer restarts with every acknowledgement).
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(u64, Key)>,
    /// Each peer's tick in `queue`.
    ticks: Vec<Option<u64>>,
}

impl Timers {
    /// Sets or clears a peer's deadline, O(log n).
    pub(crate) fn set(&mut self, key: Key, deadline: Option<Instant>) {
        if self.ticks.len() <= key.index() {
            self.ticks.resize(key.index() + 1, None);
        }
        let Some(current) = self.ticks.get_mut(key.index()) else { return };
        let tick = deadline.map(tick_at_or_after);
        if *current == tick {
            return;
        }
        if let Some(old) = core::mem::replace(current, tick) {
            self.queue.remove(&(old, key));
        }
        if let Some(new) = tick {
            self.queue.insert((new, key));
        }
    }

    /// Takes a peer whose deadline has passed, the earliest first.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Key> {
        let &(tick, key) = self.queue.first()?;
        if instant_of(tick) > now {
            return None;
        }
        self.set(key, None);
        Some(key)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|&(tick, _)| instant_of(tick))
    }
}

fn tick_at_or_after(instant: Instant) -> u64 {
    instant.as_nanos().div_ceil(TICK.as_nanos() as u64)
}

fn instant_of(tick: u64) -> Instant {
    Instant::from_nanos(tick.saturating_mul(TICK.as_nanos() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Instant {
        Instant::from_nanos(micros * 1000)
    }

    #[test]
    fn the_earliest_is_due_first_and_never_too_early() {
        let (a, b) = (Key::new(0), Key::new(7));
        let mut timers = Timers::default();
        timers.set(a, Some(at(5_300)));
        timers.set(b, Some(at(2_000)));
        assert_eq!(timers.next(), Some(at(2_000)));
        assert_eq!(timers.pop_due(at(1_999)), None);
        assert_eq!(timers.pop_due(at(2_000)), Some(b));
        // 5.3 ms waits for the tick of 6 ms.
        assert_eq!(timers.pop_due(at(5_999)), None);
        assert_eq!(timers.pop_due(at(6_000)), Some(a));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_deadline_that_moves_leaves_nothing_behind() {
        let key = Key::new(3);
        let mut timers = Timers::default();
        for n in 0..10_000 {
            timers.set(key, Some(at(1_000_000 - n * 90)));
        }
        assert_eq!(timers.queue.len(), 1);
        assert_eq!(timers.next(), Some(at(101_000)));
        timers.set(key, None);
        assert_eq!((timers.next(), timers.queue.len()), (None, 0));
    }

    #[test]
    fn an_instant_at_the_end_of_time_does_not_overflow() {
        let mut timers = Timers::default();
        timers.set(Key::new(0), Some(Instant::from_nanos(u64::MAX)));
        assert_eq!(timers.next(), Some(Instant::from_nanos(u64::MAX)));
    }

    proptest::proptest! {
        /// Whatever is set, moved and cleared: peers come out in the order of their ticks, none
        /// early, none twice.
        #[test]
        fn behaves_like_a_sorted_list(
            sets in proptest::collection::vec((0..8u32, proptest::option::of(1..20_000u64)), 0..60),
        ) {
            let (mut timers, mut model) = (Timers::default(), [None; 8]);
            for (key, deadline) in sets {
                timers.set(Key::new(key), deadline.map(at));
                model[key as usize] = deadline;
            }
            let mut expected: Vec<(u64, usize)> = model
                .iter()
                .enumerate()
                .filter_map(|(key, deadline)| deadline.map(|at| (at.div_ceil(1000), key)))
                .collect();
            expected.sort_unstable();
            for (tick, key) in expected {
                assert_eq!(timers.next(), Some(at(tick * 1000)));
                assert_eq!(timers.pop_due(at(tick * 1000) - Duration::from_nanos(1)), None);
                assert_eq!(timers.pop_due(at(tick * 1000)), Some(Key::new(key as u32)));
            }
            assert_eq!(timers.next(), None);
        }
    }
}
