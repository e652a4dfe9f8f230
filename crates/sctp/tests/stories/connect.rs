//! Setting up an association, RFC 9260 §5.1.

use patchcord_sctp::cause::{Cause, Causes, InvalidMandatoryParameter, StaleCookie};
use patchcord_sctp::chunk::{Chunk, CookieEcho, Error, InitAck};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::{Parameter, Parameters};
use patchcord_sctp::{
    CloseReason, Config, Discard, Event, SendError, SendOptions, Status, StreamId, Tag, Violation,
};
use sansio::{Instant, Machine};
use testkit::LinkConfig;

use crate::support::{
    PUPPET_TAG, Puppet, Sctp, TSN, chunks, data, init, ms, pair, payload, read_all, without_low,
};

#[test]
fn the_passive_side_is_connected_after_one_and_a_half_round_trips_the_active_after_two() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    assert!(pair.run_until(|p| p.b_events == [Event::Connected], ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(150));
    assert!(pair.run_until(|p| p.a_events == [Event::Connected], ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(200));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b INIT\n\
         0.050000 a <- b INIT ACK\n\
         0.100000 a -> b COOKIE ECHO\n\
         0.150000 a <- b COOKIE ACK\n"
    );
}

#[test]
fn a_message_travels_with_cookie_echo() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    assert!(pair.run_until(|p| p.b.readable().is_some(), ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(150));
    assert_eq!(read_all(pair.now, &mut pair.b)[0].1.payload, payload(1, 100));
    pair.run_for(ms(1000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b INIT\n\
         0.050000 a <- b INIT ACK\n\
         0.100000 a -> b COOKIE ECHO, I-DATA\n\
         0.150000 a <- b COOKIE ACK, SACK\n"
    );
}

#[test]
fn only_one_packet_travels_before_cookie_ack() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    pair.a.send(pair.now, StreamId(1), payload(1, 5000), SendOptions::default()).unwrap();
    pair.run_for(ms(190));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b INIT\n\
         0.050000 a <- b INIT ACK\n\
         0.100000 a -> b COOKIE ECHO, I-DATA\n\
         0.150000 a <- b COOKIE ACK, SACK\n"
    );
    assert!(pair.run_until(|p| p.b.readable().is_some(), ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(250));
}

#[test]
fn the_passive_side_may_send_with_cookie_ack() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.b.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    pair.a.connect(pair.now);
    assert!(pair.run_until(|p| p.a.readable().is_some(), ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(200));
    assert_eq!(without_low(&pair.a_events), [Event::Connected, Event::Readable(StreamId(1))]);
}

#[test]
fn lost_packets_of_the_set_up_are_sent_again() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    pair.a_to_b.drop_next(1);
    pair.run_for(ms(500));
    pair.b_to_a.drop_next(1);
    pair.run_for(ms(1000));
    // INIT at 3 s, after 1 s and 2 s.
    pair.run_until(|p| p.now >= Instant::from_millis(3050), ms(5000));
    pair.b_to_a.keep_all();
    pair.a_to_b.drop_next(1);
    pair.run_for(ms(20_000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b INIT (lost)\n\
         1.000000 a -> b INIT\n\
         1.050000 a <- b INIT ACK (lost)\n\
         3.000000 a -> b INIT\n\
         3.050000 a <- b INIT ACK\n\
         3.100000 a -> b COOKIE ECHO, I-DATA (lost)\n\
         7.100000 a -> b COOKIE ECHO, I-DATA\n\
         7.150000 a <- b COOKIE ACK, SACK\n"
    );
    assert_eq!(read_all(pair.now, &mut pair.b).len(), 1);
}

#[test]
fn a_lost_cookie_ack_is_asked_for_again() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    pair.run_for(ms(120));
    pair.b_to_a.drop_next(1);
    pair.run_for(ms(5000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b INIT\n\
         0.050000 a <- b INIT ACK\n\
         0.100000 a -> b COOKIE ECHO, I-DATA\n\
         0.150000 a <- b COOKIE ACK, SACK (lost)\n\
         1.100000 a -> b COOKIE ECHO, I-DATA\n\
         1.150000 a <- b COOKIE ACK, SACK\n"
    );
    assert_eq!(without_low(&pair.b_events), [Event::Connected, Event::Readable(StreamId(1))]);
    assert_eq!(read_all(pair.now, &mut pair.b).len(), 1, "once");
}

