//! Transfers in virtual time: one flow, or several that share a path.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use sansio::Instant;

use super::bottleneck::{Bottleneck, Path};
use crate::cpu;

/// Virtual time after which a transfer counts as stalled.
const PATIENCE: Duration = Duration::from_secs(600);

/// One end of an association.
pub(super) trait Endpoint {
    /// A packet in the form that this implementation likes best, so that none pays for the form of
    /// another.
    type Packet: AsRef<[u8]>;

    fn input(&mut self, now: Instant, packet: Self::Packet);
    /// Moves the clock, firing the timers that are due.
    fn advance(&mut self, now: Instant);
    fn next_timeout(&self) -> Option<Instant>;
    fn output(&mut self, now: Instant, wire: &mut VecDeque<Self::Packet>);
    fn connected(&self) -> bool;
    /// Queues one message; false (and nothing queued) while the buffer is full.
    fn send(&mut self, now: Instant, message: &Bytes) -> bool;
    /// Bytes of the next whole message received, if there is one.
    fn recv(&mut self, now: Instant) -> Option<usize>;
}

/// What to transfer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    /// Bytes of each flow.
    pub(super) total: usize,
    /// Bytes of a message.
    pub(super) message: usize,
    /// `None`: a perfect wire.
    pub(super) path: Option<Path>,
    /// Of the losses.
    pub(super) seed: u64,
    /// It ends after so much virtual time, done or not.
    pub(super) limit: Duration,
}

impl Task {
    /// All of `total`, in messages of `message` bytes.
    pub(super) fn whole(total: usize, message: usize, path: Option<Path>) -> Self {
        Self { total, message, path, seed: 1, limit: PATIENCE }
    }
}

/// What a transfer took.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) cpu: Duration,
    pub(super) virtual_time: Duration,
    /// Bytes received, flow by flow.
    pub(super) received: Vec<usize>,
    /// How long packets with data waited in the queue; the longest of the best 95 %.
    pub(super) queue_delay: Duration,
}

impl Outcome {
    /// What all flows received, in percent of what a link of `rate` bits a second could carry.
    pub(super) fn goodput(&self, rate: u64) -> f64 {
        let bits = self.received.iter().sum::<usize>() as f64 * 8.0;
        100.0 * bits / self.virtual_time.as_secs_f64() / rate as f64
    }
}

struct Flow<E> {
    client: E,
    server: E,
    sent: usize,
    received: usize,
}

impl<E: Endpoint> Flow<E> {
    fn is_connected(&self) -> bool {
        self.client.connected() && self.server.connected()
    }
}

/// A transfer in progress.
pub(super) struct Transfer<E: Endpoint> {
    flows: Vec<Flow<E>>,
    task: Task,
    now: Instant,
    there: Bottleneck<E::Packet>,
    back: Bottleneck<E::Packet>,
    scratch: VecDeque<E::Packet>,
    message: Bytes,
    /// CPU time and virtual time when all were connected.
    start: Option<(Duration, Instant)>,
}

impl<E: Endpoint> Transfer<E> {
    /// The clients have begun to connect to their servers.
    pub(super) fn new(pairs: impl IntoIterator<Item = (E, E)>, task: Task) -> Self {
        let flow = |(client, server)| Flow { client, server, sent: 0, received: 0 };
        Self {
            flows: pairs.into_iter().map(flow).collect(),
            task,
            now: Instant::ZERO,
            there: Bottleneck::new(task.path, task.seed),
            back: Bottleneck::new(task.path, task.seed ^ 1 << 32),
            scratch: VecDeque::new(),
            message: vec![0x5a; task.message].into(),
            start: None,
        }
    }

    /// Transfers everything, or as much as the time allows; `None` if it stalls.
    pub(super) fn run(mut self) -> Option<Outcome> {
        let mut idle = 0;
        while self.now - Instant::ZERO < PATIENCE {
            self.deliver();
            if let Some(outcome) = self.progress() {
                return Some(outcome);
            }
            self.collect();
            // Nothing in flight is fine right after the handshake, and a deadlock if it lasts.
            idle = if self.there.next().or(self.back.next()).is_some() { 0 } else { idle + 1 };
            if idle > 100_000 {
                break;
            }
            self.now = self.now.max(self.next().unwrap_or(self.now));
        }
        let done: Vec<_> = self.flows.iter().map(|flow| (flow.sent, flow.received)).collect();
        eprintln!("stalled at {}: sent and received {done:?}", self.now);
        None
    }

    fn next(&self) -> Option<Instant> {
        // Some implementations ask to be called at once, again and again.
        let soon = self.now + Duration::from_micros(1);
        let timers = |flow: &Flow<E>| [flow.client.next_timeout(), flow.server.next_timeout()];
        let timers = self.flows.iter().flat_map(timers).flatten().map(|at| at.max(soon));
        let wires = [self.there.next(), self.back.next()].into_iter().flatten();
        let end = self.start.map(|(_, since)| since + self.task.limit);
        timers.chain(wires).chain(end).min()
    }

    fn deliver(&mut self) {
        let now = self.now;
        for flow in &mut self.flows {
            flow.client.advance(now);
            flow.server.advance(now);
        }
        while let Some((flow, packet)) = self.there.pop(now) {
            self.flows[flow].server.input(now, packet);
        }
        while let Some((flow, packet)) = self.back.pop(now) {
            self.flows[flow].client.input(now, packet);
        }
    }

    /// Writes and reads as much as possible; the outcome if it is over.
    fn progress(&mut self) -> Option<Outcome> {
        if !self.flows.iter().all(Flow::is_connected) {
            return None;
        }
        let (now, total) = (self.now, self.task.total);
        let (cpu, since) = *self.start.get_or_insert_with(|| (cpu::now(), now));
        for flow in &mut self.flows {
            while flow.sent < total && flow.client.send(now, &self.message) {
                flow.sent += self.message.len();
            }
            while let Some(len) = flow.server.recv(now) {
                flow.received += len;
            }
        }
        let done = self.flows.iter().all(|flow| flow.received >= total);
        (done || now - since >= self.task.limit).then(|| Outcome {
            cpu: cpu::now() - cpu,
            virtual_time: now - since,
            received: self.flows.iter().map(|flow| flow.received).collect(),
            queue_delay: percentile_95(&mut self.there.waits),
        })
    }

    fn collect(&mut self) {
        let now = self.now;
        for (number, flow) in self.flows.iter_mut().enumerate() {
            flow.client.output(now, &mut self.scratch);
            self.scratch.drain(..).for_each(|packet| self.there.push(now, number, packet));
            flow.server.output(now, &mut self.scratch);
            self.scratch.drain(..).for_each(|packet| self.back.push(now, number, packet));
        }
    }
}

fn percentile_95(waits: &mut [Duration]) -> Duration {
    waits.sort_unstable();
    waits.get(waits.len() * 95 / 100).copied().unwrap_or_default()
}
