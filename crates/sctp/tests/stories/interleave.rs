//! Messages that are interleaved, RFC 8260 §2.

use core::time::Duration;

use patchcord_sctp::chunk::{Chunk, Data, ForwardTsn, IData, IForwardTsn, Part, SkippedMessage};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::{ForwardTsnSupported, SupportedExtensions};
use patchcord_sctp::{
    CloseReason, Config, Event, Mid, Order, Ppid, Reliability, SendOptions, Ssn, StreamId,
    Violation,
};
use sansio::Instant;
use testkit::LinkConfig;

use crate::support::{
    Puppet, TSN, connected_with, data, ms, pair_with, payload, plain, read_all, without_low,
};

const S: StreamId = StreamId(1);
const WINDOW: u32 = 1 << 20;

/// A puppet that knows I-DATA has connected to an association.
fn puppet_with(config: Config) -> Puppet {
    let mut parameters = Vec::new();
    ForwardTsnSupported.write(&mut parameters);
    // What Chromium lists when it is told to interleave.
    SupportedExtensions { chunk_types: &[0x82, 0xc0, 0x40, 0xc2] }.write(&mut parameters);
    Puppet::connected_with(config, &parameters)
}

fn puppet() -> Puppet {
    puppet_with(plain())
}

/// A fragment, the `n`th chunk of the puppet, on stream 1.
fn fragment(n: u32, mid: u32, fsn: u32, end: bool, payload: &[u8]) -> IData<'_> {
    IData {
        tsn: TSN.plus(n),
        stream: S,
        mid: Mid(mid),
        part: if fsn == 0 { Part::First(Ppid(53)) } else { Part::Later(fsn) },
        end,
        unordered: false,
        immediate: false,
        payload,
    }
}

fn give(puppet: &mut Puppet, chunk: IData<'_>) {
    puppet.send(&[Chunk::IData(chunk)]).unwrap();
}

fn texts(puppet: &mut Puppet) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    puppet.read_all().iter().map(|(_, m)| text(&m.payload)).collect()
}

/// Stream, MID, FSN, end and length of each chunk sent.
fn sent(puppet: &mut Puppet) -> Vec<(u16, u32, u32, bool, usize)> {
    let mut all = Vec::new();
    for packet in puppet.packets() {
        for chunk in Packet::parse(&packet, Checksum::Verify).unwrap().chunks() {
            match chunk {
                Ok(Chunk::IData(IData { stream, mid, part, end, payload, .. })) => {
                    all.push((stream.0, mid.0, part.fsn(), end, payload.len()));
                }
                Ok(Chunk::Data(_)) => panic!("DATA"),
                _ => {}
            }
        }
    }
    all
}

fn queue(puppet: &mut Puppet, stream: u16, len: usize, options: SendOptions) {
    puppet.sctp.send(puppet.now, StreamId(stream), payload(9, len), options).unwrap();
}

#[test]
fn is_agreed_on_when_both_sides_want_it() {
    let config = |interleaving| Config { interleaving, ..Config::default() };
    for (a, b) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut pair = pair_with(config(a), LinkConfig::delayed(ms(5)), 1);
        pair.b = crate::support::association(config(b), 99);
        pair.a.connect(pair.now);
        pair.a.send(pair.now, S, payload(1, 5000), SendOptions::default()).unwrap();
        pair.run_for(ms(1000));
        assert_eq!([pair.a.is_interleaving(), pair.b.is_interleaving()], [a && b; 2]);
        let chunks = pair.trace.ladder(crate::support::chunks);
        assert_eq!(chunks.contains("I-DATA"), a && b, "{chunks}");
        assert_eq!(read_all(pair.now, &mut pair.b).len(), 1);
    }
}

#[test]
fn the_first_fragment_says_what_it_is_the_others_which_they_are() {
    let mut puppet = puppet();
    queue(&mut puppet, 1, 2500, SendOptions::default());
    queue(&mut puppet, 1, 10, SendOptions { order: Order::Unordered, ..SendOptions::default() });
    queue(&mut puppet, 1, 20, SendOptions::default());
    let expected = [
        (1, 0, 0, false, 1156),
        (1, 0, 1, false, 1156),
        (1, 0, 2, true, 188),
        // Unordered messages have numbers of their own.
        (1, 0, 0, true, 10),
        (1, 1, 0, true, 20),
    ];
    assert_eq!(sent(&mut puppet), expected);
}

