//! The examples of RFC 5769 and of RFC 8489 appendix B.1: read, checked, written again, spoiled.

use patchcord_stun::attribute::{
    IceControlled, Nonce, PasswordAlgorithm, Priority, Realm, Software, Userhash, Username,
    XorMappedAddress,
};
use patchcord_stun::{
    AttributeError, AttributeType, CheckError, Class, IntegrityKey, Message, MessageBuilder,
    Method, TransactionId, is_stun,
};

const REQUEST: &str = include_str!("vectors/rfc5769_2_1_request.hex");
const IPV4_RESPONSE: &str = include_str!("vectors/rfc5769_2_2_ipv4_response.hex");
const IPV6_RESPONSE: &str = include_str!("vectors/rfc5769_2_3_ipv6_response.hex");
const LONG_TERM: &str = include_str!("vectors/rfc5769_2_4_long_term_request.hex");
const SHA256: &str = include_str!("vectors/rfc8489_b_1_request.hex");

const MATRIX: &str = "\u{30de}\u{30c8}\u{30ea}\u{30c3}\u{30af}\u{30b9}";

/// Hexadecimal digits, with spaces and lines of comment between them.
fn unhex(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u8> =
        lines.flat_map(str::chars).filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn short_term() -> IntegrityKey {
    IntegrityKey::short_term("VOkJxbRl1RmTxUk/WvJxBt")
}

fn long_term() -> IntegrityKey {
    IntegrityKey::long_term(MATRIX, "example.org", "TheMatrIX")
}

/// The message of RFC 5769 §2.1 to §2.3 has this id.
fn id() -> TransactionId {
    [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae].into()
}

#[test]
fn reads_the_request() {
    let bytes = unhex(REQUEST);
    assert!(is_stun(&bytes));
    let message = Message::parse(&bytes).unwrap();
    assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
    assert_eq!(message.transaction_id(), id());
    assert_eq!(message.get(), Ok(Some(Software::new("STUN test client").unwrap())));
    assert_eq!(message.get(), Ok(Some(Priority(0x6e00_01ff))));
    assert_eq!(message.get(), Ok(Some(IceControlled(0x932f_f9b1_5126_3b36))));
    assert_eq!(message.get(), Ok(Some(Username::new("evtj:h6vY").unwrap())));
    assert_eq!(message.check_integrity(&short_term()), Ok(()));
    assert_eq!(message.check_fingerprint(), Ok(()));
}

#[test]
fn reads_the_responses() {
    let table = [
        (IPV4_RESPONSE, "192.0.2.1:32853"),
        (IPV6_RESPONSE, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ];
    for (vector, address) in table {
        let bytes = unhex(vector);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.class(), Class::SuccessResponse);
        assert_eq!(message.transaction_id(), id());
        assert_eq!(message.get(), Ok(Some(Software::new("test vector").unwrap())));
        assert_eq!(message.get(), Ok(Some(XorMappedAddress(address.parse().unwrap()))));
        assert_eq!(message.check_integrity(&short_term()), Ok(()));
        assert_eq!(message.check_fingerprint(), Ok(()));
    }
}

#[test]
fn reads_the_request_with_long_term_credentials() {
    let bytes = unhex(LONG_TERM);
    let message = Message::parse(&bytes).unwrap();
    assert_eq!(message.get(), Ok(Some(Username::new(MATRIX).unwrap())));
    assert_eq!(message.get(), Ok(Some(Nonce::new(b"f//499k954d6OL34oL9FSTvy64sA").unwrap())));
    assert_eq!(message.get(), Ok(Some(Realm::new("example.org").unwrap())));
    assert_eq!(message.check_integrity(&long_term()), Ok(()));
    let missing = CheckError::Missing(AttributeType::FINGERPRINT);
    assert_eq!(message.check_fingerprint(), Err(missing));
}

#[test]
fn writes_the_request() {
    let mut out = Vec::new();
    MessageBuilder::request(&mut out, Method::BINDING, id())
        .pad_with(b' ')
        .attribute(&Software::new("STUN test client").unwrap())
        .attribute(&Priority(0x6e00_01ff))
        .attribute(&IceControlled(0x932f_f9b1_5126_3b36))
        .attribute(&Username::new("evtj:h6vY").unwrap())
        .integrity(&short_term())
        .fingerprint();
    assert_eq!(out, unhex(REQUEST));
}

#[test]
fn writes_the_responses() {
    let bytes = unhex(REQUEST);
    let request = Message::parse(&bytes).unwrap();
    let table = [
        (IPV4_RESPONSE, "192.0.2.1:32853"),
        (IPV6_RESPONSE, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ];
    for (vector, address) in table {
        let mut out = Vec::new();
        MessageBuilder::success(&mut out, &request)
            .pad_with(b' ')
            .attribute(&Software::new("test vector").unwrap())
            .attribute(&XorMappedAddress(address.parse().unwrap()))
            .integrity(&short_term())
            .fingerprint();
        assert_eq!(out, unhex(vector));
    }
}

#[test]
fn writes_the_request_with_long_term_credentials() {
    let id = [0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72, 0xc0, 0x29, 0xda, 0x41, 0x2e].into();
    let mut out = Vec::new();
    MessageBuilder::request(&mut out, Method::BINDING, id)
        .attribute(&Username::new(MATRIX).unwrap())
        .attribute(&Nonce::new(b"f//499k954d6OL34oL9FSTvy64sA").unwrap())
        .attribute(&Realm::new("example.org").unwrap())
        .integrity(&long_term());
    assert_eq!(out, unhex(LONG_TERM));
}

/// Integrity covers everything up to itself, the fingerprint everything: no flipped bit escapes.
#[test]
fn every_flipped_bit_is_noticed() {
    let table = [
        (REQUEST, short_term(), true),
        (IPV4_RESPONSE, short_term(), true),
        (IPV6_RESPONSE, short_term(), true),
        (LONG_TERM, long_term(), false),
    ];
    for (vector, key, with_fingerprint) in table {
        let good = unhex(vector);
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let Ok(message) = Message::parse(&bad) else { continue };
            let in_fingerprint = with_fingerprint && bit / 8 >= good.len() - 8;
            assert_eq!(message.check_integrity(&key).is_ok(), in_fingerprint, "bit {bit}");
            if with_fingerprint {
                assert!(message.check_fingerprint().is_err(), "bit {bit}");
            }
        }
    }
}

#[test]
fn reads_the_request_with_sha256() {
    let bytes = unhex(SHA256);
    let message = Message::parse(&bytes).unwrap();
    let kinds: Vec<_> = message.attributes().map(|attribute| attribute.kind).collect();
    let expected = [
        AttributeType::USERHASH,
        AttributeType::NONCE,
        AttributeType::REALM,
        AttributeType::PASSWORD_ALGORITHM,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(message.get(), Ok(Some(Userhash::new(MATRIX, "example.org"))));
    assert_eq!(message.get(), sha256_nonce().map(Some));
    assert_eq!(message.get(), Ok(Some(Realm::new("example.org").unwrap())));
    assert_eq!(message.get(), Ok(Some(PasswordAlgorithm::SHA256)));
    assert!(message.has_integrity_sha256() && !message.has_integrity());
    assert_eq!(message.check_integrity_sha256(&sha256_key().unwrap()), Ok(()));
}

#[test]
fn writes_the_request_with_sha256() {
    let bytes = unhex(SHA256);
    let id = Message::parse(&bytes).unwrap().transaction_id();
    let mut out = Vec::new();
    MessageBuilder::request(&mut out, Method::BINDING, id)
        .attribute(&Userhash::new(MATRIX, "example.org"))
        .attribute(&sha256_nonce().unwrap())
        .attribute(&Realm::new("example.org").unwrap())
        .attribute(&PasswordAlgorithm::SHA256)
        .integrity_sha256(&sha256_key().unwrap());
    assert_eq!(out, bytes);
}

#[test]
fn every_flipped_bit_under_sha256_is_noticed() {
    let good = unhex(SHA256);
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let Ok(message) = Message::parse(&bad) else { continue };
        assert!(message.check_integrity_sha256(&sha256_key().unwrap()).is_err(), "bit {bit}");
    }
}

fn sha256_key() -> Option<IntegrityKey> {
    let credentials = [MATRIX, "example.org", "TheMatrIX"];
    IntegrityKey::with_algorithm(PasswordAlgorithm::SHA256, credentials)
}

fn sha256_nonce() -> Result<Nonce<'static>, AttributeError> {
    Nonce::new(b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA")
}
