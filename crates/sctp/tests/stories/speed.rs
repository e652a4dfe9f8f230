//! How much of a path a transfer uses: a few cells of the matrix in `benches/snapshots/sctp.md`,
//! with bars.

use core::time::Duration;

use patchcord_sctp::{Config, Counters, SendOptions, StreamId};
use testkit::{LinkConfig, Schedule};

use crate::support::{connected_with, ms, payload, read_all};

/// 100 Mbit/s and a round trip of 20 ms.
const RATE: u64 = 100_000_000;
const BDP: usize = 250_000;
const MIB: usize = 1 << 20;

/// A path whose queue holds one bandwidth-delay product.
fn path() -> LinkConfig {
    LinkConfig { rate: Some(RATE), queue: Some(BDP), ..LinkConfig::delayed(ms(10)) }
}

/// Transfers so many bytes; the goodput in percent of the link, and what the sender counted.
fn transfer(link: LinkConfig, schedule: Schedule, bytes: usize, seed: u64) -> (f64, Counters) {
    let config = Config { max_packet_size: 1200, ..Config::default() };
    let mut pair = connected_with(config, link, seed);
    (pair.trace.capacity, pair.schedule) = (0, schedule);
    let (start, message, mut received) = (pair.now, payload(1, 64 << 10), 0);
    let done = pair.run_until(
        |p| {
            let options = SendOptions::default();
            while p.a.send(p.now, StreamId(1), message.clone(), options).is_ok() {}
            received += read_all(p.now, &mut p.b).len() * message.len();
            received >= bytes
        },
        Duration::from_secs(60),
    );
    assert!(done, "{received} bytes in a minute");
    let seconds = (pair.now - start).as_secs_f64();
    (received as f64 * 800.0 / seconds / RATE as f64, pair.a.counters())
}

/// The same over three seeds: the least goodput, and the most timeouts.
fn worst(link: LinkConfig, schedule: Schedule, bytes: usize) -> (f64, u64) {
    let runs = [1, 2, 3].map(|seed| transfer(link, schedule, bytes, seed));
    let goodput = runs.iter().map(|run| run.0).fold(f64::INFINITY, f64::min);
    (goodput, runs.iter().map(|run| run.1.timeouts).max().unwrap_or(0))
}

#[test]
fn a_path_without_losses_is_full() {
    let (goodput, counters) = transfer(path(), Schedule::default(), 64 * MIB, 1);
    // The headers leave 97.3, and slow start from ten packets 95.7.
    assert!(goodput >= 95.0, "{goodput}");
    assert_eq!(counters.timeouts, 0);
}

#[test]
fn random_losses_cost_what_they_lose() {
    let link = LinkConfig { loss: 0.01, ..path() };
    let (goodput, timeouts) = worst(link, Schedule::default(), 32 * MIB);
    assert!(goodput >= 85.0, "{goodput}");
    assert_eq!(timeouts, 0);
}

#[test]
fn bursts_of_losses_are_no_collapse() {
    let link = LinkConfig { loss: 0.01, loss_burst: 8.0, ..path() };
    let (goodput, timeouts) = worst(link, Schedule::default(), 32 * MIB);
    assert!(goodput >= 80.0, "{goodput}");
    assert!(timeouts <= 1, "{timeouts}");
}

#[test]
fn a_shallow_queue_is_enough() {
    let link = LinkConfig { queue: Some(BDP / 4), ..path() };
    let (goodput, timeouts) = worst(link, Schedule::default(), 32 * MIB);
    assert!(goodput >= 90.0, "{goodput}");
    assert_eq!(timeouts, 0);
}

#[test]
fn a_path_that_reorders_is_not_taken_for_one_that_loses() {
    let link = LinkConfig { reorder: 0.02, reorder_by: ms(4), ..path() };
    let (goodput, timeouts) = worst(link, Schedule::default(), 16 * MIB);
    assert!(goodput >= 85.0, "{goodput}");
    assert_eq!(timeouts, 0);
}

#[test]
fn a_shell_that_is_late_is_almost_as_fast() {
    let schedule = Schedule { late_timers: ms(2), late_inputs: ms(2), ..Schedule::default() };
    let (goodput, timeouts) = worst(path(), schedule, 16 * MIB);
    assert!(goodput >= 80.0, "{goodput}");
    assert_eq!(timeouts, 0);
}
