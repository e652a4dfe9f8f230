//! RTP packets of 1200 bytes from one peer to the other, 1 ms apart, both ends together.

use std::net::SocketAddr;
use std::time::Duration;

use super::peers::pair::Pair;
use super::peers::{self, Peer, RTP_PAYLOAD};
use crate::bench::{Bench, Unit};
use crate::cpu;

/// Packets before the clock starts.
const WARM_UP: usize = 200;

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all = peers::contenders(bench);
    let packets = if bench.is_quick() { 1_000 } else { 20_000 };
    let entries = all.iter().map(|c| c.media_entry(move || (c.media)(packets)));
    bench.case("send and receive", Unit::PacketsPerSecond, 5, entries.collect());
}

pub(super) fn measure<P: Peer>(make: impl Fn(SocketAddr) -> P, packets: usize) -> Option<f64> {
    let mut pair = Pair::new(make, 0, Duration::ZERO);
    pair.connect(true)?;
    let payload = vec![0x5a; RTP_PAYLOAD];
    let (mut received, mut start) = (0, cpu::now());
    for i in 0..packets + WARM_UP {
        if i == WARM_UP {
            (start, received) = (cpu::now(), 0);
        }
        let now = pair.now;
        pair.ends[0].peer.send_rtp(now, i as u64 + 1, &payload);
        pair.flush();
        pair.deliver();
        pair.run_for(Duration::from_millis(1));
        received += pair.ends[1].peer.received_rtp();
    }
    if received < packets * 99 / 100 {
        eprintln!("media: {received} of {packets} packets arrived");
        return None;
    }
    Some(received as f64 / (cpu::now() - start).as_secs_f64())
}
