//! Partial reliability, RFC 3758 and RFC 7496.

use core::time::Duration;

use patchcord_sctp::chunk::{Chunk, Data, ForwardTsn, Skipped};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{Config, Order, Reliability, SendOptions, Ssn, StreamId, Tsn};
use testkit::{LinkConfig, SeededRng};

use crate::support::{Puppet, SCHEDULERS, Sctp, connected_with, data, ms, payload, read_all};

const S: StreamId = StreamId(0);
const WINDOW: u32 = 1 << 20;

fn options(reliability: Reliability, order: Order) -> SendOptions {
    SendOptions { reliability, order, ..SendOptions::default() }
}

fn queue(puppet: &mut Puppet, len: usize, reliability: Reliability) {
    let options = options(reliability, Order::Ordered);
    puppet.sctp.send(puppet.now, S, payload(1, len), options).unwrap();
}

/// Number of the new cumulative TSN, counted from the first, and what is skipped.
fn forward(puppet: &mut Puppet) -> Option<(u32, Vec<(u16, u16)>)> {
    let first = puppet.their_tsn;
    let packets = puppet.packets();
    let packets = packets.iter().map(|p| Packet::parse(p, Checksum::Verify).unwrap());
    packets.flat_map(|p| p.chunks().collect::<Vec<_>>()).find_map(|chunk| match chunk {
        Ok(Chunk::ForwardTsn(forward)) => {
            let skipped = forward.skipped().map(|s| (s.stream.0, s.ssn.0)).collect();
            Some((forward.new_cumulative_tsn.since(first), skipped))
        }
        _ => None,
    })
}

#[test]
fn a_message_is_given_up_after_its_retransmissions() {
    for max in [0, 1, 2] {
        let mut puppet = Puppet::default();
        queue(&mut puppet, 100, Reliability::MaxRetransmits(max));
        assert_eq!(puppet.receive(), ["DATA"]);
        let mut wait = 1000;
        for _ in 0..max {
            puppet.wait(ms(wait));
            assert_eq!(puppet.receive(), ["DATA"]);
            wait *= 2;
        }
        puppet.wait(ms(wait));
        assert_eq!(forward(&mut puppet), Some((0, vec![(0, 0)])));
        assert_eq!(puppet.sctp.counters().abandoned_sent, 1);
        // It was lost: again.
        puppet.wait(ms(2 * wait));
        assert_eq!(forward(&mut puppet), Some((0, vec![(0, 0)])));
        puppet.sack(1, WINDOW, &[]).unwrap();
        puppet.wait(ms(20_000));
        assert!(puppet.packets().is_empty());
        // The next has the next number.
        queue(&mut puppet, 100, Reliability::Reliable);
        let packets = puppet.packets();
        let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
        let Some(Ok(Chunk::Data(data))) = packet.chunks().next() else { panic!() };
        assert_eq!((data.tsn, data.ssn), (puppet.their_tsn.next(), Ssn(1)));
    }
}

#[test]
fn a_message_is_given_up_when_it_is_too_old() {
    let mut puppet = Puppet::default();
    queue(&mut puppet, 100, Reliability::MaxLifetime(ms(2500)));
    assert_eq!(puppet.receive(), ["DATA"]);
    puppet.wait(ms(1000));
    assert_eq!(puppet.receive(), ["DATA"]);
    puppet.wait(ms(2000));
    assert_eq!(forward(&mut puppet), Some((0, vec![(0, 0)])));
}

#[test]
fn a_message_too_old_to_begin_with_is_never_sent() {
    let mut puppet = Puppet::default();
    queue(&mut puppet, 20_000, Reliability::Reliable);
    puppet.packets();
    queue(&mut puppet, 100, Reliability::MaxLifetime(ms(10)));
    queue(&mut puppet, 200, Reliability::Reliable);
    puppet.wait(ms(50));
    puppet.sack(10, WINDOW, &[]).unwrap();
    let mut sizes = Vec::new();
    for packet in puppet.packets() {
        for chunk in Packet::parse(&packet, Checksum::Verify).unwrap().chunks() {
            if let Ok(Chunk::Data(Data { begin: true, end: true, payload, ssn, .. })) = chunk {
                sizes.push((payload.len(), ssn));
            }
        }
    }
    assert_eq!(sizes, [(200, Ssn(1))], "and uses up no number");
    assert_eq!(puppet.sctp.total_buffered_amount(), 0);
}

#[test]
fn a_message_of_which_part_was_sent_is_given_up_whole() {
    let mut puppet = Puppet::default();
    queue(&mut puppet, 30_000, Reliability::MaxRetransmits(0));
    queue(&mut puppet, 100, Reliability::Reliable);
    assert_eq!(puppet.receive().len(), 10);
    puppet.wait(ms(1000));
    // The ten, and one for the rest.
    assert_eq!(forward(&mut puppet), Some((10, vec![(0, 0)])));
    assert_eq!(puppet.sctp.buffered_amount(S), 0);
    puppet.sack(11, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.bytes_in_flight(), 116, "the next is on its way");
}

