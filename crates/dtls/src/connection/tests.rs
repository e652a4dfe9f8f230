use alloc::sync::Arc;
use std::sync::Mutex;

use sansio::{Instant, Machine};
use testkit::SeededRng;

use crate::record::Records;
use crate::schedule::{Secret, thirteen};
use crate::wire::message::KeyUpdate;
use crate::wire::{ContentType, Fragment, MessageKind, RecordHeader};
use crate::{
    Alert, Certificate, CloseReason, Config, Connection, Discard, HashFunction, KeyLog, Ring, Role,
    SealError, State, Versions,
};

/// Two ends, connected.
fn connected(versions: Versions) -> [Connection; 2] {
    connected_and_logged(versions, None)
}

/// The same, and the client tells its secrets.
fn connected_and_logged(versions: Versions, log: Option<&Arc<dyn KeyLog>>) -> [Connection; 2] {
    let made = [(); 2].map(|()| Arc::new(Certificate::generate().expect("made")));
    let end = |own: &Arc<Certificate>, other: &Arc<Certificate>, role| {
        let key_log = log.filter(|_| role == Role::Client).cloned();
        let config = Config { versions, key_log, ..Config::new(Arc::clone(own)) };
        let expected = vec![other.fingerprint(HashFunction::Sha256)];
        let rng = SeededRng::boxed(1);
        Connection::new(Instant::ZERO, &config, role, expected, rng).expect("valid")
    };
    let mut ends = [end(&made[0], &made[1], Role::Client), end(&made[1], &made[0], Role::Server)];
    carry(&mut ends);
    assert!(ends.iter().all(|end| end.state() == State::Connected));
    ends
}

/// Hands over all that both have to say. Gives how many datagrams that was.
fn carry(ends: &mut [Connection; 2]) -> usize {
    let mut count = 0;
    for turn in 0..10 {
        let [a, b] = ends;
        let (from, to) = if turn % 2 == 0 { (a, b) } else { (b, a) };
        let mut datagram = Vec::new();
        while from.poll_transmit(Instant::ZERO, &mut datagram).is_some() {
            let mut rest = &mut datagram[..];
            while !rest.is_empty() {
                let _ = to.open(Instant::ZERO, &mut rest);
            }
            datagram.clear();
            count += 1;
        }
    }
    count
}

fn exchange([a, b]: &mut [Connection; 2]) {
    deliver(a, b);
    deliver(b, a);
}

fn deliver(from: &mut Connection, to: &mut Connection) {
    let mut record = vec![0; from.head_room()];
    record.extend_from_slice(b"text");
    from.seal(&mut record, 0).expect("sealed");
    let mut rest = &mut record[..];
    let opened = to.open(Instant::ZERO, &mut rest).expect("opened");
    assert_eq!(opened.as_deref(), Some(&b"text"[..]));
}

#[test]
fn keys_are_renewed_before_they_are_used_up() {
    let mut ends = connected(Versions::Dtls13);
    assert_eq!(carry(&mut ends), 0);
    ends[0].context.records.pretend_sealed((1 << 23) - 1);
    // The sixteen bits on the wire would be ambiguous so far ahead.
    let mut record = vec![0; 20];
    ends[0].seal(&mut record, 0).expect("sealed");
    assert_eq!(ends[0].context.records.write_epoch(), 3);
    // A ─KeyUpdate─► B ─ACK─► A would follow; here B cannot read so far ahead.
    assert!(ends[0].poll_transmit(Instant::ZERO, &mut Vec::new()).is_some());
}

#[test]
fn used_up_keys_seal_nothing() {
    for (versions, most) in [(Versions::Dtls13, 23_726_566), (Versions::Dtls12, (1 << 48) - 1)] {
        let mut ends = connected(versions);
        exchange(&mut ends);
        ends[0].context.records.pretend_sealed(most);
        let mut record = vec![9; 60];
        assert_eq!(ends[0].seal(&mut record, 0), Err(SealError::Exhausted));
        assert_eq!(record, vec![9; 60]);
    }
}

#[test]
fn an_established_connection_has_let_go_of_its_handshake() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let mut ends = connected(versions);
        for end in &mut ends {
            end.handle_timeout(Instant::from_millis(31_000));
            assert!(end.context.outbox.is_empty() && end.pending.is_empty());
            assert_eq!(end.poll_timeout(), None);
        }
        exchange(&mut ends);
    }
}

/// A record that the other side should not have made: of this kind, in the present epoch.
fn strange(from: &mut Connection, kind: ContentType, content: &[u8]) -> Vec<u8> {
    let records = &mut from.context.records;
    let epoch = records.write_epoch();
    let mut record = vec![0; records.framing(epoch).head];
    record.extend_from_slice(content);
    records.seal(epoch, kind, &mut record, 0).expect("sealed");
    record
}

