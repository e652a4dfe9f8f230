//! The matrix: round trip × rate × loss × queue, in virtual time. Its results are a file in git, so
//! that a change of behaviour shows in review.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sctp::{Config, CongestionControl};

use super::bottleneck::Path;
use super::transfer::{Task, Transfer};
use super::{KIB, LIMIT, MBIT, MIB, patchcord};

const RTTS: [u64; 4] = [1, 20, 100, 300];
const RATES: [u64; 3] = [10, 100, 1000];
/// Name, part that is lost, how many in a row.
const LOSSES: [(&str, f64, f64); 5] = [
    ("none", 0.0, 1.0),
    ("0.1 %", 0.001, 1.0),
    ("1 %", 0.01, 1.0),
    ("5 %", 0.05, 1.0),
    ("1 % in bursts of 8", 0.01, 8.0),
];
/// In bandwidth-delay products.
const QUEUES: [f64; 3] = [0.25, 1.0, 4.0];
const SEEDS: u64 = 5;
const CONTROLLERS: [(&str, CongestionControl); 3] = [
    ("BBR", CongestionControl::Bbr),
    ("CUBIC", CongestionControl::Cubic),
    ("NewReno", CongestionControl::NewReno),
];
/// Where flows share a path, and for how long.
const SHARED_RTTS: [u64; 2] = [20, 100];
const SHARED_RATES: [u64; 2] = [10, 100];
const SHARED_FOR: Duration = Duration::from_secs(30);

/// What to do with the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The snapshot becomes what was measured.
    Write,
    /// Says what differs from the snapshot, and fails if anything does.
    Check,
}

/// Measures and compares.
pub(crate) fn run(mode: Mode) -> io::Result<()> {
    let text = snapshot();
    print!("{text}");
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("snapshots/sctp.md");
    if mode == Mode::Write {
        return std::fs::write(file, text);
    }
    let before = std::fs::read_to_string(file)?;
    let changes: Vec<_> =
        text.lines().zip(before.lines()).filter(|(new, old)| new != old).collect();
    for (new, old) in &changes {
        eprintln!("was {old}\nis  {new}");
    }
    let same = changes.is_empty() && text.lines().count() == before.lines().count();
    if same { Ok(()) } else { Err(io::Error::other(format!("{} lines changed", changes.len()))) }
}

/// All of it, as Markdown.
fn snapshot() -> String {
    let mut out = String::from(HEAD);
    let window = Config::default().receive_window as u64;
    for rtt in RTTS {
        let fits = |rate: &u64| Path::new(rate * MBIT, rtt, 1.0).bdp() <= window;
        let (rates, left_out): (Vec<_>, Vec<_>) = RATES.into_iter().partition(fits);
        let _infallible = write!(out, "\n## Round trip {rtt} ms\n\n");
        for rate in left_out {
            let _infallible = write!(
                out,
                "Left out: {rate} Mbit/s, whose product with the round trip is more than the window \
                 of {} MiB.\n\n",
                window >> 20
            );
        }
        out += "| Mbit/s | losses | 0.25 BDP | 1 BDP | 4 BDP |\n|---:|---|---:|---:|---:|\n";
        let rows: Vec<_> =
            rates.iter().flat_map(|rate| LOSSES.map(|losses| (*rate, losses))).collect();
        let cells = rows.iter().flat_map(|(rate, (_, loss, burst))| {
            QUEUES.map(|queue| {
                let path = Path::new(rate * MBIT, rtt, queue);
                Path { loss: *loss, burst: *burst, ..path }
            })
        });
        let cells = in_parallel(&cells.collect::<Vec<_>>(), |path| Cell::measure(*path).show());
        for ((rate, (losses, ..)), cells) in rows.iter().zip(cells.chunks(QUEUES.len())) {
            let _infallible = writeln!(out, "| {rate} | {losses} | {} |", cells.join(" | "));
        }
    }
    out + &controllers(window) + &sharing()
}

const HEAD: &str = "# SCTP over bottlenecks

Written by `cargo run --release -p benches -- matrix`; `-- matrix --check` says what changed.

One ordered stream in messages of 64 KiB, packets of 1200 bytes, the defaults of `Config`: 64 MiB, or
as much as 20 s allow. Virtual time, five seeds. A cell is the goodput in percent of the link (the
headers leave 97.3), in brackets that of the worst seed, and the 95th percentile of the time that
packets waited in the queue. Columns: what the queue holds, in bandwidth-delay products, but
6000 bytes at least.
";

/// The results of a cell, seed by seed.
struct Cell {
    goodput: Vec<f64>,
    delay: Vec<Duration>,
}