#[test]
fn a_message_of_which_part_arrived_is_given_up_when_it_is_late() {
    let mut puppet = Puppet::default();
    queue(&mut puppet, 30_000, Reliability::MaxLifetime(ms(100)));
    assert_eq!(puppet.receive().len(), 10);
    puppet.wait(ms(200));
    puppet.sack(10, WINDOW, &[]).unwrap();
    // All that was sent has arrived, and still the other side must not wait for the rest.
    assert_eq!(forward(&mut puppet), Some((10, vec![(0, 0)])));
    puppet.sack(11, WINDOW, &[]).unwrap();
    queue(&mut puppet, 100, Reliability::Reliable);
    assert_eq!(puppet.receive(), ["DATA"]);
}

#[test]
fn without_the_other_sides_support_all_is_reliable() {
    let mut puppet = Puppet::connected_with(Config::default(), &[]);
    queue(&mut puppet, 100, Reliability::MaxRetransmits(0));
    for wait in [0, 1000, 2000, 4000] {
        puppet.wait(ms(wait));
        assert_eq!(puppet.receive(), ["DATA"]);
    }
}

#[test]
fn many_streams_given_up_at_once_take_several_chunks() {
    let mut puppet = Puppet::connected(Config { max_packet_size: 100, ..Config::default() });
    let lossy = options(Reliability::MaxRetransmits(0), Order::Ordered);
    for stream in 0..50 {
        puppet.sctp.send(puppet.now, StreamId(stream), payload(1, 4), lossy).unwrap();
    }
    let sent = puppet.packets().len();
    assert!(sent > 10);
    puppet.wait(ms(1000));
    let mut acknowledged = 0;
    while let Some((through, skipped)) = forward(&mut puppet) {
        assert!(skipped.len() <= 20);
        acknowledged = through + 1;
        puppet.sack(acknowledged, WINDOW, &[]).unwrap();
    }
    assert!(acknowledged >= 30, "{acknowledged}");
}

#[test]
fn forward_tsn_releases_what_waited() {
    let mut puppet = Puppet::default();
    // 0 and 1 are missing: messages 0 and 1. 3 begins a message that waits for 4.
    puppet.send(&[Chunk::Data(data(2, b"two"))]).unwrap();
    puppet.send(&[Chunk::Data(Data { end: false, ..data(3, b"thr") })]).unwrap();
    assert!(puppet.read_all().is_empty());
    let mut skipped = Vec::new();
    Skipped { stream: S, ssn: Ssn(1) }.write(&mut skipped);
    let tsn = data(1, b"").tsn;
    puppet.receive();
    puppet.send(&[Chunk::ForwardTsn(ForwardTsn::new(tsn, &skipped))]).unwrap();
    assert_eq!(puppet.receive(), ["SACK"], "no gap any more");
    let tail = Data { begin: false, ssn: Ssn(3), ..data(4, b"ee") };
    puppet.send(&[Chunk::Data(tail)]).unwrap();
    let read: Vec<_> = puppet.read_all().into_iter().map(|(_, m)| m.payload).collect();
    assert_eq!(read, [&b"two"[..], b"three"]);
    // An old one is acknowledged, and changes nothing.
    puppet.packets();
    puppet.send(&[Chunk::ForwardTsn(ForwardTsn::new(Tsn(tsn.0 - 5), &[]))]).unwrap();
    assert_eq!(puppet.receive(), ["SACK"]);
}

#[test]
fn forward_tsn_gives_up_unfinished_messages() {
    let mut puppet = Puppet::default();
    let part = |n, begin, ssn| Data { begin, end: false, ssn: Ssn(ssn), ..data(n, b"abc") };
    puppet.send(&[Chunk::Data(part(0, true, 0))]).unwrap();
    puppet.send(&[Chunk::Data(part(2, false, 0))]).unwrap();
    let mut skipped = Vec::new();
    Skipped { stream: S, ssn: Ssn(0) }.write(&mut skipped);
    let tsn = data(3, b"").tsn;
    puppet.send(&[Chunk::ForwardTsn(ForwardTsn::new(tsn, &skipped))]).unwrap();
    puppet.send(&[Chunk::Data(Data { ssn: Ssn(1), ..data(4, b"next") })]).unwrap();
    assert_eq!(&puppet.read_all()[0].1.payload[..], b"next");
}

