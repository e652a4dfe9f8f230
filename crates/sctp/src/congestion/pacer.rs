//! Pacing: packets leave at a rate instead of in bursts.
//!
//! Timers of a shell may tick as coarsely as a millisecond and ring late. So time that passes
//! becomes credit, of which two milliseconds' worth can be saved up, and who must wait does so
//! until there is credit for a millisecond's worth, or for a part of a short round trip.

use core::time::Duration;

use sansio::Instant;

/// Credit that can be saved up, in time.
const SAVED: Duration = Duration::from_millis(2);
/// What a timer waits for, in time.
const QUANTUM: Duration = Duration::from_millis(1);
/// The same as a part of the round trip.
const QUANTUM_OF_RTT: u32 = 16;
/// Packets that can always be saved up: who has been silent may begin as at the start.
const PACKETS: u64 = super::INITIAL_PACKETS as u64;

/// Credit for sending.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    /// Bytes; below zero when the last packet took more than there was.
    credit: i64,
    updated: Instant,
    /// Nothing leaves before. Who asks earlier changes nothing.
    blocked: Option<Instant>,
}

/// How fast to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Bytes a second.
    pub(crate) rate: u64,
    /// Bytes of a packet.
    pub(crate) packet: usize,
    /// The shortest round trip, if it is known.
    pub(crate) rtt: Option<Duration>,
}

impl Pacer {
    /// Whether a packet may leave; else when to ask again.
    ///
    /// # Errors
    ///
    /// The time, after `now`, at which there will be credit.
    #[inline]
    pub(crate) fn check(&mut self, now: Instant, pace: Pace) -> Result<(), Instant> {
        if let Some(at) = self.blocked.filter(|at| *at > now) {
            return Err(at);
        }
        let rate = pace.rate.max(1);
        if now > self.updated {
            let most = bytes(rate, SAVED).max(PACKETS * pace.packet as u64);
            let earned = bytes(rate, now - self.updated).min(most);
            self.credit = self.credit.saturating_add_unsigned(earned).min(most.cast_signed());
            self.updated = now;
        }
        if self.credit > 0 {
            return Ok(());
        }
        let quantum = pace.rtt.map_or(QUANTUM, |rtt| QUANTUM.min(rtt / QUANTUM_OF_RTT));
        let wanted = bytes(rate, quantum).max(pace.packet as u64);
        let missing = wanted + self.credit.unsigned_abs();
        let nanos = missing.saturating_mul(1_000_000_000).div_ceil(rate).max(1);
        let at = now + Duration::from_nanos(nanos);
        self.blocked = Some(at);
        Err(at)
    }

    /// The pace is another now.
    pub(crate) fn unblock(&mut self) {
        self.blocked = None;
    }

    /// A packet left.
    #[inline]
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.credit = self.credit.saturating_sub_unsigned(bytes as u64);
    }
}

/// What a rate yields in a time.
fn bytes(rate: u64, time: Duration) -> u64 {
    let bytes = u128::from(rate) * time.as_nanos() / 1_000_000_000;
    // Far from the bounds of i64: credit is added to it.
    u64::try_from(bytes).unwrap_or(u64::MAX).min(1 << 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes sent in a second by a shell whose timer ticks at `tick`.
    fn sent_in_a_second(rate: u64, tick: Duration) -> u64 {
        let mut pacer = Pacer::default();
        let pace = Pace { rate, packet: 1200, rtt: Some(Duration::from_millis(50)) };
        let (mut now, mut sent) = (Instant::from_millis(10), 0);
        while now < Instant::from_millis(1010) {
            match pacer.check(now, pace) {
                Ok(()) => {
                    pacer.sent(1200);
                    sent += 1200;
                }
                Err(at) => {
                    assert!(at > now);
                    let tick = tick.as_nanos() as u64;
                    now = Instant::from_nanos(at.as_nanos().div_ceil(tick) * tick);
                }
            }
        }
        sent
    }

    #[test]
    fn keeps_the_rate_with_exact_and_with_coarse_timers() {
        for rate in [12_500, 1_250_000, 12_500_000, 125_000_000] {
            for tick in [1, 1_000_000] {
                let sent = sent_in_a_second(rate, Duration::from_nanos(tick));
                let error = sent.abs_diff(rate) as f64 / rate as f64;
                // A packet in a second of the slowest is 10 %.
                assert!(error < 0.01 || sent.abs_diff(rate) <= 4000, "{rate} {tick}: {sent}");
            }
        }
    }

    #[test]
    fn a_long_pause_is_no_licence_for_a_burst() {
        let mut pacer = Pacer::default();
        let pace = Pace { rate: 10_000_000, packet: 1200, rtt: None };
        let (now, mut sent) = (Instant::from_millis(60_000), 0);
        while pacer.check(now, pace).is_ok() {
            pacer.sent(1200);
            sent += 1200;
        }
        assert!((20_000..=21_200).contains(&sent), "two milliseconds: {sent}");
        let at = pacer.check(now, pace).unwrap_err();
        let early = now + (at - now) / 2;
        assert_eq!(pacer.check(early, pace), Err(at), "to ask early is no use");
        assert_eq!(pacer.check(at, pace), Ok(()));
    }
}
