//! Proportional rate reduction, RFC 6937: while losses are repaired, the window shrinks to its new
//! size in step with what is delivered, so that sending neither stops nor bursts.

/// State from the beginning to the end of a recovery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prr {
    /// The window at the end (ssthresh).
    threshold: usize,
    /// Bytes in flight at the start (RecoverFS).
    start: usize,
    delivered: usize,
    sent: usize,
    packet: usize,
    window: usize,
}

impl Prr {
    /// Losses were found: `start` bytes were in flight with them, `flight` are without.
    pub(super) fn new(packet: usize, threshold: usize, start: usize, flight: usize) -> Self {
        let start = start.max(1);
        // Something goes out at once, whatever the window.
        Self { threshold, start, delivered: 0, sent: 0, packet, window: flight + packet }
    }

    /// Bytes that may be in flight.
    pub(super) fn window(&self) -> usize {
        self.window
    }

    pub(super) fn on_sent(&mut self, bytes: usize) {
        self.sent += bytes;
    }

    /// `delivered` bytes were acknowledged; `flight` are in flight. `safe`: the cumulative TSN
    /// moved and nothing more was lost, so that the window may grow back as in slow start.
    pub(super) fn on_ack(&mut self, delivered: usize, flight: usize, safe: bool) {
        self.delivered += delivered;
        let allowed = if flight > self.threshold {
            // As much of what is delivered as the window shrinks.
            let share = self.delivered as u128 * self.threshold as u128;
            let due = usize::try_from(share.div_ceil(self.start as u128)).unwrap_or(usize::MAX);
            due.saturating_sub(self.sent)
        } else {
            let more = if safe { self.packet } else { 0 };
            let limit = self.delivered.saturating_sub(self.sent).max(delivered) + more;
            limit.min(self.threshold - flight)
        };
        // The first packet always goes out.
        let allowed = if self.sent == 0 { allowed.max(self.packet) } else { allowed };
        self.window = flight + allowed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_the_flight_over_one_round_trip() {
        // 100 packets of 1 byte, the first is lost, 50 shall remain.
        let mut prr = Prr::new(1, 50, 100, 99);
        let (mut flight, mut sent) = (99, Vec::new());
        for n in 0..99 {
            flight -= 1;
            prr.on_ack(1, flight, false);
            let mut out = 0;
            while flight < prr.window() {
                flight += 1;
                out += 1;
                prr.on_sent(1);
            }
            sent.push(out);
            assert!(out <= 1, "no burst at {n}");
        }
        assert_eq!(sent.iter().sum::<i32>(), 50);
        assert_eq!(flight, 50);
    }

    #[test]
    fn grows_back_when_more_was_lost_than_should_be_cut() {
        // 90 of 100 packets are lost: what is delivered is sent again, and one more when it helps.
        let mut prr = Prr::new(1, 50, 100, 10);
        prr.on_sent(1);
        prr.on_ack(1, 10, false);
        assert_eq!(prr.window(), 11);
        prr.on_sent(1);
        prr.on_ack(1, 10, true);
        assert_eq!(prr.window(), 12);
    }
}
