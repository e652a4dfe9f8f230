//! Transport-wide feedback: which packets of a transport arrived, and when,
//! draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.

use core::slice;

use super::frame::write_frame;
use super::{Frame, PacketType};
use crate::wire::{take, take_slice, take_u16, take_u32};
use crate::{ParseError, SequenceNumber, Ssrc};

/// Transport-wide feedback.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|   15    |      205      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                         SSRC of sender                        |
/// +---------------------------------------------------------------+
/// |                      SSRC of media source                     |
/// +-------------------------------+-------------------------------+
/// |     base sequence number      |      packet status count      |
/// +-------------------------------+---------------+---------------+
/// |                 reference time                | feedback count|
/// +-------------------------------+---------------+---------------+
/// |         packet chunk          | packet chunk …                |
/// +-------------------------------+---------------+---------------+
/// |         packet chunk          |     delta     |    delta …    |
/// +-------------------------------+---------------+---------------+
///
/// packet chunks:  |0| S |    run length  13      |  one symbol, so many times
///                 |1|0| s s s s s s s s s s s s s s |  14 symbols of one bit
///                 |1|1| S  S  S  S  S  S  S |         7 symbols of two bits
/// symbols:        0 not received, 1 received, delta of one byte,
///                 2 received, delta of two bytes with a sign
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportFeedback<'a> {
    /// Who received.
    pub sender_ssrc: Ssrc,
    /// One of the streams.
    pub media_ssrc: Ssrc,
    /// The first packet that it is about.
    pub base: SequenceNumber,
    /// How many packets it is about; at least one.
    pub count: u16,
    /// What the deltas begin from, in units of 64 ms: 24 bits with a sign, which wrap.
    pub reference_time: i32,
    /// One more with each feedback packet.
    pub feedback_count: u8,
    chunks: &'a [[u8; 2]],
    deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::TRANSPORT_FEEDBACK;
    /// The format of feedback.
    pub const FORMAT: u8 = 15;
    /// Bytes before the chunks, the header included.
    pub const FIXED_LEN: usize = 20;

    /// Reads the body, and sees that the chunks and the deltas are there.
    ///
    /// # Errors
    ///
    /// Truncated; about no packet; or with the symbol that is reserved.
    #[inline]
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let sender_ssrc = Ssrc(take_u32(&mut rest)?);
        let media_ssrc = Ssrc(take_u32(&mut rest)?);
        let (base, count) = (SequenceNumber(take_u16(&mut rest)?), take_u16(&mut rest)?);
        let [t0, t1, t2, feedback_count] = take(&mut rest)?;
        if count == 0 {
            return Err(ParseError::Forbidden(0));
        }
        let (chunks, deltas) = measure(count, rest)?;
        let chunks = take_slice(&mut rest, chunks.wrapping_mul(2))?.as_chunks().0;
        let deltas = take_slice(&mut rest, deltas)?;
        // The sign is in the highest of the 24 bits.
        let reference_time = i32::from_be_bytes([t0, t1, t2, 0]) >> 8;
        Ok(Self {
            sender_ssrc,
            media_ssrc,
            base,
            count,
            reference_time,
            feedback_count,
            chunks,
            deltas,
        })
    }

    /// The packets in the order of their numbers, each with the time since the one before it that
    /// arrived (for the first: since the reference time), in units of 250 us; `None`: it did not
    /// arrive.
    #[inline]
    pub fn packets(&self) -> Statuses<'a> {
        Statuses {
            chunks: self.chunks.iter(),
            deltas: self.deltas.iter(),
            next: self.base,
            symbols: 0,
            in_chunk: 0,
            behind: self.count,
        }
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        let [_, t0, t1, t2] = self.reference_time.to_be_bytes();
        write_frame(Self::FORMAT, Self::TYPE, out, |out| {
            out.extend_from_slice(&self.sender_ssrc.0.to_be_bytes());
            out.extend_from_slice(&self.media_ssrc.0.to_be_bytes());
            out.extend_from_slice(&self.base.0.to_be_bytes());
            out.extend_from_slice(&self.count.to_be_bytes());
            out.extend_from_slice(&[t0, t1, t2, self.feedback_count]);
            out.extend_from_slice(self.chunks.as_flattened());
            out.extend_from_slice(self.deltas);
        });
    }
}

/// A packet chunk as the iterator wants it.
#[derive(Clone, Copy)]
struct Symbols {
    /// Two bits each, the first one highest. To rotate a run leaves it as it is.
    bits: u32,
    /// How many.
    count: u16,
}

