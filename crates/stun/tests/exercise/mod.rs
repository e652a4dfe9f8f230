//! What must hold for any bytes: the work of the fuzz target and of the tests that replay inputs.

use sansio::Path;

use crate::stun::attribute::{
    AlternateDomain, AlternateServer, Attribute, ChangeRequest, DtlsInStunAck, DtlsInStunData,
    ErrorCode, IceControlled, IceControlling, MappedAddress, Nonce, OtherAddress, Padding,
    PasswordAlgorithm, PasswordAlgorithms, Priority, Realm, ResponseOrigin, ResponsePort, Software,
    UnknownAttributes, UseCandidate, Userhash, Username, XorMappedAddress,
};
use crate::stun::stream::Deframer;
use crate::stun::{IntegrityKey, Message, MessageBuilder, behavior, server};

/// Feeds the bytes to everything that takes bytes from the network.
pub(crate) fn exercise(bytes: &[u8]) {
    answer(bytes);
    cut(bytes);
    if let Ok(message) = Message::parse(bytes) {
        read(&message);
        rebuild(&message);
    }
}

/// A stream of these bytes is cut into frames that are no longer than it takes.
fn cut(bytes: &[u8]) {
    let mut deframer = Deframer::new(1500);
    for part in bytes.chunks(7) {
        deframer.push(part);
        while let Ok(Some(frame)) = deframer.next_frame() {
            assert!(frame.len() <= 1500);
        }
    }
}

/// The server answers with one well-formed message of bounded size, or not at all.
fn answer(bytes: &[u8]) {
    let mut out = Vec::new();
    match server::answer(bytes, ([192, 0, 2, 1], 3478).into(), &mut out) {
        Ok(()) => assert!(Message::parse(&out).is_ok() && out.len() <= 124),
        Err(_) => assert!(out.is_empty()),
    }
    out.clear();
    let [primary, other, client] =
        [(1, 3478), (2, 3479), (3, 9)].map(|(host, port)| ([192, 0, 2, host], port).into());
    let path = Path::udp(primary, client);
    match (behavior::Server { primary, other }).answer(path, bytes, &mut out) {
        Ok(back) => {
            assert!(Message::parse(&out).is_ok() && out.len() <= 124);
            assert_eq!(back.remote, client);
            assert!([primary.ip(), other.ip()].contains(&back.local.ip()));
        }
        Err(_) => assert!(out.is_empty()),
    }
}

/// Each value is refused, or survives being written and read.
fn read(message: &Message<'_>) {
    let id = message.transaction_id();
    macro_rules! round_trip {
        ($($kind:ident)*) => {$(
            if let Ok(Some(first)) = message.get::<$kind>() {
                let mut value = Vec::new();
                first.write(&id, &mut value);
                assert_eq!($kind::parse(&value, &id), Ok(first));
            }
        )*};
    }
    round_trip! {
        AlternateDomain AlternateServer ChangeRequest DtlsInStunAck DtlsInStunData ErrorCode IceControlled IceControlling
        MappedAddress Nonce OtherAddress Padding PasswordAlgorithm PasswordAlgorithms Priority Realm
        ResponseOrigin ResponsePort Software UnknownAttributes UseCandidate Userhash Username
        XorMappedAddress
    }
}

/// What was read can be written, sealed, and read again.
fn rebuild(message: &Message<'_>) {
    let key = IntegrityKey::short_term("password");
    let mut out = Vec::new();
    let builder =
        MessageBuilder::new(&mut out, message.class(), message.method(), message.transaction_id());
    message
        .attributes()
        .fold(builder, |builder, attribute| builder.raw(attribute.kind, attribute.value))
        .integrity(&key)
        .integrity_sha256(&key)
        .fingerprint();
    let Ok(again) = Message::parse(&out) else { unreachable!("what was built is well-formed") };
    assert_eq!((again.class(), again.method()), (message.class(), message.method()));
    assert_eq!(again.transaction_id(), message.transaction_id());
    // An input of full length leaves no room for our own seal, so its last attribute may be gone.
    if out.len() < 0xff00 {
        assert!(again.attributes().eq(message.attributes()));
    }
    assert_eq!(again.check_integrity(&key), Ok(()));
    assert_eq!(again.check_integrity_sha256(&key), Ok(()));
    assert_eq!(again.check_fingerprint(), Ok(()));
}
