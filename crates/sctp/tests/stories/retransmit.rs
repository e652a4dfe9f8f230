//! Loss and its repair: T3, congestion control, RFC 9260 §6.3, §7.2.

use patchcord_sctp::chunk::{Chunk, Heartbeat};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::parameter::HeartbeatInfo;
use patchcord_sctp::{CloseReason, Event, SendOptions, StreamId};
use sansio::Machine;
use testkit::LinkConfig;

use crate::support::{Puppet, chunks, connected, connected_with, ms, payload, plain, read_all};

/// Numbers of the DATA chunks that wait, counted from the first.
pub(crate) fn numbers(puppet: &mut Puppet) -> Vec<u32> {
    let packets = puppet.packets();
    let packets = packets.iter().map(|p| Packet::parse(p, Checksum::Verify).unwrap());
    let chunks = packets.flat_map(|p| p.chunks().collect::<Vec<_>>());
    let first = puppet.their_tsn;
    chunks
        .filter_map(|chunk| match chunk {
            Ok(Chunk::Data(data)) => Some(data.tsn.since(first)),
            _ => None,
        })
        .collect()
}

fn immediate(puppet: &mut Puppet) -> Vec<bool> {
    let packets = puppet.packets();
    let packets = packets.iter().map(|p| Packet::parse(p, Checksum::Verify).unwrap());
    let chunks = packets.flat_map(|p| p.chunks().collect::<Vec<_>>());
    chunks
        .filter_map(|chunk| match chunk {
            Ok(Chunk::Data(data)) => Some(data.immediate),
            _ => None,
        })
        .collect()
}

const WINDOW: u32 = 1 << 20;
const PACKET: usize = 1176;

#[test]
fn begins_with_ten_packets_and_grows_by_what_is_acknowledged() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 200_000));
    assert_eq!(numbers(&mut puppet), (0..10).collect::<Vec<_>>());
    puppet.wait(ms(50));
    puppet.sack(2, WINDOW, &[]).unwrap();
    assert_eq!(numbers(&mut puppet), [10, 11, 12, 13], "two left, two more");
    puppet.sack(10, WINDOW, &[]).unwrap();
    assert_eq!(numbers(&mut puppet).len(), 8 + 2, "by two packets at most");
}

#[test]
fn the_window_does_not_grow_unless_it_is_used() {
    let mut puppet = Puppet::default();
    let before = puppet.sctp.congestion_window();
    for n in 0..100 {
        puppet.queue(payload(1, 1000));
        puppet.packets();
        puppet.sack(n + 1, WINDOW, &[]).unwrap();
    }
    assert_eq!(puppet.sctp.congestion_window(), before);
}

#[test]
fn three_packets_reported_behind_one_are_its_loss() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 200_000));
    assert_eq!(numbers(&mut puppet).len(), 10);
    puppet.wait(ms(50));
    let window = puppet.sctp.congestion_window();
    puppet.sack(0, WINDOW, &[(2, 2)]).unwrap();
    assert_eq!(numbers(&mut puppet), [10], "one left, one more");
    puppet.sack(0, WINDOW, &[(2, 3)]).unwrap();
    assert_eq!(numbers(&mut puppet), [11]);
    puppet.sack(0, WINDOW, &[(2, 3)]).unwrap();
    assert_eq!(numbers(&mut puppet), [], "a SACK that acknowledges nothing new is none");
    puppet.sack(0, WINDOW, &[(2, 4)]).unwrap();
    assert_eq!(numbers(&mut puppet), [0], "whatever the window, before new data");
    assert_eq!(puppet.sctp.counters().fast_recoveries, 1);
    // Half of what is delivered goes out while the rest of the flight is reported (RFC 6937).
    let mut sent = Vec::new();
    for end in 5..=12 {
        puppet.sack(0, WINDOW, &[(2, end)]).unwrap();
        sent.push(numbers(&mut puppet).len());
    }
    assert_eq!(sent.iter().sum::<usize>(), 4);
    assert!(sent.iter().all(|n| *n <= 1), "no burst");
    puppet.sack(16, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.congestion_window(), window / 2);
    assert_eq!(puppet.sctp.counters().timeouts, 0);
}