impl Symbols {
    #[inline]
    fn read(chunk: [u8; 2]) -> Self {
        let chunk = u16::from_be_bytes(chunk);
        let word = u32::from(chunk);
        match chunk >> 14 {
            0b11 => Self { bits: word << 18, count: 7 },
            0b10 => Self { bits: spread(word & 0x3fff) << 4, count: 14 },
            _ => Self { bits: (word >> 13).wrapping_mul(0x5555_5555), count: chunk & 0x1fff },
        }
    }
}

/// Fourteen bits, a zero before each.
#[inline]
const fn spread(bits: u32) -> u32 {
    let bits = (bits | bits << 8) & 0x00ff_00ff;
    let bits = (bits | bits << 4) & 0x0f0f_0f0f;
    let bits = (bits | bits << 2) & 0x3333_3333;
    (bits | bits << 1) & 0x5555_5555
}

/// The sum of sixteen numbers of two bits.
#[inline]
const fn sum(bits: u32) -> u32 {
    let fours = (bits & 0x3333_3333).wrapping_add(bits >> 2 & 0x3333_3333);
    let eights = fours.wrapping_add(fours >> 4) & 0x0f0f_0f0f;
    eights.wrapping_mul(0x0101_0101) >> 24
}

/// How many chunks say `count` symbols, and how many bytes of deltas these have.
#[inline]
fn measure(count: u16, bytes: &[u8]) -> Result<(usize, usize), ParseError> {
    let (mut left, mut chunks, mut deltas) = (count, 0_usize, 0_usize);
    let mut wire = bytes.as_chunks::<2>().0.iter();
    while left > 0 {
        let chunk = wire.next().ok_or(ParseError::truncated(2, bytes.len() & 1))?;
        let symbols = Symbols::read(*chunk);
        let used = symbols.count.min(left);
        let bytes = if used < 16 {
            // Of what is left in the last chunk nothing counts.
            let bits = symbols.bits & !u32::MAX.wrapping_shr(u32::from(used << 1));
            if bits & bits >> 1 & 0x5555_5555 != 0 {
                return Err(ParseError::Forbidden(u32::from(u16::from_be_bytes(*chunk))));
            }
            sum(bits)
        } else {
            // A run.
            let symbol = symbols.bits >> 30;
            if symbol == 3 {
                return Err(ParseError::Forbidden(u32::from(u16::from_be_bytes(*chunk))));
            }
            symbol.wrapping_mul(u32::from(used))
        };
        deltas = deltas.wrapping_add(usize::try_from(bytes).unwrap_or(usize::MAX));
        chunks = chunks.wrapping_add(1);
        left = left.wrapping_sub(used);
    }
    Ok((chunks, deltas))
}

/// What feedback says of each packet; [`TransportFeedback::packets`] makes it.
#[derive(Clone, Debug)]
pub struct Statuses<'a> {
    chunks: slice::Iter<'a, [u8; 2]>,
    deltas: slice::Iter<'a, u8>,
    next: SequenceNumber,
    /// What is left of the present chunk, as in [`Symbols`].
    symbols: u32,
    in_chunk: u16,
    /// Packets behind the present chunk.
    behind: u16,
}

impl Statuses<'_> {
    /// Goes on to a chunk that says something; a run of no symbol is allowed.
    fn next_chunk(&mut self) -> Option<()> {
        while self.in_chunk == 0 && self.behind > 0 {
            let symbols = Symbols::read(*self.chunks.next()?);
            (self.symbols, self.in_chunk) = (symbols.bits, symbols.count.min(self.behind));
            self.behind = self.behind.wrapping_sub(self.in_chunk);
        }
        (self.in_chunk > 0).then_some(())
    }
}

impl Iterator for Statuses<'_> {
    /// The delta is in units of 250 us.
    type Item = (SequenceNumber, Option<i16>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.in_chunk == 0 {
            self.next_chunk()?;
        }
        let number = self.next;
        self.next = number.next();
        self.in_chunk = self.in_chunk.wrapping_sub(1);
        self.symbols = self.symbols.rotate_left(2);
        let delta = match self.symbols & 3 {
            0 => None,
            1 => Some(i16::from(*self.deltas.next()?)),
            _ => Some(i16::from_be_bytes([*self.deltas.next()?, *self.deltas.next()?])),
        };
        Some((number, delta))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.in_chunk).saturating_add(usize::from(self.behind));
        (left, Some(left))
    }
}

impl ExactSizeIterator for Statuses<'_> {}

#[cfg(test)]
mod tests;
