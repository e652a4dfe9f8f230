use core::net::SocketAddr;

use super::*;

const ID: [u8; 12] = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

fn id() -> TransactionId {
    ID.into()
}

fn written<'a, A: Attribute<'a>>(attribute: &A) -> Vec<u8> {
    let mut out = Vec::new();
    attribute.write(&id(), &mut out);
    out
}

#[test]
fn addresses_are_written_in_clear_and_masked() {
    let v4: SocketAddr = "192.0.2.1:32853".parse().unwrap();
    let v6: SocketAddr = "[2001:db8::1]:1".parse().unwrap();
    let clear = [0, 1, 0x80, 0x55, 192, 0, 2, 1];
    assert_eq!(written(&MappedAddress(v4)), clear);
    assert_eq!(written(&AlternateServer(v4)), clear);
    assert_eq!(written(&XorMappedAddress(v4)), [0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
    assert_eq!(
        written(&XorMappedAddress(v6)),
        [
            0, 2, 0x21, 0x13, 0x01, 0x13, 0xa9, 0xfa, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6,
            0x86, 0xfa, 0x87, 0xdf, 0xaf
        ]
    );
    for address in [v4, v6] {
        let value = written(&XorMappedAddress(address));
        assert_eq!(XorMappedAddress::parse(&value, &id()), Ok(XorMappedAddress(address)));
        let value = written(&MappedAddress(address));
        assert_eq!(MappedAddress::parse(&value, &id()), Ok(MappedAddress(address)));
        assert_eq!(AlternateServer::parse(&value, &id()), Ok(AlternateServer(address)));
    }
}

#[test]
fn malformed_addresses_are_refused() {
    let kind = AttributeType::XOR_MAPPED_ADDRESS;
    let length = |needed, had| AttributeError::Length { kind, needed, had };
    let table: [(&[u8], AttributeError); 6] = [
        (&[], length(8, 0)),
        (&[0, 1, 0], length(8, 3)),
        (&[0, 1, 0, 0, 1, 2, 3], length(8, 7)),
        (&[0, 1, 0, 0, 1, 2, 3, 4, 5], length(8, 9)),
        (&[0, 2, 0, 0, 1, 2, 3, 4], length(20, 8)),
        (&[0, 3, 0, 0, 1, 2, 3, 4], AttributeError::Family { kind, family: 3 }),
    ];
    for (value, expected) in table {
        assert_eq!(XorMappedAddress::parse(value, &id()), Err(expected));
    }
}

#[test]
fn values_of_fixed_length_have_that_length() {
    let wrong = |kind, needed, had| AttributeError::Length { kind, needed, had };
    let (priority, use_candidate) = (AttributeType::PRIORITY, AttributeType::USE_CANDIDATE);
    assert_eq!(Priority::parse(&[0; 3], &id()), Err(wrong(priority, 4, 3)));
    assert_eq!(Priority::parse(&[0; 5], &id()), Err(wrong(priority, 4, 5)));
    assert_eq!(Nomination::parse(&[0, 0, 1, 2], &id()), Ok(Nomination(258)));
    assert_eq!(Nomination::parse(&[], &id()), Err(wrong(AttributeType::NOMINATION, 4, 0)));
    assert_eq!(UseCandidate::parse(&[0], &id()), Err(wrong(use_candidate, 0, 1)));
    assert!(IceControlled::parse(&[0; 4], &id()).is_err());
    assert!(IceControlling::parse(&[0; 9], &id()).is_err());
    assert_eq!(written(&IceControlling(0x0102_0304_0506_0708)), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn text_is_bounded_and_utf_8() {
    let long = "x".repeat(764);
    let too_long = |kind, limit, had| AttributeError::TooLong { kind, limit, had };
    let username = AttributeType::USERNAME;
    assert!(Username::new(&long[..508]).is_ok());
    assert_eq!(Username::new(&long[..509]), Err(too_long(username, 508, 509)));
    assert_eq!(Username::parse(&long.as_bytes()[..509], &id()), Err(too_long(username, 508, 509)));
    assert_eq!(
        Username::parse(b"ab\xff", &id()),
        Err(AttributeError::Text { kind: username, valid: 2 })
    );
    assert!(Realm::new(&long[..763]).is_ok());
    assert_eq!(Realm::new(&long), Err(too_long(AttributeType::REALM, 763, 764)));
    assert_eq!(Software::new(&long), Err(too_long(AttributeType::SOFTWARE, 763, 764)));
    assert_eq!(Nonce::new(long.as_bytes()), Err(too_long(AttributeType::NONCE, 763, 764)));
    assert_eq!(ErrorCode::new(400, &long), Err(too_long(AttributeType::ERROR_CODE, 763, 764)));
}

#[test]
fn error_codes_lie_between_300_and_699() {
    let code = |code| ErrorCode::new(code, "reason").map(|error| error.code());
    assert_eq!(code(300), Ok(300));
    assert_eq!(code(699), Ok(699));
    for outside in [0, 299, 700, 25_700, u16::MAX] {
        assert_eq!(code(outside), Err(AttributeError::Code(outside)));
    }
    assert_eq!(ErrorCode::parse(&[0, 0, 7, 0], &id()), Err(AttributeError::Code(700)));
    assert_eq!(ErrorCode::parse(&[0, 0, 4, 100], &id()), Err(AttributeError::Code(500)));
    let length = AttributeError::Length { kind: AttributeType::ERROR_CODE, needed: 4, had: 3 };
    assert_eq!(ErrorCode::parse(&[0, 0, 4], &id()), Err(length));
}

#[test]
fn error_codes_are_written_in_hundreds_and_rest() {
    assert_eq!(written(&ErrorCode::ROLE_CONFLICT), b"\0\0\x04\x57Role Conflict");
    let error = ErrorCode::parse(b"\xff\xff\xfc\x57Role\xffConflict", &id()).unwrap();
    assert_eq!((error.code(), error.reason()), (487, "Role"));
    assert_eq!(ErrorCode::UNAUTHENTICATED.to_string(), "401 Unauthenticated");
}

#[test]
fn unknown_attributes_are_pairs_of_bytes() {
    let unknown = UnknownAttributes::parse(&[0, 0x24, 0x7f, 0xff], &id()).unwrap();
    assert!(unknown.types().eq([AttributeType::PRIORITY, AttributeType(0x7fff)]));
    assert_eq!(written(&unknown), [0, 0x24, 0x7f, 0xff]);
    let kind = AttributeType::UNKNOWN_ATTRIBUTES;
    let length = AttributeError::Length { kind, needed: 4, had: 3 };
    assert_eq!(UnknownAttributes::parse(&[0; 3], &id()), Err(length));
}

#[test]
fn embedded_datagrams_are_acknowledged_by_words() {
    let checksums = [[0xcb, 0xf4, 0x39, 0x26], [0, 0, 0, 1]];
    let ack = DtlsInStunAck::new(&checksums);
    assert!(ack.checksums().eq([0xcbf4_3926, 1]));
    assert_eq!(written(&ack), [0xcb, 0xf4, 0x39, 0x26, 0, 0, 0, 1]);
    assert_eq!(DtlsInStunAck::parse(&written(&ack), &id()), Ok(ack));
    assert!(DtlsInStunAck::parse(&[], &id()).unwrap().checksums().eq([]));
    let kind = AttributeType::DTLS_IN_STUN_ACK;
    let length = AttributeError::Length { kind, needed: 4, had: 3 };
    assert_eq!(DtlsInStunAck::parse(&[0; 3], &id()), Err(length));
    assert_eq!(written(&DtlsInStunData(&[22, 254])), [22, 254]);
    assert_eq!(DtlsInStunData::parse(&[22, 254], &id()), Ok(DtlsInStunData(&[22, 254])));
    // A peer without them is not bothered.
    assert!(!kind.is_comprehension_required());
    assert!(!AttributeType::DTLS_IN_STUN_DATA.is_comprehension_required());
}
