//! What a call amounted to.

use std::{fmt, time::Duration};

use crate::traffic::Bytes;

/// Numbers of a call in which every message came back as it went.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Sum of the payloads sent; as much came back.
    pub(crate) bytes: u64,
    /// From the first message to the last one back.
    pub(crate) time: Duration,
    /// Of each message, from handing it to the channel until it was back.
    pub(crate) round_trips: Vec<Duration>,
}

impl Summary {
    fn percentile(&self, percent: usize) -> Duration {
        percentile(&self.round_trips, percent)
    }
}

/// The time that `percent` of all did not exceed.
pub(super) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let rate = self.bytes as f64 / 1e6 / self.time.as_secs_f64().max(1e-9);
        write!(
            f,
            "{} messages, {} each way in {:.2} s: {rate:.1} MB/s each way, \
             round trip median {:.2} ms, 99 % within {:.2} ms. All unchanged.",
            self.round_trips.len(),
            Bytes(self.bytes),
            self.time.as_secs_f64(),
            ms(self.percentile(50)),
            ms(self.percentile(99)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let round_trips = (1..=200).rev().map(Duration::from_millis).collect();
        let summary = Summary { round_trips, ..Summary::default() };
        assert_eq!(summary.percentile(50), Duration::from_millis(100));
        assert_eq!(summary.percentile(99), Duration::from_millis(198));
        assert_eq!(Summary::default().percentile(99), Duration::ZERO);
    }

    #[test]
    fn says_it_in_one_line() {
        let time = Duration::from_secs(2);
        let round_trips = vec![Duration::from_micros(1500)];
        let summary = Summary { bytes: 20_000_000, time, round_trips };
        assert_eq!(
            summary.to_string(),
            "1 messages, 20.0 MB each way in 2.00 s: 10.0 MB/s each way, round trip median \
             1.50 ms, 99 % within 1.50 ms. All unchanged."
        );
    }
}
