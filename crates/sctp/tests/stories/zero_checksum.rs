//! Packets without checksum, RFC 9653.

use patchcord_sctp::chunk::{Chunk, CookieEcho};
use patchcord_sctp::parameter::ZeroChecksumAcceptable;
use patchcord_sctp::{Config, Discard, Event, ParseError, SendOptions, Status, StreamId, Tag};
use sansio::{Datagram, Machine};
use testkit::LinkConfig;

use crate::snap::snapped;
use crate::support::{
    Puppet, Sctp, association, data, init, ms, packet, pair_with, payload, read_all,
};

fn zero() -> Config {
    Config { zero_checksum: true, ..Config::default() }
}

/// The Zero Checksum Acceptable parameter.
fn acceptable(method: u32) -> Vec<u8> {
    let mut parameters = Vec::new();
    ZeroChecksumAcceptable { method }.write(&mut parameters);
    parameters
}

fn is_zero(packet: &[u8]) -> bool {
    packet[8..12] == [0; 4]
}

/// Which packets went without checksum: the type of the first chunk of each.
fn without_checksum(pair: &Sctp) -> Vec<u8> {
    let packets = pair.trace.entries().filter(|entry| is_zero(&entry.data));
    packets.map(|entry| entry.data[12]).collect()
}

fn exchange(pair: &mut Sctp) {
    for _ in 0..2 {
        pair.a.send(pair.now, StreamId(1), payload(1, 5000), SendOptions::default()).unwrap();
        pair.b.send(pair.now, StreamId(1), payload(2, 5000), SendOptions::default()).unwrap();
        pair.run_for(ms(2000));
    }
    for association in [&mut pair.a, &mut pair.b] {
        assert_eq!(read_all(pair.now, association).len(), 2);
    }
}

#[test]
fn all_but_the_set_up_goes_without_where_both_agree() {
    let mut pair = pair_with(zero(), LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    exchange(&mut pair);
    let with: Vec<u8> =
        pair.trace.entries().filter(|e| !is_zero(&e.data)).map(|e| e.data[12]).collect();
    assert_eq!(with, [1, 2, 10], "INIT, INIT ACK, COOKIE ECHO");
    assert!(without_checksum(&pair).contains(&11), "COOKIE ACK goes without");
}

#[test]
fn it_takes_both() {
    for (a, b) in [(zero(), Config::default()), (Config::default(), zero())] {
        let mut pair = pair_with(Config::default(), LinkConfig::delayed(ms(50)), 1);
        (pair.a, pair.b) = (association(a, 1), association(b, 2));
        pair.a.connect(pair.now);
        exchange(&mut pair);
        assert_eq!(without_checksum(&pair), []);
    }
}

#[test]
fn inits_by_signalling_agree_as_well() {
    let mut pair = snapped(&zero(), LinkConfig::delayed(ms(50)), 1);
    exchange(&mut pair);
    assert_eq!(without_checksum(&pair).len(), pair.trace.entries().count());
}

/// A puppet that takes packets without checksum.
fn puppet() -> Puppet {
    Puppet::connected_with(zero(), &acceptable(ZeroChecksumAcceptable::DTLS))
}

/// Sends a packet with this checksum.
fn send(puppet: &mut Puppet, tag: Tag, chunk: Chunk<'_>, sum: [u8; 4]) -> Result<(), Discard> {
    let mut bytes = packet(tag, &[chunk]);
    bytes[8..12].copy_from_slice(&sum);
    puppet.sctp.handle_input(puppet.now, Datagram::new((), puppet.now, &mut bytes))
}

fn is_refused(result: Result<(), Discard>) -> bool {
    matches!(result, Err(Discard::Malformed(ParseError::Checksum { .. })))
}

#[test]
fn a_wrong_checksum_is_refused_nevertheless() {
    let mut puppet = puppet();
    let (tag, chunk) = (puppet.tag, Chunk::Data(data(0, b"hello")));
    for wrong in [[0, 0, 0, 1], [1, 0, 0, 0], [0xff; 4]] {
        assert!(is_refused(send(&mut puppet, tag, chunk, wrong)), "{wrong:?}");
    }
    assert_eq!(puppet.events(), []);
    send(&mut puppet, tag, chunk, [0; 4]).unwrap();
    // And so is a right one.
    puppet.send(&[Chunk::Data(data(1, b"again"))]).unwrap();
    assert_eq!(puppet.read_all().len(), 2);
}

#[test]
fn who_did_not_say_that_it_takes_zero_refuses_it() {
    let accepts = acceptable(ZeroChecksumAcceptable::DTLS);
    let mut puppet = Puppet::connected_with(Config::default(), &accepts);
    let (tag, chunk) = (puppet.tag, Chunk::Data(data(0, b"hello")));
    assert!(is_refused(send(&mut puppet, tag, chunk, [0; 4])));
}

#[test]
fn who_knows_of_no_reason_for_zero_is_sent_a_checksum() {
    // Methods other than DTLS; and one that is named beside it is passed over.
    let both = [acceptable(7), acceptable(ZeroChecksumAcceptable::DTLS)].concat();
    for (parameters, expected) in [(acceptable(0), false), (acceptable(2), false), (both, true)] {
        let mut puppet = Puppet::connected_with(zero(), &parameters);
        puppet.queue(payload(1, 10));
        assert_eq!(is_zero(&puppet.packets()[0]), expected, "{parameters:?}");
    }
}

#[test]
fn init_and_cookie_echo_need_theirs() {
    let mut puppet = puppet();
    // In an association that takes zero: the other side may have lost its memory.
    let again = init(&[]);
    assert!(is_refused(send(&mut puppet, Tag(0), Chunk::Init(again), [0; 4])));
    let cookie = puppet.init(&again);
    let (tag, echo) = (puppet.tag, Chunk::CookieEcho(CookieEcho { cookie: &cookie }));
    assert!(is_refused(send(&mut puppet, tag, echo, [0; 4])));
    // In one that does not exist yet.
    let mut puppet = Puppet::new(zero());
    let first = init(&[]);
    assert!(is_refused(send(&mut puppet, Tag(0), Chunk::Init(first), [0; 4])));
    let cookie = puppet.init(&first);
    let (tag, echo) = (puppet.tag, Chunk::CookieEcho(CookieEcho { cookie: &cookie }));
    assert!(is_refused(send(&mut puppet, tag, echo, [0; 4])));
    assert_eq!(puppet.sctp.status(), Status::Closed);
}

#[test]
fn a_restart_decides_anew() {
    let mut puppet = puppet();
    puppet.queue(payload(1, 10));
    assert!(is_zero(&puppet.packets()[0]));
    let cookie = puppet.init(&patchcord_sctp::chunk::Init { tag: Tag(77), ..init(&[]) });
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &cookie })]).unwrap();
    assert!(puppet.events().contains(&Event::Restarted));
    assert!(puppet.packets().iter().all(|packet| !is_zero(packet)));
}

#[test]
fn replies_to_strangers_have_a_checksum() {
    let mut puppet = puppet();
    puppet.sctp.abort(puppet.now, b"enough");
    assert!(!is_zero(&puppet.packets()[0]), "ABORT");
    puppet.send(&[Chunk::Data(data(9, b"late"))]).unwrap();
    assert!(!is_zero(&puppet.packets()[0]), "ABORT");
}
