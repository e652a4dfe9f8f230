use testkit::SeededRng;

use super::*;
use crate::wire::{Reader, RecordHeader};

const NOW: Instant = Instant::ZERO;

/// Limited by the datagram alone.
fn most(datagram: usize) -> Most {
    Most { datagram, plaintext: usize::MAX }
}

fn kind(number: u8) -> MessageKind {
    MessageKind(number)
}

/// Messages of these lengths, in epoch 0.
fn outbox(lengths: &[usize]) -> Outbox {
    let mut outbox = Outbox::new(Duration::from_millis(100));
    outbox.begin(Repeats::ByTimer);
    for (number, length) in (1..).zip(lengths) {
        outbox.push(kind(number), 0, vec![number; *length]);
    }
    outbox
}

/// Each datagram as the fragments in it: kind, offset, length.
fn sent(outbox: &mut Outbox, records: &mut Records, mtu: usize) -> Vec<Vec<(u8, usize, usize)>> {
    let mut rng = SeededRng::new(1);
    let (mut datagrams, mut buf) = (Vec::new(), Vec::new());
    while outbox.poll(NOW, records, most(mtu), &mut rng, &mut buf) {
        assert!(buf.len() <= mtu);
        let (mut fragments, mut rest) = (Vec::new(), &buf[..]);
        while let Ok(header) = RecordHeader::parse(rest) {
            let (record, after) = rest.split_at(header.len);
            let parse = |reader: &mut Reader<'_>| {
                let part = Fragment::parse(reader)?;
                Ok((part.kind.0, part.offset, part.body.len()))
            };
            fragments.push(Reader::all(&record[header.header..], parse).expect("a fragment"));
            rest = after;
        }
        datagrams.push(fragments);
        buf.clear();
    }
    datagrams
}

fn numbers(sequences: &[u64]) -> impl Iterator<Item = RecordNumber> {
    sequences.iter().map(|&sequence| RecordNumber { epoch: 0, sequence })
}

#[test]
fn messages_are_cut_to_the_path() {
    let (mut outbox, mut records) = (outbox(&[300, 0, 40]), Records::default());
    // 256 - 13 (record) - 12 (fragment) = 231; then 69, nothing, and 40.
    let expected = [vec![(1, 0, 231)], vec![(1, 231, 69), (2, 0, 0), (3, 0, 40)]];
    assert_eq!(sent(&mut outbox, &mut records, 256), expected);
    assert!(outbox.deadline().is_some());
}

#[test]
fn only_what_is_not_acknowledged_is_repeated() {
    let (mut outbox, mut records) = (outbox(&[300, 0, 40]), Records::default());
    sent(&mut outbox, &mut records, 256);
    assert!(outbox.acknowledge(numbers(&[0, 2])));
    let expected = [vec![(1, 231, 69), (3, 0, 40)]];
    assert_eq!(sent(&mut outbox, &mut records, 256), expected);
    assert!(!outbox.acknowledge(numbers(&[0, 2, 99])), "no news");
    assert!(outbox.acknowledge(numbers(&[1])), "of the first time");
    assert!(outbox.acknowledge(numbers(&[5])), "of the second");
    assert!(outbox.is_empty());
    assert_eq!(outbox.deadline(), None);
}

#[test]
fn an_acknowledgement_while_sending_does_not_begin_anew() {
    let (mut outbox, mut records) = (outbox(&[300, 300]), Records::default());
    let (mut rng, mut buf) = (SeededRng::new(1), Vec::new());
    assert!(outbox.poll(NOW, &mut records, most(256), &mut rng, &mut buf));
    assert!(outbox.acknowledge(numbers(&[0])));
    let expected = [vec![(1, 231, 69), (2, 0, 137)], vec![(2, 137, 163)]];
    assert_eq!(sent(&mut outbox, &mut records, 256), expected);
}

#[test]
fn a_timer_repeats_all_and_a_hint_not_too_soon() {
    let (mut outbox, mut records) = (outbox(&[40]), Records::default());
    let once = [vec![(1, 0, 40)]];
    assert_eq!(sent(&mut outbox, &mut records, 256), once);
    assert!(!outbox.nudge(Instant::from_millis(49), true));
    assert!(outbox.nudge(Instant::from_millis(50), true));
    assert_eq!(sent(&mut outbox, &mut records, 256), once);
    let deadline = outbox.deadline().expect("running");
    outbox.handle_timeout(deadline);
    assert_eq!(sent(&mut outbox, &mut records, 256), once);
}

#[test]
fn a_last_flight_is_repeated_once_for_all_of_the_others() {
    let (mut outbox, mut records) = (outbox(&[40]), Records::default());
    outbox.begin(Repeats::OnDemand);
    outbox.push(MessageKind(1), 0, vec![7; 40]);
    sent(&mut outbox, &mut records, 256);
    for (last, again) in [(false, false), (false, false), (true, true)] {
        assert_eq!(outbox.nudge(Instant::from_millis(500), last), again);
    }
    assert_eq!(sent(&mut outbox, &mut records, 256).len(), 1);
}
