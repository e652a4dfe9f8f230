//! Resident memory of a connected peer after a second of silence. Each measurement runs in a
//! process of its own, so that what one contender frees is not used again by the next.

use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use super::peers::pair::Pair;
use super::peers::{self, Peer};
use crate::MEMORY_CHILD;
use crate::bench::{Bench, Unit};

const PAIRS: u16 = 500;
const DELAY: Duration = Duration::from_millis(10);
/// The argument that asks the child for peers with video.
const VIDEO: &str = "video";

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all = peers::contenders(bench);
    let idle = all.iter().map(|c| c.entry(|| in_child(c.name, false)));
    bench.case("idle", Unit::Kibibytes, 1, idle.collect());
    let video = all.iter().map(|c| c.media_entry(|| in_child(c.name, true)));
    bench.case("idle with video", Unit::Kibibytes, 1, video.collect());
}

fn in_child(name: &str, video: bool) -> Option<f64> {
    let program = std::env::current_exe().ok()?;
    let kind = if video { VIDEO } else { "data" };
    let output = Command::new(program).args([MEMORY_CHILD, name, kind]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// What the child does: prints KiB a peer.
pub(crate) fn child(name: &str, kind: &str) -> io::Result<()> {
    let all = peers::all();
    let contender = all.iter().find(|contender| contender.name == name);
    let measured = contender.and_then(|contender| (contender.memory)(kind == VIDEO));
    let kib = measured.ok_or_else(|| io::Error::other(format!("{name} does not connect")))?;
    println!("{kib}");
    Ok(())
}

pub(super) fn measure<P: Peer>(make: impl Fn(SocketAddr) -> P + Copy, video: bool) -> Option<f64> {
    // What is made once, whatever the number of peers.
    Pair::new(make, 9999, DELAY).connect(video)?;
    let before = resident()?;
    let mut pairs = Vec::new();
    for number in 0..PAIRS {
        let mut pair = Pair::new(make, number, DELAY);
        pair.connect(video)?;
        pair.run_for(Duration::from_secs(1));
        pairs.push(pair);
    }
    let grown = resident()?.saturating_sub(before);
    drop(pairs);
    Some(grown as f64 / 1024.0 / f64::from(2 * PAIRS))
}

/// Bytes of resident memory, as Linux tells them.
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
