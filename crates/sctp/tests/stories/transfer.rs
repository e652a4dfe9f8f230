//! Messages from end to end.

use bytes::Bytes;
use patchcord_sctp::chunk::{Chunk, Data};
use patchcord_sctp::{Config, Message, Order, Ppid, SendOptions, Ssn, StreamId};
use testkit::LinkConfig;

use crate::support::{Puppet, connected, connected_with, data, ms, payload, read_all};

#[test]
fn messages_of_all_sizes_arrive_in_order() {
    let mut pair = connected(LinkConfig::delayed(ms(10)), 1);
    let sizes = [1, 3, 4, 1160, 1161, 1163, 2320, 65_536, 262_144];
    for (n, size) in sizes.into_iter().enumerate() {
        let payload = payload(n as u32, size);
        pair.a.send(pair.now, StreamId(7), payload, SendOptions::default()).unwrap();
    }
    pair.run_for(ms(10_000));
    let messages = read_all(pair.now, &mut pair.b);
    assert_eq!(messages.len(), sizes.len());
    for (n, (size, (stream, message))) in sizes.into_iter().zip(messages).enumerate() {
        assert_eq!((stream, message.payload), (StreamId(7), payload(n as u32, size)));
    }
}

#[test]
fn a_message_of_16_mib_passes_where_both_sides_allow_it() {
    let size = 16 << 20;
    let config = Config {
        max_message_size: size,
        max_incoming_message_size: size,
        receive_window: 20 << 20,
        ..Config::default()
    };
    let mut pair = connected_with(config, LinkConfig::delayed(ms(5)), 1);
    pair.trace.capacity = 0;
    let message = payload(1, size);
    pair.a.send(pair.now, StreamId(7), message.clone(), SendOptions::default()).unwrap();
    assert!(pair.run_until(|p| p.b.readable().is_some(), ms(60_000)));
    assert_eq!(read_all(pair.now, &mut pair.b)[0].1.payload, message);
}

#[test]
fn what_goes_with_a_message_arrives_with_it() {
    let mut pair = connected(LinkConfig::delayed(ms(10)), 1);
    for (ppid, order) in [(51, Order::Ordered), (53, Order::Unordered)] {
        let options = SendOptions { ppid: Ppid(ppid), order, ..SendOptions::default() };
        pair.a.send(pair.now, StreamId(0), payload(ppid, 3000), options).unwrap();
    }
    pair.run_for(ms(1000));
    let read: Vec<_> = read_all(pair.now, &mut pair.b).into_iter().map(|(_, m)| m).collect();
    let message = |ppid, order| Message { ppid: Ppid(ppid), order, payload: payload(ppid, 3000) };
    assert_eq!(read, [message(51, Order::Ordered), message(53, Order::Unordered)]);
}

fn read(puppet: &mut Puppet) -> Vec<Bytes> {
    puppet.read_all().into_iter().map(|(_, m)| m.payload).collect()
}

#[test]
fn a_gap_holds_up_its_own_stream_only() {
    let mut puppet = Puppet::default();
    let on = |n, stream, ssn, payload| {
        Chunk::Data(Data { stream: StreamId(stream), ssn: Ssn(ssn), ..data(n, payload) })
    };
    // 0 is missing: the first message of stream 1.
    puppet.send(&[on(1, 1, 1, b"1b"), on(2, 2, 0, b"2a"), on(3, 2, 1, b"2b")]).unwrap();
    assert_eq!(read(&mut puppet), [&b"2a"[..], b"2b"]);
    let unordered = Data { stream: StreamId(1), unordered: true, ..data(4, b"1!") };
    puppet.send(&[Chunk::Data(unordered)]).unwrap();
    assert_eq!(read(&mut puppet), [&b"1!"[..]]);
    puppet.send(&[on(0, 1, 0, b"1a")]).unwrap();
    assert_eq!(read(&mut puppet), [&b"1a"[..], b"1b"]);
}

#[test]
fn fragments_come_in_any_order() {
    // All orders of five fragments, the message alone behind a gap or not.
    for gap in [0, 1] {
        let mut orders = vec![vec![]];
        for _ in 0..5 {
            orders = orders
                .into_iter()
                .flat_map(|order: Vec<u32>| {
                    let rest: Vec<u32> = (0..5).filter(|n| !order.contains(n)).collect();
                    rest.into_iter().map(move |n| [&order[..], &[n]].concat())
                })
                .collect();
        }
        assert_eq!(orders.len(), 120);
        for order in orders {
            let mut puppet = Puppet::default();
            for &n in &order {
                let (begin, end) = (n == 0, n == 4);
                let payload = [b'a' + n as u8; 3];
                let chunk = Data { begin, end, ssn: Ssn(0), ..data(n + gap, &payload) };
                assert!(read(&mut puppet).is_empty());
                puppet.send(&[Chunk::Data(chunk)]).unwrap();
            }
            assert_eq!(read(&mut puppet), [&b"aaabbbcccdddeee"[..]], "{order:?}");
        }
    }
}

#[test]
fn a_large_message_does_not_wait_for_a_small_one_on_another_stream() {
    let mut pair = connected(LinkConfig::delayed(ms(20)), 1);
    pair.a.send(pair.now, StreamId(1), payload(1, 10), SendOptions::default()).unwrap();
    pair.a_to_b.drop_next(1);
    pair.next_event();
    pair.a.send(pair.now, StreamId(2), payload(2, 10_000), SendOptions::default()).unwrap();
    pair.run_for(ms(25));
    let streams: Vec<_> = read_all(pair.now, &mut pair.b).iter().map(|(s, _)| s.0).collect();
    assert_eq!(streams, [2]);
}

#[test]
fn small_messages_share_packets() {
    let mut puppet = Puppet::default();
    for _ in 0..20 {
        puppet.queue(payload(1, 40));
    }
    // 12 + 20 * 56 = 1132.
    assert_eq!(puppet.packets().iter().map(Vec::len).collect::<Vec<_>>(), [1132]);
}

#[test]
fn a_message_that_fits_a_packet_is_not_cut() {
    let mut puppet = Puppet::default();
    for _ in 0..4 {
        puppet.queue(payload(1, 700));
    }
    assert_eq!(puppet.receive(), ["DATA"; 4]);
    puppet.sack(4, 1 << 20, &[]).unwrap();
    // A larger one begins in what is left.
    puppet.queue(payload(1, 700));
    puppet.queue(payload(1, 1161));
    assert_eq!(puppet.receive(), ["DATA, DATA", "DATA"]);
}
