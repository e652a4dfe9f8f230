use core::iter;

use proptest::prelude::*;

use super::*;
use crate::header_len;

/// Marker, two CSRCs, one extension, three bytes of payload, five of padding.
const SAMPLE: [u8; 40] = [
    0xb2, 0xe0, 0x12, 0x34, 0, 0, 3, 0xe8, 0x11, 0x22, 0x33, 0x44, // fixed
    0, 0, 0, 1, 0, 0, 0, 2, // CSRCs
    0xbe, 0xde, 0, 1, 0x31, 0xab, 0xcd, 0, // extensions
    7, 8, 9, 0, 0, 0, 0, 5, // payload, padding
    0, 0, 0, 4,
];

fn sample() -> &'static [u8] {
    &SAMPLE[..36]
}

#[test]
fn reads_and_writes_every_part() {
    let packet = Packet::parse(sample()).unwrap();
    assert!(packet.marker);
    assert_eq!(packet.payload_type.get(), 96);
    assert_eq!(packet.sequence_number, SequenceNumber(0x1234));
    assert_eq!((packet.timestamp, packet.ssrc), (1000, Ssrc(0x1122_3344)));
    assert_eq!(packet.csrcs.iter().collect::<Vec<_>>(), [Ssrc(1), Ssrc(2)]);
    assert_eq!(packet.extensions.iter().collect::<Vec<_>>(), [(3, &[0xab, 0xcd][..])]);
    assert_eq!((packet.payload, packet.padding), (&[7, 8, 9][..], 5));
    let mut out = vec![1];
    packet.write(&mut out);
    assert_eq!(out[1..], *sample());
    assert_eq!(header_len(sample()), Ok(28));
}

#[test]
fn padding_may_fill_the_packet_but_no_more() {
    assert_eq!(Packet::parse(&SAMPLE).unwrap().padding, 4);
    let mut bytes = sample().to_vec();
    *bytes.last_mut().unwrap() = 8;
    assert!(Packet::parse(&bytes).unwrap().payload.is_empty());
    for claimed in [0, 9, 255] {
        *bytes.last_mut().unwrap() = claimed;
        assert_eq!(Packet::parse(&bytes), Err(ParseError::Padding { claimed, room: 8 }));
    }
    assert_eq!(Packet::parse(&sample()[..28]), Err(ParseError::Padding { claimed: 0, room: 0 }));
}

#[test]
fn truncations_of_the_header_are_errors() {
    for len in 0..28 {
        assert!(matches!(Packet::parse(&sample()[..len]), Err(ParseError::Truncated { .. })));
        assert!(matches!(header_len(&sample()[..len]), Err(ParseError::Truncated { .. })));
    }
}

#[test]
fn other_versions_are_refused() {
    for version in [0, 1, 3] {
        let mut bytes = SAMPLE;
        bytes[0] = bytes[0] & 0x3f | version << 6;
        assert_eq!(Packet::parse(&bytes), Err(ParseError::Version { found: version }));
        assert_eq!(header_len(&bytes), Err(ParseError::Version { found: version }));
    }
}

#[test]
fn an_empty_block_of_extensions_is_kept() {
    let mut bytes = vec![0x90, 96, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0xbe, 0xde, 0, 0];
    bytes.push(5);
    let packet = Packet::parse(&bytes).unwrap();
    assert!(packet.extensions.is_empty());
    let mut out = Vec::new();
    packet.write(&mut out);
    assert_eq!(out, bytes);
}

#[test]
fn a_header_without_extensions_has_no_block() {
    let header = Header { ssrc: Ssrc(2), timestamp: 1, ..Header::default() };
    let mut out = Vec::new();
    header.write(iter::empty(), &mut out);
    assert_eq!(out, [0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
    assert_eq!(Packet::parse(&out).unwrap().header(), header);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_alike(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        for first in [bytes.first().copied().unwrap_or_default(), 0x80, 0x91, 0xb0] {
            let mut bytes = bytes.clone();
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            if let Ok(packet) = Packet::parse(&bytes) {
                let mut out = Vec::new();
                packet.write(&mut out);
                prop_assert_eq!(out.len(), bytes.len());
                prop_assert_eq!(Packet::parse(&out), Ok(packet));
                let before = bytes.len() - packet.payload.len() - usize::from(packet.padding);
                prop_assert_eq!(header_len(&bytes), Ok(before));
                prop_assert_eq!(&out[..before], &bytes[..before]);
            }
        }
    }

    #[test]
    fn what_a_sender_writes_is_read(
        (marker, number, timestamp, ssrc) in any::<(bool, u16, u32, u32)>(),
        payload_type in 0_u8..128,
        elements in prop::collection::vec(
            (1_u8..=255, prop::collection::vec(any::<u8>(), 0..30)), 0..6),
        payload in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let header = Header {
            marker,
            payload_type: PayloadType::from_low_bits(payload_type),
            sequence_number: SequenceNumber(number),
            timestamp,
            ssrc: Ssrc(ssrc),
        };
        let mut out = Vec::new();
        header.write(elements.iter().map(|(id, value)| (*id, &value[..])), &mut out);
        out.extend_from_slice(&payload);
        let packet = Packet::parse(&out).unwrap();
        prop_assert_eq!(packet.header(), header);
        prop_assert_eq!(packet.payload, &payload[..]);
        let found: Vec<_> = packet.extensions.iter().map(|(id, v)| (id, v.to_vec())).collect();
        prop_assert_eq!(found, elements);
    }
}
