//! More streams, RFC 6525 §5.1.5 to §5.2.6.

use patchcord_sctp::chunk::{Chunk, ReConfig};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::{AddIncomingStreams, AddOutgoingStreams, Parameter, Parameters};
use patchcord_sctp::{
    AddStreamsError, Config, Event, RequestNumber, SendError, SendOptions, StreamId,
};
use testkit::LinkConfig;

use crate::support::{Puppet, Sctp, TSN, connected_with, ms, pair, payload, read_all, without_low};

/// Ten streams each way.
fn ten() -> Config {
    Config { outbound_streams: 10, inbound_streams: 10, ..Config::default() }
}

fn ten_each_way(link: LinkConfig, seed: u64) -> Sctp {
    connected_with(ten(), link, seed)
}

/// The parameters of the RE-CONFIG chunks on the wire, in words.
fn ladder(pair: &Sctp) -> String {
    pair.trace.ladder(|packet| {
        let packet = Packet::parse(packet, Checksum::Verify).unwrap();
        let chunks = packet.chunks().filter_map(|chunk| match chunk.unwrap() {
            Chunk::ReConfig(chunk) => Some(words(chunk)),
            _ => None,
        });
        chunks.collect::<Vec<_>>().join("; ")
    })
}

fn words(chunk: ReConfig<'_>) -> String {
    let words = chunk.parameters.iter().map(|parameter| match parameter {
        Parameter::AddOutgoingStreams(p) => format!("{} out", p.count),
        Parameter::AddIncomingStreams(p) => format!("{} in", p.count),
        Parameter::ReConfigResponse(p) => format!("{:?}", p.result),
        other => format!("{other:?}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn both_directions_grow_one_after_the_other() {
    let mut pair = ten_each_way(LinkConfig::delayed(ms(50)), 1);
    pair.run_for(ms(800));
    pair.a.add_streams(pair.now, 5, 3).unwrap();
    pair.run_for(ms(2000));
    assert_eq!(
        ladder(&pair),
        "1.000000 a -> b 5 out\n\
         1.050000 a <- b Performed\n\
         1.100000 a -> b 3 in\n\
         1.150000 a <- b Performed\n\
         1.150000 a <- b 3 out\n\
         1.200000 a -> b Performed\n"
    );
    assert_eq!((pair.a.streams(), pair.b.streams()), ((15, 13), (13, 15)));
    let added = |outbound, inbound| Event::StreamsAdded { outbound, inbound };
    assert_eq!(pair.a_events, [added(15, 10), added(15, 13)]);
    assert_eq!(pair.b_events, [added(10, 15), added(13, 15)]);
    // They carry messages.
    let options = SendOptions::default();
    pair.a.send(pair.now, StreamId(14), payload(1, 10), options).unwrap();
    pair.b.send(pair.now, StreamId(12), payload(2, 10), options).unwrap();
    pair.run_for(ms(1000));
    assert_eq!(read_all(pair.now, &mut pair.b)[0].0, StreamId(14));
    assert_eq!(read_all(pair.now, &mut pair.a)[0].0, StreamId(12));
    let beyond = pair.a.send(pair.now, StreamId(15), payload(1, 10), options);
    assert_eq!(beyond, Err(SendError::NoSuchStream { stream: StreamId(15), streams: 15 }));
}

#[test]
fn what_is_lost_is_sent_again_and_done_once() {
    let mut pair = ten_each_way(LinkConfig::delayed(ms(50)), 1);
    pair.run_for(ms(800));
    pair.a.add_streams(pair.now, 5, 0).unwrap();
    pair.a_to_b.drop_next(1);
    pair.b_to_a.drop_next(1);
    pair.run_for(ms(10_000));
    assert_eq!(
        ladder(&pair),
        "1.000000 a -> b 5 out (lost)\n\
         2.000000 a -> b 5 out\n\
         2.050000 a <- b Performed (lost)\n\
         4.000000 a -> b 5 out\n\
         4.050000 a <- b Performed\n"
    );
    assert_eq!((pair.a.streams(), pair.b.streams()), ((15, 10), (10, 15)));
}

#[test]
fn both_sides_may_ask_at_any_time_over_bad_links() {
    for seed in 0..100 {
        let link = LinkConfig {
            loss: 0.15,
            duplicate: 0.1,
            reorder: 0.2,
            jitter: ms(20),
            ..LinkConfig::delayed(ms(20))
        };
        let mut pair = ten_each_way(link, seed);
        let options = SendOptions::default();
        for _ in 0..3 {
            pair.a.send(pair.now, StreamId(1), payload(1, 5000), options).unwrap();
            pair.a.add_streams(pair.now, 1, 2).unwrap();
            pair.a.reset_streams(pair.now, &[StreamId(1)]);
            pair.b.add_streams(pair.now, 3, 4).unwrap();
            pair.run_for(ms(seed % 7 * 10));
            pair.run_until(
                |p| p.a_events.contains(&Event::OutgoingStreamReset(StreamId(1))),
                ms(120_000),
            );
            pair.a_events.clear();
        }
        // 10 + 3 * (1 + 4) from a to b, 10 + 3 * (2 + 3) from b to a.
        let done = |p: &mut Sctp| p.a.streams() == (25, 25) && p.b.streams() == (25, 25);
        assert!(pair.run_until(done, ms(120_000)), "seed {seed}: {:?}", pair.a.streams());
        pair.run_for(ms(60_000));
        assert!(done(&mut pair), "seed {seed}");
    }
}

#[test]
fn more_than_there_may_be_is_refused() {
    let mut pair = ten_each_way(LinkConfig::delayed(ms(50)), 1);
    let full = AddStreamsError::TooMany { streams: 65_536, max: 65_535 };
    assert_eq!(pair.a.add_streams(pair.now, 65_526, 0), Err(full));
    assert_eq!(pair.a.add_streams(pair.now, 0, 65_526), Err(full));
    // What was asked for counts.
    pair.a.add_streams(pair.now, 65_525, 65_525).unwrap();
    assert_eq!(pair.a.add_streams(pair.now, 1, 0), Err(full));
    assert_eq!(pair.a.add_streams(pair.now, 0, 1), Err(full));
    pair.run_for(ms(2000));
    assert_eq!((pair.a.streams(), pair.b.streams()), ((65_535, 65_535), (65_535, 65_535)));
}

#[test]
fn the_other_side_may_refuse() {
    let few = Config { max_streams: 12, ..ten() };
    let mut pair = connected_with(few, LinkConfig::delayed(ms(50)), 1);
    pair.a.add_streams(pair.now, 3, 0).unwrap();
    pair.run_for(ms(1000));
    assert_eq!(pair.a_events, [Event::StreamsNotAdded]);
    pair.a.add_streams(pair.now, 0, 3).unwrap();
    pair.run_for(ms(1000));
    assert_eq!(pair.a_events, [Event::StreamsNotAdded; 2]);
    assert_eq!((without_low(&pair.b_events), pair.b.streams()), (vec![], (10, 10)));
    pair.a.add_streams(pair.now, 2, 2).unwrap();
    pair.run_for(ms(1000));
    assert_eq!((pair.a.streams(), pair.b.streams()), ((12, 12), (12, 12)));
}

#[test]
fn who_does_not_know_how_is_not_asked() {
    let mut puppet = Puppet::connected_with(Config::default(), &[]);
    let refused = puppet.sctp.add_streams(puppet.now, 1, 1);
    assert_eq!(refused, Err(AddStreamsError::Unsupported));
    let mut early = pair(LinkConfig::delayed(ms(50)), 1);
    assert_eq!(early.a.add_streams(early.now, 1, 1), Err(AddStreamsError::NotConnected));
}

fn ask(puppet: &mut Puppet, n: u32, parameter: impl Fn(RequestNumber) -> Parameter<'static>) {
    let mut parameters = Vec::new();
    parameter(RequestNumber(TSN.0.wrapping_add(n))).write(&mut parameters);
    let parameters = Parameters::parse(&parameters).unwrap();
    puppet.send(&[Chunk::ReConfig(ReConfig { parameters })]).unwrap();
}

/// RE-CONFIG chunks that wait, in words.
fn answers(puppet: &mut Puppet) -> Vec<String> {
    let packets = puppet.packets();
    let packets = packets.iter().map(|packet| Packet::parse(packet, Checksum::Verify).unwrap());
    let chunks = packets.flat_map(|packet| packet.chunks().collect::<Vec<_>>());
    let words = chunks.filter_map(|chunk| match chunk {
        Ok(Chunk::ReConfig(chunk)) => Some(words(chunk)),
        _ => None,
    });
    words.collect()
}

/// The puppet agreed on a hundred streams each way.
#[test]
fn a_flood_of_requests_ends_at_the_bound() {
    let config = Config { max_streams: 1000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    for n in 0..100 {
        ask(&mut puppet, n, |request| {
            Parameter::AddIncomingStreams(AddIncomingStreams { request, count: 90 })
        });
        let expected = if n < 10 { "Performed" } else { "Denied" };
        // One request of ours is under way: the rest waits, and counts.
        assert_eq!(answers(&mut puppet)[0], expected, "{n}");
    }
    for n in 100..200 {
        ask(&mut puppet, n, |request| {
            Parameter::AddOutgoingStreams(AddOutgoingStreams { request, count: 90 })
        });
        let expected = if n < 110 { "Performed" } else { "Denied" };
        assert_eq!(answers(&mut puppet), [expected], "{n}");
    }
    assert_eq!(puppet.sctp.streams(), (100, 1000));
}

#[test]
fn an_answer_and_a_request_to_add_do_not_share_a_chunk() {
    let mut puppet = Puppet::connected(Config::default());
    ask(&mut puppet, 0, |request| {
        Parameter::AddIncomingStreams(AddIncomingStreams { request, count: 1 })
    });
    assert_eq!(answers(&mut puppet), ["Performed", "1 out"]);
}
