//! Our contender.

use rtp::rtcp::{self, Packet};
use rtp::{Header, PayloadType, SequenceNumber, Ssrc};

use super::limit::sum;
use super::{EXTENSIONS, Rtp, SSRC, TIMESTAMP};

pub(super) struct Ours;

impl Rtp for Ours {
    fn parse(&self, packet: &[u8]) -> usize {
        let packet = rtp::Packet::parse(packet).unwrap();
        let extensions: usize = packet.extensions.iter().map(|(_, value)| sum(value)).sum();
        usize::from(packet.sequence_number.0) + packet.payload.len() + extensions
    }

    fn write(&self, seq: u16, payload: &[u8], out: &mut Vec<u8>) {
        let header = Header {
            marker: false,
            payload_type: PayloadType::from_low_bits(96),
            sequence_number: SequenceNumber(seq),
            timestamp: TIMESTAMP,
            ssrc: Ssrc(SSRC),
        };
        out.clear();
        header.write(EXTENSIONS.into_iter(), out);
        out.extend_from_slice(payload);
    }
}

pub(super) fn feedback(packet: &[u8]) -> (usize, i64) {
    let Some(Ok(Packet::TransportFeedback(feedback))) = rtcp::packets(packet).next() else {
        panic!("not feedback")
    };
    let (mut received, mut deltas) = (0, 0);
    for (_, delta) in feedback.packets() {
        if let Some(delta) = delta {
            received += 1;
            deltas += i64::from(delta);
        }
    }
    (received, deltas)
}