#[test]
fn losses_of_one_round_trip_halve_the_window_once() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 200_000));
    puppet.packets();
    puppet.wait(ms(50));
    let window = puppet.sctp.congestion_window();
    for end in [3, 4, 5] {
        puppet.sack(0, WINDOW, &[(3, end)]).unwrap();
        numbers(&mut puppet);
    }
    for end in [7, 8, 9] {
        puppet.sack(2, WINDOW, &[(1, 3), (5, end)]).unwrap();
    }
    assert_eq!(puppet.sctp.counters().fast_recoveries, 1);
    // All that was in flight then is acknowledged: the next loss counts again.
    let resent = puppet.sctp.counters().retransmissions;
    let next = numbers(&mut puppet);
    assert!(puppet.sctp.counters().retransmissions > resent);
    let last = next.iter().max().unwrap() + 1;
    puppet.sack(last, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.congestion_window(), window / 2);
    let sent = numbers(&mut puppet);
    assert!(sent.len() >= 4);
    for end in [2, 3, 4] {
        puppet.sack(last, WINDOW, &[(2, end)]).unwrap();
    }
    assert_eq!(puppet.sctp.counters().fast_recoveries, 2);
}

#[test]
fn congestion_avoidance_grows_by_a_packet_a_window() {
    let mut puppet = Puppet::default();
    for _ in 0..20 {
        puppet.queue(payload(1, 50_000));
    }
    puppet.packets();
    puppet.wait(ms(50));
    let mut acked = 0;
    for end in [2, 3, 4] {
        puppet.sack(0, WINDOW, &[(2, end)]).unwrap();
        acked = acked.max(1 + numbers(&mut puppet).into_iter().max().unwrap_or(9));
    }
    puppet.sack(acked, WINDOW, &[]).unwrap();
    for packets in 5..15 {
        assert_eq!(puppet.sctp.congestion_window(), packets * PACKET);
        numbers(&mut puppet);
        for _ in 0..packets {
            acked += 1;
            puppet.sack(acked, WINDOW, &[]).unwrap();
            numbers(&mut puppet);
        }
    }
}

#[test]
fn t3_sends_again_one_packet_and_doubles() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 5000));
    assert_eq!(numbers(&mut puppet).len(), 5);
    puppet.wait(ms(999));
    assert!(puppet.packets().is_empty());
    for (wait, flight) in [(1, 1), (2000, 1), (4000, 1)] {
        puppet.wait(ms(wait));
        assert_eq!(numbers(&mut puppet).len(), flight);
        assert_eq!(puppet.sctp.congestion_window(), PACKET);
    }
    // One more each time: slow start. And each asks not to wait.
    puppet.sack(1, WINDOW, &[]).unwrap();
    assert_eq!(immediate(&mut puppet), [true; 2]);
    puppet.sack(3, WINDOW, &[]).unwrap();
    assert_eq!(numbers(&mut puppet), [3, 4]);
    puppet.sack(5, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.bytes_in_flight(), 0);
    puppet.wait(ms(20_000));
    assert!(puppet.packets().is_empty());
}

#[test]
fn the_timeout_follows_the_round_trip() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 100));
    puppet.packets();
    puppet.wait(ms(300));
    puppet.sack(1, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.rtt(), Some(ms(300)));
    // First a probe, after two round trips and the delay of an acknowledgement (RFC 8985 §7.2).
    puppet.queue(payload(1, 100));
    puppet.packets();
    puppet.wait(ms(799));
    assert!(puppet.packets().is_empty());
    puppet.wait(ms(1));
    assert_eq!(immediate(&mut puppet), [true]);
    // Then T3: 300 + 4 * 150.
    puppet.wait(ms(899));
    assert!(puppet.packets().is_empty());
    puppet.wait(ms(1));
    assert_eq!(numbers(&mut puppet), [1]);
    let counters = puppet.sctp.counters();
    assert_eq!((counters.probes, counters.timeouts), (1, 1));
    // Karn: what was sent twice is not measured.
    puppet.wait(ms(1));
    puppet.sack(2, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.rtt(), Some(ms(300)));
}

