//! The fixed header of an RTP packet, RFC 3550 §5.1.

use crate::extension::Block;
use crate::{ParseError, PayloadType, SequenceNumber, Ssrc};

/// Bytes of the fixed header.
pub(crate) const FIXED_LEN: usize = 12;
/// The version, in the two high bits of the first byte.
pub(crate) const VERSION: u8 = 2 << 6;
/// In the first byte: the packet ends with padding.
pub(crate) const PADDING: u8 = 0x20;
/// In the first byte: a block of header extensions follows the CSRCs.
pub(crate) const EXTENSION: u8 = 0x10;
/// In the second byte.
pub(crate) const MARKER: u8 = 0x80;

/// What a sender says with each packet.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---+-+-+-------+-+-------------+-------------------------------+
/// |V=2|P|X|  CC   |M|payload type |        sequence number        |
/// +---+-+-+-------+-+-------------+-------------------------------+
/// |                           timestamp                           |
/// +---------------------------------------------------------------+
/// |                             SSRC                              |
/// +---------------------------------------------------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Whatever the payload's format makes of it: for video, the last packet of a frame.
    pub marker: bool,
    /// What the payload is.
    pub payload_type: PayloadType,
    /// One more with each packet of the stream.
    pub sequence_number: SequenceNumber,
    /// When the first byte of the payload was sampled, in units of the clock rate.
    pub timestamp: u32,
    /// Whose packet it is.
    pub ssrc: Ssrc,
}

impl Header {
    /// Appends the header and a block of these header extensions (id, value), without CSRCs. The
    /// payload is what the caller appends next.
    ///
    /// The elements take the one-byte form if all ids are 1 to 14 and all values of 1 to 16 bytes,
    /// and else the two-byte form (RFC 8285 §4.1). Without an element there is no block. What
    /// neither form has room for is left out: an id of 0, a value of more than 255 bytes.
    #[inline]
    pub fn write<'v>(
        &self,
        elements: impl Iterator<Item = (u8, &'v [u8])> + Clone,
        out: &mut Vec<u8>,
    ) {
        let block = Block::measure(elements.clone());
        let start = out.len();
        let len = FIXED_LEN.wrapping_add(block.len());
        out.resize(start.saturating_add(len), 0);
        let header = out.get_mut(start..).unwrap_or_default();
        if let Some((fixed, rest)) = header.split_first_chunk_mut() {
            let extension = if rest.is_empty() { 0 } else { EXTENSION };
            *fixed = self.fixed(VERSION | extension);
            block.fill(elements, rest);
        }
    }

    /// The fixed header behind a first byte.
    #[inline]
    pub(crate) fn fixed(&self, first: u8) -> [u8; FIXED_LEN] {
        let [s0, s1] = self.sequence_number.0.to_be_bytes();
        let [t0, t1, t2, t3] = self.timestamp.to_be_bytes();
        let [x0, x1, x2, x3] = self.ssrc.0.to_be_bytes();
        let second = self.payload_type.get() | if self.marker { MARKER } else { 0 };
        [first, second, s0, s1, t0, t1, t2, t3, x0, x1, x2, x3]
    }
}

/// Bytes before the payload: the fixed header, CSRCs, and the block of header extensions with its
/// own header. It is what SRTP leaves in the clear (RFC 3711 §3.1).
///
/// # Errors
///
/// Truncated, or of another version.
#[inline]
pub fn header_len(bytes: &[u8]) -> Result<usize, ParseError> {
    let Some(&[first, ..]) = bytes.first_chunk::<FIXED_LEN>() else {
        return Err(ParseError::truncated(FIXED_LEN, bytes.len()));
    };
    check_version(first)?;
    let mut len = FIXED_LEN.wrapping_add(csrcs_len(first));
    if first & EXTENSION != 0 {
        let Some(&[_, _, high, low]) = bytes.get(len..).and_then(<[u8]>::first_chunk) else {
            return Err(ParseError::truncated(len.wrapping_add(4), bytes.len()));
        };
        let words = usize::from(u16::from_be_bytes([high, low]));
        len = len.wrapping_add(4).wrapping_add(words.wrapping_mul(4));
    }
    if len > bytes.len() {
        return Err(ParseError::truncated(len, bytes.len()));
    }
    Ok(len)
}

#[inline]
pub(crate) const fn check_version(first: u8) -> Result<(), ParseError> {
    if first & 0xc0 != VERSION {
        return Err(ParseError::Version { found: first >> 6 });
    }
    Ok(())
}

/// Bytes of the CSRCs that the first byte announces.
#[inline]
pub(crate) fn csrcs_len(first: u8) -> usize {
    usize::from(first & 0x0f).wrapping_mul(4)
}
