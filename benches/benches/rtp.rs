//! RTP: a header with four extensions, parsed and written; RTCP feedback about 200 packets, parsed
//! and walked, and written from what arrived; and the bare work, the same bytes over slices.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rtp::rtcp::{self, Packet};
use rtp::transport_wide::Arrivals;
use rtp::{Header, PayloadType, SequenceNumber, Ssrc};
use sansio::Instant;

const ELEMENTS: [(u8, &[u8]); 4] = [(4, b"0"), (2, &[1, 2, 3]), (3, &[0x12, 0x34]), (1, &[0x85])];
const PAYLOAD: usize = 1100;
/// Packets in the feedback, every tenth of which is lost.
const REPORTED: u16 = 200;

fn header() -> Header {
    Header {
        marker: false,
        payload_type: PayloadType::from_low_bits(96),
        sequence_number: SequenceNumber(7),
        timestamp: 1000,
        ssrc: Ssrc(0x1122_3344),
    }
}

/// The sum of all bytes of all extensions.
fn walk(packet: &[u8]) -> usize {
    let Ok(packet) = rtp::Packet::parse(packet) else { return 0 };
    let values = packet.extensions.iter().flat_map(|element| element.1);
    packet.payload.len() + values.map(|byte| usize::from(*byte)).sum::<usize>()
}

/// How many packets the feedback says arrived, and the sum of its deltas.
fn walk_feedback(packet: &[u8]) -> (usize, i64) {
    let Some(Ok(Packet::TransportFeedback(feedback))) = rtcp::packets(packet).next() else {
        return (0, 0);
    };
    let arrived = feedback.packets().filter_map(|(_, delta)| delta);
    arrived.fold((0, 0), |(count, sum), delta| (count + 1, sum + i64::from(delta)))
}

fn report(arrivals: &mut Arrivals, first: u16, out: &mut Vec<u8>) -> bool {
    for n in (0..REPORTED).filter(|n| n % 10 != 9) {
        let now = Instant::from_millis(u64::from(first) + u64::from(n));
        arrivals.received(now, SequenceNumber(first.wrapping_add(n)));
    }
    out.clear();
    arrivals.write_feedback(Ssrc(1), Ssrc(2), out)
}

fn packets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rtp");
    let payload = vec![0x5a; PAYLOAD];
    let mut packet = Vec::new();
    header().write(ELEMENTS.into_iter(), &mut packet);
    let head = packet.clone();
    packet.extend_from_slice(&payload);

    group.bench_function("parse", |b| {
        b.iter(|| rtp::Packet::parse(black_box(&packet)).map(|packet| packet.payload.len()));
    });
    group.bench_function("parse and walk extensions", |b| b.iter(|| walk(black_box(&packet))));
    group.bench_function("header_len", |b| b.iter(|| rtp::header_len(black_box(&packet))));
    let mut out = Vec::with_capacity(1500);
    group.bench_function("write", |b| {
        b.iter(|| {
            out.clear();
            header().write(black_box(ELEMENTS).into_iter(), black_box(&mut out));
            out.extend_from_slice(black_box(&payload));
        });
    });
    group.bench_function("LIMIT write: two copies", |b| {
        b.iter(|| {
            out.clear();
            out.extend_from_slice(black_box(&head));
            out.extend_from_slice(black_box(&payload));
            black_box(&mut out);
        });
    });
    group.finish();
}

fn feedback(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rtcp");
    let (mut arrivals, mut out) = (Arrivals::default(), Vec::with_capacity(1500));
    assert!(report(&mut arrivals, 0, &mut out));
    assert_eq!(walk_feedback(&out).0, 180);
    let packet = out.clone();
    group.bench_function("parse and walk feedback", |b| {
        b.iter(|| walk_feedback(black_box(&packet)));
    });
    let mut first = 0_u16;
    group.bench_function("200 arrivals and their feedback", |b| {
        b.iter(|| {
            first = first.wrapping_add(REPORTED);
            assert!(report(&mut arrivals, first, black_box(&mut out)));
        });
    });
    group.finish();
}

criterion_group!(benches, packets, feedback);
criterion_main!(benches);
