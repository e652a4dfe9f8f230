use proptest::prelude::*;

use super::*;
use crate::ntp::NtpTime;
use crate::rtcp::{
    DelaySinceReference, FirEntry, Frames, List, NackEntry, ReportBlock, ReportKind, SdesChunk,
    SdesItem, SdesKind, packets,
};
use crate::{SequenceNumber, Ssrc};

const BLOCK: ReportBlock = ReportBlock {
    ssrc: Ssrc(0x2345_6789),
    fraction_lost: 55,
    cumulative_lost: -3,
    highest_sequence_number: 0x1_2345,
    jitter: 1234,
    last_sender_report: 0xb705_2000,
    delay_since_last_sender_report: 0x5_4000,
};

/// One packet of each kind, as it is built and as it lies on the wire.
#[expect(clippy::too_many_lines, reason = "a table of the kinds")]
fn each(mut with: impl FnMut(Packet<'_>, &[u8])) {
    let name = [
        SdesItem::new(SdesKind::CNAME, b"alice").unwrap(),
        SdesItem::new(SdesKind::MID, b"0").unwrap(),
    ];
    let chunks = [SdesChunk::new(Ssrc(1), &name), SdesChunk::new(Ssrc(2), &name[..1])];
    let delay = [DelaySinceReference { ssrc: Ssrc(3), last_reference: 4, delay: 5 }];
    let reports = [
        ReportKind::ReceiverReferenceTime(NtpTime(0xb44d_b705_2000_0000)),
        ReportKind::DelaySinceLast(List::new(&delay)),
        ReportKind::Other { kind: 1, specific: 2, body: &[3; 8] },
    ];
    let feedback = [
        0, 0, 0, 1, 0, 0, 0, 2, 0, 7, 0, 9, 0xff, 0xff, 0xfe, 3, // up to the feedback count
        0x20, 2, 0xd0, 0, 4, 5, 0x80, 0,
    ];
    let (packet_type, body) = (PacketType::TRANSPORT_FEEDBACK, &feedback[..]);
    let feedback = TransportFeedback::parse(Frame { count: 15, packet_type, body }).unwrap();
    let all = [
        Packet::SenderReport(SenderReport {
            ssrc: Ssrc(1),
            ntp: NtpTime(0xb44d_b705_2000_0000),
            rtp_timestamp: 90_000,
            packet_count: 10,
            octet_count: 11_000,
            blocks: List::new(&[BLOCK]),
            extension: &[],
        }),
        Packet::ReceiverReport(ReceiverReport {
            ssrc: Ssrc(1),
            blocks: List::new(&[BLOCK, BLOCK]),
            extension: &[1, 2, 3, 4],
        }),
        Packet::SourceDescription(SourceDescription::new(&chunks)),
        Packet::Goodbye(Goodbye {
            sources: List::new(&[Ssrc(1), Ssrc(2)]),
            reason: Some(b"over and out"),
        }),
        Packet::ApplicationDefined(ApplicationDefined {
            subtype: 3,
            ssrc: Ssrc(1),
            name: *b"name",
            data: &[9; 4],
        }),
        Packet::Nack(Nack {
            sender_ssrc: Ssrc(1),
            media_ssrc: Ssrc(2),
            entries: List::new(&[NackEntry { first: SequenceNumber(7), following: 0x8001 }]),
        }),
        Packet::Pli(Pli { sender_ssrc: Ssrc(1), media_ssrc: Ssrc(2) }),
        Packet::Fir(Fir {
            sender_ssrc: Ssrc(1),
            entries: List::new(&[FirEntry { ssrc: Ssrc(2), sequence_number: 3 }]),
        }),
        Packet::Remb(Remb {
            sender_ssrc: Ssrc(1),
            bitrate: 1_000_000,
            sources: List::new(&[Ssrc(2), Ssrc(3)]),
        }),
        Packet::TransportFeedback(feedback),
        Packet::ExtendedReport(ExtendedReport::new(Ssrc(1), &reports)),
        Packet::Unknown(Frame { count: 3, packet_type: PacketType(195), body: &[7; 8] }),
    ];
    for packet in all {
        let mut out = Vec::new();
        packet.write(&mut out);
        with(packet, &out);
    }
}

#[test]
fn each_kind_is_read_as_it_was_written() {
    let mut compound = Vec::new();
    let mut count = 0;
    each(|packet, bytes| {
        assert_eq!(packets(bytes).collect::<Vec<_>>(), [Ok(packet)]);
        compound.extend_from_slice(bytes);
        count += 1;
    });
    assert_eq!(packets(&compound).filter(Result::is_ok).count(), count);
}

#[test]
fn truncations_are_errors() {
    each(|_, bytes| {
        for len in 1..bytes.len() {
            let found: Vec<_> = packets(&bytes[..len]).collect();
            assert!(matches!(found[..], [Err(ParseError::Truncated { .. })]));
        }
        // A body cut at a whole word, with a length that is right.
        for words in 0..bytes.len() / 4 - 1 {
            let mut shorter = bytes[..4 + 4 * words].to_vec();
            shorter[3] = words as u8;
            packets(&shorter).for_each(rewrite);
        }
    });
}

#[test]
fn bit_flips_are_harmless() {
    each(|_, bytes| {
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            packets(&flipped).for_each(rewrite);
        }
    });
}

/// What was read is read again when it was written.
fn rewrite(packet: Result<Packet<'_>, ParseError>) {
    let Ok(packet) = packet else { return };
    let _ = format!("{packet:?}");
    let mut out = Vec::new();
    packet.write(&mut out);
    let frames: Vec<_> = Frames::new(&out).collect();
    assert_eq!(frames.len(), 1);
    assert_eq!(packets(&out).next(), Some(Ok(packet)));
}

#[test]
fn a_header_announces_at_most_31_blocks() {
    let blocks = [BLOCK; 32];
    let report = ReceiverReport { blocks: List::new(&blocks), ..ReceiverReport::default() };
    let mut out = Vec::new();
    report.write(&mut out);
    assert_eq!(out[0], 0x80 | 31);
    assert_eq!(out.len(), 8 + 31 * 24);
}

#[test]
fn feedback_that_applications_define_is_kept() {
    let bytes = [0x8f, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, b'R', b'E', b'M', b'A'];
    assert!(matches!(packets(&bytes).next(), Some(Ok(Packet::Unknown(_)))));
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(
        count in 0_u8..32,
        packet_type in 199_u8..209,
        words in prop::collection::vec(any::<[u8; 4]>(), 0..40),
    ) {
        let body = words.as_flattened();
        let packet_type = PacketType(packet_type);
        rewrite(Packet::parse(Frame { count, packet_type, body }));
    }

    #[test]
    fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        packets(&bytes).for_each(rewrite);
    }
}
