//! Streams anew, RFC 6525: how data channels are closed.

use patchcord_sctp::chunk::{Chunk, Data, ReConfig};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::{
    IncomingSsnReset, OutgoingSsnReset, Parameter, Parameters, ReConfigResponse, ReConfigResult,
    SsnTsnReset, StreamList,
};
use patchcord_sctp::{Config, Event, Mid, RequestNumber, SendOptions, Ssn, StreamId, Tsn};
use testkit::LinkConfig;

use crate::support::{
    Puppet, Sctp, TSN, chunks, connected, data, ms, payload, read_all, without_low,
};

const S: StreamId = StreamId(1);

fn send(pair: &mut Sctp, n: u32, len: usize) {
    pair.a.send(pair.now, S, payload(n, len), SendOptions::default()).unwrap();
}

#[test]
fn a_stream_is_closed_in_one_round_trip() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.run_for(ms(800));
    pair.a.reset_streams(pair.now, &[S]);
    pair.run_for(ms(5000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "1.000000 a -> b RE-CONFIG\n\
         1.050000 a <- b RE-CONFIG\n"
    );
    assert_eq!(without_low(&pair.a_events), [Event::OutgoingStreamReset(S)]);
    assert_eq!(without_low(&pair.b_events), [Event::IncomingStreamReset(S)]);
}

#[test]
fn everything_taken_before_arrives_before() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    for n in 0..5 {
        send(&mut pair, n, 50_000);
    }
    pair.a.reset_streams(pair.now, &[S]);
    pair.run_for(ms(10_000));
    assert_eq!(without_low(&pair.b_events), [Event::Readable(S), Event::IncomingStreamReset(S)]);
    assert_eq!(read_all(pair.now, &mut pair.b).len(), 5);
    // And the stream begins at zero.
    pair.trace.clear();
    send(&mut pair, 9, 10);
    pair.run_for(ms(100));
    let packet = pair.trace.entries().next().unwrap().data.clone();
    let packet = Packet::parse(&packet, Checksum::Verify).unwrap();
    let Some(Ok(Chunk::IData(data))) = packet.chunks().next() else { panic!() };
    assert_eq!(data.mid, Mid(0));
    assert_eq!(read_all(pair.now, &mut pair.b).len(), 1);
}

#[test]
fn streams_are_used_and_closed_again_and_again_over_bad_links() {
    for seed in 0..100 {
        let link = LinkConfig {
            loss: 0.15,
            duplicate: 0.1,
            reorder: 0.2,
            jitter: ms(20),
            ..LinkConfig::delayed(ms(20))
        };
        let mut pair = connected(link, seed);
        for round in 0..4 {
            let sizes = [10, 3000, 20_000];
            for (n, size) in sizes.into_iter().enumerate() {
                send(&mut pair, n as u32, size);
                pair.b.send(pair.now, S, payload(n as u32, size), Default::default()).unwrap();
            }
            pair.a.reset_streams(pair.now, &[S]);
            pair.b.reset_streams(pair.now, &[S]);
            let done = |events: &[Event]| {
                let count = |e: Event| events.iter().filter(|x| **x == e).count();
                count(Event::OutgoingStreamReset(S)) == round + 1
                    && count(Event::IncomingStreamReset(S)) == round + 1
            };
            assert!(
                pair.run_until(|p| done(&p.a_events) && done(&p.b_events), ms(600_000)),
                "seed {seed}, round {round}: {:?} {:?}",
                pair.a_events,
                pair.b_events,
            );
            for messages in [read_all(pair.now, &mut pair.a), read_all(pair.now, &mut pair.b)] {
                let expected = sizes.into_iter().enumerate();
                let expected: Vec<_> = expected.map(|(n, s)| payload(n as u32, s)).collect();
                let found: Vec<_> = messages.into_iter().map(|(_, m)| m.payload).collect();
                assert_eq!(found, expected, "seed {seed}");
            }
        }
    }
}

