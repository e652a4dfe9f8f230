//! Loss told by time, and probes of the tail: RFC 8985.

use patchcord_sctp::chunk::{Chunk, Sack};
use patchcord_sctp::{SendOptions, StreamId};
use testkit::LinkConfig;

use crate::retransmit::numbers;
use crate::support::{Puppet, connected, ms, payload, read_all};

const WINDOW: u32 = 1 << 20;

/// Ten packets on their way for 40 ms, which is the round trip so far.
fn ten_packets() -> Puppet {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 5000));
    puppet.packets();
    puppet.wait(ms(40));
    puppet.sack(5, WINDOW, &[]).unwrap();
    puppet.queue(payload(1, 200_000));
    assert_eq!(numbers(&mut puppet).len(), 10);
    puppet.wait(ms(40));
    puppet
}

#[test]
fn one_report_is_a_loss_after_a_quarter_of_the_round_trip() {
    let mut puppet = ten_packets();
    // Z -> SACK 5, 7 -> A     6 is missing
    puppet.sack(5, WINDOW, &[(2, 2)]).unwrap();
    assert!(!numbers(&mut puppet).contains(&5));
    puppet.wait(ms(9));
    assert!(numbers(&mut puppet).is_empty());
    puppet.wait(ms(1));
    assert_eq!(numbers(&mut puppet), [5]);
    assert_eq!(puppet.sctp.counters().timeouts, 0);
}

#[test]
fn on_a_path_that_reorders_three_reports_are_no_loss() {
    let mut puppet = ten_packets();
    puppet.sack(5, WINDOW, &[(2, 3)]).unwrap();
    puppet.sack(8, WINDOW, &[]).unwrap(); // the first comes after all
    numbers(&mut puppet);
    puppet.sack(8, WINDOW, &[(2, 6)]).unwrap();
    assert!(!numbers(&mut puppet).contains(&8));
    puppet.wait(ms(10));
    assert_eq!(numbers(&mut puppet), [8]);
}

#[test]
fn a_repair_that_is_lost_is_repaired_without_a_timeout() {
    let mut puppet = ten_packets();
    puppet.sack(5, WINDOW, &[(2, 4)]).unwrap();
    assert_eq!(numbers(&mut puppet), [5, 15], "half of the three that arrived");
    puppet.wait(ms(20));
    puppet.sack(5, WINDOW, &[(2, 10)]).unwrap();
    let last = *numbers(&mut puppet).last().unwrap();
    assert!(last > 15, "new packets after the repair");
    // One of them arrives, and the repair that left before it does not.
    puppet.wait(ms(40));
    let end = u16::try_from(last - 5 + 1).unwrap();
    puppet.sack(5, WINDOW, &[(2, end)]).unwrap();
    assert!(numbers(&mut puppet).contains(&5), "lost again");
    assert_eq!(puppet.sctp.counters().timeouts, 0);
    assert_eq!(puppet.sctp.counters().fast_recoveries, 1, "of the same recovery");
}

#[test]
fn duplicates_widen_the_window() {
    let mut puppet = ten_packets();
    puppet.sack(5, WINDOW, &[(2, 4)]).unwrap();
    assert_eq!(numbers(&mut puppet), [5, 15]);
    puppet.wait(ms(40));
    // It was not lost: both arrive, and that is reordering and a duplicate.
    let tsn = puppet.their_tsn.plus(5);
    let duplicates = tsn.0.to_be_bytes();
    let cumulative = puppet.their_tsn.plus(15);
    puppet.send(&[Chunk::Sack(Sack::new(cumulative, WINDOW, &[], &duplicates))]).unwrap();
    let sent = numbers(&mut puppet);
    let first = sent[0];
    puppet.wait(ms(40));
    puppet.sack(first, WINDOW, &[(2, 2)]).unwrap();
    numbers(&mut puppet);
    puppet.wait(ms(19));
    assert!(!numbers(&mut puppet).contains(&first), "two quarters of 40 ms");
    puppet.wait(ms(1));
    assert!(numbers(&mut puppet).contains(&first));
}

