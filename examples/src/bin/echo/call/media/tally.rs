//! Which packets came back, and how.

use std::{
    fmt,
    time::{Duration, Instant},
};

use patchcord::Bytes;

use super::made;
use crate::{call::summary::percentile, traffic::Rate};

/// Of a hundred packets, how many have to come back.
const ENOUGH: usize = 90;

/// One stream: its packets by number, and what became of each.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sent: Vec<Sent>,
    /// The highest number that came back.
    highest: Option<u64>,
    round_trips: Vec<Duration>,
    bytes_back: u64,
    late: u64,
    repeated: u64,
    /// What came and was not ours, or not any more.
    foreign: u64,
    /// Whole pictures that the other side asked for.
    pub(super) asked: u64,
}

#[derive(Debug)]
struct Sent {
    at: Instant,
    payload: Bytes,
    back: bool,
}

impl Tally {
    /// The number of the next packet.
    pub(super) fn next(&self) -> u64 {
        self.sent.len() as u64
    }

    pub(super) fn sent(&mut self, now: Instant, payload: Bytes) {
        self.sent.push(Sent { at: now, payload, back: false });
    }

    pub(super) fn returned(&mut self, now: Instant, payload: &[u8]) {
        let number = made::number(payload);
        let sent = number.and_then(|n| self.sent.get_mut(usize::try_from(n).ok()?));
        let Some(sent) = sent.filter(|sent| sent.payload == payload) else {
            self.foreign += 1;
            return;
        };
        if std::mem::replace(&mut sent.back, true) {
            self.repeated += 1;
            return;
        }
        self.round_trips.push(now.saturating_duration_since(sent.at));
        self.bytes_back += payload.len() as u64;
        if number < self.highest {
            self.late += 1;
        }
        self.highest = self.highest.max(number);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.round_trips.len() == self.sent.len()
    }

    /// Whether so much came back that the stream can be called working.
    pub(super) fn is_enough(&self) -> bool {
        self.round_trips.len() * 100 >= self.sent.len() * ENOUGH && !self.sent.is_empty()
    }

    fn lost(&self) -> usize {
        self.sent.len() - self.round_trips.len()
    }

    /// The first to the last packet.
    fn time(&self) -> Duration {
        match (self.sent.first(), self.sent.last()) {
            (Some(first), Some(last)) => last.at - first.at,
            _ => Duration::ZERO,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |percent| percentile(&self.round_trips, percent).as_secs_f64() * 1e3;
        write!(
            f,
            "{} of {} packets back, {} lost, {} late, {}, round trip median {:.2} ms, \
             99 % within {:.2} ms",
            self.round_trips.len(),
            self.sent.len(),
            self.lost(),
            self.late,
            Rate(self.bytes_back, self.time()),
            ms(50),
            ms(99),
        )?;
        for (count, what) in [
            (self.asked, "whole pictures asked for"),
            (self.repeated, "repeated"),
            (self.foreign, "that were not sent"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::made::{Format, Picture},
        *,
    };

    fn tally(count: u64) -> (Tally, Vec<Bytes>, Instant) {
        let (mut tally, now) = (Tally::default(), Instant::now());
        let packets: Vec<_> =
            (0..count).flat_map(|n| Format::Opus.frame(n, Picture::Change, n)).collect();
        for (n, packet) in (0..).zip(&packets) {
            assert_eq!(tally.next(), n);
            tally.sent(now + Duration::from_millis(20) * n as u32, packet.clone());
        }
        (tally, packets, now)
    }

    #[test]
    fn counts_what_is_lost_late_repeated_and_foreign() {
        let (mut tally, packets, now) = tally(5);
        let mut foreign = packets[4].to_vec();
        foreign[0] ^= 1;
        let arrivals = [&packets[0], &packets[2], &packets[1], &packets[2], &foreign.into()];
        for packet in arrivals {
            tally.returned(now + Duration::from_millis(41), packet);
        }
        tally.returned(now, &[]);
        assert_eq!((tally.lost(), tally.late, tally.repeated, tally.foreign), (2, 1, 1, 2));
        assert_eq!(tally.round_trips, [41, 1, 21].map(Duration::from_millis));
        assert!(!tally.is_complete() && !tally.is_enough());
        assert_eq!(
            tally.to_string(),
            "3 of 5 packets back, 2 lost, 1 late, 3.6 kbit/s, round trip median 21.00 ms, \
             99 % within 41.00 ms, 1 repeated, 2 that were not sent"
        );
    }

    #[test]
    fn nine_of_ten_are_enough_and_nothing_is_not() {
        let (mut tally, packets, now) = tally(10);
        for packet in &packets[..8] {
            tally.returned(now, packet);
        }
        assert!(!tally.is_enough());
        tally.returned(now, &packets[9]);
        assert!(tally.is_enough() && !tally.is_complete());
        assert!(!Tally::default().is_enough());
    }
}
