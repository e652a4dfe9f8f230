//! A peer that lies or breaks rules: nothing is believed, nothing grows without bound, and the
//! association goes on or ends with a reason.

use patchcord_sctp::cause::{Cause, InvalidStream, NoUserData, ProtocolViolation};
use patchcord_sctp::chunk::{Chunk, Data, ForwardTsn, ReConfig, Skipped};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::{OutgoingSsnReset, Parameters, StreamList};
use patchcord_sctp::{
    CloseReason, Config, Discard, Event, ParseError, RequestNumber, Ssn, Status, StreamId,
    Violation,
};
use sansio::{Datagram, Machine};

use crate::support::{Puppet, TSN, data, ms, packet, payload};

/// The association ended, and said why.
fn assert_violation(puppet: &mut Puppet, violation: Violation, cause: Cause<'_>) {
    let packets = puppet.packets();
    let packet = Packet::parse(packets.last().unwrap(), Checksum::Verify).unwrap();
    let Some(Ok(Chunk::Abort(abort))) = packet.chunks().next() else { panic!("no ABORT") };
    assert_eq!(abort.causes.iter().next(), Some(cause));
    let events = puppet.events();
    assert_eq!(events.last(), Some(&Event::Closed(CloseReason::Violation(violation))));
    assert_eq!(puppet.sctp.status(), Status::Ended);
    assert_eq!(puppet.sctp.poll_timeout(), None);
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_ends_it() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 100));
    puppet.packets();
    puppet.sack(2, 1000, &[]).unwrap();
    let details = b"acknowledged what was never sent";
    let cause = Cause::ProtocolViolation(ProtocolViolation { details });
    assert_violation(&mut puppet, Violation::AckOfUnsent, cause);
}

#[test]
fn gap_blocks_of_what_was_never_sent_are_passed_over() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 3000));
    puppet.packets();
    puppet.wait(ms(50));
    puppet.sack(0, 1 << 20, &[(2, 65_535), (7, 9), (60_000, 65_535)]).unwrap();
    assert_eq!(puppet.sctp.bytes_in_flight(), 1176);
    puppet.sack(3, 1 << 20, &[(1, 65_535)]).unwrap();
    assert_eq!(puppet.sctp.bytes_in_flight(), 0);
    puppet.queue(payload(1, 100));
    assert_eq!(puppet.receive(), ["DATA"]);
}

#[test]
fn an_old_acknowledgement_changes_nothing() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 3000));
    puppet.packets();
    puppet.sack(2, 1 << 20, &[]).unwrap();
    let flight = puppet.sctp.bytes_in_flight();
    assert_eq!(puppet.sack(1, 0, &[(1, 2)]), Err(Discard::Unexpected));
    assert_eq!(puppet.sctp.bytes_in_flight(), flight);
}

#[test]
fn data_without_payload_ends_it() {
    let mut puppet = Puppet::default();
    puppet.send(&[Chunk::Data(data(3, b""))]).unwrap();
    let cause = Cause::NoUserData(NoUserData { tsn: TSN.plus(3) });
    assert_violation(&mut puppet, Violation::NoUserData, cause);
}

