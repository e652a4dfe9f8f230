//! Properties of any bytes and of any message.

extern crate patchcord_stun as stun;

use proptest::collection::vec;
use proptest::prelude::*;
use stun::attribute::{
    AlternateServer, ErrorCode, IceControlled, IceControlling, MappedAddress, Nonce, Priority,
    Realm, Software, UseCandidate, Username, XorMappedAddress,
};
use stun::{Attribute, Class, IntegrityKey, Message, MessageBuilder, Method, TransactionId};

mod exercise;

use exercise::exercise;

fn class() -> impl Strategy<Value = Class> {
    prop_oneof![
        Just(Class::Request),
        Just(Class::Indication),
        Just(Class::SuccessResponse),
        Just(Class::ErrorResponse)
    ]
}

/// Bytes with a valid header, and attributes of types that mean something.
fn near_message() -> impl Strategy<Value = Vec<u8>> {
    let kinds = vec![
        0x0001_u16, 0x0003, 0x0006, 0x0008, 0x0009, 0x000a, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e,
        0x0020, 0x0024, 0x0025, 0x0026, 0x0027, 0x7fff, 0x8002, 0x8003, 0x802b, 0x802c, 0x8022,
        0x8023, 0x8028, 0x8029, 0x802a,
    ];
    let attribute = (proptest::sample::select(kinds), 0..24_u16, vec(any::<u8>(), 24));
    (0..0x4000_u16, vec(attribute, 0..6), any::<[u8; 12]>()).prop_map(|(field, attributes, id)| {
        let mut body = Vec::new();
        for (kind, length, value) in attributes {
            body.extend_from_slice(&kind.to_be_bytes());
            body.extend_from_slice(&length.to_be_bytes());
            body.extend_from_slice(&value[..usize::from(length).next_multiple_of(4)]);
        }
        // At most six attributes of 28 bytes.
        let length = [0, body.len() as u8];
        let head = [field.to_be_bytes(), length, [0x21, 0x12], [0xa4, 0x42]].concat();
        [head, id.to_vec(), body].concat()
    })
}

/// Writes the attribute into a message of its own, and reads it from there.
fn survives<'a, A>(attribute: &A, id: TransactionId, out: &'a mut Vec<u8>) -> Option<A>
where
    A: Attribute<'a>,
{
    MessageBuilder::request(out, Method::BINDING, id).attribute(attribute);
    Message::parse(out).ok()?.get().ok()?
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_harmless(bytes in vec(any::<u8>(), 0..200)) {
        exercise(&bytes);
    }

    #[test]
    fn any_attributes_are_harmless(bytes in near_message()) {
        exercise(&bytes);
    }

    #[test]
    fn a_message_is_read_as_it_was_written(
        class in class(),
        method in 0..0x1000_u16,
        id: [u8; 12],
        raw in vec((any::<u16>(), vec(any::<u8>(), 0..40)), 0..8),
        password: String,
    ) {
        // These three are not the caller's to add.
        let raw: Vec<_> = raw.into_iter().filter(|(kind, _)| ![0x0008, 0x001c, 0x8028].contains(kind)).collect();
        let (method, id) = (Method::new(method).unwrap(), id.into());
        let key = IntegrityKey::short_term(&password);
        let mut out = Vec::new();
        raw.iter()
            .fold(MessageBuilder::new(&mut out, class, method, id), |builder, (kind, value)| {
                builder.raw(stun::AttributeType(*kind), value)
            })
            .integrity(&key)
            .fingerprint();
        let message = Message::parse(&out).unwrap();
        prop_assert_eq!((message.class(), message.method()), (class, method));
        prop_assert_eq!(message.transaction_id(), id);
        prop_assert!(message.attributes().map(|a| (a.kind.0, a.value.to_vec())).eq(raw));
        prop_assert_eq!(message.check_integrity(&key), Ok(()));
        prop_assert_eq!(message.check_fingerprint(), Ok(()));
    }

    #[test]
    fn values_are_read_as_they_were_written(
        id: [u8; 12],
        address: (std::net::IpAddr, u16),
        number: u64,
        text in ".{0,100}",
        code in 300..700_u16,
    ) {
        let (id, address) = (id.into(), address.into());
        let mut outs = vec![Vec::new(); 12];
        let mut outs = outs.iter_mut();
        macro_rules! survive {
            ($($value:expr),* $(,)?) => {$(
                let value = $value;
                prop_assert_eq!(survives(&value, id, outs.next().unwrap()), Some(value));
            )*};
        }
        survive! {
            MappedAddress(address),
            XorMappedAddress(address),
            AlternateServer(address),
            Priority(number as u32),
            IceControlled(number),
            IceControlling(number),
            UseCandidate,
            Username::new(&text).unwrap(),
            Realm::new(&text).unwrap(),
            Software::new(&text).unwrap(),
            Nonce::new(text.as_bytes()).unwrap(),
            ErrorCode::new(code, &text).unwrap(),
        }
    }
}
