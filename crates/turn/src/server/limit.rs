//! Token buckets: so much in the long run, and so much at once.

use core::hash::BuildHasher;
use core::net::IpAddr;
use core::time::Duration;

use foldhash::fast::FixedState;
use sansio::Instant;

use super::RateLimit;

const NANOS: u128 = 1_000_000_000;

/// How many sources are told apart. Others share a bucket with one of them: no list grows.
const SOURCES: usize = 4096;

/// A bucket, which is full at the beginning. It holds when it will be full again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    full_at: Instant,
}

impl Bucket {
    /// Takes `amount` units, if they are there.
    pub(super) fn take(&mut self, now: Instant, amount: u64, limit: RateLimit) -> bool {
        let after = self.after(now, amount, limit);
        self.full_at = after.unwrap_or(self.full_at);
        after.is_some()
    }

    /// When it is full again after `amount` units were taken. `None`: they are not there.
    fn after(&self, now: Instant, amount: u64, limit: RateLimit) -> Option<Instant> {
        let after = self.full_at.max(now) + time_for(amount, limit);
        (after - now <= time_for(limit.burst, limit)).then_some(after)
    }

    /// Takes `amount` units, and says in how long they will be there.
    pub(super) fn borrow(&mut self, now: Instant, amount: u64, limit: RateLimit) -> Duration {
        self.full_at = self.full_at.max(now) + time_for(amount, limit);
        (self.full_at - now).saturating_sub(time_for(limit.burst, limit))
    }
}

/// How long it takes until so many units are there.
fn time_for(units: u64, limit: RateLimit) -> Duration {
    let nanos = u128::from(units) * NANOS / u128::from(limit.per_second.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// A bucket for each source, and one for all of them.
#[derive(Debug)]
pub(super) struct Strangers {
    sources: Box<[Bucket]>,
    all: Bucket,
    hash: FixedState,
}

impl Strangers {
    pub(super) fn new(seed: u64) -> Self {
        let sources = vec![Bucket::default(); SOURCES].into();
        Self { sources, all: Bucket::default(), hash: FixedState::with_seed(seed) }
    }

    /// Whether both have an answer.
    pub(super) fn has(&self, now: Instant, source: IpAddr, [each, all]: [RateLimit; 2]) -> bool {
        let bucket = self.sources.get(self.place(source));
        bucket.is_some_and(|bucket| bucket.after(now, 1, each).is_some())
            && self.all.after(now, 1, all).is_some()
    }

    /// Takes one answer from both, if there is one.
    pub(super) fn take(&mut self, now: Instant, source: IpAddr, limits: [RateLimit; 2]) -> bool {
        let (place, [each, all]) = (self.place(source), limits);
        self.has(now, source, limits)
            && self.sources.get_mut(place).is_some_and(|bucket| bucket.take(now, 1, each))
            && self.all.take(now, 1, all)
    }

    /// Which of the buckets is this source's.
    fn place(&self, source: IpAddr) -> usize {
        let network = match source {
            IpAddr::V4(ip) => u64::from(ip.to_bits()),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                // A host of IPv6 has a /64 to itself.
                [a, b, c, d].iter().fold(1, |sum, part| sum << 16 | u64::from(*part))
            }
        };
        let index = self.hash.hash_one((source.is_ipv4(), network)) % SOURCES as u64;
        usize::try_from(index).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let (limit, mut bucket) = (RateLimit { per_second: 100, burst: 5 }, Bucket::default());
        let now = Instant::from_millis(1000);
        let taken =
            |bucket: &mut Bucket, now| (0..20).filter(|_| bucket.take(now, 1, limit)).count();
        assert_eq!(taken(&mut bucket, now), 5);
        assert_eq!(taken(&mut bucket, now + Duration::from_millis(20)), 2);
        assert_eq!(taken(&mut bucket, now + Duration::from_secs(9)), 5);
        assert!(!bucket.take(now + Duration::from_secs(99), 6, limit), "more than the burst");
        assert!(bucket.take(now + Duration::from_secs(99), 5, limit));
    }

    #[test]
    fn who_borrows_waits_until_it_is_there() {
        let (limit, mut bucket) = (RateLimit { per_second: 100, burst: 5 }, Bucket::default());
        let now = Instant::from_millis(1000);
        let waits = [5, 1, 10].map(|amount| bucket.borrow(now, amount, limit).as_millis());
        assert_eq!(waits, [0, 10, 110]);
        assert!(!bucket.take(now + Duration::from_millis(110), 1, limit));
        assert!(bucket.take(now + Duration::from_millis(120), 1, limit));
    }

    #[test]
    fn sources_have_a_bucket_each_and_a_network_of_ipv6_one() {
        let (each, all) =
            (RateLimit { per_second: 1, burst: 2 }, RateLimit { per_second: 1, burst: 5 });
        let mut strangers = Strangers::new(1);
        let mut take = |ip: &str| strangers.take(Instant::ZERO, ip.parse().unwrap(), [each, all]);
        assert!(take("192.0.2.1") && take("192.0.2.1") && !take("192.0.2.1"));
        assert!(take("2001:db8::1") && take("2001:db8::2") && !take("2001:db8::3"));
        assert!(take("192.0.2.2"));
        assert!(!take("192.0.2.3"), "all have had theirs");
    }
}