#[test]
fn gives_up_after_eight_retransmissions() {
    let config = Config { max_init_retransmissions: 8, ..Config::default() };
    let mut puppet = Puppet::new(config);
    puppet.sctp.connect(puppet.now);
    // 1 + 2 + 4 + 8 + 10 + 10 + 10 + 10 + 10 s.
    puppet.wait(ms(64_999));
    assert_eq!(puppet.events(), []);
    puppet.wait(ms(1));
    assert_eq!(
        puppet.events(),
        [Event::Closed(CloseReason::ConnectTimeout { retransmissions: 8 })]
    );
    assert_eq!(puppet.sctp.poll_timeout(), None);
    assert_eq!(puppet.receive(), [] as [&str; 0]);
}

#[test]
fn a_flood_of_inits_leaves_nothing_behind() {
    let mut puppet = Puppet::new(Config::default());
    for n in 1..1000 {
        let init = patchcord_sctp::chunk::Init { tag: Tag(n), ..init(&[]) };
        puppet.send_tagged(Tag(0), &[Chunk::Init(init)]).unwrap();
    }
    assert_eq!(puppet.receive(), ["INIT ACK"; 4]);
    assert_eq!(puppet.sctp.counters().replies_dropped, 995);
    assert_eq!(puppet.sctp.status(), Status::Closed);
    assert_eq!(puppet.sctp.poll_timeout(), None);
    // And a good one gets through.
    let cookie = puppet.init(&init(&[]));
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &cookie })]).unwrap();
    assert_eq!(puppet.events(), [Event::Connected]);
}

#[test]
fn a_cookie_with_a_flipped_bit_is_forged() {
    let mut puppet = Puppet::new(Config::default());
    let cookie = puppet.init(&init(&[]));
    for bit in 0..cookie.len() * 8 {
        let mut cookie = cookie.clone();
        cookie[bit / 8] ^= 1 << (bit % 8);
        let echo = Chunk::CookieEcho(CookieEcho { cookie: &cookie });
        assert_eq!(puppet.send(&[echo]), Err(Discard::Cookie));
    }
    let echo = Chunk::CookieEcho(CookieEcho { cookie: &cookie[..cookie.len() - 1] });
    assert_eq!(puppet.send(&[echo]), Err(Discard::Cookie));
    assert_eq!(puppet.sctp.status(), Status::Closed);
}

#[test]
fn a_cookie_of_another_association_is_forged() {
    let mut other = Puppet::new(Config::default());
    other.sctp = crate::support::association(Config::default(), 2);
    let cookie = other.init(&init(&[]));
    let mut puppet = Puppet::new(Config::default());
    let echo = Chunk::CookieEcho(CookieEcho { cookie: &cookie });
    assert_eq!(puppet.send_tagged(other.tag, &[echo]), Err(Discard::Cookie));
}

#[test]
fn a_cookie_goes_stale() {
    let mut puppet = Puppet::new(Config::default());
    let cookie = puppet.init(&init(&[]));
    puppet.wait(ms(60_002));
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &cookie })]).unwrap();
    let packets = puppet.packets();
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    assert_eq!(packet.header.tag, PUPPET_TAG);
    let Some(Ok(Chunk::Error(error))) = packet.chunks().next() else { panic!() };
    let cause = error.causes.iter().next();
    assert_eq!(cause, Some(Cause::StaleCookie(StaleCookie { staleness: 2000 })));
    assert_eq!(puppet.sctp.status(), Status::Closed);
}

#[test]
fn a_stale_cookie_is_replaced() {
    let mut puppet = Puppet::new(Config::default());
    puppet.sctp.connect(puppet.now);
    assert_eq!(puppet.receive(), ["INIT"]);
    answer_init(&mut puppet, &[0, 7, 0, 8, 1, 2, 3, 4]).unwrap();
    assert_eq!(puppet.receive(), ["COOKIE ECHO"]);
    let causes = [0, 3, 0, 8, 0, 0, 0, 1];
    let error = Error { causes: Causes::parse(&causes).unwrap() };
    puppet.send(&[Chunk::Error(error)]).unwrap();
    assert_eq!(puppet.receive(), ["INIT"]);
}

