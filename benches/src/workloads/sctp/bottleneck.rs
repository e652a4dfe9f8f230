//! One direction of the path: a perfect wire, or a bottleneck with a queue and losses.

use std::collections::VecDeque;
use std::time::Duration;

use sansio::Instant;
use testkit::{Losses, SeededRng};

/// How a path is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    /// Bits a second.
    pub(super) rate: u64,
    /// The round trip without a queue.
    pub(super) rtt: Duration,
    /// Bytes that may wait in front of the bottleneck.
    pub(super) queue: u64,
    /// The part that is lost by chance.
    pub(super) loss: f64,
    /// How many are lost in a row on average.
    pub(super) burst: f64,
}

impl Path {
    /// 100 Mbit/s with a round trip of 20 ms, and a queue that holds what fits into that time.
    pub(super) const USUAL: Self = Self::new(100_000_000, 20, 1.0);

    /// A path without losses, whose queue holds `bdp` times what fits into a round trip.
    pub(super) const fn new(rate: u64, rtt_ms: u64, bdp: f64) -> Self {
        let queue = ((rate / 8 * rtt_ms / 1000) as f64 * bdp) as u64;
        let rtt = Duration::from_millis(rtt_ms);
        // A few packets, or nothing passes.
        let queue = if queue < 4 * 1500 { 4 * 1500 } else { queue };
        Self { rate, rtt, queue, loss: 0.0, burst: 1.0 }
    }

    /// The same with losses, each alone.
    pub(super) const fn losing(self, loss: f64) -> Self {
        Self { loss, ..self }
    }

    /// Bytes that fit into a round trip.
    pub(super) fn bdp(&self) -> u64 {
        (self.rate as f64 / 8.0 * self.rtt.as_secs_f64()) as u64
    }
}

/// Unlike `testkit`'s link it carries packets of any kind and copies nothing.
pub(super) struct Bottleneck<P> {
    /// `None`: a perfect wire.
    path: Option<Path>,
    rng: SeededRng,
    losses: Losses,
    /// When everything in the queue has been sent.
    idle_at: Instant,
    /// Packets and the flows that they are of.
    flying: VecDeque<(Instant, usize, P)>,
    /// How long each packet waited in the queue.
    pub(super) waits: Vec<Duration>,
}

impl<P: AsRef<[u8]>> Bottleneck<P> {
    pub(super) fn new(path: Option<Path>, seed: u64) -> Self {
        let (rng, flying) = (SeededRng::new(seed), VecDeque::new());
        let losses = Losses::default();
        Self { path, rng, losses, idle_at: Instant::ZERO, flying, waits: Vec::new() }
    }

    pub(super) fn push(&mut self, now: Instant, flow: usize, packet: P) {
        let Some(path) = self.path else {
            self.flying.push_back((now, flow, packet));
            return;
        };
        let len = packet.as_ref().len() as u64;
        let start = self.idle_at.max(now);
        let nanos = (start - now).as_nanos() as u64;
        let waiting = (u128::from(nanos) * u128::from(path.rate) / 8_000_000_000) as u64;
        if waiting + len > path.queue {
            return;
        }
        self.waits.push(start - now);
        let time = Duration::from_nanos(len * 8_000_000_000 / path.rate);
        let slots = 1 + ((start - self.idle_at).as_nanos() / time.as_nanos().max(1)) as u64;
        self.idle_at = start + time;
        // What is lost behind the bottleneck has taken its time there.
        if !self.losses.next(&mut self.rng, path.loss, path.burst, slots) {
            self.flying.push_back((self.idle_at + path.rtt / 2, flow, packet));
        }
    }

    /// When the next packet arrives.
    pub(super) fn next(&self) -> Option<Instant> {
        self.flying.front().map(|next| next.0)
    }

    /// A packet that has arrived, and its flow.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(usize, P)> {
        self.next().filter(|at| *at <= now)?;
        self.flying.pop_front().map(|(_, flow, packet)| (flow, packet))
    }
}