#[test]
fn more_streams_than_fit_a_packet_take_several_requests() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    let all: Vec<_> = (0..2000).map(StreamId).collect();
    pair.a.reset_streams(pair.now, &all);
    pair.run_for(ms(2000));
    let expected: Vec<_> = all.iter().map(|id| Event::IncomingStreamReset(*id)).collect();
    assert_eq!(pair.b_events, expected);
    assert_eq!(pair.a_events.len(), 2000);
    let longest = pair.trace.entries().map(|e| e.data.len()).max().unwrap();
    assert!(longest <= Config::default().max_packet_size);
}

#[test]
fn a_second_close_of_the_same_stream_is_passed_over() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.a.reset_streams(pair.now, &[S, S]);
    pair.a.reset_streams(pair.now, &[S]);
    pair.run_for(ms(1000));
    assert_eq!(without_low(&pair.a_events), [Event::OutgoingStreamReset(S)]);
}

#[test]
fn a_request_and_its_answer_are_sent_again_when_lost() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.run_for(ms(800));
    pair.a.reset_streams(pair.now, &[S]);
    pair.a_to_b.drop_next(1);
    pair.b_to_a.drop_next(1);
    pair.run_for(ms(10_000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "1.000000 a -> b RE-CONFIG (lost)\n\
         2.000000 a -> b RE-CONFIG\n\
         2.050000 a <- b RE-CONFIG (lost)\n\
         4.000000 a -> b RE-CONFIG\n\
         4.050000 a <- b RE-CONFIG\n"
    );
    assert_eq!(without_low(&pair.b_events), [Event::IncomingStreamReset(S)], "once");
}

fn re_config(puppet: &mut Puppet, parameter: Parameter<'_>) {
    let mut parameters = Vec::new();
    parameter.write(&mut parameters);
    let parameters = Parameters::parse(&parameters).unwrap();
    puppet.send(&[Chunk::ReConfig(ReConfig { parameters })]).unwrap();
}

fn outgoing(n: u32, last_tsn: Tsn) -> Parameter<'static> {
    Parameter::OutgoingSsnReset(OutgoingSsnReset {
        request: RequestNumber(TSN.0.wrapping_add(n)),
        response: RequestNumber(0),
        last_tsn,
        streams: StreamList::new(&[0, 0]),
    })
}

/// Results in the RE-CONFIG chunks that wait.
fn results(puppet: &mut Puppet) -> Vec<ReConfigResult> {
    let mut results = Vec::new();
    for packet in puppet.packets() {
        for chunk in Packet::parse(&packet, Checksum::Verify).unwrap().chunks() {
            let Ok(Chunk::ReConfig(chunk)) = chunk else { continue };
            results.extend(chunk.parameters.iter().filter_map(|p| match p {
                Parameter::ReConfigResponse(response) => Some(response.result),
                _ => None,
            }));
        }
    }
    results
}

/// Number and streams of the request that waits.
fn request(puppet: &mut Puppet) -> Option<(RequestNumber, Vec<StreamId>)> {
    let packets = puppet.packets();
    let packet = Packet::parse(packets.first()?, Checksum::Verify).unwrap();
    let chunk = packet.chunks().find_map(|chunk| match chunk {
        Ok(Chunk::ReConfig(chunk)) => Some(chunk),
        _ => None,
    })?;
    chunk.parameters.iter().find_map(|p| match p {
        Parameter::OutgoingSsnReset(p) => Some((p.request, p.streams.iter().collect())),
        _ => None,
    })
}

fn respond(puppet: &mut Puppet, request: RequestNumber, result: ReConfigResult) {
    let response = ReConfigResponse { request, result, next_tsns: None };
    re_config(puppet, Parameter::ReConfigResponse(response));
}

