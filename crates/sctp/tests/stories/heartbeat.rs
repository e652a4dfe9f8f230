//! HEARTBEAT, RFC 9260 §8.3.

use patchcord_sctp::chunk::{Chunk, Heartbeat, HeartbeatAck};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::HeartbeatInfo;
use patchcord_sctp::{CloseReason, Config, Discard, Event, SendOptions, StreamId};
use sansio::Machine;
use testkit::LinkConfig;

use crate::support::{Puppet, chunks, connected, ms, payload, without_low};

#[test]
fn an_idle_path_is_probed_every_30_seconds_and_an_rto() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.run_for(ms(100_000));
    let ladder = pair.trace.ladder(chunks);
    for line in ladder.lines() {
        assert!(line.ends_with("HEARTBEAT") || line.ends_with("HEARTBEAT ACK"), "{line}");
    }
    assert_eq!(ladder.matches("HEARTBEAT ACK").count(), 6, "three each");
    assert_eq!(pair.a.rtt(), Some(ms(100)));
    assert_eq!(without_low(&pair.a_events), []);
}

#[test]
fn a_busy_path_is_not_probed() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    for _ in 0..10 {
        pair.a.send(pair.now, StreamId(1), payload(1, 10), SendOptions::default()).unwrap();
        pair.b.send(pair.now, StreamId(1), payload(1, 10), SendOptions::default()).unwrap();
        pair.run_for(ms(20_000));
    }
    assert!(!pair.trace.ladder(chunks).contains("HEARTBEAT"));
}

#[test]
fn none_without_interval() {
    let config = Config { heartbeat_interval: None, ..Config::default() };
    let puppet = Puppet::connected(config);
    assert_eq!(puppet.sctp.poll_timeout(), None);
}

#[test]
fn unanswered_ones_are_errors() {
    let mut puppet = Puppet::connected(Config { max_retransmissions: 2, ..Config::default() });
    for _ in 0..3 {
        puppet.wait(ms(31_500 + 10_000));
        assert_eq!(puppet.receive(), ["HEARTBEAT"]);
        assert_eq!(puppet.events(), []);
    }
    puppet.wait(ms(60_000));
    let reason = CloseReason::Timeout { retransmissions: 2 };
    assert_eq!(puppet.events(), [Event::Closed(reason)]);
}

#[test]
fn an_answer_must_carry_what_was_asked() {
    let mut puppet = Puppet::default();
    puppet.wait(ms(32_000));
    let packets = puppet.packets();
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    let Some(Ok(Chunk::Heartbeat(asked))) = packet.chunks().next() else { panic!() };
    let forged = HeartbeatAck { info: HeartbeatInfo { info: &[0; 8] } };
    assert_eq!(puppet.send(&[Chunk::HeartbeatAck(forged)]), Err(Discard::Unexpected));
    assert_eq!(puppet.sctp.rtt(), None);
    puppet.wait(ms(80));
    let answer = Chunk::HeartbeatAck(HeartbeatAck { info: asked.info });
    puppet.send(&[answer]).unwrap();
    assert_eq!(puppet.sctp.rtt(), Some(ms(80)));
    assert_eq!(puppet.send(&[answer]), Err(Discard::Unexpected), "once");
}

#[test]
fn the_other_sides_are_answered_with_what_they_carry_and_a_flood_is_bounded() {
    let mut puppet = Puppet::default();
    let info = HeartbeatInfo { info: b"whatever" };
    for _ in 0..100 {
        puppet.send(&[Chunk::Heartbeat(Heartbeat { info })]).unwrap();
    }
    let packets = puppet.packets();
    assert_eq!(packets.len(), 1);
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    let chunks: Vec<_> = packet.chunks().map(Result::unwrap).collect();
    assert_eq!(chunks, [Chunk::HeartbeatAck(HeartbeatAck { info }); 4]);
}
