//! When and what to acknowledge, RFC 9260 §6.2, §6.7.

use patchcord_sctp::chunk::{Chunk, Data, GapBlock, Sack};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{Config, Tsn};

use crate::support::{Puppet, TSN, data, ms};

/// Cumulative TSN, gap blocks and duplicates of the one SACK that waits.
fn sack(puppet: &mut Puppet) -> (Tsn, Vec<(u16, u16)>, Vec<Tsn>) {
    let packets = puppet.packets();
    assert_eq!(packets.len(), 1);
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    let Some(Ok(Chunk::Sack(sack))) = packet.chunks().next() else { panic!("no SACK") };
    let gaps = sack.gap_blocks().map(|GapBlock { start, end }| (start, end)).collect();
    (sack.cumulative_tsn, gaps, sack.duplicates().collect())
}

fn send(puppet: &mut Puppet, n: u32) {
    puppet.send(&[Chunk::Data(data(n, b"hello"))]).unwrap();
}

#[test]
fn a_lone_packet_is_acknowledged_after_200_ms() {
    let mut puppet = Puppet::default();
    send(&mut puppet, 0);
    puppet.wait(ms(199));
    assert!(puppet.packets().is_empty());
    puppet.wait(ms(1));
    assert_eq!(sack(&mut puppet), (TSN, vec![], vec![]));
}

#[test]
fn every_second_packet_is_acknowledged_at_once() {
    let mut puppet = Puppet::default();
    for n in 0..10 {
        send(&mut puppet, 2 * n);
        assert!(puppet.packets().is_empty());
        send(&mut puppet, 2 * n + 1);
        assert_eq!(sack(&mut puppet).0, TSN.plus(2 * n + 1));
    }
    puppet.wait(ms(1000));
    assert!(puppet.packets().is_empty(), "the timer has stopped");
}

#[test]
fn packets_count_and_not_chunks() {
    let mut puppet = Puppet::default();
    puppet.send(&[0, 1, 2].map(|n| Chunk::Data(data(n, b"hello")))).unwrap();
    assert!(puppet.packets().is_empty());
}

#[test]
fn many_packets_before_a_drain_get_one_sack() {
    let mut puppet = Puppet::default();
    for n in 0..1000 {
        send(&mut puppet, n);
    }
    assert_eq!(sack(&mut puppet).0, TSN.plus(999));
}

#[test]
fn the_i_bit_asks_for_an_acknowledgement_at_once() {
    let mut puppet = Puppet::default();
    puppet.send(&[Chunk::Data(Data { immediate: true, ..data(0, b"hello") })]).unwrap();
    assert_eq!(sack(&mut puppet).0, TSN);
}

#[test]
fn gaps_are_reported_at_once_and_until_they_are_filled() {
    let mut puppet = Puppet::default();
    struct Step(u32, u32, &'static [(u16, u16)]);
    let steps = [
        // TSN; cumulative; gap blocks
        Step(1, 0, &[(2, 2)]),
        Step(2, 0, &[(2, 3)]),
        Step(5, 0, &[(2, 3), (6, 6)]),
        Step(4, 0, &[(2, 3), (5, 6)]),
        Step(0, 3, &[(2, 3)]),
        Step(7, 3, &[(2, 3), (5, 5)]),
        Step(3, 6, &[(2, 2)]),
    ];
    for Step(n, cumulative, gaps) in steps {
        send(&mut puppet, n);
        let expected = TSN.previous().plus(cumulative);
        assert_eq!(sack(&mut puppet), (expected, gaps.to_vec(), vec![]), "TSN {n}");
    }
    send(&mut puppet, 6);
    assert_eq!(sack(&mut puppet), (TSN.plus(7), vec![], vec![]), "filled: at once too");
}

#[test]
fn duplicates_are_reported_at_once_and_once() {
    let mut puppet = Puppet::default();
    send(&mut puppet, 0);
    send(&mut puppet, 0);
    assert_eq!(sack(&mut puppet), (TSN, vec![], vec![TSN]));
    send(&mut puppet, 2);
    puppet.packets();
    send(&mut puppet, 2);
    assert_eq!(sack(&mut puppet), (TSN, vec![(2, 2)], vec![TSN.plus(2)]));
    assert_eq!(puppet.sctp.counters().duplicates, 2);
}

#[test]
fn the_list_of_duplicates_is_bounded() {
    let mut puppet = Puppet::default();
    for _ in 0..1000 {
        send(&mut puppet, 0);
    }
    assert_eq!(sack(&mut puppet).2.len(), 16);
}

#[test]
fn as_many_gap_blocks_as_fit_a_packet() {
    let mut puppet = Puppet::default();
    for n in 0..1000 {
        send(&mut puppet, 2 * n + 1);
    }
    let packets = puppet.packets();
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    let Some(Ok(Chunk::Sack(sack))) = packet.chunks().next() else { panic!("no SACK") };
    let room = Config::default().max_packet_size - 12 - Sack::MIN_LEN;
    assert_eq!(sack.gap_blocks().count(), room / GapBlock::LEN);
    assert_eq!(sack.gap_blocks().next(), Some(GapBlock { start: 2, end: 2 }));
}

#[test]
fn an_acknowledgement_that_waits_goes_along_with_data() {
    let mut puppet = Puppet::default();
    send(&mut puppet, 0);
    puppet.queue(b"answer"[..].into());
    assert_eq!(puppet.receive(), ["SACK, DATA"]);
    puppet.wait(ms(300));
    assert!(puppet.packets().is_empty());
}