impl Cell {
    fn measure(path: Path) -> Self {
        Self::measure_with(path, CongestionControl::default(), SEEDS)
    }

    fn measure_with(path: Path, controller: CongestionControl, seeds: u64) -> Self {
        let mut cell = Self { goodput: Vec::new(), delay: Vec::new() };
        for seed in 1..=seeds {
            let task = Task::whole(64 * MIB, 64 * KIB, Some(path));
            let task = Task { seed, limit: LIMIT, ..task };
            let pair = patchcord::pair_with(controller, seed);
            let outcome = Transfer::new([pair], task).run();
            cell.goodput.push(outcome.as_ref().map_or(0.0, |outcome| outcome.goodput(path.rate)));
            cell.delay.push(outcome.map_or(LIMIT, |outcome| outcome.queue_delay));
        }
        cell
    }

    fn mean(&self) -> f64 {
        self.goodput.iter().sum::<f64>() / self.goodput.len() as f64
    }

    fn show(&self) -> String {
        let worst = self.goodput.iter().copied().fold(f64::INFINITY, f64::min);
        let delay = self.delay.iter().sum::<Duration>().as_secs_f64() / self.delay.len() as f64;
        format!("{:.1} ({worst:.1}), {:.1} ms", self.mean(), delay * 1000.0)
    }
}

/// Which controller is the default, and why.
fn controllers(window: u64) -> String {
    let mut out = String::from(
        "\n## Controllers\n\nMean goodput over all cells above, one seed.\n\n| losses |",
    );
    CONTROLLERS.iter().for_each(|(name, _)| out += &format!(" {name} |"));
    out += "\n|---|---:|---:|---:|\n";
    for (name, loss, burst) in LOSSES {
        let paths: Vec<_> = RTTS
            .into_iter()
            .flat_map(|rtt| RATES.map(|rate| (rtt, rate)))
            .flat_map(|(rtt, rate)| QUEUES.map(|queue| Path::new(rate * MBIT, rtt, queue)))
            .filter(|path| path.bdp() <= window)
            .map(|path| Path { loss, burst, ..path })
            .collect();
        out += &format!("| {name} |");
        for (_, controller) in CONTROLLERS {
            let means = in_parallel(&paths, |path| Cell::measure_with(*path, controller, 1).mean());
            out += &format!(" {:.1} |", means.iter().sum::<f64>() / means.len() as f64);
        }
        out += "\n";
    }
    out
}

/// How a flow with the default controller and a CUBIC flow share a path.
fn sharing() -> String {
    let mut out = format!(
        "\n## Beside a CUBIC flow\n\nThe part of the goodput that the flow with the default \
         controller has of that of both in {} s, five seeds.\n\n\
         | round trip | Mbit/s | 0.25 BDP | 1 BDP | 4 BDP |\n|---:|---:|---:|---:|---:|\n",
        SHARED_FOR.as_secs()
    );
    let rows: Vec<_> =
        SHARED_RTTS.into_iter().flat_map(|rtt| SHARED_RATES.map(|rate| (rtt, rate))).collect();
    let paths = rows
        .iter()
        .flat_map(|(rtt, rate)| QUEUES.map(|queue| Path::new(rate * MBIT, *rtt, queue)))
        .collect::<Vec<_>>();
    let cells = in_parallel(&paths, |path| {
        let shares: Vec<_> = (1..=SEEDS).map(|seed| format!("{:.2}", share(*path, seed))).collect();
        shares.join(" ")
    });
    for ((rtt, rate), cells) in rows.iter().zip(cells.chunks(QUEUES.len())) {
        let _infallible = writeln!(out, "| {rtt} ms | {rate} | {} |", cells.join(" | "));
    }
    out
}

fn share(path: Path, seed: u64) -> f64 {
    let task = Task::whole(usize::MAX, 64 * KIB, Some(path));
    let task = Task { seed, limit: SHARED_FOR, ..task };
    let controllers = [CongestionControl::default(), CongestionControl::Cubic];
    let pairs = controllers.map(|controller| patchcord::pair_with(controller, seed));
    let Some(outcome) = Transfer::new(pairs, task).run() else { return 0.0 };
    outcome.received[0] as f64 / outcome.received.iter().sum::<usize>() as f64
}

/// Does the work on each item, on all cores, and keeps the order.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((n, item)) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .and_then(|n| Some((n, items.get(n)?)))
                {
                    let result = work(item);
                    results.lock().expect("no thread panics").push((n, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no thread panics");
    results.sort_by_key(|(n, _)| *n);
    results.into_iter().map(|(_, result)| result).collect()
}
