//! What must hold for any bytes: the work of the fuzz targets and of the tests that replay inputs.

pub(crate) mod extensions;
pub(crate) mod repair;

use crate::rtp::rtcp::{self, Frames};
use crate::rtp::{Packet, header_len};

/// A packet is refused, or written as it came but for its padding.
pub(crate) fn rtp(bytes: &[u8]) {
    let Ok(packet) = Packet::parse(bytes) else { return };
    let head = header_len(bytes).unwrap_or_default();
    assert_eq!(head + packet.payload.len() + usize::from(packet.padding), bytes.len());
    let mut out = Vec::new();
    packet.write(&mut out);
    assert_eq!(out.len(), bytes.len());
    let unpadded = bytes.len() - usize::from(packet.padding);
    assert_eq!(out[..unpadded], bytes[..unpadded]);
    assert_eq!(Packet::parse(&out), Ok(packet));

    // Its elements, whichever form they came in, written anew.
    let elements = || packet.extensions.iter().filter(|element| element.0 != 0);
    let mut out = Vec::new();
    packet.header().write(elements(), &mut out);
    let Ok(again) = Packet::parse(&out) else { unreachable!("it was just written") };
    assert_eq!(header_len(&out), Ok(out.len()));
    assert_eq!(again.header(), packet.header());
    assert!(again.extensions.iter().eq(elements()));
    for (id, value) in elements() {
        assert!(packet.extensions.get(id).is_some());
        extensions::any(value);
    }
}

/// Each packet of a compound is refused, or read again as it was when it was written.
pub(crate) fn rtcp(bytes: &[u8]) {
    assert_eq!(rtcp::packets(bytes).count(), Frames::new(bytes).count());
    for packet in rtcp::packets(bytes).flatten() {
        let shown = format!("{packet:?}");
        let mut out = Vec::new();
        packet.write(&mut out);
        assert_eq!(Frames::new(&out).count(), 1, "{shown}");
        assert_eq!(rtcp::packets(&out).next(), Some(Ok(packet)), "{shown}");
        walk(&packet);
    }
}

/// Iterators end, and yield as many as they said.
fn walk(packet: &rtcp::Packet<'_>) {
    match packet {
        rtcp::Packet::TransportFeedback(feedback) => {
            assert_eq!(feedback.packets().count(), usize::from(feedback.count));
        }
        rtcp::Packet::Nack(nack) => {
            let lost: usize = nack.entries.iter().map(|entry| entry.lost().count()).sum();
            assert_eq!(nack.lost().count(), lost);
            assert!(lost <= 17 * nack.entries.len());
        }
        _ => {}
    }
}
