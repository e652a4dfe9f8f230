//! SCTP: one ordered reliable stream between two endpoints in memory, in virtual time. First over
//! a perfect wire, where only CPU time counts, then through a bottleneck, where only virtual time
//! does.

mod bottleneck;
#[cfg(feature = "contenders")]
mod dcsctp;
mod limit;
mod patchcord;
#[cfg(feature = "contenders")]
mod proto;
#[cfg(feature = "contenders-c")]
mod usrsctp;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use sansio::Instant;

use crate::bench::{Bench, OURS, Unit};
use crate::cpu;
use crate::race::Entry;
use bottleneck::{Bottleneck, RATE};

/// Largest SCTP packet.
const PACKET: usize = 1200;
/// What its headers leave of it: 12 bytes common header, 16 bytes DATA chunk header.
const PAYLOAD: usize = PACKET - 12 - 16;
/// The writer keeps at most about this much queued.
const SEND_BUFFER: usize = 1 << 20;
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
/// Virtual time after which a transfer counts as stalled.
const PATIENCE: Duration = Duration::from_secs(600);

/// One end of an association.
trait Endpoint {
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

struct Contender {
    name: &'static str,
    transfer: Box<dyn Fn(Task) -> Option<Outcome>>,
}

impl Contender {
    /// `make` returns a client, which begins the handshake by itself, and its server.
    fn new<E: Endpoint>(name: &'static str, make: impl Fn() -> (E, E) + 'static) -> Self {
        let transfer = Box::new(move |task| {
            let (client, server) = make();
            Transfer::new(client, server, task).run()
        });
        Self { name, transfer }
    }
}

fn contenders() -> Vec<Contender> {
    vec![
        Contender::new(OURS, patchcord::pair),
        #[cfg(feature = "contenders")]
        Contender::new("dcsctp 0.1.16", dcsctp::pair),
        #[cfg(feature = "contenders")]
        Contender::new("sctp-proto 0.10", proto::proto::pair),
        #[cfg(feature = "contenders")]
        Contender::new("rtc-sctp 0.21", proto::rtc::pair),
        #[cfg(feature = "contenders-c")]
        Contender::new("usrsctp", usrsctp::pair),
    ]
}

/// What to transfer: `total` bytes in messages of `message` bytes, over a perfect wire or through
/// a bottleneck with this loss.
#[derive(Clone, Copy)]
struct Task {
    total: usize,
    message: usize,
    loss: Option<f64>,
}

struct Outcome {
    cpu: Duration,
    virtual_time: Duration,
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all: Vec<_> = contenders().into_iter().filter(|c| bench.wants(c.name)).collect();
    let shrink = if bench.is_quick() { 16 } else { 1 };
    for (case, message) in [("wire 64KiB", 64 * KIB), ("wire 1KiB", KIB)] {
        let task = Task { total: 64 * MIB / shrink, message, loss: None };
        let mut entries: Vec<_> = all.iter().map(|c| wire(c, task)).collect();
        entries.push(limit::wire(message));
        bench.case(case, Unit::MegabytesPerSecond, 7, entries);
    }
    let cases = [("link no loss", 0.0, 64 * MIB), ("link 1% loss", 0.01, 16 * MIB)];
    for (case, loss, total) in cases {
        let task = Task { total: total / shrink, message: 64 * KIB, loss: Some(loss) };
        let mut entries: Vec<_> = all.iter().map(|c| link(c, task)).collect();
        entries.push(limit::link(loss));
        // All is virtual and seeded: once is enough.
        bench.case(case, Unit::PercentOfLink, 1, entries);
    }
}

fn wire(contender: &Contender, task: Task) -> Entry<'_> {
    Entry::new(contender.name, move || {
        let cpu = (contender.transfer)(task)?.cpu;
        Some(task.total as f64 / 1e6 / cpu.as_secs_f64())
    })
}

fn link(contender: &Contender, task: Task) -> Entry<'_> {
    Entry::new(contender.name, move || {
        let time = (contender.transfer)(task)?.virtual_time;
        Some(100.0 * task.total as f64 * 8.0 / time.as_secs_f64() / RATE as f64)
    })
}

/// A transfer in progress.
struct Transfer<E: Endpoint> {
    client: E,
    server: E,
    task: Task,
    now: Instant,
    there: Bottleneck<E::Packet>,
    back: Bottleneck<E::Packet>,
    scratch: VecDeque<E::Packet>,
    message: Bytes,
    sent: usize,
    received: usize,
    /// CPU time and virtual time when both were connected.
    start: Option<(Duration, Instant)>,
}

impl<E: Endpoint> Transfer<E> {
    fn new(client: E, server: E, task: Task) -> Self {
        Self {
            client,
            server,
            task,
            now: Instant::ZERO,
            there: Bottleneck::new(task.loss, 1),
            back: Bottleneck::new(task.loss, 2),
            scratch: VecDeque::new(),
            message: vec![0x5a; task.message].into(),
            sent: 0,
            received: 0,
            start: None,
        }
    }

    /// Transfers everything; `None` if it stalls.
    fn run(mut self) -> Option<Outcome> {
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
            // Some implementations ask to be called at once, again and again.
            let soon = self.now + Duration::from_micros(1);
            let timers = [self.client.next_timeout(), self.server.next_timeout()];
            let timers = timers.map(|timer| timer.map(|at| at.max(soon)));
            let wires = [self.there.next(), self.back.next()];
            let next = timers.into_iter().chain(wires).flatten().min();
            self.now = self.now.max(next.unwrap_or(self.now));
        }
        eprintln!("stalled at {}: sent {}, received {}", self.now, self.sent, self.received);
        None
    }

    fn deliver(&mut self) {
        let now = self.now;
        self.client.advance(now);
        self.server.advance(now);
        while let Some(packet) = self.there.pop(now) {
            self.server.input(now, packet);
        }
        while let Some(packet) = self.back.pop(now) {
            self.client.input(now, packet);
        }
    }

    /// Writes and reads as much as possible; the outcome if everything has arrived.
    fn progress(&mut self) -> Option<Outcome> {
        if !(self.client.connected() && self.server.connected()) {
            return None;
        }
        let now = self.now;
        let (cpu, since) = *self.start.get_or_insert_with(|| (cpu::now(), now));
        while self.sent < self.task.total && self.client.send(now, &self.message) {
            self.sent += self.message.len();
        }
        while let Some(len) = self.server.recv(now) {
            self.received += len;
        }
        let done = self.received >= self.task.total;
        done.then(|| Outcome { cpu: cpu::now() - cpu, virtual_time: now - since })
    }

    fn collect(&mut self) {
        let now = self.now;
        self.client.output(now, &mut self.scratch);
        self.scratch.drain(..).for_each(|packet| self.there.push(now, packet));
        self.server.output(now, &mut self.scratch);
        self.scratch.drain(..).for_each(|packet| self.back.push(now, packet));
    }
}