#[test]
fn fragments_of_several_messages_alternate() {
    let mut puppet = puppet();
    for stream in [1, 2, 3] {
        queue(&mut puppet, stream, 2400, SendOptions::default());
    }
    let order: Vec<_> =
        sent(&mut puppet).iter().map(|(stream, _, fsn, ..)| (*stream, *fsn)).collect();
    // The ends share packets.
    assert_eq!(order, [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2)]);
}

/// How long a message of 100 bytes takes that is sent just after one of 8 MiB, on another stream.
fn behind_a_large_one(interleaving: bool) -> Duration {
    let config = Config {
        interleaving,
        max_message_size: 8 << 20,
        max_incoming_message_size: 8 << 20,
        receive_window: 32 << 20,
        send_buffer: 16 << 20,
        ..Config::default()
    };
    let link =
        LinkConfig { rate: Some(100_000_000), queue: Some(250_000), ..LinkConfig::delayed(ms(10)) };
    let mut pair = connected_with(config, link, 1);
    pair.trace.capacity = 0;
    let (large, small) = (StreamId(1), StreamId(2));
    pair.a.send(pair.now, large, payload(1, 8 << 20), SendOptions::default()).unwrap();
    // It is under way.
    pair.run_for(ms(100));
    let begun = pair.now;
    pair.a.send(begun, small, payload(2, 100), SendOptions::default()).unwrap();
    let mut arrived = None;
    let done = pair.run_until(
        |p| {
            for (stream, _) in read_all(p.now, &mut p.b) {
                arrived = arrived.or((stream == small).then_some(p.now));
            }
            arrived.is_some()
        },
        ms(10_000),
    );
    assert!(done);
    arrived.unwrap_or(Instant::ZERO) - begun
}

#[test]
fn a_large_message_does_not_hold_up_a_small_one() {
    // The way takes 10 ms, and the queue in it at most 20.
    let interleaved = behind_a_large_one(true);
    assert!(interleaved <= ms(35), "{interleaved:?}");
    // 8 MiB take 0.7 s, with DATA the small one waits for that.
    let whole = behind_a_large_one(false);
    assert!(whole > ms(500), "{whole:?}");
}

#[test]
fn fragments_come_in_any_order_of_any_messages() {
    // Message 0: "abc", message 1: "def", unordered message 0: "xyz".
    let chunks: Vec<IData<'_>> = vec![
        fragment(0, 0, 0, false, b"a"),
        fragment(1, 1, 0, false, b"d"),
        IData { unordered: true, ..fragment(2, 0, 0, false, b"x") },
        fragment(3, 0, 1, false, b"b"),
        IData { unordered: true, ..fragment(4, 0, 1, false, b"y") },
        fragment(5, 1, 1, false, b"e"),
        IData { unordered: true, ..fragment(6, 0, 2, true, b"z") },
        fragment(7, 0, 2, true, b"c"),
        fragment(8, 1, 2, true, b"f"),
    ];
    let mut rng = testkit::SeededRng::new(1);
    for _ in 0..500 {
        let mut puppet = puppet();
        let mut order: Vec<usize> = (0..chunks.len()).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, rng.below(i as u64 + 1) as usize);
        }
        for &n in &order {
            give(&mut puppet, chunks[n]);
            // Twice does not hurt.
            give(&mut puppet, chunks[order[0]]);
        }
        let mut read = texts(&mut puppet);
        assert_eq!(read.iter().position(|t| t == "abc").map(|n| n + 1), {
            read.iter()
                .position(|t| t == "def")
                .filter(|n| *n > 0)
                .map(|n| if read[n - 1] == "xyz" { n - 1 } else { n })
        });
        read.sort_unstable();
        assert_eq!(read, ["abc", "def", "xyz"], "{order:?}");
        assert_eq!(puppet.sctp.counters().duplicates, 9);
    }
}

