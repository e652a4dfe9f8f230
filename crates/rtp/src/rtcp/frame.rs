//! The header that RTCP packets share, RFC 3550 §6.4.1.

use core::fmt;

use crate::ParseError;
use crate::header::{PADDING, VERSION, check_version};
use crate::wire::{take, take_slice};

/// An RTCP packet whose body nobody has looked at yet.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|  count  |  packet type  |      length in words - 1      |
/// +---+-+---------+---------------+-------------------------------+
/// | body …                                     padding …, its len |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Reports or sources in it, or the format of a feedback message: 0 to 31.
    pub count: u8,
    /// What the body is.
    pub packet_type: PacketType,
    /// What follows the header, without padding.
    pub body: &'a [u8],
}

/// What the body of an RTCP packet is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PacketType(pub u8);

macro_rules! packet_types {
    ($($name:ident $number:literal $doc:literal,)+) => {
        impl PacketType {
            $(#[doc = $doc] pub const $name: Self = Self($number);)+
        }

        impl fmt::Debug for PacketType {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$name => f.write_str(stringify!($name)),)+
                    Self(number) => number.fmt(f),
                }
            }
        }
    };
}

packet_types! {
    SENDER_REPORT 200 "RFC 3550 §6.4.1.",
    RECEIVER_REPORT 201 "RFC 3550 §6.4.2.",
    SOURCE_DESCRIPTION 202 "RFC 3550 §6.5.",
    GOODBYE 203 "RFC 3550 §6.6.",
    APPLICATION_DEFINED 204 "RFC 3550 §6.7.",
    TRANSPORT_FEEDBACK 205 "About transport, RFC 4585 §6.2.",
    PAYLOAD_FEEDBACK 206 "About the payload, RFC 4585 §6.3.",
    EXTENDED_REPORT 207 "RFC 3611 §2.",
}

impl<'a> Frame<'a> {
    /// Bytes of the header.
    pub const HEADER_LEN: usize = 4;
    /// Bytes of the longest body: 65535 words.
    pub const MAX_BODY: usize = 0xffff * 4;

    /// Reads the first packet of `bytes`.
    ///
    /// # Errors
    ///
    /// Truncated; of another version; or its padding is longer than its body, or of zero bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::take(&mut &*bytes)
    }

    /// Takes one packet off the front.
    #[inline]
    pub(super) fn take(rest: &mut &'a [u8]) -> Result<Self, ParseError> {
        let [first, packet_type, high, low] = take(rest)?;
        check_version(first)?;
        let words = usize::from(u16::from_be_bytes([high, low]));
        let mut body = take_slice(rest, words.wrapping_mul(4))?;
        if first & PADDING != 0 {
            let claimed = body.last().copied().unwrap_or_default();
            let bad = ParseError::Padding { claimed, room: body.len() };
            let end = body.len().checked_sub(usize::from(claimed)).ok_or(bad)?;
            if claimed == 0 {
                return Err(bad);
            }
            body = body.get(..end).unwrap_or_default();
        }
        Ok(Self { count: first & 0x1f, packet_type: PacketType(packet_type), body })
    }

    /// Appends the packet. A body that is not of whole words gets padding, and what is beyond
    /// [`MAX_BODY`](Self::MAX_BODY) is cut off.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(self.count, self.packet_type, out, |out| out.extend_from_slice(self.body));
    }
}

/// Appends a packet: its header, what `body` appends, padding up to a whole word.
#[inline]
pub(super) fn write_frame(
    count: u8,
    packet_type: PacketType,
    out: &mut Vec<u8>,
    body: impl FnOnce(&mut Vec<u8>),
) {
    let start = out.len();
    out.extend_from_slice(&[VERSION | count & 0x1f, packet_type.0, 0, 0]);
    body(out);
    out.truncate(start.saturating_add(Frame::HEADER_LEN).saturating_add(Frame::MAX_BODY));
    let padding: &[u8] = match out.len().wrapping_sub(start) & 3 {
        0 => &[],
        1 => &[0, 0, 3],
        2 => &[0, 2],
        _ => &[1],
    };
    out.extend_from_slice(padding);
    let words = out.len().wrapping_sub(start).wrapping_sub(Frame::HEADER_LEN) / 4;
    if let Some([first, _, length @ ..]) =
        out.get_mut(start..).and_then(<[u8]>::first_chunk_mut::<{ Frame::HEADER_LEN }>)
    {
        *first |= if padding.is_empty() { 0 } else { PADDING };
        // `MAX_BODY`: they fit.
        *length = u16::try_from(words).unwrap_or(u16::MAX).to_be_bytes();
    }
}

/// The packets of a compound, bodies unread. What is malformed is the last.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    /// The packets in a datagram.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let frame = Frame::take(&mut self.rest);
        if frame.is_err() {
            self.rest = &[];
        }
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_taken_off() {
        let frame = Frame::parse(&[0xa1, 203, 0, 2, 1, 2, 3, 4, 0, 0, 0, 4]).unwrap();
        assert_eq!((frame.count, frame.packet_type), (1, PacketType::GOODBYE));
        assert_eq!(frame.body, [1, 2, 3, 4]);
        for claimed in [0, 9] {
            let bytes = [0xa1, 203, 0, 2, 1, 2, 3, 4, 0, 0, 0, claimed];
            assert_eq!(Frame::parse(&bytes), Err(ParseError::Padding { claimed, room: 8 }));
        }
        assert_eq!(
            Frame::parse(&[0xa0, 203, 0, 0]),
            Err(ParseError::Padding { claimed: 0, room: 0 })
        );
    }

    #[test]
    fn what_is_malformed_is_the_last() {
        let bytes = [0x80, 203, 0, 0, 0x40, 203, 0, 0, 0x80, 203, 0, 0];
        let found: Vec<_> = Frames::new(&bytes).collect();
        let good = Frame { count: 0, packet_type: PacketType::GOODBYE, body: &[] };
        assert_eq!(found, [Ok(good), Err(ParseError::Version { found: 1 })]);
        let found: Vec<_> = Frames::new(&[0x80, 203, 0, 1, 7]).collect();
        assert_eq!(found, [Err(ParseError::Truncated { needed: 4, had: 1 })]);
    }

    #[test]
    fn bodies_are_padded_to_whole_words_and_have_an_end() {
        let write = |body: &[u8]| {
            let mut out = vec![9];
            Frame { count: 33, packet_type: PacketType(1), body }.write(&mut out);
            out.split_off(1)
        };
        assert_eq!(write(&[7]), [0xa1, 1, 0, 1, 7, 0, 0, 3]);
        assert_eq!(write(&[7; 2]), [0xa1, 1, 0, 1, 7, 7, 0, 2]);
        assert_eq!(write(&[7; 3]), [0xa1, 1, 0, 1, 7, 7, 7, 1]);
        assert_eq!(write(&[7; 4]), [0x81, 1, 0, 1, 7, 7, 7, 7]);
        let longest = write(&vec![7; Frame::MAX_BODY + 5]);
        assert_eq!(longest.len(), Frame::MAX_BODY + 4);
        assert_eq!(longest[..4], [0x81, 1, 255, 255]);
    }
}