/// The puppet answers INIT with the tag the association told it in `packets`.
fn answer_init(puppet: &mut Puppet, parameters: &[u8]) -> Result<(), Discard> {
    // The association's tag is in the INIT it sends again.
    puppet.wait(ms(1000));
    let packets = puppet.packets();
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    assert_eq!(packet.header.tag, Tag(0), "RFC 9260 §8.5.1 A");
    let Some(Ok(Chunk::Init(ours))) = packet.chunks().next() else { panic!() };
    (puppet.tag, puppet.their_tsn) = (ours.tag, ours.initial_tsn);
    puppet.send(&[Chunk::InitAck(InitAck(init(parameters)))])
}

#[test]
fn an_init_ack_without_cookie_ends_it() {
    let mut puppet = Puppet::new(Config::default());
    puppet.sctp.connect(puppet.now);
    answer_init(&mut puppet, &[]).unwrap();
    assert_eq!(puppet.receive(), ["ABORT"]);
    let reason = CloseReason::Violation(Violation::MissingCookie);
    assert_eq!(puppet.events(), [Event::Closed(reason)]);
}

#[test]
fn unknown_parameters_are_passed_over_or_reported_by_their_high_bits() {
    // 00: stop. 01: stop and report. 10: go on. 11: go on and report.
    for (kind, reported, goes_on) in
        [(0x3f, false, false), (0x7f, true, false), (0xbf, false, true), (0xff, true, true)]
    {
        let unknown = [kind, 0xf0, 0, 5, 9];
        let mut parameters = [&unknown[..], &[0; 3]].concat();
        let forward = [0xc0, 0, 0, 4];
        parameters.extend_from_slice(&forward);

        let mut puppet = Puppet::new(Config::default());
        puppet.send_tagged(Tag(0), &[Chunk::Init(init(&parameters))]).unwrap();
        let packets = puppet.packets();
        let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
        let Some(Ok(Chunk::InitAck(ack))) = packet.chunks().next() else { panic!() };
        let found: Vec<_> = ack
            .0
            .parameters
            .iter()
            .filter_map(|p| match p {
                Parameter::UnrecognizedParameter(p) => Some(p.parameter),
                _ => None,
            })
            .collect();
        assert_eq!(found, if reported { vec![&unknown[..]] } else { vec![] }, "type {kind:x}");
        assert_eq!(init(&parameters).parameters.iter().count(), if goes_on { 2 } else { 1 });
    }
}

#[test]
fn unknown_parameters_of_init_ack_are_reported_with_cookie_echo() {
    let mut puppet = Puppet::new(Config::default());
    puppet.sctp.connect(puppet.now);
    let parameters = [0, 7, 0, 8, 1, 2, 3, 4, 0xff, 0xf0, 0, 5, 9, 0, 0, 0];
    puppet.receive();
    answer_init(&mut puppet, &parameters).unwrap();
    assert_eq!(puppet.receive(), ["COOKIE ECHO, ERROR"]);
}

#[test]
fn an_impossible_init_is_refused_and_changes_nothing() {
    let good = init(&[]);
    for bad in [
        patchcord_sctp::chunk::Init { outbound_streams: 0, ..good },
        patchcord_sctp::chunk::Init { inbound_streams: 0, ..good },
        patchcord_sctp::chunk::Init { window: 1499, ..good },
        patchcord_sctp::chunk::Init { parameters: host_name(), ..good },
    ] {
        let mut puppet = Puppet::new(Config::default());
        puppet.send_tagged(Tag(0), &[Chunk::Init(bad)]).unwrap();
        let packets = puppet.packets();
        let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
        assert_eq!(packet.header.tag, PUPPET_TAG);
        let Some(Ok(Chunk::Abort(abort))) = packet.chunks().next() else { panic!() };
        assert_eq!(abort.causes.iter().count(), 1);
        if bad.parameters.as_bytes().is_empty() {
            let cause = Cause::InvalidMandatoryParameter(InvalidMandatoryParameter);
            assert_eq!(abort.causes.iter().next(), Some(cause));
        }
        assert_eq!((puppet.sctp.status(), puppet.events()), (Status::Closed, vec![]));
    }
}

