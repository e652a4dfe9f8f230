//! Which stream sends next, RFC 8260 §3.

use std::collections::BTreeSet;

use patchcord_sctp::chunk::Chunk;
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{Config, Scheduler, SendOptions, StreamId};
use testkit::LinkConfig;

use crate::support::{Puppet, connected_with, ms, payload, plain, read_all};

/// Those that may be asked for fairness.
const FAIR: [Scheduler; 4] = [
    Scheduler::RoundRobin,
    Scheduler::RoundRobinPerPacket,
    Scheduler::FairCapacity,
    Scheduler::WeightedFair,
];

fn puppet(scheduler: Scheduler) -> Puppet {
    Puppet::connected(Config { scheduler, send_buffer: 10 << 20, ..plain() })
}

fn queue(puppet: &mut Puppet, stream: u16, len: usize) {
    let message = payload(0, len);
    puppet.sctp.send(puppet.now, StreamId(stream), message, SendOptions::default()).unwrap();
}

/// Stream and payload of each chunk sent next, packet by packet.
fn sent(puppet: &mut Puppet) -> Vec<Vec<(u16, usize)>> {
    let mut all = Vec::new();
    for packet in puppet.packets() {
        let packet = Packet::parse(&packet, Checksum::Verify).unwrap();
        let chunks = packet.chunks().filter_map(|chunk| match chunk {
            Ok(Chunk::Data(data)) => Some((data.stream.0, data.payload.len())),
            _ => None,
        });
        all.push(chunks.collect());
    }
    all
}

/// The same of all that waits, with the other side acknowledging at once.
fn drain(puppet: &mut Puppet) -> Vec<Vec<(u16, usize)>> {
    let (mut all, mut count) = (Vec::new(), 0);
    while puppet.sctp.total_buffered_amount() > 0 {
        let packets = sent(puppet);
        count += packets.iter().map(Vec::len).sum::<usize>();
        all.extend(packets);
        puppet.sack(count as u32, 1 << 20, &[]).unwrap();
    }
    all
}

#[test]
fn each_scheduler_has_its_order() {
    // Streams 0 and 1 have messages of one packet each, stream 2 has long ones.
    let cases: [(Scheduler, &[u16]); 6] = [
        (Scheduler::FirstComeFirstServed, &[0, 0, 0, 1, 1, 1, 2, 2, 0]),
        (Scheduler::RoundRobin, &[0, 1, 2, 0, 1, 2, 0, 1, 0]),
        // The end of 2's first message shares its packet with the beginning of the second.
        (Scheduler::RoundRobinPerPacket, &[0, 1, 2, 2, 0, 1, 0, 1, 0]),
        // 1 is worth 512, 2 is worth 300, 0 is worth 256.
        (Scheduler::Priority, &[1, 1, 1, 2, 2, 0, 0, 0, 0]),
        // By the byte when they are through: 0 and 1 at 1100, 2200, 3300; 2 at 2500, 5000.
        (Scheduler::FairCapacity, &[0, 1, 0, 1, 2, 0, 1, 0, 2]),
        // 1 at half of that, 2 at 2133 and 4267.
        (Scheduler::WeightedFair, &[1, 0, 1, 1, 2, 0, 0, 2, 0]),
    ];
    for (scheduler, expected) in cases {
        let mut puppet = puppet(scheduler);
        puppet.sctp.set_stream_priority(StreamId(1), 512);
        for (stream, len) in [(0, 1100), (1, 1100), (2, 2500)] {
            for _ in 0..if stream == 2 { 2 } else { 3 } {
                queue(&mut puppet, stream, len);
            }
        }
        queue(&mut puppet, 0, 1100);
        // A priority counts for those in line, too.
        puppet.sctp.set_stream_priority(StreamId(2), 300);
        assert_eq!(puppet.sctp.stream_priority(StreamId(2)), 300);
        let mut order = Vec::new();
        let mut open = 0;
        for (stream, len) in drain(&mut puppet).concat() {
            // Without interleaving a message is sent whole.
            assert!(open == 0 || order.last() == Some(&stream), "{scheduler:?}");
            if open == 0 {
                open = if stream == 2 { 2500 } else { 1100 };
                order.push(stream);
            }
            open -= len;
        }
        assert_eq!(order, expected, "{scheduler:?}");
    }
}

#[test]
fn a_packet_has_one_stream_only_if_that_is_asked_for() {
    for (scheduler, streams) in [(Scheduler::RoundRobinPerPacket, 1), (Scheduler::RoundRobin, 3)] {
        let mut puppet = puppet(scheduler);
        for n in 0..60 {
            queue(&mut puppet, n % 3, 100);
        }
        let packets = drain(&mut puppet);
        let of = |packet: &Vec<(u16, usize)>| {
            let mut streams: Vec<_> = packet.iter().map(|(stream, _)| *stream).collect();
            streams.sort_unstable();
            streams.dedup();
            streams
        };
        assert!(packets.iter().all(|packet| of(packet).len() == streams), "{packets:?}");
        // Each in turn, and as much in a packet as fits.
        if streams == 1 {
            let order: Vec<_> = packets.iter().flat_map(of).collect();
            assert_eq!(order, [0, 1, 2, 0, 1, 2]);
            assert_eq!(packets[0].len(), 10);
        }
    }
}

