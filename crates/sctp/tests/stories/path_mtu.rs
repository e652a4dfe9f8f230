//! The path's MTU is searched for, RFC 8899.

use core::time::Duration;

use patchcord_sctp::chunk::{Chunk, HeartbeatAck};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{Config, SendOptions, StreamId};
use sansio::{Instant, Machine};
use testkit::LinkConfig;

use crate::support::{Puppet, Sctp, chunks, connected_with, ms, payload, plain, read_all};

const S: StreamId = StreamId(1);
const BASE: usize = 1191;
const MAX: usize = 1448;

fn searching(max: usize) -> Config {
    Config { max_plpmtu: Some(max), ..Config::default() }
}

/// A link that carries packets of up to `mtu` bytes, 5 Mbit/s.
fn narrow(mtu: usize) -> LinkConfig {
    let (mtu, rate) = (Some(mtu), Some(5_000_000));
    LinkConfig { mtu, rate, ..LinkConfig::delayed(ms(50)) }
}

/// Messages of 50 kB for so long, all of which must arrive.
fn transfer(pair: &mut Sctp, duration: Duration) {
    let (end, mut sent, mut arrived) = (pair.now + duration, 0, 0);
    while pair.now < end || arrived < sent {
        let room = pair.a.total_buffered_amount() < 200_000 && pair.now < end;
        if room {
            pair.a.send(pair.now, S, payload(sent, 50_000), SendOptions::default()).unwrap();
            sent += 1;
        }
        pair.run_for(ms(10));
        for (_, message) in read_all(pair.now, &mut pair.b) {
            assert!(message.payload == payload(arrived, 50_000), "message {arrived}");
            arrived += 1;
        }
        assert!(pair.now < end + Duration::from_secs(120), "{arrived} of {sent} arrived");
    }
}

/// The sizes of the probes on the wire, and whether they passed.
fn probes(pair: &Sctp) -> Vec<(usize, bool)> {
    let ladder = pair.trace.ladder(|packet| match chunks(packet).as_str() {
        "HEARTBEAT, PAD" => format!("probe {}", packet.len()),
        _ => String::new(),
    });
    let lines = ladder.lines().filter_map(|line| line.split_once("probe "));
    lines
        .map(|(_, rest)| match rest.split_once(' ') {
            Some((size, _lost)) => (size.parse().unwrap(), false),
            None => (rest.parse().unwrap(), true),
        })
        .collect()
}

#[test]
fn a_path_that_carries_the_largest_is_known_after_one_round_trip() {
    let mut pair = connected_with(searching(MAX), narrow(1500), 1);
    let start = pair.now;
    pair.a.send(pair.now, S, payload(1, 50_000), SendOptions::default()).unwrap();
    assert!(pair.run_until(|p| p.a.packet_size() == MAX, ms(1000)));
    // Behind the first packet, at 5 Mbit/s.
    assert!(pair.now - start < ms(105), "{}", pair.now);
    assert_eq!(probes(&pair), [(MAX, true)]);
    pair.run_for(ms(1000));
    assert_eq!(read_all(pair.now, &mut pair.b).len(), 1);
    pair.trace.clear();
    transfer(&mut pair, ms(2000));
    let longest = pair.trace.entries().map(|entry| entry.data.len()).max().unwrap();
    // Two chunks, in multiples of four bytes.
    assert!((1444..=MAX).contains(&longest), "{longest}");
    assert_eq!((probes(&pair), pair.a.counters().path_fallbacks), (vec![], 0));
}

#[test]
fn in_between_the_largest_size_that_passes_is_found() {
    for mtu in (BASE..=MAX).step_by(43) {
        let mut pair = connected_with(searching(MAX), narrow(mtu), 1);
        transfer(&mut pair, Duration::from_secs(10));
        let found = pair.a.packet_size();
        assert!(found <= mtu && mtu - found <= 16, "{found} of {mtu}");
        assert!(pair.a.counters().path_probes <= 15, "{mtu}: {:?}", probes(&pair));
    }
}

#[test]
fn the_search_halves_what_is_left() {
    let mut pair = connected_with(searching(MAX), narrow(1400), 1);
    transfer(&mut pair, Duration::from_secs(10));
    let expected = [
        (1448, false),
        (1448, false),
        (1448, false),
        (1316, true),
        (1380, true),
        (1412, false),
        (1412, false),
        (1412, false),
        (1396, true),
    ];
    assert_eq!(probes(&pair), expected);
    assert_eq!(pair.a.packet_size(), 1396);
}

#[test]
fn large_packets_hold_many_chunks() {
    let mut pair = connected_with(searching(9000), narrow(9000), 1);
    transfer(&mut pair, Duration::from_secs(2));
    assert_eq!(pair.a.packet_size(), 9000);
    let longest = pair.trace.entries().map(|entry| entry.data.len()).max().unwrap();
    assert!(longest > 8900, "{longest}");
}

#[test]
fn who_has_little_to_say_does_not_search() {
    let mut pair = connected_with(searching(MAX), narrow(1500), 1);
    for n in 0..20 {
        pair.a.send(pair.now, S, payload(n, 500), SendOptions::default()).unwrap();
        pair.run_for(ms(200));
    }
    assert_eq!((pair.a.counters().path_probes, pair.a.packet_size()), (0, BASE));
    // Nor does who shall not.
    let mut pair = connected_with(Config::default(), narrow(1500), 1);
    transfer(&mut pair, ms(1000));
    assert_eq!((pair.a.counters().path_probes, pair.a.packet_size()), (0, BASE));
}