#[test]
fn their_reset_waits_for_what_was_sent_before_it() {
    let mut puppet = Puppet::default();
    puppet.send(&[Chunk::Data(data(1, b"second"))]).unwrap();
    puppet.packets();
    re_config(&mut puppet, outgoing(0, TSN.plus(1)));
    assert_eq!(results(&mut puppet), [ReConfigResult::InProgress]);
    re_config(&mut puppet, outgoing(0, TSN.plus(1)));
    assert_eq!(results(&mut puppet), [ReConfigResult::InProgress], "the same question");
    assert_eq!(puppet.events(), []);
    puppet.send(&[Chunk::Data(data(0, b"first"))]).unwrap();
    assert_eq!(results(&mut puppet), [ReConfigResult::Performed], "as soon as it is");
    let expected = [Event::Readable(StreamId(0)), Event::IncomingStreamReset(StreamId(0))];
    assert_eq!(puppet.events(), expected);
    assert_eq!(puppet.read_all().len(), 2);
    // The stream begins at zero.
    puppet.send(&[Chunk::Data(Data { ssn: Ssn(0), ..data(2, b"anew") })]).unwrap();
    assert_eq!(puppet.read_all().len(), 1);
    // Asked again, it is still done.
    puppet.packets();
    puppet.events();
    re_config(&mut puppet, outgoing(0, TSN.plus(1)));
    assert_eq!(results(&mut puppet), [ReConfigResult::Performed]);
    assert_eq!(puppet.events(), []);
}

#[test]
fn requests_out_of_order_are_refused() {
    let mut puppet = Puppet::default();
    for n in [1, 5, u32::MAX] {
        re_config(&mut puppet, outgoing(n, TSN.previous()));
        assert_eq!(results(&mut puppet), [ReConfigResult::BadSequenceNumber]);
    }
    assert_eq!(puppet.events(), []);
}

#[test]
fn no_streams_means_all_that_were_used() {
    let mut puppet = Puppet::default();
    for n in 0..3 {
        let stream = StreamId(n as u16 * 20);
        puppet.send(&[Chunk::Data(Data { stream, ssn: Ssn(0), ..data(n, b"x") })]).unwrap();
    }
    puppet.events();
    let reset = OutgoingSsnReset {
        request: RequestNumber(TSN.0),
        response: RequestNumber(0),
        last_tsn: TSN.plus(2),
        streams: StreamList::default(),
    };
    re_config(&mut puppet, Parameter::OutgoingSsnReset(reset));
    let expected = [0, 20, 40].map(|id| Event::IncomingStreamReset(StreamId(id)));
    assert_eq!(puppet.events(), expected);
}

#[test]
fn what_is_not_done_here_is_denied() {
    let mut puppet = Puppet::default();
    let request = RequestNumber(TSN.0);
    re_config(&mut puppet, Parameter::SsnTsnReset(SsnTsnReset { request }));
    assert_eq!(results(&mut puppet), [ReConfigResult::Denied]);
}

#[test]
fn on_their_request_our_direction_is_reset_after_a_flush() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 100));
    puppet.packets();
    let incoming =
        IncomingSsnReset { request: RequestNumber(TSN.0), streams: StreamList::new(&[0, 0]) };
    re_config(&mut puppet, Parameter::IncomingSsnReset(incoming));
    assert_eq!(results(&mut puppet), [ReConfigResult::InProgress]);
    puppet.sack(1, 1 << 20, &[]).unwrap();
    let (number, streams) = request(&mut puppet).unwrap();
    assert_eq!(streams, [StreamId(0)]);
    respond(&mut puppet, number, ReConfigResult::Performed);
    assert_eq!(puppet.events(), [Event::OutgoingStreamReset(StreamId(0))]);
}