#[test]
fn what_the_receiver_dropped_after_all_is_sent_again() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 5000));
    puppet.packets();
    puppet.sack(0, WINDOW, &[(2, 5)]).unwrap();
    // It changes its mind, RFC 9260 §6.2.1 D iii.
    puppet.sack(0, WINDOW, &[(2, 2)]).unwrap();
    puppet.wait(ms(1000));
    assert_eq!(numbers(&mut puppet), [0]);
    puppet.sack(2, WINDOW, &[]).unwrap();
    assert_eq!(numbers(&mut puppet), [2, 3]);
    puppet.sack(5, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.bytes_in_flight(), 0);
}

#[test]
fn gap_blocks_may_come_in_any_order_and_overlap() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 10_000));
    puppet.packets();
    let before = puppet.sctp.bytes_in_flight();
    puppet.sack(0, WINDOW, &[(5, 6), (2, 3), (6, 7), (3, 3), (5, 2), (0, 1)]).unwrap();
    // 2, 3, 5, 6, 7 arrived, and 1 and 4 are lost.
    assert_eq!(puppet.sctp.bytes_in_flight(), before - 7 * PACKET);
    assert_eq!(numbers(&mut puppet), [0, 3]);
    puppet.sack(0, WINDOW, &[(2, 3), (5, 7)]).unwrap();
    assert_eq!(puppet.sctp.bytes_in_flight(), before - 5 * PACKET);
}

#[test]
fn a_vanished_peer_is_given_up_after_ten_retransmissions() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    pair.run_for(ms(1000));
    pair.a_to_b.drop_if(|_| true);
    let start = pair.now;
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    let closed = Event::Closed(CloseReason::Timeout { retransmissions: 10 });
    assert!(pair.run_until(|p| p.a_events.contains(&closed), ms(600_000)));
    // The round trip was 300 ms with the delay of the acknowledgement, so the timeout is 900:
    // a probe after 0.8 s, then 0.9 + 1.8 + 3.6 + 7.2 + 7 * 10 s.
    assert_eq!(pair.now - start, ms(84_300));
    assert_eq!(pair.a.poll_timeout(), None, "nothing is left");
    // Closed stays closed: whatever comes is out of the blue now.
    let mut puppet = Puppet::default();
    puppet.sctp = pair.a;
    let info = HeartbeatInfo { info: b"?" };
    puppet.send(&[Chunk::Heartbeat(Heartbeat { info })]).unwrap();
    assert_eq!(puppet.receive(), ["ABORT"]);
    assert_eq!(puppet.events(), []);
}

#[test]
fn a_lost_packet_in_mid_stream_costs_no_timeout() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.a.send(pair.now, StreamId(1), payload(1, 9000), SendOptions::default()).unwrap();
    pair.a_to_b.drop_next(1);
    let start = pair.now;
    assert!(pair.run_until(|p| p.b.readable().is_some(), ms(5000)));
    // There: 50. The reports: 100. Again: 150.
    assert_eq!(pair.now - start, ms(150));
    assert_eq!(
        pair.trace.ladder(chunks).lines().filter(|line| line.ends_with("with gaps")).count(),
        1,
        "one SACK for seven packets that came at once"
    );
    assert_eq!(read_all(pair.now, &mut pair.b)[0].1.payload, payload(1, 9000));
}

#[test]
fn after_a_silence_the_window_shrinks_towards_its_start() {
    let mut pair = connected_with(plain(), LinkConfig::delayed(ms(50)), 1);
    for _ in 0..5 {
        pair.a.send(pair.now, StreamId(1), payload(1, 100_000), SendOptions::default()).unwrap();
    }
    pair.run_for(ms(3000));
    assert_eq!(read_all(pair.now, &mut pair.b).len(), 5);
    let busy = pair.a.congestion_window();
    assert!(busy > 40 * PACKET);
    pair.run_for(ms(5000));
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    pair.run_for(ms(1000));
    assert_eq!(pair.a.congestion_window(), busy / 2);
}