/// A KeyUpdate with this number, as many numbers ahead of the next one, or a part of it.
fn key_update(from: &Connection, ahead: u16, part: usize) -> Vec<u8> {
    let mut body = Vec::new();
    KeyUpdate::NotRequested.write(&mut body);
    let sequence = from.context.outbox.next_sequence() + ahead;
    let (kind, length) = (MessageKind::KEY_UPDATE, body.len());
    let mut out = Vec::new();
    Fragment { kind, length, sequence, offset: 0, body: &body[..part] }.write(&mut out);
    out
}

#[test]
fn a_record_that_was_not_used_whole_is_not_acknowledged() {
    for (ahead, acknowledged) in [(None, true), (Some(100), false)] {
        let [mut a, mut b] = connected(Versions::Dtls13);
        let more = ahead.map(|ahead| key_update(&a, ahead, 1)).unwrap_or_default();
        let content = [key_update(&a, 0, 1), more].concat();
        let mut record = strange(&mut a, ContentType::Handshake, &content);
        assert_eq!(b.open(Instant::ZERO, &mut &mut record[..]), Ok(None));
        assert_eq!(b.context.records.read_epoch(), 4);
        let said = b.poll_transmit(Instant::from_millis(1), &mut Vec::new()).is_some();
        assert_eq!(said, acknowledged);
    }
}

#[test]
fn a_part_without_content_is_passed_over() {
    let [mut a, mut b] = connected(Versions::Dtls13);
    for part in [0, 1] {
        let content = key_update(&a, 0, part);
        let mut record = strange(&mut a, ContentType::Handshake, &content);
        assert_eq!(b.open(Instant::ZERO, &mut &mut record[..]), Ok(None));
        assert_eq!(b.context.records.read_epoch(), if part == 0 { 3 } else { 4 });
    }
    assert_eq!(b.state(), State::Connected);
}

#[test]
fn nothing_may_follow_a_change_of_keys_with_the_old_ones() {
    // In one record, and in two, either way around.
    for order in [&[&[0_u16, 1][..]][..], &[&[0], &[1]], &[&[1], &[0]]] {
        let [mut a, mut b] = connected(Versions::Dtls13);
        for record in order {
            let content: Vec<u8> = record.iter().flat_map(|n| key_update(&a, *n, 1)).collect();
            let mut record = strange(&mut a, ContentType::Handshake, &content);
            let _ = b.open(Instant::ZERO, &mut &mut record[..]);
        }
        let fault = CloseReason::Fault(Alert::UNEXPECTED_MESSAGE);
        assert_eq!(b.close_reason(), Some(&fault), "{order:?}");
    }
}

#[test]
fn records_that_are_too_large_are_not_let_through() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let [mut a, mut b] = connected(versions);
        for (len, fits) in [(1 << 14, true), ((1 << 14) + 1, false), (1 << 15, false)] {
            let mut record = strange(&mut a, ContentType::ApplicationData, &vec![7; len]);
            match b.open(Instant::ZERO, &mut &mut record[..]) {
                Ok(Some(data)) => assert!(fits && data.len() == len),
                other => assert!(!fits && matches!(other, Err(Discard::Oversized { .. }))),
            }
        }
        exchange(&mut [a, b]);
    }
}

#[derive(Debug, Default)]
struct Lines(Mutex<Vec<String>>);

impl KeyLog for Lines {
    fn log(&self, line: &str) {
        self.0.lock().expect("no panic").push(line.to_owned());
    }
}

#[test]
fn who_has_the_key_log_can_read_also_after_keys_were_updated() {
    let log = Arc::new(Lines::default());
    let told: Arc<dyn KeyLog> = log.clone();
    let mut ends = connected_and_logged(Versions::Dtls13, Some(&told));
    let suite = ends[0].cipher_suite().expect("connected");
    let lines = log.0.lock().expect("no panic");
    let line = lines.iter().find(|line| line.starts_with("CLIENT_TRAFFIC_SECRET_0 "));
    let (_, hex) = line.and_then(|line| line.rsplit_once(' ')).expect("logged");
    let byte = |i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex");
    let mut secret = Secret::new(hex.len() / 2, |out| {
        out.iter_mut().enumerate().for_each(|(i, slot)| *slot = byte(i));
    });
    for epoch in 3..6 {
        let mut reader = Records::default();
        reader.add_read(epoch, thirteen::keys(&Ring, suite, &secret).expect("made"));
        let mut record = vec![0; ends[0].head_room()];
        record.extend_from_slice(b"text");
        ends[0].seal(&mut record, 0).expect("sealed");
        let header = RecordHeader::parse(&record).expect("a record");
        let opened = reader.open(header, &mut record).expect("opened");
        assert_eq!(&record[opened.start..][..opened.len], b"text");
        assert_eq!((opened.kind, opened.number.epoch), (ContentType::ApplicationData, epoch));
        // No line says the next one: it follows from this one.
        secret = thirteen::next(&Ring, suite, &secret);
        ends[0].update_keys(Instant::ZERO);
        carry(&mut ends);
    }
}
