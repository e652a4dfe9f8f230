use super::*;
use crate::writer::Writer;

const NAME: &str = "9b36eaac-bb2e-49bb-bb78-21c41c499900.local";

fn name() -> Name {
    NAME.parse().unwrap()
}

fn other() -> Name {
    "00000000-0000-4000-8000-000000000001.local".parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A header with these counts, and what follows.
fn message(flags: u16, counts: [u16; 4], body: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(flags.to_be_bytes());
    bytes.extend(counts.into_iter().flat_map(u16::to_be_bytes));
    bytes.extend(body.concat());
    bytes
}

/// `name` as it stands on the wire.
fn wire(label: &str) -> Vec<u8> {
    [&[36], label.as_bytes(), b"\x05local\x00"].concat()
}

#[test]
fn what_is_written_is_read() {
    let mut query = vec![0xee]; // something else stands before it
    let mut writer = Writer::query(&mut query);
    writer.question(name(), Kind::A, true).question(name(), Kind::Aaaa, false);
    writer.question(other(), Kind::Any, false);
    let read = Message::parse(&query[1..]).unwrap();
    assert!(!read.is_response() && read.is_standard());
    let expected = [
        Question { name: name(), kind: Kind::A, unicast: true },
        Question { name: name(), kind: Kind::Aaaa, unicast: false },
        Question { name: other(), kind: Kind::Any, unicast: false },
    ];
    assert_eq!(read.questions, expected);
    // 12 of header, a name of 44 and 4 of type and class; a pointer; a label of 37 and a pointer.
    assert_eq!(query.len() - 1, 12 + 44 + 4 + 2 + 4 + 39 + 4);

    let mut response = Vec::new();
    let mut writer = Writer::response(&mut response, 7);
    writer.address(name(), ip("192.0.2.1"), 120).address(other(), ip("2001:db8::1"), 0);
    writer.nothing_else(other(), ip("2001:db8::1"));
    let read = Message::parse(&response).unwrap();
    assert!(read.is_response() && read.is_standard() && read.id == 7);
    let expected = [
        Record { name: name(), address: ip("192.0.2.1"), ttl: 120 },
        Record { name: other(), address: ip("2001:db8::1"), ttl: 0 },
    ];
    assert_eq!(read.records, expected);
}

#[test]
fn an_answer_has_these_bytes() {
    let mut response = Vec::new();
    Writer::response(&mut response, 0)
        .address(name(), ip("192.0.2.1"), 120)
        .nothing_else(name(), ip("192.0.2.1"));
    let expected = message(
        0x8400,
        [0, 1, 0, 1],
        &[
            &wire(&NAME[..36]),
            b"\x00\x01\x80\x01\x00\x00\x00\x78\x00\x04\xc0\x00\x02\x01",
            // NSEC, as in RFC 6762 §6.1: the next name is itself, and type A is all there is.
            b"\xc0\x0c\x00\x2f\x80\x01\x00\x00\x00\x78\x00\x05\xc0\x0c\x00\x01\x40",
        ],
    );
    assert_eq!(response, expected);
}

#[test]
fn what_is_not_ours_is_stepped_over() {
    let service = b"\x05_ipps\x04_tcp\x05local\x00\x00\x0c\x80\x01";
    let printer = b"\x07printer\xc0\x17\x00\x01\x80\x01\x00\x00\x00\x78\x00\x04\x0a\x00\x00\x01";
    // SVCB, of which most know nothing; the class of Chaosnet.
    let svcb = [b"\xc0\x0c\x00\x40\x00\x01\x00\x00\x00\x78\x00\x03abc".as_slice()].concat();
    let chaos = [&wire(&NAME[..36]), b"\x00\x01\x00\x03\x00\x00\x00\x78\x00\x04abcd".as_slice()];
    // An address of a length that none has.
    let short = [&wire(&NAME[..36]), b"\x00\x01\x00\x01\x00\x00\x00\x78\x00\x03abc".as_slice()];
    let body: [&[u8]; 5] = [service, printer, &svcb, &chaos.concat(), &short.concat()];
    let read = Message::parse(&message(0x8400, [1, 2, 0, 2], &body)).unwrap();
    assert_eq!((read.questions.len(), read.records.len()), (0, 0));
}

#[test]
fn names_are_found_in_any_case_and_behind_pointers() {
    let upper = wire(&NAME[..36].to_uppercase());
    let bodies: [&[&[u8]]; 2] = [
        &[&upper, b"\x00\x01\x00\x01"],
        // A name that nobody needs, whose end is `.local`.
        &[
            b"\x05local\x00\x00\x01\x00\x01",
            &[36],
            &NAME.as_bytes()[..36],
            b"\xc0\x0c\x00\x01\x00\x01",
        ],
    ];
    for (body, count) in bodies.iter().zip([1, 2]) {
        let read = Message::parse(&message(0, [count, 0, 0, 0], body)).unwrap();
        assert_eq!(read.questions[0].name, name());
    }
    // One label too many, or too few.
    for body in [
        [b"\x01x".as_slice(), &wire(&NAME[..36]), b"\x00\x01\x00\x01"].concat(),
        [&[36], &NAME.as_bytes()[..36], b"\x00\x00\x01\x00\x01"].concat(),
    ] {
        let read = Message::parse(&message(0, [1, 0, 0, 0], &[&body])).unwrap();
        assert_eq!(read.questions, []);
    }
}

#[test]
fn what_is_malformed_is_told() {
    let long: Vec<u8> = [b"\x3f".as_slice(), &[b'x'; 63]].concat().repeat(4);
    let table: [(&[u8], ParseError); 6] = [
        (b"\xc0\x0c\x00\x01\x00\x01", ParseError::Pointer { at: 12, to: 12 }),
        (b"\x01x\xc0\x0c\x00\x01\x00\x01", ParseError::Pointer { at: 14, to: 12 }),
        (b"\xc0\xff\x00\x01\x00\x01", ParseError::Pointer { at: 12, to: 255 }),
        (b"\x41x\x00\x00\x01\x00\x01", ParseError::Label(0x41)),
        (b"\x3fx", ParseError::Truncated { at: 13, needed: 63, had: 14 }),
        (&long, ParseError::Name(12)),
    ];
    for (body, error) in table {
        assert_eq!(Message::parse(&message(0, [1, 0, 0, 0], &[body])), Err(error));
    }
    // Counts that the bytes do not keep.
    let empty = message(0, [0, 0, 0, u16::MAX], &[]);
    assert_eq!(Message::parse(&empty), Err(ParseError::Truncated { at: 12, needed: 1, had: 12 }));
}

#[test]
fn a_part_of_a_message_is_none() {
    let mut whole = Vec::new();
    let mut writer = Writer::response(&mut whole, 0);
    writer.address(name(), ip("2001:db8::1"), 120).nothing_else(name(), ip("2001:db8::1"));
    assert!(Message::parse(&whole).is_ok());
    for length in 0..whole.len() {
        assert!(
            matches!(Message::parse(&whole[..length]), Err(ParseError::Truncated { .. })),
            "{length}"
        );
    }
}
