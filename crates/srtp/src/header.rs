//! What is read of a packet before it is decrypted.

use rtp::{ParseError, SequenceNumber, Ssrc};

/// Bytes of an RTCP packet that stay in the clear: the first header and its SSRC.
pub(crate) const RTCP: usize = 8;
/// The most that a datagram holds (UDP's length has 16 bits).
pub(crate) const MAX_PACKET: usize = 65_535;

/// Of an RTP packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RtpHeader {
    pub(crate) ssrc: Ssrc,
    pub(crate) number: SequenceNumber,
    /// Bytes that stay in the clear: header, CSRCs, header extensions.
    pub(crate) len: usize,
}

impl RtpHeader {
    #[inline]
    pub(crate) fn parse(packet: &[u8]) -> Result<Self, ParseError> {
        let len = rtp::header_len(packet)?;
        let Some(&[_, _, n0, n1, _, _, _, _, s0, s1, s2, s3]) = packet.first_chunk() else {
            return Err(ParseError::Truncated { needed: 12, had: packet.len() });
        };
        let ssrc = Ssrc(u32::from_be_bytes([s0, s1, s2, s3]));
        Ok(Self { ssrc, number: SequenceNumber(u16::from_be_bytes([n0, n1])), len })
    }
}

/// Whose RTCP packet this is, the first if there are several in it (RFC 3711 §3.4).
#[inline]
pub(crate) fn rtcp_ssrc(packet: &[u8]) -> Result<Ssrc, ParseError> {
    let Some(&[first, _, _, _, s0, s1, s2, s3]) = packet.first_chunk() else {
        return Err(ParseError::Truncated { needed: RTCP, had: packet.len() });
    };
    if first >> 6 != 2 {
        return Err(ParseError::Version { found: first >> 6 });
    }
    Ok(Ssrc(u32::from_be_bytes([s0, s1, s2, s3])))
}

/// Bytes of a packet without the `added` ones at its end, if they leave the `clear` ones.
#[inline]
pub(crate) fn without(packet: &[u8], clear: usize, added: usize) -> Result<usize, ParseError> {
    match packet.len().checked_sub(added) {
        Some(len) if len >= clear => Ok(len),
        _ => Err(ParseError::Truncated { needed: clear.saturating_add(added), had: packet.len() }),
    }
}