#[test]
fn a_message_too_large_ends_it() {
    let config = Config { max_incoming_message_size: 5000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    let block = [7; 1000];
    for n in 0..6 {
        let chunk = Data { begin: n == 0, end: false, ssn: Ssn(0), ..data(n, &block) };
        puppet.send(&[Chunk::Data(chunk)]).unwrap();
    }
    let cause = Cause::ProtocolViolation(ProtocolViolation { details: b"message too large" });
    assert_violation(&mut puppet, Violation::MessageTooLarge, cause);
}

#[test]
fn a_message_too_large_behind_a_gap_ends_it_too() {
    for fill in [true, false] {
        let config = Config { max_incoming_message_size: 5000, ..Config::default() };
        let mut puppet = Puppet::connected(config);
        let block = [7; 1000];
        for n in 1..=7 {
            let chunk = Data { begin: n == 1, end: n == 7, ssn: Ssn(0), ..data(n, &block) };
            puppet.send(&[Chunk::Data(chunk)]).unwrap();
        }
        if fill && puppet.sctp.status() == Status::Connected {
            puppet.send(&[Chunk::Data(Data { stream: StreamId(1), ..data(0, b"x") })]).unwrap();
        }
        assert_eq!(puppet.sctp.status(), Status::Ended);
        assert!(puppet.read_all().iter().all(|(_, m)| m.payload.len() <= 5000));
    }
}

#[test]
fn a_tsn_far_away_is_dropped() {
    let mut puppet = Puppet::connected(Config { max_tsn_span: 100, ..Config::default() });
    for n in [100, 1000, 1 << 30, (1 << 31) - 1] {
        puppet.send(&[Chunk::Data(data(n, b"x"))]).unwrap();
    }
    assert_eq!(puppet.sctp.counters().chunks_refused, 4);
    puppet.send(&[Chunk::Data(data(99, b"x"))]).unwrap();
    assert_eq!(puppet.sctp.counters().chunks_refused, 4);
    // Behind is what was there: half of the numbers.
    puppet.send(&[Chunk::Data(data(1 << 31, b"x"))]).unwrap();
    assert_eq!(puppet.sctp.counters().duplicates, 1);
}

#[test]
fn data_on_a_stream_that_does_not_exist_is_acknowledged_and_reported() {
    let mut puppet = Puppet::connected(Config { inbound_streams: 5, ..Config::default() });
    puppet.send(&[Chunk::Data(Data { stream: StreamId(5), ..data(0, b"x") })]).unwrap();
    puppet.wait(ms(200));
    let packets = puppet.packets();
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    let chunks: Vec<_> = packet.chunks().map(Result::unwrap).collect();
    let [Chunk::Error(error), Chunk::Sack(sack)] = chunks[..] else { panic!("{chunks:?}") };
    let cause = Cause::InvalidStream(InvalidStream { stream: StreamId(5) });
    assert_eq!(error.causes.iter().collect::<Vec<_>>(), [cause]);
    assert_eq!(sack.cumulative_tsn, TSN);
    assert!(puppet.read_all().is_empty());
}

#[test]
fn reports_are_bounded() {
    let mut puppet = Puppet::connected(Config { inbound_streams: 5, ..Config::default() });
    for n in 0..1000 {
        puppet.send(&[Chunk::Data(Data { stream: StreamId(5), ..data(n, b"x") })]).unwrap();
    }
    let packets = puppet.packets();
    assert_eq!(packets.len(), 1);
    assert!(packets[0].len() < 600);
}

#[test]
fn fragments_that_do_not_fit_together_are_dropped_and_the_rest_goes_on() {
    let fragment = |n, begin, end, ssn| Data { begin, end, ssn: Ssn(ssn), ..data(n, b"abc") };
    let lies: [&[Data<'_>]; 5] = [
        // No beginning.
        &[fragment(0, false, false, 0), fragment(1, false, true, 0)],
        // Two beginnings: the sender gave the first up.
        &[fragment(0, true, false, 9), fragment(1, true, false, 9)],
        // Another message in between.
        &[fragment(0, true, false, 9), fragment(1, false, true, 8)],
        // The same behind a gap, in both orders.
        &[fragment(1, false, true, 8), fragment(0, true, false, 9)],
        &[fragment(1, true, false, 8), fragment(0, true, false, 9)],
    ];
    for chunks in lies {
        let mut puppet = Puppet::default();
        for chunk in chunks {
            puppet.send(&[Chunk::Data(*chunk)]).unwrap();
        }
        assert!(puppet.read_all().is_empty());
        puppet.send(&[Chunk::Data(Data { ssn: Ssn(0), ..data(2, b"good") })]).unwrap();
        assert_eq!(&puppet.read_all()[0].1.payload[..], b"good");
        assert_eq!(puppet.sctp.status(), Status::Connected);
    }
}

#[test]
fn a_message_number_that_was_used_is_dropped() {
    let mut puppet = Puppet::default();
    for (n, ssn) in [(0, 0), (1, 0), (2, 65_535), (3, 2), (4, 2), (5, 1)] {
        puppet.send(&[Chunk::Data(Data { ssn: Ssn(ssn), ..data(n, &[n as u8 + 1]) })]).unwrap();
    }
    let read: Vec<_> = puppet.read_all().iter().map(|(_, m)| m.payload[0]).collect();
    assert_eq!(read, [1, 6, 4]);
}

#[test]
fn a_flood_of_streams_costs_what_it_uses() {
    let mut puppet = Puppet::new(Config::default());
    let wide =
        patchcord_sctp::chunk::Init { outbound_streams: 65_535, ..crate::support::init(&[]) };
    let cookie = puppet.init(&wide);
    let echo = patchcord_sctp::chunk::CookieEcho { cookie: &cookie };
    puppet.send(&[Chunk::CookieEcho(echo)]).unwrap();
    puppet.events();
    let mut read = 0;
    for n in 0..65_535 {
        let chunk = Data { stream: StreamId(n as u16), ssn: Ssn(0), ..data(n, b"x") };
        puppet.send(&[Chunk::Data(chunk)]).unwrap();
        if n % 1000 == 999 {
            puppet.packets();
            read += puppet.read_all().len();
        }
    }
    read += puppet.read_all().len();
    assert_eq!(read, 65_535);
    let readable = |e: &&Event| matches!(e, Event::Readable(_));
    assert_eq!(puppet.events().iter().filter(readable).count(), 65_535);
}

#[test]
fn forward_tsn_may_jump_far_and_costs_nothing() {
    let mut puppet = Puppet::default();
    puppet.send(&[Chunk::Data(data(5, b"x"))]).unwrap();
    let mut skipped = Vec::new();
    Skipped { stream: StreamId(0), ssn: Ssn(30_000) }.write(&mut skipped);
    Skipped { stream: StreamId(65_000), ssn: Ssn(1) }.write(&mut skipped);
    let far = TSN.plus((1 << 31) - 2);
    puppet.send(&[Chunk::ForwardTsn(ForwardTsn::new(far, &skipped))]).unwrap();
    let next = Data { tsn: far.next(), ssn: Ssn(30_001), ..data(0, b"good") };
    puppet.send(&[Chunk::Data(next)]).unwrap();
    let read: Vec<_> = puppet.read_all().into_iter().map(|(_, m)| m.payload).collect();
    assert_eq!(read, [&b"x"[..], b"good"]);
}

#[test]
fn a_reset_of_streams_that_do_not_exist_is_refused() {
    let mut puppet = Puppet::default();
    let reset = OutgoingSsnReset {
        request: RequestNumber(TSN.0),
        response: RequestNumber(0),
        last_tsn: TSN.previous(),
        streams: StreamList::new(&[0, 100]),
    };
    let mut parameters = Vec::new();
    reset.write(&mut parameters);
    let parameters = Parameters::parse(&parameters).unwrap();
    puppet.send(&[Chunk::ReConfig(ReConfig { parameters })]).unwrap();
    assert_eq!(puppet.receive(), ["RE-CONFIG"]);
    assert_eq!(puppet.events(), []);
}

#[test]
fn a_malformed_chunk_spoils_the_whole_packet() {
    let mut puppet = Puppet::default();
    let mut bytes = packet(puppet.tag, &[Chunk::Data(data(0, b"good"))]);
    // A SACK that promises more gap blocks than it has.
    bytes.extend_from_slice(&[3, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0]);
    bytes[8..12].fill(0);
    let sum = crc_fast::crc32_iscsi(&bytes);
    bytes[8..12].copy_from_slice(&sum.to_le_bytes());
    let input = Datagram::new((), puppet.now, &mut bytes);
    let error = ParseError::Truncated { needed: 36, had: 0 };
    assert_eq!(puppet.sctp.handle_input(puppet.now, input), Err(Discard::Malformed(error)));
    assert!(puppet.read_all().is_empty(), "nothing of it was used");
}

#[test]
fn unknown_chunks_are_passed_over_or_reported_by_their_high_bits() {
    for (kind, reported, goes_on) in
        [(0x3f, false, false), (0x7f, true, false), (0xbf, false, true), (0xff, true, true)]
    {
        let mut puppet = Puppet::default();
        let mut bytes = packet(puppet.tag, &[]);
        let mut body = vec![kind, 0, 0, 5, 1, 0, 0, 0];
        Chunk::Data(Data { immediate: true, ..data(0, b"good") }).write(&mut body);
        bytes.clear();
        let header = patchcord_sctp::packet::Header {
            source_port: 5000,
            destination_port: 5000,
            tag: puppet.tag,
        };
        let mut builder = patchcord_sctp::packet::PacketBuilder::new(&mut bytes, header, 1191);
        builder.out().extend_from_slice(&body);
        builder.finish();
        let input = Datagram::new((), puppet.now, &mut bytes);
        puppet.sctp.handle_input(puppet.now, input).unwrap();
        assert_eq!(puppet.read_all().len(), usize::from(goes_on), "type {kind:x}");
        let expected: &[&str] = match (reported, goes_on) {
            (true, true) => &["ERROR, SACK"],
            (true, false) => &["ERROR"],
            (false, true) => &["SACK"],
            (false, false) => &[],
        };
        assert_eq!(puppet.receive(), expected, "type {kind:x}");
    }
}
