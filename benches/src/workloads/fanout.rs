//! The sending half of an SFU: each packet received is sent to 100 subscribers, 1 ms apart. Their
//! far ends are not driven while the clock runs.

use std::net::SocketAddr;
use std::time::Duration;

use super::peers::pair::Pair;
use super::peers::{self, Peer, RTP_PAYLOAD};
use crate::bench::{Bench, Unit};
use crate::cpu;

const SUBSCRIBERS: u16 = 100;

pub(crate) fn run(bench: &mut Bench<'_>) {
    let all = peers::contenders(bench);
    let packets = if bench.is_quick() { 20 } else { 500 };
    let entries = all.iter().map(|c| c.media_entry(move || (c.fanout)(packets)));
    bench.case("1 to 100", Unit::PacketsPerSecond, 3, entries.collect());
}

pub(super) fn measure<P: Peer>(
    make: impl Fn(SocketAddr) -> P + Copy,
    packets: usize,
) -> Option<f64> {
    let connected = |number| {
        let mut pair = Pair::new(make, number, Duration::ZERO);
        pair.connect(true).map(|_| pair)
    };
    let mut subscribers = (0..SUBSCRIBERS).map(connected).collect::<Option<Vec<_>>>()?;
    let mut source = connected(SUBSCRIBERS)?;
    let begin = subscribers.iter().map(|pair| pair.now).max()?.max(source.now);

    let payload = vec![0x5a; RTP_PAYLOAD];
    let (mut sent, mut time, mut wire) = (0, Duration::ZERO, Vec::new());
    for i in 0..packets as u64 {
        let now = begin + Duration::from_millis(i);
        source.now = now;
        source.ends[0].peer.send_rtp(now, i + 1, &payload);
        source.flush();
        // From here on it is the SFU's own work: one packet in, a hundred out.
        let (spent, ()) = cpu::time(|| {
            source.deliver();
            if source.ends[1].peer.received_rtp() == 0 {
                return;
            }
            for subscriber in &mut subscribers {
                let peer = &mut subscriber.ends[0].peer;
                peer.send_rtp(now, i + 1, &payload);
                if peer.next_timeout().is_some_and(|at| at <= now) {
                    peer.advance(now);
                }
                peer.output(now, &mut wire);
            }
        });
        time += spent;
        sent += wire.drain(..).filter(|d| d.as_ref().len() > RTP_PAYLOAD).count();
    }
    let expected = packets * usize::from(SUBSCRIBERS);
    if sent < expected * 95 / 100 {
        eprintln!("fanout: {sent} of {expected} packets left");
        return None;
    }
    Some(sent as f64 / time.as_secs_f64())
}
