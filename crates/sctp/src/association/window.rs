//! The receive window, which grows with what the application reads: dynamic right-sizing, as TCP
//! has it (Fisk and Feng, LACSI 2001).
//!
//! ```text
//!  window                      ┌──── Config::receive_window
//!                  ┌───────────┘
//!          ┌───────┘  4 × what was read in a round trip
//!  ────────┘
//!  two messages
//! ```

use core::time::Duration;

use sansio::Instant;

use super::state::Association;
use crate::config::Config;

/// The window is so many times what is read in a round trip: a sender may double its rate each
/// round trip, and what it does now answers to what we said a round trip ago.
const GROWTH: usize = 4;
/// How long a measurement of the round trip is good: a queue on the path makes it longer.
const RTT_AGE: Duration = Duration::from_secs(1);

/// How large the window is.
#[derive(Debug)]
pub(super) struct ReceiveWindow {
    size: usize,
    bound: usize,
    /// What was read since the round trip began.
    read: usize,
    begun: Instant,
    rtt: Option<Duration>,
    /// When the round trip was last to be measured.
    asked: Option<Instant>,
}

impl ReceiveWindow {
    /// It begins with room for two messages: one may arrive while another waits to be read.
    pub(super) fn new(config: &Config) -> Self {
        let bound = config.receive_window;
        let size = config.max_incoming_message_size.saturating_mul(2).min(bound);
        Self { size, bound, read: 0, begun: Instant::ZERO, rtt: None, asked: None }
    }

    /// Bytes. It never shrinks: what was promised is kept (RFC 9260 §6.2.1).
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The round trip was measured from our side.
    pub(super) fn measured(&mut self, rtt: Duration) {
        self.rtt = Some(rtt);
    }

    /// The application read so much. Returns whether the round trip is to be measured: a side that
    /// only receives does not know it.
    fn read(&mut self, now: Instant, bytes: usize) -> bool {
        if self.size == self.bound {
            return false;
        }
        if self.rtt.is_some_and(|rtt| now - self.begun >= rtt) {
            (self.begun, self.read) = (now, 0);
        }
        self.read += bytes;
        let wanted = self.read.saturating_mul(GROWTH);
        if self.rtt.is_some() && wanted > self.size {
            self.size = wanted.min(self.bound);
        }
        let matters = wanted > self.size / 4;
        let ask = matters && self.asked.is_none_or(|asked| now - asked >= RTT_AGE);
        if ask {
            self.asked = Some(now);
        }
        ask
    }
}

impl Association {
    /// The application read a message that took so much of the window.
    pub(super) fn message_read(&mut self, now: Instant, bytes: usize) {
        if self.receive_window.read(now, bytes) {
            self.probe_round_trip(now);
        }
        self.reassembly.set_window(self.receive_window.size());
        self.window_opened();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1 << 10;

    fn window() -> ReceiveWindow {
        let config = Config {
            receive_window: 1000 * KIB,
            max_incoming_message_size: 50 * KIB,
            ..Config::default()
        };
        ReceiveWindow::new(&config)
    }

    #[test]
    fn is_four_times_what_is_read_in_a_round_trip() {
        let (mut window, at) = (window(), Instant::from_millis);
        assert_eq!(window.size(), 100 * KIB);
        assert!(!window.read(at(1000), KIB), "too little to matter");
        assert!(window.read(at(1000), 9 * KIB), "how long is the path?");
        assert!(!window.read(at(1001), 90 * KIB), "it was asked already");
        assert_eq!(window.size(), 100 * KIB, "who does not know the round trip does not grow");
        window.measured(Duration::from_millis(50));
        for (now, read, expected) in [
            (1060, 20, 100),
            (1080, 20, 160),
            // Another round trip.
            (1110, 30, 160),
            (1159, 30, 240),
            (1160, 10, 240),
            (1170, 1000, 1000),
        ] {
            window.read(at(now), read * KIB);
            assert_eq!(window.size(), expected * KIB, "{now}");
        }
    }

    #[test]
    fn measures_again_after_a_second_as_long_as_it_may_grow() {
        let (mut window, at) = (window(), Instant::from_millis);
        assert!(window.read(at(0), 50 * KIB));
        window.measured(Duration::from_millis(10));
        assert!(!window.read(at(999), 50 * KIB));
        assert!(window.read(at(1000), 50 * KIB));
        window.read(at(1000), 1000 * KIB);
        assert!(!window.read(at(5000), 50 * KIB));
    }
}