#[test]
fn the_ppid_is_that_of_the_first_fragment() {
    let mut puppet = puppet();
    give(&mut puppet, fragment(1, 0, 1, true, b"b"));
    give(&mut puppet, fragment(0, 0, 0, false, b"a"));
    assert_eq!(puppet.read_all()[0].1.ppid, Ppid(53));
}

#[test]
fn the_kind_of_chunk_that_was_not_agreed_on_ends_it() {
    let violation = |puppet: &mut Puppet| puppet.events().pop();
    let expected = Some(Event::Closed(CloseReason::Violation(Violation::WrongChunkKind)));
    let with = [Chunk::Data(data(0, b"x")), Chunk::ForwardTsn(ForwardTsn::new(TSN.plus(5), &[]))];
    for chunk in with {
        let mut puppet = puppet();
        puppet.send(&[chunk]).unwrap();
        assert_eq!(violation(&mut puppet), expected);
        assert_eq!(puppet.receive(), ["ABORT"]);
    }
    let without = [
        Chunk::IData(fragment(0, 0, 0, true, b"x")),
        Chunk::IForwardTsn(IForwardTsn::new(TSN.plus(5), &[])),
    ];
    for chunk in without {
        let mut puppet = Puppet::default();
        puppet.send(&[chunk]).unwrap();
        assert_eq!(violation(&mut puppet), expected);
        assert_eq!(puppet.receive(), ["ABORT"]);
    }
}