#[test]
fn an_answer_that_says_later_is_asked_again() {
    let mut puppet = Puppet::default();
    puppet.sctp.reset_streams(puppet.now, &[S]);
    let (number, _) = request(&mut puppet).unwrap();
    for wait in [1000, 2000, 4000] {
        respond(&mut puppet, number, ReConfigResult::InProgress);
        assert!(request(&mut puppet).is_none());
        puppet.wait(ms(wait));
        assert_eq!(request(&mut puppet), Some((number, vec![S])));
    }
    respond(&mut puppet, number, ReConfigResult::Performed);
    assert_eq!(puppet.events(), [Event::OutgoingStreamReset(S)]);
    respond(&mut puppet, number, ReConfigResult::Performed);
    assert_eq!(puppet.events(), [], "once");
}

#[test]
fn a_refusal_leaves_the_stream_as_it_was() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 100));
    puppet.packets();
    puppet.sack(1, 1 << 20, &[]).unwrap();
    puppet.sctp.reset_streams(puppet.now, &[StreamId(0)]);
    let (number, _) = request(&mut puppet).unwrap();
    respond(&mut puppet, number, ReConfigResult::Denied);
    assert_eq!(puppet.events(), [Event::OutgoingStreamResetFailed(StreamId(0))]);
    puppet.queue(payload(1, 100));
    let packets = puppet.packets();
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    let Some(Ok(Chunk::Data(data))) = packet.chunks().next() else { panic!() };
    assert_eq!(data.ssn, Ssn(1));
}

#[test]
fn a_peer_that_cannot_reset_is_not_asked() {
    let mut puppet = Puppet::connected_with(Config::default(), &[]);
    puppet.sctp.reset_streams(puppet.now, &[S]);
    assert!(puppet.packets().is_empty());
    assert_eq!(puppet.events(), [Event::OutgoingStreamResetFailed(S)]);
}

#[test]
fn resets_asked_for_before_the_association_stands_wait_for_it() {
    let mut pair = crate::support::pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    send(&mut pair, 1, 5000);
    pair.a.reset_streams(pair.now, &[S]);
    pair.run_for(ms(3000));
    assert_eq!(
        pair.b_events,
        [Event::Connected, Event::Readable(S), Event::IncomingStreamReset(S)]
    );
}

/// A pair that knows its round trip of 10 ms, and whose windows are wide.
fn warm() -> Sctp {
    let mut pair = connected(LinkConfig::delayed(ms(5)), 1);
    for n in 0..20 {
        send(&mut pair, n, 20_000);
        pair.run_for(ms(100));
        read_all(pair.now, &mut pair.b);
    }
    pair.run_for(ms(1000));
    pair.trace.clear();
    pair.a_events.clear();
    pair
}

/// When the stream is reset, after the call.
fn until_reset(pair: &mut Sctp) -> core::time::Duration {
    let begun = pair.now;
    pair.a.reset_streams(begun, &[S]);
    let done = |p: &mut Sctp| p.a_events.contains(&Event::OutgoingStreamReset(S));
    assert!(pair.run_until(done, ms(2000)));
    pair.now - begun
}

#[test]
fn the_last_word_before_a_reset_is_acknowledged_at_once() {
    let mut pair = warm();
    send(&mut pair, 1, 5000);
    assert_eq!(until_reset(&mut pair), ms(20), "a round trip for the message, one for the reset");
    let mut asked = Vec::new();
    for entry in pair.trace.entries() {
        let packet = Packet::parse(&entry.data, Checksum::Verify).unwrap();
        asked.extend(packet.chunks().filter_map(|chunk| match chunk {
            Ok(Chunk::IData(data)) => Some(data.immediate),
            _ => None,
        }));
    }
    assert_eq!(asked, [false, false, false, false, true]);
}

#[test]
fn a_reset_does_not_wait_for_an_acknowledgement_that_is_delayed() {
    let mut pair = warm();
    send(&mut pair, 1, 100);
    // It left, and did not ask for an acknowledgement.
    pair.run_for(ms(2));
    let took = until_reset(&mut pair);
    // The probe after two round trips brings it, a round trip later.
    assert!(took <= ms(45), "{took:?}");
    assert_eq!(pair.a.counters().probes, 1);
    assert_eq!(pair.a.counters().fast_recoveries, 0, "no loss");
}
