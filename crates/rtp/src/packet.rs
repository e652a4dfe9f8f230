//! An RTP packet, RFC 3550 §5.1.

use crate::extension::Extensions;
use crate::header::{
    EXTENSION, FIXED_LEN, Header, MARKER, PADDING, VERSION, check_version, csrcs_len,
};
use crate::wire::take_slice;
use crate::{Csrcs, ParseError, PayloadType, SequenceNumber, Ssrc};

/// An RTP packet as it lies in a datagram.
///
/// ```text
/// +-----------------+-------------+------------------+---------+---------+
/// | fixed header 12 | CSRCs 4 × n | extensions 4 × n | payload | padding |
/// +-----------------+-------------+------------------+---------+---------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packet<'a> {
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
    /// Whose streams a mixer made it of.
    pub csrcs: Csrcs<'a>,
    /// The block of header extensions.
    pub extensions: Extensions<'a>,
    /// The payload, without padding.
    pub payload: &'a [u8],
    /// Bytes of padding behind the payload, the byte that counts them included; 0: none.
    pub padding: u8,
}

impl<'a> Packet<'a> {
    /// Reads a packet. The block of header extensions is not walked: what is malformed in it ends
    /// [`Extensions::iter`].
    ///
    /// # Errors
    ///
    /// Truncated; of another version; or its padding is longer than the packet, or of zero bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let Some((fixed, mut rest)) = bytes.split_first_chunk::<FIXED_LEN>() else {
            return Err(ParseError::truncated(FIXED_LEN, bytes.len()));
        };
        let &[first, second, s0, s1, t0, t1, t2, t3, x0, x1, x2, x3] = fixed;
        check_version(first)?;
        let csrcs = Csrcs::new(take_slice(&mut rest, csrcs_len(first))?.as_chunks().0);
        let extensions =
            if first & EXTENSION == 0 { Extensions::NONE } else { Extensions::take(&mut rest)? };
        let padding = if first & PADDING == 0 { 0 } else { padding(rest)? };
        let end = rest.len().wrapping_sub(usize::from(padding));
        Ok(Self {
            marker: second & MARKER != 0,
            payload_type: PayloadType::from_low_bits(second),
            sequence_number: SequenceNumber(u16::from_be_bytes([s0, s1])),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: Ssrc(u32::from_be_bytes([x0, x1, x2, x3])),
            csrcs: csrcs.unwrap_or_default(),
            extensions,
            payload: rest.get(..end).unwrap_or_default(),
            padding,
        })
    }

    /// Appends the packet. Padding is zeros and their count.
    #[inline]
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut first = VERSION;
        // At most fifteen.
        first |= u8::try_from(self.csrcs.len()).unwrap_or_default() & 0x0f;
        if self.extensions != Extensions::NONE {
            first |= EXTENSION;
        }
        if self.padding > 0 {
            first |= PADDING;
        }
        out.extend_from_slice(&self.header().fixed(first));
        out.extend_from_slice(self.csrcs.as_bytes());
        self.extensions.write(out);
        out.extend_from_slice(self.payload);
        if self.padding > 0 {
            let zeros = usize::from(self.padding).wrapping_sub(1);
            out.resize(out.len().saturating_add(zeros), 0);
            out.push(self.padding);
        }
    }

    /// The fixed part.
    pub const fn header(&self) -> Header {
        Header {
            marker: self.marker,
            payload_type: self.payload_type,
            sequence_number: self.sequence_number,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        }
    }
}

/// The length of the padding at the end of `rest`, which stands in its last byte.
fn padding(rest: &[u8]) -> Result<u8, ParseError> {
    let claimed = rest.last().copied().unwrap_or_default();
    if claimed == 0 || usize::from(claimed) > rest.len() {
        return Err(ParseError::Padding { claimed, room: rest.len() });
    }
    Ok(claimed)
}

#[cfg(test)]
mod tests;
