//! Connecting: from the offer to a data channel that is open, 50 ms one way, signalling included.

use std::net::SocketAddr;
use std::time::Duration;

use sansio::Instant;

use super::dtls::limit::Limit;
use super::peers::pair::Pair;
use super::peers::{self, Peer};
use crate::bench::{Bench, Unit};
use crate::cpu;
use crate::race::Entry;

const DELAY: Duration = Duration::from_millis(50);

/// What it took.
pub(super) struct Connected {
    /// When the channel opened.
    offerer: Instant,
    answerer: Instant,
    /// For both ends, making them and their certificates included.
    cpu: Duration,
    datagrams: usize,
}

pub(super) fn measure<P: Peer>(make: impl Fn(SocketAddr) -> P) -> Option<Connected> {
    let (cpu, pair) = cpu::time(|| {
        let mut pair = Pair::new(make, 0, DELAY);
        pair.connect(false).map(|open| (open, pair.datagrams))
    });
    let ([offerer, answerer], datagrams) = pair?;
    Some(Connected { offerer, answerer, cpu, datagrams })
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all = peers::contenders(bench);
    let round_trips = |at: Instant| (at - Instant::ZERO).as_secs_f64() / (2 * DELAY).as_secs_f64();
    let offerer = all.iter().map(|c| c.entry(|| Some(round_trips((c.connect)()?.offerer))));
    bench.case("offerer", Unit::RoundTrips, 5, offerer.collect());
    let answerer = all.iter().map(|c| c.entry(|| Some(round_trips((c.connect)()?.answerer))));
    bench.case("answerer", Unit::RoundTrips, 5, answerer.collect());

    let limit = Limit::new();
    let cpu = all.iter().map(|c| c.entry(|| Some((c.connect)()?.cpu.as_nanos() as f64)));
    let mut entries: Vec<_> = cpu.collect();
    entries.push(Entry::timed("LIMIT 2 x (key pair, ECDH, sign, verify)", || {
        (0..2).for_each(|_| limit.public_keys());
    }));
    bench.case("cpu", Unit::Nanos, 11, entries);

    println!("\n| contender | datagrams |\n|---|---:|");
    for contender in &all {
        if let Some(connected) = (contender.connect)() {
            println!("| {} | {} |", contender.name, connected.datagrams);
        }
    }
}