#[test]
fn a_lost_tail_is_probed_after_two_round_trips() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    let options = SendOptions::default();
    for _ in 0..4 {
        pair.a.send(pair.now, StreamId(1), payload(1, 2000), options).unwrap();
        pair.run_for(ms(1000));
    }
    read_all(pair.now, &mut pair.b);
    let rtt = pair.a.rtt().unwrap();
    pair.a.send(pair.now, StreamId(1), payload(1, 5000), options).unwrap();
    // Packets 1 to 3 arrive, 4 and 5 do not.
    let mut n = 0;
    pair.a_to_b.drop_if(move |_| {
        n += 1;
        n == 4 || n == 5
    });
    let start = pair.now;
    assert!(pair.run_until(|p| p.b.readable().is_some(), ms(5000)));
    // SACK of the second packet after a round trip. Two more: the last packet again, which shows
    // that the one before is lost. Its repair arrives a round trip and a half later.
    assert_eq!(pair.now - start, ms(100) + 2 * rtt + ms(150));
    let counters = pair.a.counters();
    assert_eq!((counters.probes, counters.timeouts), (1, 0));
}

#[test]
fn a_probe_is_new_data_if_there_is_any() {
    let mut puppet = ten_packets();
    let window = puppet.sctp.bytes_in_flight();
    assert!(window >= puppet.sctp.congestion_window(), "the window is full");
    puppet.wait(ms(39));
    assert!(puppet.packets().is_empty());
    puppet.wait(ms(1));
    assert_eq!(numbers(&mut puppet), [15], "two round trips after it was sent");
    assert!(puppet.packets().is_empty(), "one packet");
    assert_eq!(puppet.sctp.counters().probes, 1);
    assert_eq!(puppet.sctp.counters().retransmissions, 0);
}

/// A packet that is probed: the acknowledgement of the probe, and of a packet after it.
fn probed(duplicate: bool) -> usize {
    let mut puppet = Puppet::default();
    for n in 0..3 {
        puppet.queue(payload(1, 2000));
        puppet.packets();
        puppet.wait(ms(40));
        puppet.sack(2 * n + 2, WINDOW, &[]).unwrap();
    }
    puppet.queue(payload(1, 100));
    puppet.packets();
    puppet.wait(ms(280));
    assert_eq!(numbers(&mut puppet), [6], "2 * 40 + 200 ms");
    puppet.wait(ms(40));
    let tsn = puppet.their_tsn.plus(6);
    let duplicates = tsn.0.to_be_bytes();
    let duplicates = if duplicate { &duplicates[..] } else { &[] };
    puppet.send(&[Chunk::Sack(Sack::new(tsn, WINDOW, &[], duplicates))]).unwrap();
    puppet.queue(payload(1, 2000));
    puppet.packets();
    puppet.wait(ms(40));
    puppet.sack(9, WINDOW, &[]).unwrap();
    assert_eq!(puppet.sctp.counters().timeouts, 0);
    puppet.sctp.congestion_window()
}

#[test]
fn a_probe_that_repaired_a_loss_is_a_sign_of_congestion() {
    assert!(probed(false) < probed(true));
}

#[test]
fn a_message_that_may_not_be_sent_twice_is_not_probed() {
    let mut puppet = ten_packets();
    puppet.sack(15, WINDOW, &[]).unwrap();
    let options = SendOptions {
        reliability: patchcord_sctp::Reliability::MaxRetransmits(0),
        ..Default::default()
    };
    let mut last = 15;
    loop {
        let sent = numbers(&mut puppet);
        let Some(max) = sent.iter().max() else { break };
        last = max + 1;
        puppet.sack(last, WINDOW, &[]).unwrap();
    }
    puppet.sctp.send(puppet.now, StreamId(0), payload(1, 100), options).unwrap();
    assert_eq!(numbers(&mut puppet), [last]);
    puppet.wait(ms(350));
    assert!(puppet.packets().is_empty());
    assert_eq!(puppet.sctp.counters().abandoned_sent, 0);
}