#[test]
fn fragments_that_do_not_fit_together_are_dropped_and_the_rest_goes_on() {
    let lies: [&[IData<'_>]; 7] = [
        // Two last ones.
        &[fragment(0, 0, 2, true, b"a"), fragment(1, 0, 3, true, b"b")],
        // One behind the last.
        &[fragment(0, 0, 2, true, b"a"), fragment(1, 0, 3, false, b"b")],
        &[fragment(0, 0, 3, false, b"a"), fragment(1, 0, 2, true, b"b")],
        // The same twice.
        &[fragment(0, 0, 0, false, b"a"), fragment(1, 0, 0, false, b"b")],
        &[fragment(0, 0, 2, false, b"a"), fragment(1, 0, 2, false, b"b")],
        // A message that is whole already.
        &[fragment(0, 0, 1, false, b"a"), fragment(1, 0, 0, true, b"b")],
        // A number that is the first one's.
        &[IData { part: Part::Later(0), ..fragment(0, 0, 0, false, b"a") }],
    ];
    for chunks in lies {
        let mut puppet = puppet();
        for chunk in chunks {
            give(&mut puppet, *chunk);
        }
        puppet.read_all();
        give(&mut puppet, IData { stream: StreamId(7), ..fragment(2, 0, 0, true, b"good") });
        assert_eq!(texts(&mut puppet), ["good"]);
        // Nothing is left that takes room.
        puppet.wait(ms(300));
        let packets = puppet.packets();
        let packet = Packet::parse(packets.last().unwrap(), Checksum::Verify).unwrap();
        let Some(Ok(Chunk::Sack(sack))) = packet.chunks().next() else { panic!() };
        assert_eq!(sack.window, 512 << 10, "{chunks:?}");
    }
}

#[test]
fn a_message_too_large_ends_it_in_any_order() {
    for reverse in [false, true] {
        let config = Config { max_incoming_message_size: 5000, ..plain() };
        let mut puppet = puppet_with(config);
        for n in 0..6 {
            let fsn = if reverse { 6 - n } else { n };
            let block = [7; 900];
            give(&mut puppet, fragment(n, 0, fsn, false, &block));
        }
        let reason = CloseReason::Violation(Violation::MessageTooLarge);
        assert_eq!(puppet.events().last(), Some(&Event::Closed(reason)));
    }
}

/// Stream, kind and number of a message that is given up.
type GivenUp = (u16, Order, u32);

/// What the association says in I-FORWARD-TSN: over how many chunks, and which messages.
fn forward(puppet: &mut Puppet) -> Option<(u32, Vec<GivenUp>)> {
    let first = puppet.their_tsn;
    let packets = puppet.packets();
    let packets = packets.iter().map(|p| Packet::parse(p, Checksum::Verify).unwrap());
    packets.flat_map(|p| p.chunks().collect::<Vec<_>>()).find_map(|chunk| match chunk {
        Ok(Chunk::IForwardTsn(forward)) => {
            let skipped = forward.skipped().map(|s| (s.stream.0, s.order, s.mid.0)).collect();
            Some((forward.new_cumulative_tsn.since(first) + 1, skipped))
        }
        Ok(Chunk::ForwardTsn(_)) => panic!("FORWARD TSN"),
        _ => None,
    })
}

#[test]
fn messages_given_up_are_named_by_kind_and_number() {
    let mut puppet = puppet();
    let once = Reliability::MaxRetransmits(0);
    for order in [Order::Ordered, Order::Unordered] {
        let options = SendOptions { reliability: once, order, ..SendOptions::default() };
        queue(&mut puppet, 1, 2000, options);
        queue(&mut puppet, 2, 10, options);
        queue(&mut puppet, 2, 10, options);
    }
    assert_eq!(sent(&mut puppet).len(), 8);
    puppet.wait(ms(1000));
    let expected = vec![
        (1, Order::Ordered, 0),
        (2, Order::Ordered, 1),
        (2, Order::Unordered, 1),
        (1, Order::Unordered, 0),
    ];
    let (through, mut skipped) = forward(&mut puppet).unwrap();
    skipped.sort_by_key(|s| expected.iter().position(|e| e == s));
    assert_eq!((through, skipped), (8, expected));
    assert_eq!(puppet.sctp.counters().abandoned_sent, 6);
    puppet.sack(8, WINDOW, &[]).unwrap();
    queue(&mut puppet, 2, 10, SendOptions::default());
    assert_eq!(sent(&mut puppet), [(2, 2, 0, true, 10)], "the next has the next number");
}

#[test]
fn what_is_given_up_does_not_take_others_along_that_lie_between() {
    let mut puppet = puppet();
    let once =
        SendOptions { reliability: Reliability::MaxRetransmits(0), ..SendOptions::default() };
    queue(&mut puppet, 1, 30_000, once);
    queue(&mut puppet, 2, 5000, SendOptions::default());
    assert!(sent(&mut puppet).len() >= 10);
    puppet.wait(ms(1000));
    // The other one's chunks are sent again; those of the first lie before and between.
    let (through, skipped) = forward(&mut puppet).unwrap();
    assert_eq!((through, skipped), (1, vec![(1, Order::Ordered, 0)]));
    assert_eq!(puppet.sctp.buffered_amount(StreamId(1)), 0);
    // The reliable one goes through whole; its first fragment went along.
    let mut seen = vec![0];
    let mut acked = 2;
    for _ in 0..40 {
        puppet.sack(acked, WINDOW, &[]).unwrap();
        for packet in puppet.packets() {
            for chunk in Packet::parse(&packet, Checksum::Verify).unwrap().chunks() {
                match chunk {
                    Ok(Chunk::IData(IData { stream: StreamId(2), part, tsn, .. })) => {
                        seen.push(part.fsn());
                        acked = acked.max(tsn.since(puppet.their_tsn) + 1);
                    }
                    Ok(Chunk::IData(chunk)) => panic!("{chunk:?} was given up"),
                    Ok(Chunk::IForwardTsn(f)) => {
                        acked = acked.max(f.new_cumulative_tsn.since(puppet.their_tsn) + 1);
                    }
                    _ => {}
                }
            }
        }
        puppet.wait(ms(10));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [0, 1, 2, 3, 4]);
    assert_eq!(puppet.sctp.bytes_in_flight(), 0);
}

fn skip(puppet: &mut Puppet, n: u32, skipped: &[SkippedMessage]) {
    let mut encoded = Vec::new();
    skipped.iter().for_each(|s| s.write(&mut encoded));
    puppet.send(&[Chunk::IForwardTsn(IForwardTsn::new(TSN.plus(n), &encoded))]).unwrap();
}

#[test]
fn i_forward_tsn_releases_what_waited() {
    let mut puppet = puppet();
    let ordered = |mid| SkippedMessage { stream: S, order: Order::Ordered, mid: Mid(mid) };
    // Messages 0 and 1 are missing, but for a fragment; 2 is there, 3 begun.
    give(&mut puppet, fragment(1, 1, 1, false, b"part"));
    give(&mut puppet, fragment(2, 2, 0, true, b"two"));
    give(&mut puppet, fragment(3, 3, 0, false, b"thr"));
    // An unordered one of a lower number is another.
    give(&mut puppet, IData { unordered: true, ..fragment(4, 1, 0, false, b"un") });
    assert!(puppet.read_all().is_empty());
    puppet.receive();
    skip(&mut puppet, 1, &[ordered(1)]);
    assert_eq!(puppet.receive(), ["SACK"], "no gap any more");
    assert_eq!(texts(&mut puppet), ["two"]);
    give(&mut puppet, fragment(5, 3, 1, true, b"ee"));
    give(&mut puppet, IData { unordered: true, ..fragment(6, 1, 1, true, b"ordered") });
    assert_eq!(texts(&mut puppet), ["three", "unordered"]);
    // Unordered ones are given up by themselves.
    give(&mut puppet, IData { unordered: true, ..fragment(7, 2, 0, false, b"never") });
    give(&mut puppet, fragment(8, 4, 0, false, b"fo"));
    let unordered = SkippedMessage { stream: S, order: Order::Unordered, mid: Mid(2) };
    skip(&mut puppet, 9, &[unordered]);
    give(&mut puppet, fragment(10, 4, 1, true, b"ur"));
    assert_eq!(texts(&mut puppet), ["four"]);
    // An old one is acknowledged, and changes nothing.
    puppet.packets();
    skip(&mut puppet, 3, &[ordered(30)]);
    assert_eq!(puppet.receive(), ["SACK"]);
    give(&mut puppet, fragment(11, 5, 0, true, b"five"));
    assert_eq!(texts(&mut puppet), ["five"]);
}

#[test]
fn message_numbers_wrap() {
    let mut puppet = puppet();
    let ordered = |mid| SkippedMessage { stream: S, order: Order::Ordered, mid: Mid(mid) };
    let mut n = 0;
    for mid in [(1 << 31) - 1, u32::MAX - 3] {
        skip(&mut puppet, n, &[ordered(mid)]);
        n += 1;
    }
    // In pairs that are swapped; of 0 the beginning is missing, until it is given up.
    for mid in [u32::MAX - 1, u32::MAX - 2, 1, u32::MAX] {
        let text = format!("{}", mid as i32);
        give(&mut puppet, fragment(n, mid, 0, true, text.as_bytes()));
        n += 1;
    }
    give(&mut puppet, fragment(n, 0, 1, true, b"part"));
    give(&mut puppet, fragment(n + 1, 2, 0, false, b"2"));
    assert_eq!(texts(&mut puppet), ["-3", "-2", "-1"]);
    skip(&mut puppet, n + 2, &[ordered(0)]);
    give(&mut puppet, fragment(n + 3, 2, 1, true, b"!"));
    assert_eq!(texts(&mut puppet), ["1", "2!"]);
}

#[test]
fn unfinished_messages_are_bounded() {
    let config = Config { max_incoming_message_size: 50_000, receive_window: 100_000, ..plain() };
    let mut puppet = puppet_with(config);
    let mut count = 0;
    let reason = loop {
        let stream = StreamId(count as u16 % 100);
        let chunk = fragment(count, count / 100, 0, false, b"x");
        give(&mut puppet, IData { stream, ..chunk });
        puppet.packets();
        if let Some(Event::Closed(reason)) = puppet.events().pop() {
            break reason;
        }
        count += 1;
    };
    // Each counts as 257 bytes, and half as much as the window is lent: nobody could make room.
    assert_eq!(reason, CloseReason::Violation(Violation::UnfinishedMessages));
    assert_eq!(count, 150_000 / 257 + 1);
}

#[test]
fn fragments_behind_a_gap_are_bounded() {
    let config = Config { max_incoming_message_size: 50_000, receive_window: 100_000, ..plain() };
    let mut puppet = puppet_with(config);
    for n in 1..5000 {
        // One message, from its end, with holes; the first chunk never comes.
        give(&mut puppet, fragment(n, 0, 20_000 - 2 * n, false, b"x"));
        puppet.packets();
    }
    let kept = 4999 - puppet.sctp.counters().chunks_refused;
    assert!((1500..=3080).contains(&kept), "{kept}");
}

#[test]
fn more_large_messages_than_the_window_holds_are_not_begun_together() {
    // 40 messages of 200 kB, and a window of 500 kB: in turns of a chunk none would ever be whole.
    let config = Config { send_buffer: 10 << 20, receive_window: 500_000, ..Config::default() };
    let mut pair = connected_with(config, LinkConfig::delayed(ms(5)), 1);
    pair.trace.capacity = 0;
    for id in 0..40 {
        let message = payload(u32::from(id), 200_000);
        pair.a.send(pair.now, StreamId(id), message, SendOptions::default()).unwrap();
    }
    // Small ones are not held up by those that wait to begin.
    pair.run_for(ms(50));
    pair.a.send(pair.now, StreamId(50), payload(50, 100), SendOptions::default()).unwrap();
    let mut received = Vec::new();
    let done = pair.run_until(
        |p| {
            received.extend(read_all(p.now, &mut p.b).into_iter().map(|(id, _)| id.0));
            received.len() == 41
        },
        ms(20_000),
    );
    assert!(done, "{received:?} {:?}", without_low(&pair.a_events));
    assert!(received.iter().position(|id| *id == 50).is_some_and(|n| n < 5), "{received:?}");
    assert!(pair.a.counters().timeouts == 0);
}

#[test]
fn a_reset_stream_begins_at_zero_in_both_kinds() {
    let mut pair = connected_with(Config::default(), LinkConfig::delayed(ms(5)), 1);
    let unordered = SendOptions { order: Order::Unordered, ..SendOptions::default() };
    for round in 0..3 {
        for n in 0..4 {
            let options = if n % 2 == 0 { unordered } else { SendOptions::default() };
            pair.a.send(pair.now, S, payload(n, 3000), options).unwrap();
        }
        pair.trace.clear();
        pair.run_for(ms(300));
        let mids = pair.trace.entries().flat_map(|entry| {
            let packet = Packet::parse(&entry.data, Checksum::Verify).unwrap();
            packet
                .chunks()
                .filter_map(|chunk| match chunk {
                    Ok(Chunk::IData(data)) => Some(data.mid.0),
                    _ => None,
                })
                .collect::<Vec<_>>()
        });
        let mut mids: Vec<_> = mids.collect();
        mids.sort_unstable();
        mids.dedup();
        assert_eq!(mids, [0, 1], "round {round}");
        assert_eq!(read_all(pair.now, &mut pair.b).len(), 4);
        pair.a.reset_streams(pair.now, &[S]);
        pair.run_for(ms(500));
        assert_eq!(pair.a_events.pop(), Some(Event::OutgoingStreamReset(S)));
    }
}

#[test]
fn what_waits_keeps_no_more_memory_than_it_counts_for() {
    let ordered = |n, mid, text| fragment(n, mid, 0, true, text);
    let mut puppet = puppet();
    let wide = Data { begin: true, end: true, ..data(0, b"tiny") };
    let mut plain = Puppet::default();
    // A message that comes before its turn, and others that are read around it.
    give(&mut puppet, ordered(0, 1, b"tiny"));
    plain.send(&[Chunk::Data(Data { ssn: Ssn(1), ..wide })]).unwrap();
    for n in 1..10 {
        give(&mut puppet, IData { stream: StreamId(7), ..ordered(n, n - 1, b"other") });
        let other = Data { stream: StreamId(7), ssn: Ssn(n as u16 - 1), tsn: TSN.plus(n), ..wide };
        plain.send(&[Chunk::Data(other)]).unwrap();
    }
    assert_eq!((puppet.read_all().len(), plain.read_all().len()), (9, 9));
    give(&mut puppet, ordered(10, 0, b"first"));
    plain.send(&[Chunk::Data(Data { ssn: Ssn(0), tsn: TSN.plus(10), ..wide })]).unwrap();
    for puppet in [&mut puppet, &mut plain] {
        let read = puppet.read_all();
        assert_eq!(&read[1].1.payload[..], b"tiny");
        assert!(read[1].1.payload.is_unique(), "a block has other owners");
        assert!(!read[0].1.payload.is_unique(), "what is read at once lies in a block");
    }
}
