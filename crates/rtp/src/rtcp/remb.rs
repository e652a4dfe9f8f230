//! REMB: what a receiver thinks the path carries, draft-alvestrand-rmcat-remb-03.

use super::frame::write_frame;
use super::{Frame, List, PacketType};
use crate::wire::{take, take_u8, take_u32};
use crate::{ParseError, Ssrc};

/// An estimate of the bitrate that all streams to a receiver may have together.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|   15    |      206      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                         SSRC of sender                        |
/// +---------------------------------------------------------------+
/// |                               0                               |
/// +---------------------------------------------------------------+
/// |                      'R' 'E' 'M' 'B'                          |
/// +---------------+-----------+-----------------------------------+
/// |   sources     | exponent  |          mantissa                 |
/// +---------------+-----------+-----------------------------------+
/// | SSRCs …
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remb<'a> {
    /// Who estimates.
    pub sender_ssrc: Ssrc,
    /// In bits per second. Written with the 18 bits that are most significant, the others are cut
    /// off.
    pub bitrate: u64,
    /// The streams that it is about; the first 255 are written.
    pub sources: List<'a, Ssrc, 4>,
}

impl<'a> Remb<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::PAYLOAD_FEEDBACK;
    /// The format of feedback, which others use too.
    pub const FORMAT: u8 = 15;
    const NAME: [u8; 4] = *b"REMB";
    const MANTISSA_BITS: u32 = 18;

    /// Whether a body has the name in it: the format is that of all feedback that applications
    /// define.
    pub(super) fn is_remb(body: &[u8]) -> bool {
        body.get(8..12) == Some(&Self::NAME)
    }

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated; of another name; of another length than its count of sources says; or of a
    /// bitrate beyond 64 bits.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let sender_ssrc = Ssrc(take_u32(&mut rest)?);
        take_u32(&mut rest)?;
        let name = take(&mut rest)?;
        if name != Self::NAME {
            return Err(ParseError::Forbidden(u32::from_be_bytes(name)));
        }
        let count = take_u8(&mut rest)?;
        let [a, b, c] = take(&mut rest)?;
        let mantissa = u64::from(u32::from_be_bytes([0, a & 3, b, c]));
        let bitrate = mantissa.wrapping_shl(u32::from(a >> 2));
        if bitrate.wrapping_shr(u32::from(a >> 2)) != mantissa {
            return Err(ParseError::Forbidden(u32::from_be_bytes([0, a, b, c])));
        }
        let expected = usize::from(count).wrapping_mul(4);
        if rest.len() != expected {
            return Err(ParseError::Length { length: rest.len(), expected });
        }
        Ok(Self { sender_ssrc, bitrate, sources: List::split(rest).0 })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        let bits = u64::BITS.wrapping_sub(self.bitrate.leading_zeros());
        let exponent = bits.saturating_sub(Self::MANTISSA_BITS);
        let [.., a, b, c] = self.bitrate.wrapping_shr(exponent).to_be_bytes();
        // At most 64 - 18.
        let exponent = u8::try_from(exponent).unwrap_or_default();
        let count = u8::try_from(self.sources.len()).unwrap_or(u8::MAX);
        write_frame(Self::FORMAT, Self::TYPE, out, |out| {
            out.extend_from_slice(&self.sender_ssrc.0.to_be_bytes());
            out.extend_from_slice(&[0; 4]);
            out.extend_from_slice(&Self::NAME);
            out.extend_from_slice(&[count, exponent << 2 | a & 3, b, c]);
            self.sources.write(u8::MAX, out);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Remb<'_>, ParseError> {
        Remb::parse(Frame::parse(bytes)?)
    }

    fn through(bitrate: u64) -> u64 {
        let mut out = Vec::new();
        Remb { bitrate, ..Remb::default() }.write(&mut out);
        parse(&out).unwrap().bitrate
    }

    #[test]
    fn bitrates_keep_eighteen_bits() {
        for bitrate in [0, 1, 0x3_ffff, 0x4_0000, 0x3_fffe << 20, 0x3_ffff << 46] {
            assert_eq!(through(bitrate), bitrate);
        }
        assert_eq!(through(0x7_ffff), 0x7_fffe);
        assert_eq!(through(u64::MAX), 0x3_ffff << 46);
    }

    #[test]
    fn bitrates_beyond_64_bits_and_false_counts_are_refused() {
        let mut out = Vec::new();
        Remb { bitrate: u64::MAX, sources: List::new(&[Ssrc(7)]), ..Remb::default() }
            .write(&mut out);
        assert!(parse(&out).is_ok());
        let mut larger = out.clone();
        larger[17] += 1 << 2;
        assert!(matches!(parse(&larger), Err(ParseError::Forbidden(_))));
        out[16] = 2;
        assert_eq!(parse(&out), Err(ParseError::Length { length: 4, expected: 8 }));
        out[12] = b'X';
        assert!(matches!(parse(&out), Err(ParseError::Forbidden(_))));
    }
}
