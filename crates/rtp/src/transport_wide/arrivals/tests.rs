use proptest::prelude::*;

use super::*;

/// What a packet says: base, reference time, count, and a delta for each number that came.
#[derive(Debug, PartialEq)]
struct Read {
    base: u16,
    reference: u32,
    count: u8,
    deltas: Vec<Option<i16>>,
}

/// Reads a packet as the draft says, apart from what this crate reads it with.
fn read(packet: &[u8]) -> Read {
    let u16_at = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
    assert_eq!((packet[0] & 0xdf, packet[1]), (0x8f, 205));
    assert_eq!(usize::from(u16_at(2)) * 4 + 4, packet.len());
    let statuses = usize::from(u16_at(14));
    let (mut symbols, mut at) = (Vec::new(), 20);
    while symbols.len() < statuses {
        let chunk = u16_at(at);
        at += 2;
        match chunk >> 14 {
            0 | 1 => {
                let run = usize::from(chunk & 0x1fff);
                symbols.resize(symbols.len() + run, (chunk >> 13) as u8);
            }
            2 => symbols.extend((0..14).rev().map(|bit| (chunk >> bit & 1) as u8)),
            _ => symbols.extend((0..7).rev().map(|pair| (chunk >> (2 * pair) & 3) as u8)),
        }
    }
    let deltas = symbols[..statuses].iter().map(|symbol| match symbol {
        0 => None,
        1 => {
            at += 1;
            Some(i16::from(packet[at - 1]))
        }
        _ => {
            at += 2;
            Some(i16::from_be_bytes([packet[at - 2], packet[at - 1]]))
        }
    });
    let deltas = deltas.collect();
    assert!(packet.len() - at < 4, "nothing but padding follows");
    Read {
        base: u16_at(12),
        reference: u32::from_be_bytes([0, packet[16], packet[17], packet[18]]),
        count: packet[19],
        deltas,
    }
}

fn feedback(arrivals: &mut Arrivals) -> Option<Read> {
    let mut out = vec![7; 3];
    arrivals.write_feedback(Ssrc(1), Ssrc(2), &mut out).then(|| {
        assert!(out.len() <= 1103);
        read(&out[3..])
    })
}

fn micros(n: u64) -> Instant {
    Instant::from_nanos(n * 1000)
}

#[test]
fn reports_what_came_and_what_did_not() {
    let mut arrivals = Arrivals::default();
    for (number, time) in [(65_535, 640_000), (0, 641_000), (3, 642_500), (2, 650_000)] {
        arrivals.received(micros(time), SequenceNumber(number));
    }
    let expected = Read {
        base: 65_535,
        reference: 10,
        count: 0,
        deltas: vec![Some(0), Some(4), None, Some(36), Some(-30)],
    };
    assert_eq!(feedback(&mut arrivals), Some(expected));
    assert_eq!(feedback(&mut arrivals), None);
    arrivals.received(micros(700_000), SequenceNumber(6));
    let next = feedback(&mut arrivals).unwrap();
    assert_eq!((next.base, next.count), (4, 1), "it goes on where the last one ended");
    assert_eq!(next.deltas, [None, None, Some(240)]);
}

#[test]
fn what_comes_after_it_was_reported_missing_is_reported_again() {
    let mut arrivals = Arrivals::default();
    for number in [10, 12] {
        arrivals.received(micros(64_000), SequenceNumber(number));
    }
    assert_eq!(feedback(&mut arrivals).unwrap().deltas, [Some(0), None, Some(0)]);
    arrivals.received(micros(65_000), SequenceNumber(11));
    let again = feedback(&mut arrivals).unwrap();
    assert_eq!((again.base, again.deltas), (11, vec![Some(4), Some(-4)]));
}

#[test]
fn a_long_pause_makes_another_packet() {
    let mut arrivals = Arrivals::default();
    arrivals.received(micros(0), SequenceNumber(1));
    arrivals.received(micros(9_000_000), SequenceNumber(2));
    assert_eq!(feedback(&mut arrivals).unwrap().deltas, [Some(0)]);
    let second = feedback(&mut arrivals).unwrap();
    assert_eq!((second.base, second.reference), (2, 9_000_000 / 64_000));
    assert!(!arrivals.has_pending());
}

#[test]
fn a_duplicate_keeps_its_first_time() {
    let mut arrivals = Arrivals::default();
    arrivals.received(micros(0), SequenceNumber(1));
    arrivals.received(micros(5000), SequenceNumber(1));
    assert_eq!(feedback(&mut arrivals).unwrap().deltas, [Some(0)]);
}

#[test]
fn a_jump_starts_anew() {
    let mut arrivals = Arrivals::default();
    arrivals.received(micros(0), SequenceNumber(1));
    arrivals.received(micros(0), SequenceNumber(20_000));
    assert_eq!(feedback(&mut arrivals).unwrap().base, 20_000);
}

proptest! {
    /// Whatever comes in whatever order: memory is bounded, and each packet is reported with the
    /// time that it came at.
    #[test]
    fn times_survive(steps in prop::collection::vec((0..3000_u64, -30..60_i32), 1..600)) {
        let mut arrivals = Arrivals::default();
        let (mut now, mut number) = (1_000_000, 40_000_i32);
        let mut came = std::collections::BTreeMap::new();
        let mut told = std::collections::BTreeMap::new();
        for (i, (wait, step)) in steps.into_iter().enumerate() {
            now += wait;
            number += step;
            arrivals.received(micros(now), SequenceNumber(number as u16));
            came.entry(number as u16).or_insert(now / 250);
            prop_assert!(arrivals.times.len() <= Arrivals::WINDOW);
            if i % 50 == 49 {
                while let Some(report) = feedback(&mut arrivals) {
                    let mut time = i64::from(report.reference) * 256;
                    for (n, delta) in (0..).zip(report.deltas) {
                        if let Some(delta) = delta {
                            time += i64::from(delta);
                            told.insert(report.base.wrapping_add(n), time as u64);
                        }
                    }
                }
            }
        }
        for (number, time) in told {
            prop_assert_eq!(came.get(&number), Some(&time), "{}", number);
        }
    }
}
