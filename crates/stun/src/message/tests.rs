use super::*;
use crate::MessageBuilder;
use crate::attribute::{Priority, Software};

const ID: [u8; 12] = [7; 12];

/// A Binding request with these attributes, whatever they are.
fn request(attributes: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    MessageBuilder::request(&mut bytes, Method::BINDING, ID.into());
    bytes.extend_from_slice(attributes);
    let length = u16::try_from(attributes.len()).unwrap();
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    bytes
}

/// An ICE check: PRIORITY, MESSAGE-INTEGRITY, FINGERPRINT.
fn check(key: &IntegrityKey) -> Vec<u8> {
    let mut bytes = Vec::new();
    MessageBuilder::request(&mut bytes, Method::BINDING, ID.into())
        .attribute(&Priority(1))
        .integrity(key)
        .fingerprint();
    bytes
}

#[test]
fn malformed_messages_are_refused_with_the_reason() {
    let with = |at: usize, value: u8| {
        let mut bytes = request(&[0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]);
        bytes[at] = value;
        bytes
    };
    let length = |stated, had| ParseError::Length { stated, had };
    let overrun = |offset, needed, had| ParseError::Overrun { offset, needed, had };
    let wrong =
        |kind, needed, had| ParseError::Attribute(AttributeError::Length { kind, needed, had });
    let table = [
        (vec![], ParseError::Truncated { needed: 20, had: 0 }),
        (request(&[])[..19].to_vec(), ParseError::Truncated { needed: 20, had: 19 }),
        (with(0, 0x40), ParseError::Type(0x4001)),
        (with(0, 0x80), ParseError::Type(0x8001)),
        (with(4, 0), ParseError::Cookie(0x0012_a442)),
        (with(3, 4), length(4, 8)),
        (with(3, 12), length(12, 8)),
        (with(3, 7), length(7, 8)),
        (request(&[0; 7]), length(7, 7)),
        (with(23, 5), overrun(20, 12, 8)),
        (with(22, 0xff), overrun(20, 4 + 0xff04, 8)),
        (request(&[0x80, 0x22, 0, 0, 0x80, 0x22, 0, 1]), overrun(24, 8, 4)),
        (request(&[0, 8, 0, 0]), wrong(AttributeType::MESSAGE_INTEGRITY, 20, 0)),
        (request(&[0x80, 0x28, 0, 3, 0, 0, 0, 0]), wrong(AttributeType::FINGERPRINT, 4, 3)),
        (
            request(&[0x80, 0x28, 0, 4, 0, 0, 0, 0, 0x80, 0x22, 0, 0]),
            ParseError::AfterFingerprint { had: 4 },
        ),
    ];
    for (bytes, expected) in table {
        assert_eq!(Message::parse(&bytes).err(), Some(expected), "{bytes:02x?}");
    }
}

#[test]
fn of_repeated_attributes_the_first_one_counts() {
    let bytes = request(&[0, 0x24, 0, 4, 0, 0, 0, 1, 0, 0x24, 0, 4, 0, 0, 0, 2]);
    assert_eq!(Message::parse(&bytes).unwrap().get(), Ok(Some(Priority(1))));
}

#[test]
fn padding_is_no_part_of_the_value() {
    let bytes = request(&[0x80, 0x22, 0, 1, b'a', 0xff, 0xff, 0xff]);
    let software = Software::new("a").unwrap();
    assert_eq!(Message::parse(&bytes).unwrap().get(), Ok(Some(software)));
}

/// Appends an attribute behind the integrity, as somebody on the path could.
#[test]
fn attributes_after_the_integrity_do_not_count() {
    let key = IntegrityKey::short_term("password");
    let mut bytes = check(&key);
    bytes.truncate(bytes.len() - 8);
    bytes.extend_from_slice(&[0, 0x25, 0, 0, 0, 8, 0, 0, 0x7f, 0xff, 0, 0]);
    bytes[3] += 12;
    // The fingerprint, on top of what the stranger wrote, is right.
    let crc = fingerprint::checksum(&bytes);
    bytes.extend_from_slice(&[0x80, 0x28, 0, 4]);
    bytes.extend_from_slice(&crc.to_be_bytes());

    let message = Message::parse(&bytes).unwrap();
    assert_eq!(message.check_integrity(&key), Ok(()));
    assert_eq!(message.check_fingerprint(), Ok(()));
    let kinds: Vec<_> = message.attributes().map(|attribute| attribute.kind).collect();
    assert_eq!(kinds, [AttributeType::PRIORITY]);
    assert_eq!(message.unknown_attributes(&[AttributeType::PRIORITY]).count(), 0);
}

#[test]
fn the_integrity_of_another_key_does_not_match() {
    let bytes = check(&IntegrityKey::short_term("password"));
    let message = Message::parse(&bytes).unwrap();
    let mismatch = CheckError::Mismatch(AttributeType::MESSAGE_INTEGRITY);
    assert_eq!(message.check_integrity(&IntegrityKey::short_term("passwort")), Err(mismatch));
    let other = IntegrityKey::long_term("user", "realm", "password");
    assert_eq!(message.check_integrity(&other), Err(mismatch));
}

#[test]
fn what_is_not_there_does_not_match() {
    let bytes = request(&[]);
    let message = Message::parse(&bytes).unwrap();
    let missing = CheckError::Missing;
    let key = IntegrityKey::short_term("password");
    assert_eq!(message.check_integrity(&key), Err(missing(AttributeType::MESSAGE_INTEGRITY)));
    assert_eq!(message.check_fingerprint(), Err(missing(AttributeType::FINGERPRINT)));
    assert_eq!(message.get::<Priority>(), Ok(None));
}

#[test]
fn unknown_attributes_are_those_that_must_be_understood() {
    let bytes = request(&[0, 0x24, 0, 0, 0x7f, 0xff, 0, 0, 0x80, 0, 0, 0, 0, 0x30, 0, 0]);
    let message = Message::parse(&bytes).unwrap();
    let unknown: Vec<_> = message.unknown_attributes(&[AttributeType::PRIORITY]).collect();
    assert_eq!(unknown, [AttributeType(0x7fff), AttributeType(0x0030)]);
}

#[test]
fn the_demultiplexer_tells_stun_from_its_neighbours() {
    let bytes = check(&IntegrityKey::short_term("password"));
    assert!(is_stun(&bytes));
    assert!(!is_stun(&bytes[..19]));
    // The ranges of RFC 7983 §7: ZRTP, DTLS, TURN channels, RTP.
    for first in [4, 16, 20, 63, 64, 79, 128, 191, 255] {
        let mut other = bytes.clone();
        other[0] = first;
        assert!(!is_stun(&other), "{first}");
    }
    let mut other = bytes.clone();
    other[7] ^= 1;
    assert!(!is_stun(&other));
}

#[test]
fn is_shown_with_its_attributes() {
    let bytes = request(&[0x80, 0x22, 0, 1, b'a', 0, 0, 0]);
    let shown = format!("{:?}", Message::parse(&bytes).unwrap());
    assert_eq!(shown, "Binding Request 070707070707070707070707 [SOFTWARE [61]]");
}
