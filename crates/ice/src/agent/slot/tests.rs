use proptest::prelude::*;
use stun::{Message, Method, TransactionId};

use super::*;

const RTT: Pause = Pause::Answer(Duration::from_millis(100));
const PACE: Pause = Pause::Pace(Duration::from_millis(50));

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// A slot that carries datagrams of these lengths.
fn carrying(lengths: &[usize]) -> Slot {
    let mut slot = Slot::default();
    slot.set_embedding(Embedding::On);
    slot.begin_flight();
    for (byte, length) in (1..).zip(lengths) {
        slot.add(&vec![byte; *length], None);
    }
    slot
}

/// The first byte of what the next message on this pair takes along.
fn next(slot: &mut Slot, load: &mut Load, now: Instant, pause: Pause) -> Option<u8> {
    let pick = slot.pick(*load, now, pause)?;
    slot.sent(pick, now, load);
    slot.flight[pick].datagram.first().copied()
}

#[test]
fn each_pair_carries_all_of_a_flight_and_then_in_turns() {
    let mut slot = carrying(&[9, 9, 9]);
    let (mut one, mut other) = (Load::default(), Load::default());
    let seen: Vec<_> = (0..3).map(|n| next(&mut slot, &mut one, at(n), PACE)).collect();
    assert_eq!(seen, [Some(1), Some(2), Some(3)]);
    assert!(!slot.has_new_for(one) && slot.has_new_for(other));
    assert_eq!(next(&mut slot, &mut other, at(3), PACE), Some(1));
    // All were on the first pair: the one that waited longest.
    assert_eq!(next(&mut slot, &mut one, at(50), PACE), None);
    assert_eq!(next(&mut slot, &mut one, at(60), PACE), Some(2));
    assert_eq!(next(&mut slot, &mut one, at(60), PACE), Some(3));
    assert_eq!(next(&mut slot, &mut one, at(60), PACE), Some(1));
    assert_eq!(next(&mut slot, &mut one, at(60), PACE), None);
    // Another flight begins anew.
    slot.begin_flight();
    slot.add(&[7; 9], None);
    assert!(slot.has_new_for(one));
    assert_eq!(next(&mut slot, &mut one, at(61), PACE), Some(7));
}

#[test]
fn nothing_is_repeated_before_its_answer_can_be_there() {
    let mut slot = carrying(&[9]);
    let mut load = Load::default();
    assert_eq!(next(&mut slot, &mut load, at(0), RTT), Some(1));
    assert_eq!(next(&mut slot, &mut load, at(99), RTT), None);
    assert_eq!(next(&mut slot, &mut load, at(100), RTT), Some(1));
    // What went along the path as well waits too.
    slot.begin_flight();
    slot.add(&[2; 9], Some(at(150)));
    assert_eq!(next(&mut slot, &mut load, at(200), RTT), None);
    assert_eq!(next(&mut slot, &mut load, at(250), RTT), Some(2));
}

#[test]
fn what_is_acknowledged_rides_no_more() {
    let mut slot = carrying(&[9, 9]);
    slot.acknowledged(Checksum::of(b"what was never sent"));
    assert_eq!(slot.flight.len(), 2);
    slot.acknowledged(Checksum::of(&[1; 9]));
    let mut load = Load::default();
    assert_eq!(next(&mut slot, &mut load, at(0), PACE), Some(2));
    slot.acknowledged(Checksum::of(&[2; 9]));
    assert!(slot.is_empty() && slot.pick(load, at(9), PACE).is_none());
}

#[test]
fn bounds_are_kept() {
    let mut slot = carrying(&[9; MAX_FLIGHT + 1]);
    assert_eq!(slot.flight.len(), MAX_FLIGHT);
    // In: so long, so many; the same one is not given out again once it was acknowledged.
    assert!(!slot.arrive(&[1; 11], 10) && slot.arrive(&[1; 10], 10));
    slot.acknowledge(Checksum::of(&[1; 10]));
    assert!(slot.arrive(&[1; 10], 10));
    let kept = (2..50).filter(|n| slot.arrive(&[*n; 10], 10)).count();
    assert_eq!(kept, MAX_ARRIVED - 1);
    let taken: Vec<_> = core::iter::from_fn(|| slot.take_arrived()).map(|d| d[0]).collect();
    assert_eq!(taken, [1, 2, 3, 4, 5, 6, 7, 8]);
    // The latest four are acknowledged, in the order in which they came.
    for n in taken {
        slot.acknowledge(Checksum::of(&[n; 10]));
    }
    let expected = [5, 6, 7, 8].map(|n| crc32fast::hash(&[n; 10]).to_be_bytes());
    assert_eq!(slot.acks, expected);
}

#[test]
fn the_checksum_is_the_crc_of_ethernet() {
    assert_eq!(Checksum::of(b"123456789"), Checksum::from_wire(0xcbf4_3926));
}

#[test]
fn what_is_over_stays_over() {
    use Embedding::{Complete, Listening, Off, On};
    let after = |steps: &[Embedding]| {
        let mut slot = Slot::default();
        steps.iter().for_each(|step| slot.set_embedding(*step));
        slot
    };
    assert_eq!(after(&[Listening, Off, On]).embedding(), On);
    assert_eq!(after(&[On, Listening]).embedding(), On);
    assert_eq!(after(&[On, Complete, On, Off]).embedding(), Complete);
    // The other side does not take part, after all.
    let mut slot = carrying(&[9]);
    slot.silence();
    slot.set_embedding(On);
    assert_eq!((slot.embedding(), slot.is_empty()), (Off, true));
    // It did, and is done.
    let mut slot = carrying(&[9]);
    slot.heard();
    slot.silence();
    assert_eq!((slot.embedding(), slot.is_empty()), (Complete, true));
    // Before signalling has spoken, its silence means nothing.
    let mut slot = after(&[Listening]);
    slot.silence();
    assert_eq!(slot.embedding(), Listening);
}

proptest! {
    #[test]
    fn a_message_with_a_datagram_fits_into_what_crosses_every_path(
        username in 0..513_usize,
        datagram in 1..2000_usize,
        acks in 0..9_u8,
    ) {
        let mut slot = carrying(&[datagram]);
        (0..acks).for_each(|n| slot.acknowledge(Checksum::of(&[n])));
        let pick = slot.pick(Load::default(), at(0), PACE);
        let mut out = Vec::new();
        let message = MessageBuilder::request(&mut out, Method::BINDING, TransactionId::from([7; 12]))
            .raw(stun::AttributeType::USERNAME, &vec![b'u'; username]);
        let (_, carries) = slot.embedded(pick).expect("on").append(message);
        let acks = 4 * usize::from(acks.min(4));
        let body = 4 + username.next_multiple_of(4) + 4 + acks + 4 + datagram;
        prop_assert_eq!(carries, body <= MAX_BODY);
        prop_assert!(out.len() <= 20 + MAX_BODY.next_multiple_of(4));
        let message = Message::parse(&out).expect("well-formed");
        let ack = message.get::<DtlsInStunAck<'_>>().expect("valid").expect("there is always room");
        prop_assert_eq!(4 * ack.checksums().count(), acks);
        let data = message.get::<DtlsInStunData<'_>>().expect("valid");
        prop_assert_eq!(data.map(|data| data.0.len()), carries.then_some(datagram));
    }
}
