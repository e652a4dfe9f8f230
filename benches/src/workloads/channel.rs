//! A data channel between two peers on a wire without delay, both ends together.

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use crc_fast::CrcAlgorithm::Crc32Iscsi;

use super::dtls::limit::Limit;
use super::peers::pair::Pair;
use super::peers::{self, Contender, Peer};
use crate::bench::{Bench, Unit};
use crate::race::Entry;
use crate::{alloc, cpu};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
/// Virtual time after which a transfer counts as stalled.
const PATIENCE: Duration = Duration::from_secs(300);
/// Bytes of a message in a packet, about.
const PAYLOAD: usize = 1150;

/// What to transfer: `total` bytes in messages of `message` bytes.
#[derive(Clone, Copy)]
pub(super) struct Task {
    message: usize,
    total: usize,
    count_allocations: bool,
}

pub(super) struct Outcome {
    cpu: Duration,
    /// In the second half of the transfer, if they were to be counted.
    allocations: u64,
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all = peers::contenders(bench);
    let shrink = if bench.is_quick() { 16 } else { 1 };
    for (case, message, total) in [("64KiB", 64 * KIB, 32 * MIB), ("1KiB", KIB, 16 * MIB)] {
        let task = Task { message, total: total / shrink, count_allocations: false };
        let mut entries: Vec<_> = all.iter().map(|contender| entry(contender, task)).collect();
        entries.push(limit(message));
        bench.case(case, Unit::MegabytesPerSecond, 5, entries);
        print_allocations(&all, Task { count_allocations: true, ..task });
    }
}

fn entry(contender: &Contender, task: Task) -> Entry<'_> {
    contender.entry(move || {
        let cpu = (contender.channel)(task)?.cpu;
        Some(task.total as f64 / 1e6 / cpu.as_secs_f64())
    })
}

/// For each packet: CRC32c and AES-128-GCM at both ends, and one copy.
fn limit(message: usize) -> Entry<'static> {
    let (packets, payload) = (10_000, message.min(PAYLOAD));
    let (crypto, packet, mut copy) = (Limit::new(), vec![0x5a; payload + 28], Vec::new());
    Entry::new("LIMIT CRC32c twice, AES-128-GCM both ways, one copy", move || {
        let (time, ()) = cpu::time(|| {
            for _ in 0..packets {
                crypto.record(super::dtls::RECORD);
                copy.clear();
                copy.extend_from_slice(black_box(&packet));
                let sums = [&copy, &packet].map(|b| crc_fast::checksum(Crc32Iscsi, black_box(b)));
                black_box(sums);
            }
        });
        Some((packets * payload) as f64 / 1e6 / time.as_secs_f64())
    })
}

fn print_allocations(all: &[Contender], task: Task) {
    println!("\n| contender | allocations per message, both ends |\n|---|---:|");
    for contender in all {
        if let Some(Outcome { allocations, .. }) = (contender.channel)(task) {
            let each = allocations as f64 / (task.total / 2 / task.message) as f64;
            println!("| {} | {each:.2} |", contender.name);
        }
    }
}

pub(super) fn measure<P: Peer>(make: impl Fn(SocketAddr) -> P, task: Task) -> Option<Outcome> {
    let mut pair = Pair::new(make, 0, Duration::ZERO);
    pair.connect(false)?;
    let message = Bytes::from(vec![0x5a; task.message]);
    let (mut sent, mut received, mut counting) = (0, 0, false);
    let (start, limit) = (cpu::now(), pair.now + PATIENCE);
    while received < task.total {
        let now = pair.now;
        while sent < task.total && pair.ends[0].peer.send(now, &message) {
            sent += task.message;
        }
        pair.flush();
        if !pair.deliver() {
            if pair.now >= limit {
                eprintln!("channel stalled: sent {sent}, received {received}");
                return None;
            }
            pair.step(limit);
        }
        received += pair.ends[1].peer.received();
        if task.count_allocations && !counting && received >= task.total / 2 {
            counting = true;
            alloc::start_counting();
        }
    }
    Some(Outcome { cpu: cpu::now() - start, allocations: alloc::stop_counting() })
}
