//! RTP packets of 1200 bytes from one peer to the other, 1 ms apart, both ends together.
//!
//! Where the nanoseconds of one of our packets go, both ends together (`perf record`, AES-128-GCM,
//! a machine on which bare AES-GCM takes 259 to seal and 340 to open):
//!
//! | layer | ns | what |
//! |---|---:|---|
//! | srtp | 460 | AES-GCM of `ring`, once sealed, once opened |
//! | harness | 190 | this program: buffers that go round, events that are polled |
//! | peer, ice | 170 | which machine, which path |
//! | media engine | 90 | which stream, what is missing, what is due |
//! | copies | 60 | the payload into the datagram, and out of it into the shared block |
//! | bytes | 40 | the shared block's reference counts |
//! | rtp | 30 | headers, history, arrival times |

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
        received += carry(&mut pair, i as u64 + 1, &payload);
    }
    if received < packets * 99 / 100 {
        eprintln!("media: {received} of {packets} packets arrived");
        return None;
    }
    Some(received as f64 / (cpu::now() - start).as_secs_f64())
}

/// Carries one packet, and whatever else is due in its millisecond.
fn carry<P: Peer>(pair: &mut Pair<P>, number: u64, payload: &[u8]) -> usize {
    let now = pair.now;
    pair.ends[0].peer.send_rtp(now, number, payload);
    pair.flush();
    pair.deliver();
    pair.run_for(Duration::from_millis(1));
    pair.ends[1].peer.received_rtp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc;
    use crate::workloads::peers::patchcord::Ours;

    /// Other tests may allocate at the same time, so the calmest of many windows counts.
    #[test]
    fn thirty_two_packets_allocate_once_at_most() {
        let mut pair = Pair::new(Ours::new, 0, Duration::ZERO);
        pair.connect(true).expect("connects");
        let payload = vec![0x5a; RTP_PAYLOAD];
        let mut numbers = 1..;
        let mut window = |packets: usize| {
            let numbers = numbers.by_ref().take(packets);
            numbers.map(|number| carry(&mut pair, number, &payload)).sum::<usize>()
        };
        // Until the history of sent packets is full.
        assert_eq!(window(1200), 1200);
        let counted = (0..20).map(|_| {
            alloc::start_counting();
            assert_eq!(window(320), 320);
            alloc::stop_counting()
        });
        let calmest = counted.min().unwrap_or_default();
        assert!((1..=10).contains(&calmest), "{calmest} allocations for 320 packets");
    }
}
