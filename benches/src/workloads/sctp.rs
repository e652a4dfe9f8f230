//! SCTP: one ordered reliable stream between two endpoints in memory, in virtual time. First over
//! a perfect wire, where only CPU time counts, then through bottlenecks, where only virtual time
//! does.

mod bottleneck;
#[cfg(feature = "contenders")]
mod dcsctp;
mod limit;
mod patchcord;
#[cfg(feature = "contenders")]
mod proto;
mod transfer;
#[cfg(feature = "contenders-c")]
mod usrsctp;

pub(crate) mod matrix;

use std::time::Duration;

use crate::bench::{Bench, OURS, Unit};
use crate::race::Entry;
use bottleneck::Path;
use transfer::{Endpoint, Outcome, Task, Transfer};

/// Largest SCTP packet.
const PACKET: usize = 1200;
/// What its headers leave of it: 12 bytes common header, 16 bytes DATA chunk header.
const PAYLOAD: usize = PACKET - 12 - 16;
/// The writer keeps at most about this much queued.
const SEND_BUFFER: usize = 1 << 20;
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
/// Seeds of the losses over which a cell is averaged.
const SEEDS: u64 = 3;

const MBIT: u64 = 1_000_000;

/// The cells of the matrix in which all contenders run. Each is a transfer of 64 MiB, or of
/// [`LIMIT`] if that takes longer.
const CELLS: [(&str, Path); 12] = [
    ("link no loss", Path::USUAL),
    ("link 1% loss", Path::USUAL.losing(0.01)),
    ("link 1% loss in bursts of 8", Path { burst: 8.0, ..Path::USUAL.losing(0.01) }),
    ("link 5% loss", Path::USUAL.losing(0.05)),
    ("link queue 0.25 BDP", Path::new(100 * MBIT, 20, 0.25)),
    ("link queue 4 BDP", Path::new(100 * MBIT, 20, 4.0)),
    ("link 10 Mbit/s", Path::new(10 * MBIT, 20, 1.0)),
    ("link 10 Mbit/s 300 ms 0.1% loss", Path::new(10 * MBIT, 300, 1.0).losing(0.001)),
    ("link 100 ms", Path::new(100 * MBIT, 100, 1.0)),
    ("link 100 ms 1% loss", Path::new(100 * MBIT, 100, 1.0).losing(0.01)),
    ("link 1000 Mbit/s 1 ms", Path::new(1000 * MBIT, 1, 1.0)),
    ("link 1000 Mbit/s 20 ms", Path::new(1000 * MBIT, 20, 1.0)),
];
const LIMIT: Duration = Duration::from_secs(20);

struct Contender {
    name: &'static str,
    transfer: Box<dyn Fn(Task) -> Option<Outcome>>,
}

impl Contender {
    /// `make` returns a client, which begins the handshake by itself, and its server.
    fn new<E: Endpoint>(name: &'static str, make: impl Fn() -> (E, E) + 'static) -> Self {
        Self { name, transfer: Box::new(move |task| Transfer::new([make()], task).run()) }
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

/// What else ours can do where the other side can, too: on a perfect wire, that costs CPU time.
fn variants() -> Vec<Contender> {
    vec![
        Contender::new("patchcord, no checksum", patchcord::pair_without_checksum),
        Contender::new("no checksum, 1448 bytes", || patchcord::pair_with_packets_of(1448)),
        Contender::new("no checksum, 9000 bytes", || patchcord::pair_with_packets_of(9000)),
    ]
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let variants: Vec<_> = variants().into_iter().filter(|c| bench.wants(c.name)).collect();
    let all: Vec<_> = contenders().into_iter().filter(|c| bench.wants(c.name)).collect();
    let shrink = if bench.is_quick() { 16 } else { 1 };
    for (case, message) in [("wire 64KiB", 64 * KIB), ("wire 1KiB", KIB)] {
        let task = Task::whole(64 * MIB / shrink, message, None);
        let mut entries: Vec<_> = all.iter().chain(&variants).map(|c| wire(c, task)).collect();
        entries.push(limit::wire(message));
        bench.case(case, Unit::MegabytesPerSecond, 7, entries);
    }
    for (case, path) in CELLS {
        let task = Task::whole(64 * MIB / shrink, 64 * KIB, Some(path));
        let task = Task { limit: LIMIT, ..task };
        let mut entries: Vec<_> = all.iter().map(|c| link(c, task, path.rate)).collect();
        entries.push(limit::link(path.loss));
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

fn link(contender: &Contender, task: Task, rate: u64) -> Entry<'_> {
    Entry::new(contender.name, move || {
        let seeds = if task.path.is_some_and(|path| path.loss > 0.0) { SEEDS } else { 1 };
        let goodput = |seed| Some((contender.transfer)(Task { seed, ..task })?.goodput(rate));
        let sum = (1..=seeds).try_fold(0.0, |sum, seed| Some(sum + goodput(seed)?))?;
        Some(sum / seeds as f64)
    })
}
