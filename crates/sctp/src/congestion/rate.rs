//! How fast the path delivers, draft-cheng-iccrg-delivery-rate-estimation (draft-ietf-ccwg-bbr §4.1):
//! what is acknowledged between the sending of a packet and its acknowledgement, over the longer
//! of the times that sending and acknowledging it took.

use core::time::Duration;

use sansio::Instant;

/// What was known when a packet was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Snapshot {
    /// Bytes delivered so far.
    pub(crate) delivered: u64,
    delivered_at: Instant,
    first_sent_at: Instant,
    /// Bytes lost so far.
    pub(crate) lost: u64,
    /// Too little was there to send.
    pub(crate) app_limited: bool,
}

/// What an acknowledgement says about the path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateSample {
    /// Bytes a second. `None`: the time was too short to tell.
    pub(crate) rate: Option<u64>,
    /// Bytes delivered between the packet's sending and its acknowledgement.
    pub(crate) delivered: u64,
    /// Bytes delivered when the packet was sent; zero if the time was too short to tell.
    pub(crate) prior_delivered: u64,
    /// Bytes lost since the packet was sent.
    pub(crate) lost: u64,
    /// The packet was sent while there was too little to send.
    pub(crate) app_limited: bool,
    /// Bytes in flight when the packet was sent, with it.
    pub(crate) flight: usize,
}

/// The newest packet that a SACK acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newest {
    pub(crate) sent_at: Instant,
    pub(crate) snapshot: Snapshot,
    pub(crate) flight: usize,
}

/// What the association has delivered and lost.
#[derive(Debug, Default)]
pub(crate) struct DeliveryRate {
    /// Bytes, with headers of chunks.
    delivered: u64,
    delivered_at: Instant,
    /// When the first packet of the flight at hand was sent.
    first_sent_at: Instant,
    lost: u64,
    /// Too little was there to send until so much is delivered. Zero: there was enough.
    app_limited: u64,
}

impl DeliveryRate {
    /// A packet goes out with `flight` bytes in flight before it.
    #[inline]
    pub(crate) fn snapshot(&mut self, now: Instant, flight: usize) -> Snapshot {
        if flight == 0 {
            (self.first_sent_at, self.delivered_at) = (now, now);
        }
        Snapshot {
            delivered: self.delivered,
            delivered_at: self.delivered_at,
            first_sent_at: self.first_sent_at,
            lost: self.lost,
            app_limited: self.app_limited > 0,
        }
    }

    /// `bytes` were acknowledged; the newest packet among them says how fast.
    #[inline]
    pub(crate) fn acked(
        &mut self,
        now: Instant,
        bytes: usize,
        newest: Newest,
        min_rtt: Duration,
    ) -> RateSample {
        let Newest { sent_at, snapshot, flight } = newest;
        self.delivered += bytes as u64;
        self.delivered_at = now;
        if self.app_limited > 0 && self.delivered > self.app_limited {
            self.app_limited = 0;
        }
        let interval = (sent_at - snapshot.first_sent_at).max(now - snapshot.delivered_at);
        self.first_sent_at = sent_at;
        let delivered = self.delivered - snapshot.delivered;
        // A packet that was sent again without need seems to return at once: it is the one before
        // that arrived.
        let sound = interval.min(now - sent_at) >= min_rtt && !interval.is_zero();
        RateSample {
            rate: sound.then(|| per_second(delivered, interval)),
            delivered,
            // Nor does it end a round.
            prior_delivered: if sound { snapshot.delivered } else { 0 },
            lost: self.lost - snapshot.lost,
            app_limited: snapshot.app_limited,
            flight,
        }
    }

    /// So much was lost.
    #[inline]
    pub(crate) fn lost(&mut self, bytes: usize) {
        self.lost += bytes as u64;
    }

    /// There is less to send than may be: what is delivered says little until what is in flight now
    /// has arrived.
    #[inline]
    pub(crate) fn app_limited(&mut self, flight: usize) {
        self.app_limited = (self.delivered + flight as u64).max(1);
    }

    /// Bytes delivered so far.
    pub(crate) fn total(&self) -> u64 {
        self.delivered
    }

    /// Bytes lost so far.
    pub(crate) fn total_lost(&self) -> u64 {
        self.lost
    }
}

/// Bytes a second.
#[inline]
pub(crate) fn per_second(bytes: u64, time: Duration) -> u64 {
    // 2^64 ns are 584 years; bytes of an interval stay below 2^34.
    bytes.saturating_mul(1_000_000_000) / u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::from_millis(n)
    }

    #[test]
    fn the_rate_is_what_arrives_between_sending_and_acknowledgement() {
        // Ten packets of 1000 bytes leave at once and arrive a millisecond apart, 20 ms later.
        let mut rate = DeliveryRate::default();
        let sent: Vec<_> = (0..10).map(|n| rate.snapshot(ms(100), n * 1000)).collect();
        for (n, snapshot) in sent.into_iter().enumerate() {
            let newest = Newest { sent_at: ms(100), snapshot, flight: (n + 1) * 1000 };
            let sample = rate.acked(ms(121 + n as u64), 1000, newest, Duration::from_millis(20));
            let expected = (n as u64 + 1) * 1000 * 1000 / (21 + n as u64);
            assert_eq!((sample.rate, sample.delivered), (Some(expected), (n as u64 + 1) * 1000));
        }
        // What leaves now meets a full pipe.
        let snapshot = rate.snapshot(ms(130), 1000);
        let newest = Newest { sent_at: ms(130), snapshot, flight: 2000 };
        let sample = rate.acked(ms(150), 1000, newest, Duration::from_millis(20));
        assert_eq!((sample.rate, sample.prior_delivered), (Some(33_333), 10_000));
    }

    #[test]
    fn too_little_to_send_is_remembered_until_it_is_delivered() {
        let mut rate = DeliveryRate::default();
        let first = rate.snapshot(ms(0), 0);
        assert!(!first.app_limited);
        rate.app_limited(1000);
        let second = rate.snapshot(ms(1), 1000);
        assert!(second.app_limited);
        let newest = |snapshot| Newest { sent_at: ms(0), snapshot, flight: 1000 };
        assert!(!rate.acked(ms(10), 1000, newest(first), Duration::ZERO).app_limited);
        assert!(rate.snapshot(ms(11), 1000).app_limited);
        assert!(rate.acked(ms(12), 1000, newest(second), Duration::ZERO).app_limited);
        assert!(!rate.snapshot(ms(13), 1000).app_limited);
    }

    #[test]
    fn a_time_shorter_than_any_round_trip_says_nothing() {
        let mut rate = DeliveryRate::default();
        let first = rate.snapshot(ms(0), 0);
        let newest = |sent_at, snapshot| Newest { sent_at, snapshot, flight: 1000 };
        let least = Duration::from_millis(20);
        assert_eq!(rate.acked(ms(20), 1000, newest(ms(0), first), least).rate, Some(50_000));
        let again = rate.snapshot(ms(21), 0);
        let sample = rate.acked(ms(26), 1000, newest(ms(21), again), least);
        assert_eq!((sample.rate, sample.prior_delivered), (None, 0));
        // The same, while others that were sent before it are in flight.
        rate.snapshot(ms(40), 0);
        let again = rate.snapshot(ms(70), 1000);
        let sample = rate.acked(ms(75), 1000, newest(ms(70), again), least);
        assert_eq!((sample.rate, sample.prior_delivered), (None, 0));
    }
}