#[test]
fn lost_probes_are_sent_again_and_are_no_sign_of_congestion() {
    let mut pair = connected_with(searching(MAX), narrow(1500), 1);
    let mut left = 2;
    pair.a_to_b.drop_if(move |packet| {
        let lost = packet.len() == MAX && left > 0;
        left -= i32::from(lost);
        lost
    });
    transfer(&mut pair, Duration::from_secs(5));
    assert_eq!(probes(&pair), [(MAX, false), (MAX, false), (MAX, true)]);
    let counters = pair.a.counters();
    assert_eq!((counters.timeouts, counters.fast_recoveries, counters.retransmissions), (0, 0, 0));
}

#[test]
fn a_black_hole_in_mid_transfer_is_left_behind() {
    for mtu in [BASE, 1300] {
        let mut pair = connected_with(searching(MAX), narrow(1500), 1);
        transfer(&mut pair, Duration::from_secs(2));
        assert_eq!(pair.a.packet_size(), MAX);
        pair.a_to_b.config.mtu = Some(mtu);
        transfer(&mut pair, Duration::from_secs(15));
        let found = pair.a.packet_size();
        assert!(found <= mtu && mtu - found <= 16, "{found} of {mtu}");
        assert!(pair.a.counters().path_fallbacks >= 1);
    }
}

/// As before, with so much small traffic that T3 never has a reason.
#[test]
fn a_black_hole_is_noticed_while_small_packets_pass() {
    let mut pair = connected_with(searching(MAX), narrow(1500), 1);
    transfer(&mut pair, Duration::from_secs(2));
    pair.a_to_b.config.mtu = Some(BASE);
    let (start, mut large, mut n, mut arrived) = (pair.now, 0, 0, Vec::new());
    while pair.now - start < Duration::from_secs(10) {
        let options = SendOptions::default();
        if n % 200 == 0 {
            pair.a.send(pair.now, S, payload(large, 50_000), options).unwrap();
            large += 1;
        }
        pair.a.send(pair.now, StreamId(2), payload(n, 100), options).unwrap();
        n += 1;
        pair.run_for(ms(5));
        arrived.extend(read_all(pair.now, &mut pair.b));
    }
    pair.run_for(Duration::from_secs(20));
    arrived.extend(read_all(pair.now, &mut pair.b));
    let on = |stream| arrived.iter().filter(|(id, _)| *id == stream).count() as u32;
    assert_eq!((on(S), on(StreamId(2))), (large, n));
    assert!(pair.a.packet_size() <= BASE);
}

#[test]
fn a_path_that_became_wider_is_noticed_after_ten_minutes() {
    let mut pair = connected_with(searching(MAX), narrow(BASE), 1);
    transfer(&mut pair, Duration::from_secs(20));
    assert_eq!(pair.a.packet_size(), BASE);
    pair.a_to_b.config.mtu = Some(1500);
    pair.run_for(Duration::from_secs(560));
    transfer(&mut pair, Duration::from_secs(1));
    assert_eq!(pair.a.packet_size(), BASE);
    pair.run_for(Duration::from_secs(60));
    transfer(&mut pair, Duration::from_secs(1));
    assert_eq!(pair.a.packet_size(), MAX);
}

#[test]
fn another_path_is_searched_anew() {
    let mut pair = connected_with(searching(MAX), narrow(1500), 1);
    transfer(&mut pair, Duration::from_secs(1));
    pair.a.path_changed(pair.now);
    assert_eq!(pair.a.packet_size(), BASE);
    transfer(&mut pair, Duration::from_secs(1));
    assert_eq!((pair.a.packet_size(), pair.a.counters().path_probes), (MAX, 2));
}

#[test]
fn only_the_answer_to_the_probe_counts() {
    let config = Config { max_plpmtu: Some(MAX), ..plain() };
    let mut puppet = Puppet::connected(config);
    puppet.queue(payload(1, 20_000));
    let packets = puppet.packets();
    let probe = packets.iter().find(|packet| packet.len() == MAX).unwrap();
    let probe = Packet::parse(probe, Checksum::Verify).unwrap();
    let Some(Ok(Chunk::Heartbeat(heartbeat))) = probe.chunks().next() else { panic!() };
    let mut info = heartbeat.info;
    let forged = [0; 8];
    for bad in [&forged[..], &info.info[1..], &[]] {
        let bad = patchcord_sctp::parameter::HeartbeatInfo { info: bad };
        assert!(puppet.send(&[Chunk::HeartbeatAck(HeartbeatAck { info: bad })]).is_err());
    }
    assert_eq!(puppet.sctp.packet_size(), BASE);
    info.info = heartbeat.info.info;
    puppet.send(&[Chunk::HeartbeatAck(HeartbeatAck { info })]).unwrap();
    assert_eq!(puppet.sctp.packet_size(), MAX);
    assert!(puppet.sctp.poll_timeout().is_some_and(|at| at > Instant::ZERO));
}

#[test]
fn everything_arrives_while_the_path_narrows_and_widens() {
    for seed in 0..6 {
        let link = LinkConfig { loss: 0.03, reorder: 0.1, jitter: ms(5), ..narrow(1500) };
        let mut pair = connected_with(searching(MAX), link, seed);
        for mtu in [1500, 1200, 1400, BASE, 9000, 1280] {
            pair.a_to_b.config.mtu = Some(mtu);
            transfer(&mut pair, ms(700));
        }
        assert!(pair.a.packet_size() <= MAX);
    }
}