fn host_name() -> Parameters<'static> {
    Parameters::parse(&[0, 11, 0, 8, b'a', b'.', b'b', 0]).unwrap()
}

#[test]
fn init_travels_alone() {
    let mut puppet = Puppet::new(Config::default());
    let bundle = [Chunk::Init(init(&[])), Chunk::Data(data(0, b"x"))];
    assert_eq!(puppet.send_tagged(Tag(0), &bundle), Err(Discard::Bundling));
    let tagged = puppet.send_tagged(Tag(5), &[Chunk::Init(init(&[]))]);
    assert_eq!(tagged, Err(Discard::VerificationTag { found: Tag(5) }));
}

#[test]
fn the_smaller_number_of_streams_counts() {
    let mut puppet = Puppet::new(Config { inbound_streams: 10, ..Config::default() });
    let options = SendOptions::default();
    for id in [99, 100, 101] {
        puppet.sctp.send(puppet.now, StreamId(id), payload(1, 10), options).unwrap();
    }
    let cookie = puppet.init(&init(&[]));
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &cookie })]).unwrap();
    let refused = [100, 101].map(|id| Event::StreamRefused(StreamId(id)));
    assert_eq!(puppet.events(), [&refused[..], &[Event::Connected]].concat());
    assert_eq!(puppet.sctp.streams(), (100, 10));
    assert_eq!(puppet.receive(), ["COOKIE ACK, DATA"]);
    assert_eq!(
        puppet.sctp.send(puppet.now, StreamId(100), payload(1, 10), options),
        Err(SendError::NoSuchStream { stream: StreamId(100), streams: 100 })
    );
}

#[test]
fn late_answers_of_the_set_up_are_ignored() {
    let mut puppet = Puppet::default();
    let late = Chunk::InitAck(InitAck(init(&[0, 7, 0, 8, 1, 2, 3, 4])));
    assert_eq!(puppet.send(&[late]), Err(Discard::Unexpected));
    let late = Chunk::CookieAck(patchcord_sctp::chunk::CookieAck);
    assert_eq!(puppet.send(&[late]), Err(Discard::Unexpected));
    assert_eq!((puppet.receive(), puppet.events()), (vec![], vec![]));
}

#[test]
fn data_with_cookie_echo_counts() {
    let mut puppet = Puppet::new(Config::default());
    let cookie = puppet.init(&init(&[]));
    let echo = Chunk::CookieEcho(CookieEcho { cookie: &cookie });
    puppet.send(&[echo, Chunk::Data(data(0, b"hello"))]).unwrap();
    assert_eq!(puppet.events(), [Event::Connected, Event::Readable(StreamId(0))]);
    assert_eq!(&puppet.read_all()[0].1.payload[..], b"hello");
    assert_eq!(TSN, data(0, b"").tsn);
}

#[test]
fn both_sides_may_begin_at_any_time() {
    for delay in 0..250 {
        let mut pair = pair(LinkConfig::delayed(ms(50)), delay);
        pair.a.connect(pair.now);
        pair.run_for(ms(delay));
        pair.b.connect(pair.now);
        let both =
            |p: &mut Sctp| p.a_events == [Event::Connected] && p.b_events == [Event::Connected];
        assert!(pair.run_until(both, ms(1000)), "{delay} ms");
        // At once it is even faster than from one side.
        let expected = if delay == 0 { 150 } else { 200 };
        assert!(pair.now <= Instant::from_millis(expected.max(delay)), "{delay} ms: {}", pair.now);
        pair.run_for(ms(5000));
        assert_eq!((pair.a_events.len(), pair.b_events.len()), (1, 1), "once");
        let options = SendOptions::default();
        pair.a.send(pair.now, StreamId(1), payload(1, 3000), options).unwrap();
        pair.b.send(pair.now, StreamId(1), payload(2, 3000), options).unwrap();
        pair.run_for(ms(500));
        assert_eq!(read_all(pair.now, &mut pair.a).len(), 1);
        assert_eq!(read_all(pair.now, &mut pair.b).len(), 1);
    }
}
