use core::fmt::Debug;

use proptest::prelude::*;
use stun::{Attribute, AttributeError, AttributeType, ErrorCode, TransactionId};

use super::*;
use crate::AddressFamily;

const ID: [u8; 12] = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

fn check<'a, A: Attribute<'a> + PartialEq + Debug>(attribute: &A, bytes: &'a [u8]) {
    let (id, mut out) = (TransactionId::from(ID), Vec::new());
    attribute.write(&id, &mut out);
    assert_eq!(out, bytes);
    assert_eq!(A::parse(bytes, &id).as_ref(), Ok(attribute));
}

#[test]
fn values_lie_as_the_rfcs_draw_them() {
    let v4 = "192.0.2.1:32853".parse().unwrap();
    check(&XorPeerAddress(v4), &[0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
    check(&XorRelayedAddress(v4), &[0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
    check(&RequestedAddressFamily(AddressFamily::Ipv4), &[1, 0, 0, 0]);
    check(&AdditionalAddressFamily(AddressFamily::Ipv6), &[2, 0, 0, 0]);
    check(&ChannelNumber::MAX, &[0x4f, 0xff, 0, 0]);
    check(&ChannelNumber::MAX_5766, &[0x7f, 0xff, 0, 0]);
    check(&ConnectionId(0x0102_0304), &[1, 2, 3, 4]);
    check(&Data(b"data"), b"data");
    check(&DontFragment, &[]);
    check(&EvenPort { reserve_next: true }, &[0x80]);
    check(&EvenPort { reserve_next: false }, &[0]);
    check(&Icmp { kind: 3, code: 4, data: 1280 }, &[0, 0, 6, 4, 0, 0, 5, 0]);
    check(&Icmp { kind: 127, code: 511, data: 0 }, &[0, 0, 0xff, 0xff, 0, 0, 0, 0]);
    check(&Lifetime(600), &[0, 0, 2, 88]);
    check(&MobilityTicket(b"ticket"), b"ticket");
    check(&RequestedTransport::UDP, &[17, 0, 0, 0]);
    check(&RequestedTransport::TCP, &[6, 0, 0, 0]);
    check(&ReservationToken(*b"reserved"), b"reserved");
    let error = ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED;
    let bytes = b"\x02\0\x04\x28Address Family not Supported";
    check(&AddressErrorCode { family: AddressFamily::Ipv6, error }, bytes);
}

#[test]
fn what_the_rfcs_exclude_is_refused() {
    let id = TransactionId::from(ID);
    let kind = AttributeType::CHANNEL_NUMBER;
    for number in [0x3fff_u16, 0x8000, 0xffff] {
        let [n0, n1] = number.to_be_bytes();
        let expected = AttributeError::Value { kind, value: number.into() };
        assert_eq!(ChannelNumber::parse(&[n0, n1, 0, 0], &id), Err(expected));
        assert_eq!(ChannelNumber::new(number), None);
    }
    let kind = AttributeType::REQUESTED_ADDRESS_FAMILY;
    let expected = AttributeError::Family { kind, family: 3 };
    assert_eq!(RequestedAddressFamily::parse(&[3, 0, 0, 0], &id), Err(expected));
    assert!(EvenPort::parse(&[], &id).is_err());
    assert!(ReservationToken::parse(&[0; 7], &id).is_err());
    assert!(Icmp::parse(&[0; 7], &id).is_err());
    assert!(AddressErrorCode::parse(&[1, 0, 2, 0], &id).is_err());
}

proptest! {
    #[test]
    fn any_value_is_refused_or_survives(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let id = TransactionId::from(ID);
        macro_rules! round_trip {
            ($($kind:ident)*) => {$(
                if let Ok(first) = $kind::parse(&bytes, &id) {
                    let mut value = Vec::new();
                    first.write(&id, &mut value);
                    prop_assert_eq!($kind::parse(&value, &id), Ok(first));
                }
            )*};
        }
        round_trip! {
            AdditionalAddressFamily AddressErrorCode ChannelNumber ConnectionId Data DontFragment
            EvenPort Icmp Lifetime MobilityTicket RequestedAddressFamily RequestedTransport
            ReservationToken XorPeerAddress XorRelayedAddress
        }
    }
}
