//! What a receiver knows of a stream, for its reports: RFC 3550 §6.4.1, A.3, A.8.

use core::time::Duration;

use sansio::Instant;

use crate::Ssrc;
use crate::ntp::NtpTime;
use crate::rtcp::ReportBlock;

/// Loss and jitter of one stream.
#[derive(Clone, Copy, Debug)]
pub struct Reception {
    clock_rate: u32,
    /// Its first number, extended.
    base: Option<u64>,
    highest: u64,
    received: u64,
    /// Expected and received when the last report was made.
    prior: (u64, u64),
    /// Arrival minus timestamp of the last packet, in units of the clock, modulo 2^32.
    transit: Option<u32>,
    /// In sixteenths of a unit of the clock.
    jitter: u32,
    /// The middle of the last sender report's time, and when it came.
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// A stream whose timestamps count with this rate, Hz.
    pub const fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            base: None,
            highest: 0,
            received: 0,
            prior: (0, 0),
            transit: None,
            jitter: 0,
            sender_report: None,
        }
    }

    /// A packet arrived, with its number extended.
    pub fn received(&mut self, now: Instant, extended: u64, timestamp: u32) {
        let base = *self.base.get_or_insert(extended);
        // What comes in disorder before the first was sent, too.
        self.base = Some(base.min(extended));
        self.highest = self.highest.max(extended);
        self.received = self.received.saturating_add(1);
        let arrival = ticks(now.saturating_since(Instant::ZERO), self.clock_rate);
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(last) = self.transit.replace(transit) {
            let distance = transit.wrapping_sub(last).cast_signed().unsigned_abs();
            // A.8, in integers: J += (|D| - J) / 16. A clock that was set anew is not jitter.
            if distance < self.clock_rate.saturating_mul(5) {
                let decay = self.jitter.saturating_add(8) >> 4;
                self.jitter = self.jitter.saturating_add(distance).saturating_sub(decay);
            }
        }
    }

    /// A sender report about the stream arrived.
    pub const fn handle_sender_report(&mut self, now: Instant, time: NtpTime) {
        self.sender_report = Some((time.middle_32(), now));
    }

    /// What a report says now; what was lost in part since the last one.
    pub fn report(&mut self, now: Instant, ssrc: Ssrc) -> ReportBlock {
        let expected = self.expected();
        let (prior_expected, prior_received) = self.prior;
        self.prior = (expected, self.received);
        let expected_since = expected.saturating_sub(prior_expected);
        let received_since = self.received.saturating_sub(prior_received);
        let lost_since = expected_since.saturating_sub(received_since);
        let fraction = lost_since.saturating_mul(256).checked_div(expected_since).unwrap_or(0);
        let (last, delay) = match self.sender_report {
            None => (0, 0),
            Some((time, at)) => (time, ticks(now.saturating_since(at), 65_536)),
        };
        ReportBlock {
            ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            cumulative_lost: i32::try_from(self.lost()).unwrap_or(ReportBlock::MAX_LOST),
            highest_sequence_number: self.extended_highest(),
            jitter: self.jitter >> 4,
            last_sender_report: last,
            delay_since_last_sender_report: delay,
        }
    }

    /// Packets that did not come, less those that came twice; it may be negative.
    pub fn lost(&self) -> i64 {
        let (expected, received) = (self.expected(), self.received);
        let lost = i64::try_from(expected.saturating_sub(received)).unwrap_or(i64::MAX);
        lost.saturating_sub_unsigned(received.saturating_sub(expected))
    }

    /// Packets that came.
    pub const fn count(&self) -> u64 {
        self.received
    }

    /// Mean deviation of the time between packets.
    pub fn jitter(&self) -> Duration {
        let nanos = u64::from(self.jitter >> 4).saturating_mul(1_000_000_000);
        Duration::from_nanos(nanos.checked_div(u64::from(self.clock_rate)).unwrap_or(0))
    }

    fn expected(&self) -> u64 {
        self.base.map_or(0, |base| self.highest.saturating_sub(base).saturating_add(1))
    }

    /// Cycles above the 16 bits of the number. [`Extender`](crate::Extender) begins with the first.
    fn extended_highest(&self) -> u32 {
        let [.., b0, b1, b2, b3] = self.highest.wrapping_sub(1 << 16).to_be_bytes();
        u32::from_be_bytes([b0, b1, b2, b3])
    }
}

/// A duration in units of a clock, modulo 2^32.
fn ticks(duration: Duration, rate: u32) -> u32 {
    let seconds = duration.as_secs().wrapping_mul(u64::from(rate));
    let rest = u64::from(duration.subsec_nanos()).wrapping_mul(u64::from(rate)) / 1_000_000_000;
    let [.., b0, b1, b2, b3] = seconds.wrapping_add(rest).to_be_bytes();
    u32::from_be_bytes([b0, b1, b2, b3])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn a_steady_stream_has_neither_loss_nor_jitter() {
        let mut reception = Reception::new(8000);
        (0..100).for_each(|n| reception.received(at(20 * n), 70_000 + n, 160 * n as u32));
        let report = reception.report(at(2000), Ssrc(7));
        assert_eq!((report.fraction_lost, report.cumulative_lost, report.jitter), (0, 0, 0));
        assert_eq!(report.highest_sequence_number, 70_099 - 65_536);
        assert_eq!(report.last_sender_report, 0);
    }

    #[test]
    fn loss_is_counted_since_the_last_report_and_in_all() {
        let mut reception = Reception::new(8000);
        for n in (0..100).filter(|n| n % 4 != 3) {
            reception.received(at(20 * n), 70_000 + n, 160 * n as u32);
        }
        let report = reception.report(at(2000), Ssrc(7));
        // The last one that came is number 98.
        assert_eq!((report.cumulative_lost, report.fraction_lost), (24, (24 * 256 / 99) as u8));
        (100..200).for_each(|n| reception.received(at(20 * n), 70_000 + n, 160 * n as u32));
        let report = reception.report(at(4000), Ssrc(7));
        assert_eq!(
            (report.cumulative_lost, report.fraction_lost),
            (25, 256_u32.div_euclid(101) as u8)
        );
    }

    #[test]
    fn duplicates_make_it_negative() {
        let mut reception = Reception::new(8000);
        (0..3).for_each(|_| reception.received(at(0), 70_000, 0));
        assert_eq!(reception.lost(), -2);
        assert_eq!(reception.report(at(0), Ssrc(7)).cumulative_lost, -2);
    }

    #[test]
    fn jitter_follows_the_deviation() {
        let mut reception = Reception::new(90_000);
        // Every other packet is 2 ms late: a deviation of 2 ms from packet to packet.
        for n in 0..1000 {
            reception.received(at(10 * n + n % 2 * 2), 70_000 + n, 900 * n as u32);
        }
        assert!(reception.jitter().abs_diff(Duration::from_millis(2)) < Duration::from_micros(50));
    }

    #[test]
    fn the_delay_since_a_sender_report_is_told() {
        let mut reception = Reception::new(90_000);
        reception.received(at(0), 70_000, 0);
        reception.handle_sender_report(at(1000), NtpTime(0x1234_5678_9abc_def0));
        let report = reception.report(at(1500), Ssrc(7));
        assert_eq!(report.last_sender_report, 0x5678_9abc);
        assert_eq!(report.delay_since_last_sender_report, 0x8000);
    }
}