#[test]
fn shares_are_in_proportion_to_priorities() {
    let mut puppet = puppet(Scheduler::WeightedFair);
    let weights = [128, 256, 512, 1024];
    for (stream, weight) in weights.into_iter().enumerate() {
        let stream = stream as u16;
        puppet.sctp.set_stream_priority(StreamId(stream), weight);
        // Messages of different sizes make no difference.
        for _ in 0..1000 {
            queue(&mut puppet, stream, 300 + 400 * usize::from(stream));
        }
    }
    let mut bytes = [0; 4];
    let mut count = 0;
    while bytes[3] < 1_000_000 {
        for (stream, len) in sent(&mut puppet).concat() {
            bytes[usize::from(stream)] += len;
            count += 1;
        }
        puppet.sack(count, 1 << 20, &[]).unwrap();
    }
    for (bytes, weight) in bytes.into_iter().zip(weights) {
        let share = f64::from(bytes as u32) / 1e6 / (f64::from(weight) / 1024.0);
        assert!((0.95..1.05).contains(&share), "weight {weight}: {bytes} bytes");
    }
}

#[test]
fn no_stream_starves_another() {
    for scheduler in FAIR {
        let mut puppet = puppet(scheduler);
        for _ in 0..1000 {
            queue(&mut puppet, 7, 1100);
        }
        let mut count = 0;
        for round in 0..20 {
            count += sent(&mut puppet).concat().len();
            queue(&mut puppet, 8, 100);
            puppet.sack(count as u32, 1 << 20, &[]).unwrap();
            let next = sent(&mut puppet).concat();
            count += next.len();
            let place = next.iter().position(|(stream, _)| *stream == 8);
            assert!(place.is_some_and(|n| n <= 2), "{scheduler:?}, round {round}: {next:?}");
            puppet.sack(count as u32, 1 << 20, &[]).unwrap();
        }
    }
}

#[test]
fn silence_earns_nothing() {
    let mut puppet = puppet(Scheduler::FairCapacity);
    // Stream 0 has sent a lot while stream 1 was silent.
    for _ in 0..200 {
        queue(&mut puppet, 0, 1100);
    }
    let already = drain(&mut puppet).concat().len() as u32;
    for _ in 0..20 {
        queue(&mut puppet, 1, 1100);
        queue(&mut puppet, 0, 1100);
    }
    let mut first = Vec::new();
    while first.len() < 20 {
        first.extend(sent(&mut puppet).concat());
        puppet.sack(already + first.len() as u32, 1 << 20, &[]).unwrap();
    }
    let of_one = first[..20].iter().filter(|(stream, _)| *stream == 1).count();
    assert!((9..=11).contains(&of_one), "{first:?}");
}

#[test]
fn all_streams_at_once_are_served_to_the_end() {
    for scheduler in [Scheduler::RoundRobin, Scheduler::WeightedFair, Scheduler::Priority] {
        let config = Config { scheduler, send_buffer: 4 << 20, ..Config::default() };
        let mut pair = connected_with(config, LinkConfig::delayed(ms(5)), 1);
        pair.trace.capacity = 0;
        for id in 0..u16::MAX {
            let (stream, message) = (StreamId(id), payload(u32::from(id), 20));
            pair.a.send(pair.now, stream, message, SendOptions::default()).unwrap();
            // Changes of mind do not pile up.
            pair.a.set_stream_priority(stream, id % 7 + 1);
        }
        let mut received = BTreeSet::new();
        while received.len() < usize::from(u16::MAX) {
            pair.run_for(ms(5));
            for (stream, message) in read_all(pair.now, &mut pair.b) {
                assert_eq!(message.payload, payload(u32::from(stream.0), 20));
                assert!(received.insert(stream), "{scheduler:?}");
            }
        }
    }
}

#[test]
fn a_stream_that_was_reset_has_the_common_priority_again() {
    let mut pair = connected_with(Config::default(), LinkConfig::delayed(ms(5)), 1);
    let stream = StreamId(3);
    pair.a.set_stream_priority(stream, 1024);
    pair.a.send(pair.now, stream, payload(1, 100), SendOptions::default()).unwrap();
    pair.run_for(ms(100));
    assert_eq!(pair.a.stream_priority(stream), 1024);
    pair.a.reset_streams(pair.now, &[stream]);
    pair.run_for(ms(1000));
    assert_eq!(pair.a.stream_priority(stream), 256);
}