#[test]
fn messages_worth_less_make_room_when_the_buffer_is_full() {
    let config = Config { send_buffer: 10_000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    let send = |puppet: &mut Puppet, stream: u16, number, len, reliability| {
        let options = options(reliability, Order::Ordered);
        let message = payload(number, len);
        puppet.sctp.send(puppet.now, StreamId(stream), message, options).is_ok()
    };
    let worth = Reliability::Priority;
    for (number, stream, n) in [(0, 0, 5), (1, 1, 9), (2, 0, 9), (3, 0, 5), (4, 1, 7)] {
        assert!(send(&mut puppet, stream, number, 2000, worth(n)));
    }
    // Nothing is worth less.
    assert!(!send(&mut puppet, 0, 5, 2000, worth(9)));
    assert_eq!(puppet.sctp.counters().abandoned_unsent, 0);
    // The younger one of those worth least.
    assert!(send(&mut puppet, 0, 6, 2000, worth(8)));
    assert_eq!(puppet.sctp.buffered_amount(StreamId(0)), 6000);
    // As many as it takes: 1 and 6. And not a byte if that does not suffice.
    assert!(send(&mut puppet, 2, 7, 3000, worth(7)));
    assert!(!send(&mut puppet, 2, 8, 8000, worth(6)));
    assert_eq!(puppet.sctp.counters().abandoned_unsent, 3);
    assert_eq!(puppet.sctp.total_buffered_amount(), 9000);
    // A reliable one is worth more than all, and the first is no exception.
    assert!(send(&mut puppet, 3, 9, 8000, Reliability::Reliable));
    assert!(!send(&mut puppet, 3, 10, 8000, Reliability::MaxRetransmits(0)));
    let mut sent = Vec::new();
    for packet in puppet.packets() {
        for chunk in Packet::parse(&packet, Checksum::Verify).unwrap().chunks() {
            if let Ok(Chunk::Data(Data { begin: true, stream, ssn, payload, .. })) = chunk {
                sent.push((stream.0, ssn.0, payload[3]));
            }
        }
    }
    sent.sort_unstable();
    assert_eq!(sent, [(0, 0, 0), (3, 0, 9)], "and no number is used up");
    assert_eq!(puppet.sctp.counters().abandoned_unsent, 6);
}

#[test]
fn what_is_under_way_does_not_make_room() {
    let config = Config { send_buffer: 30_000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    queue(&mut puppet, 30_000, Reliability::Priority(9));
    assert_eq!(puppet.receive().len(), 10);
    let waits = puppet.sctp.total_buffered_amount();
    assert!(waits > 15_000);
    let reliable = options(Reliability::Reliable, Order::Ordered);
    assert!(puppet.sctp.send(puppet.now, S, payload(1, 20_000), reliable).is_err());
    assert_eq!(puppet.sctp.total_buffered_amount(), waits);
}

/// Reliable and unreliable messages on several streams over bad links.
fn mixed(seed: u64) {
    let mut rng = SeededRng::new(seed);
    let link = LinkConfig {
        loss: 0.02 + 0.18 * rng.fraction(),
        duplicate: 0.05,
        reorder: 0.1,
        jitter: ms(10),
        ..LinkConfig::delayed(ms(20))
    };
    let config = Config {
        scheduler: SCHEDULERS[seed as usize % SCHEDULERS.len()],
        interleaving: !seed.is_multiple_of(4),
        ..Config::default()
    };
    let mut pair = connected_with(config, link, seed);
    let kind = |number: u32| match number % 4 {
        0 => Reliability::Reliable,
        1 => Reliability::MaxRetransmits(0),
        2 => Reliability::MaxRetransmits(1),
        _ => Reliability::MaxLifetime(ms(60)),
    };
    let mut received: Vec<u32> = Vec::new();
    let mut read = |pair: &mut Sctp| {
        for (stream, message) in read_all(pair.now, &mut pair.b) {
            let number = u32::from_be_bytes(message.payload[..4].try_into().unwrap());
            assert_eq!(u32::from(stream.0), number % 3);
            assert_eq!(message.payload, payload(number, message.payload.len()));
            received.push(number);
        }
    };
    for number in 0..200 {
        let order = if rng.chance(0.3) { Order::Unordered } else { Order::Ordered };
        let size = 4 + rng.below(6000) as usize;
        let stream = StreamId((number % 3) as u16);
        pair.a.send(pair.now, stream, payload(number, size), options(kind(number), order)).unwrap();
        pair.run_for(Duration::from_millis(rng.below(40)));
        read(&mut pair);
    }
    // The end: nothing holds anything up.
    let done = pair.run_until(
        |p| {
            read(p);
            p.a.total_buffered_amount() == 0 && p.a.bytes_in_flight() == 0
        },
        ms(600_000),
    );
    assert!(done, "seed {seed}");
    pair.run_for(ms(60_000));
    for (_, message) in read_all(pair.now, &mut pair.b) {
        received.push(u32::from_be_bytes(message.payload[..4].try_into().unwrap()));
    }
    received.sort_unstable();
    assert!(received.windows(2).all(|w| w[0] < w[1]), "seed {seed}: once");
    let reliable = (0..200).filter(|n| kind(*n) == Reliability::Reliable);
    for number in reliable {
        assert!(received.binary_search(&number).is_ok(), "seed {seed}: {number}");
    }
    assert!(received.len() < 200 || pair.a.counters().abandoned_sent == 0);
}

#[test]
fn reliable_messages_arrive_among_unreliable_ones() {
    for seed in 0..60 {
        mixed(seed);
    }
}
