//! One direction of the path: a perfect wire, or a bottleneck of 100 Mbit/s with a round trip of
//! 20 ms and a queue that holds what fits into that time.

use std::collections::VecDeque;
use std::time::Duration;

use sansio::Instant;
use testkit::SeededRng;

/// Bits per second of the bottleneck.
pub(super) const RATE: u64 = 100_000_000;
const DELAY: Duration = Duration::from_millis(10);
/// Bytes: the bandwidth-delay product of 20 ms.
const QUEUE: u64 = RATE / 8 / 50;

/// Unlike `testkit`'s link it carries packets of any kind and copies nothing.
pub(super) struct Bottleneck<P> {
    /// `None`: a perfect wire.
    loss: Option<f64>,
    rng: SeededRng,
    /// When everything in the queue has been sent.
    idle_at: Instant,
    flying: VecDeque<(Instant, P)>,
}

impl<P: AsRef<[u8]>> Bottleneck<P> {
    pub(super) fn new(loss: Option<f64>, seed: u64) -> Self {
        let (rng, flying) = (SeededRng::new(seed), VecDeque::new());
        Self { loss, rng, idle_at: Instant::ZERO, flying }
    }

    pub(super) fn push(&mut self, now: Instant, packet: P) {
        let Some(loss) = self.loss else {
            self.flying.push_back((now, packet));
            return;
        };
        let len = packet.as_ref().len() as u64;
        let start = self.idle_at.max(now);
        let waiting = (start - now).as_nanos() as u64 * (RATE / 8) / 1_000_000_000;
        if self.rng.chance(loss) || waiting + len > QUEUE {
            return;
        }
        self.idle_at = start + Duration::from_nanos(len * 8_000_000_000 / RATE);
        self.flying.push_back((self.idle_at + DELAY, packet));
    }

    /// When the next packet arrives.
    pub(super) fn next(&self) -> Option<Instant> {
        self.flying.front().map(|next| next.0)
    }

    pub(super) fn pop(&mut self, now: Instant) -> Option<P> {
        self.next().filter(|at| *at <= now)?;
        self.flying.pop_front().map(|next| next.1)
    }
}
