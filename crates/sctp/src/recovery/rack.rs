//! How long a chunk may be on its way before it is lost, RFC 8985 §6.
//!
//! ```text
//!   sent  1 2 3 4 5 6            time ->
//!   SACK            4            4 has arrived: RACK.rtt
//!         ├───────────┤╌╌╌╌╌┤    1 is lost a reordering window later, then 2, then 3
//!              rtt      window
//! ```

use core::time::Duration;

use crate::outgoing::{PacketNumber, Position};

/// So many packets reported behind a gap are a sign of loss without waiting, as long as the path
/// has not been seen to reorder (DupThresh, RFC 8985 §6.2 step 4).
const REPORTED: usize = 3;
/// So many recoveries without a duplicate shrink the window to its start again, RFC 8985 §6.2.
const PERSIST: u8 = 16;

/// State of RACK.
#[derive(Debug)]
pub(crate) struct Rack {
    /// The packet sent last of those that arrived.
    newest: Option<PacketNumber>,
    /// Its round trip.
    rtt: Duration,
    reordering_seen: bool,
    /// The window is so many quarters of the shortest round trip.
    multiplier: u32,
    persist: u8,
    /// Further duplicates count when this is acknowledged.
    round: Option<Position>,
}

impl Default for Rack {
    fn default() -> Self {
        Self {
            newest: None,
            rtt: Duration::ZERO,
            reordering_seen: false,
            multiplier: 1,
            persist: 0,
            round: None,
        }
    }
}

impl Rack {
    /// A packet has arrived after `rtt`.
    #[inline]
    pub(crate) fn arrived(&mut self, packet: PacketNumber, rtt: Duration) {
        if self.newest <= Some(packet) {
            self.newest = Some(packet);
            self.rtt = rtt;
        }
    }

    /// The path reorders.
    #[inline]
    pub(crate) fn reordered(&mut self) {
        self.reordering_seen = true;
    }

    /// A SACK that acknowledges up to `acked` reports duplicates: what had not been lost was sent
    /// again. `end` is one past the last chunk sent.
    pub(crate) fn duplicates(&mut self, acked: Position, end: Position) {
        if self.round.is_none_or(|round| acked >= round) {
            self.round = Some(end);
            self.multiplier = self.multiplier.saturating_add(1);
            self.persist = PERSIST;
        }
    }

    /// Losses are repaired.
    pub(crate) fn recovered(&mut self) {
        self.persist = self.persist.saturating_sub(1);
        if self.persist == 0 {
            self.multiplier = 1;
        }
    }

    /// What was sent before this packet, and has been on its way for longer than so long, is lost.
    #[inline]
    pub(crate) fn overdue(
        &self,
        min_rtt: Option<Duration>,
        smoothed: Option<Duration>,
        recovering: bool,
        reported: usize,
    ) -> Option<(PacketNumber, Duration)> {
        let window = if !self.reordering_seen && (recovering || reported >= REPORTED) {
            Duration::ZERO
        } else {
            let window = min_rtt.unwrap_or_default().saturating_mul(self.multiplier) / 4;
            window.min(smoothed.unwrap_or(window))
        };
        Some((self.newest?, self.rtt + window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(rack: &Rack, recovering: bool, reported: usize) -> u128 {
        let (min, smoothed) = (Duration::from_millis(40), Duration::from_millis(100));
        let (_, wait) = rack.overdue(Some(min), Some(smoothed), recovering, reported).unwrap();
        wait.as_millis()
    }

    #[test]
    fn waits_for_a_quarter_of_the_round_trip_unless_three_are_reported() {
        let mut rack = Rack::default();
        assert!(rack.overdue(None, None, true, 10).is_none(), "nothing has arrived");
        rack.arrived(5, Duration::from_millis(60));
        assert_eq!(
            [wait(&rack, false, 2), wait(&rack, false, 3), wait(&rack, true, 1)],
            [70, 60, 60]
        );
        rack.arrived(4, Duration::from_millis(90));
        assert_eq!(wait(&rack, false, 0), 70, "an older packet says nothing");
        rack.reordered();
        assert_eq!([wait(&rack, false, 3), wait(&rack, true, 1)], [70, 70]);
    }

    #[test]
    fn duplicates_widen_the_window_once_a_round_and_sixteen_recoveries_shrink_it() {
        let mut rack = Rack::default();
        rack.arrived(5, Duration::ZERO);
        rack.duplicates(10, 20);
        rack.duplicates(15, 30);
        assert_eq!(wait(&rack, false, 0), 20, "once a round");
        rack.duplicates(20, 40);
        assert_eq!(wait(&rack, false, 0), 30);
        for n in 0..20 {
            rack.duplicates(1000 * n, 1000 * n);
        }
        assert_eq!(wait(&rack, false, 0), 100, "never above the smoothed round trip");
        for _ in 0..15 {
            rack.recovered();
        }
        assert_eq!(wait(&rack, false, 0), 100);
        rack.recovered();
        assert_eq!(wait(&rack, false, 0), 10);
    }
}
