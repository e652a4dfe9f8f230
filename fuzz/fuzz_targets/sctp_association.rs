//! Two associations under any commands, packets and waits: no panic, and an end in sight.
#![no_main]

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sansio::{Datagram, Instant, Machine};
use sctp::{
    Association, Config, InitToken, InitTokens, Order, Ppid, Reliability, SendOptions, StreamId,
};
use testkit::SeededRng;

/// What both sides are made with.
#[derive(Arbitrary, Debug)]
struct Start<'a> {
    /// Packets need no checksum, so that injected ones come far.
    zero_checksum: bool,
    search_path_mtu: bool,
    few_streams: bool,
    /// Signalling carried the INITs; instead of the other side's, these bytes if they are one.
    signalled: Option<&'a [u8]>,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Connect(bool),
    Send {
        from_a: bool,
        stream: u8,
        len: u16,
        ordered: bool,
        retransmits: Option<u8>,
    },
    Read {
        at_a: bool,
        stream: u8,
    },
    Reset {
        from_a: bool,
        stream: u8,
    },
    AddStreams {
        from_a: bool,
        outbound: u16,
        inbound: u16,
    },
    PathChanged(bool),
    /// Bytes that claim to come from the other side.
    Inject {
        to_a: bool,
        packet: &'a [u8],
    },
    /// One packet crosses; with a bit changed, twice, or not at all.
    Cross {
        from_a: bool,
        fate: u8,
        at: u16,
    },
    Exchange,
    Wait(u16),
    Shutdown(bool),
    Abort(bool),
}

fuzz_target!(|input: (Start<'_>, Vec<Step<'_>>)| {
    let (start, steps) = input;
    let mut now = Instant::ZERO;
    let mut ends = begin(&start);
    for step in steps.into_iter().take(128) {
        match step {
            Step::Connect(a) => ends[usize::from(!a)].connect(now),
            Step::Send { from_a, stream, len, ordered, retransmits } => {
                let options = SendOptions {
                    ppid: Ppid(53),
                    order: if ordered { Order::Ordered } else { Order::Unordered },
                    reliability: retransmits
                        .map_or(Reliability::Reliable, |n| Reliability::MaxRetransmits(n.into())),
                };
                let message = Bytes::from(vec![stream; len.into()]);
                let end = &mut ends[usize::from(!from_a)];
                let _ = end.send(now, StreamId(stream.into()), message, options);
            }
            Step::Read { at_a, stream } => {
                let _ = ends[usize::from(!at_a)].read(now, StreamId(stream.into()));
            }
            Step::Reset { from_a, stream } => {
                ends[usize::from(!from_a)].reset_streams(now, &[StreamId(stream.into())]);
            }
            Step::AddStreams { from_a, outbound, inbound } => {
                let _ = ends[usize::from(!from_a)].add_streams(now, outbound, inbound);
            }
            Step::PathChanged(a) => ends[usize::from(!a)].path_changed(now),
            Step::Inject { to_a, packet } => {
                let mut packet = packet.to_vec();
                let end = &mut ends[usize::from(!to_a)];
                let _ = end.handle_input(now, Datagram::new((), now, &mut packet));
            }
            Step::Cross { from_a, fate, at } => cross(&mut ends, now, from_a, fate, at),
            Step::Exchange => exchange(&mut ends, now),
            Step::Wait(ms) => {
                now += core::time::Duration::from_millis(ms.into());
                ends.iter_mut().for_each(|end| end.handle_timeout(now));
            }
            Step::Shutdown(a) => ends[usize::from(!a)].shutdown(now),
            Step::Abort(a) => ends[usize::from(!a)].abort(now, b"fuzz"),
        }
        for end in &mut ends {
            while end.poll_event().is_some() {}
        }
    }
    ends[0].abort(now, &[]);
    exchange(&mut ends, now);
    assert_eq!(ends[0].poll_timeout(), None, "nothing is pending after the end");
});

fn begin(start: &Start<'_>) -> [Association; 2] {
    let streams = if start.few_streams { 10 } else { u16::MAX };
    let config = Config {
        zero_checksum: start.zero_checksum,
        max_plpmtu: start.search_path_mtu.then_some(9000),
        outbound_streams: streams,
        inbound_streams: streams,
        ..Config::default()
    };
    let mut rngs = [1, 2].map(|n| Box::new(SeededRng::new(n)));
    let Some(bytes) = start.signalled else {
        return rngs.map(|rng| Association::new(config.clone(), rng));
    };
    let [a, b] = rngs.each_mut().map(|rng| InitToken::new(&config, &mut **rng));
    let theirs = InitToken::parse(bytes).unwrap_or_else(|_| b.clone());
    let [first, second] = rngs;
    let stand = |ours, theirs, rng| {
        let tokens = InitTokens { ours, theirs };
        Association::with_tokens(Instant::ZERO, config.clone(), tokens, rng)
    };
    [stand(&a, &theirs, first), stand(&b, &a, second)]
}

fn cross(ends: &mut [Association; 2], now: Instant, from_a: bool, fate: u8, at: u16) {
    let [a, b] = ends;
    let (from, to) = if from_a { (a, b) } else { (b, a) };
    let mut packet = Vec::new();
    if from.poll_transmit(now, &mut packet).is_none() || fate == 0 {
        return;
    }
    if fate == 1 {
        let at = usize::from(at) % packet.len();
        packet[at] ^= 1;
    }
    for _ in 0..=u8::from(fate == 2) {
        let mut copy = packet.clone();
        let _ = to.handle_input(now, Datagram::new((), now, &mut copy));
    }
}

fn exchange(ends: &mut [Association; 2], now: Instant) {
    for round in 0..64 {
        cross(ends, now, round % 2 == 0, 3, 0);
    }
}
